/** What was pasted and what is unclear about it: asked before anything changes, applied as one change. */
import type { ColumnView } from '../../src/core/sheet/view.ts';
import { addRows, allKeys, freshKey } from '../app/row-actions.ts';
import type { ClientCommand } from '../app/plan.svelte.ts';
import { setCell } from './edits.ts';
import { canonical, detectForeign, type CellKind, type Foreign, type Reading } from './foreign.ts';
import type { Range } from './range.ts';
import { readCells } from './read-cells.ts';
import type { SheetState } from './sheet.svelte.ts';
import { nameProblem } from '../../src/core/sheet/column.ts';

export interface Pasted {
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
  /** Rows have different numbers of cells. */
  readonly ragged: boolean;
  /** Columns of the paste that stand right of the last column. */
  readonly beyond: number;
  readonly foreign: Foreign | null;
}

/** The answers to what was unclear. */
export interface PasteChoice {
  /** Cells that short rows do not have. */
  readonly missing: 'keep' | 'empty';
  /** Null pastes texts as they came. */
  readonly reading: Reading | null;
}

export function kindOf(column: ColumnView | undefined): CellKind {
  if (column?.type === 'number' || column?.type === 'date') return column.type;
  return 'text';
}

/** Looks at pasted cells in the place they are meant for. Cells copied from Flopsheet are never foreign. */
export function examine(
  rows: readonly (readonly string[])[],
  columns: readonly ColumnView[],
  left: number,
  own: boolean,
): Pasted {
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const kinds = columns.slice(left, left + width).map(kindOf);
  return {
    rows,
    width,
    ragged: rows.some((row) => row.length !== width),
    beyond: Math.max(0, left + width - columns.length),
    foreign: own ? null : detectForeign(rows, kinds),
  };
}

/** True when nothing has to be asked. */
export function isClear(pasted: Pasted): boolean {
  return !pasted.ragged && pasted.beyond === 0 && pasted.foreign === null;
}

/**
 * Pastes from the top left cell of the selection, as one change. A selection that is a multiple of what is pasted is filled
 * with it; rows beyond the last become new rows.
 */
export async function applyPaste(sheet: SheetState, pasted: Pasted, choice: PasteChoice): Promise<boolean> {
  const height = pasted.rows.length;
  const width = pasted.width - pasted.beyond;
  const { top, left, bottom, right } = sheet.range;
  const [tall, wide] = [bottom - top + 1, right - left + 1];
  const tiles = tall % height === 0 && wide % width === 0 && tall * wide > height * width;
  const area: Range = {
    top,
    left,
    bottom: top + (tiles ? tall : height) - 1,
    right: left + (tiles ? wide : width) - 1,
  };
  const columns = sheet.columns.slice(area.left, area.right + 1);
  const text = (r: number, c: number): string | undefined => {
    const own = pasted.rows[r % height]?.[c % width];
    if (own === undefined) return choice.missing === 'keep' ? undefined : '';
    return choice.reading ? canonical(own, kindOf(columns[c]), choice.reading) : own;
  };
  const existing = await readCells(sheet, area, 'Reading the cells to paste over');
  const commands: ClientCommand[] = [];
  existing.forEach((row, r) =>
    columns.forEach((column, c) => {
      const to = text(r, c);
      if (to !== undefined && to !== row.texts[c]) commands.push(...setCell(sheet, row.key, column.id, to));
    }),
  );
  const fresh = area.bottom - area.top + 1 - existing.length;
  if (fresh > 0) commands.push(...(await newRows(sheet, columns, existing.length, fresh, text)));
  if (!(await sheet.send(commands, 'pasted'))) return false;
  await sheet.plan.settled();
  sheet.selectRange(area);
  return true;
}

async function newRows(
  sheet: SheetState,
  columns: readonly ColumnView[],
  from: number,
  count: number,
  text: (r: number, c: number) => string | undefined,
): Promise<ClientCommand[]> {
  const keys = await allKeys(sheet);
  const cells = Array.from({ length: count }, (_, i) =>
    Object.fromEntries(
      columns.flatMap((column, c) => {
        const own = text(from + i, c);
        return own !== undefined && own.trim() !== '' && column.id !== 'key' ? [[column.id, own] as const] : [];
      }),
    ),
  );
  // Pasted names of assumptions become their keys, so that formulas can use them.
  const keyAt = columns.findIndex((column) => column.id === 'key');
  const commands = addRows(sheet, keys, count, sheet.tableRows, cells);
  if (keyAt < 0) return commands;
  return commands.map((command, i) => {
    if (!('row' in command)) return command;
    const wanted = text(from + i, keyAt)?.trim() ?? '';
    if (wanted === '' || nameProblem(wanted) !== '') return command;
    const key = keys.has(wanted) ? freshKey(keys, `${wanted}_`) : wanted;
    keys.add(key);
    return { ...command, row: [command.row[0], key] };
  });
}
