/** What columns of the smaller tables share. */
import type { TableId } from '../../document/plan.ts';
import type { ColumnDef } from '../../sheet/column.ts';

/** Columns of one group of a table, shown unless they say otherwise. */
export const tableColumns = (
  table: TableId,
  group: string,
  columns: readonly Omit<ColumnDef, 'table' | 'group'>[],
): ColumnDef[] => columns.map((column) => ({ table, group, shown: true, ...column }));

export const KEY: Omit<ColumnDef, 'table' | 'group'> = {
  id: 'key',
  label: 'Key',
  type: 'text',
  help: 'Immutable name of the row in formulas.',
  shown: false,
  widthPx: 120,
};
export const RUN: Omit<ColumnDef, 'table' | 'group'> = {
  id: 'run',
  label: 'Run',
  type: 'reference',
  reference: 'runs',
  help: 'The run this row belongs to.',
  widthPx: 128,
};
