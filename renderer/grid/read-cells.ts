/** Cells of any range, on screen or not: what gestures work on. Long ranges show progress and can be stopped. */
import type { CellTexts } from '../../src/core/sheet/selection.ts';
import type { Range } from './range.ts';
import type { SheetState } from './sheet.svelte.ts';

const CHUNK = 20_000;

/** Thrown when the user stopped long work. Nothing has been changed. */
export class Stopped extends Error {}

/** Texts, shown texts and values of a range, row by row. Throws `Stopped`, or what the host says. */
export async function readCells(sheet: SheetState, range: Range, label: string): Promise<CellTexts[]> {
  // What was typed a moment ago belongs to it.
  await sheet.plan.settled();
  const columns = sheet.columns.slice(range.left, range.right + 1).map((column) => column.id);
  const last = Math.min(range.bottom, sheet.rowCount - 1);
  const rows: CellTexts[] = [];
  let stopped = false;
  try {
    for (let from = range.top; from <= last; from += CHUNK) {
      if (last - range.top >= CHUNK)
        sheet.working = {
          label,
          fraction: (from - range.top) / (last - range.top + 1),
          stop: () => (stopped = true),
        };
      const count = Math.min(CHUNK, last - from + 1);
      rows.push(...(await sheet.plan.client.call('sheet.texts', { ...sheet.area(), columns, from, count })));
      if (stopped) throw new Stopped();
    }
    return rows;
  } finally {
    sheet.working = null;
  }
}

/** The same from what is on screen, at once; null when a part of the range is not held or on its way. */
export function heldCells(sheet: SheetState, { top, bottom, left, right }: Range): CellTexts[] | null {
  const rows: CellTexts[] = [];
  for (let row = top; row <= Math.min(bottom, sheet.rowCount - 1); row++) {
    const view = sheet.rowAt(row);
    if (!view) return null;
    const cells = [];
    for (let column = left; column <= right; column++) {
      const cell = sheet.cellAt(row, column);
      if (!cell || sheet.pendingAt(row, column)) return null;
      cells.push(cell);
    }
    rows.push({
      key: view.key,
      at: view.at,
      texts: cells.map((cell) => cell.text),
      shown: cells.map((cell) => cell.display),
      values: cells.map((cell) => cell.value),
    });
  }
  return rows;
}
