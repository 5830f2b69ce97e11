import type { Attention, GatedDelta, LatentAttention, Mamba1, Mamba2, Mixer, Norm } from './architecture.ts';
import { LAYER_NORM, RMS_NORM, attention } from './architecture.ts';
import type { Fields } from './hf-fields.ts';
import type { Habits } from './hf-habits.ts';
import { flag } from './hf-habits.ts';
import type { MixerKind } from './hf-layers.ts';

const NO_WEIGHT: Norm = { kind: 'rms', weight: false, bias: false };

/** Builds the mixer of layer `layer` from the file's fields. */
export function mixerOf(kind: MixerKind, fields: Fields, habits: Habits, layer: number, layers: number): Mixer | null {
  switch (kind) {
    case 'none':
      return null;
    case 'gated_delta':
      return gatedDelta(fields);
    case 'lightning': {
      const heads = fields.size('num_attention_heads');
      const chunk = fields.integer('block_size') ?? 256;
      return {
        type: 'linear_attention',
        heads,
        headDim: headDim(fields, heads),
        chunk,
        outputGate: true,
        outputNorm: true,
      };
    }
    case 'mamba':
      return fields.integer('mamba_d_state') !== undefined && !mamba2Fields(fields) ? mamba1(fields) : mamba(fields);
    case 'convolution':
      return shortConvolution(fields);
    default:
      return fields.integer('kv_lora_rank') !== undefined
        ? latent(fields, habits)
        : softmax(kind, fields, habits, layer, layers);
  }
}

/** Width of a head: stated, or the hidden size shared among the heads. */
export function headDim(fields: Fields, heads: number): number {
  return fields.integer('head_dim') ?? Math.floor(fields.size('hidden_size') / heads);
}

function keyValueHeads(fields: Fields, heads: number): number {
  const stated = fields.integer('num_key_value_heads');
  const grouped = fields.boolean('new_decoder_architecture');
  if (grouped === true) return stated ?? heads;
  if (
    fields.boolean('multi_query') === true ||
    (grouped === false && fields.boolean('multi_query_attention') === true && stated === undefined)
  )
    return 1;
  if (fields.boolean('multi_query_attention') === false) return heads;
  return stated === undefined || stated === 0 ? heads : stated;
}

function softmax(kind: MixerKind, fields: Fields, habits: Habits, layer: number, layers: number): Attention {
  const windowed = kind === 'sliding';
  const global = kind === 'full';
  const own = (name: string): number | undefined => (windowed ? fields.integer(`swa_${name}`, layer) : undefined);
  const heads = own('num_attention_heads') ?? fields.size('num_attention_heads', layer);
  const base = keyValueHeads(fields, heads);
  const sameKv = global && fields.boolean('attention_k_eq_v') === true;
  let kvHeads =
    own('num_key_value_heads') ??
    (Array.isArray(fields.get('num_key_value_heads')) ? fields.size('num_key_value_heads', layer) : base);
  let width = own('head_dim') ?? headDim(fields, heads);
  if (global && fields.integer('global_head_dim') !== undefined) width = fields.size('global_head_dim');
  if (sameKv) kvHeads = fields.integer('num_global_key_value_heads') ?? kvHeads;
  const values = own('v_head_dim') ?? fields.integer('v_head_dim') ?? width;
  const window =
    kind === 'chunked'
      ? fields.size('attention_chunk_size')
      : windowed
        ? (fields.integer('sliding_window') ?? fields.integer('window_size') ?? fields.size('sliding_window_size'))
        : null;
  const bias = fields.boolean('attention_bias') ?? false;
  const shared = fields.integer('num_kv_shared_layers') ?? 0;
  const norm = habits.qkNorm;
  const stated = fields.boolean('use_qk_norm') === true || fields.boolean('qk_layernorm') === true;
  return attention({
    heads,
    kvHeads,
    headDim: width,
    valueHeadDim: values,
    window,
    windowKind: kind === 'chunked' ? 'chunked' : 'sliding',
    queryBias: flag(habits.queryBias, fields, bias),
    keyBias: flag(habits.keyBias ?? habits.queryBias, fields, bias),
    valueBias: flag(habits.valueBias ?? habits.queryBias, fields, bias),
    outBias: flag(habits.outBias, fields, bias),
    qkNorm:
      norm === undefined
        ? stated && habits.norms === undefined
          ? { over: 'head', norm: RMS_NORM }
          : null
        : flag(norm.when, fields)
          ? { over: norm.over, norm: norm.norm ?? RMS_NORM }
          : null,
    valueNorm: fields.has('attention_k_eq_v') ? NO_WEIGHT : null,
    sinks: sinks(fields, habits, windowed),
    outputGate: fields.boolean('attn_output_gate') === true ? 'element' : (habits.outputGate ?? 'none'),
    sharedKv: shared > 0 && layer >= layers - shared,
    valuesAreKeys: sameKv,
  });
}

function sinks(fields: Fields, habits: Habits, windowed: boolean): boolean {
  const stated = windowed
    ? fields.boolean('add_swa_attention_sink_bias')
    : fields.boolean('add_full_attention_sink_bias');
  return stated ?? (habits.sinks === 'windowed' ? windowed : flag(habits.sinks, fields));
}

