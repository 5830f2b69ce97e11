/**
 * The benchmark suite: `npm run bench [-- NAME …] [--json] [--save]`. Every figure is measured through what the app calls,
 * beside its peer or limit in the same run; recalculated plans are compared cell by cell with the naive interpreter of the
 * tests. Peers are installed by `npm install` in test/bench.
 *
 * `baseline.json` keeps the ratio of each figure. A ratio that has fallen far below it is measured once more, and if it
 * stays there the suite has status 1. `--save` writes the ratios of this run. A target that is missed is shown (✗) and
 * does not decide the status: limits are for an idle machine.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { BenchResult } from './measure.ts';

type Job = () => BenchResult[] | Promise<BenchResult[]>;

/** Memory first, while this process is small (a child's peak starts at its parent's size); the large ones last. Each file is loaded when its turn comes. */
const SUITE: readonly (readonly [names: readonly string[], load: () => Promise<Job>])[] = [
  [['memory_10k'], async () => (await import('./edit.ts')).memory10k],
  [['params_config'], async () => (await import('./models.ts')).paramsOfConfig],
  [
    ['header_100mb', 'header_100mb_memory', 'header_100mb_unpatterned', 'header_100mb_unpatterned_memory'],
    async () => (await import('./models.ts')).largestHeader,
  ],
  [['formula_compile', 'formula_compile_mathjs'], async () => (await import('./compile.ts')).formulaCompile],
  [['edit_1_of_10k'], async () => (await import('./edit.ts')).editOneOf10k],
  [['row_1_of_10k', 'scenario_edit_10k'], async () => (await import('./edit.ts')).rowAndScenario],
  [['recalc_10k', 'recalc_10k_by_hand'], async () => (await import('./recalc.ts')).recalc10k],
  [
    ['programme_500x36', 'pricing_500x36', 'pricing_500x36_busy'],
    async () => (await import('./finance.ts')).programme500,
  ],
  [['montecarlo_100k', 'montecarlo_accuracy'], async () => (await import('./montecarlo.ts')).monteCarlo],
  [['serving_simulation'], async () => (await import('./serving.ts')).servingSimulation],
  [['serving_slo_search'], async () => (await import('./serving.ts')).servingSearch],
  [['layout_search', 'layout_first', 'layout_considered'], async () => (await import('./cluster.bench.ts')).searchGpt3],
  [['step_predictions'], async () => (await import('./cluster.bench.ts')).predictionRate],
  [['predictor_fit'], async () => (await import('./cluster.bench.ts')).fitAll],
  [['fit_parametric'], async () => (await import('./scaling.ts')).fitParametric],
  [['bootstrap_4000'], async () => (await import('./scaling.ts')).bootstrap4000],
  [['interval_coverage'], async () => (await import('./scaling.ts')).intervalCoverage],
  [['scaling_slider', 'moe_slider'], async () => (await import('./scaling.ts')).sliderFrame],
  [['frontier_band'], async () => (await import('./scaling.ts')).frontierBand],
  [['report_pdf_first', 'report_pdf_later'], async () => (await import('./report.bench.ts')).reportPdf],
  [['report_xlsx_200k_cells', 'report_xlsx_memory'], async () => (await import('./report.bench.ts')).workbook],
  [['read_log', 'read_trace'], async () => (await import('./calibrate.ts')).readLogs],
  [['cli_eval'], async () => (await import('./startup.bench.ts')).cliEval],
  [['grid_scroll_p95', 'grid_blank_rows', 'grid_edit_to_paint'], async () => (await import('./grid.ts')).gridFigures],
  [
    ['import_csv_200k', 'import_xlsx_200k', 'refuse_hostile', 'refuse_hostile_memory'],
    async () => (await import('./exchange.bench.ts')).imports,
  ],
  [['page_first_paint', 'page_interactive'], async () => (await import('./page.ts')).pageLoad],
  [['app_interactive'], async () => (await import('./startup.bench.ts')).appStart],
  [['growth_edit'], async () => (await import('./growth.bench.ts')).growthOfEdits],
  [['growth_samples'], async () => (await import('./growth.bench.ts')).growthOfSamples],
  [['growth_layouts'], async () => (await import('./growth.bench.ts')).growthOfLayouts],
  [['growth_rows', 'growth_rows_memory'], async () => (await import('./growth.bench.ts')).growthOfRows],
  [['fit_1e6_rows'], async () => (await import('./scaling.ts')).millionRows],
  [['recalc_1m'], async () => (await import('./recalc.ts')).recalc1m],
  [['sweep_cases'], async () => (await import('./sweep.bench.ts')).sweepCases],
  [['store_1m_prices'], async () => (await import('./startup.bench.ts')).pricesOf1m],
];

