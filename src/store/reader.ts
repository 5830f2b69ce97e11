import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from './database.ts';
import type { Connection, ReadableDb } from './database.ts';
import { sqliteCode, storeError } from './errors.ts';

/** A WAL file cannot even be read in a folder that cannot be written: then a copy (with its WAL) is read instead. */
export function connectReader(file: string): { db: Connection; copy: string | null } {
  try {
    const db = connect(file, { readOnly: true });
    try {
      // The driver opens lazily: only a statement shows whether the file can be read.
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      return { db, copy: null };
    } catch (cause) {
      db.close();
      throw cause;
    }
  } catch (cause) {
    const code = sqliteCode(cause);
    if (!code.startsWith('SQLITE_READONLY') && !code.startsWith('SQLITE_CANTOPEN')) throw cause;
    const copy = mkdtempSync(join(tmpdir(), 'flopsheet-read-'));
    copyFileSync(file, join(copy, 'store.db'));
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, join(copy, 'store.db-wal'));
    return { db: connect(join(copy, 'store.db'), { readOnly: false }), copy };
  }
}

/**
 * Runs `look` on a database file without changing it. Throws `store_not_a_database` for another file. SQLite may leave
 * an empty journal file beside it; removing that is not ours to do while another process may have the store open.
 */
export function withFile<T>(file: string, look: (db: ReadableDb) => T): T {
  assertSqliteHeader(file);
  const { db, copy } = connectReader(file);
  try {
    return look(db as ReadableDb);
  } finally {
    db.close();
    if (copy) rmSync(copy, { recursive: true, force: true });
  }
}

function assertSqliteHeader(file: string): void {
  const head = Buffer.alloc(16);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, head, 0, 16, 0);
  } finally {
    closeSync(handle);
  }
  if (head.toString('latin1') !== 'SQLite format 3\0') {
    throw storeError('store_not_a_database', `${file} is not a Flopsheet store`, {
      hint: 'Nothing was changed. Choose another file with --db, or restore a backup if this was a store before.',
      where: file,
    });
  }
}
