/** What the layout lab asks of the store. */
import { shippedHardware } from '../../core/cluster/shipped.ts';
import { catalogRow } from '../../core/sheet/catalog.ts';
import type { HandlersOf } from '../contract.ts';
import type { clusterMethods, ClusterResults } from '../contract/cluster.ts';
import { servingSubjects } from '../serving-subjects.ts';
import type { HandlerContext } from './context.ts';

export function clusterHandlers(context: HandlerContext): HandlersOf<typeof clusterMethods, ClusterResults> {
  return {
    'cluster.subjects': () => {
      const { catalog } = context.host;
      const { models, chips } = servingSubjects(catalog);
      return {
        models,
        chips: chips.map((chip) => ({
          ...chip,
          hardware: shippedHardware(chip.key, catalogRow(catalog, 'hardware', chip.key)?.fields ?? {}),
        })),
      };
    },
  };
}
