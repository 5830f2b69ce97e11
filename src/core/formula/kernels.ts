/**
 * The inner loops: one operation over n numbers of Float64Arrays with offsets. No allocation, no branches on types.
 * Unknown is NaN and spreads by itself; operations that could turn an overflow back into a number (division, powers,
 * comparisons) refuse infinite arguments instead. Fused pairs keep the order of the written formula, so results are the
 * same bits as one operation after the other.
 */

type V = Float64Array;

export function copy(n: number, out: V, o: number, a: V, p: number): void {
  for (let i = 0; i < n; i++) out[o + i] = a[p + i] as number;
}

export function add(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) out[o + i] = (a[p + i] as number) + (b[q + i] as number);
}

export function subtract(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) out[o + i] = (a[p + i] as number) - (b[q + i] as number);
}

export function multiply(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) out[o + i] = (a[p + i] as number) * (b[q + i] as number);
}

/** a·b·c */
export function multiply3(n: number, out: V, o: number, a: V, p: number, b: V, q: number, c: V, r: number): void {
  for (let i = 0; i < n; i++) out[o + i] = (a[p + i] as number) * (b[q + i] as number) * (c[r + i] as number);
}

export function divide(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) {
    const d = b[q + i] as number;
    out[o + i] = d !== 0 && d - d === 0 ? (a[p + i] as number) / d : Number.NaN;
  }
}

/** a·b / c */
export function multiplyDivide(n: number, out: V, o: number, a: V, p: number, b: V, q: number, c: V, r: number): void {
  for (let i = 0; i < n; i++) {
    const d = c[r + i] as number;
    out[o + i] = d !== 0 && d - d === 0 ? ((a[p + i] as number) * (b[q + i] as number)) / d : Number.NaN;
  }
}

/** a / (b·c) */
export function divideProduct(n: number, out: V, o: number, a: V, p: number, b: V, q: number, c: V, r: number): void {
  for (let i = 0; i < n; i++) {
    const d = (b[q + i] as number) * (c[r + i] as number);
    out[o + i] = d !== 0 && d - d === 0 ? (a[p + i] as number) / d : Number.NaN;
  }
}

export function power(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) {
    const x = a[p + i] as number;
    const y = b[q + i] as number;
    out[o + i] = x - x + (y - y) === 0 && !(x === 0 && y < 0) ? x ** y : Number.NaN;
  }
}

export function negate(n: number, out: V, o: number, a: V, p: number): void {
  for (let i = 0; i < n; i++) out[o + i] = -(a[p + i] as number);
}

export function not(n: number, out: V, o: number, a: V, p: number): void {
  for (let i = 0; i < n; i++) out[o + i] = 1 - (a[p + i] as number);
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** 1, 0 or unknown. Finite arguments only; their difference being zero is not asked of, so large numbers compare exactly. */
export function compare(kind: Comparison, n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) {
    const x = a[p + i] as number;
    const y = b[q + i] as number;
    let yes: boolean;
    switch (kind) {
      case '=':
        yes = x === y;
        break;
      case '<>':
        yes = x !== y;
        break;
      case '<':
        yes = x < y;
        break;
      case '<=':
        yes = x <= y;
        break;
      case '>':
        yes = x > y;
        break;
      default:
        yes = x >= y;
    }
    out[o + i] = x - x + (y - y) === 0 ? (yes ? 1 : 0) : Number.NaN;
  }
}

/** Three-valued "and": no beats unknown. */
export function and(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) {
    const x = a[p + i] as number;
    const y = b[q + i] as number;
    out[o + i] = x === 0 || y === 0 ? 0 : x * y;
  }
}

/** Three-valued "or": yes beats unknown. */
export function or(n: number, out: V, o: number, a: V, p: number, b: V, q: number): void {
  for (let i = 0; i < n; i++) {
    const x = a[p + i] as number;
    const y = b[q + i] as number;
    out[o + i] = x === 1 || y === 1 ? 1 : x + y;
  }
}

/** if(c, a, b): the branch not taken is masked, an unknown condition gives unknown. */
export function select(n: number, out: V, o: number, c: V, p: number, a: V, q: number, b: V, r: number): void {
  for (let i = 0; i < n; i++) {
    const test = c[p + i] as number;
    out[o + i] = test === 1 ? (a[q + i] as number) : test === 0 ? (b[r + i] as number) : Number.NaN;
  }
}
