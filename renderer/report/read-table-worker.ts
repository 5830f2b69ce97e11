/** Reads a dropped table beside the page, in a thread that can be ended. */
import { readTables } from '../../src/import/table/read-tables.ts';
import type { RawTable } from '../../src/core/exchange/raw-table.ts';
import type { Failure } from '../lib/client.ts';

export type TableAnswer = { readonly tables: readonly RawTable[] } | { readonly failure: Failure };

self.addEventListener('message', (event: MessageEvent<File>) => void read(event.data));

async function read(file: File): Promise<void> {
  const answer = (message: TableAnswer): void => self.postMessage(message);
  try {
    answer({ tables: readTables(new Uint8Array(await file.arrayBuffer())) });
  } catch (error) {
    const { code = 'INTERNAL', message = 'it could not be read', hint = '', where = '' } = error as Partial<Failure>;
    answer({ failure: { code, message: `${file.name}: ${message}`, hint, where } });
  }
}
