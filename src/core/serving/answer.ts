import { joulePerToken, tokenPrices, usdPerMillionTokens } from './economics.ts';
import type { DoesNotFit, ServingEstimate } from './estimate.ts';
import { estimateResolved } from './estimate.ts';
import type { Deployment } from './deployment.ts';
import { resolveDeployment } from './deployment.ts';
import type { OpenLoopOptions } from './open-loop.ts';
import { openLoop } from './open-loop.ts';
import type { ServingFit } from './serving-fit.ts';

/** What is asked: requests in flight (closed loop) or arriving (open loop), and what a chip-hour costs. */
export interface ServingQuestion {
  readonly concurrency?: number;
  readonly requestsPerS?: number;
  readonly usdPerChipHour?: number | null;
  /** All-in watts of a chip; `null`: unknown. */
  readonly wattsPerChip?: number | null;
}

/** Answer with the names of the command line (seconds, US dollars, counts); unknown is null with a note. */
export interface ServingAnswer {
  readonly ttft_s: number | null;
  readonly tpot_s: number | null;
  readonly tpot_s_p10: number | null;
  readonly tpot_s_p90: number | null;
  readonly ttft_s_p99: number | null;
  readonly tpot_s_p99: number | null;
  readonly e2e_s: number | null;
  readonly tokens_per_s: number | null;
  readonly tokens_per_s_per_chip: number | null;
  readonly tokens_per_s_per_user: number | null;
  readonly requests_per_s: number | null;
  readonly capacity_requests_per_s: number | null;
  readonly load: number | null;
  readonly stable: boolean;
  readonly max_batch: number;
  readonly usd_per_million_output_tokens: number | null;
  readonly usd_per_million_input_tokens: number | null;
  readonly usd_per_million_tokens: number | null;
  readonly usd_per_million_output_tokens_blended: number | null;
  readonly usd_per_million_input_tokens_blended: number | null;
  readonly joule_per_output_token: number | null;
  readonly mfu: number | null;
  readonly bottleneck: ServingEstimate['bottleneck'];
  readonly fits: boolean;
  readonly missing_gib_per_chip: number;
  readonly weights_gib_per_chip: number;
  readonly cache_gib_per_chip: number;
  readonly layout: {
    readonly tp: number;
    readonly dp: number;
    readonly pp: number;
    readonly ep: number;
    readonly replicas: number;
  };
  readonly parts: ServingEstimate['parts'] | null;
  readonly loop: 'closed' | 'open';
  readonly notes: readonly string[];
}

const GIB = 2 ** 30;

const NOTHING = {
  ttft_s: null,
  tpot_s: null,
  tpot_s_p10: null,
  tpot_s_p90: null,
  ttft_s_p99: null,
  tpot_s_p99: null,
  e2e_s: null,
  tokens_per_s: null,
  tokens_per_s_per_chip: null,
  tokens_per_s_per_user: null,
  requests_per_s: null,
  capacity_requests_per_s: null,
  load: null,
  usd_per_million_output_tokens: null,
  usd_per_million_input_tokens: null,
  usd_per_million_tokens: null,
  usd_per_million_output_tokens_blended: null,
  usd_per_million_input_tokens_blended: null,
  joule_per_output_token: null,
  mfu: null,
  parts: null,
} as const;

type Common = Pick<
  ServingAnswer,
  'max_batch' | 'missing_gib_per_chip' | 'weights_gib_per_chip' | 'cache_gib_per_chip' | 'layout'
>;

function common(e: ServingEstimate | DoesNotFit): Common {
  const { memory, replica, replicas } = e.resolved;
  const { tp, dp, pp, ep } = replica.layout;
  return {
    max_batch: memory.maxBatch * replicas,
    missing_gib_per_chip: memory.missingBytes / GIB,
    weights_gib_per_chip: memory.weightBytes / GIB,
    cache_gib_per_chip: Math.max(0, memory.cacheBytes) / GIB,
    layout: { tp, dp, pp, ep, replicas },
  };
}

