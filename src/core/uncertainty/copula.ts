/** Gaussian copula: correlated normal points from independent ones, before the inverse CDF. */
import { FlopsheetError } from '../errors.ts';
import { cholesky, nearestCorrelation } from './correlation-matrix.ts';

/**
 * Correlation of the two normals of a Gaussian copula that gives the rank (Spearman) correlation `rank`, -1..1.
 * Source: Kruskal, "Ordinal Measures of Association", JASA 53 (1958), section 6: rho = 2 sin(pi rank / 6).
 */
export function gaussianFromRank(rank: number): number {
  return Math.abs(rank) === 1 ? rank : 2 * Math.sin((Math.PI / 6) * rank);
}

/** The inverse of `gaussianFromRank`. */
export function rankFromGaussian(rho: number): number {
  return (6 / Math.PI) * Math.asin(rho / 2);
}

/** Weights of the common factor and of a cell's own point; their squares add up to 1. */
export interface FactorWeights {
  readonly shared: number;
  readonly own: number;
}

/**
 * Weights of the one-factor copula in which any two members have the rank correlation `rank`, 0..1. Outside, or NaN, is
 * a `CORRELATION` error: more than two cells cannot all be negatively correlated with one another.
 */
export function factorWeights(rank: number, where = ''): FactorWeights {
  if (!(rank >= 0 && rank <= 1)) {
    throw new FlopsheetError('CORRELATION', `A shared correlation of ${rank} is not between 0 and 1`, {
      hint: 'Use 0 for independent rows and 1 for rows that move together; a negative pair needs the correlation table.',
      where,
    });
  }
  const rho = gaussianFromRank(rank);
  return { shared: Math.sqrt(rho), own: Math.sqrt(1 - rho) };
}

/**
 * out[i] = shared * zShared[i] + own * zOwn[i] for i < n: standard normal when both inputs are. `out` may be either
 * input.
 */
export function mixFactorInto(
  zShared: Float64Array,
  zOwn: Float64Array,
  weights: FactorWeights,
  out: Float64Array,
  n: number,
): void {
  const { shared, own } = weights;
  for (let i = 0; i < n; i++) out[i] = shared * zShared[i]! + own * zOwn[i]!;
}

/** A checked correlation table, ready to use, or why it cannot be, with the nearest table that can. */
export type CorrelationCheck =
  | { readonly ok: true; readonly factor: Float64Array }
  | { readonly ok: false; readonly problem: FlopsheetError; readonly nearest: Float64Array | null };

/**
 * Checks a table of rank correlations (row-major, size x size) and gives the Cholesky factor of its Gaussian
 * correlations for `correlateInto`. A table that no set of quantities can have is refused with code `CORRELATION` and
 * the nearest valid table of rank correlations (Higham 2002, on the Gaussian scale); a malformed one (asymmetric,
 * diagonal not 1, outside -1..1) with `nearest` null.
 */
export function checkCorrelations(
  rank: ArrayLike<number>,
  size: number,
  names: readonly string[] = [],
): CorrelationCheck {
  const name = (i: number): string => names[i] ?? `number ${i + 1}`;
  const refuse = (message: string, hint: string, nearest: Float64Array | null = null): CorrelationCheck => ({
    ok: false,
    problem: new FlopsheetError('CORRELATION', message, { hint }),
    nearest,
  });
  const rho = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const r = rank[i * size + j]!;
      if (!(r >= -1 && r <= 1)) {
        return refuse(`The correlation of ${name(i)} and ${name(j)} is ${r}`, 'A correlation is between -1 and 1.');
      }
      if (i === j && r !== 1) return refuse(`${name(i)} is correlated ${r} with itself`, 'The diagonal is 1.');
      if (r !== rank[j * size + i]) {
        return refuse(
          `${name(i)} and ${name(j)} have two different correlations, ${r} and ${rank[j * size + i]}`,
          'Give both halves of the table the same number.',
        );
      }
      rho[i * size + j] = i === j ? 1 : gaussianFromRank(r);
    }
  }
  const factor = cholesky(rho, size);
  if (factor !== null) return { ok: true, factor };
  const nearest = nearestCorrelation(rho, size);
  let worst = 0;
  let at = 0;
  for (let k = 0; k < nearest.length; k++) {
    const i = Math.floor(k / size);
    nearest[k] = i === k % size ? 1 : rankFromGaussian(nearest[k]!);
    const change = Math.abs(nearest[k]! - rank[k]!);
    if (change > worst) [worst, at] = [change, k];
  }
  const i = Math.floor(at / size);
  return refuse(
    'These correlations contradict one another: no quantities can have them all',
    `The nearest possible table changes ${name(i)} and ${name(at % size)} most, from ${rank[at]} to ${nearest[at]!.toFixed(3)}.`,
    nearest,
  );
}

/**
 * out[i] = sum over j <= row of factor[row, j] * z[j][i]: the correlated normal points of one row of the table, from
 * independent ones. `factor` is the Cholesky factor of `checkCorrelations`. `out` must not be one of `z`.
 */
export function correlateInto(
  factor: Float64Array,
  size: number,
  row: number,
  z: readonly Float64Array[],
  out: Float64Array,
  n: number,
): void {
  out.fill(0, 0, n);
  for (let j = 0; j <= row; j++) {
    const weight = factor[row * size + j]!;
    const zj = z[j]!;
    if (weight !== 0) for (let i = 0; i < n; i++) out[i]! += weight * zj[i]!;
  }
}
