import { FlopsheetError } from '../errors.ts';
import type { Architecture, Block, MultiTokenPrediction } from './architecture.ts';
import { RMS_NORM, groupBlocks, transformer } from './architecture.ts';
import { feedForwardOf } from './hf-feed-forward.ts';
import type { JsonObject } from './hf-fields.ts';
import { Fields, isObject } from './hf-fields.ts';
import type { Families, Family, Habits } from './hf-habits.ts';
import { flag } from './hf-habits.ts';
import type { LayerPlan } from './hf-layers.ts';
import { planLayers } from './hf-layers.ts';
import { defaultNorm, mixerOf } from './hf-mixers.ts';
import { unknownFields } from './hf-unknown.ts';
import { visionOf } from './hf-vision.ts';

/** An architecture read from a file, and how far it can be trusted. */
export interface ImportedArchitecture {
  readonly architecture: Architecture;
  /** The count may be off: `notes` says why. */
  readonly approximate: boolean;
  /** What was assumed, not understood or left out, one sentence each. */
  readonly notes: readonly string[];
}

/** Keys under which multimodal files nest the language model, in order of preference. */
const TEXT_KEYS = [
  'text_config',
  'language_config',
  'llm_config',
  'text_model_config',
  'language_model',
  'thinker_config',
];
const VISION_KEYS = ['vision_config', 'vision_tower_config', 'visual', 'vit_config', 'vision_model'];
/** Fields of a configuration; the longest published have a few hundred. */
const MOST_FIELDS = 5000;
const NO_FAMILY: Family = { habits: {}, defaults: {} };

/**
 * Architecture described by a parsed Hugging Face `config.json`. Known model types (`families`) bring the habits and
 * defaults their files leave out; an unknown type is read by its fields alone and marked approximate, with the fields
 * that were not understood named. Throws a FlopsheetError naming the field when a size is missing or absurd.
 */
export function architectureFromConfig(config: unknown, families: Families, name = ''): ImportedArchitecture {
  if (!isObject(config)) {
    throw new FlopsheetError('model-config', 'The file is not a JSON object.', {
      hint: 'Choose the config.json that lies beside the weights of the model.',
    });
  }
  const stated = Object.keys(config).length;
  if (stated > MOST_FIELDS)
    throw new FlopsheetError(
      'model-config',
      `The file has ${stated.toLocaleString('en-US')} fields; a configuration has some hundred.`,
      {
        hint: 'Choose the config.json that lies beside the weights of the model.',
      },
    );
  const notes: string[] = [];
  const textKey = TEXT_KEYS.find((key) => isObject(config[key]));
  const nested = textKey === undefined ? undefined : (config[textKey] as JsonObject);
  if (nested !== undefined && TEXT_KEYS.some((key) => isObject(nested[key]))) {
    return architectureFromConfig(
      { ...nested, vision_config: config['vision_config'] ?? nested['vision_config'] },
      families,
      name,
    );
  }
  const outerType = String(config['model_type'] ?? '');
  const outer = families.get(outerType);
  const type =
    nested === undefined ? outerType : String(nested['model_type'] ?? outer?.parts?.[textKey ?? ''] ?? outerType);
  const family = families.get(type) ?? (nested === undefined ? undefined : outer);
  if (config['is_encoder_decoder'] === true) {
    throw new FlopsheetError('model-unsupported', `Encoder-decoder models ("${type}") cannot be described yet.`, {
      where: 'is_encoder_decoder',
      hint: 'Import the safetensors header to count its parameters.',
    });
  }
  let approximate = false;
  const doubt = (note: string): void => {
    approximate = true;
    notes.push(note);
  };
  if (family === undefined)
    doubt(
      `Model type "${type || 'not stated'}" is not known: its fields were read by their names, biases and norms are guesses.`,
    );
  const inherited =
    nested === undefined
      ? {}
      : pick(config, ['tie_word_embeddings', 'vocab_size', 'quantization_config', 'torch_dtype', 'dtype']);
  const source = { ...inherited, ...(nested ?? config) };
  const fields = new Fields(source, family?.defaults ?? {});
  const habits = (family ?? NO_FAMILY).habits;
  const plan = planLayers(fields, habits);
  if (plan.unknown.length > 0)
    doubt(`Layer kinds not understood, read as plain attention or left out: ${plan.unknown.join(', ')}.`);
  const text = textArchitecture(
    fields,
    family === undefined ? { norm: defaultNorm(fields) } : habits,
    plan,
    name || String(config['_name_or_path'] || '') || type,
  );
  const visionKey = VISION_KEYS.find((key) => isObject(config[key]));
  const vision =
    visionKey === undefined
      ? null
      : visionOf(config[visionKey] as JsonObject, config, text.hiddenSize, outerType, families);
  if (vision?.tower === null) doubt(`The vision part ("${visionKey}") is not understood and not counted.`);
  if (vision?.tower?.approximate === true)
    doubt('The vision tower is estimated from its width, depth and feed-forward.');
  if (visionKey === undefined && outer?.habits.projector !== undefined && nested !== undefined)
    doubt('A model of this type has a vision part; the file does not describe it and it is not counted.');
  if (config['audio_config'] !== undefined && config['audio_config'] !== null) doubt('The audio part is not counted.');
  for (const note of mtpNotes(fields, habits)) notes.push(note);
  const assumed = [...fields.assumed]
    .filter(([field]) => SIZES.has(field))
    .map(([field, value]) => `${field} = ${String(value)}`);
  if (family !== undefined && !fields.has('hidden_size') && !fields.has('num_hidden_layers'))
    doubt(
      `The file states neither width nor depth: this is the default of its type ("${type}"), not a model of its own.`,
    );
  if (assumed.length > 0) notes.push(`Not in the file, so the default of its type was taken: ${assumed.join(', ')}.`);
  // A vision part understood on its own is no unknown field of the language model beside it.
  const rest =
    (vision?.tower ?? null) === null
      ? source
      : Object.fromEntries(Object.entries(source).filter(([key]) => key !== visionKey));
  const strange = unknownFields(rest, fields, family !== undefined);
  if (strange.length > 0) doubt(`Fields not understood: ${strange.join(', ')}.`);
  return { architecture: { ...text, vision: vision?.tower ?? null }, approximate, notes };
}

