/** How a person has laid out the tables of a plan: widths, order, sort and the like. No part of the plan. */
import { canonicalJson } from './canonical.ts';
import { read, statement, write, type ReadableDb, type WritableDb } from './database.ts';

/** The stored layout of a table; null when there is none. */
export function readSheetView(db: ReadableDb, planId: string, table: string): unknown {
  return read(db, 'read the layout', () => {
    const row = statement(db, 'SELECT layout FROM sheet_view WHERE plan_id = ? AND table_id = ?').get(planId, table) as
      { layout: string } | undefined;
    return row ? (JSON.parse(row.layout) as unknown) : null;
  });
}

/** Keeps the layout of a table in place of the last one. */
export function writeSheetView(db: WritableDb, planId: string, table: string, layout: unknown, now: number): void {
  write(db, 'keep the layout', () =>
    statement(
      db,
      'INSERT INTO sheet_view (plan_id, table_id, layout, changed_at_ms) VALUES (?, ?, ?, ?) ON CONFLICT (plan_id, table_id) DO UPDATE SET layout = excluded.layout, changed_at_ms = excluded.changed_at_ms',
    ).run(planId, table, canonicalJson(layout), now),
  );
}
