import type { Deployment, Resolved } from './deployment.ts';
import { usdPerMillionTokens } from './economics.ts';
import type { ServingPrecision } from './format.ts';
import { candidates } from './frontier.ts';
import type { OpenLoop } from './open-loop.ts';
import { openLoop, replicaSteps } from './open-loop.ts';
import type { ServingFit } from './serving-fit.ts';
import { capacityPerS } from './simulate.ts';

/** What users must get. `ttftP99` in seconds, `tokensPerSPerUser` as the speed the slowest 1 % still see. */
export interface ServiceLevel {
  readonly ttftP99?: number;
  readonly tokensPerSPerUser?: number;
}

/** The most a replica carries within the limits, and what it costs. */
export interface WithinLimits {
  readonly resolved: Resolved;
  readonly requestsPerSPerReplica: number;
  readonly latencies: Extract<OpenLoop, { stable: true }>;
  readonly outputTokensPerSPerChip: number;
  readonly usdPerMillionOutputTokens: number;
}

const REQUESTS = 4000;
const STEPS = 9;

const within = (run: OpenLoop, level: ServiceLevel): run is Extract<OpenLoop, { stable: true }> =>
  run.stable &&
  run.ttft.p99 <= (level.ttftP99 ?? Infinity) &&
  (run.tpot.p99 <= 0 ? Infinity : 1 / run.tpot.p99) >= (level.tokensPerSPerUser ?? 0);

/**
 * Highest arrival rate of one replica at which the simulated p99 stay within the limits (bisection between an idle replica
 * and its capacity; same seed, so the answer is reproducible). `null` when not even a trickle does.
 */
export function rateWithinLimits(
  r: Resolved,
  level: ServiceLevel,
  seed = 1,
): { readonly requestsPerS: number; readonly run: Extract<OpenLoop, { stable: true }> } | null {
  const one: Resolved = { ...r, replicas: 1 };
  const table = replicaSteps(one);
  const { request } = r.deployment;
  const capacity = capacityPerS(table.steps, request.inputTokens, request.outputTokens / table.tokensPerStep);
  const at = (rate: number): OpenLoop => openLoop(one, rate, { requests: REQUESTS, seed });
  let low = 0.02 * capacity;
  const idle = at(low);
  if (!within(idle, level)) return null;
  let best = idle;
  let high = 0.99 * capacity;
  const full = at(high);
  if (within(full, level)) return { requestsPerS: high, run: full };
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2;
    const run = at(middle);
    if (within(run, level)) {
      low = middle;
      best = run;
    } else high = middle;
  }
  return { requestsPerS: low, run: best };
}

/** Every layout and precision that can keep the limits, cheapest first (USD per million output tokens). */
export function searchWithinLimits(
  d: Deployment,
  fit: ServingFit,
  level: ServiceLevel,
  usdPerChipHour: number,
  precisions: readonly ServingPrecision[],
  onProgress?: (share: number) => boolean,
): WithinLimits[] {
  const found: WithinLimits[] = [];
  const all = candidates(d, fit, precisions);
  for (const [i, r] of all.entries()) {
    if (onProgress?.(i / all.length) === false) break;
    const carried = rateWithinLimits(r, level);
    if (carried === null) continue;
    const chips = r.replica.layout.tp * r.replica.layout.dp * r.replica.layout.pp;
    const perChip = (carried.requestsPerS * d.request.outputTokens) / chips;
    found.push({
      resolved: r,
      requestsPerSPerReplica: carried.requestsPerS,
      latencies: carried.run,
      outputTokensPerSPerChip: perChip,
      usdPerMillionOutputTokens: usdPerMillionTokens(usdPerChipHour, perChip),
    });
  }
  return found.sort((a, b) => a.usdPerMillionOutputTokens - b.usdPerMillionOutputTokens);
}
