/**
 * Judges of results. Every bound is tight enough that a wrong element, a dropped term of a sum or half-precision arithmetic in
 * a single-precision kernel is found; the tests plant those faults.
 */
import { createRng } from '../../uncertainty/rng.ts';
import type { Verdict } from './kernel.ts';

/** Unit roundoff of single and half precision. */
export const UNIT = { f32: 2 ** -24, f16: 2 ** -11 } as const;

/** How many times the typical rounding error is allowed. */
const LAMBDA = 8;
/** Products up to this many multiply-adds are compared element by element. */
const FULL = 2 ** 22;
/** Elements of larger products that are compared one by one, beside the check of every row. */
const SPOTS = 512;

type Numbers = ArrayLike<number>;

class Judge {
  private checked = 0;
  private mismatches = 0;
  private worst = 0;

  see(error: number, bound: number): void {
    this.checked += 1;
    // NaN and infinity are errors of any size.
    const share = Number.isFinite(error) ? Math.abs(error) / bound : Infinity;
    if (share > this.worst) this.worst = share;
    if (share > 1) this.mismatches += 1;
  }

  verdict(): Verdict {
    return { checked: this.checked, mismatches: this.mismatches, worst: this.worst };
  }
}

const normOf = (values: Numbers, from: number, step: number, n: number): number => {
  let sum = 0;
  for (let at = 0; at < n; at += 1) sum += (values[from + at * step] as number) ** 2;
  return Math.sqrt(sum);
};

/**
 * C = A·B with A `m`x`k`, B `k`x`n`, row-major. For independent zero-mean data the error of an element stays below a small
 * multiple of u·|a|·|b| (Higham & Mary 2020, "Sharper probabilistic backward error analysis", thm 3.1). Small products are
 * compared element by element; of large ones every row is checked with a random ±1 vector (Freivalds 1979) and 512 elements.
 */
export function checkMatmul(
  a: Numbers,
  b: Numbers,
  c: Numbers,
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
  unit: number,
): Verdict {
  const judge = new Judge();
  const rowNorm = Array.from({ length: m }, (_, i) => normOf(a, i * k, 1, k));
  const element = (i: number, j: number): void => {
    let sum = 0;
    for (let p = 0; p < k; p += 1) sum += (a[i * k + p] as number) * (b[p * n + j] as number);
    const size = (rowNorm[i] as number) * normOf(b, j, n, k);
    judge.see((c[i * n + j] as number) - sum, LAMBDA * unit * size + Number.MIN_VALUE);
  };
  if (m * n * k <= FULL) {
    for (let i = 0; i < m; i += 1) for (let j = 0; j < n; j += 1) element(i, j);
    return judge.verdict();
  }
  const rng = createRng(m * 31 + n * 17 + k);
  for (let round = 0; round < 2; round += 1) {
    const x = Float64Array.from({ length: n }, () => (rng.uint32() & 1 ? 1 : -1));
    const bx = new Float64Array(k);
    for (let p = 0; p < k; p += 1) {
      let sum = 0;
      for (let j = 0; j < n; j += 1) sum += (b[p * n + j] as number) * (x[j] as number);
      bx[p] = sum;
    }
    const whole = normOf(b, 0, 1, k * n);
    for (let i = 0; i < m; i += 1) {
      let left = 0;
      let right = 0;
      for (let j = 0; j < n; j += 1) left += (c[i * n + j] as number) * (x[j] as number);
      for (let p = 0; p < k; p += 1) right += (a[i * k + p] as number) * (bx[p] as number);
      judge.see(left - right, LAMBDA * unit * (rowNorm[i] as number) * whole + Number.MIN_VALUE);
    }
  }
  for (let spot = 0; spot < SPOTS; spot += 1) element(rng.below(m), rng.below(n));
  // The last element of the last tile is where bounds go wrong.
  element(m - 1, n - 1);
  return judge.verdict();
}

/** Every element equal: copies, integer arithmetic. */
export function checkExact(expected: Numbers, actual: Numbers): Verdict {
  const judge = new Judge();
  for (let at = 0; at < expected.length; at += 1) judge.see((actual[at] as number) - (expected[at] as number), 0.5);
  return judge.verdict();
}

/** Every element within `relative` of its reference, or within `absolute` near 0. */
export function checkClose(expected: Numbers, actual: Numbers, relative: number, absolute: number): Verdict {
  const judge = new Judge();
  for (let at = 0; at < expected.length; at += 1) {
    const right = expected[at] as number;
    judge.see((actual[at] as number) - right, relative * Math.abs(right) + absolute);
  }
  return judge.verdict();
}
