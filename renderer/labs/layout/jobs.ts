/** What the layout worker can be asked: plain data both ways. */
import type { PredictionCase } from '../../../src/core/cluster/cases/case.ts';
import type {
  FoundLayout,
  HardwareSpec,
  Precision,
  PredictorFit,
  Refit,
  ScalingCurve,
  SearchLimits,
  SearchResult,
  TrainingSetup,
} from '../../../src/core/cluster/index.ts';
import {
  NO_OFFLOAD,
  refitPredictor,
  scalingCurve,
  searchLayouts,
  trainingSetup,
} from '../../../src/core/cluster/index.ts';
import type { Architecture } from '../../../src/core/model/architecture.ts';

export interface Asked {
  readonly model: Architecture;
  readonly hardware: HardwareSpec;
  readonly chips: number;
  readonly seqLen: number;
  readonly batchSeqs: number;
  readonly precision: Precision;
  readonly criticalBatchTokens: number;
  readonly fit: PredictorFit;
}

/** A refit on one's own runs. */
export interface RefitAsked {
  readonly fit: PredictorFit;
  readonly cases: readonly PredictionCase[];
}

/** Refits the predictor on measured runs. */
export function refit({ fit, cases }: RefitAsked): Refit {
  return refitPredictor(fit, cases);
}

export interface Found {
  readonly search: SearchResult;
  readonly curve: ScalingCurve | null;
  /** The fastest layout memory rules out, when it is faster than all that fit. */
  readonly ruledOut: FoundLayout | null;
}

/** Chip counts around the one asked for: eighths to eight times as many, whole nodes of the batch. */
function countsAround(chips: number): number[] {
  return [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8].map((f) => Math.round(chips * f)).filter((n) => n >= 1);
}

/** Choices of a point of the curve: what runs use, so that seven searches take no longer than the full one. */
const USUAL: SearchLimits = {
  offload: [NO_OFFLOAD],
  schedule: ['1f1b', 'interleaved', 'zero_bubble', 'zero_bubble_v'],
  microbatch: [1, 2, 4, 8],
  sequenceParallel: [true],
  cp: [1, 2, 4, 8],
  expertTp: [1],
};

/** Searches the layouts, tells them, then the curve over chip counts. */
export function find(asked: Asked, tell: (share: number, found: Found | null) => void): Found {
  const setup = trainingSetup({ seqLen: asked.seqLen, batchSeqs: asked.batchSeqs, precision: asked.precision });
  const search = searchLayouts(asked.model, asked.hardware, setup, asked.chips, asked.fit, {
    top: 8,
    onProgress: ({ done }) => {
      tell(done / 2, null);
      return true;
    },
  });
  const ruledOut = beyondMemory(asked, setup, search);
  tell(0.5, { search, curve: null, ruledOut });
  const curve = scalingCurve(asked.model, asked.hardware, setup, countsAround(asked.chips), asked.fit, {
    search: { limits: USUAL },
    ...(asked.criticalBatchTokens > 0 ? { criticalBatchTokens: asked.criticalBatchTokens } : {}),
    onProgress: (done) => {
      tell(0.5 + done / 2, null);
      return true;
    },
  });
  return { search, curve, ruledOut };
}

function beyondMemory(asked: Asked, setup: TrainingSetup, search: SearchResult): FoundLayout | null {
  const [fastest] = searchLayouts(asked.model, asked.hardware, setup, asked.chips, asked.fit, {
    top: 1,
    limits: { ...USUAL, recompute: ['none'], zero: [1] },
    anyMemory: true,
  }).layouts;
  const best = search.layouts[0];
  const faster =
    fastest !== undefined &&
    !fastest.prediction.fits &&
    (best === undefined || fastest.prediction.stepSeconds < best.prediction.stepSeconds);
  return faster ? fastest : null;
}
