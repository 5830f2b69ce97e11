import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betaLogitQuantile, lnGamma } from '../../../src/core/uncertainty/beta.ts';
import {
  distributionFrom,
  distributionProblem,
  type Distribution,
} from '../../../src/core/uncertainty/distributions.ts';
import { normalQuantile } from '../../../src/core/uncertainty/normal.ts';
import {
  fromNormalInto,
  isNormalBased,
  median,
  quantile,
  quantileInto,
} from '../../../src/core/uncertainty/sampling.ts';
import { sobolUniforms } from '../../../src/core/uncertainty/sobol.ts';

const range = (low: number, high: number, fraction = false): Distribution => ({ kind: 'range', low, high, fraction });
const EVERY_KIND: readonly Distribution[] = [
  range(3, 9),
  range(0.35, 0.45, true),
  range(-3, 9),
  { kind: 'constant', value: 4 },
  { kind: 'normal', mean: 1, sd: 2 },
  { kind: 'lognormal', mean: 5, sd: 2 },
  { kind: 'uniform', low: -1, high: 2 },
  { kind: 'triangular', low: 1, mode: 2, high: 4 },
  { kind: 'triangular', low: 1, mode: 1, high: 4 },
  { kind: 'pert', low: 1, mode: 2, high: 5 },
  { kind: 'pert', low: 1, mode: 5, high: 5 },
  { kind: 'beta', a: 2, b: 5 },
  { kind: 'beta', a: 0.5, b: 0.5 },
  { kind: 'discrete', values: [3, 1, 2], weights: [1, 1, 2] },
];

describe('a range is P5 to P95', () => {
  test.each([
    [range(3, 9), Math.sqrt(27)],
    [range(-3, 9), 3],
    [range(0, 9), 4.5],
    [range(0.2, 0.8, true), 0.5],
    [range(1e-300, 1e300), 1],
    [range(5, 5), 5],
    [range(0, 0, true), 0],
    [range(1, 1, true), 1],
  ] as const)('%o has median %d', (d, middle) => {
    const { low, high } = d as Extract<Distribution, { kind: 'range' }>;
    expect(median(d)).toBeCloseTo(middle, 14);
    const size = Math.max(Math.abs(low), Math.abs(high));
    expect(Math.abs(quantile(d, 0.05) - low)).toBeLessThanOrEqual(size * 1e-13);
    expect(Math.abs(quantile(d, 0.95) - high)).toBeLessThanOrEqual(size * 1e-12);
  });

  test('a fraction stays inside 0..1, a positive range above 0', () => {
    for (const p of [1e-9, 1 - 1e-9]) {
      expect(quantile(range(0.9, 0.99, true), p)).toBeGreaterThan(0);
      expect(quantile(range(0.9, 0.99, true), p)).toBeLessThan(1);
      expect(quantile(range(0.001, 900), p)).toBeGreaterThan(0);
    }
  });

  test('property: ends and order for any range', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
        (low, width) => {
          const d = range(low, low + width);
          const ps = [0.01, 0.05, 0.3, 0.5, 0.7, 0.95, 0.99].map((p) => quantile(d, p));
          const size = Math.max(Math.abs(low), Math.abs(low + width));
          expect(Math.abs(ps[1]! - low)).toBeLessThanOrEqual(1e-11 * size);
          expect(Math.abs(ps[5]! - (low + width))).toBeLessThanOrEqual(1e-11 * size);
          for (let i = 1; i < ps.length; i++) expect(ps[i]!).toBeGreaterThanOrEqual(ps[i - 1]!);
        },
      ),
    );
  });
});

