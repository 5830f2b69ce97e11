/** What the serving lab needs of the catalog: models with their shapes, chips with their numbers and prices. */
import * as v from 'valibot';
import type { Architecture } from '../../core/model/architecture.ts';
import type { StudiedChip } from '../../core/serving/study.ts';

export const servingMethods = {
  'serving.subjects': v.strictObject({}),
} as const;

export interface ServingSubjects {
  /** Models whose architecture is known, by name. */
  readonly models: readonly { readonly key: string; readonly name: string; readonly architecture: Architecture }[];
  /** Chips that can be timed: the median price of neoclouds on demand, all-in watts from the rated server. */
  readonly chips: readonly StudiedChip[];
}

export interface ServingResults {
  'serving.subjects': ServingSubjects;
}
