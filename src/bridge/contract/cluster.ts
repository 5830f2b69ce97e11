/** What the layout lab needs of the store: models with their shapes, chips with measured rates and prices, own runs read. */
import * as v from 'valibot';
import type { PredictionCase } from '../../core/cluster/cases/case.ts';
import type { ServingSubjects } from './serving.ts';

/** Longest table of own runs that is read (characters). */
const MOST_TEXT = 2_000_000;

export const clusterMethods = {
  'cluster.subjects': v.strictObject({}),
  'cluster.runs': v.strictObject({ text: v.pipe(v.string(), v.maxLength(MOST_TEXT)) }),
} as const;

export interface ClusterResults {
  /** As for serving; the chips' numbers hold what was measured of them too. */
  'cluster.subjects': ServingSubjects;
  /** Runs of a table as cases; a name nobody knows leaves its model or chip null. */
  'cluster.runs': readonly PredictionCase[];
}
