import { FlopsheetError } from '../errors.ts';
import type { Fields } from './hf-fields.ts';
import type { Habits } from './hf-habits.ts';
import { flag } from './hf-habits.ts';

/** What mixes tokens in a layer, and what its feed-forward is. */
export type MixerKind = 'full' | 'sliding' | 'chunked' | 'gated_delta' | 'lightning' | 'mamba' | 'convolution' | 'none';
export type FeedForwardKind = 'dense' | 'moe' | 'none';

export interface LayerPlan {
  readonly mixers: readonly MixerKind[];
  readonly feedForwards: readonly FeedForwardKind[];
  /** Words of a layer list that were not understood. */
  readonly unknown: readonly string[];
  /** Layers hold a mixer or a feed-forward, never both: one norm each. */
  readonly single: boolean;
}

const MIXER_WORDS: Readonly<Record<string, MixerKind>> = {
  full_attention: 'full',
  attention: 'full',
  global: 'full',
  sparse_attention: 'full',
  sliding_attention: 'sliding',
  local: 'sliding',
  chunked_attention: 'chunked',
  kda: 'gated_delta',
  mamba: 'mamba',
  mamba2: 'mamba',
  conv: 'convolution',
};

/** Letters of a hybrid pattern: state-space, feed-forward, attention, experts. */
const PATTERN: Readonly<Record<string, [MixerKind, FeedForwardKind]>> = {
  M: ['mamba', 'none'],
  '-': ['none', 'dense'],
  '*': ['full', 'none'],
  E: ['none', 'moe'],
};

const WORDS: Readonly<Record<string, [MixerKind, FeedForwardKind]>> = {
  mamba: ['mamba', 'none'],
  linear_attention: ['mamba', 'none'],
  full_attention: ['full', 'none'],
  mlp: ['none', 'dense'],
  attention: ['full', 'none'],
  moe: ['none', 'moe'],
};

/** Most layers a file may claim. */
const MAX_LAYERS = 10_000;

/** Decides for each layer what it holds, from whichever way the file says it. */
export function planLayers(fields: Fields, habits: Habits): LayerPlan {
  const pattern = fields.text('hybrid_override_pattern');
  if (pattern !== undefined) return patternPlan([...pattern], PATTERN);
  const words = fields.list('layers_block_type');
  if (words !== undefined && words.some((word) => word === 'mlp' || word === 'moe'))
    return patternPlan(words.map(String), WORDS);
  const layers = fields.size('num_hidden_layers');
  if (layers > MAX_LAYERS) {
    throw new FlopsheetError('model-field', `Field "num_hidden_layers" is ${layers}, more than ${MAX_LAYERS} layers.`, {
      where: 'num_hidden_layers',
      hint: 'Correct the value.',
    });
  }
  const unknown: string[] = [];
  const mixers = mixerPlan(fields, habits, layers, unknown);
  return { mixers, feedForwards: feedForwardPlan(fields, layers), unknown, single: false };
}

function patternPlan(
  words: readonly string[],
  table: Readonly<Record<string, [MixerKind, FeedForwardKind]>>,
): LayerPlan {
  if (words.length > MAX_LAYERS)
    throw new FlopsheetError('model-field', `The layer pattern has ${words.length} layers, more than ${MAX_LAYERS}.`, {
      where: 'hybrid_override_pattern',
      hint: 'Correct the value.',
    });
  const known = words.filter((word) => table[word] !== undefined);
  return {
    mixers: known.map((word) => table[word]?.[0] ?? 'none'),
    feedForwards: known.map((word) => table[word]?.[1] ?? 'none'),
    unknown: [...new Set(words.filter((word) => table[word] === undefined && word !== '|'))],
    single: true,
  };
}

function each<T>(layers: number, of: (layer: number) => T): T[] {
  return Array.from({ length: layers }, (_, layer) => of(layer));
}

