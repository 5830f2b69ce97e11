/**
 * Costs and errors of the sampling core. Run directly it prints JSON:
 * `node test/bench/uncertainty.bench.ts`; each result is { name, value, unit }.
 */
import { performance } from 'node:perf_hooks';
import type { Distribution } from '../../src/core/uncertainty/distributions.ts';
import { quantileScratch, quantilesOf, spreadOf } from '../../src/core/uncertainty/quantiles.ts';
import { fromNormalInto } from '../../src/core/uncertainty/sampling.ts';
import { firstOrderIndex } from '../../src/core/uncertainty/sensitivity.ts';
import { sobolUniforms, sourceNormals, sourceUniforms } from '../../src/core/uncertainty/sobol.ts';

export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const N = 100_000;
const SEEDS = 50;
const LEVELS = Float64Array.of(0.1, 0.5, 0.9);
/** Source numbers from here on are hashed, that is pseudo-random. */
const HASHED = 100_000;

/** A cost estimate: tokens, parameters, MFU, price, goodput, and a storage line that is added. */
const INPUTS: readonly Distribution[] = [
  { kind: 'range', low: 10e12, high: 20e12, fraction: false },
  { kind: 'range', low: 60e9, high: 80e9, fraction: false },
  { kind: 'range', low: 0.33, high: 0.46, fraction: true },
  { kind: 'range', low: 1.9, high: 3.2, fraction: false },
  { kind: 'range', low: 0.85, high: 0.96, fraction: true },
  { kind: 'range', low: 2e5, high: 9e5, fraction: false },
];

const columns = INPUTS.map(() => new Float64Array(1 << 20));
const result = new Float64Array(1 << 20);
const scratch = quantileScratch(1 << 20);
const out = new Float64Array(LEVELS.length);

/** P10, P50 and P90 of the estimate with n points, into `out`. */
function estimate(firstSource: number, seed: number, n: number): void {
  INPUTS.forEach((d, k) => {
    sourceNormals(columns[k]!, firstSource + k, seed, 0, n);
    fromNormalInto(d, columns[k]!, columns[k]!, n);
  });
  const [tokens, params, mfu, price, goodput, storage] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < n; i++) {
    const chipHours = (6 * params[i]! * tokens[i]!) / (989.4e12 * mfu[i]! * 3600 * goodput[i]!);
    result[i] = chipHours * price[i]! + storage[i]!;
  }
  quantilesOf(result, n, LEVELS, out, scratch);
}

/** Median of repeated timings, ms. */
function milliseconds(job: () => void, repeats = 31): number {
  for (let i = 0; i < 5; i++) job();
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    job();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[repeats >> 1]!;
}

/** The reference percentiles: the mean of 16 scrambles of 2^20 points. */
function reference(): Float64Array {
  const truth = new Float64Array(LEVELS.length);
  for (let seed = 0; seed < 16; seed++) {
    estimate(0, 1000 + seed, 1 << 20);
    for (let j = 0; j < truth.length; j++) truth[j]! += out[j]! / 16;
  }
  return truth;
}

/** Relative root-mean-square error of P10, P50 and P90 over the seeds. */
function errors(firstSource: number, n: number, truth: Float64Array): number[] {
  const square = new Float64Array(LEVELS.length);
  for (let seed = 1; seed <= SEEDS; seed++) {
    estimate(firstSource, seed, n);
    for (let j = 0; j < square.length; j++) square[j]! += (out[j]! / truth[j]! - 1) ** 2;
  }
  return Array.from(square, (s) => Math.sqrt(s / SEEDS));
}

/** How many Sobol points match 100,000 pseudo-random ones in the root-mean-square error of the three percentiles together. */
function accuracy(): BenchResult[] {
  const truth = reference();
  const results: BenchResult[] = [];
  const report = (label: string, e: readonly number[]): void => {
    ['p10', 'p50', 'p90'].forEach((p, j) =>
      results.push({ name: `error_${p}_${label}`, value: e[j]!, unit: 'relative rmse' }),
    );
  };
  const random = errors(HASHED, N, truth);
  report('random_100000', random);
  let matching = 0;
  for (let n = 256; n <= 65536; n *= 2) {
    const e = errors(0, n, truth);
    report(`sobol_${n}`, e);
    if (matching === 0 && Math.hypot(...e) <= Math.hypot(...random)) matching = n;
  }
  results.push({ name: 'sobol_points_matching_100000_random', value: matching, unit: 'points' });
  const cost = milliseconds(() => estimate(0, 1, matching));
  results.push({ name: 'sobol_matching_estimate', value: cost, unit: 'ms' });
  results.push({ name: 'random_100000_estimate', value: milliseconds(() => estimate(HASHED, 1, N), 11), unit: 'ms' });
  return results;
}

/** All results of this part of the suite. */
export function run(): BenchResult[] {
  const u = new Float64Array(N);
  const z = new Float64Array(N);
  const y = new Float64Array(N);
  const ms = (name: string, job: () => void): BenchResult => ({ name, value: milliseconds(job), unit: 'ms' });
  let dimension = 0;
  const results = [
    ms('sobol_uniforms_100k', () => sobolUniforms(u, dimension++ % 1000, 1, 0, N)),
    ms('sobol_normals_100k', () => sourceNormals(z, dimension++ % 1000, 1, 0, N)),
    ms('hashed_uniforms_100k', () => sourceUniforms(u, HASHED + dimension++, 1, 0, N)),
    ms('lognormal_range_100k', () => fromNormalInto(INPUTS[0]!, z, y, N)),
    ms('logit_normal_range_100k', () => fromNormalInto(INPUTS[2]!, z, y, N)),
    ms('pert_100k', () => fromNormalInto(PERT, z, y, N)),
    ms('triangular_100k', () => fromNormalInto({ kind: 'triangular', low: 1, mode: 2, high: 5 }, z, y, N)),
  ];
  fromNormalInto(INPUTS[0]!, z, y, N);
  results.push(ms('spread_of_100k', () => spreadOf(y, N, scratch)));
  const tail = z.map((v) => Math.exp(4 * v));
  results.push(ms('spread_of_100k_heavy_tail', () => spreadOf(tail, N, scratch)));
  results.push(ms('first_order_index_100k', () => firstOrderIndex(u, y, N)));
  return [...results, ...accuracy()];
}

const PERT: Distribution = { kind: 'pert', low: 1, mode: 2, high: 5 };

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify({ results: run() }, null, 2));
