/** Files that commands write: whole or not at all. */
import { accessSync, constants, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FlopsheetError } from '../core/errors.ts';

/** Refuses a path that cannot be written, before the work is done. Throws FlopsheetError `WRITE`. */
export function assertWritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch (cause) {
    throw notWritten(file, 'choose a folder that exists and that you may write', cause);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw notWritten(file, 'this is a folder: name a file in it', undefined);
}

/** Makes a folder unless it is there. Throws FlopsheetError `WRITE`. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw notWritten(folder, 'choose a folder that you may write', cause);
  }
}

/** Writes beside the target and renames, so that a full disk leaves what stood there. Throws FlopsheetError `WRITE`. */
export function writeWhole(file: string, content: Uint8Array | string): void {
  const part = `${file}.part-${process.pid}`;
  try {
    writeFileSync(part, content, { flush: true });
    renameSync(part, file);
  } catch (cause) {
    rmSync(part, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw notWritten(
      file,
      full
        ? 'the disk is full: make room or choose another place'
        : 'choose a folder that exists and that you may write',
      cause,
    );
  }
}

function notWritten(file: string, hint: string, cause: unknown): FlopsheetError {
  return new FlopsheetError('WRITE', `${file} cannot be written`, { where: file, hint, cause });
}
