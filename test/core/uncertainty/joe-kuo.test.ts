import { describe, expect, test } from 'vitest';
import { directionNumbers, joeKuoRow, SOBOL_DIMENSIONS } from '../../../src/core/uncertainty/joe-kuo.ts';

/** Rows of the file new-joe-kuo-6.21201 (d, s, a, m_i), https://web.maths.unsw.edu.au/~fkuo/sobol/. */
const PUBLISHED: readonly (readonly [d: number, s: number, a: number, m: readonly number[]])[] = [
  [2, 1, 0, [1]],
  [3, 2, 1, [1, 3]],
  [4, 3, 1, [1, 3, 1]],
  [5, 3, 2, [1, 1, 1]],
  [7, 4, 4, [1, 3, 5, 13]],
  [10, 5, 7, [1, 1, 7, 11, 19]],
  [14, 6, 1, [1, 3, 3, 9, 7, 49]],
  [37, 7, 62, [1, 3, 3, 5, 3, 55, 33]],
  [53, 8, 122, [1, 1, 3, 5, 11, 43, 53, 133]],
  [100, 9, 244, [1, 1, 5, 5, 11, 5, 45, 117, 217]],
  [161, 10, 508, [1, 1, 1, 7, 7, 3, 15, 99, 409, 719]],
  [162, 11, 2, [1, 3, 3, 15, 27, 49, 113, 123, 113, 67, 469]],
  [298, 11, 784, [1, 3, 7, 9, 25, 5, 105, 69, 81, 943, 1459]],
];

/** Order of x modulo the polynomial with these bits divides 2^s - 1 and nothing smaller: the polynomial is primitive. */
function isPrimitive(polynomial: number, s: number): boolean {
  let power = 1;
  for (let k = 1; k < 2 ** s; k++) {
    power <<= 1;
    if (power >> s) power ^= polynomial;
    if (power === 1) return k === 2 ** s - 1;
  }
  return false;
}

describe('Joe-Kuo direction numbers', () => {
  test.each(PUBLISHED)('row d = %i is as published', (d, s, a, m) => {
    expect(joeKuoRow(d - 1)).toEqual({ s, a, m });
  });

  test('every polynomial is primitive, no two are the same, every m_i is odd and below 2^i', () => {
    const seen = new Set<number>();
    for (let d = 1; d < SOBOL_DIMENSIONS; d++) {
      const { s, a, m } = joeKuoRow(d);
      const polynomial = 2 ** s + 2 * a + 1;
      expect(isPrimitive(polynomial, s), `dimension ${d}`).toBe(true);
      seen.add(polynomial);
      expect(m).toHaveLength(s);
      m.forEach((value, i) => expect(value % 2 === 1 && value < 2 ** (i + 1), `m_${i + 1} of ${d}`).toBe(true));
    }
    expect(seen.size).toBe(SOBOL_DIMENSIONS - 1);
  });

  test('the recurrence gives the first direction numbers of Bratley and Fox for x^3 + x + 1 with m = 1, 3, 1', () => {
    // m_4 = 4 m_2 ^ 8 m_1 ^ m_1 = 12 ^ 8 ^ 1 = 5, m_5 = 4 m_3 ^ 8 m_2 ^ m_2 = 4 ^ 24 ^ 3 = 31 (a = 1: only a_2 is set).
    const v = directionNumbers(3);
    expect(Array.from(v.slice(0, 5), (x, k) => x >>> (31 - k))).toEqual([1, 3, 1, 5, 31]);
  });

  test.each([-1, 1000, 1.5, NaN])('dimension %d is refused', (d) => {
    expect(() => joeKuoRow(d)).toThrow(RangeError);
  });
});
