/** What the layout lab needs of the catalog: models with their shapes, chips with measured rates and prices. */
import * as v from 'valibot';
import type { ServingSubjects } from './serving.ts';

export const clusterMethods = {
  'cluster.subjects': v.strictObject({}),
} as const;

export interface ClusterResults {
  /** As for serving; the chips' numbers hold what was measured of them too. */
  'cluster.subjects': ServingSubjects;
}
