import type { Architecture, Block, Moe } from '../model/architecture.ts';
import { coreFlopPerToken, forwardFlopPerToken } from '../model/flops.ts';
import { visibleTokensMean } from '../model/attention-span.ts';
import { blockShapes, weightParams } from '../model/shapes.ts';

/** Layers of one kind, as the cluster sees them. Widths in elements, FLOP forward per token and layer. */
export interface LayerProfile {
  /** Layers of this kind, multi-token-prediction blocks included (their runs per step). */
  readonly count: number;
  /** Parameters of matrices tensor parallelism splits, by what they belong to. */
  readonly attentionParams: number;
  readonly mixerParams: number;
  readonly mlpParams: number;
  readonly sharedParams: number;
  /** Parameters every tensor rank holds: router, latent projections, norms. */
  readonly replicatedParams: number;
  /** Router and latent projections: products every rank of an expert layer computes. */
  readonly routerParams: number;
  /** Parameters of one expert, and how many there are. */
  readonly expertParams: number;
  readonly experts: number;
  readonly topK: number;
  readonly expertWidth: number;
  readonly expertInput: number;
  readonly expertGated: boolean;
  readonly expertBias: boolean;
  readonly mlpWidth: number;
  readonly sharedWidth: number;
  readonly gated: boolean;
  /** Softmax attention: width of q, k, v together and of the mixed values, elements of K and V, heads, core FLOP, visible tokens. */
  readonly softmax: boolean;
  readonly qkvWidth: number;
  /** Elements per token that pass through memory between projections: latent attention expands its keys and values inside fused kernels. */
  readonly trafficWidth: number;
  readonly mixedWidth: number;
  readonly kvWidth: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly coreFlop: number;
  readonly visible: number;
  /** Recurrent mixers: inner width, core FLOP. */
  readonly innerWidth: number;
  readonly recurrentFlop: number;
}

/** A model at one sequence length, reduced to what memory and time need. */
export interface ModelProfile {
  readonly hidden: number;
  readonly vocab: number;
  readonly seqLen: number;
  readonly layers: number;
  /** Layers that run per step, MTP blocks included. */
  readonly runs: number;
  readonly groups: readonly LayerProfile[];
  /** Output heads computed per token (1 + MTP modules); 0 without a head. */
  readonly heads: number;
  readonly headParams: number;
  readonly tied: boolean;
  /** Embedding tables beside the head (elements). */
  readonly embeddingParams: number;
  /** Parameters outside layers and embeddings. */
  readonly extraParams: number;
  /** Largest head count tensor parallelism must divide; 0 when there is no attention. */
  readonly attentionHeads: number;
  readonly maxExperts: number;
  /** Training FLOP per token (causal attention halved), the MFU convention. */
  readonly trainFlop: number;
  readonly maxPositions: number | null;
}

const NO_MOE = { experts: 0, topK: 0, expertWidth: 0, expertInput: 0, expertGated: true, expertBias: false };

function moeFields(moe: Moe, hidden: number): typeof NO_MOE {
  return {
    experts: moe.experts,
    topK: moe.expertsPerToken,
    expertWidth: moe.expertIntermediateSize,
    expertInput: moe.latentSize ?? hidden,
    expertGated: moe.gated,
    expertBias: moe.bias,
  };
}

