import { normalGenerator, randomGenerator } from '../../../src/core/scaling/statistics.ts';
import type { ScalingPoints } from '../../../src/core/scaling/points.ts';

export interface Truth {
  readonly E: number;
  readonly A: number;
  readonly B: number;
  readonly alpha: number;
  readonly beta: number;
}

/** A law drawn at random around published ones. */
export function randomTruth(seed: number): Truth {
  const u = randomGenerator(seed);
  const alpha = 0.25 + 0.2 * u();
  const beta = 0.25 + 0.2 * u();
  const E = 1.4 + 0.6 * u();
  // Both terms between 0.15 and 0.45 at 1e9 parameters and 2e10 tokens.
  return { alpha, beta, E, A: (0.15 + 0.3 * u()) * 1e9 ** alpha, B: (0.15 + 0.3 * u()) * 2e10 ** beta };
}

/** `count` runs over ten budgets 6e18 to 3e21 and ratios 1 to 400, with multiplicative normal noise of `noise`. */
export function syntheticPoints(truth: Truth, count: number, noise: number, seed: number): ScalingPoints {
  const u = randomGenerator(seed);
  const normal = normalGenerator(u);
  const params = new Float64Array(count);
  const tokens = new Float64Array(count);
  const loss = new Float64Array(count);
  const flop = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    flop[i] = 6e18 * 2 ** (i % 10);
    const ratio = 400 ** u();
    params[i] = Math.sqrt(flop[i]! / 6 / ratio);
    tokens[i] = params[i]! * ratio;
    loss[i] =
      (truth.E + truth.A * params[i]! ** -truth.alpha + truth.B * tokens[i]! ** -truth.beta) *
      Math.exp(noise * normal());
  }
  const line = Int32Array.from({ length: count }, (_, i) => i + 2);
  return {
    params,
    tokens,
    loss,
    flop,
    line,
    flopGiven: true,
    columns: { params: 'params', tokens: 'tokens', flop: 'flop', loss: 'loss' },
    unique: null,
    headings: ['params', 'tokens', 'flop', 'loss'],
    rowsRead: count,
    rowsExcluded: 0,
    findings: [],
  };
}
