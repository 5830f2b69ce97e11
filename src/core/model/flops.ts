import type { Architecture, Block, Mixer } from './architecture.ts';
import type { AttentionConvention } from './attention-span.ts';
import { visibleTokensMean } from './attention-span.ts';
import { countParameters } from './parameters.ts';
import type { Part } from './shapes.ts';
import { blockShapes, weightFlopPerToken } from './shapes.ts';

/** Conventions a training FLOP count can follow; a MAC is 2 FLOP in all of them. */
export const FLOP_CONVENTIONS = ['6nd', 'exact_causal', 'exact_full'] as const;
export type FlopConvention = (typeof FLOP_CONVENTIONS)[number];

/** What is computed a second time in the backward pass. */
export const RECOMPUTE_MODES = ['none', 'selective', 'full'] as const;
export type RecomputeMode = (typeof RECOMPUTE_MODES)[number];

/** Forward FLOP per token of one part: products with weights, and products between activations (attention core, recurrences). */
export interface PartFlop {
  readonly part: Part;
  readonly weightFlop: number;
  readonly coreFlop: number;
}

/** Forward FLOP per token by part; `total` = layers + head + MTP. */
export interface ForwardFlop {
  readonly total: number;
  /** All layers without head and MTP. */
  readonly layers: number;
  /** The attention core alone (scores and values), inside `layers`. */
  readonly core: number;
  readonly head: number;
  readonly mtp: number;
  readonly parts: readonly PartFlop[];
}

/** What a FLOP count includes. `multiTokenPrediction` (default true): MTP modules, as in training. */
export interface FlopOptions {
  readonly attention?: AttentionConvention;
  readonly multiTokenPrediction?: boolean;
  /** Count the router's matrix (default false, as Megatron and NVIDIA's figures do; it is below half a percent). */
  readonly router?: boolean;
}

/**
 * Forward FLOP per token between activations in one mixer at sequence length `seq`: scores and values of softmax
 * attention (2·2·heads·width·visible tokens), the indexer's scores, or the recurrence of linear mixers
 * (state update and read: 7·inner·state for Mamba, 4 state-sized products for the gated delta rule).
 * Source: flops-memory-time.md §2.2 (Megatron `num_floating_point_operations`).
 */
export function coreFlopPerToken(mixer: Mixer, seq: number, causal: boolean, convention: AttentionConvention): number {
  switch (mixer.type) {
    case 'attention':
      return 2 * mixer.heads * (mixer.headDim + mixer.valueHeadDim) * visibleTokensMean(mixer, seq, causal, convention);
    case 'latent_attention': {
      const visible = visibleTokensMean(mixer, seq, causal, convention);
      const core = 2 * mixer.heads * (mixer.nopeHeadDim + mixer.ropeHeadDim + mixer.valueHeadDim) * visible;
      if (mixer.indexer === null) return core;
      return (
        core + 2 * mixer.indexer.heads * mixer.indexer.headDim * (causal && convention === 'causal' ? seq / 2 : seq)
      );
    }
    case 'gated_delta':
      return 8 * mixer.valueHeads * mixer.keyHeadDim * mixer.valueHeadDim;
    case 'linear_attention':
      return 4 * mixer.heads * mixer.headDim * (mixer.headDim + Math.min(mixer.chunk, seq) / 2);
    case 'mamba2':
      return 7 * mixer.heads * mixer.headDim * mixer.stateSize;
    case 'mamba1':
      return 7 * mixer.innerSize * mixer.stateSize;
    case 'short_convolution':
      return 0;
  }
}

/** Forward FLOP per token of one block at `seq`: `weight` products with parameters, `core` between activations. */
export function blockFlopPerToken(
  block: Block,
  architecture: Architecture,
  seq: number,
  convention: AttentionConvention,
  router = false,
): { weight: number; core: number } {
  let weight = 0;
  const shapes = blockShapes(block, architecture.hiddenSize, architecture.norm);
  for (const matrix of shapes.weights) if (router || matrix.part !== 'router') weight += weightFlopPerToken(matrix);
  for (const entry of shapes.vectors) weight += 2 * entry.macs;
  return {
    weight,
    core: block.mixer === null ? 0 : coreFlopPerToken(block.mixer, seq, architecture.causal, convention),
  };
}