function layerProfile(block: Block, a: Architecture, seqLen: number, count: number): LayerProfile {
  const shapes = blockShapes(block, a.hiddenSize, a.norm);
  const sum = { attention: 0, mixer: 0, mlp: 0, shared: 0, router: 0, expert: 0, vectors: 0 };
  for (const weight of shapes.weights) {
    const params = weightParams(weight);
    if (weight.part === 'attention') sum.attention += params;
    else if (weight.part === 'mixer') sum.mixer += params;
    else if (weight.part === 'mlp') sum.mlp += params;
    else if (weight.part === 'shared_experts') sum.shared += params;
    else if (weight.part === 'experts' && weight.stored > 1) sum.expert += params / weight.stored;
    else sum.router += params;
  }
  for (const vector of shapes.vectors) sum.vectors += vector.params;
  const ff = block.feedForward;
  const moe = ff?.type === 'moe' ? ff : null;
  const mlp = ff?.type === 'mlp' ? ff : (moe?.parallelMlp ?? null);
  const mixer = block.mixer;
  const core = mixer === null ? 0 : coreFlopPerToken(mixer, seqLen, a.causal, 'causal');
  let attention = { qkvWidth: 0, trafficWidth: 0, mixedWidth: 0, kvWidth: 0, heads: 0, kvHeads: 0, visible: 0 };
  let innerWidth = 0;
  if (mixer?.type === 'attention') {
    const kv = mixer.sharedKv ? 0 : mixer.kvHeads * (mixer.headDim + mixer.valueHeadDim);
    attention = {
      qkvWidth: mixer.heads * mixer.headDim + kv,
      trafficWidth: mixer.heads * mixer.headDim + kv,
      mixedWidth: mixer.heads * mixer.valueHeadDim,
      kvWidth: mixer.kvHeads * (mixer.headDim + mixer.valueHeadDim),
      heads: mixer.heads,
      kvHeads: mixer.kvHeads,
      visible: visibleTokensMean(mixer, seqLen, a.causal, 'causal'),
    };
  } else if (mixer?.type === 'latent_attention') {
    const query = mixer.heads * (mixer.nopeHeadDim + mixer.ropeHeadDim);
    attention = {
      qkvWidth: 2 * query + mixer.heads * mixer.valueHeadDim + (mixer.queryRank ?? 0) + mixer.kvRank,
      trafficWidth: query + (mixer.queryRank ?? 0) + mixer.kvRank,
      mixedWidth: mixer.heads * mixer.valueHeadDim,
      kvWidth: query + mixer.heads * mixer.valueHeadDim,
      heads: mixer.heads,
      kvHeads: mixer.heads,
      visible: visibleTokensMean(mixer, seqLen, a.causal, 'causal'),
    };
  } else if (mixer?.type === 'gated_delta') innerWidth = mixer.valueHeads * mixer.valueHeadDim;
  else if (mixer?.type === 'mamba2' || mixer?.type === 'linear_attention') innerWidth = mixer.heads * mixer.headDim;
  else if (mixer?.type === 'mamba1') innerWidth = mixer.innerSize;
  else if (mixer?.type === 'short_convolution') innerWidth = mixer.channels;
  const softmax = attention.heads > 0;
  return {
    count,
    attentionParams: sum.attention,
    mixerParams: sum.mixer,
    mlpParams: sum.mlp,
    sharedParams: sum.shared,
    replicatedParams: sum.router + sum.vectors,
    routerParams: sum.router,
    expertParams: sum.expert,
    ...(moe === null ? NO_MOE : moeFields(moe, a.hiddenSize)),
    mlpWidth: mlp?.intermediateSize ?? 0,
    sharedWidth: moe?.shared?.intermediateSize ?? 0,
    gated: mlp?.gated ?? moe?.gated ?? true,
    softmax,
    ...attention,
    coreFlop: softmax ? core : 0,
    innerWidth,
    recurrentFlop: softmax ? 0 : core,
  };
}

/**
 * Reduces an architecture at `seqLen` (tokens) to layer kinds with their widths, parameters and FLOP per token.
 * `multiTokenPrediction` false leaves MTP modules out. Throws nothing: sizes are checked where layouts are.
 */
export function profileModel(a: Architecture, seqLen: number, multiTokenPrediction = true): ModelProfile {
  const groups = a.blocks
    .filter((group) => group.count > 0)
    .map((group) => layerProfile(group.block, a, seqLen, group.count));
  const mtp = multiTokenPrediction ? a.multiTokenPrediction : null;
  let extra = a.extraParams;
  if (mtp !== null && mtp.modules > 0) {
    groups.push(layerProfile(mtp.block, a, seqLen, mtp.modules * mtp.blocksPerModule));
    extra += 2 * a.hiddenSize * a.hiddenSize * (mtp.sharedWeights ? 1 : mtp.modules);
  }
  let attentionHeads = 0;
  let maxExperts = 0;
  let runs = 0;
  for (const group of groups) {
    attentionHeads = Math.max(attentionHeads, group.heads);
    maxExperts = Math.max(maxExperts, group.experts);
    runs += group.count;
  }
  const head = a.headless ? 0 : a.vocabSize * a.embeddingSize;
  const perLayerTables =
    a.perLayerInput === null ? 0 : a.layerOrder.length * a.perLayerInput.vocabSize * a.perLayerInput.size;
  return {
    hidden: a.hiddenSize,
    vocab: a.vocabSize,
    seqLen,
    layers: a.layerOrder.length,
    runs,
    groups,
    heads: a.headless ? 0 : 1 + (mtp?.modules ?? 0),
    headParams: head,
    tied: a.tiedEmbeddings,
    embeddingParams:
      (a.tiedEmbeddings ? 0 : a.vocabSize * a.embeddingSize) +
      (a.learnedPositions + a.tokenTypes) * a.hiddenSize +
      perLayerTables,
    extraParams: extra,
    attentionHeads,
    maxExperts,
    trainFlop: 3 * forwardFlopPerToken(a, seqLen, { multiTokenPrediction: mtp !== null }).total,
    maxPositions: a.maxPositions,
  };
}
