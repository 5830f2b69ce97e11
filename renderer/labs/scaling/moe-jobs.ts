/** What experts cost in a real layout: the cluster model's share of a step that no scaling law sees. */
import {
  NO_OFFLOAD,
  SHIPPED_PREDICTOR_FIT,
  searchLayouts,
  trainingSetup,
  writeLayout,
  type HardwareSpec,
  type SearchLimits,
} from '../../../src/core/cluster/index.ts';
import type { Architecture } from '../../../src/core/model/architecture.ts';

export interface OverheadAsked {
  readonly model: Architecture;
  readonly hardware: HardwareSpec;
  readonly chips: number;
  readonly seqLen: number;
  readonly batchSeqs: number;
}

export interface ExpertOverhead {
  /** Step over the step without what only experts cause; at least 1. */
  readonly factor: number;
  readonly allToAllShare: number;
  readonly imbalanceShare: number;
  readonly stepSeconds: number;
  readonly mfu: number;
  readonly memoryGib: number;
  readonly layout: string;
}

/** The usual choices only: the overhead is wanted in a second or two, not the last percent of speed. */
const USUAL: SearchLimits = {
  offload: [NO_OFFLOAD],
  schedule: ['1f1b', 'interleaved'],
  microbatch: [1, 2, 4],
  sequenceParallel: [true],
  cp: [1],
  expertTp: [1],
};

/** The fastest usual layout of a model with experts and what they cost in it; null when nothing fits. */
export function expertOverhead(asked: OverheadAsked): ExpertOverhead | null {
  const setup = trainingSetup({ seqLen: asked.seqLen, batchSeqs: asked.batchSeqs, precision: 'bf16' });
  const [best] = searchLayouts(asked.model, asked.hardware, setup, asked.chips, SHIPPED_PREDICTOR_FIT, {
    top: 1,
    limits: USUAL,
  }).layouts;
  if (!best) return null;
  const { prediction: p } = best;
  const experts = p.parts.all_to_all + p.parts.expert_overhead;
  return {
    factor: p.stepSeconds / (p.stepSeconds - experts),
    allToAllShare: p.parts.all_to_all / p.stepSeconds,
    imbalanceShare: p.parts.expert_overhead / p.stepSeconds,
    stepSeconds: p.stepSeconds,
    mfu: p.mfu,
    memoryGib: p.memory.total / 2 ** 30,
    layout: writeLayout(best.layout),
  };
}
