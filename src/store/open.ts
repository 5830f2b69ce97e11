import { accessSync, constants, existsSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publish, removeDatabase, removeUnfinished } from './backup.ts';
import { connect } from './database.ts';
import type { Connection, ReadableDb, WritableDb } from './database.ts';
import { asStoreError, sqliteCode, storeError } from './errors.ts';
import { assertOurs, loadMigrations, migrate, schemaNumber } from './migrate.ts';
import { connectReader, withFile } from './reader.ts';
import { syncedBy } from './location.ts';
import { noteWriter, takeWriterLock, writerError } from './lock.ts';
import type { WriterLock } from './lock.ts';

interface StoreBase {
  /** Real path of the file, or `:memory:`. */
  readonly path: string;
  /** Sentences the user should see: why it is read-only, what was backed up. */
  readonly notices: readonly string[];
  /** Ends the connection and gives the right to write back. May be called twice. */
  close(): void;
}
export interface WritableStore extends StoreBase {
  readonly readOnly: false;
  readonly db: WritableDb;
}
export interface ReadOnlyStore extends StoreBase {
  readonly readOnly: true;
  readonly db: ReadableDb;
}
export type Store = WritableStore | ReadOnlyStore;

export interface OpenOptions {
  /** UTC milliseconds. */
  readonly now: number;
  /** Version of the app, written into the file and shown by older versions that must refuse it. */
  readonly version: string;
  /** Name of this program for the message a second writer gets (`the app`, `flopsheet plan`). */
  readonly app?: string;
  readonly readOnly?: boolean;
  readonly migrationsFolder?: string;
}

/** Opens the store for writing, creating and migrating it as needed. Fails with `store_in_use` when another process writes. */
export function openStore(path: string, options: OpenOptions & { readOnly?: false }): WritableStore;
export function openStore(path: string, options: OpenOptions & { readOnly: true }): ReadOnlyStore;
export function openStore(path: string, options: OpenOptions): Store;
export function openStore(path: string, options: OpenOptions): Store {
  try {
    if (path === ':memory:') return openMemory(options);
    return options.readOnly ? openReader(path, options) : openWriter(path, options);
  } catch (cause) {
    throw asStoreError(cause, `open ${path}`, path);
  }
}

/**
 * Opens for writing where possible, else read-only with a notice that says why (another writer, a read-only place).
 * Other failures (damaged, newer, foreign) are thrown.
 */
export function openStoreOrRead(path: string, options: Omit<OpenOptions, 'readOnly'>): Store {
  try {
    return openStore(path, options);
  } catch (cause) {
    const error = cause as { code?: string; message?: string };
    if (error.code !== 'store_in_use' && error.code !== 'store_read_only') throw cause;
    const store = openStore(path, { ...options, readOnly: true });
    return { ...store, notices: [`${error.message}. Opened read-only: edits cannot be saved here.`, ...store.notices] };
  }
}

function openMemory(options: OpenOptions): WritableStore {
  const db = connect(':memory:', { readOnly: false });
  migrate(db, loadMigrations(options.migrationsFolder), options);
  return { path: ':memory:', readOnly: false, db: db as WritableDb, notices: [], close: () => void db.close() };
}