/** Prices and energy at a rate of requests of the whole deployment. */
function money(d: Deployment, q: ServingQuestion, requestsPerS: number, prefillShare: number): Partial<ServingAnswer> {
  const perChip = (requestsPerS * d.request.outputTokens) / d.chips;
  const watts = q.wattsPerChip ?? null;
  const energy = { joule_per_output_token: watts === null ? null : joulePerToken(watts, perChip) };
  const price = q.usdPerChipHour ?? null;
  if (price === null) return energy;
  const prices = tokenPrices({
    usdPerChipHour: price,
    chips: d.chips,
    requestsPerS,
    inputTokens: d.request.inputTokens,
    outputTokens: d.request.outputTokens,
    prefillShare,
  });
  return {
    ...energy,
    usd_per_million_output_tokens: usdPerMillionTokens(price, perChip),
    usd_per_million_input_tokens: prices.perInput,
    usd_per_million_tokens: prices.total,
    usd_per_million_output_tokens_blended: prices.blendedOutput,
    usd_per_million_input_tokens_blended: prices.blendedInput,
  };
}

/**
 * Answers a question about a deployment. Not fitting and an unstable queue are answers without latencies, each with a note
 * that says by how much and what would help; wrong input throws.
 */
export function answerServing(
  d: Deployment,
  q: ServingQuestion,
  fit: ServingFit,
  options: OpenLoopOptions = {},
): ServingAnswer {
  const resolved = resolveDeployment(d, fit);
  const priceNote = (q.usdPerChipHour ?? null) === null ? ['No price per chip-hour: costs are unknown.'] : [];
  const rate = q.requestsPerS;
  const loop = rate === undefined ? 'closed' : 'open';
  const concurrency = q.concurrency ?? resolved.replicas;
  const closed = estimateResolved(resolved, fit, concurrency);
  if (!closed.fits)
    return {
      ...NOTHING,
      ...common(closed),
      loop,
      stable: false,
      fits: false,
      bottleneck: 'capacity',
      notes: [
        closed.message,
        ...(closed.remedies.length > 0 ? [`It would fit with ${closed.remedies.join(', or ')}.`] : []),
      ],
    };
  if (rate === undefined) {
    const waiting =
      concurrency > closed.maxBatch
        ? [
            `Memory holds ${closed.maxBatch} requests: the other ${concurrency - closed.maxBatch} wait outside, and TTFT counts that.`,
          ]
        : [];
    return {
      ...NOTHING,
      ...common(closed),
      ttft_s: closed.ttft,
      tpot_s: closed.tpot,
      tpot_s_p10: closed.tpotLow,
      tpot_s_p90: closed.tpotHigh,
      e2e_s: closed.endToEnd,
      tokens_per_s: closed.outputTokensPerS,
      tokens_per_s_per_chip: closed.outputTokensPerSPerChip,
      tokens_per_s_per_user: closed.tokensPerSPerUser,
      requests_per_s: closed.requestsPerS,
      ...money(d, q, closed.requestsPerS, closed.prefillShare),
      mfu: closed.mfu,
      parts: closed.parts,
      bottleneck: closed.bottleneck,
      fits: true,
      stable: true,
      loop,
      notes: [...closed.notes, ...waiting, ...priceNote],
    };
  }
  const run = openLoop(resolved, rate, options);
  const base = {
    ...NOTHING,
    ...common(closed),
    loop,
    fits: true,
    capacity_requests_per_s: run.capacityPerS,
    load: run.load,
  } as const;
  if (!run.stable)
    return {
      ...base,
      stable: false,
      bottleneck: 'capacity',
      notes: [run.reason, 'Add replicas, quantise, or send less.'],
    };
  const busy = estimateResolved(resolved, fit, Math.max(resolved.replicas, run.meanBatch));
  if (!busy.fits) throw new Error('fits at one concurrency and not at another');
  const band = { low: closed.tpotLow / closed.tpot, high: closed.tpotHigh / closed.tpot };
  return {
    ...base,
    ttft_s: run.ttft.mean,
    tpot_s: run.tpot.mean,
    tpot_s_p10: run.tpot.mean * band.low,
    tpot_s_p90: run.tpot.mean * band.high,
    ttft_s_p99: run.ttft.p99,
    tpot_s_p99: run.tpot.p99,
    e2e_s: run.endToEnd.mean,
    tokens_per_s: rate * d.request.outputTokens,
    tokens_per_s_per_chip: (rate * d.request.outputTokens) / d.chips,
    tokens_per_s_per_user: 1 / run.tpot.mean,
    requests_per_s: rate,
    ...money(d, q, rate, busy.prefillShare),
    mfu: busy.mfu,
    parts: busy.parts,
    bottleneck: busy.bottleneck,
    stable: true,
    notes: [...busy.notes, ...priceNote],
  };
}
