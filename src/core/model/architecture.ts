/**
 * A model as data: what its layers are made of. Parameters, FLOPs, matrix shapes and bytes derive from these fields
 * alone; nothing in this folder knows a model by name. Everything is JSON: it is stored, sent to workers, compared.
 * Notation of the field names: widths and sizes count elements, `heads` count heads, lengths count tokens.
 */

/** A normalisation over some width: what it holds per element. `weight: false` is a non-parametric norm. */
export interface Norm {
  readonly kind: 'rms' | 'layer';
  readonly weight: boolean;
  readonly bias: boolean;
}

export const RMS_NORM: Norm = { kind: 'rms', weight: true, bias: false };
export const LAYER_NORM: Norm = { kind: 'layer', weight: true, bias: true };

/** Softmax attention with queries, keys and values: MHA (kvHeads = heads), GQA, MQA (kvHeads = 1), sliding or chunked window. */
export interface Attention {
  readonly type: 'attention';
  readonly heads: number;
  readonly kvHeads: number;
  /** Width of a query and key head. */
  readonly headDim: number;
  /** Width of a value head (equal to `headDim` in most models). */
  readonly valueHeadDim: number;
  /** Tokens a query can look back on, itself included; `null` is the whole sequence. */
  readonly window: number | null;
  /** `sliding` looks at the last `window` tokens, `chunked` at those of its own chunk of `window` tokens. */
  readonly windowKind: 'sliding' | 'chunked';
  readonly queryBias: boolean;
  readonly keyBias: boolean;
  readonly valueBias: boolean;
  readonly outBias: boolean;
  /** Norm on queries and keys: over each head's width with shared weights, or over all heads at once. `null`: none. */
  readonly qkNorm: { readonly over: 'head' | 'all_heads' | 'each_head'; readonly norm: Norm } | null;
  /** Norm on values (weights are rare: the flag of `norm` says). `null`: none. */
  readonly valueNorm: Norm | null;
  /** A learned logit per head that absorbs attention. */
  readonly sinks: boolean;
  /** Gate on the attention output before the output projection: per element, per head, or none. */
  readonly outputGate: 'none' | 'element' | 'head';
  /** Keys and values are those of an earlier layer: no K/V projections and no cache of its own. */
  readonly sharedKv: boolean;
  /** Values are the keys: no value projection (the cache may hold one tensor only). */
  readonly valuesAreKeys: boolean;
  /** A projection of relative positions (heads x headDim) beside Q, K, V. */
  readonly relativePositions: boolean;
}

/** Multi-head latent attention: K and V are expanded from one latent vector per token. */
export interface LatentAttention {
  readonly type: 'latent_attention';
  readonly heads: number;
  /** Rank of the query's compression; `null`: queries are projected directly. */
  readonly queryRank: number | null;
  readonly kvRank: number;
  readonly nopeHeadDim: number;
  readonly ropeHeadDim: number;
  readonly valueHeadDim: number;
  /** Biases on the compressing projections and on the output (`attention_bias` in common files). */
  readonly bias: boolean;
  /** Learned selection of the tokens attended to ("sparse attention"): its own small attention. `null`: none. */
  readonly indexer: { readonly heads: number; readonly headDim: number; readonly topTokens: number } | null;
}

/** Linear attention with a gated delta rule: constant state, short convolution over q, k, v. */
export interface GatedDelta {
  readonly type: 'gated_delta';
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyHeadDim: number;
  readonly valueHeadDim: number;
  readonly convKernel: number;
  /** `scalar`: decay per value head; `vector`: decay per key channel from a low-rank projection (rank = value head width). */
  readonly decay: 'scalar' | 'vector';
}

/** Linear attention with a fixed decay per head (no convolution), with an output gate. */
export interface LinearAttention {
  readonly type: 'linear_attention';
  readonly heads: number;
  readonly headDim: number;
  /** Tokens of a block inside which the quadratic form is used. */
  readonly chunk: number;
  readonly outputGate: boolean;
  /** Norm over heads x headDim on the output. */
  readonly outputNorm: boolean;
}

