/** Totals below a table's columns: ordinary aggregates over included rows. */
import type { TableId } from '../document/plan.ts';
import type { Expr } from '../formula/expr.ts';
import { aggregateNode } from './link.ts';
import type { AggregateNode, SheetState } from './node.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';

function totalExpr(table: TableId, column: ColumnState): Expr & { op: 'aggregate' } {
  const span = { from: 0, to: 0 };
  return {
    op: 'aggregate',
    name: 'sum',
    table,
    value: { op: 'column', table, column: column.index, id: column.def.id, outer: false, type: column.type, ...span },
    filter: null,
    keys: [],
    type: column.type,
    ...span,
  };
}

/** Makes the totals of every column that has one part of the graph. */
export function linkTotals(state: SheetState): void {
  for (const table of Object.values(state.tables))
    for (const column of table.columns) if (column.def.total) aggregateNode(state, totalExpr(table.id, column));
}

/** Number of the node that sums a column. */
export function totalNode(sheet: Sheet, table: TableId, column: ColumnState): number {
  return aggregateNode(sheet.state, totalExpr(table, column));
}

/** The node that sums a column. */
export function aggregateNodeOf(sheet: Sheet, table: TableId, column: ColumnState): AggregateNode {
  return sheet.state.nodes[totalNode(sheet, table, column)] as AggregateNode;
}

/** The columns whose totals together are what the programme costs. */
export const PROGRAMME_COLUMNS: readonly (readonly [table: TableId, column: string])[] = [
  ['runs', 'total_cost'],
  ['costs', 'amount'],
  ['costs', 'contingency_cost'],
  ['capacity', 'idle_cost'],
];
