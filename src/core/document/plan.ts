/**
 * The plan as a document: rows of typed text, user columns and scenarios. Nothing here is evaluated;
 * `core/sheet` turns a plan into numbers. Design: tables whose columns are formulas.
 */

import type { Law } from '../scaling/types.ts';

/** The tables of a plan. `phases` and `mixture` are children of `runs` (their `run` cell holds the run's key). */
export const TABLE_IDS = [
  'assumptions',
  'runs',
  'phases',
  'mixture',
  'costs',
  'capacity',
  'serving',
  'actuals',
] as const;
export type TableId = (typeof TABLE_IDS)[number];

/** One row: an immutable key and the cells that hold something, as typed. A formula starts with `=`. */
export interface PlanRow {
  readonly key: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** A column the user added, or what the user changed of a built-in column: label, formula, looks. */
export interface UserColumn {
  readonly label?: string;
  readonly unit?: string;
  readonly formula?: string;
  readonly note?: string;
  /** Number format, such as `fixed 2`: `core/sheet/look`. */
  readonly format?: string;
  /** Conditional formats, such as `above 1.5M: bad; is draft: warn`: `core/sheet/look`. */
  readonly marks?: string;
}

/** A named, ordered list of commands on top of the base plan or of another scenario. */
export interface Scenario {
  readonly key: string;
  readonly name: string;
  /** `base` or the key of the scenario below. */
  readonly on: string;
  readonly commands: readonly Command[];
}

/** Rank (Spearman) correlation, -1..1, of two names: `runs.r1.mfu`, `runs.*.mfu` (a column) or `assumptions.pue`. */
export interface Correlation {
  readonly a: string;
  readonly b: string;
  readonly rank: number;
}

/** The values of a plan that are not rows. */
export interface PlanSettings {
  readonly name: string;
  /** ISO 4217 code: money columns are in this currency. */
  readonly currency: string;
  /** Seed of every sample drawn for this plan. */
  readonly seed: number;
  /** Number of Monte Carlo samples. */
  readonly samples: number;
}

export interface Plan {
  readonly settings: PlanSettings;
  readonly tables: Readonly<Record<TableId, readonly PlanRow[]>>;
  /** User columns by table, then by column id; order of keys is the order of columns. */
  readonly columns: Readonly<Partial<Record<TableId, Readonly<Record<string, UserColumn>>>>>;
  readonly scenarios: readonly Scenario[];
  /** Rank correlations between uncertain cells or columns; none when left out. */
  readonly correlations?: readonly Correlation[];
  /** Fitted laws that formulas of this plan name, by key: a copy, so that the plan stands alone. None when left out. */
  readonly laws?: Readonly<Record<string, Law>>;
  /**
   * Sample dimension of every uncertain cell ever typed, as `runs.r1.mfu` -> number. Numbers are given once and never
   * reused, so that adding or removing a cell leaves every other cell's samples as they were.
   */
  readonly sources: Readonly<Record<string, number>>;
  /** Keys of the plan file this version does not know: kept, reported, written back. */
  readonly unknown: Readonly<Record<string, unknown>>;
}

/**
 * What can change a plan. Each command carries what it writes (`to`) and, once applied, what stood there
 * before (`from`): that makes it its own undo, its own conflict check and the journal's entry.
 * `null` means "nothing there": an empty cell, no row, no column, no scenario.
 */
export type Command =
  | {
      readonly set: readonly [table: TableId, row: string, column: string];
      readonly to: string | null;
      readonly from?: string | null;
    }
  | {
      readonly row: readonly [table: TableId, row: string];
      readonly to: RowPlacement | null;
      readonly from?: RowPlacement | null;
    }
  | {
      readonly column: readonly [table: TableId, column: string];
      readonly to: UserColumn | null;
      readonly from?: UserColumn | null;
    }
  | { readonly scenario: string; readonly to: ScenarioPlacement | null; readonly from?: ScenarioPlacement | null }
  | {
      readonly correlation: readonly [a: string, b: string];
      readonly to: number | null;
      readonly from?: number | null;
      readonly settings?: undefined;
    }
  | { readonly law: string; readonly to: Law | null; readonly from?: Law | null }
  | { readonly settings: keyof PlanSettings; readonly to: string | number; readonly from?: string | number };

/** A row and where it stands in its table (0 = first). */
export interface RowPlacement {
  readonly at: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface ScenarioPlacement {
  readonly at: number;
  readonly scenario: Scenario;
}

/** One step of history: commands applied together, undone together. */
export interface Change {
  readonly commands: readonly Command[];
  /** `edit` for a new change; `undo` and `redo` name the revision they invert or repeat. */
  readonly kind: 'edit' | 'undo' | 'redo';
  readonly of?: number;
  readonly author: string;
  readonly note: string;
}

/** A change as recorded: numbered without gaps, dated, chained by hash. */
export interface JournalEntry extends Change {
  readonly revision: number;
  /** UTC milliseconds. */
  readonly at: number;
}
