/** The beta distribution on the logit scale, where its quantile is smooth enough to tabulate. */
import { normalCdf, normalDensity } from './normal.ts';

/** Nodes of a quantile table: z from -9 to 9 in steps of 1/32. */
const Z_END = 9;
const PER_UNIT = 32;
const NODES = 2 * Z_END * PER_UNIT + 1;

/** ln Gamma(x) for x > 0, relative error about 1e-14 (Lanczos, g = 7, n = 9; Godfrey's coefficients). */
export function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const y = x - 1;
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (y + i);
  const t = y + 7.5;
  return 0.9189385332046727 + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln of x^a (1 - x)^b / B(a, b) at t = ln(x / (1 - x)): the density on the logit scale. */
function lnDensity(t: number, a: number, b: number, lnBeta: number): number {
  const lnX = t > 0 ? -Math.log1p(Math.exp(-t)) : t - Math.log1p(Math.exp(t));
  return a * lnX + b * (lnX - t) - lnBeta;
}

/** Continued fraction of the incomplete beta function (DLMF 8.17.22, modified Lentz). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let h = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + even / c;
    if (Math.abs(c) < tiny) c = tiny;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + odd / c;
    if (Math.abs(c) < tiny) c = tiny;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return h;
}

/** ln of the regularised incomplete beta function I_x(a, b) at t = ln(x / (1 - x)). */
function lnIncompleteBeta(t: number, a: number, b: number, lnBeta: number): number {
  const x = 1 / (1 + Math.exp(-t));
  const front = lnDensity(t, a, b, lnBeta);
  if (x <= (a + 1) / (a + b + 2)) return front - Math.log(a) + Math.log(betaFraction(x, a, b));
  const upper = (Math.exp(front) * betaFraction(1 / (1 + Math.exp(t)), b, a)) / b;
  return Math.log1p(-Math.min(upper, 1 - 2 ** -53));
}

function lnBetaFunction(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

/**
 * Logit of the beta(a, b) quantile at Phi(z), for shapes a, b > 0: safeguarded Newton on ln I, absolute error about
 * 1e-12 of the logit for shapes up to 1e4. z = +-Infinity gives +-Infinity.
 */
export function betaLogitQuantile(z: number, a: number, b: number): number {
  if (z > 0) return -betaLogitQuantile(-z, b, a);
  if (z === -Infinity) return -Infinity;
  const lnBeta = lnBetaFunction(a, b);
  const target = Math.log(normalCdf(z));
  let low = -1;
  let high = 1;
  while (lnIncompleteBeta(low, a, b, lnBeta) > target) low = low * 2 - 1;
  while (lnIncompleteBeta(high, a, b, lnBeta) < target) high = high * 2 + 1;
  let t = Math.min(high, Math.max(low, Math.log(a / b)));
  for (let i = 0; i < 200; i++) {
    const lnI = lnIncompleteBeta(t, a, b, lnBeta);
    const error = lnI - target;
    if (error > 0) high = t;
    else low = t;
    let next = t - error / Math.exp(lnDensity(t, a, b, lnBeta) - lnI);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - t) <= 1e-14 * Math.max(1, Math.abs(t)) || high - low <= 1e-15 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

/** beta(a, b) quantile at Phi(z), in 0..1. */
export function betaQuantile(z: number, a: number, b: number): number {
  return 1 / (1 + Math.exp(-betaLogitQuantile(z, a, b)));
}

/**
 * Table of the logit quantile of beta(a, b): value and slope at each node, for `betaTableInto`. Cubic Hermite between
 * nodes: the quantile is off by less than 1e-7 for shapes of at least 0.1, and by less than 1e-4 below.
 */
export function betaTable(a: number, b: number): Float64Array {
  const table = new Float64Array(2 * NODES);
  const lnBeta = lnBetaFunction(a, b);
  for (let i = 0; i < NODES; i++) {
    const z = i / PER_UNIT - Z_END;
    const t = betaLogitQuantile(z, a, b);
    table[2 * i] = t;
    table[2 * i + 1] = normalDensity(z) / Math.exp(lnDensity(t, a, b, lnBeta)) / PER_UNIT;
  }
  return table;
}

/** out[i] = low + width * Q(Phi(z[i])) with Q the tabulated beta quantile; |z| is cut at 9. `out` may be `z`. */
export function betaTableInto(
  table: Float64Array,
  low: number,
  width: number,
  z: Float64Array,
  out: Float64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const at = (Math.min(Z_END, Math.max(-Z_END, z[i]!)) + Z_END) * PER_UNIT;
    const k = Math.min(NODES - 2, Math.floor(at)) | 0;
    const s = at - k;
    const y0 = table[2 * k]!;
    const m0 = table[2 * k + 1]!;
    const y1 = table[2 * k + 2]!;
    const m1 = table[2 * k + 3]!;
    const rise = y1 - y0;
    const t = y0 + s * (m0 + s * (3 * rise - 2 * m0 - m1 + s * (m0 + m1 - 2 * rise)));
    out[i] = low + width / (1 + Math.exp(-t));
  }
}