/** Selective state space layer, second form: scalar decay per head, groups share B and C. */
export interface Mamba2 {
  readonly type: 'mamba2';
  readonly heads: number;
  readonly headDim: number;
  readonly groups: number;
  readonly stateSize: number;
  readonly convKernel: number;
  readonly convBias: boolean;
  readonly projectionBias: boolean;
  /** Gated norm over the inner width before the output projection. */
  readonly innerNorm: boolean;
  readonly chunk: number;
}

/** Selective state space layer, first form: state per channel, step size from a low-rank projection. */
export interface Mamba1 {
  readonly type: 'mamba1';
  readonly innerSize: number;
  readonly stateSize: number;
  readonly convKernel: number;
  readonly convBias: boolean;
  readonly projectionBias: boolean;
  readonly stepRank: number;
  /** Norms on the step, B and C projections. */
  readonly innerNorms: boolean;
}

/** Gated short convolution: three projections in, a causal kernel per channel, one projection out. */
export interface ShortConvolution {
  readonly type: 'short_convolution';
  readonly channels: number;
  readonly kernel: number;
  readonly bias: boolean;
}

export type Mixer = Attention | LatentAttention | GatedDelta | LinearAttention | Mamba2 | Mamba1 | ShortConvolution;

/** Feed-forward of two matrices (plain) or three (gated). */
export interface Mlp {
  readonly type: 'mlp';
  readonly intermediateSize: number;
  readonly gated: boolean;
  readonly bias: boolean;
}

/** Mixture of experts: a router picks `expertsPerToken` of `experts`; shared experts see every token. */
export interface Moe {
  readonly type: 'moe';
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly expertIntermediateSize: number;
  readonly gated: boolean;
  /** Biases inside the experts. */
  readonly bias: boolean;
  readonly routerBias: boolean;
  /** A stored correction per expert for load balancing (counted as a parameter, as it is in the weight files). */
  readonly routerCorrection: boolean;
  /** Parameters of the router beyond its matrix, biases and correction (scales, norms). */
  readonly routerExtraParams: number;
  /** All shared experts together: `intermediateSize` is the sum of their widths. */
  readonly shared: {
    readonly intermediateSize: number;
    readonly gated: boolean;
    readonly bias: boolean;
    readonly gate: boolean;
  } | null;
  /** Experts work on a projection of the hidden state of this width; `null`: on the hidden state itself. */
  readonly latentSize: number | null;
  /** A dense feed-forward beside the experts, with its own residual input. */
  readonly parallelMlp: Mlp | null;
}

export type FeedForward = Mlp | Moe;

/** One layer: a token mixer, a feed-forward, or both, with norms of the hidden width. */
export interface Block {
  readonly mixer: Mixer | null;
  readonly feedForward: FeedForward | null;
  /** Number of norms over the hidden width in this layer (2 pre-norms, 4 with post-norms, 1 in some parallel layers). */
  readonly norms: number;
  /** Parameters of the layer that no field above describes (layer scales and the like). */
  readonly extraParams: number;
}

/** A block and how many layers of the model are of this kind (not necessarily consecutive: see `layerOrder`). */
export interface BlockGroup {
  readonly count: number;
  readonly block: Block;
}

/** Modules that predict further tokens: each has one block, a projection 2h -> h and norms. */
export interface MultiTokenPrediction {
  readonly modules: number;
  /** The block of one module (usually the last block of the main model); `blocksPerModule` of them. */
  readonly block: Block;
  readonly blocksPerModule: number;
  /** Norms over the hidden width of one module beside those of its block (two inputs and one output: 3). */
  readonly norms: number;
  /** The weight files repeat the embedding and the head in each module. */
  readonly duplicatedEmbedding: boolean;
  /** Shares its weights between the modules (one set is stored and trained, run `modules` times). */
  readonly sharedWeights: boolean;
}

/** Embeddings added in every layer from a table of their own. */
export interface PerLayerInput {
  readonly vocabSize: number;
  readonly size: number;
}

