import { sequentialDepth } from './anatomy.ts';
import type { Model } from './architecture.ts';
import { forwardFlopPerToken, trainFlopPerToken } from './flops.ts';
import { kvBytesPerToken } from './kv.ts';
import { layerTotals } from './layers.ts';
import { countParameters } from './parameters.ts';

/** What a comparison of models needs to know of the machine: rates in FLOP/s and bytes/s, efficiencies as fractions. */
export interface LatencyAssumptions {
  readonly peakFlopPerSecond: number;
  readonly memoryBytesPerSecond: number;
  readonly flopEfficiency: number;
  readonly memoryEfficiency: number;
  /** Seconds each dependent step adds (launch, synchronisation). */
  readonly secondsPerStep: number;
}

/** One line of the comparison table: per token for language models, per sample for layer lists. */
export interface ComparisonRow {
  readonly name: string;
  readonly per: 'token' | 'sample';
  readonly params: number;
  readonly activeParams: number;
  readonly forwardMacs: number;
  readonly forwardFlop: number;
  readonly trainFlop: number;
  readonly weightBytes: number;
  /** Elements written by the layers of one forward pass (per token or sample). */
  readonly activationElements: number;
  readonly kvBytesPerToken: number | null;
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
    forwardMacs: t.forwardMacs,
    forwardFlop: t.forwardFlop,
    trainFlop: t.trainFlopPerSample,
    activationElements: t.activations,
    kvBytesPerToken: null,
  };
}

function ofArchitecture(model: Model & { kind: 'transformer' }, seq: number): Counts {
  const count = countParameters(model);
  const forward = forwardFlopPerToken(model, seq, { multiTokenPrediction: false }).total;
  let activationElements = model.vocabSize;
  for (const { count: layers, block } of model.blocks) {
    const { mixer, feedForward } = block;
    let elements = 2 * model.hiddenSize;
    if (mixer?.type === 'attention') elements += (2 * mixer.heads + 2 * mixer.kvHeads) * mixer.headDim;
    if (feedForward?.type === 'mlp') elements += feedForward.intermediateSize * (feedForward.gated ? 3 : 2);
    if (feedForward?.type === 'moe')
      elements +=
        feedForward.expertsPerToken *
        (feedForward.expertIntermediateSize * (feedForward.gated ? 3 : 2) + model.hiddenSize);
    activationElements += layers * elements;
  }
  return {
    per: 'token',
    params: count.total,
    activeParams: count.active,
    forwardMacs: forward / 2,
    forwardFlop: forward,
    trainFlop: trainFlopPerToken(model, seq, 'exact_causal'),
    activationElements,
    kvBytesPerToken: kvBytesPerToken(model),
  };
}
