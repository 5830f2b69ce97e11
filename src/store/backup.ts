import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { asStoreError, storeError } from './errors.ts';
import { fullCheck } from './integrity.ts';
import type { CheckReport } from './integrity.ts';
import { assertOurs, loadMigrations, madeByVersion, schemaNumber } from './migrate.ts';
import type { Store } from './open.ts';
import { withFile } from './reader.ts';
import { expired } from './retention.ts';

export interface Backup {
  readonly file: string;
  /** UTC milliseconds. */
  readonly at: number;
  readonly bytes: number;
}

/** The folder of a store's backups, beside it. */
export function backupFolder(storePath: string): string {
  return join(dirname(storePath), 'backups');
}

const NAME = /^(.+)-(\d{8}T\d{9}Z)\.db$/;

function stamp(now: number): string {
  return new Date(now).toISOString().replaceAll(/[-:.]/g, '');
}

function timeOf(text: string): number {
  const [, y, mo, d, h, mi, s, ms] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(text) ?? [];
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s), Number(ms));
}

/** Finished backups of a store, newest first. */
export function listBackups(storePath: string, folder = backupFolder(storePath)): Backup[] {
  if (!existsSync(folder)) return [];
  const stem = basename(storePath, '.db');
  return readdirSync(folder)
    .flatMap((file) => {
      const [, name, time] = NAME.exec(file) ?? [];
      return name === stem && time
        ? [{ file: join(folder, file), at: timeOf(time), bytes: statSync(join(folder, file)).size }]
        : [];
    })
    .sort((a, b) => b.at - a.at);
}

/**
 * Makes a backup while the store stays in use, checks it whole, and lets old ones go. A backup appears under its name
 * only when it is complete and sound. The copy is made in steps of 100 pages, so the event loop stays free. `now` in UTC ms.
 */
export async function backup(store: Store, now: number, folder = backupFolder(store.path)): Promise<Backup> {
  if (store.path === ':memory:')
    throw storeError('store_memory', 'A store in memory has no backups', { hint: 'Open a file with --db.' });
  const file = join(folder, `${basename(store.path, '.db')}-${stamp(now)}.db`);
  const partial = `${file}.partial`;
  try {
    mkdirSync(folder, { recursive: true });
    rmSync(partial, { force: true });
    await store.db.backup(partial);
    const report = checkFile(partial);
    if (!report.ok)
      throw storeError('backup_unsound', `The backup is not sound: ${report.findings[0]?.message ?? ''}`, {
        hint: 'The store itself may be damaged: run `flopsheet db check`. Older backups were kept.',
        where: partial,
      });
    publish(partial, file);
    removeDatabase(partial);
  } catch (cause) {
    removeDatabase(partial);
    throw asStoreError(cause, 'make a backup', folder);
  }
  // Not the one just made, whatever the clock says: a clock set back would make it the oldest.
  for (const old of expired(listBackups(store.path, folder))) if (old.file !== file) removeDatabase(old.file);
  return { file, at: now, bytes: statSync(file).size };
}

/**
 * Removes what a killed process left half made beside a store: copies not yet backups, a restore or recovery not yet in
 * place. For the one who holds the right to write, before making anything of the kind.
 */
export function removeUnfinished(storePath: string): void {
  const folder = backupFolder(storePath);
  const stem = basename(storePath, '.db');
  for (const suffix of ['.restoring', '.salvage']) removeDatabase(`${storePath}${suffix}`);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const own = name.startsWith(`${stem}-`) || name.startsWith(`${stem}.`) || name.startsWith('before-schema-');
    // The journal files of a copy outlive its renaming when the process dies in between.
    if (own && /\.db\.partial(-wal|-shm|-journal)?$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Makes a new file appear whole under its name, also after a power cut. */
export function publish(from: string, to: string): void {
  const handle = openSync(from, 'r+');
  fsyncSync(handle);
  closeSync(handle);
  renameSync(from, to);
  syncFolder(dirname(to));
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Windows cannot open a folder; its rename is durable by itself.
  }
}

/** Removes a database file and what SQLite keeps beside it. What cannot be removed is litter, not a reason to fail. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    try {
      rmSync(`${file}${suffix}`, { force: true });
    } catch {
      // The step that needs the name free will say so.
    }
  }
}

/** The full check of a database file that nobody has open. */
export function checkFile(file: string): CheckReport {
  return withFile(file, (db) => fullCheck(db));
}

/** What a backup holds, before anything is restored from it. */
export interface BackupPreview {
  readonly file: string;
  readonly madeBy: string;
  readonly schema: number;
  readonly check: CheckReport;
  readonly plans: readonly {
    readonly id: string;
    readonly name: string;
    readonly revision: number;
    readonly updatedAt: number;
    readonly deleted: boolean;
  }[];
}

/** Looks into a backup. Throws for a file that is not a store or is of a newer version. */
export function previewBackup(file: string, version: string): BackupPreview {
  if (!existsSync(file))
    throw storeError('backup_missing', `There is no backup at ${file}`, {
      hint: '`flopsheet db info` lists the backups.',
      where: file,
    });
  try {
    return withFile(file, (db) => {
      assertOurs(db, loadMigrations(), version, file);
      const check = fullCheck(db);
      const plans = db
        .prepare(
          'SELECT id, name, revision, updated_at_ms AS updatedAt, deleted_at_ms IS NOT NULL AS deleted FROM plan ORDER BY updated_at_ms DESC',
        )
        .all() as (Omit<BackupPreview['plans'][number], 'deleted'> & { deleted: number })[];
      return {
        file,
        madeBy: madeByVersion(db),
        schema: schemaNumber(db),
        check,
        plans: plans.map((plan) => ({ ...plan, deleted: plan.deleted === 1 })),
      };
    });
  } catch (cause) {
    throw asStoreError(cause, 'read the backup', file);
  }
}
