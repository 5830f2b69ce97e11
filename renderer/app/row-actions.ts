/** Actions on whole rows of the open table. Places are the document's, also where the view is sorted or filtered. */
import type { RowPlacement } from '../../src/core/document/plan.ts';
import type { RowView } from '../../src/core/sheet/view.ts';
import type { SheetState } from '../grid/sheet.svelte.ts';
import type { ClientCommand } from './plan.svelte.ts';

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

/** Commands that add rows at a place of the document. */
export function addRows(
  sheet: SheetState,
  keys: ReadonlySet<string>,
  count: number,
  at: number,
  cells: readonly Readonly<Record<string, string>>[] = [],
): ClientCommand[] {
  const taken = new Set(keys);
  return Array.from({ length: count }, (_, i): ClientCommand => {
    const key = freshKey(taken, PREFIX[sheet.plan.table] ?? 'row');
    taken.add(key);
    return { row: [sheet.plan.table, key], to: { at: at + i, cells: cells[i] ?? {} } };
  });
}

/** Keys of every row of the table, so that new ones are fresh. */
export async function allKeys(sheet: SheetState): Promise<Set<string>> {
  const { plan } = sheet;
  const keys = new Set<string>();
  const chunk = 20_000;
  for (let from = 0; ; from += chunk) {
    const rows = await plan.client.call('sheet.texts', {
      plan: plan.id,
      scenario: plan.scenario,
      table: plan.table,
      columns: ['key'],
      from,
      count: chunk,
    });
    for (const row of rows) keys.add(row.key);
    if (rows.length < chunk) return keys;
  }
}

/** Adds an empty row at the end and goes to it. */
export async function addRowBelow(sheet: SheetState): Promise<void> {
  const at = sheet.tableRows;
  if (await sheet.send(addRows(sheet, await allKeys(sheet), 1, at))) await shownAt(sheet, at);
}

/** Adds as many empty rows as are selected, above them. */
export async function insertRows(sheet: SheetState): Promise<void> {
  const { top, bottom } = sheet.range;
  const at = sheet.rowAt(top)?.at ?? sheet.tableRows;
  if (await sheet.send(addRows(sheet, await allKeys(sheet), bottom - top + 1, at))) await shownAt(sheet, at);
}

/** Goes to a row of the document by its place, when the view shows it there. */
async function shownAt(sheet: SheetState, at: number): Promise<void> {
  await sheet.plan.settled();
  const row = sheet.isArranged ? sheet.rowCount - 1 : at;
  if (row >= 0) sheet.select({ row, column: 0 });
}

interface WholeRow {
  readonly key: string;
  readonly at: number;
  readonly cells: RowPlacement['cells'];
}

/** The selected rows with everything they hold: cells of hidden columns, notes and sources too. */
async function wholeRows(sheet: SheetState): Promise<WholeRow[]> {
  const { top, bottom } = sheet.range;
  const rows = await sheet.plan.client.call('sheet.rows', { ...sheet.area(), from: top, count: bottom - top + 1 });
  return [...rows];
}

/** Copies the selected rows below themselves. */
export async function duplicateRows(sheet: SheetState): Promise<void> {
  const rows = await wholeRows(sheet);
  const last = Math.max(...rows.map((row) => row.at));
  const cells = rows.map((row) => row.cells);
  await sheet.send(addRows(sheet, await allKeys(sheet), rows.length, last + 1, cells), 'duplicated rows');
}

/** Removes the selected rows. Undo brings them back. */
export async function removeRows(sheet: SheetState): Promise<void> {
  const { top } = sheet.range;
  const rows = await wholeRows(sheet);
  const commands = rows.map((row): ClientCommand => ({ row: [sheet.plan.table, row.key], to: null }));
  if (await sheet.send(commands, 'removed rows'))
    sheet.select({ row: Math.max(0, Math.min(top, sheet.rowCount - 1 - rows.length)), column: sheet.active.column });
}

/** Moves the selected rows up or down by one place of the document. */
export async function moveRow(sheet: SheetState, by: 1 | -1): Promise<void> {
  if (sheet.isArranged) {
    sheet.failure = {
      code: 'SORTED',
      message: 'Rows of a sorted or filtered view keep their places.',
      hint: 'Clear sort and filter to move them.',
      where: '',
    };
    return;
  }
  const { top, bottom } = sheet.range;
  if (top + by < 0 || bottom + by >= sheet.rowCount) return;
  const neighbour = sheet.rowAt(by < 0 ? top - 1 : bottom + 1) as RowView | undefined;
  if (!neighbour) return;
  // The neighbour jumps over the selection: one command, however many rows are selected.
  const [row] = await sheet.plan.client.call('sheet.rows', { ...sheet.area(), from: neighbour.at, count: 1 });
  if (!row) return;
  const to = { at: by < 0 ? bottom : top, cells: row.cells };
  if (await sheet.send([{ row: [sheet.plan.table, row.key], to }], 'moved rows')) {
    const { range, active } = sheet;
    sheet.select({ ...active, row: active.row + by });
    if (range.bottom > range.top) sheet.selectRange({ ...range, top: top + by, bottom: bottom + by });
  }
}
