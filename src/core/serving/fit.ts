import type { FitResult } from '../cluster/map-fit.ts';
import { fitWithPriors } from '../cluster/map-fit.ts';
import { SERVING_PRIORS } from './parameters.ts';
import type { PreparedCase } from './predict-case.ts';
import { answerPrepared } from './predict-case.ts';

/** A measured closed-loop point: seconds. `weight` shares a group's influence among its rows. */
export interface MeasuredCase {
  readonly prepared: PreparedCase;
  readonly tpot: number;
  readonly ttft: number | null;
  readonly weight: number;
}

/** Time to first token counts this much beside time per token: it holds queues that no column tells. */
const TTFT_WEIGHT = 0.2;

/** Fits the serving parameters on log TPOT (and, lightly, log TTFT) of measured points. */
export function fitServing(
  cases: readonly MeasuredCase[],
  options: { readonly start?: Float64Array; readonly iterations?: number } = {},
): FitResult {
  const difference = (theta: Float64Array, row: number): number => {
    const c = cases[row >> 1]!;
    if (row % 2 === 1 && c.ttft === null) return 0;
    const loop = answerPrepared(theta, c.prepared);
    return row % 2 === 0
      ? Math.log(loop.tpot / c.tpot) * c.weight
      : Math.log(loop.ttft / (c.ttft ?? 1)) * c.weight * TTFT_WEIGHT;
  };
  return fitWithPriors(SERVING_PRIORS, 2 * cases.length, difference, {
    sigma: 0.12,
    softness: 1,
    iterations: 20,
    ...options,
  });
}
