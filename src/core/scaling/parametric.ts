import { Lbfgs } from './lbfgs.ts';
import type { Objective } from './lbfgs.ts';
import { randomGenerator } from './statistics.ts';

/** L = E + A / N^alpha + B / D^beta, params and tokens as counts. */
export interface AdditiveConstants {
  readonly E: number;
  readonly A: number;
  readonly B: number;
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Size of the fitted problem: (a', b', e, alpha, beta) with a' = ln A - alpha mean(ln N), b' likewise and e = ln E. Centring
 * the logarithms takes most of the correlation between ln A and alpha (0.999 uncentred) out of the search.
 */
const SIZE = 5;

/**
 * The fitting problem of Hoffmann et al. 2022, approach 3: the sum of Huber losses of
 * log-sum-exp(a - alpha ln N, b - beta ln D, e) - ln L, with an analytic gradient. Sum, not mean: a mean is small enough for
 * absolute tolerances to stop the search early. Points carry weights, so that a bootstrap resample is a vector of counts.
 */
export class ParametricProblem {
  readonly count: number;
  readonly delta: number;
  readonly meanLnParams: number;
  readonly meanLnTokens: number;
  readonly meanLnLoss: number;
  readonly minLnLoss: number;
  readonly evaluate: Objective;
  /** Ties alpha to beta when true (for data that cannot tell them apart). */
  readonly tied: boolean;
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly target: Float64Array;
  private readonly lbfgs = new Lbfgs(SIZE);
  private readonly activeX: Float64Array;
  private readonly activeY: Float64Array;
  private readonly activeTarget: Float64Array;
  private readonly activeWeight: Float64Array;
  private activeCount: number;

  /** Params, tokens and losses must be positive and of equal length; `delta` is the Huber width in ln L (0.001 as published). */
  constructor(
    params: ArrayLike<number>,
    tokens: ArrayLike<number>,
    loss: ArrayLike<number>,
    delta = 1e-3,
    tied = false,
  ) {
    const n = loss.length;
    this.count = n;
    this.delta = delta;
    this.tied = tied;
    this.x = Float64Array.from({ length: n }, (_, i) => Math.log(params[i]!));
    this.y = Float64Array.from({ length: n }, (_, i) => Math.log(tokens[i]!));
    this.target = Float64Array.from({ length: n }, (_, i) => Math.log(loss[i]!));
    let sumX = 0;
    let sumY = 0;
    let sumT = 0;
    let minT = Infinity;
    for (let i = 0; i < n; i++) {
      sumX += this.x[i]!;
      sumY += this.y[i]!;
      sumT += this.target[i]!;
      minT = Math.min(minT, this.target[i]!);
    }
    this.meanLnParams = sumX / n;
    this.meanLnTokens = sumY / n;
    this.meanLnLoss = sumT / n;
    this.minLnLoss = minT;
    for (let i = 0; i < n; i++) {
      this.x[i] = this.x[i]! - this.meanLnParams;
      this.y[i] = this.y[i]! - this.meanLnTokens;
    }
    this.activeX = this.x.slice();
    this.activeY = this.y.slice();
    this.activeTarget = this.target.slice();
    this.activeWeight = new Float64Array(n).fill(1);
    this.activeCount = n;
    this.evaluate = (p, g) => this.objective(p, g);
  }

