import { line } from './statistics.ts';

/** One budget of an IsoFLOP fit. */
export interface IsoflopMinimum {
  readonly flop: number;
  readonly points: number;
  /** Size and tokens of least loss: separate parabolas in log10 N and log10 D, as in Hoffmann and Llama 3. NaN if rejected. */
  readonly params: number;
  readonly tokens: number;
  readonly loss: number;
  /** Loss = c0 + c1 x + c2 x^2 with x = log10 N. */
  readonly parabola: readonly [number, number, number];
  readonly rejected: 'too_few_points' | 'concave' | 'outside_sampled_range' | null;
  /** The minimum lies beyond the sampled sizes, though near enough to be kept. */
  readonly extrapolated: boolean;
}

export interface IsoflopFit {
  readonly paramsCoef: number;
  readonly paramsExponent: number;
  readonly tokensCoef: number;
  readonly tokensExponent: number;
  readonly minima: readonly IsoflopMinimum[];
  readonly accepted: number;
}

/**
 * Gives each point the number of its budget: sorted FLOP values are cut wherever the next is more than `gap` (in ln C) above
 * its neighbour, so 3 % scatter stays together and budgets a factor 1.3 apart separate.
 */
export function groupBudgets(flop: ArrayLike<number>, gap = 0.12): { group: Int32Array; flop: number[] } {
  const order = Array.from({ length: flop.length }, (_, i) => i).sort((a, b) => flop[a]! - flop[b]!);
  const group = new Int32Array(flop.length);
  const members: number[][] = [];
  let previous = NaN;
  for (const i of order) {
    const value = Math.log(flop[i]!);
    if (!(value - previous <= gap)) members.push([]);
    previous = value;
    group[i] = members.length - 1;
    members[members.length - 1]!.push(i);
  }
  return { group, flop: members.map((list) => flop[list[list.length >> 1]!]!) };
}

/** Weighted least squares parabola; null when singular. Centred on the mean of x for accuracy. */
function parabola(x: number[], y: number[], w: number[]): { c: [number, number, number]; centre: number } | null {
  let s0 = 0;
  let sx = 0;
  for (let i = 0; i < x.length; i++) {
    s0 += w[i]!;
    sx += w[i]! * x[i]!;
  }
  const centre = sx / s0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  for (let i = 0; i < x.length; i++) {
    const u = x[i]! - centre;
    const k = w[i]!;
    s1 += k * u;
    s2 += k * u * u;
    s3 += k * u ** 3;
    s4 += k * u ** 4;
    t0 += k * y[i]!;
    t1 += k * u * y[i]!;
    t2 += k * u * u * y[i]!;
  }
  const det = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2);
  if (!(Math.abs(det) > 1e-12 * s0 * s2 * s4)) return null;
  const c0 = (t0 * (s2 * s4 - s3 * s3) - s1 * (t1 * s4 - s3 * t2) + s2 * (t1 * s3 - s2 * t2)) / det;
  const c1 = (s0 * (t1 * s4 - s3 * t2) - t0 * (s1 * s4 - s2 * s3) + s2 * (s1 * t2 - t1 * s2)) / det;
  const c2 = (s0 * (s2 * t2 - t1 * s3) - s1 * (s1 * t2 - t1 * s2) + t0 * (s1 * s3 - s2 * s2)) / det;
  return { c: [c0, c1, c2], centre };
}

interface Vertex {
  readonly at: number;
  readonly value: number;
  readonly c: [number, number, number];
  readonly rejected: IsoflopMinimum['rejected'];
  readonly extrapolated: boolean;
}

/** x of the minimum, or why there is none. */
function vertex(x: number[], y: number[], w: number[], overshoot: number): Vertex {
  const none = { at: NaN, value: NaN, c: [NaN, NaN, NaN] as [number, number, number], extrapolated: false };
  if (new Set(x).size < 4) return { ...none, rejected: 'too_few_points' };
  const fit = parabola(x, y, w);
  if (!fit) return { ...none, rejected: 'too_few_points' };
  const [c0, c1, c2] = fit.c;
  const m = fit.centre;
  const c: [number, number, number] = [c0 - c1 * m + c2 * m * m, c1 - 2 * c2 * m, c2];
  if (!(c2 > 0)) return { ...none, c, rejected: 'concave' };
  const at = m - c1 / (2 * c2);
  const value = c0 - (c1 * c1) / (4 * c2);
  let low = Infinity;
  let high = -Infinity;
  for (const v of x) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const beyond = Math.max(low - at, at - high) / (high - low);
  return { at, value, c, rejected: beyond > overshoot ? 'outside_sampled_range' : null, extrapolated: beyond > 0 };
}

/**
 * IsoFLOP fit (Hoffmann et al. 2022, approach 2): per budget one parabola of loss in log10 N and one in log10 D; then the two
 * minima against C as power laws. Budgets with fewer than four distinct sizes, an upside-down parabola or a minimum further
 * outside the sampled sizes than `overshoot` times their span are kept in the list with the reason and left out of the lines.
 * The published fits keep minima a little outside (default 0.5, marked `extrapolated`); 0 rejects them all.
 * The coefficients are NaN when fewer than two budgets are accepted.
 */
export function fitIsoflop(
  params: ArrayLike<number>,
  tokens: ArrayLike<number>,
  loss: ArrayLike<number>,
  budgets: { readonly group: ArrayLike<number>; readonly flop: readonly number[] },
  weights: ArrayLike<number> | null = null,
  overshoot = 0.5,
): IsoflopFit {
  const xs: number[][] = budgets.flop.map(() => []);
  const ds: number[][] = budgets.flop.map(() => []);
  const ys: number[][] = budgets.flop.map(() => []);
  const ws: number[][] = budgets.flop.map(() => []);
  for (let i = 0; i < loss.length; i++) {
    const w = weights === null ? 1 : weights[i]!;
    if (w === 0) continue;
    const g = budgets.group[i]!;
    xs[g]!.push(Math.log10(params[i]!));
    ds[g]!.push(Math.log10(tokens[i]!));
    ys[g]!.push(loss[i]!);
    ws[g]!.push(w);
  }
  const minima = budgets.flop.map((flop, g): IsoflopMinimum => {
    const inParams = vertex(xs[g]!, ys[g]!, ws[g]!, overshoot);
    const inTokens = vertex(ds[g]!, ys[g]!, ws[g]!, overshoot);
    const rejected = inParams.rejected ?? inTokens.rejected;
    return {
      flop,
      points: ys[g]!.length,
      params: rejected ? NaN : 10 ** inParams.at,
      tokens: rejected ? NaN : 10 ** inTokens.at,
      loss: rejected ? NaN : inParams.value,
      parabola: inParams.c,
      rejected,
      extrapolated: inParams.extrapolated || inTokens.extrapolated,
    };
  });
  const good = minima.filter((m) => m.rejected === null).sort((p, q) => p.flop - q.flop);
  const power = (pick: (m: IsoflopMinimum) => number) => {
    if (good.length < 2) return { slope: NaN, intercept: NaN };
    return line(
      good.map((m) => Math.log10(m.flop)),
      good.map((m) => Math.log10(pick(m))),
    );
  };
  const n = power((m) => m.params);
  const d = power((m) => m.tokens);
  return {
    paramsCoef: 10 ** n.intercept,
    paramsExponent: n.slope,
    tokensCoef: 10 ** d.intercept,
    tokensExponent: d.slope,
    minima,
    accepted: good.length,
  };
}
