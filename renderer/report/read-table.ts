/** A table file as its reader gives it; reading ends after ten seconds, whatever the file does. */
import { MOST_FILE_BYTES } from '../../src/core/exchange/limits.ts';
import type { RawTable } from '../../src/core/exchange/raw-table.ts';
import type { TableAnswer } from './read-table-worker.ts';

const PATIENCE_MS = 10_000;

/** Whether a dropped file is a workbook, or by its name a table of text. */
export function isTableFile(file: File): boolean {
  return /\.(xlsx|xlsm|xls|csv|tsv)$/i.test(file.name);
}

/** Rejects with code, message and hint when the file is no table. */
export function readTable(file: File): Promise<readonly RawTable[]> {
  if (file.size > MOST_FILE_BYTES)
    return Promise.reject({
      code: 'TABLE_SIZE',
      message: `${file.name} has ${Math.round(file.size / 1e6)} MB; at most ${MOST_FILE_BYTES / 1e6} MB are read.`,
      hint: 'Split it, or keep the sheet you need.',
    });
  const worker = new Worker(new URL('./read-table-worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new Promise<readonly RawTable[]>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Reading ${file.name} was given up after 10 seconds.`)), PATIENCE_MS);
    worker.onmessage = ({ data }: MessageEvent<TableAnswer>) =>
      'failure' in data ? reject(data.failure) : resolve(data.tables);
    worker.onerror = () => reject(new Error(`${file.name} could not be read.`));
    worker.postMessage(file);
  }).finally(() => {
    clearTimeout(timer);
    worker.terminate();
  });
}
