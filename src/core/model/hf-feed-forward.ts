import type { FeedForward, Mlp, Moe } from './architecture.ts';
import type { Fields } from './hf-fields.ts';
import type { Habits } from './hf-habits.ts';
import { flag } from './hf-habits.ts';
import type { FeedForwardKind } from './hf-layers.ts';

/** Activations that come with a gate in every implementation we know; others are plain unless the type says so. */
const GATED = /silu|swish|swiglu|geglu|glu|gelu_pytorch_tanh/;

/** Builds the feed-forward of layer `layer` from the file's fields. */
export function feedForwardOf(
  kind: FeedForwardKind,
  fields: Fields,
  habits: Habits,
  layer: number,
  layers: number,
): FeedForward | null {
  if (kind === 'none') return null;
  return kind === 'dense' ? denseMlp(fields, habits, layer, layers) : mixtureOfExperts(fields, habits, layer, layers);
}

/** Two matrices or three: the type's habit, else the activation's name. */
export function gatedOf(fields: Fields, habits: Habits): boolean {
  const act =
    fields.text('mlp_hidden_act') ??
    fields.text('hidden_act') ??
    fields.text('hidden_activation') ??
    fields.text('activation_function') ??
    fields.text('activation');
  return flag(habits.gated, fields, act === undefined || GATED.test(act));
}

/** Width of the dense feed-forward: stated, or a multiple of the hidden size. */
function denseWidth(fields: Fields, habits: Habits, layer: number): number {
  const stated = fields.integer('intermediate_size_mlp') ?? fields.integer('intermediate_size', layer);
  const width = stated ?? (fields.integer('expansion_ratio') ?? habits.expansion ?? 4) * fields.size('hidden_size');
  if (fields.boolean('block_auto_adjust_ff_dim') !== true) return Math.floor(width * (habits.intermediateFactor ?? 1));
  const multiple = fields.integer('block_multiple_of') ?? 256;
  const multiplier = Number(fields.get('block_ffn_dim_multiplier') ?? 1);
  return multiple * Math.ceil(Math.floor(multiplier * Math.floor((2 * width) / 3)) / multiple);
}

function denseMlp(fields: Fields, habits: Habits, layer: number, layers: number): Mlp {
  const shared = fields.integer('num_kv_shared_layers') ?? 0;
  const doubled = fields.boolean('use_double_wide_mlp') === true && shared > 0 && layer >= layers - shared;
  return {
    type: 'mlp',
    intermediateSize: denseWidth(fields, habits, layer) * (doubled ? 2 : 1),
    gated: gatedOf(fields, habits),
    bias: flag(habits.mlpBias, fields, fields.boolean('mlp_bias') ?? false),
  };
}

function sharedWidth(fields: Fields, habits: Habits, expertWidth: number, layer: number): number {
  const stated = fields.integer('shared_expert_intermediate_size');
  const experts = fields.integer('n_shared_experts', layer);
  if (stated !== undefined)
    return stated * (fields.has('moe_shared_expert_intermediate_size') ? Math.max(1, experts ?? 1) : 1);
  if (habits.sharedExpert === true) return fields.size('intermediate_size');
  return (experts ?? 0) * expertWidth;
}

function mixtureOfExperts(fields: Fields, habits: Habits, layer: number, layers: number): Moe {
  const experts = fields.size('num_experts', layer);
  const width = fields.integer('moe_intermediate_size', layer) ?? fields.size('intermediate_size', layer);
  const gated = gatedOf(fields, habits);
  const shared = sharedWidth(fields, habits, width, layer);
  const parallel = fields.boolean('enable_moe_block') === true;
  const latent = fields.integer('moe_latent_size') ?? 0;
  return {
    type: 'moe',
    experts,
    expertsPerToken: Math.min(experts, fields.size('num_experts_per_tok', layer)),
    expertIntermediateSize: width,
    gated,
    bias: flag(habits.expertBias, fields),
    routerBias: flag(habits.routerBias, fields),
    routerCorrection: flag(habits.routerCorrection, fields, fields.text('topk_method') === 'noaux_tc'),
    routerExtraParams: parallel ? fields.size('hidden_size') + experts : 0,
    shared:
      shared > 0
        ? {
            intermediateSize: shared,
            gated,
            bias: flag(habits.mlpBias, fields, fields.boolean('mlp_bias') ?? false),
            gate: flag(habits.sharedGate, fields),
          }
        : null,
    latentSize: latent > 0 ? latent : null,
    parallelMlp: parallel ? denseMlp(fields, habits, layer, layers) : null,
  };
}
