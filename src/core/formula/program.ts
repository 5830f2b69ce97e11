/**
 * A compiled formula: a short list of vector operations over numbered operands. The same program runs over the rows of a
 * table (a recalculation) and over the samples of one row (Monte Carlo); a `Frame` says where operands come from.
 */
import type { DistributionName, Expr } from './expr.ts';
import type { FunctionDef } from './function.ts';
import type { Comparison } from './kernels.ts';

export const CHUNK = 1024;

export type Operand =
  | { readonly from: 'constant'; readonly value: number }
  | { readonly from: 'column'; readonly column: number }
  /** A value that is the same for all rows: a cell elsewhere, an aggregate, a percentile. */
  | { readonly from: 'scalar'; readonly node: number }
  | { readonly from: 'register'; readonly register: number };

export type Operation =
  | { readonly code: 'copy' | 'negate' | 'not'; readonly out: number; readonly a: number }
  | {
      readonly code: 'add' | 'subtract' | 'multiply' | 'divide' | 'power' | 'and' | 'or';
      readonly out: number;
      readonly a: number;
      readonly b: number;
    }
  | {
      readonly code: 'compare';
      readonly kind: Comparison;
      readonly out: number;
      readonly a: number;
      readonly b: number;
    }
  | {
      readonly code: 'select' | 'multiply3' | 'multiplyDivide' | 'divideProduct';
      readonly out: number;
      readonly a: number;
      readonly b: number;
      readonly c: number;
    }
  | { readonly code: 'join'; readonly out: number; readonly a: number; readonly b: number }
  | {
      readonly code: 'call';
      readonly fn: FunctionDef;
      readonly out: number;
      readonly args: readonly number[];
      readonly memo: Map<string, number>;
      /** The arguments' expressions: an expensive function is computed at their central values. */
      readonly exprs: readonly Expr[];
    }
  | {
      readonly code: 'catalog';
      readonly out: number;
      readonly a: number;
      readonly kind: string;
      readonly field: string;
    }
  /** Column of the row of another table that a reference names. */
  | { readonly code: 'lookup'; readonly out: number; readonly a: number; readonly column: number }
  /** Value of an indexed aggregate for this row's keys. */
  | { readonly code: 'keyed'; readonly out: number; readonly node: number; readonly args: readonly number[] }
  | {
      readonly code: 'distribution';
      readonly out: number;
      readonly name: DistributionName;
      readonly fraction: boolean;
      readonly source: number;
      readonly args: readonly number[];
    }
  | {
      readonly code: 'schedule';
      readonly out: number;
      readonly starts: readonly number[];
      readonly args: readonly number[];
    };

export interface Program {
  readonly operands: readonly Operand[];
  readonly operations: readonly Operation[];
  /** Operand that holds the result; its last operation writes straight to the destination when it is a register. */
  readonly result: number;
  readonly registers: number;
  /** Node numbers of everything the program reads. */
  readonly dependencies: readonly number[];
  /** Uncertain sources inside the formula itself. */
  readonly sources: readonly number[];
  /** True when it calls a function that is expensive. */
  readonly expensive: boolean;
  /** True when it takes one of several values: what it leaves out does not make it uncertain. */
  readonly chooses: boolean;
}

/** Where the operands of a program come from while it runs. */
export interface Frame {
  /** Sets `arrays[i]`, `offsets[i]` and `steps[i]` (1 moves with the rows or samples, 0 stays) for a column or scalar. */
  bind(operand: Operand, i: number, binding: Binding): void;
  catalog(kind: string, field: string, n: number, out: Float64Array, o: number, ids: Float64Array, p: number): void;
  /** `start` is the number of the first row or sample of this chunk, here and below. */
  lookup(column: number, start: number, n: number, out: Float64Array, o: number, ids: Float64Array, p: number): void;
  keyed(
    node: number,
    start: number,
    n: number,
    out: Float64Array,
    o: number,
    keys: readonly Float64Array[],
    offsets: readonly number[],
  ): void;
  distribution(
    operation: Operation & { code: 'distribution' },
    start: number,
    n: number,
    out: Float64Array,
    o: number,
    args: readonly Float64Array[],
    offsets: readonly number[],
  ): void;
  schedule(starts: readonly number[], values: readonly number[]): number;
  call(fn: FunctionDef, memo: Map<string, number>, args: number[]): number;
  /** An expensive function over a chunk; false where it is called like any other. */
  callExpensive(
    operation: Operation & { code: 'call' },
    n: number,
    out: Float64Array,
    o: number,
    args: readonly Float64Array[],
    offsets: readonly number[],
  ): boolean;
  join(a: number, b: number): number;
}

/** Resolved places of a program's operands during one run. */
export interface Binding {
  readonly arrays: Float64Array[];
  readonly offsets: Int32Array;
  readonly steps: Uint8Array;
  /** Places a scalar value at operand i. */
  scalar(i: number, value: number): void;
}
