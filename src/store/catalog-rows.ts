import { canonicalJson } from './canonical.ts';
import { statement } from './database.ts';
import type { WritableDb } from './database.ts';

/** Field values of a catalog row by column name; a field that is not there is unknown. */
export type Fields = Record<string, string | number | boolean | null | undefined>;

/** One revision of a catalog row. */
export interface CatalogRow {
  readonly kind: string;
  /** Immutable, kebab-case. */
  readonly key: string;
  readonly revision: number;
  readonly origin: 'seed' | 'user';
  readonly name: string;
  readonly fields: Readonly<Fields>;
  readonly source: string;
  readonly sourceUrl: string;
  /** Date the facts are true of: a year, a month or a day, ISO. */
  readonly asOf: string;
  readonly confidence: string;
  readonly licence: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
}

export type NewRow = Omit<CatalogRow, 'revision' | 'createdAt'> & { readonly withdrawn?: boolean };

/** Columns of `catalog_row r` in the order {@link rowFrom} reads them. */
export const ROW_COLUMNS =
  'r.kind, r.key, r.revision, r.origin, r.name, r.fields, r.source, r.source_url, r.as_of, r.confidence, r.licence, r.created_at_ms';

/** A result row of {@link ROW_COLUMNS} (raw mode) as a catalog row. */
export function rowFrom(raw: readonly unknown[]): CatalogRow {
  const [kind, key, revision, origin, name, fields, source, sourceUrl, asOf, confidence, licence, createdAt] = raw as [
    string, string, number, 'seed' | 'user', string, string, string, string, string, string, string, number,
  ]; // prettier-ignore
  return {
    kind,
    key,
    revision,
    origin,
    name,
    fields: JSON.parse(fields) as Fields,
    source,
    sourceUrl,
    asOf,
    confidence,
    licence,
    createdAt,
  };
}

const NEXT_REVISION = 'SELECT 1 + coalesce(max(revision), 0) FROM catalog_row WHERE kind = ? AND key = ?';
const INSERT = `INSERT INTO catalog_row (kind, key, revision, origin, withdrawn, name, fields, source, source_url, as_of, confidence, licence, created_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Adds the next revision of a row. Call inside a write. Parameters by position: by name they cost ten times the insert. */
export function appendRevision(db: WritableDb, row: NewRow, now: number, fieldsText = canonicalJson(row.fields)): void {
  const revision = statement(db, NEXT_REVISION).pluck().get(row.kind, row.key);
  statement(db, INSERT).run(
    row.kind,
    row.key,
    revision,
    row.origin,
    row.withdrawn ? 1 : 0,
    row.name,
    fieldsText,
    row.source,
    row.sourceUrl,
    row.asOf,
    row.confidence,
    row.licence,
    now,
  );
}
