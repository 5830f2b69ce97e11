import type { Connection } from './database.ts';
import { loadDriver } from './database.ts';
import { sqliteCode, storeError } from './errors.ts';

/** Who holds the right to write, as shown to the one who does not. */
export interface Writer {
  readonly pid: number;
  readonly app: string;
  /** UTC milliseconds. */
  readonly since: number;
}

/** The right to write a store, held until released or until the process ends, however it ends. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the right to write `path`, or says who has it. The lock is an exclusive transaction on a small file beside the
 * store: the operating system drops it when the process dies, so a crash leaves nothing to clean up, and readers of the
 * store itself are never kept out.
 */
export function takeWriterLock(path: string): WriterLock | null {
  const Driver = loadDriver();
  const lock = new Driver(`${path}-lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (sqliteCode(cause).startsWith('SQLITE_BUSY')) return null;
    throw cause;
  }
  return {
    release() {
      if (!lock.open) return;
      lock.close();
    },
  };
}

/** Records who writes, for the message of {@link writerError}. */
export function noteWriter(db: Connection, writer: Writer): void {
  db.prepare(
    "INSERT INTO meta (key, value) VALUES ('writer', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  ).run(JSON.stringify(writer));
}

/** The error for a second writer: names the first one and what still works. */
export function writerError(db: Connection | null, where: string): Error {
  let who = 'another Flopsheet process';
  try {
    const text = db?.prepare("SELECT value FROM meta WHERE key = 'writer'").pluck().get() as string | undefined;
    if (text) {
      const writer = JSON.parse(text) as Writer;
      who = `${writer.app} (process ${writer.pid}, since ${new Date(writer.since).toISOString()})`;
    }
  } catch {
    // The name of the other process is a courtesy: without it the message still says what to do.
  }
  return storeError('store_in_use', `${where} is open for writing in ${who}`, {
    hint: 'Close the other one to write here. Reading works meanwhile: this process may open the store read-only.',
    where,
  });
}
