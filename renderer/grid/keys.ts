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
import type { CellTexts } from '../../src/core/sheet/selection.ts';
import { clearCells, fill } from './edits.ts';
import { edge, moved, type Position } from './range.ts';
import { heldCells, readCells, Stopped } from './read-cells.ts';
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
    return command ? edgeFrom(sheet, arrow, event.shiftKey) : go(moved(sheet.active, arrow[0], arrow[1], size));
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
      if (event.shiftKey) sheet.panel = { is: 'note' };
      else sheet.edit();
      return true;
    case 'Delete':
    case 'Backspace':
      void quietly(sheet, clearCells(sheet));
      return true;
    case ' ':
      if (command) {
        sheet.selectRange({ ...sheet.range, top: 0, bottom: size.rows - 1 });
      } else if (event.shiftKey) {
        sheet.selectRange({ ...sheet.range, left: 0, right: size.columns - 1 });
      } else sheet.edit(' ');
      return true;
    case 'F10':
    case 'ContextMenu':
      if (event.key === 'F10' && !event.shiftKey) return false;
      sheet.openMenuAtCell();
      return true;
  }
  if (command && !event.altKey) {
    switch (event.key.toLowerCase()) {
      case 'd':
        void quietly(sheet, fill(sheet, 'down'));
        return true;
      case 'r':
        void quietly(sheet, fill(sheet, 'right'));
        return true;
      case 'a':
        sheet.selectRange({ top: 0, left: 0, bottom: size.rows - 1, right: size.columns - 1 });
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

/** Work that a key began: what goes wrong is said beside the formula, unless the user stopped it. */
async function quietly(sheet: SheetState, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Stopped)) sheet.fail(error);
  }
}

/** Goes to the end of the filled run, or to the next filled cell, also far beyond what is on screen. */
function edgeFrom(sheet: SheetState, [rows, columns]: readonly [number, number], extend: boolean): true {
  const { row, column } = sheet.active;
  const step = (rows || columns) as 1 | -1;
  const vertical = rows !== 0;
  const count = vertical ? sheet.rowCount : sheet.columns.length;
  const at = vertical ? row : column;
  const [from, to] = step > 0 ? [at, count - 1] : [0, at];
  const line = vertical
    ? { top: from, bottom: to, left: column, right: column }
    : { top: row, bottom: row, left: from, right: to };
  const land = (cells: readonly CellTexts[]): void => {
    const shown = vertical ? cells.map((cell) => cell.shown[0] ?? '') : (cells[0]?.shown ?? []);
    const end = from + edge((i) => (shown[i] ?? '') !== '', at - from, step, shown.length);
    sheet.select(vertical ? { row: end, column } : { row, column: end }, extend);
  };
  const held = heldCells(sheet, line);
  if (held) land(held);
  else void quietly(sheet, readCells(sheet, line, 'Looking for the end').then(land));
  return true;
}
