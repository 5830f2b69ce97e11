/** Models from weight files: what the tensors say (exact parameters) joined with what a configuration says (how they are used). */
import { FlopsheetError } from '../../core/errors.ts';
import type { Architecture } from '../../core/model/architecture.ts';
import type { ImportedArchitecture } from '../../core/model/hf-config.ts';
import { parameterLayer } from '../../core/model/layers.ts';
import { countParameters } from '../../core/model/parameters.ts';
import type { TensorHints } from '../../core/model/tensor-architecture.ts';
import { architectureFromTensors } from '../../core/model/tensor-architecture.ts';
import type { TensorInventory } from '../../core/model/tensors.ts';
import { TensorCollector } from '../../core/model/tensors.ts';
import { architectureFromConfigText } from './config.ts';
import type { GgufHeader } from './gguf.ts';
import { readGguf } from './gguf.ts';
import type { ImportedModel, ModelFormat } from './import-model.ts';
import type { RangeReader } from './reader.ts';
import { readText } from './reader.ts';
import { readSafetensors } from './safetensors.ts';
import { readWeightsIndex } from './weights-index.ts';

const MAX_SHARDS = 2000;

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

/** The configuration beside a weight file: null without one, with a note when it cannot be read. */
async function siblingConfig(
  reader: RangeReader,
): Promise<{ readonly config: ImportedArchitecture | null; readonly notes: readonly string[] }> {
  const file = (await reader.sibling?.('config.json')) ?? null;
  if (file === null) return { config: null, notes: [] };
  try {
    return { config: architectureFromConfigText(await readText(file)), notes: [] };
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    return { config: null, notes: [`The config.json beside it was not used: ${error.message}`] };
  }
}

/** Reads the header of a safetensors file; a part of a model leads to its index when that lies beside it. */
export async function fromSafetensors(reader: RangeReader): Promise<ImportedModel> {
  const shard = /-(\d+)-of-(\d+)\.safetensors$/.exec(reader.name);
  const partial = shard !== null && Number(shard[2]) > 1;
  if (partial) {
    const index = await reader.sibling?.(reader.name.replace(/-\d+-of-\d+\.safetensors$/, '.safetensors.index.json'));
    if (index) return fromIndex(index);
  }
  const header = await readSafetensors(reader);
  const { config, notes } = await siblingConfig(reader);
  const part = partial
    ? [
        `This is part ${Number(shard[1])} of ${Number(shard[2])}: only its own tensors are counted. Import the index file for the whole model.`,
      ]
    : [];
  return fromTensors(
    'safetensors',
    header.inventory,
    config,
    reader.name,
    [...header.notes, ...notes, ...part],
    partial,
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
    return result(format, withRest(config, inventory.params - count.total), inventory, notes);
  }
  const read = architectureFromTensors(inventory, {
    ...hints,
    name: hints.name ?? name.replace(/\.(safetensors|gguf)$/, ''),
  });
  if (read !== null) return result(format, { ...read, approximate: read.approximate || partial }, inventory, notes);
  const layers = inventory.groups.map((group) => parameterLayer(group.template, group.params));
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

/** A configuration whose count is not the file's: what the file stores beyond it is counted as a rest, and said. */
function withRest(config: ImportedArchitecture, difference: number): ImportedArchitecture {
  const amount = Math.abs(difference).toLocaleString('en-US');
  if (difference < 0)
    return {
      ...config,
      approximate: true,
      notes: [...config.notes, `The file stores ${amount} parameters fewer than its configuration describes.`],
    };
  const architecture: Architecture = {
    ...config.architecture,
    extraParams: config.architecture.extraParams + difference,
  };
  return {
    architecture,
    approximate: true,
    notes: [
      ...config.notes,
      `The file stores ${amount} parameters more than its configuration describes: they are counted, but their FLOPs are unknown.`,
    ],
  };
}

/** Reads the index of a model in parts, and the headers of the parts that lie beside it. */
export async function fromIndex(reader: RangeReader): Promise<ImportedModel> {
  const index = await readWeightsIndex(reader);
  const shards = [...index.parts];
  if (shards.length > MAX_SHARDS || shards.some((shard) => /[\\/]|^\.\.?$/.test(shard))) {
    throw new FlopsheetError(
      'safetensors-index',
      `"${reader.name}" names ${shards.length} parts, or parts outside its folder.`,
      { where: reader.name, hint: 'Fetch the index file again.' },
    );
  }
  const { config, notes: configNotes } = await siblingConfig(reader);
  const collector = new TensorCollector();
  const notes = [...configNotes];
  let missing = 0;
  for (const shard of shards) {
    const part = (await reader.sibling?.(shard)) ?? null;
    if (part === null) missing += 1;
    else notes.push(...(await readSafetensors(part, collector)).notes);
  }
  if (missing === 0 && shards.length > 0)
    return fromTensors('safetensors', collector.finish(), config, reader.name, notes);
  const reason = `${missing} of ${shards.length} parts are not beside the index`;
  if (config !== null) return result('safetensors', config, null, [...notes, `${reason}; counted from config.json.`]);
  return fromIndexAlone(reader, index, [...notes, reason]);
}

/** An index without its parts and without a configuration: only a total. */
function fromIndexAlone(
  reader: RangeReader,
  index: { readonly totalBytes: number | null; readonly totalParameters: number | null },
  notes: readonly string[],
): ImportedModel {
  const params = index.totalParameters ?? (index.totalBytes === null ? Number.NaN : Math.round(index.totalBytes / 2));
  if (!(params > 0)) {
    throw new FlopsheetError('safetensors-index', `${notes.at(-1)}, and it states no total size.`, {
      where: reader.name,
      hint: 'Put the index beside its parts, or import config.json.',
    });
  }
  return {
    format: 'safetensors',
    models: [
      { kind: 'layers', name: reader.name, layers: [parameterLayer('all tensors', params)], sequentialDepth: null },
    ],
    approximate: true,
    notes: [
      ...notes,
      index.totalParameters === null
        ? 'The total is its size in bytes at two bytes a parameter; FLOPs are unknown without config.json.'
        : 'The total is the one the index states; FLOPs are unknown without config.json.',
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

/** Reads the header of a GGUF file, and those of its other parts when the model was split. */
export async function fromGguf(reader: RangeReader): Promise<ImportedModel> {
  const collector = new TensorCollector();
  const split = /-(\d{5})-of-(\d{5})\.gguf$/.exec(reader.name);
  const parts = split === null ? 1 : Math.min(Number(split[2]), MAX_SHARDS);
  if (split === null || parts < 2) return ofGguf(await readGguf(reader, collector), reader.name, [], false);
  let header: GgufHeader | null = null;
  let missing = 0;
  for (let part = 1; part <= parts; part += 1) {
    const name = reader.name.replace(/-\d{5}-of-/, `-${String(part).padStart(5, '0')}-of-`);
    const file = name === reader.name ? reader : ((await reader.sibling?.(name)) ?? null);
    if (file === null) missing += 1;
    else {
      const read = await readGguf(file, collector);
      if (header === null || read.metadata.size > header.metadata.size) header = read;
    }
  }
  const whole = { ...(header as GgufHeader), inventory: collector.finish() };
  const notes =
    missing > 0
      ? [`${missing} of ${parts} parts do not lie beside this one: only the tensors that were found are counted.`]
      : [];
  return ofGguf(whole, reader.name, notes, missing > 0);
}

function ofGguf(header: GgufHeader, name: string, notes: readonly string[], partial: boolean): ImportedModel {
  return fromTensors('gguf', header.inventory, null, name, notes, partial, ggufHints(header));
}
