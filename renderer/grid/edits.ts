/** Gestures on ranges of cells as commands: clear, fill, drag on. Each is one change and one undo step. */
import type { CellTexts } from '../../src/core/sheet/selection.ts';
import type { ClientCommand } from '../app/plan.svelte.ts';
import { continued } from './fill.ts';
import type { Range } from './range.ts';
import { readCells } from './read-cells.ts';
import type { SheetState } from './sheet.svelte.ts';

/** The command that sets a cell; none for the row's key, which never changes. */
export function setCell(sheet: SheetState, row: string, column: string, text: string): ClientCommand[] {
  return column === 'key' ? [] : [{ set: [sheet.plan.table, row, column], to: text.trim() === '' ? null : text }];
}

/** Empties the selected cells: overrides fall back to their column's formula. */
export async function clearCells(sheet: SheetState): Promise<void> {
  const { range } = sheet;
  const rows = await readCells(sheet, range, 'Reading the cells to clear');
  await sheet.send(clearing(sheet, range, rows));
}

/** Commands that empty what holds text. */
export function clearing(sheet: SheetState, range: Range, rows: readonly CellTexts[]): ClientCommand[] {
  const columns = sheet.columns.slice(range.left, range.right + 1);
  return rows.flatMap((row) =>
    columns.flatMap((column, c) => (row.texts[c] ? setCell(sheet, row.key, column.id, '') : [])),
  );
}

/** Copies the first row down, or the first column right, over the selection; a single line takes its neighbour's. */
export async function fill(sheet: SheetState, direction: 'down' | 'right'): Promise<void> {
  const { top, bottom, left, right } = sheet.range;
  const down = direction === 'down';
  const single = down ? top === bottom : left === right;
  const from = { top: down && single ? top - 1 : top, left: !down && single ? left - 1 : left, bottom, right };
  if (from.top < 0 || from.left < 0) return;
  const rows = await readCells(sheet, from, 'Reading the cells to fill');
  const columns = sheet.columns.slice(from.left, from.right + 1);
  const commands = rows.flatMap((row, r) =>
    columns.flatMap((column, c) => {
      if (down ? r === 0 : c === 0) return [];
      const text = (down ? rows[0]?.texts[c] : row.texts[0]) ?? '';
      return text === row.texts[c] ? [] : setCell(sheet, row.key, column.id, text);
    }),
  );
  await sheet.send(commands, 'filled');
}

/** Drags the selection on over `target`, which holds it and extends it in one direction. */
export async function dragOn(sheet: SheetState, target: Range): Promise<void> {
  const source = sheet.range;
  const rows = await readCells(sheet, target, 'Reading the cells to fill');
  const columns = sheet.columns.slice(target.left, target.right + 1);
  const commands: ClientCommand[] = [];
  const put = (r: number, c: number, text: string): void => {
    const row = rows[r];
    const column = columns[c];
    if (row && column && row.texts[c] !== text) commands.push(...setCell(sheet, row.key, column.id, text));
  };
  const vertical = target.top < source.top || target.bottom > source.bottom;
  const back = target.top < source.top || target.left < source.left;
  const lines = vertical ? columns.length : rows.length;
  const start = vertical ? source.top - target.top : source.left - target.left;
  const end = vertical ? source.bottom - target.top : source.right - target.left;
  const last = vertical ? rows.length - 1 : columns.length - 1;
  for (let line = 0; line < lines; line++) {
    const run: string[] = [];
    for (let at = start; at <= end; at++) run.push((vertical ? rows[at]?.texts[line] : rows[line]?.texts[at]) ?? '');
    const more = continued(run, back ? start : last - end, back);
    more.forEach((text, i) => {
      const at = back ? start - 1 - i : end + 1 + i;
      if (vertical) put(at, line, text);
      else put(line, at, text);
    });
  }
  if (await sheet.send(commands, 'filled')) sheet.selectRange(target);
}
