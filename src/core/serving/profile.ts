import type { Architecture, Block, Mixer } from '../model/architecture.ts';
import { coreFlopPerToken } from '../model/flops.ts';
import { kvElementsPerToken, stateElements } from '../model/kv.ts';
import { countParameters } from '../model/parameters.ts';
import { blockShapes, weightParams } from '../model/shapes.ts';

/** Layers of one kind as serving sees them; parameters are elements of one layer. */
export interface ServedLayers {
  readonly count: number;
  readonly kind: 'attention' | 'latent' | 'recurrent' | 'none';
  /** Projections of the mixer that tensor parallelism splits. */
  readonly mixerParams: number;
  /** Dense feed-forward and shared experts. */
  readonly denseParams: number;
  /** Router, latent projections: every rank multiplies them. */
  readonly routerParams: number;
  readonly expertParams: number;
  readonly experts: number;
  readonly topK: number;
  /** Cache elements per token that a query reads (the latent once), and of the index that chooses tokens. */
  readonly kvElements: number;
  readonly indexElements: number;
  /** Ranks the cache can be divided over; 1 for a latent. */
  readonly kvHeads: number;
  /** Tokens a query can see at most. */
  readonly window: number;
  /** Tokens that stay in the cache: an index keeps all, a window its own. */
  readonly keptWindow: number;
  /** Constant state of a sequence (elements). */
  readonly stateElements: number;
  /** FLOP of one query against one cached token while decoding (a latent is attended to without expansion). */
  readonly decodeFlopPerVisible: number;
  readonly indexFlopPerToken: number;
  readonly recurrentFlop: number;
  readonly mixer: Mixer | null;
}

/** A model as serving sees it: shapes only. */
export interface ServingProfile {
  readonly architecture: Architecture;
  readonly hidden: number;
  readonly layerCount: number;
  readonly layers: readonly ServedLayers[];
  readonly headParams: number;
  /** Tables kept in memory and hardly read. */
  readonly tableParams: number;
  readonly paramsTotal: number;
  readonly paramsActive: number;
  readonly hasExperts: boolean;
  readonly maxExperts: number;
  readonly attentionHeads: number;
}

function decodeFlop(mixer: Mixer | null): number {
  if (mixer === null) return 0;
  if (mixer.type === 'attention') return 2 * mixer.heads * (mixer.headDim + mixer.valueHeadDim);
  if (mixer.type === 'latent_attention') return 2 * mixer.heads * (2 * mixer.kvRank + mixer.ropeHeadDim);
  return 0;
}

function served(block: Block, a: Architecture, count: number): ServedLayers {
  const shapes = blockShapes(block, a.hiddenSize, a.norm);
  let mixerParams = 0;
  let denseParams = 0;
  let routerParams = 0;
  let expertParams = 0;
  for (const weight of shapes.weights) {
    const params = weightParams(weight);
    if (weight.part === 'attention' || weight.part === 'mixer') mixerParams += params;
    else if (weight.part === 'mlp' || weight.part === 'shared_experts') denseParams += params;
    else if (weight.part === 'experts' && weight.stored > 1) expertParams += params / weight.stored;
    else routerParams += params;
  }
  const moe = block.feedForward?.type === 'moe' ? block.feedForward : null;
  const { mixer } = block;
  const softmax = mixer?.type === 'attention' || mixer?.type === 'latent_attention';
  const indexer = mixer?.type === 'latent_attention' ? mixer.indexer : null;
  const window = mixer?.type === 'attention' ? (mixer.window ?? Infinity) : (indexer?.topTokens ?? Infinity);
  return {
    count,
    kind: mixer === null ? 'none' : mixer.type === 'latent_attention' ? 'latent' : softmax ? 'attention' : 'recurrent',
    mixerParams,
    denseParams,
    routerParams,
    expertParams,
    experts: moe?.experts ?? 0,
    topK: moe?.expertsPerToken ?? 0,
    kvElements: kvElementsPerToken(mixer) - (indexer?.headDim ?? 0),
    indexElements: indexer?.headDim ?? 0,
    kvHeads: mixer?.type === 'attention' ? mixer.kvHeads : 1,
    window,
    keptWindow: indexer === null ? window : Infinity,
    stateElements: stateElements(mixer),
    decodeFlopPerVisible: decodeFlop(mixer),
    indexFlopPerToken: indexer === null ? 0 : 2 * indexer.heads * indexer.headDim,
    recurrentFlop: mixer === null || softmax ? 0 : coreFlopPerToken(mixer, 1, true, 'causal'),
    mixer,
  };
}

/** Reduces an architecture to what serving needs. Multi-token-prediction modules are left out: drafting is a setting. */
export function servingProfile(a: Architecture): ServingProfile {
  const layers = a.blocks.filter((g) => g.count > 0).map((g) => served(g.block, a, g.count));
  const count = countParameters(a);
  const head = a.headless ? 0 : a.vocabSize * a.embeddingSize;
  const inLayers = layers.reduce(
    (sum, l) => sum + l.count * (l.mixerParams + l.denseParams + l.routerParams + l.experts * l.expertParams),
    0,
  );
  return {
    architecture: a,
    hidden: a.hiddenSize,
    layerCount: a.layerOrder.length,
    layers,
    headParams: head,
    tableParams: Math.max(0, count.total - inLayers - head),
    paramsTotal: count.total,
    paramsActive: count.active,
    hasExperts: layers.some((l) => l.experts > 0),
    maxExperts: Math.max(0, ...layers.map((l) => l.experts)),
    attentionHeads: Math.max(
      0,
      ...layers.map((l) => ('heads' in (l.mixer ?? {}) ? (l.mixer as { heads: number }).heads : 0)),
    ),
  };
}

/** Experts at least one of `tokens` tokens is routed to, when each picks `topK` of `experts` evenly: E(1-(1-k/E)^B). */
export function distinctExperts(experts: number, topK: number, tokens: number): number {
  if (experts <= 0) return 0;
  return experts * (1 - (1 - topK / experts) ** tokens);
}
