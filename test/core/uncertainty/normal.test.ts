import { describe, expect, test } from 'vitest';
import { normalCdf, normalDensity, normalQuantile, Z95 } from '../../../src/core/uncertainty/normal.ts';

const relative = (got: number, want: number): number => Math.abs(got / want - 1);

describe('standard normal', () => {
  test.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167813],
    [1e-20, -9.26234008979841],
    [0.975, 1.959963984540054],
  ])('quantile(%d) = %d (check values of AS 241; R qnorm)', (p, z) => {
    expect(relative(normalQuantile(p), z)).toBeLessThan(2e-15);
  });

  test.each([
    [-1.96, 0.024997895148220435],
    [-10, 7.61985302416047e-24],
    [-37, 5.725571222524577e-300],
    [0.5, 0.6914624612740131],
  ])('cdf(%d) = %d (SciPy ndtr)', (z, p) => {
    expect(relative(normalCdf(z), p)).toBeLessThan(2e-14);
  });

  test('cdf and quantile undo each other to 1e-14 over 12 standard deviations', () => {
    for (let z = -12; z <= 5; z += 0.037) expect(Math.abs(normalQuantile(normalCdf(z)) - z)).toBeLessThan(2e-11);
    for (let z = -12; z <= 0; z += 0.037) expect(relative(normalQuantile(normalCdf(z)), z)).toBeLessThan(1e-14);
  });

  test('ends and nonsense', () => {
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect([normalQuantile(-0.1), normalQuantile(1.1), normalQuantile(NaN), normalCdf(NaN)].every(Number.isNaN)).toBe(
      true,
    );
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalCdf(0)]).toEqual([0, 1, 0.5]);
    expect(normalQuantile(0.95)).toBeCloseTo(Z95, 14);
    expect(normalDensity(0)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 16);
  });
});
