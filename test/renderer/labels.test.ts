import { expect, test } from 'vitest';
import { clearPlace } from '../../renderer/charts/labels.ts';

test('a label near the top with one just above it finds a place below', () => {
  // Moving up by 14 below 20 and down by 14 above it would swing between 8 and 22 for ever.
  expect(clearPlace(22, [15], 14, 10)).toBe(36);
  expect(clearPlace(60, [61], 14, 10)).toBe(46);
});

test('whatever is taken, the place is clear and as near as the steps allow', () => {
  for (let seed = 1; seed < 500; seed++) {
    const dice = (k: number) => ((seed * 7919 + k * 104729) % 1000) / 5;
    const taken: number[] = [];
    for (let k = 0; k < 8; k++) taken.push(clearPlace(dice(k), taken, 14, 10));
    for (const [i, a] of taken.entries())
      for (const b of taken.slice(i + 1)) expect(Math.abs(a - b)).toBeGreaterThanOrEqual(14);
  }
});

test('without neighbours a label stays where it is wanted, even above the frame', () => {
  expect(clearPlace(-5, [], 14, 10)).toBe(-5);
  expect(clearPlace(Number.NaN, [15], 14, 10)).toBeNaN();
  expect(clearPlace(20, [Number.NaN], 14, 10)).toBe(20);
});
