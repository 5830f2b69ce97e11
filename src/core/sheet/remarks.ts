/**
 * Notes and sources of single cells. They stand in the row beside the cell, as `mfu_note` and `mfu_source`, so that they
 * move, copy, undo and travel in scenarios and plan files as the cell itself does.
 */
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';

export type Remark = 'note' | 'source';

/** Name under which a remark on a column's cell stands in the row. */
export function remarkId(column: string, remark: Remark): string {
  return `${column}_${remark}`;
}

/** True when a name may be that of a remark; a column of the same name would win. */
export function isRemark(id: string): boolean {
  return id.endsWith('_note') || id.endsWith('_source');
}

/** What was noted of a cell; empty texts where there is nothing. */
export function remarksOf(sheet: Sheet, column: ColumnState, row: number): { note: string; source: string } {
  const cells = sheet.plan.tables[column.table.id][row]?.cells;
  return {
    note: cells?.[remarkId(column.def.id, 'note')] ?? '',
    source: cells?.[remarkId(column.def.id, 'source')] ?? '',
  };
}
