/**
 * Keys of the grid, as in Excel.
 *
 *   arrows            move            Shift+arrows        extend         Ctrl+arrows        edge of the filled run
 *   Tab, Enter        next cell       Shift+Tab, Enter    previous       Home, End          first, last column
 *   Ctrl+Home, End    first, last     PageUp, PageDown    a page         F2                 edit inside the cell
 *   typing            replace         Delete, Backspace   clear          Escape             leave the editor
 *   Ctrl+D, Ctrl+R    fill            Ctrl+A              all            Ctrl+Space, Shift+Space   column, row
 *
 * Ctrl+Z, Ctrl+Y, Ctrl+K and the like belong to the whole app (app/commands.ts); clipboard keys come as clipboard events.
 */
import { clearCells, fill } from './edits.ts';
import { edge, moved, type Position } from './range.ts';
import type { SheetState } from './sheet.svelte.ts';

const ARROWS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Handles a key of the grid while no cell is being edited. True when it was one of ours. */
export function gridKey(sheet: SheetState, event: KeyboardEvent, pageRows: number): boolean {
  const size = { rows: Math.max(1, sheet.rowCount), columns: Math.max(1, sheet.columns.length) };
  const command = event.ctrlKey || event.metaKey;
  const go = (to: Position): true => {
    sheet.select(to, event.shiftKey);
    return true;
  };
  const arrow = ARROWS[event.key];
  if (arrow && !event.altKey)
    return go(command ? edgeFrom(sheet, arrow, size) : moved(sheet.active, arrow[0], arrow[1], size));
  switch (event.key) {
    case 'Tab':
      if (command) return false;
      sheet.select(moved(sheet.active, 0, event.shiftKey ? -1 : 1, size));
      return true;
    case 'Enter':
      sheet.select(moved(sheet.active, event.shiftKey ? -1 : 1, 0, size));
      return true;
    case 'Home':
      return go({ row: command ? 0 : sheet.active.row, column: 0 });
    case 'End':
      return go({ row: command ? size.rows - 1 : sheet.active.row, column: size.columns - 1 });
    case 'PageUp':
    case 'PageDown':
      return go(moved(sheet.active, event.key === 'PageUp' ? -pageRows : pageRows, 0, size));
    case 'F2':
      sheet.edit();
      return true;
    case 'Delete':
    case 'Backspace':
      void sheet.send(clearCells(sheet));
      return true;
    case ' ':
      if (command) {
        sheet.anchor = { row: 0, column: sheet.active.column };
        sheet.active = { row: size.rows - 1, column: sheet.active.column };
      } else if (event.shiftKey) {
        sheet.anchor = { row: sheet.active.row, column: 0 };
        sheet.active = { row: sheet.active.row, column: size.columns - 1 };
      } else sheet.edit(' ');
      return true;
  }
  if (command && !event.altKey) {
    switch (event.key.toLowerCase()) {
      case 'd':
        void sheet.send(fill(sheet, 'down'));
        return true;
      case 'r':
        void sheet.send(fill(sheet, 'right'));
        return true;
      case 'a':
        sheet.anchor = { row: 0, column: 0 };
        sheet.active = { row: size.rows - 1, column: size.columns - 1 };
        return true;
    }
    return false;
  }
  if (event.key.length === 1 && !event.altKey) {
    sheet.edit(event.key);
    return true;
  }
  return false;
}

function edgeFrom(
  sheet: SheetState,
  [rows, columns]: readonly [number, number],
  size: { rows: number; columns: number },
): Position {
  const { row, column } = sheet.active;
  const filled = (r: number, c: number): boolean => (sheet.cellAt(r, c)?.display ?? '') !== '';
  if (rows !== 0) return { row: edge((at) => filled(at, column), row, rows as 1 | -1, size.rows), column };
  return { row, column: edge((at) => filled(row, at), column, columns as 1 | -1, size.columns) };
}
