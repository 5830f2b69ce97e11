import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { backupFolder, checkFile, previewBackup, publish, removeDatabase } from './backup.ts';
import type { BackupPreview } from './backup.ts';
import { asStoreError, storeError } from './errors.ts';
import { connect } from './database.ts';
import { withFile } from './reader.ts';
import { takeWriterLock, writerError } from './lock.ts';

export interface Restored {
  readonly preview: BackupPreview;
  /** Where the store as it was before went; null when there was none. Restoring it takes the restore back. */
  readonly setAside: string | null;
}

/**
 * Puts a backup in the place of the store. The store must be closed. What was there is set aside, never removed; the
 * backup itself stays. Throws `store_in_use` while another process writes, `backup_unsound` for a damaged backup.
 */
export function restoreBackup(
  storePath: string,
  backupFile: string,
  options: { version: string; now: number },
): Restored {
  const preview = previewBackup(backupFile, options.version);
  if (!preview.check.ok) {
    throw storeError('backup_unsound', `The backup is damaged: ${preview.check.findings[0]?.message ?? ''}`, {
      hint: 'Choose an older backup.',
      where: backupFile,
    });
  }
  try {
    return withLock(storePath, () => {
      const fresh = `${storePath}.restoring`;
      removeDatabase(fresh);
      withFile(backupFile, (db) => db.prepare('VACUUM INTO ?').run(fresh));
      const check = checkFile(fresh);
      if (!check.ok)
        throw storeError('backup_unsound', `The copy of the backup is damaged: ${check.findings[0]?.message ?? ''}`, {
          hint: 'The disk may be failing. The store was not touched.',
          where: fresh,
        });
      foldJournal(storePath);
      const setAside = existsSync(storePath) ? keepAside(storePath, 'before-restore', options.now) : null;
      replaceStore(fresh, storePath);
      return { preview, setAside };
    });
  } catch (cause) {
    throw asStoreError(cause, 'restore the backup', storePath);
  }
}

/** Brings what is in the journal file into the store file, so that one rename moves everything. A damaged store keeps its journal. */
function foldJournal(storePath: string): void {
  if (!existsSync(storePath)) return;
  try {
    const db = connect(storePath, { readOnly: false });
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  } catch {
    // Then it is set aside together with its journal files.
  }
}

/** Runs `work` while nobody writes the store at `storePath`. */
export function withLock<T>(storePath: string, work: () => T): T {
  const lock = takeWriterLock(storePath);
  if (!lock) throw writerError(null, storePath);
  try {
    return work();
  } finally {
    lock.release();
  }
}

/**
 * Copies a store with its journal file under a dated name beside its backups. A copy, not a move: whatever happens before
 * something else is in its place, the store stays where people look for it. Returns the new path.
 */
export function keepAside(storePath: string, why: string, now: number): string {
  const folder = backupFolder(storePath);
  mkdirSync(folder, { recursive: true });
  const base = join(
    folder,
    `${basename(storePath, '.db')}.${why}-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`,
  );
  let target = `${base}.db`;
  for (let n = 2; existsSync(target); n++) target = `${base}-${n}.db`;
  // The journal first: a crash in between must not leave a copy that looks whole without it.
  for (const suffix of ['-wal', '']) {
    if (!existsSync(`${storePath}${suffix}`)) continue;
    copyFileSync(`${storePath}${suffix}`, `${target}.partial`);
    publish(`${target}.partial`, `${target}${suffix}`);
  }
  return target;
}

/** Puts a finished file in the place of the store, whose journal files go: beside another file they would be applied to it. */
export function replaceStore(fresh: string, storePath: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(`${storePath}${suffix}`, { force: true });
  publish(fresh, storePath);
}
