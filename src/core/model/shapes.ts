import type {
  Attention,
  Block,
  FeedForward,
  GatedDelta,
  LatentAttention,
  LinearAttention,
  Mamba1,
  Mamba2,
  Mixer,
  Mlp,
  Moe,
  Norm,
  ShortConvolution,
} from './architecture.ts';

/**
 * Every matrix and vector a block holds, with its shape. Parameters, FLOPs, memory and the anatomy view are sums over
 * these lists, so they cannot disagree. Shapes follow the reference implementations of the layer types
 * (softmax attention: Vaswani 2017; GQA: Ainslie 2023; MLA: arXiv 2405.04434 §2.1; gated delta rule: Yang 2024;
 * Mamba: Gu & Dao 2023, Dao & Gu 2024; mixture of experts: Shazeer 2017 with shared experts of Dai 2024).
 */

/** Where a parameter or a FLOP belongs in every breakdown. */
export const PARTS = [
  'embedding',
  'attention',
  'mixer',
  'mlp',
  'router',
  'experts',
  'shared_experts',
  'norm',
  'head',
  'mtp',
  'vision',
  'other',
] as const;
export type Part = (typeof PARTS)[number];

/** A weight matrix `inputs` x `outputs`; one token row times it costs `inputs * outputs` MAC. */
export interface Weight {
  readonly part: Part;
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Copies stored (experts of a layer). */
  readonly stored: number;
  /** Copies one token is multiplied with (0 for a table that is only looked up). */
  readonly used: number;
  /** A bias of `outputs` elements per copy. */
  readonly bias: boolean;
}

/** Parameters that are not a matrix product: norms, sinks, decays, short convolutions (`macs` per token when they multiply). */
export interface Vector {
  readonly part: Part;
  readonly name: string;
  readonly params: number;
  /** Multiply-accumulates per token, counted with the FLOPs of its part (short convolutions); 0 for elementwise work. */
  readonly macs: number;
}

/** All a block holds. */
export interface BlockShapes {
  readonly weights: readonly Weight[];
  readonly vectors: readonly Vector[];
}

/** Parameters of one norm over `width` elements. */
export function normParams(norm: Norm, width: number): number {
  return (norm.weight ? width : 0) + (norm.bias ? width : 0);
}

/** A matrix every token uses. */
function dense(part: Part, name: string, inputs: number, outputs: number, bias = false): Weight {
  return { part, name, inputs, outputs, stored: 1, used: 1, bias };
}

function vector(part: Part, name: string, params: number, macs = 0): Vector {
  return { part, name, params, macs };
}

const some = (vectors: readonly Vector[]): Vector[] => vectors.filter((v) => v.params > 0 || v.macs > 0);

function attentionShapes(a: Attention, hidden: number): BlockShapes {
  const queries = a.heads * a.headDim;
  const keys = a.kvHeads * a.headDim;
  const values = a.kvHeads * a.valueHeadDim;
  const mixed = a.heads * a.valueHeadDim;
  const weights: Weight[] = [dense('attention', 'query', hidden, queries, a.queryBias)];
  if (!a.sharedKv) {
    weights.push(dense('attention', 'key', hidden, keys, a.keyBias));
    if (!a.valuesAreKeys) weights.push(dense('attention', 'value', hidden, values, a.valueBias));
  }
  if (a.relativePositions) weights.push(dense('attention', 'relative_position', hidden, queries));
  if (a.outputGate === 'element') weights.push(dense('attention', 'output_gate', hidden, mixed, a.queryBias));
  if (a.outputGate === 'head') weights.push(dense('attention', 'output_gate', hidden, a.heads));
  weights.push(dense('attention', 'output', mixed, hidden, a.outBias));
  const vectors: Vector[] = [];
  if (a.qkNorm !== null) {
    const perHead = a.qkNorm.over === 'head';
    vectors.push(vector('norm', 'query_norm', normParams(a.qkNorm.norm, perHead ? a.headDim : queries)));
    if (!a.sharedKv) vectors.push(vector('norm', 'key_norm', normParams(a.qkNorm.norm, perHead ? a.headDim : keys)));
  }
  if (a.valueNorm !== null && !a.sharedKv)
    vectors.push(vector('norm', 'value_norm', normParams(a.valueNorm, a.valueHeadDim)));
  if (a.sinks) vectors.push(vector('attention', 'sinks', a.heads));
  return { weights, vectors: some(vectors) };
}