describe('quantiles of the distributions', () => {
  test.each([
    [{ kind: 'lognormal', mean: 5, sd: 2 }, [2.463400803358249, 4.642383454426297, 8.748768819329152]],
    [{ kind: 'normal', mean: 1, sd: 2 }, [-2.2897072539029435, 1, 4.289707253902943]],
    [{ kind: 'triangular', low: 1, mode: 2, high: 4 }, [1.3872983346207417, 2.2679491924311224, 3.4522774424948337]],
    [{ kind: 'beta', a: 2, b: 5 }, [0.06284989170835438, 0.26444998329566005, 0.5818034092520259]],
    [{ kind: 'beta', a: 0.5, b: 0.5 }, [0.0061558297024311365, 0.5, 0.9938441702975689]],
    [{ kind: 'pert', low: 1, mode: 2, high: 5 }, [1.3057615656493156, 2.25524068182279, 3.6296332720045545]],
    [{ kind: 'uniform', low: -1, high: 2 }, [-0.85, 0.5, 1.85]],
    [{ kind: 'discrete', values: [3, 1, 2], weights: [1, 1, 2] }, [1, 2, 3]],
  ] as readonly (readonly [Distribution, readonly number[]])[])('%o (SciPy 1.17)', (d, wanted) => {
    [0.05, 0.5, 0.95].forEach((p, i) => expect(quantile(d, p) / wanted[i]!).toBeCloseTo(1, 12));
  });

  test('the vector forms agree with the scalar one for every kind', () => {
    const n = 4096;
    const u = new Float64Array(n);
    sobolUniforms(u, 3, 7, 0, n);
    const z = u.map(normalQuantile);
    const a = new Float64Array(n);
    const b = new Float64Array(n);
    for (const d of EVERY_KIND) {
      quantileInto(d, u, a, n);
      fromNormalInto(d, z, b, n);
      for (let i = 0; i < n; i += 7) {
        const exact = quantile(d, u[i]!);
        expect(Math.abs(a[i]! - exact), JSON.stringify(d)).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(exact)));
        if (d.kind !== 'discrete')
          expect(Math.abs(b[i]! - exact)).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(exact)));
      }
      const inPlace = Float64Array.from(z);
      fromNormalInto(d, inPlace, inPlace, n);
      expect(inPlace).toEqual(b);
    }
  });

  test('sample moments are the stated mean and sd', () => {
    const n = 65536;
    const u = new Float64Array(n);
    sobolUniforms(u, 0, 1, 0, n);
    const moments = (d: Distribution): [number, number] => {
      const out = new Float64Array(n);
      quantileInto(d, u, out, n);
      const mean = out.reduce((s, v) => s + v, 0) / n;
      return [mean, Math.sqrt(out.reduce((s, v) => s + (v - mean) ** 2, 0) / n)];
    };
    const [mean, sd] = moments({ kind: 'lognormal', mean: 5, sd: 2 });
    expect(mean).toBeCloseTo(5, 3);
    expect(sd).toBeCloseTo(2, 2);
    // PERT: mean (low + 4 mode + high) / 6 (Malcolm et al. 1959); beta: a / (a + b).
    expect(moments({ kind: 'pert', low: 1, mode: 2, high: 5 })[0]).toBeCloseTo(14 / 6, 5);
    expect(moments({ kind: 'beta', a: 0.3, b: 7 })[0]).toBeCloseTo(0.3 / 7.3, 5);
    expect(moments({ kind: 'triangular', low: 1, mode: 2, high: 4 })[0]).toBeCloseTo(7 / 3, 5);
    expect(moments({ kind: 'discrete', values: [3, 1, 2], weights: [1, 1, 2] })[0]).toBeCloseTo(2, 4);
  });

  test('a pert or triangular whose ends meet is its one value; a zero sd too', () => {
    for (const d of [
      { kind: 'pert', low: 2, mode: 2, high: 2 },
      { kind: 'triangular', low: 2, mode: 2, high: 2 },
      { kind: 'normal', mean: 2, sd: 0 },
      { kind: 'lognormal', mean: 2, sd: 0 },
      { kind: 'uniform', low: 2, high: 2 },
    ] as const) {
      expect([0, 0.3, 1].map((p) => quantile(d, p))).toEqual([2, 2, 2]);
    }
  });

  test('normal-based kinds say so', () => {
    expect(EVERY_KIND.map(isNormalBased)).toEqual(
      EVERY_KIND.map((d) => !['constant', 'uniform', 'triangular', 'discrete'].includes(d.kind)),
    );
  });
});

