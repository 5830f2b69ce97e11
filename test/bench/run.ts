/**
 * The benchmark suite: `npm run bench [NAME …] [--json]`. Every figure is measured through `Sheet`, which the app calls,
 * beside its peer in the same run; recalculated plans are compared cell by cell with the naive interpreter of the tests.
 * Peers are installed by `npm install` in test/bench.
 */
import { readLogs } from './calibrate.ts';
import { formulaCompile } from './compile.ts';
import { fitAll, predictionRate, searchGpt3 } from './cluster.bench.ts';
import { programme500 } from './finance.ts';
import { editOneOf10k, memory10k, rowAndScenario } from './edit.ts';
import type { BenchResult } from './measure.ts';
import { largestHeader, paramsOfConfig } from './models.ts';
import { monteCarlo } from './montecarlo.ts';
import { pageLoad } from './page.ts';
import { recalc10k, recalc1m } from './recalc.ts';
import { bootstrap4000, fitParametric, frontierBand, intervalCoverage, millionRows, sliderFrame } from './scaling.ts';
import { servingSearch, servingSimulation } from './serving.ts';

/** Memory first, while the heap is small; the million rows last. */
const SUITE: readonly (readonly [names: readonly string[], run: () => BenchResult[] | Promise<BenchResult[]>])[] = [
  [['memory_10k'], memory10k],
  [['formula_compile'], formulaCompile],
  [['edit_1_of_10k'], editOneOf10k],
  [['row_1_of_10k', 'scenario_edit_10k'], rowAndScenario],
  [['recalc_10k'], recalc10k],
  [['programme_500x36', 'pricing_500x36', 'pricing_500x36_busy'], programme500],
  [['montecarlo_100k', 'montecarlo_accuracy'], monteCarlo],
  [['serving_simulation'], servingSimulation],
  [['serving_slo_search'], servingSearch],
  [['params_config'], paramsOfConfig],
  [
    ['header_100mb', 'header_100mb_memory', 'header_100mb_unpatterned', 'header_100mb_unpatterned_memory'],
    largestHeader,
  ],
  [['layout_search', 'layout_first', 'layout_considered'], searchGpt3],
  [['step_predictions'], predictionRate],
  [['predictor_fit'], fitAll],
  [['read_log', 'read_trace'], readLogs],
  [['fit_parametric'], fitParametric],
  [['bootstrap_4000'], bootstrap4000],
  [['interval_coverage'], intervalCoverage],
  [['scaling_slider', 'moe_slider'], sliderFrame],
  [['frontier_band'], frontierBand],
  [['fit_1e6_rows'], millionRows],
  [['page_first_paint', 'page_interactive'], pageLoad],
  [['recalc_1m'], recalc1m],
];

function line(result: BenchResult): string {
  const number = (value: number | null): string =>
    value === null ? '' : value >= 1e5 ? value.toExponential(2) : value.toPrecision(3);
  return [
    (result.ok === null ? ' ' : result.ok ? '✓' : '✗') + ' ' + result.name.padEnd(20),
    `${number(result.value)} ${result.unit}`.padEnd(24),
    `${result.baseline} ${number(result.baseline_value)}`.padEnd(34),
    (result.ratio === null ? '' : `× ${number(result.ratio)}`).padEnd(12),
    result.target,
  ].join(' ');
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.filter((name) => !SUITE.some(([names]) => names.includes(name)));
  if (unknown.length > 0) {
    process.stderr.write(
      `unknown benchmark ${unknown.join(', ')}: choose from ${SUITE.flatMap(([names]) => names).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const results: BenchResult[] = [];
  for (const [names, run] of SUITE) {
    if (wanted.length > 0 && !names.some((name) => wanted.includes(name))) continue;
    process.stderr.write(`${names.join(', ')} …\n`);
    const found = await run();
    results.push(...found);
    if (!json) for (const result of found) process.stdout.write(`${line(result)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ results }, null, 2)}\n`);
}

await main(process.argv.slice(2));
