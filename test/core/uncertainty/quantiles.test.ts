import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { histogram, meanOf, quantileScratch, quantilesOf, spreadOf } from '../../../src/core/uncertainty/quantiles.ts';
import { createRng } from '../../../src/core/uncertainty/rng.ts';

const LEVELS = [0, 0.05, 0.1, 0.25, 0.5, 0.9, 0.95, 1];

/** Type 7 after a full sort: the definition. */
function bySorting(values: Float64Array, level: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = (sorted.length - 1) * level;
  const k = Math.floor(rank);
  const below = sorted[k]!;
  const above = sorted[Math.min(sorted.length - 1, k + 1)]!;
  return rank === k || below === above ? below : below + (rank - k) * (above - below);
}

function check(values: Float64Array): void {
  const before = Float64Array.from(values);
  const results = new Float64Array(LEVELS.length);
  expect(quantilesOf(values, values.length, Float64Array.from(LEVELS), results, quantileScratch())).toBe(0);
  LEVELS.forEach((level, j) => expect(results[j], `level ${level} of ${values.length}`).toBe(bySorting(values, level)));
  expect(values).toEqual(before);
}

describe('quantiles', () => {
  test('NumPy: percentiles of 1..10', () => {
    const s = spreadOf(
      Float64Array.from({ length: 10 }, (_, i) => 10 - i),
      10,
      quantileScratch(),
    );
    expect([s.p5, s.p10, s.p50, s.p90, s.p95].map((p) => +p.toFixed(12))).toEqual([1.45, 1.9, 5.5, 9.1, 9.55]);
    expect([s.mean, s.unknown]).toEqual([5.5, 0]);
  });

  test('the same as after a full sort, whatever the shape of the sample', () => {
    const shapes: Record<string, (u: number, i: number) => number> = {
      flat: (u) => u,
      longTail: (u) => Math.exp(-40 * Math.log(u)),
      negativeTail: (u) => -1 / u ** 5,
      discrete: (u) => Math.floor(u * 3),
      mostlyOneValue: (u, i) => (i % 50 === 0 ? u : 7),
      sorted: (_, i) => i,
      falling: (_, i) => -i,
      twoFarClusters: (u) => (u < 0.5 ? u : 1e12 + u),
      constant: () => 3,
      hugeSpan: (u) => (u - 0.5) * 1.6e308,
    };
    for (const [name, shape] of Object.entries(shapes)) {
      const rng = createRng(1, 2);
      for (const n of [1, 2, 3, 511, 513, 5000, 20011]) {
        check(Float64Array.from({ length: n }, (_, i) => shape(rng.uniform(), i)));
      }
      expect(name).toBeTruthy();
    }
  });

  test('property: any finite or infinite sample', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (some, times) => {
          const values = Float64Array.from({ length: some.length * times }, (_, i) => some[i % some.length]!);
          const results = new Float64Array(3);
          quantilesOf(values, values.length, Float64Array.of(0, 0.5, 1), results, quantileScratch());
          const sorted = Float64Array.from(values).sort();
          expect(results[0]! === sorted[0] && results[2]! === sorted[sorted.length - 1]).toBe(true);
          expect(
            results[1]! >= sorted[Math.floor((sorted.length - 1) / 2)]! &&
              results[1]! <= sorted[Math.ceil((sorted.length - 1) / 2)]!,
          ).toBe(true);
        },
      ),
      { numRuns: 300, examples: [[[3.293136510732288e293, -Number.MAX_VALUE], 1]] },
    );
  });

  test('an unknown sample makes every percentile unknown and is counted; an empty sample is unknown', () => {
    const values = Float64Array.of(1, NaN, 3, NaN);
    expect(spreadOf(values, 4, quantileScratch())).toEqual({
      p5: NaN,
      p10: NaN,
      p50: NaN,
      p90: NaN,
      p95: NaN,
      mean: NaN,
      unknown: 2,
    });
    expect(spreadOf(values, 1, quantileScratch()).p50).toBe(1);
    expect(spreadOf(values, 0, quantileScratch()).mean).toBeNaN();
  });

  test('the mean does not lose small terms', () => {
    const values = new Float64Array(1_000_000).fill(0.1);
    expect(Math.abs(meanOf(values, values.length) / 0.1 - 1)).toBeLessThan(1e-14);
    expect(meanOf(Float64Array.of(Infinity, 1), 2)).toBe(Infinity);
  });

  test('histogram counts every sample once', () => {
    const h = histogram(Float64Array.of(0, 0.5, 1, 1.5, 2, -1, 3, NaN), 8, 4, 0, 2);
    expect([...h.counts]).toEqual([1, 1, 1, 2]);
    expect([...h.edges]).toEqual([0, 0.5, 1, 1.5, 2]);
    expect([h.below, h.above, h.unknown]).toEqual([1, 1, 1]);
    expect([...histogram(Float64Array.of(5, 5), 2, 3, 5, 5).counts]).toEqual([2, 0, 0]);
  });
});