describe('beta', () => {
  test('lnGamma: 0.5, 5, 100.5 (mpmath)', () => {
    expect(lnGamma(0.5)).toBeCloseTo(0.5723649429247001, 13);
    expect(lnGamma(5)).toBeCloseTo(Math.log(24), 13);
    expect(lnGamma(100.5) / 361.43554047 - 1).toBeCloseTo(0, 9);
  });

  test('beta(1, 1) is uniform, beta(a, 1) is u^(1/a), mirrored shapes mirror', () => {
    for (const z of [-5, -1, 0, 0.3, 4]) {
      const u = 1 / (1 + Math.exp(-betaLogitQuantile(z, 1, 1)));
      expect(normalQuantile(u)).toBeCloseTo(z, 8);
      expect(betaLogitQuantile(z, 3, 0.2)).toBeCloseTo(-betaLogitQuantile(-z, 0.2, 3), 10);
    }
    expect(quantile({ kind: 'beta', a: 4, b: 1 }, 0.0001)).toBeCloseTo(0.1, 12);
  });

  test.each([
    [0.01, 1e-4],
    [0.1, 1e-7],
    [1, 1e-7],
    [50, 1e-7],
    [1e5, 1e-7],
  ])('the table for shape %d is within %d of the exact quantile', (a, bound) => {
    const d: Distribution = { kind: 'beta', a, b: 1.4 * a };
    const out = new Float64Array(1);
    for (let z = -6; z <= 6; z += 0.0613) {
      fromNormalInto(d, Float64Array.of(z), out, 1);
      const exact = 1 / (1 + Math.exp(-betaLogitQuantile(z, a, 1.4 * a)));
      expect(Math.abs(out[0]! - exact)).toBeLessThan(bound);
    }
  });
});

describe('mistakes', () => {
  test.each([
    [range(9, 3), 'above', '3 to 9'],
    [range(0.2, 1.4, true), 'fraction', '0 and 1'],
    [range(0.9, 1, true), 'room', 'uniform(0.9, 1)'],
    [range(NaN, 1), 'finite', 'number'],
    [{ kind: 'normal', mean: 1, sd: -1 }, 'negative', 'positive'],
    [{ kind: 'lognormal', mean: -1, sd: 1 }, 'positive', 'normal(mean, sd)'],
    [{ kind: 'uniform', low: 3, high: 1 }, 'above', 'Swap'],
    [{ kind: 'triangular', low: 1, mode: 5, high: 4 }, 'outside', 'mode'],
    [{ kind: 'pert', low: 1, mode: 0, high: 4 }, 'outside', 'mode'],
    [{ kind: 'beta', a: 0, b: 1 }, 'positive', 'a / (a + b)'],
    [{ kind: 'discrete', values: [1, 2], weights: [0, 0] }, 'nothing', 'positive'],
    [{ kind: 'discrete', values: [1, 2], weights: [1, -1] }, 'negative', '0 or more'],
    [{ kind: 'discrete', values: [1], weights: [] }, 'weight', 'discrete('],
    [{ kind: 'constant', value: Infinity }, 'finite', 'number'],
  ] as readonly (readonly [Distribution, string, string])[])('%o', (d, says, mends) => {
    const problem = distributionProblem(d, 'runs.r1.mfu');
    expect(problem).toMatchObject({ code: 'DISTRIBUTION', where: 'runs.r1.mfu' });
    expect(problem!.message).toContain(says);
    expect(problem!.hint).toContain(mends);
    expect(quantile(d, 0.5)).toBeNaN();
    const out = new Float64Array(2);
    quantileInto(d, Float64Array.of(0.2, 0.7), out, 2);
    fromNormalInto(d, out, out, 2);
    expect(out).toEqual(Float64Array.of(NaN, NaN));
  });

  test('good ones have no problem', () => {
    for (const d of EVERY_KIND) expect(distributionProblem(d)).toBeNull();
  });

  test('from formula arguments', () => {
    expect(distributionFrom('range', [1, 2], true)).toEqual(range(1, 2, true));
    expect(distributionFrom('discrete', [1, 0.5, 2, 0.5])).toEqual({
      kind: 'discrete',
      values: [1, 2],
      weights: [0.5, 0.5],
    });
    expect(() => distributionFrom('normal', [1])).toThrow(
      expect.objectContaining({ code: 'DISTRIBUTION', hint: 'normal(mean, sd)' }),
    );
    for (const name of ['cauchy', 'constructor', '__proto__', 'toString']) {
      expect(() => distributionFrom(name, [1, 2])).toThrow(expect.objectContaining({ code: 'DISTRIBUTION' }));
    }
  });
});
