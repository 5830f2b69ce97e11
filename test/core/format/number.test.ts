import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatFixed,
  formatMoney,
  formatPercent,
  formatPrefixed,
  formatScientific,
  formatSignificant,
} from '../../../src/core/format/number.ts';

describe('numbers as people read them', () => {
  it('money to the cent, with separators and a true minus', () => {
    expect(formatMoney(66_123_456.78)).toBe('66,123,456.78');
    expect(formatMoney(-1234.5)).toBe('−1,234.50');
    expect(formatMoney(66_123_456.78, true)).toBe('66,123,457');
    expect(formatMoney(-0.001)).toBe('0.00');
  });

  it('3.79×10²⁵ with a true multiplication sign and superscripts', () => {
    expect(formatScientific(6 * 405e9 * 15.6e12, 3)).toBe('3.79×10²⁵');
    expect(formatScientific(-1.5e-7, 4)).toBe('−1.5×10⁻⁷');
  });

  it('counts with K, M, B, T', () => {
    expect([405e9, 15.6e12, 4e6, 8030261248, 999].map((value) => formatCount(value, 4))).toEqual([
      '405B',
      '15.6T',
      '4M',
      '8.03B',
      '999',
    ]);
  });

  it('fractions as percent', () => {
    expect([0.4, 0.385, 1, 0, 0.0123].map((value) => formatPercent(value, 3))).toEqual([
      '40.0%',
      '38.5%',
      '100%',
      '0%',
      '1.23%',
    ]);
  });

  it('prefixes chosen after rounding', () => {
    expect(formatPrefixed(66_123_456, 4)).toEqual({ text: '66.12', prefix: 'M' });
    expect(formatPrefixed(999_999.9, 4)).toEqual({ text: '1', prefix: 'M' });
    expect(formatPrefixed(-2_500, 2)).toEqual({ text: '−2.5', prefix: 'K' });
    expect(formatPrefixed(12, 4)).toEqual({ text: '12', prefix: '' });
  });

  it('unknown is no number', () => {
    for (const format of [
      formatMoney,
      (x: number) => formatFixed(x, 2),
      (x: number) => formatSignificant(x, 4),
      (x: number) => formatCount(x, 4),
      (x: number) => formatScientific(x, 4),
      (x: number) => formatPercent(x, 3),
    ])
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(format(value)).toBe('');
  });

  it('significant digits lie within half a unit of the last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e11, noNaN: true }), fc.integer({ min: 2, max: 8 }), (value, digits) => {
        const read = Number(formatSignificant(value, digits).replaceAll(',', ''));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(
          0.5000001 * 10 ** (Math.floor(Math.log10(value)) + 1 - digits) + 1e-12,
        );
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
