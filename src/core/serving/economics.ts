import { FlopsheetError } from '../errors.ts';

/** US dollars per million tokens when a chip-hour costs `usdPerChipHour` and a chip yields `tokensPerSPerChip`. */
export function usdPerMillionTokens(usdPerChipHour: number, tokensPerSPerChip: number): number {
  return (usdPerChipHour * 1e6) / (3600 * tokensPerSPerChip);
}

/** Joule per token: all-in watts of a chip over its tokens per second. */
export const joulePerToken = (wattsPerChip: number, tokensPerSPerChip: number): number =>
  wattsPerChip / tokensPerSPerChip;

/** Price of a token by three denominators and split by time. All per million tokens. */
export interface TokenPrices {
  readonly total: number;
  readonly perOutput: number;
  readonly perInput: number;
  /** Chip time split into prefill and decode seconds, each priced by its own tokens. */
  readonly blendedInput: number;
  readonly blendedOutput: number;
}

/** Prices from steady rates of a replica; `prefillShare` is the share of chip time spent on prompts. */
export function tokenPrices(given: {
  readonly usdPerChipHour: number;
  readonly chips: number;
  readonly requestsPerS: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prefillShare: number;
}): TokenPrices {
  const perS = (given.usdPerChipHour * given.chips) / 3600;
  const per = (tokensPerRequest: number, share = 1): number =>
    (perS * share * 1e6) / (given.requestsPerS * tokensPerRequest);
  return {
    total: per(given.inputTokens + given.outputTokens),
    perOutput: per(given.outputTokens),
    perInput: per(given.inputTokens),
    blendedInput: per(given.inputTokens, given.prefillShare),
    blendedOutput: per(given.outputTokens, 1 - given.prefillShare),
  };
}

/** How traffic moves through a day: requests per second on average, the peak over it, and what is kept running. */
export interface TrafficProfile {
  readonly meanRequestsPerS: number;
  readonly peakOverMean: number;
  /** `peak`: replicas for the peak around the clock. `autoscale`: replicas follow the load with `headroom`. */
  readonly provisioning: 'peak' | 'autoscale';
  /** Spare capacity kept above the load when scaling (0.2 = 20 %). */
  readonly headroom?: number;
}

/** Running cost of a traffic profile for a month of 730.5 hours. */
export interface ServingTco {
  readonly replicasAtPeak: number;
  readonly meanReplicas: number;
  readonly chips: number;
  readonly usdPerMonth: number;
  readonly requestsPerMonth: number;
  readonly usdPerThousandRequests: number;
  readonly kwhPerMonth: number;
  /** Share of paid capacity that is used. */
  readonly utilisation: number;
}

const HOURS_PER_MONTH = 730.5;

/** Cost of serving a traffic profile with replicas that each carry `requestsPerSPerReplica` within their limits. */
export function servingTco(
  traffic: TrafficProfile,
  requestsPerSPerReplica: number,
  chipsPerReplica: number,
  usdPerChipHour: number,
  wattsPerChip: number,
): ServingTco {
  if (!(requestsPerSPerReplica > 0))
    throw new FlopsheetError(
      'serving-capacity',
      'A replica carries no request within the limits: no number of replicas does.',
      {
        where: 'limits',
        hint: 'Loosen a limit, or use more chips per replica.',
      },
    );
  if (!(traffic.meanRequestsPerS > 0) || !(traffic.peakOverMean >= 1))
    throw new FlopsheetError('serving-traffic', 'Traffic needs a mean above zero and a peak of at least the mean.', {
      where: 'traffic',
      hint: 'Peak over mean is 1 for a flat day; 2 to 3 is common.',
    });
  const peak = Math.ceil((traffic.meanRequestsPerS * traffic.peakOverMean) / requestsPerSPerReplica - 1e-9);
  const followed = Math.max(1, (traffic.meanRequestsPerS * (1 + (traffic.headroom ?? 0.2))) / requestsPerSPerReplica);
  const mean = traffic.provisioning === 'peak' ? peak : Math.min(peak, followed);
  const chipHours = mean * chipsPerReplica * HOURS_PER_MONTH;
  const requests = traffic.meanRequestsPerS * HOURS_PER_MONTH * 3600;
  return {
    replicasAtPeak: peak,
    meanReplicas: mean,
    chips: peak * chipsPerReplica,
    usdPerMonth: chipHours * usdPerChipHour,
    requestsPerMonth: requests,
    usdPerThousandRequests: (1000 * chipHours * usdPerChipHour) / requests,
    kwhPerMonth: (chipHours * wattsPerChip) / 1000,
    utilisation: traffic.meanRequestsPerS / (mean * requestsPerSPerReplica),
  };
}

/** Self-hosting against a price list: what each costs a month and from which volume hosting is cheaper. */
export interface HostOrBuy {
  readonly hostUsdPerMonth: number;
  readonly apiUsdPerMonth: number;
  readonly cheaper: 'host' | 'api';
  /** Requests per second at which one replica around the clock costs as much as the API. */
  readonly breakEvenRequestsPerS: number;
  /** Whether a single replica could carry that volume. */
  readonly breakEvenWithinOneReplica: boolean;
}

/** Compares a month of hosting with the same tokens at API prices (USD per million). */
export function hostOrBuy(
  tco: ServingTco,
  request: { readonly inputTokens: number; readonly outputTokens: number },
  api: { readonly usdPerMillionInput: number; readonly usdPerMillionOutput: number },
  replica: { readonly chips: number; readonly usdPerChipHour: number; readonly requestsPerS: number },
): HostOrBuy {
  const perRequest =
    (request.inputTokens * api.usdPerMillionInput + request.outputTokens * api.usdPerMillionOutput) / 1e6;
  const apiUsd = tco.requestsPerMonth * perRequest;
  const breakEven = (replica.chips * replica.usdPerChipHour) / 3600 / perRequest;
  return {
    hostUsdPerMonth: tco.usdPerMonth,
    apiUsdPerMonth: apiUsd,
    cheaper: tco.usdPerMonth <= apiUsd ? 'host' : 'api',
    breakEvenRequestsPerS: breakEven,
    breakEvenWithinOneReplica: breakEven <= replica.requestsPerS,
  };
}
