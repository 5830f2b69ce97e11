/** A row that comes or goes in a table that is evaluated: what stands below moves by one, nothing else is read again. */
import type { Command, TableId } from '../document/plan.ts';
import { grow } from './evaluate.ts';
import type { SheetState } from './node.ts';
import type { ColumnState, Compiled, Entry, TableState } from './state.ts';

export type RowCommand = Extract<Command, { readonly row: unknown }>;

/**
 * True when a row may come, go or move in place. Assumptions have types of their own; the first and the last row of a table
 * change what is computed at all; a formula that misses a name may find it in a row that comes, one that names a row
 * loses it.
 */
export function canPlace(state: SheetState, { row: [tableId, key], from, to }: RowCommand): boolean {
  const table = state.tables[tableId];
  if (tableId === 'assumptions' || table.keys.length < 2) return false;
  if (from && to) return true;
  return to ? !missesName(state) : !isNamed(state, tableId, key);
}

function isNamed(state: SheetState, table: TableId, key: string): boolean {
  const at = state.tables[table].rowNumber.get(key);
  return (
    state.tables[table].columns.some((column) => state.nodeByKey.has(`cell ${table} ${column.index} ${key}`)) ||
    state.nodes.some((node) => node.is === 'percentile' && node.table === table && node.row === at)
  );
}

function missesName(state: SheetState): boolean {
  const misses = (compiled: Compiled | null): boolean => compiled?.error?.code === 'NAME';
  for (const table of Object.values(state.tables))
    for (const column of table.columns) {
      if (misses(column.compiled)) return true;
      for (const entry of column.entries.values()) if (entry.is === 'formula' && misses(entry.compiled)) return true;
    }
  return false;
}

/** Makes room for a row: unknown in every column until it is read and computed. */
export function openRow(state: SheetState, table: TableState, key: string, at: number): void {
  const n = table.keys.length;
  for (const column of table.columns) {
    if (column.values.length <= n) grow(column, n + 1);
    column.values.copyWithin(at + 1, at, n);
    column.values[at] = Number.NaN;
    column.uncertain.copyWithin(at + 1, at, n);
    column.uncertain[at] = 0;
    if (at < n) shiftRows(column, (row) => (row >= at ? row + 1 : row));
  }
  table.keys = table.keys.toSpliced(at, 0, key);
  renumber(state, table, at, (row) => (row >= at ? row + 1 : row));
}

/** Takes a row out. */
export function closeRow(state: SheetState, table: TableState, at: number): void {
  const n = table.keys.length;
  for (const column of table.columns) {
    column.values.copyWithin(at, at + 1, n);
    column.uncertain.copyWithin(at, at + 1, n);
    column.anyUncertain &&= column.uncertain.subarray(0, n - 1).includes(1);
    column.entries.delete(at);
    column.waiting.delete(at);
    column.typed = null;
    if (at < n - 1) shiftRows(column, (row) => (row > at ? row - 1 : row));
  }
  table.rowNumber.delete(table.keys[at] as string);
  table.keys = table.keys.toSpliced(at, 1);
  renumber(state, table, at, (row) => (row > at ? row - 1 : row));
}

function shiftRows(column: ColumnState, to: (row: number) => number): void {
  column.typed = null;
  const moved = new Map<number, Entry>();
  column.entries.forEach((entry, row) => moved.set(to(row), entry));
  column.entries = moved;
  const waiting = [...column.waiting];
  column.waiting.clear();
  for (const row of waiting) column.waiting.add(to(row));
}

function renumber(state: SheetState, table: TableState, from: number, to: (row: number) => number): void {
  for (let row = from; row < table.keys.length; row++) table.rowNumber.set(table.keys[row] as string, row);
  for (const node of state.nodes) if (node.is === 'percentile' && node.table === table.id) node.row = to(node.row);
}
