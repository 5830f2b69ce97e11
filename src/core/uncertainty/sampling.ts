/** Quantiles of distributions: one at a time, or a vector of uniform or normal points at once without allocation. */
import { betaQuantile, betaTable, betaTableInto } from './beta.ts';
import { distributionProblem, rangeForm, type Distribution } from './distributions.ts';
import { normalCdf, normalQuantile, Z95 } from './normal.ts';

/** What a distribution is at heart: a function of a normal point z, or of a uniform point u. */
type Shape =
  | { readonly of: 'nothing'; readonly value: number }
  | { readonly of: 'z'; readonly form: 'affine' | 'exp' | 'odds'; readonly centre: number; readonly sigma: number }
  | {
      readonly of: 'beta';
      readonly a: number;
      readonly b: number;
      readonly low: number;
      readonly width: number;
      table: Float64Array | null;
    }
  | { readonly of: 'line'; readonly low: number; readonly width: number }
  | {
      readonly of: 'triangle';
      readonly low: number;
      readonly mode: number;
      readonly high: number;
      readonly split: number;
      readonly width: number;
    }
  | { readonly of: 'steps'; readonly values: Float64Array; readonly upTo: Float64Array };

const shapes = new WeakMap<Distribution, Shape>();

function shapeOf(d: Distribution): Shape {
  let shape = shapes.get(d);
  if (shape === undefined) {
    shape = distributionProblem(d) === null ? makeShape(d) : { of: 'nothing', value: NaN };
    shapes.set(d, shape);
  }
  return shape;
}

function makeShape(d: Distribution): Shape {
  switch (d.kind) {
    case 'constant':
      return { of: 'nothing', value: d.value };
    case 'range':
      return rangeShape(d.low, d.high, d.fraction);
    case 'normal':
      return { of: 'z', form: 'affine', centre: d.mean, sigma: d.sd };
    case 'lognormal': {
      const cv = d.sd / d.mean;
      return { of: 'z', form: 'exp', centre: d.mean / Math.hypot(1, cv), sigma: Math.sqrt(Math.log1p(cv * cv)) };
    }
    case 'uniform':
      return { of: 'line', low: d.low, width: d.high - d.low };
    case 'triangular': {
      const width = d.high - d.low;
      if (width === 0) return { of: 'nothing', value: d.low };
      return { of: 'triangle', low: d.low, mode: d.mode, high: d.high, split: (d.mode - d.low) / width, width };
    }
    case 'pert': {
      const width = d.high - d.low;
      if (width === 0) return { of: 'nothing', value: d.low };
      const lean = (4 * (d.mode - d.low)) / width;
      return { of: 'beta', a: 1 + lean, b: 5 - lean, low: d.low, width, table: null };
    }
    case 'beta':
      return { of: 'beta', a: d.a, b: d.b, low: 0, width: 1, table: null };
    case 'discrete':
      return stepsShape(d.values, d.weights);
  }
}

function rangeShape(low: number, high: number, fraction: boolean): Shape {
  switch (rangeForm(low, high, fraction)) {
    case 'constant':
      return { of: 'nothing', value: low };
    case 'normal':
      return { of: 'z', form: 'affine', centre: low / 2 + high / 2, sigma: (high / 2 - low / 2) / Z95 };
    case 'lognormal':
      return {
        of: 'z',
        form: 'exp',
        centre: Math.sqrt(low) * Math.sqrt(high),
        sigma: (Math.log(high) - Math.log(low)) / 2 / Z95,
      };
    case 'logit-normal': {
      const lowOdds = low / (1 - low);
      const highOdds = high / (1 - high);
      return {
        of: 'z',
        form: 'odds',
        centre: Math.sqrt(lowOdds) * Math.sqrt(highOdds),
        sigma: (Math.log(highOdds) - Math.log(lowOdds)) / 2 / Z95,
      };
    }
  }
}

function stepsShape(values: readonly number[], weights: readonly number[]): Shape {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const upTo = new Float64Array(order.length);
  let sum = 0;
  order.forEach((i, k) => (upTo[k] = (sum += weights[i]!) / total));
  let last = order.length - 1;
  while (weights[order[last]!] === 0) last--;
  upTo.fill(1, last);
  return { of: 'steps', values: Float64Array.from(order, (i) => values[i]!), upTo };
}

