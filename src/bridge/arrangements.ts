/** Row orders of the views people look at, worked out once and kept until they ask again or rows come and go. */
import type { TableId } from '../core/document/plan.ts';
import { arrangeRows, isPlain, type Arrangement } from '../core/sheet/arrange.ts';
import type { Sheet } from '../core/sheet/sheet.ts';

export type StampedArrangement = Arrangement & { readonly stamp: number };

interface Kept {
  readonly name: string;
  readonly keys: readonly string[];
  readonly rows: Int32Array;
}

const kept = new WeakMap<Sheet, Map<TableId, Kept>>();

/** Row numbers of a table in view order; null when that is the document's. */
export function arranged(sheet: Sheet, table: TableId, arrange: StampedArrangement | undefined): Int32Array | null {
  if (!arrange || isPlain(arrange)) return null;
  let own = kept.get(sheet);
  if (!own) kept.set(sheet, (own = new Map()));
  const name = JSON.stringify(arrange);
  const { keys } = sheet.state.tables[table];
  const known = own.get(table);
  if (known?.name === name && known.keys === keys) return known.rows;
  const rows = arrangeRows(sheet, table, arrange);
  own.set(table, { name, keys, rows });
  return rows;
}

/** The rows a part of a view shows. */
export function rowsOf(
  sheet: Sheet,
  table: TableId,
  arrange: StampedArrangement | undefined,
  from: number,
  count: number,
): Int32Array {
  const order = arranged(sheet, table, arrange);
  if (order) return order.slice(from, from + count);
  const last = Math.min(sheet.state.tables[table].keys.length, from + count);
  return Int32Array.from({ length: Math.max(0, last - from) }, (_, i) => from + i);
}
