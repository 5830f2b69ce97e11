import type { Architecture } from '../model/architecture.ts';
import type { HardwareSpec } from './hardware.ts';
import type { TrainingSetup } from './layout.ts';
import type { PredictorFit } from './predictor-fit.ts';
import type { ModelProfile } from './profile.ts';
import { profileModel } from './profile.ts';
import type { FoundLayout, SearchOptions, SearchResult } from './search.ts';
import { searchLayouts } from './search.ts';

/** The best layout at one number of chips. */
export interface ScalingPoint {
  readonly chips: number;
  /** `null`: nothing fits or divides. */
  readonly best: FoundLayout | null;
  /** Tokens per second and chip relative to the best of fewer or equal chips, 0..1. */
  readonly efficiency: number | null;
  /** Chip-seconds per token: what a token costs in time of all chips. */
  readonly chipSecondsPerToken: number | null;
  /** No other point is both faster and cheaper per token. */
  readonly pareto: boolean;
}

export interface ScalingCurve {
  readonly points: readonly ScalingPoint[];
  /** Most chips whose efficiency is at least `kneeEfficiency`; `null` when nothing fits. */
  readonly knee: number | null;
  /** The batch is beyond the critical one: more chips by a larger batch save less than they cost. */
  readonly beyondCriticalBatch: boolean;
}

export interface ScalingOptions {
  readonly search?: Omit<SearchOptions, 'onProgress' | 'top'>;
  /** Efficiency below which more chips are past the knee; 0.8. */
  readonly kneeEfficiency?: number;
  /** Critical batch in tokens, where known. */
  readonly criticalBatchTokens?: number;
  /** Called after each number of chips with the share done and what its search looked at; false cancels. */
  readonly onProgress?: (done: number, of: Pick<SearchResult, 'considered' | 'evaluated'>) => boolean;
}

/** Best layout, efficiency and Pareto front of time and cost over chip counts at a fixed batch (strong scaling). */
export function scalingCurve(
  model: Architecture | ModelProfile,
  hardware: HardwareSpec,
  s: TrainingSetup,
  chipCounts: readonly number[],
  fit: PredictorFit,
  options: ScalingOptions = {},
): ScalingCurve {
  const profile = 'groups' in model ? model : profileModel(model, s.seqLen, s.multiTokenPrediction);
  const raw: { chips: number; best: FoundLayout | null }[] = [];
  const counts = [...new Set(chipCounts)].sort((a, b) => a - b);
  for (const [index, chips] of counts.entries()) {
    const found = searchLayouts(profile, hardware, s, chips, fit, { ...options.search, top: 1 });
    raw.push({ chips, best: found.layouts[0] ?? null });
    if (options.onProgress?.((index + 1) / counts.length, found) === false) break;
  }
  let bestRate = 0;
  let knee: number | null = null;
  const points = raw.map(({ chips, best }) => {
    const rate = best?.prediction.tokensPerSecondPerChip ?? null;
    if (rate !== null) bestRate = Math.max(bestRate, rate);
    const efficiency = rate === null ? null : rate / bestRate;
    if (efficiency !== null && efficiency >= (options.kneeEfficiency ?? 0.8)) knee = chips;
    const dominated =
      rate === null ||
      raw.some(
        (o) =>
          o.best !== null &&
          best !== null &&
          o.best.prediction.stepSeconds <= best.prediction.stepSeconds &&
          o.best.prediction.tokensPerSecondPerChip >= rate &&
          (o.best.prediction.stepSeconds < best.prediction.stepSeconds ||
            o.best.prediction.tokensPerSecondPerChip > rate),
      );
    return { chips, best, efficiency, chipSecondsPerToken: rate === null ? null : 1 / rate, pareto: !dominated };
  });
  const batchTokens = s.batchSeqs * s.seqLen;
  return {
    points,
    knee,
    beyondCriticalBatch: options.criticalBatchTokens !== undefined && batchTokens > options.criticalBatchTokens,
  };
}

/** What makes a layout the best: the shortest step, the fewest chip-hours per token, or the fewest chips it fits on. */
export const RANKINGS = ['time', 'cost', 'chips'] as const;
export type Ranking = (typeof RANKINGS)[number];

/** Points that have a layout, best first: by step time, by chip-time per token, or by chips. */
export function ranked(points: readonly ScalingPoint[], by: Ranking): (ScalingPoint & { best: FoundLayout })[] {
  const key = (p: ScalingPoint & { best: FoundLayout }): number =>
    by === 'time' ? p.best.prediction.stepSeconds : by === 'cost' ? (p.chipSecondsPerToken ?? Infinity) : p.chips;
  return points
    .flatMap((p) => (p.best === null ? [] : [{ ...p, best: p.best }]))
    .sort((a, b) => key(a) - key(b) || a.chips - b.chips);
}

/** Chip counts up to `most` by halves: the counts a search by cost or by chips looks at. */
export function halves(most: number): number[] {
  const counts: number[] = [];
  for (let n = most; n >= 1 && Number.isInteger(n); n /= 2) counts.unshift(n);
  return counts;
}
