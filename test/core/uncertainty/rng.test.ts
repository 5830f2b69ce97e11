import { expect, test } from 'vitest';
import { createRng, hashText, mix32 } from '../../../src/core/uncertainty/rng.ts';

test('the same seed gives the same stream; another seed or stream another', () => {
  const first = (seed: number, stream?: number): number[] => {
    const rng = createRng(seed, stream);
    return Array.from({ length: 5 }, () => rng.uint32());
  };
  expect(first(1)).toEqual(first(1));
  expect(new Set([first(1), first(2), first(1, 1), first(2 ** 32 + 1)].map(String)).size).toBe(4);
  expect(first(1)).toEqual([3699214708, 612604264, 1701544996, 3749168664, 1408051570]);
});

test('uniform: mean, variance, lag-1 correlation and range of 200,000 numbers', () => {
  const rng = createRng(42);
  let sum = 0;
  let square = 0;
  let lag = 0;
  let last = 0;
  const n = 200_000;
  for (let i = 0; i < n; i++) {
    const u = rng.uniform() - 0.5;
    if (!(u > -0.5 && u < 0.5)) throw new Error(`${u + 0.5} is outside 0..1`);
    sum += u;
    square += u * u;
    lag += u * last;
    last = u;
  }
  expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(12 * n));
  expect(Math.abs(square / n - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
  expect(Math.abs(lag / n)).toBeLessThan(4 / 12 / Math.sqrt(n));
});

test('below: every value, evenly', () => {
  const rng = createRng(7);
  const counts = new Int32Array(6);
  for (let i = 0; i < 60_000; i++) counts[rng.below(6)]!++;
  expect(counts.every((c) => Math.abs(c - 10_000) < 450)).toBe(true);
});

test('mix32 is a bijection on a sample, hashText tells names apart', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 100_000; i++) seen.add(mix32(i));
  expect(seen.size).toBe(100_000);
  expect(new Set(['runs.r1.mfu', 'runs.r2.mfu', 'runs.r1.tokens', ''].map(hashText)).size).toBe(4);
});
