import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  centsFromText,
  centsOf,
  centsToText,
  roundProduct,
  sumCents,
  sumMoney,
} from '../../../src/core/finance/money.ts';

/** Half-even rounding of a product of decimals by whole-number arithmetic: shares no code with the product. */
function judge(factors: readonly [number, number][], divisor: number): number {
  let top = 1n;
  let bottom = BigInt(divisor);
  for (const [digits, places] of factors) {
    top *= BigInt(digits);
    bottom *= 10n ** BigInt(places);
  }
  const negative = top < 0n;
  if (negative) top = -top;
  let whole = top / bottom;
  const twice = (top - whole * bottom) * 2n;
  if (twice > bottom || (twice === bottom && whole % 2n === 1n)) whole++;
  return Number(negative ? -whole : whole);
}

describe('rounding to the cent', () => {
  test.each([
    [[1, 12038.075], 1203808],
    [[187500, 0.02137], 400688],
    [[64810, 0.0825], 534682],
    [[218046, 0.0825], 1798880],
    [[1, 0.125], 12],
    [[1, 0.135], 14],
    [[1, 1.005], 100],
    [[-1, 1.015], -102],
    [[-1, 0.001], 0],
  ])('%j is %i cents, half to even', (factors, cents) => {
    expect(Object.is(centsOf(factors as number[]), cents)).toBe(true);
  });

  test('agrees with whole-number arithmetic on 20,000 products, ties included', () => {
    const decimal = fc.tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(
        fc.array(decimal, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(1, 2, 4, 3, 48, 3600),
        (parts, divisor) => {
          const numbers = parts.map(([digits, places]) => Number(`${digits}e-${places}`));
          expect(roundProduct(numbers, [divisor]) + 0).toBe(judge(parts, divisor) + 0);
        },
      ),
      { numRuns: 20_000, seed: 11 },
    );
  });

  test('unknown and endless amounts are refused, never 0', () => {
    expect(() => centsOf([NaN, 2])).toThrow(expect.objectContaining({ code: 'money_unknown' }));
    expect(() => centsOf([1, Infinity])).toThrow(expect.objectContaining({ code: 'money_unknown' }));
    expect(() => centsOf([1e15])).toThrow(expect.objectContaining({ code: 'money_too_large' }));
    expect(() => sumCents([1, NaN])).toThrow(expect.objectContaining({ code: 'money_unknown' }));
  });
});

test('mixed currencies in one sum are refused by name', () => {
  expect(() =>
    sumMoney([
      { cents: 1, currency: 'USD' },
      { cents: 1, currency: 'EUR' },
    ]),
  ).toThrow(/USD and EUR/);
  expect(
    sumMoney([
      { cents: 1, currency: 'USD' },
      { cents: 2, currency: 'USD' },
    ]),
  ).toEqual({ cents: 3, currency: 'USD' });
});

test('text and cents turn into each other', () => {
  for (const text of ['0.00', '-0.05', '1234567.89', '-12.30']) expect(centsToText(centsFromText(text))).toBe(text);
  expect(centsFromText('12')).toBe(1200);
  expect(() => centsFromText('1,000.00')).toThrow(expect.objectContaining({ code: 'money_text' }));
});
