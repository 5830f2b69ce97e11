/** The evaluated state of a plan's tables: columns of numbers beside the cells that were typed. */
import type { TableId } from '../document/plan.ts';
import type { Expr } from '../formula/expr.ts';
import type { FormulaError } from '../formula/formula-error.ts';
import type { Program } from '../formula/program.ts';
import type { ValueType } from '../formula/types.ts';
import type { Unit } from '../quantity/unit.ts';
import type { ColumnDef } from './column.ts';
import type { CellProblem } from './view.ts';

/** A formula, checked and compiled, or the mistake that prevents it. */
export type Compiled =
  { readonly expr: Expr; readonly program: Program; readonly error?: undefined } | { readonly error: FormulaError };

/** A cell that holds text. */
export type Entry =
  | { readonly is: 'value'; readonly text: string; readonly value: number }
  | {
      readonly is: 'formula';
      readonly text: string;
      readonly formula: string;
      readonly offset: number;
      compiled: Compiled;
    }
  | {
      readonly is: 'problem';
      readonly text: string;
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };

export interface ColumnState {
  /** Replaced when only the column's looks change. */
  def: ColumnDef;
  readonly table: TableState;
  /** Position in `table.columns`. */
  readonly index: number;
  /** Number in the dependency graph. */
  readonly node: number;
  type: ValueType;
  unit: Unit;
  /** The column's own formula; null for input columns. */
  compiled: Compiled | null;
  /** Value of an empty cell of an input column; NaN when it is unknown. */
  defaultValue: number;
  /** Central values in base units, one a row; NaN is unknown. Dates are days, texts are ids. */
  values: Float64Array;
  /** 1 where the value differs between samples. */
  uncertain: Uint8Array;
  /** True when any row is uncertain. */
  anyUncertain: boolean;
  /** Cells with text, by row number. Whoever changes one sets `typed` to null. */
  entries: Map<number, Entry>;
  /** The entries in a form that is quick to apply; null when it must be made anew. */
  typed: TypedCells | null;
  /** Rows that wait for an answer; until it comes they keep their last value. */
  readonly waiting: Set<number>;
}

/** Cells with text: numbers by row, NaN for texts that are no value, and the rows that hold formulas. */
export interface TypedCells {
  readonly rows: Int32Array;
  readonly values: Float64Array;
  readonly formulas: Int32Array;
}

export interface TableState {
  readonly id: TableId;
  keys: readonly string[];
  rowNumber: Map<string, number>;
  readonly columns: ColumnState[];
  readonly byId: Map<string, ColumnState>;
}

/** Texts as numbers, for vectors. Ids start at 1; 0 is never a text. */
export class TextPool {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [''];

  id(text: string): number {
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.ids.set(text, id);
    }
    return id;
  }

  text(id: number): string {
    return Number.isInteger(id) ? (this.texts[id] ?? '') : '';
  }
}

/** Address of a cell as people read it. */
export function cellAddress(table: TableId, row: string, column: string): string {
  return `${table}.${row}.${column}`;
}

/** A problem at a cell, with itself as cause unless said otherwise. */
export function cellProblem(code: string, message: string, hint: string, root: string): CellProblem {
  return { code, message, hint, root };
}
