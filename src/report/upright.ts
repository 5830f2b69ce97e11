/** A table of few rows turned on its side: one line a column, one column a row, so that nothing is cut at the margin. */
import type { TableId } from '../core/document/plan.ts';
import { cellView, columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { includedRows, reportCell, rowName, totalCell } from './cells.ts';
import type { ReportCell, ReportTable } from './model.ts';

/** Rows that fit beside each other. */
export const UPRIGHT_ROWS = 4;

/** One table a column group. `columns` hold something in at least one row. */
export function uprightTables(sheet: Sheet, table: TableId, columns: readonly ColumnState[]): ReportTable[] {
  const { keys } = sheet.state.tables[table];
  const rows = keys.map((_, row) => row);
  const included = new Set(includedRows(sheet, table));
  const totals = rows.length > 1;
  const groups = [...new Set(columns.map((column) => column.def.group))];
  return groups.map((group): ReportTable => {
    const own = columns.filter((column) => column.def.group === group);
    const lines = own.map((column): ReportCell[] => {
      const { label, unit } = columnView(column);
      const cells = rows.map((row) => reportCell(cellView(sheet, column, row), included.has(row), column.def.quiet));
      return [
        { text: label },
        { text: unit, tone: 'muted' },
        ...cells,
        ...(totals ? [totalCell(sheet, table, column)] : []),
      ];
    });
    const names = rows.map((row) => `${rowName(sheet, table, row)}${included.has(row) ? '' : ' (excluded)'}`);
    return {
      title: group || 'Further columns',
      columns: [
        { label: '', unit: '', align: 'left', share: 1 },
        { label: 'Unit', unit: '', align: 'left', share: 0.6 },
        ...[...names, ...(totals ? ['Total of included rows'] : [])].map((label) => ({
          label,
          unit: '',
          align: 'right' as const,
          share: 1,
        })),
      ],
      rows: lines,
      totals: null,
      note: lines.some((line) => line.some((cell) => cell.tone === 'override'))
        ? '* replaces the column’s formula.'
        : '',
    };
  });
}
