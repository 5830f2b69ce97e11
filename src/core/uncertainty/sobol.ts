/**
 * Owen-scrambled Sobol points, one dimension at a time, and hashed random points for sources beyond the table.
 *
 * A point is a function of (dimension, seed, index) only: adding a source changes nobody else's samples, any block can
 * be made alone, and the bits are the same on every host (32-bit integer arithmetic).
 */
import { directionNumbers, SOBOL_DIMENSIONS } from './joe-kuo.ts';
import { normalQuantile } from './normal.ts';
import { hashSeed, mix32, TWO_TO_MINUS_32 } from './rng.ts';

/** Bit-reversed running XOR of the direction numbers: entry k takes point i to i + 1 when i + 1 has k trailing zeros. */
const steps: (Int32Array | undefined)[] = [];

function stepsOf(dimension: number): Int32Array {
  let table = steps[dimension];
  if (table === undefined) {
    table = directionNumbers(dimension);
    for (let k = 0, run = 0; k < 32; k++) {
      run ^= reverseBits(table[k]!);
      table[k] = run;
    }
    steps[dimension] = table;
  }
  return table;
}

function reverseBits(x: number): number {
  let h = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  h = ((h >>> 2) & 0x33333333) | ((h & 0x33333333) << 2);
  h = ((h >>> 4) & 0x0f0f0f0f) | ((h & 0x0f0f0f0f) << 4);
  h = ((h >>> 8) & 0x00ff00ff) | ((h & 0x00ff00ff) << 8);
  return (h >>> 16) | (h << 16);
}

/**
 * Fills `out[0..count)` with the points `from`, `from + 1`, … of one dimension of a scrambled Sobol sequence: uniform
 * numbers strictly between 0 and 1, multiples of 2^-32 plus 2^-33. Every block of 2^m points that starts at a multiple
 * of 2^m has exactly one point in each interval of width 2^-m; all dimensions of one seed form a digital sequence.
 *
 * @param dimension 0..999, the persistent number of the source; throws a RangeError outside.
 * @param seed the plan's seed; dimension and seed alone decide the scramble.
 * @param from first index, 0 <= from and from + count <= 2^31.
 *
 * Sources: Joe and Kuo (2008) for the points; Owen (1995) for nested uniform scrambling; Laine and Karras (2011) and
 * Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4) (2020) for the hash form of it; constants of N. Vegdahl,
 * "Building a Better LK Hash" (2021).
 */
export function sobolUniforms(out: Float64Array, dimension: number, seed: number, from: number, count: number): void {
  const step = stepsOf(dimension);
  const key = hashSeed(seed, dimension);
  const add = mix32(key ^ 0x68e31da4);
  const factor = mix32(key + 0x3c6ef372) | 1;
  let x = 0;
  for (let bits = from ^ (from >>> 1), k = 0; bits !== 0; bits >>>= 1, k++) if (bits & 1) x ^= step[k]!;
  for (let i = 0; i < count; i++) {
    let h = x ^ Math.imul(x, 0x3d20adea);
    h = Math.imul((h + add) | 0, factor);
    h ^= Math.imul(h, 0x05526c56);
    h ^= Math.imul(h, 0x53a22864);
    h = ((h >>> 1) & 0x55555555) | ((h & 0x55555555) << 1);
    h = ((h >>> 2) & 0x33333333) | ((h & 0x33333333) << 2);
    h = ((h >>> 4) & 0x0f0f0f0f) | ((h & 0x0f0f0f0f) << 4);
    h = ((h >>> 8) & 0x00ff00ff) | ((h & 0x00ff00ff) << 8);
    h = (h >>> 16) | (h << 16);
    out[i] = ((h >>> 0) + 0.5) * TWO_TO_MINUS_32;
    const next = from + i + 1;
    x ^= step[31 - Math.clz32(next & -next)]!;
  }
}

/**
 * Fills `out[0..count)` with random points `from`, `from + 1`, … of a source without a Sobol dimension: uniform numbers
 * strictly between 0 and 1, a function of (sourceHash, seed, index) only. `sourceHash` is any 32-bit integer, for
 * example `hashText(id)`. Error falls as 1 / sqrt(n), as for any pseudo-random sample.
 */
export function hashedUniforms(out: Float64Array, sourceHash: number, seed: number, from: number, count: number): void {
  const key = hashSeed(seed, sourceHash);
  const key2 = mix32(key ^ 0x68e31da4);
  for (let i = 0; i < count; i++) {
    const h = mix32(mix32((from + i + key) | 0) ^ key2);
    out[i] = ((h >>> 0) + 0.5) * TWO_TO_MINUS_32;
  }
}

/**
 * Points of the source with persistent number `source` (an integer >= 0, never reused): scrambled Sobol below 1,000,
 * hashed random points from there on.
 */
export function sourceUniforms(out: Float64Array, source: number, seed: number, from: number, count: number): void {
  if (source < SOBOL_DIMENSIONS) sobolUniforms(out, source, seed, from, count);
  else hashedUniforms(out, source, seed, from, count);
}

/**
 * A second, independent set of points of a source, for total sensitivity indices (`totalIndices`). It is hashed: another
 * seed of the same Sobol dimension would not do, since two scrambles of one dimension are functions of each other.
 */
export function resampledUniforms(out: Float64Array, source: number, seed: number, from: number, count: number): void {
  hashedUniforms(out, mix32(source ^ 0x5bd1e995), seed, from, count);
}

/** `sourceUniforms` through the inverse normal CDF: standard normal points of a source, |z| < 6.34. */
export function sourceNormals(out: Float64Array, source: number, seed: number, from: number, count: number): void {
  sourceUniforms(out, source, seed, from, count);
  for (let i = 0; i < count; i++) out[i] = normalQuantile(out[i]!);
}
