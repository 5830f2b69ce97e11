import { describe, expect, test } from 'vitest';
import { directionNumbers, joeKuoRow } from '../../../src/core/uncertainty/joe-kuo.ts';
import { hashText } from '../../../src/core/uncertainty/rng.ts';
import { hashedUniforms, sobolUniforms, sourceNormals, sourceUniforms } from '../../../src/core/uncertainty/sobol.ts';

const points = (dimension: number, seed: number, from: number, count: number): Float64Array => {
  const out = new Float64Array(count);
  sourceUniforms(out, dimension, seed, from, count);
  return out;
};

/** The points before scrambling, in the same order. */
function plainPoints(dimension: number, count: number): Float64Array {
  const v = directionNumbers(dimension);
  return Float64Array.from({ length: count }, (_, i) => {
    let x = 0;
    for (let k = 0; i >> k; k++) if ((i >> k) & 1) x ^= v[k]!;
    return ((x >>> 0) + 0.5) / 2 ** 32;
  });
}

/** Smallest t for which 2^m points are a (t, m, 2)-net: every box of area 2^(t - m) holds 2^t points. */
function tValue(x: Float64Array, y: Float64Array, m: number): number {
  for (let t = 0; t < m; t++) {
    let even = true;
    for (let a = 0; a <= m - t && even; a++) {
      const counts = new Int32Array(2 ** (m - t));
      const b = m - t - a;
      for (let i = 0; i < 2 ** m; i++) counts[Math.floor(x[i]! * 2 ** a) * 2 ** b + Math.floor(y[i]! * 2 ** b)]!++;
      even = counts.every((c) => c === 2 ** t);
    }
    if (even) return t;
  }
  return m;
}

/** FNV-1a over the bits of a vector: equal only if every bit is. */
function fingerprint(v: Float64Array): string {
  let h = 0x811c9dc5;
  for (const byte of new Uint8Array(v.buffer, v.byteOffset, v.byteLength)) h = Math.imul(h ^ byte, 0x01000193);
  return (h >>> 0).toString(16);
}

describe('scrambled Sobol points', () => {
  test('each of the 1,000 dimensions is a (0, m, 1)-net in every aligned block', () => {
    for (let d = 0; d < 1000; d++) {
      for (const from of [0, 256, 1048576 - 256]) {
        const seen = new Uint8Array(256);
        for (const u of points(d, 7, from, 256)) seen[Math.floor(u * 256)]!++;
        expect(
          seen.every((c) => c === 1),
          `dimension ${d} from ${from}`,
        ).toBe(true);
      }
    }
  });

  test('dimensions 0 and 1 are a (0, m, 2)-net at every size, for several seeds', () => {
    for (const seed of [1, 2, 2 ** 40 + 5]) {
      for (const m of [1, 4, 8, 12]) expect(tValue(points(0, seed, 0, 2 ** m), points(1, seed, 0, 2 ** m), m)).toBe(0);
    }
  });

  test('pairs keep the t of the plain points, within (s_i - 1) + (s_j - 1) of Niederreiter', () => {
    const m = 10;
    const scrambled = Array.from({ length: 12 }, (_, d) => points(d, 3, 0, 2 ** m));
    const plain = Array.from({ length: 12 }, (_, d) => plainPoints(d, 2 ** m));
    for (let i = 0; i < 12; i++) {
      for (let j = 0; j < i; j++) {
        const t = tValue(scrambled[i]!, scrambled[j]!, m);
        expect(t, `pair ${j}, ${i}`).toBe(tValue(plain[i]!, plain[j]!, m));
        expect(t).toBeLessThanOrEqual(joeKuoRow(i).s - 1 + Math.max(0, joeKuoRow(j).s - 1));
      }
    }
  });

  test('any block can be made alone', () => {
    const whole = points(17, 5, 0, 5000);
    for (const [from, count] of [
      [0, 1],
      [1, 1],
      [1023, 1026],
      [4095, 905],
    ] as const) {
      expect(points(17, 5, from, count)).toEqual(whole.subarray(from, from + count));
    }
  });

  test('never 0 or 1, and normals stay within 6.34', () => {
    for (const source of [0, 999, 1000]) {
      const out = new Float64Array(4096);
      sourceNormals(out, source, 11, 0, 4096);
      expect(out.every((z) => Math.abs(z) < 6.34)).toBe(true);
      expect(points(source, 11, 2 ** 31 - 4096, 4096).every((u) => u > 0 && u < 1)).toBe(true);
    }
  });

  test('the same bits on every host: fingerprints', () => {
    expect([0, 1, 500, 999, 1000].map((d) => fingerprint(points(d, 1, 0, 1024)))).toEqual(FINGERPRINTS);
  });

  test('the same bits after the request went through serialisation', () => {
    const request = structuredClone({ dimension: 42, seed: 2 ** 33 + 1, from: 100, count: 100 });
    const again = JSON.parse(JSON.stringify(request)) as typeof request;
    expect(points(again.dimension, again.seed, again.from, again.count)).toEqual(points(42, 2 ** 33 + 1, 100, 100));
    expect(structuredClone(points(42, 9, 0, 64))).toEqual(points(42, 9, 0, 64));
  });

  test('seed and dimension each change every scramble; the mean over seeds is unbiased', () => {
    const first = new Set<number>();
    let sum = 0;
    let square = 0;
    for (let seed = 0; seed < 4000; seed++) {
      const u = points(3, seed, 5, 1)[0]!;
      first.add(u);
      sum += u;
      square += u * u;
    }
    expect(first.size).toBe(4000);
    expect(Math.abs(sum / 4000 - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 4000));
    expect(Math.abs(square / 4000 - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / 4000));
    expect(points(3, 1, 0, 8)).not.toEqual(points(3, 2 ** 32 + 1, 0, 8));
  });

  test('scrambles of different dimensions are uncorrelated over seeds', () => {
    let sum = 0;
    for (let seed = 0; seed < 4000; seed++)
      sum += (points(0, seed, 0, 1)[0]! - 0.5) * (points(1, seed, 0, 1)[0]! - 0.5);
    expect(Math.abs((12 * sum) / 4000)).toBeLessThan(4 / Math.sqrt(4000));
  });
});