function latent(fields: Fields, habits: Habits): LatentAttention {
  const indexHeads = fields.integer('index_n_heads');
  const rope = fields.integer('qk_rope_head_dim') ?? 64;
  const queryRank = fields.integer('q_lora_rank');
  return {
    type: 'latent_attention',
    heads: fields.size('num_attention_heads'),
    queryRank: queryRank === undefined || queryRank === 0 ? null : queryRank,
    kvRank: fields.size('kv_lora_rank'),
    nopeHeadDim: fields.integer('qk_nope_head_dim') ?? (fields.integer('qk_head_dim') ?? 192) - rope,
    ropeHeadDim: rope,
    valueHeadDim: fields.integer('v_head_dim') ?? headDim(fields, fields.size('num_attention_heads')),
    bias: flag(habits.queryBias, fields, fields.boolean('attention_bias') ?? false),
    indexer:
      indexHeads === undefined
        ? null
        : { heads: indexHeads, headDim: fields.size('index_head_dim'), topTokens: fields.size('index_topk') },
  };
}

function gatedDelta(fields: Fields): GatedDelta {
  const config = fields.object('linear_attn_config');
  const own = (name: string): number | undefined => {
    const value = config?.[name];
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
  };
  const vector = config !== undefined || fields.integer('linear_num_heads') !== undefined;
  if (vector) {
    const heads = own('num_heads') ?? fields.size('linear_num_heads');
    const width = own('head_dim') ?? fields.size('linear_head_dim');
    const kernel = own('short_conv_kernel_size') ?? fields.integer('linear_conv_kernel_dim') ?? 4;
    return {
      type: 'gated_delta',
      keyHeads: heads,
      valueHeads: heads,
      keyHeadDim: width,
      valueHeadDim: width,
      convKernel: kernel,
      decay: 'vector',
    };
  }
  return {
    type: 'gated_delta',
    keyHeads: fields.size('linear_num_key_heads'),
    valueHeads: fields.size('linear_num_value_heads'),
    keyHeadDim: fields.size('linear_key_head_dim'),
    valueHeadDim: fields.size('linear_value_head_dim'),
    convKernel: fields.integer('linear_conv_kernel_dim') ?? 4,
    decay: 'scalar',
  };
}

function mamba2Fields(fields: Fields): boolean {
  return (
    ['mamba_num_heads', 'mamba_n_heads', 'n_mamba_heads'].some((name) => (fields.integer(name) ?? 0) > 1) ||
    ((fields.integer('num_heads') ?? 0) > 1 && fields.integer('state_size') !== undefined)
  );
}

function mamba(fields: Fields): Mamba1 | Mamba2 {
  if (!mamba2Fields(fields)) return mamba1(fields);
  const heads = fields.integer('mamba_num_heads') ?? fields.integer('mamba_n_heads') ?? fields.size('num_heads');
  const inner = (fields.integer('mamba_expand') ?? fields.integer('expand') ?? 2) * fields.size('hidden_size');
  const width =
    fields.integer('mamba_head_dim') ??
    fields.integer('mamba_d_head') ??
    (fields.integer('mamba_num_heads') === undefined && fields.integer('mamba_n_heads') === undefined
      ? fields.integer('head_dim')
      : undefined) ??
    Math.floor(inner / heads);
  return {
    type: 'mamba2',
    heads,
    headDim: width,
    groups: fields.integer('n_groups') ?? fields.integer('mamba_n_groups') ?? 1,
    stateSize: fields.integer('ssm_state_size') ?? fields.integer('mamba_d_state') ?? fields.size('state_size'),
    convKernel: fields.integer('conv_kernel') ?? fields.integer('mamba_d_conv') ?? 4,
    convBias: fields.boolean('use_conv_bias') ?? fields.boolean('mamba_conv_bias') ?? true,
    projectionBias: fields.boolean('mamba_proj_bias') === true || fields.boolean('use_bias') === true,
    innerNorm: true,
    chunk: fields.integer('chunk_size') ?? fields.integer('mamba_chunk_size') ?? 256,
  };
}

function mamba1(fields: Fields): Mamba1 {
  const hidden = fields.size('hidden_size');
  const expand = fields.integer('mamba_expand') ?? fields.integer('expand') ?? 2;
  return {
    type: 'mamba1',
    // Files of pure state-space models state the inner width itself; hybrids keep that name for their feed-forward.
    innerSize:
      fields.has('state_size') && fields.has('intermediate_size') ? fields.size('intermediate_size') : expand * hidden,
    stateSize: fields.integer('mamba_d_state') ?? fields.integer('ssm_state_size') ?? fields.size('state_size'),
    convKernel: fields.integer('mamba_d_conv') ?? fields.integer('conv_kernel') ?? 4,
    convBias: fields.boolean('mamba_conv_bias') ?? fields.boolean('use_conv_bias') ?? true,
    projectionBias: fields.boolean('mamba_proj_bias') ?? fields.boolean('use_bias') ?? false,
    stepRank: fields.integer('mamba_dt_rank') ?? fields.integer('time_step_rank') ?? Math.ceil(hidden / 16),
    innerNorms: fields.integer('mamba_d_state') !== undefined,
  };
}

/** A gated short convolution: three projections in, one out, one kernel per channel. */
function shortConvolution(fields: Fields): Mixer {
  const hidden = fields.size('hidden_size');
  return {
    type: 'short_convolution',
    channels: fields.integer('conv_dim') ?? hidden,
    kernel: fields.integer('conv_L_cache') ?? 3,
    bias: fields.boolean('conv_bias') ?? false,
  };
}

/** Norm a type uses unless its habits say another: a layer norm when the file names a layer-norm epsilon, else RMS. */
export function defaultNorm(fields: Fields): Norm {
  return fields.has('layer_norm_epsilon') || fields.has('layer_norm_eps') ? LAYER_NORM : RMS_NORM;
}