/** Which linear mixer a file means by "linear attention": the one whose sizes it states. */
function linearKind(fields: Fields, habits: Habits): MixerKind {
  if (habits.linear !== undefined) return habits.linear;
  if (
    fields.integer('linear_num_value_heads') !== undefined ||
    fields.integer('linear_num_heads') !== undefined ||
    fields.has('linear_attn_config')
  )
    return 'gated_delta';
  return fields.integer('mamba_d_state') !== undefined || fields.integer('ssm_state_size') !== undefined
    ? 'mamba'
    : 'lightning';
}

function mixerPlan(fields: Fields, habits: Habits, layers: number, unknown: string[]): MixerKind[] {
  const listed = fields.list('layer_types') ?? fields.list('layers_block_type');
  if (listed !== undefined && listed.length > 0) {
    return each(layers, (layer) => {
      const word = String(listed[layer % listed.length]);
      const kind = word === 'linear_attention' ? linearKind(fields, habits) : MIXER_WORDS[word];
      if (kind === undefined && !unknown.includes(word)) unknown.push(word);
      const known = kind ?? 'full';
      return known === 'sliding' &&
        fields.integer('sliding_window') === undefined &&
        !fields.has('sliding_window_size') &&
        !fields.has('window_size')
        ? 'full'
        : known;
    });
  }
  if (habits.mixerOnly === true) return each(layers, () => 'mamba');
  const binary = binaryPlan(fields, layers);
  if (binary !== undefined) return binary;
  const ropes = fields.list('no_rope_layers');
  if (fields.integer('attention_chunk_size') !== undefined) {
    const period = fields.integer('no_rope_layer_interval') ?? 4;
    return each(layers, (layer) =>
      (ropes !== undefined && ropes.length > 0 ? ropes[layer] === 1 : (layer + 1) % period !== 0) ? 'chunked' : 'full',
    );
  }
  const linearEvery = fields.integer('full_attention_interval') ?? habits.linearEvery;
  if (linearEvery !== undefined && linearEvery > 0)
    return each(layers, (layer) => ((layer + 1) % linearEvery === 0 ? 'full' : linearKind(fields, habits)));
  if (habits.linear === 'mamba') return each(layers, () => 'mamba');
  return windowPlan(fields, habits, layers);
}

/** Plans told by positions: indices of attention layers, periods, or lists of 0 and 1. */
function binaryPlan(fields: Fields, layers: number): MixerKind[] | undefined {
  const linear = fields.object('linear_attn_config');
  if (linear !== undefined && Array.isArray(linear['full_attn_layers'])) {
    const full = new Set(linear['full_attn_layers'].map(Number));
    return each(layers, (layer) => (full.has(layer + 1) ? 'full' : 'gated_delta'));
  }
  const softmax = fields.list('attn_type_list');
  if (softmax !== undefined) return each(layers, (layer) => (softmax[layer] === 0 ? 'lightning' : 'full'));
  const windows = fields.list('hybrid_layer_pattern');
  if (windows !== undefined) return each(layers, (layer) => (windows[layer] === 1 ? 'sliding' : 'full'));
  const indices = fields.list('attn_layer_indices') ?? fields.list('full_attn_idxs');
  if (indices !== undefined) {
    const full = new Set(indices.map(Number));
    const other: MixerKind = fields.list('full_attn_idxs') !== undefined ? 'convolution' : 'mamba';
    return each(layers, (layer) => (full.has(layer) ? 'full' : other));
  }
  const period = fields.integer('attn_layer_period');
  if (period !== undefined && period > 0) {
    const offset = fields.integer('attn_layer_offset') ?? 0;
    return each(layers, (layer) => (layer % period === offset ? 'full' : 'mamba'));
  }
  const localGlobal = fields.list('attention_types');
  if (localGlobal !== undefined) {
    const flat = localGlobal.flatMap((entry) => {
      if (!Array.isArray(entry) || !Array.isArray(entry[0]) || typeof entry[1] !== 'number') return [];
      return each(Math.min(entry[1], MAX_LAYERS), () => entry[0] as unknown[]).flat();
    });
    return each(layers, (layer) => (flat[layer] === 'local' ? 'sliding' : 'full'));
  }
  if (
    fields.integer('num_attention_heads') === undefined &&
    (fields.integer('state_size') !== undefined || fields.integer('ssm_state_size') !== undefined)
  )
    return each(layers, () => 'mamba');
  return undefined;
}