/**
 * Quantile of a distribution at probability p (0..1), in the units of its arguments. NaN when p is outside 0..1 or the
 * distribution has a problem (`distributionProblem`). The ends of an unbounded distribution are infinite.
 */
export function quantile(d: Distribution, p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  const shape = shapeOf(d);
  if (shape.of === 'z') return fromZ(shape.form, shape.centre, shape.sigma, normalQuantile(p));
  if (shape.of === 'beta') return shape.low + shape.width * betaQuantile(normalQuantile(p), shape.a, shape.b);
  return fromU(shape, p);
}

/** The median: what a cell counts as in the central case. For `a to b` of two positive ends, sqrt(a b). */
export function median(d: Distribution): number {
  return quantile(d, 0.5);
}

/**
 * out[i] = quantile(d, u[i]) for i < n, without allocation after the first call for `d`. u strictly inside 0..1.
 * beta and pert are interpolated from a table: off by less than 1e-7 of their width (1e-4 for shapes below 0.1). `out` may be `u`.
 */
export function quantileInto(d: Distribution, u: Float64Array, out: Float64Array, n: number): void {
  const shape = shapeOf(d);
  if (shape.of === 'z' || shape.of === 'beta') {
    for (let i = 0; i < n; i++) out[i] = normalQuantile(u[i]!);
    normalInto(shape, out, out, n);
  } else uniformInto(shape, u, out, n);
}

/**
 * out[i] = quantile(d, Phi(z[i])) for i < n: the same as `quantileInto` for points that are already normal, such as the
 * output of a copula. Ranges, normal and lognormal use z as it is. `out` may be `z`.
 */
export function fromNormalInto(d: Distribution, z: Float64Array, out: Float64Array, n: number): void {
  const shape = shapeOf(d);
  if (shape.of === 'z' || shape.of === 'beta') normalInto(shape, z, out, n);
  else if (shape.of === 'nothing') out.fill(shape.value, 0, n);
  else {
    for (let i = 0; i < n; i++) out[i] = normalCdf(z[i]!);
    uniformInto(shape, out, out, n);
  }
}

/** True when samples of `d` come from normal points without a CDF between, so that `fromNormalInto` is the faster way. */
export function isNormalBased(d: Distribution): boolean {
  const { of } = shapeOf(d);
  return of === 'z' || of === 'beta';
}

function fromZ(form: 'affine' | 'exp' | 'odds', centre: number, sigma: number, z: number): number {
  if (sigma === 0) return form === 'odds' ? centre / (1 + centre) : centre;
  if (form === 'affine') return centre + sigma * z;
  if (form === 'exp') return centre * Math.exp(sigma * z);
  return 1 / (1 + Math.exp(-sigma * z) / centre);
}

function normalInto(shape: Shape, z: Float64Array, out: Float64Array, n: number): void {
  if (shape.of === 'beta') {
    shape.table ??= betaTable(shape.a, shape.b);
    betaTableInto(shape.table, shape.low, shape.width, z, out, n);
  } else if (shape.of === 'z') {
    const { form, centre, sigma } = shape;
    if (form === 'affine') for (let i = 0; i < n; i++) out[i] = centre + sigma * z[i]!;
    else if (form === 'exp') for (let i = 0; i < n; i++) out[i] = centre * Math.exp(sigma * z[i]!);
    else for (let i = 0; i < n; i++) out[i] = 1 / (1 + Math.exp(-sigma * z[i]!) / centre);
  }
}

function fromU(shape: Shape, u: number): number {
  switch (shape.of) {
    case 'line':
      return shape.low + shape.width * u;
    case 'triangle':
      return u < shape.split
        ? shape.low + shape.width * Math.sqrt(u * shape.split)
        : shape.high - shape.width * Math.sqrt((1 - u) * (1 - shape.split));
    case 'steps': {
      let k = 0;
      while (shape.upTo[k]! < u) k++;
      return shape.values[k]!;
    }
    case 'nothing':
      return shape.value;
    default:
      return NaN;
  }
}

function uniformInto(shape: Shape, u: Float64Array, out: Float64Array, n: number): void {
  if (shape.of === 'nothing') out.fill(shape.value, 0, n);
  else for (let i = 0; i < n; i++) out[i] = fromU(shape, u[i]!);
}
