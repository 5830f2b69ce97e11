import { minimizePlane, minimizeScalar } from './minimize.ts';
import type { AdditiveConstants } from './parametric.ts';

/**
 * Variable projection: for given exponents, E, A and B of L = E + A / N^alpha + B / D^beta follow from a non-negative linear
 * least squares in three unknowns, so only (alpha, beta) are searched. The residual is in L itself (not ln L). Far better
 * conditioned than searching five unknowns. With `tied`, alpha = beta and one exponent is searched (Gadre's form).
 */
export class VpnlsProblem {
  readonly count: number;
  /** Weighted residual sum of squares of the last solution. */
  rss = Infinity;
  private readonly tied: boolean;
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly loss: Float64Array;
  private readonly weight: Float64Array;
  private readonly meanX: number;
  private readonly meanY: number;
  private readonly solution = new Float64Array(3);

  /** Params, tokens and losses: positive, equal lengths. */
  constructor(params: ArrayLike<number>, tokens: ArrayLike<number>, loss: ArrayLike<number>, tied = false) {
    const n = loss.length;
    this.count = n;
    this.tied = tied;
    this.x = Float64Array.from({ length: n }, (_, i) => Math.log(params[i]!));
    this.y = Float64Array.from({ length: n }, (_, i) => Math.log(tokens[i]!));
    this.loss = Float64Array.from(loss);
    this.weight = new Float64Array(n).fill(1);
    this.meanX = this.x.reduce((a, b) => a + b, 0) / n;
    this.meanY = this.y.reduce((a, b) => a + b, 0) / n;
    for (let i = 0; i < n; i++) {
      this.x[i] = this.x[i]! - this.meanX;
      this.y[i] = this.y[i]! - this.meanY;
    }
  }

  /** Counts of a bootstrap resample; null restores equal weights. */
  setWeights(weights: ArrayLike<number> | null): void {
    if (weights === null) this.weight.fill(1);
    else this.weight.set(weights);
  }

  /** Fits from a scan of exponents, or from `from` when given (a bootstrap refit). */
  solve(from: AdditiveConstants | null = null): AdditiveConstants {
    let alpha: number;
    let beta: number;
    if (this.tied) {
      alpha = Math.exp(
        minimizeScalar((t) => this.inner(Math.exp(t), Math.exp(t)), Math.log(0.01), Math.log(2), 60, 1e-12),
      );
      beta = alpha;
    } else {
      const cost = (p: number, q: number) => this.inner(Math.exp(p), Math.exp(q));
      let start: [number, number] = from ? [Math.log(from.alpha), Math.log(from.beta)] : [0, 0];
      if (!from) {
        let best = Infinity;
        for (let i = 0; i < 16; i++) {
          for (let j = 0; j < 16; j++) {
            const p = Math.log(0.03) + (i / 15) * Math.log(1.5 / 0.03);
            const q = Math.log(0.03) + (j / 15) * Math.log(1.5 / 0.03);
            const value = cost(p, q);
            if (value < best) {
              best = value;
              start = [p, q];
            }
          }
        }
      }
      const [p, q] = minimizePlane(cost, start, 0.1, from ? 1e-8 : 1e-13);
      alpha = Math.exp(p);
      beta = Math.exp(q);
    }
    this.rss = this.inner(alpha, beta);
    const [e, a, b] = this.solution as unknown as [number, number, number];
    return { E: e, A: a * Math.exp(alpha * this.meanX), B: b * Math.exp(beta * this.meanY), alpha, beta };
  }

  /** Best residual sum of squares at given exponents over E, A, B >= 0; leaves them (centred) in `solution`. */
  private inner(alpha: number, beta: number): number {
    const { x, y, loss, weight, count, solution } = this;
    if (!(alpha < 5) || !(beta < 5)) return Infinity;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s11 = 0;
    let s12 = 0;
    let s22 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    for (let i = 0; i < count; i++) {
      const w = weight[i]!;
      if (w === 0) continue;
      const u = Math.exp(-alpha * x[i]!);
      const v = Math.exp(-beta * y[i]!);
      const t = loss[i]!;
      s0 += w;
      s1 += w * u;
      s2 += w * v;
      s11 += w * u * u;
      s12 += w * u * v;
      s22 += w * v * v;
      b0 += w * t;
      b1 += w * t * u;
      b2 += w * t * v;
    }
    // Eliminating the constant first (centred sums) keeps the 2 x 2 system accurate when the columns vary little.
    const c11 = s11 - (s1 * s1) / s0;
    const c12 = s12 - (s1 * s2) / s0;
    const c22 = s22 - (s2 * s2) / s0;
    const d1 = b1 - (s1 * b0) / s0;
    const d2 = b2 - (s2 * b0) / s0;
    const determinant = c11 * c22 - c12 * c12;
    let a = (d1 * c22 - d2 * c12) / determinant;
    let b = (c11 * d2 - c12 * d1) / determinant;
    if (!(a >= 0) || !(b >= 0)) {
      const onlyA = Math.max(d1 / c11, 0);
      const onlyB = Math.max(d2 / c22, 0);
      const gainA = onlyA * d1;
      const gainB = onlyB * d2;
      a = gainA >= gainB ? onlyA : 0;
      b = gainA >= gainB ? 0 : onlyB;
    }
    let e = (b0 - a * s1 - b * s2) / s0;
    if (e < 0) {
      e = 0;
      const det = s11 * s22 - s12 * s12;
      a = (b1 * s22 - b2 * s12) / det;
      b = (s11 * b2 - s12 * b1) / det;
      if (!(a >= 0)) [a, b] = [0, b2 / s22];
      else if (!(b >= 0)) [a, b] = [b1 / s11, 0];
    }
    solution[0] = e;
    solution[1] = a;
    solution[2] = b;
    let rss = 0;
    for (let i = 0; i < count; i++) {
      const w = weight[i]!;
      if (w === 0) continue;
      const r = e + a * Math.exp(-alpha * x[i]!) + b * Math.exp(-beta * y[i]!) - loss[i]!;
      rss += w * r * r;
    }
    return rss;
  }
}
