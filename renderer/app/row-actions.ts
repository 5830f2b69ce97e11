/** Actions on whole rows of the open table. Keys of all rows are asked for, so that new ones are fresh. */
import { addRows } from '../grid/edits.ts';
import type { SheetState } from '../grid/sheet.svelte.ts';
import type { ClientCommand } from './plan.svelte.ts';

/** Keys of every row of the table. */
export async function allKeys(sheet: SheetState): Promise<Set<string>> {
  const keys = new Set<string>();
  for (let from = 0; ; from += 2_000) {
    const view = await sheet.plan.client.call('sheet.view', {
      plan: sheet.plan.id,
      scenario: sheet.plan.scenario,
      table: sheet.plan.table,
      columns: [],
      from,
      count: 2_000,
    });
    for (const row of view.rows) keys.add(row.key);
    if (from + 2_000 >= view.rowCount) return keys;
  }
}

/** Adds an empty row at the end and goes to it. */
export async function addRowBelow(sheet: SheetState): Promise<void> {
  const at = sheet.rowCount;
  if (await sheet.send(addRows(sheet, await allKeys(sheet), 1))) sheet.select({ row: at, column: 0 });
}

/** Copies the selected rows below themselves. */
export async function duplicateRows(sheet: SheetState): Promise<void> {
  const { top, bottom } = sheet.range;
  const view = await sheet.plan.client.call('sheet.view', {
    plan: sheet.plan.id,
    scenario: sheet.plan.scenario,
    table: sheet.plan.table,
    columns: sheet.allColumns.map((column) => column.id),
    from: top,
    count: bottom - top + 1,
  });
  const cells = view.rows.map((row) =>
    Object.fromEntries(
      row.cells.flatMap((cell, i) =>
        cell.text !== '' && view.columns[i] !== 'key' ? [[view.columns[i] ?? '', cell.text] as const] : [],
      ),
    ),
  );
  await sheet.send(addRows(sheet, await allKeys(sheet), cells.length, cells, bottom + 1));
}

/** Removes the selected rows. Undo brings them back. */
export async function removeRows(sheet: SheetState): Promise<void> {
  const { top, bottom } = sheet.range;
  const commands: ClientCommand[] = [];
  for (let row = top; row <= bottom; row++) {
    const key = sheet.rowAt(row)?.key;
    if (key !== undefined) commands.push({ row: [sheet.plan.table, key], to: null });
  }
  if (await sheet.send(commands)) sheet.select({ row: Math.max(0, top - 1), column: sheet.active.column });
}

/** Moves the active row up or down. */
export async function moveRow(sheet: SheetState, by: 1 | -1): Promise<void> {
  const row = sheet.rowAt(sheet.active.row);
  const to = sheet.active.row + by;
  if (!row || to < 0 || to >= sheet.rowCount) return;
  const view = await sheet.plan.client.call('sheet.view', {
    plan: sheet.plan.id,
    scenario: sheet.plan.scenario,
    table: sheet.plan.table,
    columns: sheet.allColumns.map((column) => column.id),
    from: sheet.active.row,
    count: 1,
  });
  const cells = Object.fromEntries(
    (view.rows[0]?.cells ?? []).flatMap((cell, i) =>
      cell.text !== '' && view.columns[i] !== 'key' ? [[view.columns[i] ?? '', cell.text] as const] : [],
    ),
  );
  if (await sheet.send([{ row: [sheet.plan.table, row.key], to: { at: to, cells } }]))
    sheet.select({ row: to, column: sheet.active.column });
}
