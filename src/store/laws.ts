/** Laws people fitted to their own runs: saved once, renamed freely, deleted so that it can be taken back. */
import { lawKey, lawToFile, readLaw, savedLaw, type Law } from '../core/scaling/index.ts';
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';

export interface StoredLaw {
  readonly key: string;
  readonly name: string;
  readonly law: Law;
  /** Which runs, which method. */
  readonly note: string;
  /** The table of runs is kept with it. */
  readonly hasPoints: boolean;
  readonly author: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
}

interface LawRow {
  readonly key: string;
  readonly name: string;
  readonly law: string;
  readonly note: string;
  readonly has_points: number;
  readonly author: string;
  readonly created_at_ms: number;
}

/** Keys of the laws that are not deleted. */
export function lawKeys(db: ReadableDb): string[] {
  const rows = statement(db, 'SELECT key FROM fitted_law WHERE deleted_at_ms IS NULL').all() as { key: string }[];
  return rows.map((row) => row.key);
}

/** A saved law by its key, deleted or not. Throws `law_unknown`. */
export function findStoredLaw(db: ReadableDb, key: string): Law {
  const row = statement(db, 'SELECT name, law FROM fitted_law WHERE key = ?').get(key) as
    Pick<LawRow, 'name' | 'law'> | undefined;
  if (!row) throw storeError('law_unknown', 'There is no such law in the store', { where: key });
  return { ...readLaw(JSON.parse(row.law), key), name: row.name };
}

/** Laws that are not deleted, newest first. */
export function listLaws(db: ReadableDb): StoredLaw[] {
  return read(db, 'list the fitted laws', () =>
    (
      statement(
        db,
        `SELECT key, name, law, note, points <> '' AS has_points, author, created_at_ms FROM fitted_law
          WHERE deleted_at_ms IS NULL ORDER BY seq DESC`,
      ).all() as LawRow[]
    ).map((row) => ({
      key: row.key,
      name: row.name,
      law: { ...readLaw(JSON.parse(row.law), row.key), name: row.name },
      note: row.note,
      hasPoints: row.has_points === 1,
      author: row.author,
      createdAt: row.created_at_ms,
    })),
  );
}

export interface NewLaw {
  readonly name: string;
  readonly law: Law;
  readonly note: string;
  /** The runs it was fitted to, as text; empty when they are too many to keep. */
  readonly points: string;
  readonly author: string;
}

/** Saves a law under a key made from its name, which no other law has or had. Throws `law_name` for an empty name. */
export function saveLaw(db: WritableDb, given: NewLaw, now: number): StoredLaw {
  const name = given.name.trim();
  if (name === '')
    throw storeError('law_name', 'A law needs a name', { hint: 'For example the ladder it was fitted to.' });
  return write(db, 'save the law', () => {
    const taken = statement(db, 'SELECT key FROM fitted_law').all() as { key: string }[];
    const key = lawKey(name, new Set(taken.map((row) => row.key)));
    // Derivations show which runs a law rests on, also where the plan has gone without this store.
    const law = savedLaw({ ...given.law, source: { ...given.law.source, reference: given.note } }, key, name);
    statement(
      db,
      'INSERT INTO fitted_law (key, name, law, note, points, author, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(key, name, JSON.stringify(lawToFile(law)), given.note, given.points, given.author, now);
    return {
      key,
      name,
      law,
      note: given.note,
      hasPoints: given.points !== '',
      author: given.author,
      createdAt: now,
    };
  });
}

function changeOne(db: WritableDb, what: string, sql: string, ...values: (string | number | null)[]): void {
  write(db, what, () => {
    const { changes } = statement(db, sql).run(...values);
    if (changes === 0)
      throw storeError('law_unknown', 'There is no such law in the store', { where: String(values.at(-1)) });
  });
}

/** Gives a law another name; its key, which formulas use, stays. */
export function renameLaw(db: WritableDb, key: string, name: string): void {
  if (name.trim() === '') throw storeError('law_name', 'A law needs a name', { where: key });
  changeOne(
    db,
    'rename the law',
    'UPDATE fitted_law SET name = ? WHERE deleted_at_ms IS NULL AND key = ?',
    name.trim(),
    key,
  );
}

/** Takes a law from the list. Plans that use it keep their copy. */
export function deleteLaw(db: WritableDb, key: string, now: number): void {
  changeOne(
    db,
    'delete the law',
    'UPDATE fitted_law SET deleted_at_ms = ? WHERE deleted_at_ms IS NULL AND key = ?',
    now,
    key,
  );
}

/** Takes a deletion back. */
export function restoreLaw(db: WritableDb, key: string): void {
  changeOne(db, 'restore the law', 'UPDATE fitted_law SET deleted_at_ms = NULL WHERE key = ?', key);
}

/** The runs a law was fitted to, as they were given; empty when they were not kept. */
export function lawPoints(db: ReadableDb, key: string): string {
  const row = statement(db, 'SELECT points FROM fitted_law WHERE key = ?').get(key) as { points: string } | undefined;
  if (!row) throw storeError('law_unknown', 'There is no such law in the store', { where: key });
  return row.points;
}
