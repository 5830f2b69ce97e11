import type { ColumnDef } from '../../../sheet/column.ts';

/** Columns of `runs` below one group header. */
export function runColumns(group: string, columns: readonly Omit<ColumnDef, 'table' | 'group'>[]): ColumnDef[] {
  return columns.map((column) => ({ table: 'runs', group, ...column }));
}
