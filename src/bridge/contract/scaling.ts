/** What the scaling lab needs of the store: published runs to stand beside, and chips that price a budget. */
import * as v from 'valibot';
import type { Law, ReferenceRun } from '../../core/scaling/index.ts';
import { id, text } from './arguments.ts';

export const scalingMethods = {
  'scaling.subjects': v.strictObject({}),
  /** Saved laws; with a plan also those that only the plan has. */
  'scaling.laws': v.strictObject({ plan: v.optional(id) }),
  'scaling.saveLaw': v.strictObject({
    name: text(200),
    /** A fitted law as plan files hold it. */
    law: v.record(v.string(), v.unknown()),
    note: text(2_000),
    points: text(400_000),
  }),
  'scaling.renameLaw': v.strictObject({ key: id, name: text(200) }),
  'scaling.removeLaw': v.strictObject({ key: id }),
  'scaling.restoreLaw': v.strictObject({ key: id }),
  'scaling.lawPoints': v.strictObject({ key: id }),
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
  /** Watts with its share of the server, before PUE; null when unknown. */
  readonly wattsPerChip: number | null;
}

export interface ScalingSubjects {
  readonly runs: readonly PublishedRun[];
  readonly chips: readonly PricingChip[];
}

export interface SavedLaw {
  readonly key: string;
  readonly name: string;
  readonly law: Law;
  readonly note: string;
  readonly author: string;
  /** ISO time; empty for a law that only a plan has. */
  readonly createdAt: string;
  /** The runs it was fitted to can be opened again. */
  readonly hasPoints: boolean;
  /** In the store, not only in the plan. */
  readonly saved: boolean;
  /** The open plan has a copy. */
  readonly inPlan: boolean;
}

export interface ScalingResults {
  'scaling.subjects': ScalingSubjects;
  'scaling.laws': readonly SavedLaw[];
  'scaling.saveLaw': { readonly key: string };
  'scaling.renameLaw': { readonly key: string };
  'scaling.removeLaw': { readonly key: string };
  'scaling.restoreLaw': { readonly key: string };
  'scaling.lawPoints': { readonly text: string };
}
