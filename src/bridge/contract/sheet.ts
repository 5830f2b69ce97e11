/** What a sheet shows and answers: cells, derivations, distributions, formulas, goal seek. */
import * as v from 'valibot';
import type { PlanRow } from '../../core/document/plan.ts';
import { FILTER_TESTS } from '../../core/sheet/arrange.ts';
import type { CellTexts, FoundCell, SelectionSummary } from '../../core/sheet/selection.ts';
import type { ColumnUser, TracedCell } from '../../core/sheet/users.ts';
import type { Completion, DistributionView, ExplainNode, FormulaCheck, SheetView } from '../../core/sheet/view.ts';
import type { CorrelationChoice, SharedColumn } from '../../core/sheet/correlation-choices.ts';
import type { Correlation } from '../../core/document/plan.ts';
import { cellRef, id, name, rank, scenarioRef, tableId, text, wholeNumber } from './arguments.ts';

/** Sort and filter of a view. The order is worked out once per `stamp`, so that rows stay in place while cells change. */
export const arrangeSchema = v.strictObject({
  sort: v.pipe(v.array(v.strictObject({ column: id, descending: v.boolean() })), v.maxLength(20)),
  filter: v.pipe(
    v.array(v.strictObject({ column: id, test: v.picklist(FILTER_TESTS), value: text(1_000) })),
    v.maxLength(50),
  ),
  stamp: wholeNumber,
});

/** Rows `from` to `from + count` of a table as a view arranges it, in some columns. */
const area = {
  plan: id,
  scenario: id,
  table: tableId,
  columns: v.array(id),
  from: wholeNumber,
  arrange: v.optional(arrangeSchema),
};

export const sheetMethods = {
  'sheet.view': v.strictObject({
    ...area,
    count: v.pipe(wholeNumber, v.maxValue(2_000)),
    /** The problems of the plan may be those of before the last change: another view follows. */
    quick: v.optional(v.boolean()),
  }),
  'sheet.texts': v.strictObject({ ...area, count: v.pipe(wholeNumber, v.maxValue(20_000)) }),
  /** Rows with everything they hold, as typed. */
  'sheet.rows': v.strictObject({
    plan: id,
    scenario: id,
    table: tableId,
    from: wholeNumber,
    count: v.pipe(wholeNumber, v.maxValue(100_000)),
    arrange: v.optional(arrangeSchema),
  }),
  'sheet.summary': v.strictObject({ ...area, count: wholeNumber }),
  'sheet.find': v.strictObject({
    ...area,
    count: wholeNumber,
    query: text(1_000),
    matchCase: v.boolean(),
    whole: v.boolean(),
    typed: v.boolean(),
  }),
  /** Where a row stands in a view. */
  'sheet.position': v.strictObject({
    plan: id,
    scenario: id,
    table: tableId,
    row: id,
    arrange: v.optional(arrangeSchema),
  }),
  'layout.read': v.strictObject({ plan: id, table: tableId }),
  'layout.write': v.strictObject({ plan: id, table: tableId, layout: v.record(id, v.unknown()) }),
  'column.users': v.strictObject({ plan: id, scenario: id, table: tableId, column: id }),
  'cell.trace': v.strictObject({ plan: id, scenario: id, cell: cellRef }),
  'cell.explain': v.strictObject({ plan: id, scenario: id, cell: cellRef }),
  'cell.distribution': v.strictObject({
    plan: id,
    scenario: id,
    cell: v.strictObject({ table: tableId, row: v.nullable(id), column: id }),
  }),
  'formula.check': v.strictObject({ plan: id, scenario: id, cell: cellRef, text: text(100_000) }),
  'formula.complete': v.strictObject({
    plan: id,
    scenario: id,
    cell: cellRef,
    text: text(100_000),
    position: wholeNumber,
  }),
  'correlation.list': scenarioRef,
  /** Whether a list of correlations is possible, before it is set. */
  'correlation.check': v.strictObject({
    pairs: v.pipe(v.array(v.strictObject({ a: name, b: name, rank })), v.maxLength(500)),
  }),
  'solve.goal': v.strictObject({ plan: id, scenario: id, target: cellRef, value: text(200), by: cellRef }),
  'solve.table': v.strictObject({
    plan: id,
    scenario: id,
    target: cellRef,
    first: v.strictObject({ cell: cellRef, texts: v.pipe(v.array(text(200)), v.minLength(1), v.maxLength(50)) }),
    second: v.optional(
      v.strictObject({ cell: cellRef, texts: v.pipe(v.array(text(200)), v.minLength(1), v.maxLength(50)) }),
    ),
  }),
  'solve.largest': v.strictObject({
    plan: id,
    scenario: id,
    by: cellRef,
    low: text(200),
    high: text(200),
    limits: v.pipe(
      v.array(v.strictObject({ cell: cellRef, atMost: v.optional(text(200)), atLeast: v.optional(text(200)) })),
      v.minLength(1),
      v.maxLength(10),
    ),
  }),
} as const;

export interface CorrelationList {
  /** As the scenario has them, with names as people read them. Pairs of a column with itself are in `columns`. */
  readonly pairs: readonly (Correlation & { readonly labelA: string; readonly labelB: string })[];
  readonly columns: readonly SharedColumn[];
  readonly choices: readonly CorrelationChoice[];
}

export interface CorrelationAnswer {
  readonly possible: boolean;
  /** What contradicts what; empty when the list is possible. */
  readonly message: string;
  /** The list itself, or the nearest one that is possible. */
  readonly nearest: readonly Correlation[];
}

export interface SheetResults {
  'sheet.view': SheetView;
  'sheet.texts': readonly CellTexts[];
  'sheet.rows': readonly { readonly key: string; readonly at: number; readonly cells: PlanRow['cells'] }[];
  'sheet.summary': SelectionSummary;
  /** At most 10,000 cells; `total` counts all. */
  'sheet.find': { readonly found: readonly FoundCell[]; readonly total: number };
  /** Null when the view does not show the row. */
  'sheet.position': { readonly position: number | null };
  /** As it was written; null when nothing was. */
  'layout.read': { readonly layout: unknown };
  'layout.write': { readonly kept: boolean };
  'column.users': readonly ColumnUser[];
  'cell.trace': { readonly precedents: readonly TracedCell[]; readonly dependents: readonly TracedCell[] };
  'cell.explain': ExplainNode;
  'cell.distribution': DistributionView;
  'formula.check': FormulaCheck;
  'formula.complete': readonly Completion[];
  'correlation.list': CorrelationList;
  'correlation.check': CorrelationAnswer;
  'solve.goal': { readonly text: string; readonly display: string; readonly iterations: number };
  /** Values of the target as displayed, one row per text of the first input. */
  'solve.table': { readonly values: readonly (readonly string[])[] };
  'solve.largest': { readonly text: string; readonly display: string; readonly stoppedBy: string };
}