/** Merges patch features and projects them to the language model's width. */
export interface VisionProjector {
  /** Matrices in order, `inputs` x `outputs`, each with its bias flag. */
  readonly layers: readonly { readonly inputs: number; readonly outputs: number; readonly bias: boolean }[];
  /** Parameters of its norms and embeddings. */
  readonly extraParams: number;
  /** Patches merged into one token. */
  readonly patchesPerToken: number;
}

/** A transformer encoder over image patches in front of the language model. */
export interface VisionTower {
  readonly hiddenSize: number;
  readonly blocks: readonly BlockGroup[];
  readonly norm: Norm;
  /** Values entering the patch projection (channels x patch height x patch width x frames). */
  readonly patchInputs: number;
  readonly patchBias: boolean;
  /** Learned position vectors (0: none). */
  readonly positions: number;
  /** Further parameters: class token, norms outside the layers. */
  readonly extraParams: number;
  readonly projectors: readonly VisionProjector[];
  /** Nothing in the file told the exact parts: the count is an estimate. */
  readonly approximate: boolean;
}

/** A decoder (or encoder) of transformer, state-space or hybrid layers. */
export interface Architecture {
  readonly kind: 'transformer';
  readonly name: string;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  /** Width of the embedding when it differs from the hidden size (then a projection in and out is counted). */
  readonly embeddingSize: number;
  /** The output head is the embedding matrix: stored once, multiplied as a head all the same. */
  readonly tiedEmbeddings: boolean;
  /** No output head at all (an encoder's body). */
  readonly headless: boolean;
  readonly headBias: boolean;
  /** Rows of a learned position table (0: rotary, ALiBi or none). */
  readonly learnedPositions: number;
  /** Rows of a token-type table (0: none). */
  readonly tokenTypes: number;
  /** Norm directly after the embedding, as in some early models. */
  readonly embeddingNorm: boolean;
  readonly finalNorm: boolean;
  readonly norm: Norm;
  /** Queries see earlier tokens only. */
  readonly causal: boolean;
  readonly blocks: readonly BlockGroup[];
  /** For each layer from input to output, the index of its group in `blocks`. */
  readonly layerOrder: readonly number[];
  readonly multiTokenPrediction: MultiTokenPrediction | null;
  readonly perLayerInput: PerLayerInput | null;
  readonly vision: VisionTower | null;
  /** Parameters outside every part above. */
  readonly extraParams: number;
  /** Longest sequence the file states, in tokens; `null` when unstated. */
  readonly maxPositions: number | null;
  /** Storage type the file states (`bfloat16`, `fp8`, `mxfp4`…); `null` when unstated. */
  readonly storedType: string | null;
}

/** One layer of a convolutional or vision model, for one sample. */
export interface Layer {
  readonly name: string;
  readonly type: 'conv2d' | 'linear' | 'attention' | 'parameters';
  /** Multiply-accumulates of one forward pass of one sample. */
  readonly macs: number;
  readonly params: number;
  /** Elements of the layer's output for one sample (0 when unknown). */
  readonly outputElements: number;
  /** The product as matrices: `count` products of m x k by k x n. */
  readonly matmul: { readonly m: number; readonly k: number; readonly n: number; readonly count: number } | null;
  /** Multiplications with a weight (parameter gradient needed) or between activations. */
  readonly weighted: boolean;
}

/** A convolutional or vision model as a flat list of layers; counts are per sample. */
export interface LayerList {
  readonly kind: 'layers';
  readonly name: string;
  readonly layers: readonly Layer[];
  /** Longest chain of dependent layers; `null` when the order of execution is unknown. */
  readonly sequentialDepth: number | null;
}

export type Model = Architecture | LayerList;

/** A plain decoder in few words; everything left out is the common choice of today's decoders. */
export interface DecoderSpec {
  readonly name?: string;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly gated?: boolean;
  readonly tiedEmbeddings?: boolean;
  readonly norm?: Norm;
  readonly normsPerLayer?: number;
  readonly finalNorm?: boolean;
  readonly qkvBias?: boolean;
  readonly outBias?: boolean;
  readonly mlpBias?: boolean;
  readonly learnedPositions?: number;
  readonly window?: number | null;
  readonly maxPositions?: number | null;
}