function latentAttentionShapes(a: LatentAttention, hidden: number): BlockShapes {
  const queryWidth = a.heads * (a.nopeHeadDim + a.ropeHeadDim);
  const weights: Weight[] = [];
  const vectors: Vector[] = [];
  if (a.queryRank === null) weights.push(dense('attention', 'query', hidden, queryWidth));
  else {
    weights.push(
      dense('attention', 'query_down', hidden, a.queryRank, a.bias),
      dense('attention', 'query_up', a.queryRank, queryWidth),
    );
    vectors.push(vector('norm', 'query_latent_norm', a.queryRank));
  }
  weights.push(
    dense('attention', 'kv_down', hidden, a.kvRank + a.ropeHeadDim, a.bias),
    dense('attention', 'kv_up', a.kvRank, a.heads * (a.nopeHeadDim + a.valueHeadDim)),
    dense('attention', 'output', a.heads * a.valueHeadDim, hidden, a.bias),
  );
  vectors.push(vector('norm', 'kv_latent_norm', a.kvRank));
  if (a.indexer !== null) {
    const { heads, headDim } = a.indexer;
    weights.push(
      dense('attention', 'indexer_query', a.queryRank ?? hidden, heads * headDim),
      dense('attention', 'indexer_key', hidden, headDim),
      dense('attention', 'indexer_weights', hidden, heads),
    );
    vectors.push(vector('norm', 'indexer_key_norm', 2 * headDim));
  }
  return { weights, vectors };
}

function gatedDeltaShapes(m: GatedDelta, hidden: number): BlockShapes {
  const keys = m.keyHeads * m.keyHeadDim;
  const values = m.valueHeads * m.valueHeadDim;
  const channels = 2 * keys + values;
  const weights: Weight[] = [dense('mixer', 'query_key_value', hidden, channels)];
  const vectors: Vector[] = [vector('mixer', 'convolution', channels * m.convKernel, channels * m.convKernel)];
  if (m.decay === 'scalar') {
    weights.push(
      dense('mixer', 'output_gate', hidden, values),
      dense('mixer', 'beta_and_decay', hidden, 2 * m.valueHeads),
    );
    vectors.push(vector('mixer', 'decay', 2 * m.valueHeads));
  } else {
    weights.push(
      dense('mixer', 'decay_down', hidden, m.valueHeadDim),
      dense('mixer', 'decay_up', m.valueHeadDim, keys),
      dense('mixer', 'beta', hidden, m.valueHeads),
      dense('mixer', 'gate_down', hidden, m.valueHeadDim),
      dense('mixer', 'gate_up', m.valueHeadDim, values),
    );
    vectors.push(vector('mixer', 'decay', m.valueHeads + keys));
  }
  vectors.push(vector('norm', 'mixer_norm', m.valueHeadDim));
  weights.push(dense('mixer', 'output', values, hidden));
  return { weights, vectors };
}

function linearAttentionShapes(m: LinearAttention, hidden: number): BlockShapes {
  const width = m.heads * m.headDim;
  const weights: Weight[] = [dense('mixer', 'query_key_value', hidden, 3 * width)];
  if (m.outputGate) weights.push(dense('mixer', 'output_gate', hidden, width));
  weights.push(dense('mixer', 'output', width, hidden));
  return { weights, vectors: m.outputNorm ? [vector('norm', 'mixer_norm', width)] : [] };
}

function mamba2Shapes(m: Mamba2, hidden: number): BlockShapes {
  const inner = m.heads * m.headDim;
  const channels = inner + 2 * m.groups * m.stateSize;
  return {
    weights: [
      dense('mixer', 'input', hidden, inner + channels + m.heads, m.projectionBias),
      dense('mixer', 'output', inner, hidden, m.projectionBias),
    ],
    vectors: [
      vector('mixer', 'convolution', channels * (m.convKernel + (m.convBias ? 1 : 0)), channels * m.convKernel),
      vector('mixer', 'state', 3 * m.heads),
      ...(m.innerNorm ? [vector('norm', 'mixer_norm', inner)] : []),
    ],
  };
}

function mamba1Shapes(m: Mamba1, hidden: number): BlockShapes {
  const { innerSize: inner, stateSize: state, stepRank: rank } = m;
  return {
    weights: [
      dense('mixer', 'input', hidden, 2 * inner, m.projectionBias),
      dense('mixer', 'selection', inner, rank + 2 * state),
      dense('mixer', 'step', rank, inner, true),
      dense('mixer', 'output', inner, hidden, m.projectionBias),
    ],
    vectors: some([
      vector('mixer', 'convolution', inner * (m.convKernel + (m.convBias ? 1 : 0)), inner * m.convKernel),
      vector('mixer', 'state', inner * state + inner),
      vector('norm', 'inner_norms', m.innerNorms ? rank + 2 * state : 0),
    ]),
  };
}

