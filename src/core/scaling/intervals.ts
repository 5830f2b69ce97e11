import { additiveOptimum } from './equations.ts';
import { normalGenerator, quantile, randomGenerator } from './statistics.ts';
import type { Interval, Law } from './types.ts';

/** Intervals of a law's answer at one budget. They hold the error of the constants, not the error of the form of the law. */
export interface PointIntervals {
  readonly level: number;
  readonly paramsOpt: Interval;
  readonly tokensOpt: Interval;
  readonly tokensPerParam: Interval;
  readonly loss: Interval | null;
  /** Interval of the size exponent a in N* ~ C^a. */
  readonly paramsExponent: Interval;
}

const DRAWS = 2000;

/** Lower triangular square root of a covariance (Cholesky); small negative pivots from rounding become 0. */
function cholesky(m: readonly (readonly number[])[]): number[][] {
  const n = m.length;
  const l = m.map(() => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m[i]![j]!;
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!;
      if (i === j) l[i]![i] = Math.sqrt(Math.max(sum, 0));
      else l[i]![j] = l[j]![j]! > 0 ? sum / l[j]![j]! : 0;
    }
  }
  return l;
}

const drawn = new WeakMap<Law, Float64Array>();

/** Rows of (lnA, lnB, lnE, alpha, beta): stored bootstrap draws, or seeded normal draws around the law's constants. */
export function parameterDraws(law: Law): Float64Array | null {
  const cached = drawn.get(law);
  if (cached) return cached;
  const uncertainty = law.uncertainty;
  if (uncertainty === null || uncertainty.kind === 'exponent') return null;
  let rows: Float64Array;
  if (uncertainty.kind === 'draws') {
    rows = Float64Array.from(uncertainty.draws.flat());
  } else {
    const c = law.constants;
    const centre = [Math.log(c.A!), Math.log(c.B!), Math.log(c.E!), c.alpha!, c.beta!];
    const root = cholesky(uncertainty.covariance);
    const normal = normalGenerator(randomGenerator(20240415));
    rows = new Float64Array(DRAWS * 5);
    const z = new Float64Array(5);
    for (let draw = 0; draw < DRAWS; draw++) {
      for (let k = 0; k < 5; k++) z[k] = normal();
      for (let i = 0; i < 5; i++) {
        let value = centre[i]!;
        for (let k = 0; k <= i; k++) value += root[i]![k]! * z[k]!;
        rows[draw * 5 + i] = value;
      }
    }
  }
  drawn.set(law, rows);
  return rows;
}

/**
 * Intervals of N*, D*, D/N, loss and the exponent at `flop`; null when the law has no published or fitted errors.
 * An exponent interval fans out from the middle of the fitted budgets. Default level 0.8 (P10 to P90).
 */
export function pointIntervals(law: Law, flop: number, level = 0.8): PointIntervals | null {
  const uncertainty = law.uncertainty;
  if (uncertainty === null) return null;
  if (uncertainty.kind === 'exponent') return exponentIntervals(law, flop, uncertainty);
  if (law.equation === 'allocation') return allocationIntervals(uncertainty, flop, level);
  const rows = parameterDraws(law)!;
  const n = rows.length / 5;
  const values = [0, 1, 2, 3, 4].map(() => new Float64Array(n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const alpha = rows[i * 5 + 3]!;
    const beta = rows[i * 5 + 4]!;
    if (!(alpha > 0 && beta > 0)) continue;
    const c = { A: Math.exp(rows[i * 5]!), B: Math.exp(rows[i * 5 + 1]!), E: Math.exp(rows[i * 5 + 2]!), alpha, beta };
    const best = additiveOptimum(c, flop);
    values[0][kept] = best.params;
    values[1][kept] = best.tokens;
    values[2][kept] = best.tokens / best.params;
    values[3][kept] = c.E + c.A * best.params ** -alpha + c.B * best.tokens ** -beta;
    values[4][kept] = beta / (alpha + beta);
    kept++;
  }
  const [paramsOpt, tokensOpt, tokensPerParam, loss, paramsExponent] = values.map((v) =>
    percentiles(v.subarray(0, kept), level),
  );
  return {
    level,
    paramsOpt: paramsOpt!,
    tokensOpt: tokensOpt!,
    tokensPerParam: tokensPerParam!,
    loss: loss!,
    paramsExponent: paramsExponent!,
  };
}

/** Central interval of draws at a level. Sorts `values` in place. */
export function percentiles(values: Float64Array, level: number): Interval {
  values.sort();
  return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) };
}

function exponentIntervals(
  law: Law,
  flop: number,
  u: { low: number; high: number; level: number; pivotFlop: number },
): PointIntervals {
  const c = law.constants as { paramsCoef: number; paramsExponent: number; tokensCoef: number; tokensExponent: number };
  const params = c.paramsCoef * flop ** c.paramsExponent;
  const tokens = c.tokensCoef * flop ** c.tokensExponent;
  const lever = flop / u.pivotFlop;
  const one = lever ** (u.low - c.paramsExponent);
  const other = lever ** (u.high - c.paramsExponent);
  const low = Math.min(one, other);
  const high = Math.max(one, other);
  return {
    level: u.level,
    paramsOpt: { low: params * low, high: params * high },
    tokensOpt: { low: tokens / high, high: tokens / low },
    tokensPerParam: { low: tokens / params / high ** 2, high: tokens / params / low ** 2 },
    loss: null,
    paramsExponent: { low: u.low, high: u.high },
  };
}

/** Draws of an IsoFLOP fit: (ln paramsCoef, paramsExponent, ln tokensCoef, tokensExponent). */
function allocationIntervals(u: NonNullable<Law['uncertainty']>, flop: number, level: number): PointIntervals | null {
  if (u.kind !== 'draws') return null;
  const lnFlop = Math.log(flop);
  const pick = (f: (d: readonly number[]) => number) => percentiles(Float64Array.from(u.draws, f), level);
  const n = (d: readonly number[]) => d[0]! + d[1]! * lnFlop;
  const t = (d: readonly number[]) => d[2]! + d[3]! * lnFlop;
  return {
    level,
    paramsOpt: pick((d) => Math.exp(n(d))),
    tokensOpt: pick((d) => Math.exp(t(d))),
    tokensPerParam: pick((d) => Math.exp(t(d) - n(d))),
    loss: null,
    paramsExponent: pick((d) => d[1]!),
  };
}
