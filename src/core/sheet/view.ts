/**
 * What a screen, the command line and a report see of an evaluated plan. Plain data, safe to send over any transport.
 * Numbers are in the column's display unit unless said otherwise; `null` is unknown and never 0.
 */
import type { TableId, UserColumn } from '../document/plan.ts';
import type { MarkTone } from './look.ts';

export type ColumnType = 'number' | 'text' | 'choice' | 'date' | 'boolean' | 'reference' | 'schedule';

export interface ColumnView {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly type: ColumnType;
  /** Display unit as shown in the header, for example `USD/(chip·h)`; empty for text and plain numbers. */
  readonly unit: string;
  /** The formula every cell without text of its own uses, without `=`; null for input columns. */
  readonly formula: string | null;
  /** What an empty input cell means, as it would be typed; null when an empty cell is unknown. */
  readonly default: string | null;
  /** Money columns are rounded to the cent and shown with two decimals or a coarser, labelled display. */
  readonly money: boolean;
  readonly choices: readonly string[];
  /** For references: a catalog kind (`hardware`, `model`, `dataset`) or a table id. */
  readonly reference: string | null;
  readonly help: string;
  readonly source: string;
  /** True for columns the user added. */
  readonly user: boolean;
  /** True when the totals row shows the sum of this column. */
  readonly total: boolean;
  /** Shown without the user asking for it. */
  readonly shown: boolean;
  readonly widthPx: number;
  /** The user's number format and conditional formats, as in `core/sheet/look`; empty when there are none. */
  readonly format: string;
  readonly marks: string;
  /** What the plan itself says of the column; null when it leaves a built-in column as it is. */
  readonly own: UserColumn | null;
}

/**
 * input: typed literal in an input column. default: empty, the column's default applies. computed: the column's formula.
 * override: text that replaces the column's formula. formula: a formula of its own in an input column. empty: nothing, unknown.
 */
export type CellState = 'input' | 'default' | 'computed' | 'override' | 'formula' | 'empty';

export interface CellProblem {
  /** Short and stable: `NAME`, `UNIT`, `CYCLE`, `EMPTY`, `UNKNOWN`, `DIV0`, `RANGE`, `SYNTAX`, `OVERFLOW`, `TYPE`, `ARG`, `COMPUTING`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** The cell where the cause is, as `runs.r1.tokens`; the cell itself when it is the cause. */
  readonly root: string;
  /** Offset range in the cell's formula text (after `=`), when the cause is a place in it. */
  readonly from?: number;
  readonly to?: number;
}

export interface Spread {
  readonly p5: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly mean: number;
}

export interface CellView {
  readonly state: CellState;
  /** What the cell holds as typed; empty when it holds nothing. */
  readonly text: string;
  /** The value formatted for people, in the display unit, without the unit; `''` when there is none. */
  readonly display: string;
  readonly value: number | string | boolean | null;
  readonly spread?: Spread;
  readonly problem?: CellProblem;
  /** A remark that is not an error: stale price, outside the usual band, approximate count. */
  readonly warning?: string;
  /** True while a long computation is under way behind the cell: what stands here is of before it. */
  readonly computing?: true;
  /** Open comments on the cell; left out when there are none. */
  readonly comments?: number;
  /** What the user noted of the cell, and where its value comes from; left out when there is none. */
  readonly note?: string;
  readonly source?: string;
  /** The column's conditional format that applies, and its rule in words. */
  readonly mark?: { readonly tone: MarkTone; readonly rule: string };
}

export interface RowView {
  readonly key: string;
  /** Row number in the document; differs from the place in the view when that is sorted or filtered. */
  readonly at: number;
  readonly included: boolean;
  /** In the order of the requested columns. */
  readonly cells: readonly CellView[];
}

export interface SheetView {
  readonly revision: number;
  readonly table: TableId;
  readonly columns: readonly string[];
  /** Rows of the view, and of the table: fewer are in a view that filters. */
  readonly rowCount: number;
  readonly tableRows: number;
  readonly from: number;
  readonly rows: readonly RowView[];
  /** One per requested column; `null` where the column has no total. */
  readonly totals: readonly (CellView | null)[];
  /** Problems of the whole plan, each cause once. */
  readonly problems: readonly CellProblem[];
  readonly recalculatedCells: number;
  readonly recalculationMs: number;
}

/** One node of a derivation: the tree the inspector, the CLI and the PDF show. Values are in `unit`. */
export interface ExplainNode {
  /** `runs.r1.total_cost`, `assumptions.pue`, `hardware.h100-sxm.tdp_w`, or a function name. */
  readonly id: string;
  readonly label: string;
  readonly kind: 'column' | 'assumption' | 'catalog' | 'aggregate' | 'function' | 'literal';
  readonly state: CellState | 'catalog' | 'function';
  readonly formula: string | null;
  readonly value: number | string | boolean | null;
  readonly display: string;
  readonly unit: string;
  readonly spread?: Spread;
  readonly source: string;
  readonly problem?: CellProblem;
  readonly inputs: readonly ExplainNode[];
}

export interface DriverView {
  /** The uncertain source, for example `runs.r1.mfu`. */
  readonly id: string;
  readonly label: string;
  /** Value of the measure with this source at its P10 and P90, all others at their median. */
  readonly low: number;
  readonly high: number;
  /** First-order variance share in 0..1. */
  readonly share: number;
  /** Variance share with interactions, 0..1: of the widest bars, where inputs have no correlations of their own. */
  readonly total?: number;
}

export interface DistributionView {
  readonly unit: string;
  readonly central: number;
  readonly spread: Spread;
  /** One sample in a hundred lies above. */
  readonly p99: number;
  /** Equal-width bins between `min` and `max`. */
  readonly histogram: { readonly min: number; readonly max: number; readonly counts: readonly number[] };
  readonly drivers: readonly DriverView[];
  readonly samples: number;
  readonly seed: number;
  /**
   * For totals: P90 when every source is independent, with the correlations the plan has, and when cells of one column
   * move together.
   */
  readonly totalP90?: { readonly independent: number; readonly asSet: number; readonly together: number };
}

export interface FormulaCheck {
  readonly ok: boolean;
  /** Type in words: `USD`, `FLOP/s/chip`, `text`, `date`, `yes/no`. */
  readonly type: string;
  readonly problem?: CellProblem;
  /** Value at this row, formatted with its unit; empty when it cannot be computed. */
  readonly display: string;
  /** Every name in the text, for colouring, hover and jumping. */
  readonly names: readonly {
    readonly from: number;
    readonly to: number;
    readonly name: string;
    readonly kind: 'column' | 'assumption' | 'field' | 'function' | 'unit' | 'table';
    readonly hover: string;
  }[];
}

export interface Completion {
  readonly label: string;
  readonly kind: 'column' | 'assumption' | 'function' | 'unit' | 'table' | 'field';
  readonly detail: string;
  readonly info: string;
}
