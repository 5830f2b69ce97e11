/** Nodes of the dependency graph and the state every part of the sheet works on. */
import type { Plan, TableId } from '../document/plan.ts';
import type { Expr } from '../formula/expr.ts';
import type { Answers } from '../formula/answers.ts';
import type { Registry } from '../formula/function.ts';
import type { Program } from '../formula/program.ts';
import type { ValueType } from '../formula/types.ts';
import type { Unit } from '../quantity/unit.ts';
import type { Catalog } from './catalog.ts';
import type { ColumnDef } from './column.ts';
import type { ColumnState, TableState, TextPool } from './state.ts';

/** Totals of one group of an aggregate, over central values. */
export interface AggregateValue {
  readonly value: number;
  /** Rows counted, and how many of them were unknown. */
  readonly rows: number;
  readonly unknown: number;
  /** The aggregate over the known rows alone. */
  readonly known: number;
}

export interface AggregateNode {
  readonly is: 'aggregate';
  readonly expr: Expr & { op: 'aggregate' };
  readonly value: Program | null;
  readonly filter: Program | null;
  readonly keys: readonly Program[];
  /** Result without keys. */
  result: AggregateValue;
  /** Results by key, texts and numbers joined by `|`; null without keys. */
  groups: Map<string, AggregateValue> | null;
  uncertain: boolean;
  /** True while the value waits for an answer. */
  waiting: boolean;
}

export interface PercentileNode {
  readonly is: 'percentile';
  readonly expr: Expr & { op: 'percentile' };
  readonly program: Program;
  readonly table: TableId | null;
  /** Row of the formula, -1 outside tables. */
  row: number;
  value: number;
  /** True while the value waits for an answer. */
  waiting: boolean;
}

export type GraphNode =
  | { readonly is: 'column'; readonly column: ColumnState }
  | { readonly is: 'cell'; readonly table: TableId; readonly row: string; readonly column: number }
  | AggregateNode
  | PercentileNode;

/** What is known of an assumption before anything is computed. */
export interface AssumptionFact {
  readonly type: ValueType;
  /** Unit the value is shown in. */
  readonly unit: Unit;
}

export interface SheetOptions {
  readonly columns: readonly ColumnDef[];
  readonly registry: Registry;
  readonly catalog: Catalog;
  /** Who computes what takes long; at once when left out. */
  readonly answers?: Answers;
}

export interface SheetState {
  plan: Plan;
  readonly options: SheetOptions;
  readonly texts: TextPool;
  readonly tables: Readonly<Record<TableId, TableState>>;
  readonly nodes: GraphNode[];
  readonly nodeByKey: Map<string, number>;
  needs: number[][];
  /** Groups of nodes in evaluation order; a group of several is evaluated cell by cell. */
  order: number[][];
  dependents: number[][];
  /** Nodes that need themselves, directly or through others: evaluated cell by cell. */
  readonly looped: Set<number>;
  /** Pairs of columns (`crossing`) of which the first reads other rows of the second. */
  readonly across: Set<number>;
  readonly assumptions: Map<string, AssumptionFact>;
  /** Cells on a cycle, by address, with the path in words. */
  readonly cycles: Map<string, string>;
  /** Keys of uncertain sources, by source number in programs. */
  readonly sourceKeys: string[];
  readonly sourceByKey: Map<string, number>;
}

/** Number of the source a distribution in a cell or column formula stands for; allots one when it is new. */
export function sourceNumber(state: SheetState, key: string): number {
  let number = state.sourceByKey.get(key);
  if (number === undefined) {
    number = state.sourceKeys.push(key) - 1;
    state.sourceByKey.set(key, number);
  }
  return number;
}