/** Forward FLOP per text token at sequence length `seq` (tokens), by part. Embedding look-ups cost nothing, norms and softmax are not counted. */
export function forwardFlopPerToken(architecture: Architecture, seq: number, options: FlopOptions = {}): ForwardFlop {
  const a = architecture;
  const convention = options.attention ?? 'causal';
  const weights = new Map<Part, number>();
  const cores = new Map<Part, number>();
  const add = (map: Map<Part, number>, part: Part, flop: number): void =>
    void map.set(part, (map.get(part) ?? 0) + flop);
  let layers = 0;
  let core = 0;
  for (const { count, block } of a.blocks) {
    const shapes = blockShapes(block, a.hiddenSize, a.norm);
    for (const matrix of shapes.weights)
      if (options.router === true || matrix.part !== 'router')
        add(weights, matrix.part, count * weightFlopPerToken(matrix));
    for (const entry of shapes.vectors) if (entry.macs > 0) add(weights, entry.part, 2 * count * entry.macs);
    if (block.mixer === null) continue;
    const flop = count * coreFlopPerToken(block.mixer, seq, a.causal, convention);
    const softmax = block.mixer.type === 'attention' || block.mixer.type === 'latent_attention';
    add(cores, softmax ? 'attention' : 'mixer', flop);
    if (softmax) core += flop;
  }
  if (a.perLayerInput !== null) add(weights, 'other', 6 * a.layerOrder.length * a.hiddenSize * a.perLayerInput.size);
  if (a.embeddingSize !== a.hiddenSize) add(weights, 'embedding', 2 * a.embeddingSize * a.hiddenSize);
  for (const flop of weights.values()) layers += flop;
  for (const flop of cores.values()) layers += flop;
  const head = a.headless
    ? 0
    : 2 * a.embeddingSize * a.vocabSize + (a.embeddingSize === a.hiddenSize ? 0 : 2 * a.embeddingSize * a.hiddenSize);
  if (head > 0) add(weights, 'head', head);
  const mtp =
    options.multiTokenPrediction === false ? 0 : mtpFlopPerToken(a, seq, convention, head, options.router === true);
  if (mtp > 0) add(weights, 'mtp', mtp);
  const parts = [...new Set([...weights.keys(), ...cores.keys()])].map((part) => ({
    part,
    weightFlop: weights.get(part) ?? 0,
    coreFlop: cores.get(part) ?? 0,
  }));
  return { total: layers + head + mtp, layers, core, head, mtp, parts };
}

function mtpFlopPerToken(
  a: Architecture,
  seq: number,
  convention: AttentionConvention,
  head: number,
  router: boolean,
): number {
  const mtp = a.multiTokenPrediction;
  if (mtp === null) return 0;
  const block = blockFlopPerToken(mtp.block, a, seq, convention, router);
  return mtp.modules * (mtp.blocksPerModule * (block.weight + block.core) + 4 * a.hiddenSize * a.hiddenSize + head);
}

/** Training FLOP per token (forward, gradient of data, gradient of weights: three times the forward) under a convention; `6nd` is 6 x active parameters and ignores `seq`. */
export function trainFlopPerToken(
  architecture: Architecture,
  seq: number,
  convention: FlopConvention,
  options: Omit<FlopOptions, 'attention'> = {},
): number {
  if (convention === '6nd') return 6 * countParameters(architecture).active;
  return (
    3 *
    forwardFlopPerToken(architecture, seq, { ...options, attention: convention === 'exact_full' ? 'full' : 'causal' })
      .total
  );
}

/** Options of a hardware count. `selectiveCoreFactor`: attention core under selective recompute relative to the model count, 4/3 = one more forward; Korthikanti 2022 prints a form equal to 2, which its HFU column needs. */
export interface HardwareFlopOptions extends FlopOptions {
  readonly selectiveCoreFactor?: number;
}

/** FLOP the hardware executes per trained token, recomputation included: full recompute repeats every layer's forward once (not the head), selective the attention core. */
export function hardwareFlopPerToken(
  architecture: Architecture,
  seq: number,
  recompute: RecomputeMode,
  options: HardwareFlopOptions = {},
): number {
  const forward = forwardFlopPerToken(architecture, seq, options);
  const model = 3 * forward.total;
  if (recompute === 'none') return model;
  if (recompute === 'selective') return model + ((options.selectiveCoreFactor ?? 4 / 3) - 1) * 3 * forward.core;
  const mtp = architecture.multiTokenPrediction;
  const mtpLayers = forward.mtp === 0 || mtp === null ? 0 : forward.mtp - mtp.modules * forward.head;
  return model + forward.layers + mtpLayers;
}
