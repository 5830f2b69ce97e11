import { domainWarnings } from './domain.ts';
import { additiveConstants, lossFunction, optimalAllocation, requirePositive } from './equations.ts';
import { parameterDraws, percentiles } from './intervals.ts';
import { minimizeScalar } from './minimize.ts';
import type { Interval, Law } from './types.ts';

/** Loss over size at one budget, for drawing: C = 6 N D throughout. */
export interface IsoflopCurve {
  readonly flop: number;
  readonly params: Float64Array;
  readonly loss: Float64Array;
  /** Interval of the loss at some of the sizes; null when the law has no errors of its constants. */
  readonly band: readonly (Interval & { readonly params: number })[] | null;
  readonly minimum: { readonly params: number; readonly tokens: number; readonly loss: number };
  /** The budget lies outside the fitted ones: to be drawn as such. */
  readonly extrapolated: boolean;
}

/** Draws used for a band: P5 and P95 to about a tenth of a standard deviation, in a few milliseconds a chart. */
const BAND_DRAWS = 400;
/** Sizes a band is drawn at: it bends little, and a slider redraws it. */
const BAND_SIZES = 11;

/** Interval of L(N, D) over the law's draws of its constants; null when it has none. */
export function lossInterval(law: Law, params: number, tokens: number, level = 0.8): Interval | null {
  const rows = law.equation === 'additive' || law.equation === 'data_limited' ? parameterDraws(law) : null;
  if (rows === null) return null;
  const n = Math.min(rows.length / 5, BAND_DRAWS);
  const lnN = Math.log(params);
  const lnD = Math.log(tokens);
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const at = i * 5;
    values[i] =
      Math.exp(rows[at + 2]!) +
      Math.exp(rows[at]! - rows[at + 3]! * lnN) +
      Math.exp(rows[at + 1]! - rows[at + 4]! * lnD);
  }
  return percentiles(values, level);
}

/**
 * Loss over size at each budget, `span` times either way of its best size. Null for a law without a loss.
 * @throws FlopsheetError `law_bad_input` for a budget that is not positive.
 */
export function isoflopCurves(
  law: Law,
  flops: readonly number[],
  options: { readonly span?: number; readonly count?: number; readonly level?: number } = {},
): IsoflopCurve[] | null {
  const loss = lossFunction(law);
  if (!loss) return null;
  const { span = 8, count = 31, level = 0.9 } = options;
  return flops.map((flop) => {
    requirePositive('flop', flop, 'FLOP');
    // Least loss along the budget: for Kaplan's law the published allocation lies elsewhere.
    const best = leastLoss(law, flop, loss);
    const params = Float64Array.from({ length: count }, (_, i) => best * span ** ((2 * i) / (count - 1) - 1));
    const bands = Array.from({ length: BAND_SIZES }, (_, i) => {
      const n = best * span ** ((2 * i) / (BAND_SIZES - 1) - 1);
      const interval = lossInterval(law, n, flop / (6 * n), level);
      return interval && { params: n, ...interval };
    });
    return {
      flop,
      params,
      loss: params.map((n) => loss(n, flop / (6 * n))),
      band: bands.every((band) => band !== null) ? bands : null,
      minimum: { params: best, tokens: flop / (6 * best), loss: loss(best, flop / (6 * best)) },
      extrapolated: domainWarnings(law, { flop, params: best, tokens: flop / (6 * best) }).length > 0,
    };
  });
}

function leastLoss(law: Law, flop: number, loss: (params: number, tokens: number) => number): number {
  if (law.equation !== 'kaplan') return optimalAllocation(law, flop).params;
  const at = (x: number) => loss(Math.exp(x), flop / (6 * Math.exp(x)));
  return Math.exp(minimizeScalar(at, Math.log(1e3), Math.log(flop / 6e3), 96, 1e-10));
}

/**
 * Loss on a grid of sizes (columns) and token counts (rows), row-major, into `out`; null for a law without a loss.
 * The terms of an additive law depend on one side each, so a grid costs its edges: a slider redraws within a frame.
 */
export function lossSurface(
  law: Law,
  params: ArrayLike<number>,
  tokens: ArrayLike<number>,
  out: Float64Array = new Float64Array(params.length * tokens.length),
): Float64Array | null {
  const loss = lossFunction(law);
  if (!loss) return null;
  const width = params.length;
  const additive = additiveConstants(law);
  if (additive) {
    const { E, A, B, alpha, beta } = additive;
    const left = Float64Array.from(params, (n) => E + A * n ** -alpha);
    for (let row = 0; row < tokens.length; row++) {
      const right = B * tokens[row]! ** -beta;
      for (let column = 0; column < width; column++) out[row * width + column] = left[column]! + right;
    }
    return out;
  }
  for (let row = 0; row < tokens.length; row++)
    for (let column = 0; column < width; column++) out[row * width + column] = loss(params[column]!, tokens[row]!);
  return out;
}

/** Budgets for a family of curves: one every `step` (a factor) up to `flop` and one beyond. */
export function budgetsAround(flop: number, step = 10, count = 6): number[] {
  requirePositive('flop', flop, 'FLOP');
  return Array.from({ length: count }, (_, i) => flop * step ** (i - count + 2));
}
