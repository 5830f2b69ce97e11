import { FlopsheetError } from '../../core/errors.ts';
import type { Model } from '../../core/model/architecture.ts';
import type { ImportedArchitecture } from '../../core/model/hf-config.ts';
import { isObject } from '../../core/model/hf-fields.ts';
import { countParameters } from '../../core/model/parameters.ts';
import type { TensorHints } from '../../core/model/tensor-architecture.ts';
import { architectureFromTensors } from '../../core/model/tensor-architecture.ts';
import type { TensorInventory } from '../../core/model/tensors.ts';
import { TensorCollector } from '../../core/model/tensors.ts';
import { architectureFromConfigText, parseModelJson } from './config.ts';
import type { GgufHeader } from './gguf.ts';
import { readGguf } from './gguf.ts';
import { layerListsFromCsv } from './layer-csv.ts';
import { readOnnx } from './onnx.ts';
import type { RangeReader } from './reader.ts';
import { readExactly } from './reader.ts';
import { readSafetensors } from './safetensors.ts';

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

const MAX_TEXT = 32_000_000;
const MAX_SHARDS = 2000;
const PICKLE = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz)$/i;

/** Reads any supported model file: configuration, safetensors (or its index), GGUF, ONNX, layer table. Weights are never read. */
export async function importModel(reader: RangeReader): Promise<ImportedModel> {
  if (reader.size === 0)
    throw new FlopsheetError('file-empty', `"${reader.name}" is empty.`, {
      where: reader.name,
      hint: 'Fetch the file again.',
    });
  const head = await reader.read(0, Math.min(16, reader.size));
  refusePickle(reader, head);
  const magic = String.fromCharCode(...head.subarray(0, 4));
  if (magic === 'GGUF') return fromGguf(await readGguf(reader), reader.name);
  if (/\.onnx$/i.test(reader.name)) return fromOnnx(reader);
  if (/\.(csv|tsv)$/i.test(reader.name)) {
    return {
      format: 'layer-table',
      models: layerListsFromCsv(await text(reader)),
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
  if (head[0] === 8) return fromOnnx(reader);
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

async function text(reader: RangeReader): Promise<string> {
  if (reader.size > MAX_TEXT)
    throw new FlopsheetError('file-size', `"${reader.name}" is larger than ${MAX_TEXT / 1e6} MB.`, {
      where: reader.name,
      hint: 'Choose config.json or the index of the weights.',
    });
  return new TextDecoder().decode(await readExactly(reader, 0, reader.size, 'text'));
}

async function fromJson(reader: RangeReader): Promise<ImportedModel> {
  const source = await text(reader);
  if (/"weight_map"\s*:/.test(source)) return fromIndex(reader, source);
  const imported = architectureFromConfigText(source, reader.name);
  return result('config', imported, null);
}

function result(
  format: ModelFormat,
  imported: ImportedArchitecture,
  tensors: TensorInventory | null,
  notes: readonly string[] = [],
): ImportedModel {
  const total = countParameters(imported.architecture).total;
  const stored = tensors !== null && tensors.params !== total ? tensors.params : null;
  return {
    format,
    models: [imported.architecture],
    approximate: imported.approximate,
    notes: [...imported.notes, ...notes],
    tensors,
    storedParams: stored,
  };
}

async function siblingConfig(reader: RangeReader): Promise<ImportedArchitecture | null> {
  const config = (await reader.sibling?.('config.json')) ?? null;
  if (config === null || config.size > MAX_TEXT) return null;
  try {
    return architectureFromConfigText(await text(config));
  } catch {
    return null;
  }
}

async function fromSafetensors(reader: RangeReader): Promise<ImportedModel> {
  const header = await readSafetensors(reader);
  const shard = /-(\d+)-of-(\d+)\.safetensors$/.exec(reader.name);
  const notes = [...header.notes];
  if (shard !== null && Number(shard[2]) > 1) {
    const index =
      (await reader.sibling?.(reader.name.replace(/-\d+-of-\d+\.safetensors$/, '.safetensors.index.json'))) ?? null;
    if (index !== null) return fromIndex(index, await text(index));
    notes.push(
      `This is part ${Number(shard[1])} of ${Number(shard[2])}: only its own tensors are counted. Import the index file for the whole model.`,
    );
  }
  return fromTensors(
    'safetensors',
    header.inventory,
    await siblingConfig(reader),
    reader.name,
    notes,
    shard !== null && Number(shard[2]) > 1,
  );
}

/** Joins what the tensors say (exact parameters) with what the configuration says (how they are used). */
function fromTensors(
  format: ModelFormat,
  inventory: TensorInventory,
  config: ImportedArchitecture | null,
  name: string,
  notes: readonly string[],
  partial = false,
  hints: TensorHints = {},
): ImportedModel {
  if (config !== null) {
    const count = countParameters(config.architecture);
    const known = [
      count.total,
      count.totalWithMtp,
      count.totalStored,
      count.total + (config.architecture.tiedEmbeddings ? count.embedding : 0),
    ];
    if (partial || known.includes(inventory.params))
      return result(
        format,
        { ...config, approximate: config.approximate && !known.includes(inventory.params) },
        inventory,
        notes,
      );
    const difference = `The file stores ${inventory.params.toLocaleString('en-US')} parameters, its configuration describes ${count.total.toLocaleString('en-US')}.`;
    return result(format, { ...config, approximate: true }, inventory, [...notes, difference]);
  }
  const read = architectureFromTensors(inventory, {
    ...hints,
    name: hints.name ?? name.replace(/\.(safetensors|gguf)$/, ''),
  });
  if (read !== null) return result(format, { ...read, approximate: read.approximate || partial }, inventory, notes);
  const layers = inventory.groups.map((group) => ({
    name: group.template,
    type: 'parameters' as const,
    macs: 0,
    params: group.params,
    outputElements: 0,
    matmul: null,
    weighted: true,
  }));
  return {
    format,
    models: [{ kind: 'layers', name, layers, sequentialDepth: null }],
    approximate: true,
    notes: [
      ...notes,
      'The tensors are not those of a decoder this app knows: parameters are exact, FLOPs are unknown without config.json.',
    ],
    tensors: inventory,
    storedParams: null,
  };
}

async function fromIndex(reader: RangeReader, source: string): Promise<ImportedModel> {
  const index = parseModelJson(source, reader.name);
  const map = isObject(index) && isObject(index['weight_map']) ? index['weight_map'] : null;
  if (map === null)
    throw new FlopsheetError('safetensors-index', `"${reader.name}" has no weight map.`, {
      where: reader.name,
      hint: 'Fetch the index file again.',
    });
  const shards = [...new Set(Object.values(map))].filter((shard) => typeof shard === 'string');
  if (shards.length > MAX_SHARDS || shards.some((shard) => /[\\/]|^\.\.?$/.test(shard))) {
    throw new FlopsheetError(
      'safetensors-index',
      `"${reader.name}" names ${shards.length} parts, or parts outside its folder.`,
      { where: reader.name, hint: 'Fetch the index file again.' },
    );
  }
  const config = await siblingConfig(reader);
  const collector = new TensorCollector();
  const notes: string[] = [];
  let missing = 0;
  for (const shard of shards) {
    const part = (await reader.sibling?.(shard)) ?? null;
    if (part === null) missing += 1;
    else notes.push(...(await readSafetensors(part, collector)).notes);
  }
  if (missing === 0 && shards.length > 0)
    return fromTensors('safetensors', collector.finish(), config, reader.name, notes);
  const metadata = isObject(index) && isObject(index['metadata']) ? index['metadata'] : {};
  return fromIndexAlone(reader, metadata, config, `${missing} of ${shards.length} parts are not beside the index`);
}

/** An index without its parts: the configuration decides, else the size in bytes. */
function fromIndexAlone(
  reader: RangeReader,
  metadata: Readonly<Record<string, unknown>>,
  config: ImportedArchitecture | null,
  reason: string,
): ImportedModel {
  const bytes = Number(metadata['total_size']);
  if (config !== null) return result('safetensors', config, null, [`${reason}; counted from config.json.`]);
  const stated = Number(metadata['total_parameters']);
  const params =
    Number.isSafeInteger(stated) && stated > 0
      ? stated
      : Number.isSafeInteger(bytes) && bytes > 0
        ? bytes / 2
        : Number.NaN;
  if (Number.isNaN(params)) {
    throw new FlopsheetError('safetensors-index', `${reason}, and it states no total size.`, {
      where: reader.name,
      hint: 'Put the index beside its parts, or import config.json.',
    });
  }
  const exact = params === stated;
  return {
    format: 'safetensors',
    models: [
      {
        kind: 'layers',
        name: reader.name,
        layers: [
          {
            name: 'all tensors',
            type: 'parameters',
            macs: 0,
            params: Math.round(params),
            outputElements: 0,
            matmul: null,
            weighted: true,
          },
        ],
        sequentialDepth: null,
      },
    ],
    approximate: !exact,
    notes: [
      `${reason}: ${exact ? 'the total is the one the index states' : 'the total is its size in bytes at two bytes a parameter'}; FLOPs are unknown.`,
    ],
    tensors: null,
    storedParams: null,
  };
}

/** Hints of a GGUF file's metadata for reading its tensors. */
function ggufHints(header: GgufHeader): TensorHints {
  const arch = String(header.metadata.get('general.architecture') ?? '');
  const number = (key: string): number | undefined => {
    const value = header.metadata.get(`${arch}.${key}`);
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const heads = number('attention.head_count');
  const width = number('embedding_length');
  const latent = number('attention.kv_lora_rank') !== undefined;
  const headDim = latent
    ? undefined
    : (number('attention.key_length') ?? (heads !== undefined && width !== undefined ? width / heads : undefined));
  const pattern = header.metadata.get(`${arch}.attention.sliding_window_pattern`);
  const window = number('attention.sliding_window');
  const windowed = Array.isArray(pattern)
    ? (layer: number): boolean => pattern[layer] === 1
    : typeof pattern === 'number' && pattern > 1
      ? (layer: number): boolean => (layer + 1) % pattern !== 0
      : undefined;
  const used = number('expert_used_count');
  const context = number('context_length');
  const name = header.metadata.get('general.name');
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(headDim !== undefined && Number.isInteger(headDim) ? { headDim } : {}),
    ...(used === undefined ? {} : { expertsPerToken: used }),
    ...(context === undefined ? {} : { maxPositions: context }),
    ...(window === undefined || windowed === undefined ? {} : { window, windowed }),
  };
}

function fromGguf(header: GgufHeader, name: string): ImportedModel {
  return fromTensors('gguf', header.inventory, null, name, [], false, ggufHints(header));
}

async function fromOnnx(reader: RangeReader): Promise<ImportedModel> {
  const { list, notes, approximate } = await readOnnx(reader);
  return { format: 'onnx', models: [list], approximate, notes, tensors: null, storedParams: null };
}