function shortConvolutionShapes(m: ShortConvolution, hidden: number): BlockShapes {
  return {
    weights: [
      dense('mixer', 'input', hidden, 3 * m.channels, m.bias),
      dense('mixer', 'output', m.channels, hidden, m.bias),
    ],
    vectors: [vector('mixer', 'convolution', m.channels * (m.kernel + (m.bias ? 1 : 0)), m.channels * m.kernel)],
  };
}

/** Matrices and vectors of a token mixer for a model of width `hidden`. */
export function mixerShapes(mixer: Mixer, hidden: number): BlockShapes {
  switch (mixer.type) {
    case 'attention':
      return attentionShapes(mixer, hidden);
    case 'latent_attention':
      return latentAttentionShapes(mixer, hidden);
    case 'gated_delta':
      return gatedDeltaShapes(mixer, hidden);
    case 'linear_attention':
      return linearAttentionShapes(mixer, hidden);
    case 'mamba2':
      return mamba2Shapes(mixer, hidden);
    case 'mamba1':
      return mamba1Shapes(mixer, hidden);
    case 'short_convolution':
      return shortConvolutionShapes(mixer, hidden);
  }
}

function mlpWeights(part: Part, mlp: Omit<Mlp, 'type'>, width: number, stored: number, used: number): Weight[] {
  const matrix = (name: string, inputs: number, outputs: number): Weight => ({
    part,
    name,
    inputs,
    outputs,
    stored,
    used,
    bias: mlp.bias,
  });
  const up = [matrix('up', width, mlp.intermediateSize)];
  if (mlp.gated) up.unshift(matrix('gate', width, mlp.intermediateSize));
  return [...up, matrix('down', mlp.intermediateSize, width)];
}

function moeShapes(moe: Moe, hidden: number): BlockShapes {
  const width = moe.latentSize ?? hidden;
  const weights: Weight[] = [dense('router', 'router', hidden, moe.experts, moe.routerBias)];
  if (moe.latentSize !== null) {
    weights.push(
      dense('experts', 'latent_down', hidden, moe.latentSize, moe.bias),
      dense('experts', 'latent_up', moe.latentSize, hidden, moe.bias),
    );
  }
  const expert = { intermediateSize: moe.expertIntermediateSize, gated: moe.gated, bias: moe.bias };
  weights.push(...mlpWeights('experts', expert, width, moe.experts, moe.expertsPerToken));
  if (moe.shared !== null) {
    weights.push(...mlpWeights('shared_experts', moe.shared, hidden, 1, 1));
    if (moe.shared.gate) weights.push(dense('shared_experts', 'shared_gate', hidden, 1));
  }
  if (moe.parallelMlp !== null) weights.push(...mlpWeights('mlp', moe.parallelMlp, hidden, 1, 1));
  return {
    weights,
    vectors: some([
      vector('router', 'router_correction', moe.routerCorrection ? moe.experts : 0),
      vector('router', 'router_extra', moe.routerExtraParams),
    ]),
  };
}

/** Matrices and vectors of a feed-forward for a model of width `hidden`. */
export function feedForwardShapes(feedForward: FeedForward, hidden: number): BlockShapes {
  return feedForward.type === 'mlp'
    ? { weights: mlpWeights('mlp', feedForward, hidden, 1, 1), vectors: [] }
    : moeShapes(feedForward, hidden);
}

/** Everything one block holds, for a model of width `hidden` with the norm `norm`. Order: mixer, feed-forward, norms. */
export function blockShapes(block: Block, hidden: number, norm: Norm): BlockShapes {
  const mixer = block.mixer === null ? null : mixerShapes(block.mixer, hidden);
  const feedForward = block.feedForward === null ? null : feedForwardShapes(block.feedForward, hidden);
  return {
    weights: [...(mixer?.weights ?? []), ...(feedForward?.weights ?? [])],
    vectors: [
      ...(mixer?.vectors ?? []),
      ...(feedForward?.vectors ?? []),
      ...some([
        vector('norm', 'norms', block.norms * normParams(norm, hidden)),
        vector('other', 'extra', block.extraParams),
      ]),
    ],
  };
}

/** Parameters of a matrix with its biases, all stored copies. */
export function weightParams(weight: Weight): number {
  return weight.stored * (weight.inputs * weight.outputs + (weight.bias ? weight.outputs : 0));
}

/** Parameters of a matrix that one token uses. */
export function weightActiveParams(weight: Weight): number {
  return weight.used * (weight.inputs * weight.outputs + (weight.bias ? weight.outputs : 0));
}

/** Forward FLOP per token of a matrix: 2 per multiply-accumulate, biases not counted. */
export function weightFlopPerToken(weight: Weight): number {
  return 2 * weight.used * weight.inputs * weight.outputs;
}
