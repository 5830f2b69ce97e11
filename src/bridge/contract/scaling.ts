/** What the scaling lab needs of the store: published runs to stand beside, and chips that price a budget. */
import * as v from 'valibot';
import type { ReferenceRun } from '../../core/scaling/index.ts';

export const scalingMethods = {
  'scaling.subjects': v.strictObject({}),
} as const;

/** A published training run; null is not published. */
export interface PublishedRun {
  readonly key: string;
  readonly name: string;
  readonly organization: string;
  /** ISO date, or as much of it as is known. */
  readonly releaseDate: string;
  readonly paramsTotal: number | null;
  readonly paramsActive: number | null;
  /** Null where the source gives the size of the data set, not what was seen. */
  readonly tokens: number | null;
  readonly flop: number;
  readonly confidence: ReferenceRun['confidence'];
  /** What is doubtful about the row, in words; empty when nothing is. */
  readonly flag: string;
  readonly source: string;
}

export interface PricingChip {
  readonly key: string;
  readonly name: string;
  /** Dense bf16 FLOP/s. */
  readonly peakFlopPerS: number;
  readonly memoryBytes: number;
  /** Median of neoclouds on demand; null without a price. */
  readonly usdPerChipHour: number | null;
  readonly priceAsOf: string;
}

export interface ScalingSubjects {
  readonly runs: readonly PublishedRun[];
  readonly chips: readonly PricingChip[];
}

export interface ScalingResults {
  'scaling.subjects': ScalingSubjects;
}