  /** Uses `weights` (one per point, 0 = left out) from now on; null restores equal weights. No allocation. */
  setWeights(weights: ArrayLike<number> | null): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const weight = weights === null ? 1 : weights[i]!;
      if (weight === 0) continue;
      this.activeX[kept] = this.x[i]!;
      this.activeY[kept] = this.y[i]!;
      this.activeTarget[kept] = this.target[i]!;
      this.activeWeight[kept] = weight;
      kept++;
    }
    this.activeCount = kept;
  }

  private objective(p: Float64Array, gradient: Float64Array): number {
    const { activeX, activeY, activeTarget, activeWeight, activeCount, delta } = this;
    const a = p[0]!;
    const b = p[1]!;
    const alpha = p[3]!;
    const beta = this.tied ? alpha : p[4]!;
    const floor = Math.exp(p[2]!);
    let value = 0;
    let ga = 0;
    let gb = 0;
    let ge = 0;
    let galpha = 0;
    let gbeta = 0;
    for (let i = 0; i < activeCount; i++) {
      const x = activeX[i]!;
      const y = activeY[i]!;
      const w = activeWeight[i]!;
      const ta = Math.exp(a - alpha * x);
      const tb = Math.exp(b - beta * y);
      const sum = ta + tb + floor;
      const r = Math.log(sum) - activeTarget[i]!;
      let pull: number;
      if (r > delta) {
        value += w * delta * (r - 0.5 * delta);
        pull = delta;
      } else if (r < -delta) {
        value += w * delta * (-r - 0.5 * delta);
        pull = -delta;
      } else {
        value += w * 0.5 * r * r;
        pull = r;
      }
      const c = (w * pull) / sum;
      const ca = c * ta;
      const cb = c * tb;
      ga += ca;
      gb += cb;
      ge += c;
      galpha -= ca * x;
      gbeta -= cb * y;
    }
    gradient[0] = ga;
    gradient[1] = gb;
    gradient[2] = ge * floor;
    if (this.tied) {
      gradient[3] = galpha + gbeta;
      gradient[4] = 0;
    } else {
      gradient[3] = galpha;
      gradient[4] = gbeta;
    }
    return value;
  }

  /** Objective at given constants (sum of Huber losses). */
  objectiveAt(constants: AdditiveConstants): number {
    return this.objective(this.encode(constants), new Float64Array(SIZE));
  }

  /** Refines `p` in place; returns the objective. */
  polish(p: Float64Array, maxIterations = 400, relativeTolerance = 1e-13): number {
    return this.lbfgs.minimize(this.evaluate, p, { maxIterations, relativeTolerance });
  }

  encode(c: AdditiveConstants, out = new Float64Array(SIZE)): Float64Array {
    out[0] = Math.log(c.A) - c.alpha * this.meanLnParams;
    out[1] = Math.log(c.B) - c.beta * this.meanLnTokens;
    out[2] = Math.log(c.E);
    out[3] = c.alpha;
    out[4] = c.beta;
    return out;
  }

  decode(p: Float64Array): AdditiveConstants {
    const alpha = p[3]!;
    const beta = this.tied ? alpha : p[4]!;
    return {
      A: Math.exp(p[0]! + alpha * this.meanLnParams),
      B: Math.exp(p[1]! + beta * this.meanLnTokens),
      E: Math.exp(p[2]!),
      alpha,
      beta,
    };
  }

  /**
   * Fits from `starts` places spread over exponents, floor and the split of the reducible loss (all drawn from the seed and
   * scaled to the data). Every start is descended a first stretch; the best `finalists` go to the end; the best end wins.
   * @returns the encoded optimum and the objective.
   */
  solve(starts = 300, seed = 1, finalists = 12): { p: Float64Array; objective: number } {
    const random = randomGenerator(seed);
    const places = Array.from({ length: starts }, () => ({ p: this.start(random), objective: Infinity }));
    for (const place of places) place.objective = this.polish(place.p, 24, 1e-6);
    places.sort((p, q) => p.objective - q.objective);
    let best = places[0]!;
    for (const place of places.slice(0, finalists)) {
      place.objective = this.polish(place.p);
      if (place.objective < best.objective) best = place;
    }
    best.objective = this.polish(best.p, 1000, 0);
    return best;
  }

  private start(random: () => number): Float64Array {
    const p = new Float64Array(SIZE);
    p[3] = 0.05 + 0.95 * random();
    p[4] = this.tied ? p[3]! : 0.05 + 0.95 * random();
    const floor = Math.exp(this.minLnLoss) * (0.02 + 0.96 * random());
    const reducible = Math.max(Math.exp(this.meanLnLoss) - floor, 1e-3 * floor);
    const share = 0.05 + 0.9 * random();
    p[0] = Math.log(reducible * share);
    p[1] = Math.log(reducible * (1 - share));
    p[2] = Math.log(floor);
    return p;
  }
}