function windowPlan(fields: Fields, habits: Habits, layers: number): MixerKind[] {
  const window = fields.integer('sliding_window');
  const allowed = flag(habits.windowWhen, fields, fields.boolean('use_sliding_window') ?? true);
  if (window === undefined || window === 0 || !allowed) return each(layers, () => 'full');
  const text = fields.text('sliding_window_pattern');
  if (text !== undefined)
    return each(layers, (layer) => (text[layer % text.length] === 'L' && layer < layers - 1 ? 'sliding' : 'full'));
  const every =
    fields.integer('sliding_window_pattern') ?? fields.integer('global_attn_every_n_layers') ?? habits.fullEvery;
  if (every !== undefined && every > 0)
    return each(layers, (layer) => ((layer + 1) % every === 0 ? 'full' : 'sliding'));
  const from = habits.windowWhen === undefined ? undefined : fields.integer('max_window_layers');
  return each(layers, (layer) => (from !== undefined && layer < from ? 'full' : 'sliding'));
}

function feedForwardPlan(fields: Fields, layers: number): FeedForwardKind[] {
  const kinds = fields.list('mlp_layer_types');
  const experts = fields.integer('num_experts') ?? 0;
  if (experts === 0 || fields.boolean('enable_moe_block') === false) return each(layers, () => 'dense');
  if (kinds !== undefined && kinds.length > 0)
    return each(layers, (layer) => (kinds[layer] === 'dense' ? 'dense' : 'moe'));
  const frequencies = fields.list('moe_layer_freq');
  if (frequencies !== undefined) return each(layers, (layer) => (Number(frequencies[layer]) > 0 ? 'moe' : 'dense'));
  const listed = fields.list('moe_layers') ?? fields.text('moe_layers_enum')?.split(',');
  if (listed !== undefined && listed.length > 0) {
    const sparse = new Set(listed.map(Number));
    return each(layers, (layer) => (sparse.has(layer) ? 'moe' : 'dense'));
  }
  const interleave = fields.integer('interleave_moe_layer_step');
  if (interleave !== undefined && interleave > 0)
    return each(layers, (layer) => ((layer + 1) % interleave === 0 ? 'moe' : 'dense'));
  const period = fields.integer('expert_layer_period');
  if (period !== undefined && period > 0) {
    const offset = fields.integer('expert_layer_offset') ?? 0;
    return each(layers, (layer) => (layer % period === offset ? 'moe' : 'dense'));
  }
  const first = fields.integer('first_k_dense_replace') ?? 0;
  const stated = fields.get('moe_layer_end_index');
  const end = stated === -1 ? undefined : fields.integer('moe_layer_end_index');
  const interval = fields.integer('moe_layer_interval') ?? 1;
  const frequency = fields.integer('moe_layer_freq') ?? 1;
  const step = fields.integer('decoder_sparse_step') ?? 1;
  const dense = new Set((fields.list('mlp_only_layers') ?? []).map(Number));
  return each(layers, (layer) => {
    if (layer < first || dense.has(layer) || (end !== undefined && layer > end)) return 'dense';
    if (frequency > 1 && layer % frequency !== 0) return 'dense';
    if (interval > 1 && (layer + 1) % interval !== 0) return 'dense';
    return step > 0 && (layer + 1) % step === 0 ? 'moe' : 'dense';
  });
}
