/** Percentiles over samples inside formulas: `p90(total)` is evaluated in stages, below everything that uses it. */
import type { GraphNode } from './node.ts';
import { Sampler, sampleProgram } from './sample.ts';
import type { Sheet } from './sheet.ts';

/** Value of a percentile node for the sheet's current values; the central value when nothing varies. */
export function percentileOf(sheet: Sheet, node: GraphNode & { is: 'percentile' }): number {
  const { samples, seed } = sheet.plan.settings;
  const table = node.table === null ? null : sheet.state.tables[node.table];
  const sampler = new Sampler(sheet, { samples, seed, later: !sheet.evaluator.atOnce });
  const values = sampleProgram(sampler, node.program, table, node.row);
  if (typeof values === 'number') return values;
  return node.expr.fraction < 0 ? sampler.spread(values, 1).mean : sampler.quantile(values, node.expr.fraction);
}
