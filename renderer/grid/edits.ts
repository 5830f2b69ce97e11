/** Gestures on a selection as commands: clear, fill, paste, rows. */
import type { ClientCommand } from '../app/plan.svelte.ts';
import type { SheetState } from './sheet.svelte.ts';
import { fromTsv } from './tsv.ts';

function set(sheet: SheetState, row: number, column: number, to: string | null): ClientCommand[] {
  const key = sheet.rowAt(row)?.key;
  const id = sheet.columns[column]?.id;
  if (key === undefined || id === undefined || id === 'key') return [];
  return [{ set: [sheet.plan.table, key, id], to: to === '' ? null : to }];
}

/** Empties the selected cells: overrides fall back to their column's formula. */
export function clearCells(sheet: SheetState): ClientCommand[] {
  const { top, bottom, left, right } = sheet.range;
  const commands: ClientCommand[] = [];
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++)
      if (sheet.cellAt(row, column)?.text) commands.push(...set(sheet, row, column, null));
  return commands;
}

/** Copies the first row down, or the first column right, over the selection. */
export function fill(sheet: SheetState, direction: 'down' | 'right'): ClientCommand[] {
  const { top, bottom, left, right } = sheet.range;
  const single = direction === 'down' ? top === bottom : left === right;
  const commands: ClientCommand[] = [];
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const from =
        direction === 'down' ? { row: single ? row - 1 : top, column } : { row, column: single ? column - 1 : left };
      if ((from.row === row && from.column === column) || from.row < 0 || from.column < 0) continue;
      commands.push(...set(sheet, row, column, sheet.cellAt(from.row, from.column)?.text ?? null));
    }
  return commands;
}

/** A fresh row key that no row of the table has. */
export function freshKey(taken: ReadonlySet<string>, prefix: string): string {
  for (let i = taken.size + 1; ; i++) if (!taken.has(`${prefix}${i}`)) return `${prefix}${i}`;
}

const PREFIX: Readonly<Record<string, string>> = {
  runs: 'r',
  assumptions: 'assumption_',
  costs: 'c',
  phases: 'p',
  mixture: 'm',
  capacity: 'cap',
  serving: 's',
  actuals: 'a',
};

/** Adds rows below the last one. */
export function addRows(
  sheet: SheetState,
  keys: ReadonlySet<string>,
  count: number,
  cells: readonly Readonly<Record<string, string>>[] = [],
  at = sheet.rowCount,
): ClientCommand[] {
  const taken = new Set(keys);
  return Array.from({ length: count }, (_, i): ClientCommand => {
    const key = freshKey(taken, PREFIX[sheet.plan.table] ?? 'row');
    taken.add(key);
    return { row: [sheet.plan.table, key], to: { at: at + i, cells: cells[i] ?? {} } };
  });
}

/**
 * Pasted text over the selection, from its top left cell. One pasted cell fills the whole selection; rows beyond the last
 * become new rows. Says what does not fit instead of dropping it.
 */
export function paste(
  sheet: SheetState,
  text: string,
  keys: ReadonlySet<string>,
): { commands: ClientCommand[]; problem: string } {
  const rows = fromTsv(text);
  const { top, bottom, left, right } = sheet.range;
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length === 0) return { commands: [], problem: '' };
  if (rows.some((row) => row.length !== width))
    return {
      commands: [],
      problem: 'The pasted rows have different numbers of cells. Copy a rectangle of cells and paste again.',
    };
  if (left + width > sheet.columns.length)
    return {
      commands: [],
      problem: `The pasted cells are ${width} columns wide; from here only ${sheet.columns.length - left} fit. Select a cell further left.`,
    };
  if (rows.length === 1 && width === 1) {
    const commands: ClientCommand[] = [];
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++)
        commands.push(...set(sheet, row, column, rows[0]?.[0] ?? null));
    return { commands, problem: '' };
  }
  const commands: ClientCommand[] = [];
  const extra: Record<string, string>[] = [];
  rows.forEach((line, i) => {
    const row = top + i;
    if (row < sheet.rowCount) line.forEach((cell, k) => commands.push(...set(sheet, row, left + k, cell)));
    else
      extra.push(
        Object.fromEntries(
          line.flatMap((cell, k) =>
            cell.trim() !== '' && sheet.columns[left + k]?.id !== 'key'
              ? [[sheet.columns[left + k]?.id ?? '', cell] as const]
              : [],
          ),
        ),
      );
  });
  return { commands: [...commands, ...addRows(sheet, keys, extra.length, extra)], problem: '' };
}
