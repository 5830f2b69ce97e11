import { ROW_COLUMNS, rowFrom } from './catalog-rows.ts';
import type { CatalogRow } from './catalog-rows.ts';
import { read } from './database.ts';
import type { ReadableDb } from './database.ts';

/** Which quotes are wanted. */
export interface QuoteQuery {
  /** Hardware key. */
  readonly chip: string;
  /** `hyperscaler`, `neocloud`, `marketplace`. */
  readonly providerClass: string;
  /** `on_demand`, `spot`, `reserved_1y`, `reserved_3y`, `contract`, `capacity_block`. */
  readonly commitment: string;
  /** ISO date: the newest quotes up to and including this day. */
  readonly on: string;
  readonly limit?: number;
}

/** The lookup; kept here for the test that asserts it goes through the index. Parameters: chip, class, commitment, date, limit. */
export const QUOTE_SQL = `SELECT ${ROW_COLUMNS} FROM catalog_row r
  WHERE r.kind IN ('price', 'price_history') AND r.quote_chip = ? AND r.quote_class = ? AND r.quote_commitment = ? AND r.as_of <= ?
    AND EXISTS (SELECT 1 FROM catalog_head h WHERE h.kind = r.kind AND h.key = r.key AND h.row_id = r.id)
  ORDER BY r.as_of DESC LIMIT ?`;

/** Current quotes of a chip, newest first. A quote dated by month counts from the month's first day. */
export function quotes(db: ReadableDb, query: QuoteQuery): CatalogRow[] {
  return read(db, 'look up prices', () =>
    (
      db
        .prepare(QUOTE_SQL)
        .raw()
        .all(query.chip, query.providerClass, query.commitment, query.on, query.limit ?? 100) as unknown[][]
    ).map(rowFrom),
  );
}
