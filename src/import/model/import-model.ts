import { FlopsheetError } from '../../core/errors.ts';
import type { Model } from '../../core/model/architecture.ts';
import type { TensorInventory } from '../../core/model/tensors.ts';
import { architectureFromConfigText } from './config.ts';
import { fromGguf, fromIndex, fromSafetensors } from './from-weights.ts';
import { layerListsFromCsv } from './layer-csv.ts';
import { readOnnx } from './onnx.ts';
import type { RangeReader } from './reader.ts';
import { readText } from './reader.ts';

export type ModelFormat = 'config' | 'safetensors' | 'gguf' | 'onnx' | 'layer-table';

/** What a model file tells. `models` has one entry, a layer table may hold several. */
export interface ImportedModel {
  readonly format: ModelFormat;
  readonly models: readonly Model[];
  /** Some count is an estimate: `notes` says which and why. */
  readonly approximate: boolean;
  readonly notes: readonly string[];
  /** The stored tensors, for weight files. */
  readonly tensors: TensorInventory | null;
  /** Parameters stored in the file, when they differ from the model's published way of counting; null otherwise. */
  readonly storedParams: number | null;
}

const PICKLE = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz)$/i;

/** `dims`: sizes of open dimensions of a graph, by their name in the file. */
export interface ImportOptions {
  readonly dims?: Readonly<Record<string, number>>;
}

/** Reads any supported model file: configuration, safetensors (or its index), GGUF, ONNX, layer table. Weights are never read. */
export async function importModel(reader: RangeReader, options: ImportOptions = {}): Promise<ImportedModel> {
  if (reader.size === 0)
    throw new FlopsheetError('file-empty', `"${reader.name}" is empty.`, {
      where: reader.name,
      hint: 'Fetch the file again.',
    });
  const head = await reader.read(0, Math.min(16, reader.size));
  refusePickle(reader, head);
  const magic = String.fromCharCode(...head.subarray(0, 4));
  if (magic === 'GGUF') return fromGguf(reader);
  if (/\.onnx$/i.test(reader.name)) return fromOnnx(reader, options);
  if (/\.(csv|tsv)$/i.test(reader.name)) {
    return {
      format: 'layer-table',
      models: layerListsFromCsv(await readText(reader)),
      approximate: false,
      notes: [],
      tensors: null,
      storedParams: null,
    };
  }
  if (/\.safetensors$/i.test(reader.name) || (head.length >= 9 && head[8] === 123 && head[7] === 0))
    return fromSafetensors(reader);
  const first = head.find(
    (byte) =>
      byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf,
  );
  if (first === 123 || first === 91 || /\.json$/i.test(reader.name)) return fromJson(reader);
  if (head[0] === 8) return fromOnnx(reader, options);
  throw new FlopsheetError('model-format', `"${reader.name}" is not a model file this app knows.`, {
    where: reader.name,
    hint: 'Supported: config.json, .safetensors (or its index), .gguf, .onnx, and layer tables in .csv.',
  });
}

function refusePickle(reader: RangeReader, head: Uint8Array): void {
  const pickled = head[0] === 0x80 && (head[1] ?? 255) <= 5;
  const zipped = head[0] === 0x50 && head[1] === 0x4b && PICKLE.test(reader.name);
  if (pickled || zipped || PICKLE.test(reader.name)) {
    throw new FlopsheetError(
      'model-pickle',
      `"${reader.name}" is a pickle file: opening one runs the code inside it, so it is never read.`,
      {
        where: reader.name,
        hint: 'Use the .safetensors file of the same model, or its config.json.',
      },
    );
  }
}

async function fromJson(reader: RangeReader): Promise<ImportedModel> {
  const source = await readText(reader);
  if (/"weight_map"\s*:/.test(source)) return fromIndex(reader);
  const { architecture, approximate, notes } = architectureFromConfigText(source, reader.name);
  return { format: 'config', models: [architecture], approximate, notes, tensors: null, storedParams: null };
}

async function fromOnnx(reader: RangeReader, options: ImportOptions): Promise<ImportedModel> {
  const { list, notes, approximate } = await readOnnx(reader, options);
  return { format: 'onnx', models: [list], approximate, notes, tensors: null, storedParams: null };
}