const SIZES = new Set([
  'hidden_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'intermediate_size',
  'vocab_size',
  'head_dim',
  'num_experts',
  'num_experts_per_tok',
  'moe_intermediate_size',
]);

function pick(source: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]));
}

function textArchitecture(fields: Fields, habits: Habits, plan: LayerPlan, name: string): Architecture {
  const hiddenSize = fields.size('hidden_size');
  const layers = plan.mixers.length;
  const norm = habits.norm ?? RMS_NORM;
  const cross = new Set(habits.crossLayers === true ? fields.list('cross_attention_layers') : []);
  const blocks = plan.mixers.map((kind, layer): Block => {
    const feedForwardKind = plan.feedForwards[layer] ?? 'none';
    const own = mixerOf(kind, fields, habits, layer, layers);
    const crosses = cross.has(layer) && own?.type === 'attention';
    const mixer = crosses ? { ...own, qkNorm: { over: 'head', norm: RMS_NORM } as const } : own;
    const feedForward =
      habits.mixerOnly === true && kind === 'mamba'
        ? null
        : feedForwardOf(feedForwardKind, fields, habits, layer, layers);
    return {
      mixer,
      feedForward,
      norms: normsOf(fields, habits, plan.single, feedForward?.type === 'moe'),
      extraParams: (habits.extraPerLayer ?? 0) + (crosses ? 2 : 0),
    };
  });
  const { blocks: groups, layerOrder } = groupBlocks(blocks);
  const positions = fields.integer('max_position_embeddings');
  const perLayer = fields.integer('hidden_size_per_layer_input') ?? 0;
  const embeddingSize = fields.integer('word_embed_proj_dim') ?? fields.integer('embedding_size') ?? hiddenSize;
  return transformer({
    name,
    hiddenSize,
    vocabSize: fields.size('vocab_size'),
    embeddingSize,
    tiedEmbeddings: fields.boolean('tie_word_embeddings') ?? false,
    headless: flag(habits.headless, fields),
    headBias: flag(habits.headBias, fields),
    learnedPositions:
      habits.learnedPositionsOffset === undefined || positions === undefined
        ? 0
        : positions + habits.learnedPositionsOffset,
    tokenTypes: fields.integer('type_vocab_size') ?? 0,
    embeddingNorm: flag(habits.embeddingNorm, fields),
    finalNorm: flag(habits.finalNorm, fields, true),
    norm,
    causal: habits.causal ?? true,
    blocks: groups,
    layerOrder,
    extraParams: (habits.extraEmbeddingRows ?? 0) * embeddingSize,
    multiTokenPrediction: mtpOf(fields, habits, blocks),
    perLayerInput:
      perLayer > 0
        ? { vocabSize: fields.integer('vocab_size_per_layer_input') ?? fields.size('vocab_size'), size: perLayer }
        : null,
    maxPositions: positions ?? null,
    storedType: storedType(fields),
  });
}

function normsOf(fields: Fields, habits: Habits, single: boolean, moe: boolean): number {
  if (single) return 1;
  if (habits.layout === 'parallel_norms') {
    if (fields.boolean('new_decoder_architecture') === true) return fields.integer('num_ln_in_parallel_attn') ?? 2;
    return fields.boolean('parallel_attn') === true || fields.boolean('use_parallel_residual') === true ? 1 : 2;
  }
  const norms = habits.norms ?? 2;
  return moe && fields.boolean('enable_moe_block') === true ? norms + 3 : norms;
}

function mtpModules(fields: Fields, habits: Habits): number {
  if (habits.mtpNotPublished === true || fields.boolean('use_mtp') === false) return 0;
  return fields.integer('num_nextn_predict_layers') ?? 0;
}

function mtpOf(fields: Fields, habits: Habits, blocks: readonly Block[]): MultiTokenPrediction | null {
  const modules = mtpModules(fields, habits);
  const last =
    blocks.findLast((block) => block.mixer?.type === 'attention' || block.mixer?.type === 'latent_attention') ??
    blocks.at(-1);
  if (modules === 0 || last === undefined) return null;
  const whole =
    last.feedForward === null
      ? { ...last, feedForward: blocks.findLast((block) => block.feedForward !== null)?.feedForward ?? null, norms: 2 }
      : last;
  return {
    modules,
    block: whole,
    blocksPerModule: 1,
    norms: 3,
    duplicatedEmbedding: habits.mtpDuplicatesEmbedding ?? false,
    sharedWeights: false,
  };
}

function mtpNotes(fields: Fields, habits: Habits): string[] {
  const stated = fields.integer('num_nextn_predict_layers') ?? 0;
  if (stated === 0) return [];
  if (mtpModules(fields, habits) === 0)
    return [
      `The file names ${stated} multi-token prediction modules; the published weights do not hold them and they are not counted.`,
    ];
  return [
    `${stated} multi-token prediction module${stated > 1 ? 's' : ''} counted beside the model, not in params_total; training FLOPs include ${stated > 1 ? 'them' : 'it'}.`,
  ];
}

function storedType(fields: Fields): string | null {
  const quantization = fields.object('quantization_config');
  const method = quantization?.['quant_method'];
  return typeof method === 'string' ? method : (fields.text('dtype') ?? fields.text('torch_dtype') ?? null);
}
