/** Reads dropped model files beside the page: only slices with headers are loaded, weights stay on the disk. */
import type { Model } from '../../src/core/model/architecture.ts';
import { importModel } from '../../src/import/model/import-model.ts';
import type { RangeReader } from '../../src/import/model/reader.ts';

/** What reading a file gave: one model, or several from a layer table. */
export interface ReadModels {
  readonly format: string;
  readonly models: readonly Model[];
  readonly approximate: boolean;
  readonly notes: readonly string[];
}

export type ReadModelsAnswer =
  | { readonly read: ReadModels }
  | {
      readonly failure: {
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        readonly where: string;
      };
    };

/** A dropped file in ranges; its siblings are the files dropped with it. */
function fileReader(file: File, all: readonly File[]): RangeReader {
  return {
    name: file.name,
    size: file.size,
    read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
    sibling: (name) => {
      const beside = all.find((other) => other.name === name);
      return Promise.resolve(beside ? fileReader(beside, all) : null);
    },
  };
}

const answer = (message: ReadModelsAnswer): void => self.postMessage(message);

self.addEventListener('message', (event: MessageEvent<{ main: File; all: readonly File[] }>) => void read(event.data));

async function read({ main, all }: { main: File; all: readonly File[] }): Promise<void> {
  try {
    const { format, models, approximate, notes } = await importModel(fileReader(main, all));
    answer({ read: { format, models, approximate, notes } });
  } catch (error) {
    const {
      code = 'INTERNAL',
      hint = '',
      where = main.name,
    } = error as { code?: string; hint?: string; where?: string };
    const unreadable = error instanceof DOMException;
    answer({
      failure: {
        code,
        message: unreadable ? `"${main.name}" could not be read.` : (error as Error).message,
        hint: unreadable ? 'It may be a folder, or it was moved since.' : hint,
        where,
      },
    });
  }
}
