/** The thread of `read-file`: reads one file and answers once. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { FlopsheetError } from '../../core/errors.ts';
import type { TableAnswer } from './read-file.ts';
import { readTables } from './read-tables.ts';

function answer(): TableAnswer {
  try {
    return { tables: readTables(readFileSync(workerData as string)) };
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    const { code, message, hint, where } = error;
    return { failure: { code, message, hint, where } };
  }
}

parentPort?.postMessage(answer());