function openWriter(path: string, options: OpenOptions): WritableStore {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const file = existsSync(path)
    ? realpathSync(path)
    : join(realpathSync(folder), path.slice(folder.length).replace(/^[\\/]+/, '') || path);
  assertOneName(file);
  const isNew = !existsSync(file) || statSync(file).size === 0;
  const migrations = loadMigrations(options.migrationsFolder);
  if (!isNew) withFile(file, (db) => assertOurs(db, migrations, options.version, file));
  // Said before the lock is tried: a folder that cannot be written would look like a missing one.
  accessSync(dirname(file), constants.W_OK);
  if (existsSync(file)) accessSync(file, constants.W_OK);
  const lock = takeWriterLock(file);
  if (!lock) {
    throw withFile(file, (db) => writerError(db, file));
  }
  try {
    return openLocked(file, isNew, options, lock);
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

function openLocked(file: string, isNew: boolean, options: OpenOptions, lock: WriterLock): WritableStore {
  const migrations = loadMigrations(options.migrationsFolder);
  removeUnfinished(file);
  const db = connect(file, { readOnly: false });
  const notices: string[] = [];
  try {
    // Again under the lock: another process may have migrated the file in between.
    if (!isNew) {
      assertOurs(db, migrations, options.version, file);
      assertSound(db, file);
      const known = migrations.at(-1)?.number ?? 0;
      if (schemaNumber(db) < known)
        notices.push(
          `Saved ${backupBeforeMigration(db, file, options.now)} before bringing the store to schema ${known}.`,
        );
    }
    const service = syncedBy(file);
    if (service !== null)
      notices.push(
        `${file} lies in ${service}. Use it on one machine at a time, or move it with --db: a copy made while you work may be incomplete.`,
      );
    migrate(db, migrations, options);
    noteWriter(db, { pid: process.pid, app: options.app ?? 'Flopsheet', since: options.now });
  } catch (cause) {
    db.close();
    throw cause;
  }
  const close = () => {
    if (db.open) {
      try {
        db.pragma('optimize');
      } catch {
        // A full disk must not keep the app from closing: optimising is a courtesy.
      }
      db.close();
    }
    lock.release();
  };
  return { path: file, readOnly: false, db: db as WritableDb, notices, close };
}

function openReader(path: string, options: OpenOptions): ReadOnlyStore {
  if (!existsSync(path)) {
    throw storeError('store_missing', `There is no store at ${path}`, {
      hint: 'Start the app once, or run a command that writes, to create it.',
      where: path,
    });
  }
  const file = realpathSync(path);
  const migrations = loadMigrations(options.migrationsFolder);
  const { db, copy } = connectReader(file);
  try {
    assertOurs(db, migrations, options.version, file);
    assertSound(db, file);
    const known = migrations.at(-1)?.number ?? 0;
    if (schemaNumber(db) < known) {
      throw storeError('store_older', `${file} has schema ${schemaNumber(db)}; this version reads schema ${known}`, {
        hint: 'Open it once for writing to bring it up to date: a backup is made first.',
        where: file,
      });
    }
  } catch (cause) {
    db.close();
    if (copy) rmSync(copy, { recursive: true, force: true });
    throw cause;
  }
  const notices = copy ? [`${dirname(file)} is read-only: showing a copy of the store as of now.`] : [];
  const close = () => {
    db.close();
    if (copy) rmSync(copy, { recursive: true, force: true });
  };
  return { path: file, readOnly: true, db: db as ReadableDb, notices, close };
}

/** Two names of one file would each get their own journal file, which damages the store: refuse before it happens. */
function assertOneName(file: string): void {
  if (existsSync(file) && statSync(file).isFile() && statSync(file).nlink > 1) {
    throw storeError('store_hard_link', `${file} has a second name (a hard link)`, {
      hint: 'Keep one name: a store written under two names gets damaged. Copy it with `flopsheet db backup` instead.',
      where: file,
    });
  }
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw storeError('store_cannot_open', `${file} is a folder`, {
      hint: 'Name a file, for example store.db in that folder.',
      where: file,
    });
  }
}

/** Above this size the catalog, which may hold a million prices, is left to `db check` and to backups. */
const WHOLE_CHECK_BYTES = 16_000_000;

/**
 * The quick check of every start. In a large file it reads all that people made (plans, journal, comments …) and not the
 * catalog, so that opening does not grow with the price book. Throws `store_corrupt`.
 */
function assertSound(db: Connection, file: string): void {
  let finding: string;
  try {
    finding = statSync(file).size <= WHOLE_CHECK_BYTES ? quickCheck(db, '1') : checkOwnWork(db);
  } catch (cause) {
    if (!sqliteCode(cause).startsWith('SQLITE_CORRUPT')) throw cause;
    finding = (cause as Error).message;
  }
  if (finding !== 'ok') {
    throw storeError('store_corrupt', `${file} is damaged (${finding})`, {
      hint: 'Restore the newest backup (`flopsheet db restore`), or let the store recover what can be read: the damaged file is kept.',
      where: file,
    });
  }
}

function quickCheck(db: Connection, what: string): string {
  return db.pragma(`quick_check(${what})`, { simple: true }) as string;
}

/** First finding in the tables other than the catalog's. */
function checkOwnWork(db: Connection): string {
  const tables = db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'catalog%' AND name NOT LIKE 'sqlite%'",
    )
    .pluck()
    .all() as string[];
  for (const table of tables) {
    const finding = quickCheck(db, table);
    if (finding !== 'ok') return finding;
  }
  return 'ok';
}

/** A whole, checked copy beside the store. Returns its path. */
function backupBeforeMigration(db: Connection, file: string, now: number): string {
  const folder = join(dirname(file), 'backups');
  mkdirSync(folder, { recursive: true });
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-');
  const target = join(folder, `before-schema-${schemaNumber(db)}-${stamp}.db`);
  const partial = `${target}.partial`;
  db.prepare('VACUUM INTO ?').run(partial);
  withFile(partial, (copy) => assertSound(copy, partial));
  publish(partial, target);
  removeDatabase(partial);
  return target;
}
