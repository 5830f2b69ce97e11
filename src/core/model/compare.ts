import { sequentialDepth } from './anatomy.ts';
import type { Model } from './architecture.ts';
import { elementwiseFlopPerToken } from './elementwise.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from './flops.ts';
import { kvBytesPerToken, kvCacheBytes } from './kv.ts';
import { layerTotals } from './layers.ts';
import { countParameters } from './parameters.ts';
import { blockShapes } from './shapes.ts';
import { visionFlopPerImage } from './training.ts';

/** Patches of the image compared at: 448 x 448 pixels in patches of 14. */
export const IMAGE_PATCHES = 1024;

/** What a comparison of models needs to know of the machine: rates in FLOP/s and bytes/s, efficiencies as fractions. */
export interface LatencyAssumptions {
  readonly peakFlopPerSecond: number;
  readonly memoryBytesPerSecond: number;
  readonly flopEfficiency: number;
  readonly memoryEfficiency: number;
  /** Seconds each dependent step adds (launch, synchronisation). */
  readonly secondsPerStep: number;
}

/** Training FLOP of one token or sample under every convention; layer lists have one exact count. */
export interface TrainFlopByConvention {
  readonly sixN: number;
  /** 6 per active parameter, every embedding left out. */
  readonly sixNWithoutEmbeddings: number;
  readonly exactCausal: number;
  readonly exactFull: number;
  readonly hardwareSelective: number;
  readonly hardwareFull: number;
}

/** One line of the comparison table: per token for language models, per sample for layer lists. */
export interface ComparisonRow {
  readonly name: string;
  readonly per: 'token' | 'sample';
  readonly params: number;
  readonly activeParams: number;
  /** Vendors differ: some leave out the table that is only looked up, some every embedding. */
  readonly activeWithoutInputEmbedding: number;
  readonly activeWithoutEmbeddings: number;
  readonly forwardMacs: number;
  readonly forwardFlop: number;
  readonly trainFlop: TrainFlopByConvention;
  /** Norms, softmax, activations and residual sums of the forward pass, in no other count; null for layer lists. */
  readonly elementwiseFlop: number | null;
  readonly elementwiseShare: number | null;
  readonly weightBytes: number;
  /** Elements that the matrix products, norms and mixers of one forward pass write (per token or sample). */
  readonly activationElements: number;
  readonly kvBytesPerToken: number | null;
  /** Caches and recurrent states of one sequence of the length compared at, 16 bits; windows cap their layers. Null for layer lists. */
  readonly sequenceCacheBytes: number | null;
  /** Forward FLOP of an image of `IMAGE_PATCHES` patches through the vision tower; null without one. */
  readonly imageFlop: number | null;
  readonly sequentialDepth: number | null;
  /** Forward of one token or sample alone: the larger of compute and weight traffic, plus the steps; null without a machine. */
  readonly latencySeconds: number | null;
}

/** Compares models side by side: FLOPs and latency always together. `seq` is the context of language models, in tokens. */
export function compareModels(
  models: readonly Model[],
  seq: number,
  bytesPerParameter = 2,
  machine: LatencyAssumptions | null = null,
): ComparisonRow[] {
  return models.map((model) => {
    const depth = sequentialDepth(model);
    const counts = model.kind === 'layers' ? ofLayers(model) : ofArchitecture(model, seq);
    const weightBytes = counts.params * bytesPerParameter;
    const read = counts.activeParams * bytesPerParameter;
    const latencySeconds =
      machine === null
        ? null
        : Math.max(
            counts.forwardFlop / (machine.peakFlopPerSecond * machine.flopEfficiency),
            read / (machine.memoryBytesPerSecond * machine.memoryEfficiency),
          ) +
          (depth ?? 0) * machine.secondsPerStep;
    return { ...counts, name: model.name, weightBytes, sequentialDepth: depth, latencySeconds };
  });
}

type Counts = Omit<ComparisonRow, 'name' | 'weightBytes' | 'sequentialDepth' | 'latencySeconds'>;

function ofLayers(model: Model & { kind: 'layers' }): Counts {
  const t = layerTotals(model);
  return {
    per: 'sample',
    params: t.params,
    activeParams: t.params,
    activeWithoutInputEmbedding: t.params,
    activeWithoutEmbeddings: t.params,
    forwardMacs: t.forwardMacs,
    forwardFlop: t.forwardFlop,
    trainFlop: {
      // 6 per parameter says nothing about a network whose weights are used once a pixel.
      sixN: Number.NaN,
      sixNWithoutEmbeddings: Number.NaN,
      exactCausal: t.trainFlopPerSample,
      exactFull: t.trainFlopPerSample,
      hardwareSelective: t.trainFlopPerSample,
      hardwareFull: t.trainFlopPerSample + t.forwardFlop,
    },
    elementwiseFlop: null,
    elementwiseShare: null,
    activationElements: t.activations,
    kvBytesPerToken: null,
    sequenceCacheBytes: null,
    imageFlop: null,
  };
}

function ofArchitecture(model: Model & { kind: 'transformer' }, seq: number): Counts {
  const count = countParameters(model);
  const forward = forwardFlopPerToken(model, seq, { multiTokenPrediction: false }).total;
  let activationElements = model.headless ? 0 : model.vocabSize;
  for (const { count: layers, block } of model.blocks) {
    const { mixer } = block;
    let elements = block.norms * model.hiddenSize;
    for (const weight of blockShapes(block, model.hiddenSize, model.norm).weights)
      elements += weight.used * weight.outputs;
    if (mixer?.type === 'attention' || mixer?.type === 'latent_attention') elements += mixer.heads * mixer.valueHeadDim;
    activationElements += layers * elements;
  }
  const elementwise = elementwiseFlopPerToken(model, seq);
  return {
    per: 'token',
    params: count.total,
    activeParams: count.active,
    activeWithoutInputEmbedding: count.activeWithoutInputEmbedding,
    activeWithoutEmbeddings: count.activeWithoutEmbeddings,
    forwardMacs: forward / 2,
    forwardFlop: forward,
    trainFlop: {
      sixN: trainFlopPerToken(model, seq, '6nd'),
      sixNWithoutEmbeddings: 6 * count.activeWithoutEmbeddings,
      exactCausal: trainFlopPerToken(model, seq, 'exact_causal'),
      exactFull: trainFlopPerToken(model, seq, 'exact_full'),
      hardwareSelective: hardwareFlopPerToken(model, seq, 'selective'),
      hardwareFull: hardwareFlopPerToken(model, seq, 'full'),
    },
    elementwiseFlop: elementwise.total,
    elementwiseShare: elementwise.share,
    activationElements,
    kvBytesPerToken: kvBytesPerToken(model),
    sequenceCacheBytes: kvCacheBytes(model, seq),
    imageFlop: model.vision === null ? null : visionFlopPerImage(model, IMAGE_PATCHES),
  };
}