/** Softmax attention with the common choices (no biases, no norms, full window); `over` changes any of them. */
export function attention(over: Partial<Attention> & Pick<Attention, 'heads' | 'headDim'>): Attention {
  const { heads, headDim } = over;
  return {
    type: 'attention',
    kvHeads: heads,
    valueHeadDim: headDim,
    window: null,
    windowKind: 'sliding',
    queryBias: false,
    keyBias: false,
    valueBias: false,
    outBias: false,
    qkNorm: null,
    valueNorm: null,
    sinks: false,
    outputGate: 'none',
    sharedKv: false,
    valuesAreKeys: false,
    relativePositions: false,
    ...over,
  };
}

/** An architecture with the common choices around the given blocks; layers run group after group unless `layerOrder` says otherwise. */
export function transformer(
  over: Partial<Architecture> & Pick<Architecture, 'hiddenSize' | 'vocabSize' | 'blocks'>,
): Architecture {
  return {
    kind: 'transformer',
    name: '',
    embeddingSize: over.hiddenSize,
    tiedEmbeddings: false,
    headless: false,
    headBias: false,
    learnedPositions: 0,
    tokenTypes: 0,
    embeddingNorm: false,
    finalNorm: true,
    norm: RMS_NORM,
    causal: true,
    layerOrder: over.blocks.flatMap((group, index) => new Array<number>(group.count).fill(index)),
    multiTokenPrediction: null,
    perLayerInput: null,
    vision: null,
    extraParams: 0,
    maxPositions: null,
    storedType: null,
    ...over,
  };
}

/** Architecture of a plain decoder: identical layers of attention and a feed-forward. Sizes in elements. */
export function plainDecoder(spec: DecoderSpec): Architecture {
  const bias = spec.qkvBias ?? false;
  const block: Block = {
    mixer: attention({
      heads: spec.heads,
      kvHeads: spec.kvHeads ?? spec.heads,
      headDim: spec.headDim ?? spec.hiddenSize / spec.heads,
      window: spec.window ?? null,
      queryBias: bias,
      keyBias: bias,
      valueBias: bias,
      outBias: spec.outBias ?? false,
    }),
    feedForward: {
      type: 'mlp',
      intermediateSize: spec.intermediateSize,
      gated: spec.gated ?? true,
      bias: spec.mlpBias ?? false,
    },
    norms: spec.normsPerLayer ?? 2,
    extraParams: 0,
  };
  return transformer({
    name: spec.name ?? '',
    hiddenSize: spec.hiddenSize,
    vocabSize: spec.vocabSize,
    tiedEmbeddings: spec.tiedEmbeddings ?? false,
    learnedPositions: spec.learnedPositions ?? 0,
    norm: spec.norm ?? RMS_NORM,
    finalNorm: spec.finalNorm ?? true,
    blocks: [{ count: spec.layers, block }],
    maxPositions: spec.maxPositions ?? null,
  });
}

/** Number of layers of the main model (MTP modules and the vision tower not counted). */
export function layerCount(architecture: Architecture): number {
  return architecture.layerOrder.length;
}

/** Groups equal consecutive-or-not layers: distinct blocks with counts, and the order that names them. */
export function groupBlocks(layers: readonly Block[]): { blocks: BlockGroup[]; layerOrder: number[] } {
  const index = new Map<string, number>();
  const distinct: Block[] = [];
  const counts: number[] = [];
  const layerOrder = layers.map((block) => {
    const key = JSON.stringify(block);
    let at = index.get(key);
    if (at === undefined) {
      at = distinct.length;
      index.set(key, at);
      distinct.push(block);
      counts.push(0);
    }
    counts[at] = (counts[at] ?? 0) + 1;
    return at;
  });
  return { blocks: distinct.map((block, at) => ({ count: counts[at] ?? 0, block })), layerOrder };
}
