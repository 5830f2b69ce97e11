import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkCorrelations,
  correlateInto,
  factorWeights,
  gaussianFromRank,
  mixFactorInto,
  rankFromGaussian,
} from '../../../src/core/uncertainty/copula.ts';
import { cholesky, nearestCorrelation, symmetricEigen } from '../../../src/core/uncertainty/correlation-matrix.ts';
import { sourceNormals } from '../../../src/core/uncertainty/sobol.ts';

const N = 16384;
const normals = (source: number): Float64Array => {
  const z = new Float64Array(N);
  sourceNormals(z, source, 4, 0, N);
  return z;
};

function spearman(x: Float64Array, y: Float64Array): number {
  const ranks = (v: Float64Array): Float64Array => {
    const out = new Float64Array(v.length);
    Array.from(v.keys())
      .sort((i, j) => v[i]! - v[j]!)
      .forEach((i, r) => (out[i] = r));
    return out;
  };
  const a = ranks(x);
  const b = ranks(y);
  const mean = (x.length - 1) / 2;
  let cov = 0;
  let variance = 0;
  for (let i = 0; i < x.length; i++) {
    cov += (a[i]! - mean) * (b[i]! - mean);
    variance += (a[i]! - mean) ** 2;
  }
  return cov / variance;
}

describe('one shared factor', () => {
  test.each([0, 0.3, 0.5, 0.9, 1])('members of a column have rank correlation %d and stay standard normal', (rank) => {
    const weights = factorWeights(rank);
    const [a, b] = [normals(1), normals(2)];
    const shared = normals(0);
    mixFactorInto(shared, a, weights, a, N);
    mixFactorInto(shared, b, weights, b, N);
    expect(spearman(a, b)).toBeCloseTo(rank, 2);
    expect(a.reduce((s, v) => s + v * v, 0) / N).toBeCloseTo(1, 2);
    if (rank === 1) expect(a).toEqual(b);
  });

  test('Kruskal: rank 0.5 is Gaussian 0.5176', () => {
    expect(gaussianFromRank(0.5)).toBeCloseTo(0.5176380902050415, 14);
    for (const r of [-1, -0.4, 0, 0.7, 1]) expect(rankFromGaussian(gaussianFromRank(r))).toBeCloseTo(r, 14);
  });

  test.each([-0.1, 1.1, NaN])('%d is refused', (rank) => {
    expect(() => factorWeights(rank, 'runs.mfu')).toThrow(
      expect.objectContaining({ code: 'CORRELATION', where: 'runs.mfu' }),
    );
  });
});

describe('a correlation table', () => {
  test('gives the stated rank correlations', () => {
    const table = [1, 0.6, -0.3, 0.6, 1, 0.2, -0.3, 0.2, 1];
    const check = checkCorrelations(table, 3);
    if (!check.ok) throw check.problem;
    const z = [normals(0), normals(1), normals(2)];
    const x = [0, 1, 2].map((row) => {
      const out = new Float64Array(N);
      correlateInto(check.factor, 3, row, z, out, N);
      return out;
    });
    expect(spearman(x[0]!, x[1]!)).toBeCloseTo(0.6, 2);
    expect(spearman(x[0]!, x[2]!)).toBeCloseTo(-0.3, 2);
    expect(spearman(x[1]!, x[2]!)).toBeCloseTo(0.2, 2);
  });

  test('an impossible one is refused by name, and the nearest possible one is accepted', () => {
    const check = checkCorrelations([1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1], 3, ['mfu', 'price', 'power']);
    if (check.ok) throw new Error('accepted an impossible table');
    expect(check.problem).toMatchObject({ code: 'CORRELATION' });
    expect(check.problem.hint).toMatch(/mfu|price|power/);
    expect(checkCorrelations(check.nearest!, 3).ok).toBe(true);
  });

  test.each([
    [[1, 2, 2, 1], 'between -1 and 1'],
    [[1, 0.5, 0.4, 1], 'same number'],
    [[0.9, 0.5, 0.5, 1], 'diagonal'],
    [[1, NaN, NaN, 1], 'between -1 and 1'],
  ])('%o is malformed', (table, hint) => {
    const check = checkCorrelations(table, 2);
    if (check.ok) throw new Error('accepted');
    expect(check.problem.hint).toContain(hint);
    expect(check.nearest).toBeNull();
  });

  test('tied quantities (correlation exactly 1) are possible', () => {
    expect(checkCorrelations([1, 1, 1, 1], 2).ok).toBe(true);
    expect(checkCorrelations([1, 1, 0.5, 1, 1, 0.5, 0.5, 0.5, 1], 3).ok).toBe(true);
  });
});

describe('nearest correlation matrix', () => {
  test('Higham (2002), section 4: the 3x3 example [1 1 0; 1 1 1; 0 1 1]', () => {
    const near = nearestCorrelation(Float64Array.of(1, 1, 0, 1, 1, 1, 0, 1, 1), 3);
    const wanted = [1, 0.7607, 0.1573, 0.7607, 1, 0.7607, 0.1573, 0.7607, 1];
    wanted.forEach((w, k) => expect(near[k]).toBeCloseTo(w, 4));
  });

  test('property: always valid, and a valid matrix is its own nearest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (size, stream) => {
          const a = new Float64Array(size * size);
          for (let i = 0; i < size; i++)
            for (let j = 0; j <= i; j++) a[i * size + j] = a[j * size + i] = i === j ? 1 : stream.next().value!;
          const near = nearestCorrelation(a, size);
          expect(cholesky(near, size)).not.toBeNull();
          expect(Math.min(...symmetricEigen(near, size).values)).toBeGreaterThan(0);
          const again = nearestCorrelation(near, size);
          near.forEach((v, k) => expect(again[k]).toBeCloseTo(v, 5));
        },
      ),
      { numRuns: 40 },
    );
  });
});
