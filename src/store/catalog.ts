import { addAliases, resolveName } from './aliases.ts';
import { ROW_COLUMNS, appendRevision, rowFrom } from './catalog-rows.ts';
import type { CatalogRow, Fields } from './catalog-rows.ts';
import { read, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';
import { nearest, slug } from './names.ts';
import { CATALOG_KINDS } from './seed-files.ts';
import type { CatalogKind } from './seed-files.ts';

export type { CatalogRow, Fields } from './catalog-rows.ts';
export { CATALOG_KINDS } from './seed-files.ts';
export type { CatalogKind } from './seed-files.ts';

/** The kind a user's word means: `models`, `model`, `purchase-prices`. Throws `catalog_kind`. */
export function catalogKind(word: string): CatalogKind {
  const wanted = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const singular = wanted.replace(/ies$/, 'y').replace(/s$/, '');
  const kind = CATALOG_KINDS.find((k) => k === wanted || k === singular || k === `${singular}s`);
  if (kind) return kind;
  const near = nearest(word, CATALOG_KINDS, 1)[0];
  throw storeError('catalog_kind', `The catalog has no kind “${word}”`, {
    hint: `${near ? `Did you mean ${near}? ` : ''}Kinds: ${CATALOG_KINDS.join(', ')}.`,
    where: word,
  });
}

/** Current rows of a kind by name; `query` keeps rows whose name, key or fields hold all its words. */
export function listCatalog(
  db: ReadableDb,
  kind: CatalogKind,
  options: { query?: string; limit?: number } = {},
): CatalogRow[] {
  // More words than a person types would be more than a statement may hold.
  const words = (options.query ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 32);
  const match = words
    .map((_, i) => `AND (r.name || ' ' || r.key || ' ' || r.fields) LIKE ? ESCAPE '\\' -- ${i}`)
    .join('\n');
  const sql = `SELECT ${ROW_COLUMNS} FROM catalog_head h JOIN catalog_row r ON r.id = h.row_id WHERE h.kind = ? ${match}
    ORDER BY r.name COLLATE NOCASE, r.key LIMIT ?`;
  const patterns = words.map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`);
  return read(db, 'list the catalog', () =>
    (
      db
        .prepare(sql)
        .raw()
        .all(kind, ...patterns, options.limit ?? -1) as unknown[][]
    ).map(rowFrom),
  );
}

/**
 * One row by its key or any name it is known by: the current revision, or the one asked for (which stays readable for
 * ever). Throws `catalog_unknown` with the nearest names, `catalog_revision` for a revision that is not there.
 */
export function showCatalog(db: ReadableDb, kind: CatalogKind, name: string, revision?: number): CatalogRow {
  return read(db, 'read the catalog', () => {
    if (revision === undefined) {
      const { key } = resolveName(db, kind, name);
      const raw = db
        .prepare(
          `SELECT ${ROW_COLUMNS} FROM catalog_head h JOIN catalog_row r ON r.id = h.row_id WHERE h.kind = ? AND h.key = ?`,
        )
        .raw()
        .get(kind, key);
      if (raw) return rowFrom(raw as unknown[]);
      throw storeError('catalog_unknown', `“${name}” was withdrawn from the catalog`, {
        hint: 'Ask for one of its revisions, or choose another row.',
        where: name,
      });
    }
    const byRevision = db
      .prepare(`SELECT ${ROW_COLUMNS} FROM catalog_row r WHERE r.kind = ? AND r.key = ? AND r.revision = ?`)
      .raw();
    const exact =
      byRevision.get(kind, name, revision) ?? byRevision.get(kind, resolveName(db, kind, name).key, revision);
    if (exact) return rowFrom(exact as unknown[]);
    throw storeError('catalog_revision', `${kind} “${name}” has no revision ${revision}`, {
      hint: 'Use a revision of its history.',
      where: name,
    });
  });
}

/** Every revision of a row, oldest first. */
export function catalogHistory(db: ReadableDb, kind: CatalogKind, key: string): CatalogRow[] {
  return (
    db
      .prepare(`SELECT ${ROW_COLUMNS} FROM catalog_row r WHERE r.kind = ? AND r.key = ? ORDER BY r.revision`)
      .raw()
      .all(kind, key) as unknown[][]
  ).map(rowFrom);
}

/** A row as a user gives it. */
export interface UserRow {
  readonly kind: CatalogKind;
  /** Without it the key is made from the name. */
  readonly key?: string;
  readonly name: string;
  readonly fields: Readonly<Fields>;
  readonly source?: string;
  readonly sourceUrl?: string;
  readonly asOf?: string;
  readonly confidence?: string;
  readonly licence?: string;
  readonly aliases?: readonly string[];
}

/**
 * Adds a row, or a new revision of the row with this key: from then on the user's word stands before the seed's.
 * Throws `catalog_name` for an empty name.
 */
export function putUserRow(db: WritableDb, row: UserRow, now: number): CatalogRow {
  const key = row.key === undefined ? slug(row.name) : row.key;
  if (row.name.trim() === '' || key === '' || key !== slug(key)) {
    throw storeError(
      'catalog_name',
      row.name.trim() === '' ? 'A catalog row needs a name' : `“${key}” cannot be a key`,
      { hint: 'Keys are lower-case letters, digits, dots and hyphens, for example h100-sxm.', where: row.kind },
    );
  }
  return write(db, 'save the catalog row', () => {
    const fields = { ...row.fields };
    // A quote is found by its chip's key whatever name the user gave the chip.
    if (typeof fields['chip'] === 'string' && fields['chip_key'] === undefined)
      fields['chip_key'] = resolveName(db, 'hardware', fields['chip']).key;
    const full = {
      kind: row.kind,
      key,
      origin: 'user' as const,
      name: row.name.trim(),
      fields,
      source: row.source ?? '',
      sourceUrl: row.sourceUrl ?? '',
      asOf: row.asOf ?? '',
      confidence: row.confidence ?? '',
      licence: row.licence ?? '',
    };
    appendRevision(db, full, now);
    addAliases(db, row.kind, key, [row.name, key, ...(row.aliases ?? [])], 'user');
    return showCatalog(db, row.kind, key);
  });
}

/** Takes back what the user said about a row: the seed's value shows again, or the row leaves the list. Revisions stay readable. */
export function withdrawUserRow(db: WritableDb, kind: CatalogKind, key: string, now: number): void {
  write(db, 'withdraw the catalog row', () => {
    const current = showCatalog(db, kind, key);
    if (current.origin !== 'user')
      throw storeError(
        'catalog_not_yours',
        `${kind} “${key}” shows the catalog's own value: there is nothing of yours to take back`,
        { where: key },
      );
    appendRevision(db, { ...current, withdrawn: true }, now);
  });
}

/** The current revision of each row named, for an approval to pin. */
export function pinRevisions(db: ReadableDb, rows: Iterable<{ kind: string; key: string }>): Record<string, number> {
  const revision = db
    .prepare(
      'SELECT r.revision FROM catalog_head h JOIN catalog_row r ON r.id = h.row_id WHERE h.kind = ? AND h.key = ?',
    )
    .pluck();
  const pins: Record<string, number> = {};
  for (const { kind, key } of rows) {
    const found = revision.get(kind, key) as number | undefined;
    if (found !== undefined) pins[`${kind}/${key}`] = found;
  }
  return pins;
}
