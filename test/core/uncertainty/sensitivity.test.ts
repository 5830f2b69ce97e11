import { describe, expect, test } from 'vitest';
import {
  firstOrderIndex,
  firstOrderIndices,
  tornado,
  totalIndices,
} from '../../../src/core/uncertainty/sensitivity.ts';
import { resampledUniforms, sourceUniforms } from '../../../src/core/uncertainty/sobol.ts';

const N = 16384;

/**
 * The Ishigami function with a = 7, b = 0.1 (Ishigami and Homma 1990). Indices in closed form (Saltelli et al., "Global
 * Sensitivity Analysis", 2008): S = 0.3139, 0.4424, 0; ST = 0.5576, 0.4424, 0.2437.
 */
function ishigami(u: readonly Float64Array[]): Float64Array {
  const x = (k: number, i: number): number => Math.PI * (2 * u[k]![i]! - 1);
  return Float64Array.from(
    { length: N },
    (_, i) => Math.sin(x(0, i)) + 7 * Math.sin(x(1, i)) ** 2 + 0.1 * x(2, i) ** 4 * Math.sin(x(0, i)),
  );
}

const points = (source: number, seed: number): Float64Array => {
  const u = new Float64Array(N);
  sourceUniforms(u, source, seed, 0, N);
  return u;
};

const resampled = (source: number): Float64Array => {
  const u = new Float64Array(N);
  resampledUniforms(u, source, 1, 0, N);
  return u;
};

describe('sensitivity of the Ishigami function', () => {
  const u = [0, 1, 2].map((k) => points(k, 1));
  const y = ishigami(u);

  test('first-order indices', () => {
    const s = firstOrderIndices(y, N, 4, (source, out) => sourceUniforms(out, source, 1, 0, N));
    [0.3139, 0.4424, 0, 0].forEach((wanted, k) => expect(Math.abs(s[k]! - wanted), `source ${k}`).toBeLessThan(0.015));
  });

  test('total indices', () => {
    const st = totalIndices(y, N, 3, (group, out) => {
      out.set(ishigami(u.map((column, k) => (k === group ? resampled(k) : column))));
    });
    [0.5576, 0.4424, 0.2437].forEach((wanted, k) =>
      expect(Math.abs(st[k]! - wanted), `source ${k}`).toBeLessThan(0.02),
    );
  });

  test('an unrelated source has an index near 0, not the bias bins / n', () => {
    let sum = 0;
    for (let k = 0; k < 20; k++) sum += firstOrderIndex(points(2000 + k, 1), y, N);
    expect(sum / 20).toBeLessThan(0.001);
  });

  test('a constant result has no drivers, an unknown one unknown drivers', () => {
    expect(firstOrderIndex(u[0]!, new Float64Array(N).fill(3), N)).toBe(0);
    expect(firstOrderIndex(u[0]!, new Float64Array(N).fill(NaN), N)).toBeNaN();
  });
});

test('tornado: widest first, unknown last', () => {
  const bars = tornado(4, (source, p) => (source === 2 ? NaN : [1, 5, 0, 5][source]! * (p - 0.5)));
  expect(bars.map((bar) => bar.source)).toEqual([1, 3, 0, 2]);
  expect(bars[0]).toMatchObject({ atP10: -2, atP90: 2, swing: 4 });
});
