/** The sheet's cells as cells of a report: the same display, the same marks for input, override and error. */
import type { TableId } from '../core/document/plan.ts';
import { formatNumber } from '../core/sheet/format-cell.ts';
import { cellView, columnView, totalView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import type { CellView } from '../core/sheet/view.ts';
import type { ReportCell, ReportColumn } from './model.ts';

const NAME_LENGTH = 60;

/** A cell by the name of its column; undefined when the table has no such column. */
export function viewOf(sheet: Sheet, table: TableId, row: number, id: string): CellView | undefined {
  const column = sheet.column(table, id);
  return column ? cellView(sheet, column, row) : undefined;
}

/** How a cell is printed: its display, or what is wrong with it. `quiet` columns only inform: unknown is no error there. */
export function reportCell(view: CellView | undefined, included = true, quiet = false): ReportCell {
  if (!view) return { text: '' };
  if (view.problem && view.problem.code !== 'EMPTY' && !(quiet && view.state === 'computed'))
    return { text: `#${view.problem.code}`, tone: 'error' };
  if (view.display === '' || isPlainSchedule(view)) return { text: '–', tone: 'muted' };
  if (!included) return { text: view.display, tone: 'muted' };
  if (view.state === 'override') return { text: `${view.display}*`, tone: 'override' };
  return { text: view.display, tone: view.state === 'input' || view.state === 'formula' ? 'input' : '' };
}

/** A schedule nobody typed changes nothing on any date. */
function isPlainSchedule(view: CellView): boolean {
  return view.state === 'default' && /^1900-01-01: /.test(view.display);
}

/** A total as printed; an unknown total says which part is known. */
export function totalCell(sheet: Sheet, table: TableId, column: ColumnState): ReportCell {
  const view = totalView(sheet, table, column);
  if (!view) return { text: '' };
  return view.problem ? { text: view.problem.message, tone: 'error' } : { text: view.display, tone: 'strong' };
}

/** Number of a column in its display unit, formatted as in its cells. */
export function shown(column: ColumnState, value: number): string {
  return formatNumber(column.def, column.unit, value);
}

/** A column's header: label, unit, numbers to the right. */
export function reportColumn(column: ColumnState, share = 0): ReportColumn {
  const view = columnView(column);
  return { label: view.label, unit: view.unit, align: view.type === 'number' ? 'right' : 'left', share };
}

/** Rows of a table that count in totals. */
export function includedRows(sheet: Sheet, table: TableId): number[] {
  const included = sheet.column(table, 'included')?.values;
  return sheet.state.tables[table].keys.map((_, row) => row).filter((row) => included?.[row] !== 0);
}

/** What people call a row: its name, else its key; shortened where it would fill the page. */
export function rowName(sheet: Sheet, table: TableId, row: number): string {
  const name = viewOf(sheet, table, row, 'name')?.display || (sheet.state.tables[table].keys[row] ?? '');
  const characters = [...name];
  return characters.length > NAME_LENGTH ? `${characters.slice(0, NAME_LENGTH - 1).join('')}…` : name;
}
