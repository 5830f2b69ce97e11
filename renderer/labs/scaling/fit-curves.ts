/** Curves through the user's own points: one a budget, solid where there are points, dashed beyond. */
import {
  groupBudgets,
  lossFunction,
  lossInterval,
  optimalAllocation,
  type FitResult,
  type ScalingPoints,
} from '../../../src/core/scaling/index.ts';
import { stride } from './numbers.ts';

export interface FitCurve {
  readonly flop: number;
  readonly line: readonly { readonly params: number; readonly loss: number; readonly inside: boolean }[];
  readonly band: readonly { readonly params: number; readonly low: number; readonly high: number }[];
  readonly minimum: { readonly params: number; readonly loss: number; readonly doubtful: boolean } | null;
  /** Why the budget has no minimum; empty when it has. */
  readonly why: string;
}

export interface DrawnPoint {
  /** Index in the points given. */
  readonly index: number;
  readonly params: number;
  readonly loss: number;
  /** Number of the curve it belongs to, for its colour. */
  readonly curve: number;
  readonly state: 'used' | 'outlier' | 'left out';
}

export interface FitDrawing {
  readonly curves: readonly FitCurve[];
  readonly points: readonly DrawnPoint[];
  /** Points not drawn because they are too many. */
  readonly hidden: number;
}

const CURVES = 7;
const DRAWN = 1500;
const STEPS = 48;
const WHY = {
  too_few_points: 'fewer than four sizes',
  concave: 'upside-down parabola',
  outside_sampled_range: 'minimum far outside its sizes',
} as const;

/** Budgets to draw: those of the points, or seven spread over them when there are more. */
function shownBudgets(flop: Float64Array): number[] {
  const { flop: all } = groupBudgets(flop.length > 20_000 ? flop.subarray(0, 20_000) : flop);
  if (all.length <= CURVES) return all;
  const low = all[0] as number;
  const high = all.at(-1) as number;
  const spread = Array.from({ length: CURVES }, (_, i) => low * (high / low) ** (i / (CURVES - 1)));
  if (all.length > 3 * CURVES) return spread;
  return [...new Set(spread.map((wanted) => all.reduce((a, b) => (near(b, wanted) < near(a, wanted) ? b : a))))];
}

const near = (a: number, b: number): number => Math.abs(Math.log(a / b));

export function drawFit(points: ScalingPoints, result: FitResult): FitDrawing {
  const budgets = shownBudgets(points.flop);
  const used = new Set(result.used);
  const outliers = new Set(result.outliers);
  const curveOf = (flop: number): number =>
    budgets.reduce((best, own, i) => (near(own, flop) < near(budgets[best] as number, flop) ? i : best), 0);
  const every = stride(points.loss.length, DRAWN);
  const drawn: DrawnPoint[] = [];
  for (let i = 0; i < points.loss.length; i++) {
    if (i % every !== 0 && !outliers.has(i)) continue;
    drawn.push({
      index: i,
      params: points.params[i] as number,
      loss: points.loss[i] as number,
      curve: curveOf(points.flop[i] as number),
      state: !used.has(i) ? 'left out' : outliers.has(i) ? 'outlier' : 'used',
    });
  }
  const ranges = budgets.map((_, i) => {
    const own = drawn.filter((p) => p.curve === i).map((p) => p.params);
    return own.length > 1 ? ([Math.min(...own), Math.max(...own)] as const) : null;
  });
  const curves = budgets.map((flop, i) => curve(result, flop, ranges[i] ?? null));
  return { curves, points: drawn, hidden: points.loss.length - drawn.length };
}

function curve(result: FitResult, flop: number, range: readonly [number, number] | null): FitCurve {
  const best = optimalAllocation(result.law, flop);
  const [low, high] = range ?? [best.params / 3, best.params * 3];
  const from = Math.min(low / 1.6, best.params / 1.3);
  const to = Math.max(high * 1.6, best.params * 1.3);
  const sizes = Array.from({ length: STEPS + 1 }, (_, k) => from * (to / from) ** (k / STEPS));
  const inside = (n: number): boolean => range !== null && n >= low * 0.999 && n <= high * 1.001;
  const loss = lossFunction(result.law);
  if (loss) {
    const at = loss(best.params, best.tokens);
    return {
      flop,
      line: sizes.map((n) => ({ params: n, loss: loss(n, flop / (6 * n)), inside: inside(n) })),
      band: sizes.flatMap((n) => {
        const interval = lossInterval(result.law, n, flop / (6 * n), 0.9);
        return interval === null ? [] : [{ params: n, ...interval }];
      }),
      minimum: { params: best.params, loss: at, doubtful: !inside(best.params) },
      why: '',
    };
  }
  const own = result.isoflop?.minima.reduce((a, b) => (near(b.flop, flop) < near(a.flop, flop) ? b : a));
  if (!own || own.rejected === 'too_few_points')
    return { flop, line: [], band: [], minimum: null, why: WHY.too_few_points };
  const [c0, c1, c2] = own.parabola;
  const parabola = (n: number): number => c0 + c1 * Math.log10(n) + c2 * Math.log10(n) ** 2;
  return {
    flop: own.flop,
    line: sizes
      .filter((n) => n >= low / 1.6 && n <= high * 1.6)
      .map((n) => ({ params: n, loss: parabola(n), inside: inside(n) })),
    band: [],
    minimum:
      own.rejected === null ? { params: own.params, loss: parabola(own.params), doubtful: own.extrapolated } : null,
    why: own.rejected === null ? '' : WHY[own.rejected],
  };
}
