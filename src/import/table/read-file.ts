/** Reads a table file in a thread of its own that can be stopped: a hostile file costs seconds and megabytes, not the program. */
import { readFileSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { FlopsheetError } from '../../core/errors.ts';
import { MOST_FILE_BYTES } from '../../core/exchange/limits.ts';
import type { RawTable } from '../../core/exchange/raw-table.ts';
import { readTables } from './read-tables.ts';

/** Files below this are read at once: starting a thread takes longer. */
const SMALL_BYTES = 200_000;
const PATIENCE_MS = 10_000;
const MOST_MEGABYTES = 384;

export type TableAnswer =
  | { readonly tables: readonly RawTable[] }
  | {
      readonly failure: {
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        readonly where: string;
      };
    };

/** The tables of a file. Throws FlopsheetError naming the file. */
export async function readTableFile(file: string): Promise<readonly RawTable[]> {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined)
    throw new FlopsheetError('NOT_FOUND', `there is no file ${file}`, {
      where: file,
      hint: 'give the path of a table',
    });
  try {
    if (size > MOST_FILE_BYTES)
      throw new FlopsheetError('TABLE_SIZE', `the file has ${Math.round(size / 1e6)} MB`, {
        hint: `at most ${MOST_FILE_BYTES / 1e6} MB are read: split it`,
      });
    return size <= SMALL_BYTES ? readTables(readFileSync(file)) : await inThread(file);
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    throw new FlopsheetError(error.code, error.message, { hint: error.hint, where: file });
  }
}

function inThread(file: string): Promise<readonly RawTable[]> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new Promise<readonly RawTable[]>((resolve, reject) => {
    const given = (message: string): FlopsheetError =>
      new FlopsheetError('TABLE_SIZE', message, { hint: 'keep the rows and columns you need and save it anew' });
    timer = setTimeout(() => reject(given('reading was given up after 10 seconds')), PATIENCE_MS);
    worker.once('message', (answer: TableAnswer) => {
      if ('tables' in answer) resolve(answer.tables);
      else reject(new FlopsheetError(answer.failure.code, answer.failure.message, answer.failure));
    });
    worker.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? given(`reading needs more than ${MOST_MEGABYTES} MB`) : error),
    );
  }).finally(() => {
    clearTimeout(timer);
    void worker.terminate();
  });
}
