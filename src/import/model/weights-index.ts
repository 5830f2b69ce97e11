import { FlopsheetError } from '../../core/errors.ts';
import { JsonScanner } from './json-scanner.ts';
import type { RangeReader } from './reader.ts';
import { readExactly } from './reader.ts';

/** What the index of a model in parts tells. */
export interface WeightsIndex {
  /** File names of the parts. */
  readonly parts: ReadonlySet<string>;
  readonly totalBytes: number | null;
  readonly totalParameters: number | null;
}

/** Largest index read: 64 MB name about 600,000 tensors. */
const MAX_INDEX = 64_000_000;

/** Reads `model.safetensors.index.json` without building a tree: only the names of the parts are kept. */
export async function readWeightsIndex(reader: RangeReader): Promise<WeightsIndex> {
  const fail = (message: string): FlopsheetError =>
    new FlopsheetError('safetensors-index', `"${reader.name}": ${message}.`, {
      where: reader.name,
      hint: 'Fetch the index file again.',
    });
  if (reader.size > MAX_INDEX) throw fail(`an index of more than ${MAX_INDEX / 1e6} MB is not read`);
  const scanner = new JsonScanner(await readExactly(reader, 0, reader.size, 'index'), fail);
  const parts = new Set<string>();
  const totals = new Map<string, number>();
  let mapped = false;
  scanner.object((key) => {
    if (key === 'weight_map') {
      mapped = true;
      scanner.object(() => void parts.add(scanner.string()));
    } else if (key === 'metadata') {
      scanner.object((name) => {
        const value = Number(scanner.shortText() ?? Number.NaN);
        if (Number.isSafeInteger(value) && value > 0) totals.set(name, value);
      });
    } else scanner.skip();
  });
  scanner.end();
  if (!mapped) throw fail('it has no weight map');
  return {
    parts,
    totalBytes: totals.get('total_size') ?? null,
    totalParameters: totals.get('total_parameters') ?? null,
  };
}
