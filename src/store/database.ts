import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { asStoreError, storeError } from './errors.ts';

/** The connection as the driver gives it; only the store's own files see it. */
export type Connection = BetterSqlite3.Database;

declare const readable: unique symbol;
declare const writable: unique symbol;
/** A connection that may be read. A function that takes this cannot be handed the duty to write. */
export type ReadableDb = Connection & { readonly [readable]: true };
/** A connection of the one process that may write. */
export type WritableDb = ReadableDb & { readonly [writable]: true };

/** SQLite before this release could corrupt a WAL file when two connections checkpoint at once. */
const SAFE_SQLITE = [3, 51, 3];

/** The native driver, loaded on first use: a program that only asks for `--help` never loads it. */
export function loadDriver(): typeof BetterSqlite3 {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 22) {
    throw storeError('store_node_too_old', `The store needs Node 22 or newer; this is Node ${process.versions.node}`, {
      hint: 'Start through npm (`npm start`, `npm run`): it uses the Node that was installed with the project.',
    });
  }
  return createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;
}

/** Opens a connection with the settings every connection of the product has. Times out a busy file after 5 s. */
export function connect(file: string | Buffer, options: { readOnly: boolean }): Connection {
  const Driver = loadDriver();
  // The typings know a path only; the driver also takes the bytes of a database.
  const db = new Driver(file as string, { readonly: options.readOnly && typeof file === 'string', timeout: 5000 });
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('foreign_keys = ON');
    db.pragma('cell_size_check = ON');
    db.pragma('mmap_size = 0');
    // 64 MB: importing a large price book otherwise reads its index pages again and again.
    db.pragma('cache_size = -64000');
    if (!options.readOnly) {
      assertSafeSqlite(db);
      db.pragma('journal_mode = WAL');
      // Explicit: the driver's default for an existing WAL file is NORMAL, which may lose the last commits when power fails.
      db.pragma('synchronous = FULL');
      if (typeof file === 'string' && file !== ':memory:' && process.platform !== 'win32')
        inodes.set(db, statSync(file).ino);
    }
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

function assertSafeSqlite(db: Connection): void {
  const version = db.prepare('SELECT sqlite_version()').pluck().get() as string;
  const parts = version.split('.').map(Number);
  const older = SAFE_SQLITE.findIndex((part, i) => (parts[i] ?? 0) !== part);
  if (older >= 0 && (parts[older] ?? 0) < (SAFE_SQLITE[older] ?? 0)) {
    throw storeError(
      'store_sqlite_too_old',
      `SQLite ${version} has a known bug that can damage files; 3.51.3 or newer is needed`,
      { hint: 'Run `npm ci` to install the driver this version was made for.' },
    );
  }
}

/**
 * Runs `work` as one write: it happens wholly or not at all, and the connection is usable afterwards whatever happened.
 * The transaction takes the write lock at once: a deferred one that reads first cannot be retried when it meets a writer.
 */
export function write<T>(db: WritableDb, doing: string, work: () => T): T {
  try {
    assertInPlace(db);
    return db.inTransaction ? work() : db.transaction(work).immediate();
  } catch (cause) {
    throw asStoreError(cause, doing);
  }
}

/** The file behind a connection that writes, as it was when it was opened. */
const inodes = new WeakMap<Connection, number>();

/**
 * A file that was moved away or replaced while open can still be written, and what is written goes with it: refuse
 * before anything is lost. Windows does not let an open file be moved. Throws `store_moved`.
 */
function assertInPlace(db: Connection): void {
  const opened = inodes.get(db);
  if (opened === undefined || db.inTransaction) return;
  const found = statSync(db.name, { throwIfNoEntry: false });
  if (found?.ino === opened) return;
  throw storeError('store_moved', `${db.name} was ${found ? 'replaced' : 'moved or removed'} while it was open`, {
    hint: 'Nothing more is written there. What you typed stays on the page: put the file back, or start Flopsheet again to go on with what is there now.',
    where: db.name,
  });
}

/** Runs `work` as one consistent read, with the store's errors. */
export function read<T>(db: ReadableDb, doing: string, work: () => T): T {
  try {
    return db.inTransaction ? work() : db.transaction(work).deferred();
  } catch (cause) {
    throw asStoreError(cause, doing);
  }
}

const prepared = new WeakMap<Connection, Map<string, BetterSqlite3.Statement>>();

/** The statement for `sql`, prepared once per connection. For text fixed in the code; its row mode is the caller's to set. */
export function statement(db: Connection, sql: string): BetterSqlite3.Statement {
  let own = prepared.get(db);
  if (!own) prepared.set(db, (own = new Map()));
  let found = own.get(sql);
  if (!found) own.set(sql, (found = db.prepare(sql)));
  return found;
}