const BASELINE = new URL('./baseline.json', import.meta.url);
/** A ratio below this share of its baseline is a regression. Peers in the same run are steadier than limits. */
const ALLOWED = { peer: 0.6, limit: 0.4 };

/** A result beside what it was when the baseline was saved. */
interface Judged extends BenchResult {
  readonly baseline_ratio: number | null;
  readonly regressed: boolean;
}

function judge(result: BenchResult, saved: Readonly<Record<string, number>>): Judged {
  const before = saved[result.name] ?? null;
  const allowed = result.baseline === 'limit' ? ALLOWED.limit : ALLOWED.peer;
  const regressed = before !== null && result.ratio !== null && result.ratio < allowed * before;
  return { ...result, baseline_ratio: before, regressed };
}

function number(value: number | null): string {
  return value === null ? '' : value >= 1e5 ? value.toExponential(2) : value.toPrecision(3);
}

function line(result: Judged): string {
  return [
    `${result.ok === null ? ' ' : result.ok ? '✓' : '✗'} ${result.name}`.padEnd(28),
    `${number(result.value)} ${result.unit}`.padEnd(22),
    `${result.baseline} ${number(result.baseline_value)}`.padEnd(32),
    (result.ratio === null ? '' : `× ${number(result.ratio)}`).padEnd(11),
    (result.baseline_ratio === null ? '' : `was × ${number(result.baseline_ratio)}`).padEnd(15),
    result.regressed ? 'REGRESSED  ' : '',
    result.target,
    ...(result.points ?? []).map(
      ({ n, ms, mb }) => `\n      ${number(n)}: ${number(ms)} ms${mb === undefined ? '' : `, ${number(mb)} MB`}`,
    ),
  ].join(' ');
}

/** Measures a group, and once more what looks worse than the baseline: another program may have had the machine. */
async function measured(job: Job, saved: Readonly<Record<string, number>>): Promise<Judged[]> {
  const first = (await job()).map((result) => judge(result, saved));
  if (!first.some(({ regressed }) => regressed)) return first;
  const again = (await job()).map((result) => judge(result, saved));
  return first.map((result) => {
    const other = again.find(({ name }) => name === result.name);
    return other && (other.ratio ?? 0) > (result.ratio ?? 0) ? other : result;
  });
}

async function main(args: readonly string[]): Promise<void> {
  const [json, save] = [args.includes('--json'), args.includes('--save')];
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.filter((name) => !SUITE.some(([names]) => names.includes(name)));
  if (unknown.length > 0) {
    process.stderr.write(
      `unknown benchmark ${unknown.join(', ')}: choose from ${SUITE.flatMap(([names]) => names).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const saved = existsSync(BASELINE) ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Record<string, number>) : {};
  const started = performance.now();
  const results: Judged[] = [];
  for (const [names, load] of SUITE) {
    if (wanted.length > 0 && !names.some((name) => wanted.includes(name))) continue;
    process.stderr.write(`${names.join(', ')} …\n`);
    const found = await measured(await load(), save ? {} : saved);
    results.push(...found);
    if (!json) for (const result of found) process.stdout.write(`${line(result)}\n`);
  }
  const seconds = (performance.now() - started) / 1000;
  if (save) {
    const ratios = results.flatMap(({ name, ratio }) => (ratio === null ? [] : [[name, Number(ratio.toPrecision(3))]]));
    writeFileSync(BASELINE, `${JSON.stringify({ ...saved, ...Object.fromEntries(ratios) }, null, 2)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ results, elapsed_s: seconds }, null, 2)}\n`);
  const regressed = results.filter((result) => result.regressed).map(({ name }) => name);
  const missed = results.filter(({ ok }) => ok === false).map(({ name }) => name);
  process.stderr.write(`${results.length} figures in ${seconds.toFixed(0)} s`);
  process.stderr.write(missed.length > 0 ? `; target missed: ${missed.join(', ')}\n` : '\n');
  if (regressed.length > 0) {
    process.stderr.write(`regressed: ${regressed.join(', ')}\n`);
    process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
