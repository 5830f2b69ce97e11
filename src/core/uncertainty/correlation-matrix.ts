/** Linear algebra of correlation matrices (row-major Float64Array, size x size): factor, eigenvalues, repair. */

/** Pivots down to minus this count as zero: a table of exactly tied quantities is valid. */
const ROUNDING = 1e-10;

/**
 * Lower Cholesky factor L with L L' = matrix, or null when the matrix is not positive semidefinite (beyond rounding,
 * 1e-10). A zero pivot gives a zero column: singular but possible matrices are accepted.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | null {
  const factor = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    let pivot = matrix[j * size + j]!;
    for (let k = 0; k < j; k++) pivot -= factor[j * size + k]! ** 2;
    if (!(pivot > -ROUNDING)) return null;
    const zero = pivot < ROUNDING;
    const root = zero ? 0 : Math.sqrt(pivot);
    factor[j * size + j] = root;
    for (let i = j + 1; i < size; i++) {
      let rest = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) rest -= factor[i * size + k]! * factor[j * size + k]!;
      if (!zero) factor[i * size + j] = rest / root;
      else if (Math.abs(rest) > Math.sqrt(ROUNDING)) return null;
    }
  }
  return factor;
}

/** Eigenvalues and orthonormal eigenvectors (columns) of a symmetric matrix. Cyclic Jacobi (Golub and Van Loan 8.5). */
export function symmetricEigen(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off += a[p * size + q]! ** 2;
    if (off < 1e-30) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q);
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]!), vectors: v };
}

function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!;
    const kq = a[k * size + q]!;
    a[k * size + p] = c * kp - s * kq;
    a[k * size + q] = s * kp + c * kq;
  }
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]!;
    const qk = a[q * size + k]!;
    a[p * size + k] = c * pk - s * qk;
    a[q * size + k] = s * pk + c * qk;
    const vp = v[k * size + p]!;
    const vq = v[k * size + q]!;
    v[k * size + p] = c * vp - s * vq;
    v[k * size + q] = s * vp + c * vq;
  }
}

/**
 * The correlation matrix nearest to a symmetric one in the Frobenius norm, with eigenvalues of at least about 1e-8 so
 * that it passes `cholesky`.
 * Source: N. J. Higham, "Computing the Nearest Correlation Matrix", IMA J. Numer. Anal. 22 (2002), algorithm 3.3
 * (alternating projections with Dykstra's correction). Entries that `fixed` marks with 1 stay as they are, up to
 * rounding; they must be possible by themselves, as zeros are.
 */
export function nearestCorrelation(matrix: Float64Array, size: number, fixed?: Uint8Array): Float64Array {
  const y = matrix.slice();
  const r = new Float64Array(size * size);
  const correction = new Float64Array(size * size);
  for (let round = 0; round < 2000; round++) {
    for (let k = 0; k < r.length; k++) r[k] = y[k]! - correction[k]!;
    const x = projectPositive(r, size, 0);
    let change = 0;
    for (let k = 0; k < r.length; k++) {
      correction[k] = x[k]! - r[k]!;
      const next = Math.floor(k / size) === k % size ? 1 : fixed?.[k] ? matrix[k]! : x[k]!;
      change = Math.max(change, Math.abs(next - y[k]!));
      y[k] = next;
    }
    if (change < 1e-10) break;
  }
  return unitDiagonal(projectPositive(y, size, 1e-8), size);
}

/** The nearest matrix whose eigenvalues are at least `floor`. */
function projectPositive(matrix: Float64Array, size: number, floor: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, size);
  const out = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const value = Math.max(floor, values[k]!);
    if (value === 0) continue;
    for (let i = 0; i < size; i++) {
      const scaled = value * vectors[i * size + k]!;
      for (let j = 0; j < size; j++) out[i * size + j]! += scaled * vectors[j * size + k]!;
    }
  }
  return out;
}

function unitDiagonal(matrix: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const mean = (matrix[i * size + j]! + matrix[j * size + i]!) / 2;
      out[i * size + j] = i === j ? 1 : mean / Math.sqrt(matrix[i * size + i]! * matrix[j * size + j]!);
    }
  }
  return out;
}
