import { bridgeBetween, compareTotals } from '../../core/sheet/compare.ts';
import { openSheet } from '../../bridge/session.ts';
import { formatSignificant } from '../../core/format/number.ts';
import type { Command } from '../command.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { withCatalog } from '../store.ts';
import { table } from '../table.ts';

export const compareCommand: Command = {
  name: 'compare',
  usage: 'PLAN A B   (scenario keys; "base" is the plan itself)',
  summary: 'compares two scenarios: deltas, paired percentiles, cost bridge',
  flags: {},
  minPositionals: 3,
  run: (invocation) =>
    withCatalog(invocation, (catalog, store) => {
      const [name = '', a = '', b = ''] = invocation.positionals;
      const { plan } = readPlanArgument(name, store);
      const sheetA = openScenario(plan, a, catalog).sheet;
      const sheetB = openScenario(plan, b, catalog).sheet;
      const rows = compareTotals(sheetA, sheetB).map((row) => ({
        id: row.id,
        unit: row.unit,
        a: row.a,
        b: row.b,
        delta: row.delta,
        delta_p10: row.deltaP10,
        delta_p50: row.deltaP50,
        delta_p90: row.deltaP90,
      }));
      const bridge = bridgeBetween(sheetA.plan, sheetB.plan, (changed) => openSheet(changed, catalog, () => 0).sheet);
      if (invocation.json) invocation.print(JSON.stringify({ rows, bridge }));
      else {
        const cell = (value: number | null, missing = ''): string =>
          value === null ? missing : formatSignificant(value, 6);
        invocation.print(
          table(
            ['Measure', 'Unit', a, b, 'Delta', 'P10', 'P50', 'P90'],
            rows.map((row) => [
              row.id,
              row.unit,
              ...[row.a, row.b, row.delta].map((value) => cell(value, 'unknown')),
              ...[row.delta_p10, row.delta_p50, row.delta_p90].map((value) => cell(value)),
            ]),
          ),
        );
        for (const bar of bridge)
          invocation.print(`${bar.label}: ${formatSignificant(bar.amount, 6)} ${plan.settings.currency}`);
      }
      return 0;
    }),
};