describe('integration error', () => {
  /** E f = e^0.025 + e^0.045 exactly, for six independent standard normals. */
  const exact = Math.exp(0.025) + Math.exp(0.045);
  const rmse = (source: number, n: number, seeds: number): number => {
    const z = Array.from({ length: 6 }, () => new Float64Array(n));
    let square = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      z.forEach((column, k) => sourceNormals(column, source + k, seed, 0, n));
      const [a, b, c, d, e, f] = z as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += Math.exp(0.2 * a[i]! + 0.1 * b[i]!) * (1 + 0.3 * c[i]!) + 0.2 * d[i]! * e[i]! + Math.exp(0.3 * f[i]!);
      }
      square += (sum / n - exact) ** 2;
    }
    return Math.sqrt(square / seeds);
  };

  test('falls faster than 1/sqrt(n): 16 times the points give at least 8 times less error, pseudo-random about 4', () => {
    expect(rmse(0, 256, 40) / rmse(0, 4096, 40)).toBeGreaterThan(8);
    const random = rmse(5000, 256, 40) / rmse(5000, 4096, 40);
    expect(random).toBeGreaterThan(2.5);
    expect(random).toBeLessThan(6.5);
  });

  test('at 4,096 points at least 20 times below pseudo-random', () => {
    expect(rmse(5000, 4096, 40) / rmse(0, 4096, 40)).toBeGreaterThan(20);
  });
});

describe('hashed random points', () => {
  test('depend on source, seed and index only, and look uniform (chi-square of 256 cells below its 99.99 % point)', () => {
    const out = new Float64Array(65536);
    for (const id of ['runs.r1.mfu', 'runs.r2.mfu', 'assumptions.pue']) {
      hashedUniforms(out, hashText(id), 1, 0, 65536);
      const cells = new Float64Array(256);
      for (const u of out) cells[Math.floor(u * 256)]!++;
      expect(cells.reduce((sum, c) => sum + (c - 256) ** 2 / 256, 0)).toBeLessThan(347);
      let lag = 0;
      for (let i = 1; i < out.length; i++) lag += (out[i]! - 0.5) * (out[i - 1]! - 0.5);
      expect(Math.abs((12 * lag) / out.length)).toBeLessThan(4 / 256);
      const part = new Float64Array(10);
      hashedUniforms(part, hashText(id), 1, 777, 10);
      expect(part).toEqual(out.subarray(777, 787));
    }
  });

  test('sources from number 1,000 on use them', () => {
    const out = new Float64Array(16);
    hashedUniforms(out, 1234, 9, 0, 16);
    expect(points(1234, 9, 0, 16)).toEqual(out);
    expect(() => sobolUniforms(out, 1000, 9, 0, 16)).toThrow(RangeError);
  });
});

/** Taken once; a change here changes every stored plan's percentiles. */
const FINGERPRINTS: readonly string[] = ['6ca8d296', '3d2a3417', '31fe7fca', '27346075', '1af3d0f6'];
