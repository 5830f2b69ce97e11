/** What the layout lab asks of the store. */
import { RUN_COLUMNS, TABLES, readCases } from '../../core/cluster/index.ts';
import { shippedHardware } from '../../core/cluster/shipped.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { catalogRow } from '../../core/sheet/catalog.ts';
import { parseTable } from '../../import/finance/table.ts';
import { caseContext } from '../case-context.ts';
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
    'cluster.runs': ({ text }) => {
      const { rows } = parseTable(text);
      const cases = readCases(rows, caseContext(context.host.catalog, context.store));
      if (cases === null)
        throw new FlopsheetError('csv-columns', 'These are not the columns of a table of training runs.', {
          hint: `The first line names the columns, for example ${RUN_COLUMNS.join(', ')}. Published tables (${TABLES.length - 1} kinds) are read too.`,
        });
      return cases;
    },
  };
}
