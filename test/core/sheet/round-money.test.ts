import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundToCent, roundToCents } from '../../../src/core/sheet/round-money.ts';

const decimal = (amount: number): number => new Decimal(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toNumber();

test.each([
  [0.125, 0.12],
  [0.375, 0.38],
  [1.005, 1],
  [1.015, 1.02],
  [-0.125, -0.12],
  [-2.675, -2.68],
  [0.1 + 0.2, 0.3],
  [12345.675, 12345.68],
  [12345.665, 12345.66],
  [1e12 + 0.005, 1e12],
])('%f is %f', (amount, cents) => expect(roundToCent(amount)).toBe(cents));

test('as decimal.js rounds, halves to even, on every kind of amount; unknown and huge amounts stay', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: -8e13, max: 8e13, noNaN: true }),
        fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }).map((mills) => mills / 1000),
        fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }).map((mills) => (mills * 10 + 5) / 1000),
        fc
          .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(1, -1))
          .map(([mills, side]) => (mills / 1000) * (1 + side * 2 ** -52)),
      ),
      (amount) => {
        expect(roundToCent(amount) + 0).toBe(decimal(amount) + 0);
        const one = Float64Array.of(amount);
        roundToCents(one, 0, 1);
        expect((one[0] as number) + 0).toBe(decimal(amount) + 0);
      },
    ),
    { numRuns: 20_000, seed: 5 },
  ));

test('what is no amount', () => {
  expect(roundToCent(Number.NaN)).toBeNaN();
  expect(roundToCent(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(roundToCent(1e300)).toBe(1e300);
});
