import { FlopsheetError } from '../core/errors.ts';

/** A store error: `code` starts with `store_`, `catalog_` or `plan_`. */
export function storeError(
  code: string,
  message: string,
  detail: { hint?: string; where?: string; cause?: unknown } = {},
): FlopsheetError {
  return new FlopsheetError(code, message, detail);
}

/** SQLite's result codes, by what a user can do about them. Longest prefix wins. */
const MEANING: readonly (readonly [prefix: string, code: string, what: string, hint: string])[] = [
  [
    'SQLITE_FULL',
    'store_disk_full',
    'the disk is full',
    'Nothing was half-written and nothing saved before is lost. Free some space, then repeat the step.',
  ],
  [
    'SQLITE_IOERR_WRITE',
    'store_disk_full',
    'the disk refused the write (full, or a size limit)',
    'Nothing was half-written and nothing saved before is lost. Free some space, then repeat the step.',
  ],
  [
    'SQLITE_IOERR',
    'store_io',
    'the disk reported an error',
    'Nothing was half-written. Check the disk or the network folder, then repeat the step.',
  ],
  [
    'SQLITE_READONLY',
    'store_read_only',
    'the file or its folder is read-only',
    'Give yourself write permission on the folder, or choose another place with --db.',
  ],
  ['SQLITE_BUSY', 'store_busy', 'another process is writing to the file', 'Try again in a moment.'],
  ['SQLITE_LOCKED', 'store_busy', 'another statement is using the file', 'Try again in a moment.'],
  [
    'SQLITE_CORRUPT',
    'store_corrupt',
    'the file is damaged',
    'Restore the newest backup, or let the store recover what can be read: the damaged file is kept.',
  ],
  ['SQLITE_NOTADB', 'store_not_a_database', 'the file is not a Flopsheet store', 'Choose another file with --db.'],
  [
    'SQLITE_CANTOPEN',
    'store_cannot_open',
    'the file cannot be opened',
    'Check that the folder exists and that you may read it.',
  ],
  ['SQLITE_PERM', 'store_cannot_open', 'access to the file was denied', 'Check that you may read and write the file.'],
  ['SQLITE_NOMEM', 'store_no_memory', 'there is not enough memory', 'Close other programs, then repeat the step.'],
  ['SQLITE_TOOBIG', 'store_too_big', 'a value is too large to store', 'Shorten the text.'],
];

/** The SQLite result code of an error from the driver, or an empty string. */
export function sqliteCode(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** Turns what the driver or the file system threw into the product's error; others pass through unchanged. */
export function asStoreError(cause: unknown, doing: string, where = ''): unknown {
  if (cause instanceof FlopsheetError) return cause;
  const code = sqliteCode(cause);
  const known = MEANING.find(([prefix]) => code.startsWith(prefix));
  if (known) return storeError(known[1], `Cannot ${doing}: ${known[2]}`, { hint: known[3], where, cause });
  if (code)
    return storeError('store_failed', `Cannot ${doing}: ${(cause as Error).message}`, {
      hint: 'Run `flopsheet db check` to see whether the store is sound.',
      where,
      cause,
    });
  const system = (cause as { code?: unknown } | null)?.code;
  if (system === 'ENOSPC' || system === 'EDQUOT')
    return asStoreError(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), doing, where);
  if (system === 'EIO')
    return asStoreError(Object.assign(new Error('disk error'), { code: 'SQLITE_IOERR' }), doing, where);
  if (system === 'EACCES' || system === 'EPERM' || system === 'EROFS')
    return asStoreError(Object.assign(new Error('read-only'), { code: 'SQLITE_READONLY' }), doing, where);
  if (system === 'ENOENT' || system === 'EEXIST' || system === 'ENOTDIR' || system === 'EISDIR')
    return storeError('store_cannot_open', `Cannot ${doing}: ${(cause as Error).message}`, {
      hint: 'Check the path.',
      where,
      cause,
    });
  return cause;
}
