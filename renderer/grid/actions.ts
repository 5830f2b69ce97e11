/** What menus, palette and keys do with columns and with the view of a table, for the active cell. */
import { moveColumn, withoutColumn } from './layout.ts';
import type { SheetState } from './sheet.svelte.ts';

const ZOOMS = [0.75, 0.9, 1, 1.1, 1.25, 1.5, 2];

/** Sorts the view by the active column; the document keeps its order. */
export function sortBy(sheet: SheetState, descending: boolean): void {
  const column = sheet.activeColumn;
  if (column) sheet.setLayout({ ...sheet.layout, sort: [{ column: column.id, descending }] });
}

/** Shows only rows whose cell in the active column reads as the active one does. */
export function filterByCell(sheet: SheetState): void {
  const column = sheet.activeColumn;
  const value = sheet.activeCell?.display ?? '';
  if (!column) return;
  const others = sheet.layout.filter.filter((one) => one.column !== column.id);
  const test = value === '' ? ('is empty' as const) : ('is' as const);
  sheet.setLayout({ ...sheet.layout, filter: [...others, { column: column.id, test, value }] });
}

export function clearArrangement(sheet: SheetState): void {
  sheet.setLayout({ ...sheet.layout, sort: [], filter: [] });
}

/** Hides the selected columns; the row's name stays. */
export function hideColumns(sheet: SheetState): void {
  const { left, right } = sheet.range;
  const hidden = sheet.columns.slice(Math.max(1, left), right + 1);
  sheet.setLayout(hidden.reduce((layout, column) => withoutColumn(layout, column), sheet.layout));
  sheet.select({ row: sheet.active.row, column: Math.max(0, left - 1) });
}

/** Moves the active column by one place among those shown. */
export function shiftColumn(sheet: SheetState, by: 1 | -1): void {
  const { row, column } = sheet.active;
  const [own, other] = [sheet.columns[column], sheet.columns[column + by]];
  if (!own || !other || column === 0 || column + by === 0) return;
  sheet.setLayout(moveColumn(sheet.layout, sheet.allColumns, own.id, other.id));
  sheet.select({ row, column: sheet.columns.findIndex((one) => one.id === own.id) });
}

/** Makes the active column wider or narrower. */
export function widen(sheet: SheetState, byPx: number): void {
  const column = sheet.activeColumn;
  if (!column) return;
  const width = Math.max(40, sheet.width(column) + byPx);
  sheet.setLayout({ ...sheet.layout, widths: { ...sheet.layout.widths, [column.id]: width } });
}

/** The columns up to the active one stay while the others scroll; asked again there, only the row's name does. */
export function freezeHere(sheet: SheetState): void {
  const frozen = sheet.active.column + 1;
  sheet.setLayout({ ...sheet.layout, frozen: sheet.layout.frozen === frozen ? 1 : frozen });
}

export function foldGroup(sheet: SheetState): void {
  const group = sheet.activeColumn?.group;
  if (group === undefined) return;
  const { collapsed } = sheet.layout;
  sheet.setLayout({
    ...sheet.layout,
    collapsed: collapsed.includes(group) ? collapsed.filter((own) => own !== group) : [...collapsed, group],
  });
}

/** Next larger or smaller size; 0 goes back to 100 %. */
export function zoomBy(sheet: SheetState, by: 1 | 0 | -1): void {
  const { zoom } = sheet.layout;
  const next =
    by === 0
      ? 1
      : by > 0
        ? (ZOOMS.find((size) => size > zoom) ?? zoom)
        : (ZOOMS.findLast((size) => size < zoom) ?? zoom);
  sheet.setLayout({ ...sheet.layout, zoom: next });
}
