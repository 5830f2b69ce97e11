/**
 * Fits the step-time predictor on the published tables and writes assets/fits/predictor.json, its report
 * assets/fits/predictor-report.json and the section on step time of docs/accuracy.md.
 * `node scripts/fit-predictor.ts [--check]`: with --check nothing is written and a difference is an error. No random
 * numbers are involved: the same tables give the same fit.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitParameters, predictLog } from '../src/core/cluster/fit.ts';
import type { Precision } from '../src/core/cluster/hardware.ts';
import { PRECISIONS, peakFlopPerS } from '../src/core/cluster/hardware.ts';
import { PRIORS } from '../src/core/cluster/parameters.ts';
import type { Band, Family, PredictorFitFile } from '../src/core/cluster/predictor-fit.ts';
import { readPredictorFit } from '../src/core/cluster/predictor-fit.ts';
import { freshReport } from './predictor-fresh.ts';
import { memoryReport } from './predictor-memory.ts';
import { accuracyPage } from './predictor-accuracy.ts';
import { allCases, caseContext } from './predictor-data.ts';
import type { StudyRow } from './predictor-study.ts';
import { anomaly, leaveOut, prepare, summarise } from './predictor-study.ts';

const ROOT = join(import.meta.dirname, '..');
const FAMILIES: readonly Family[] = ['dense', 'moe_hybrid'];
/** Tables whose rows print the throughput of a stated layout. */
const STEP_TABLES = new Set(['megatron_bridge', 'dgxc', 'llm_foundry', 'torchtitan', 'korthikanti', 'sc21', 'primus']);
const round = (value: number, digits = 6): number => Number(value.toPrecision(digits));

const log = (text: string): void => void process.stderr.write(`${text}\n`);
const context = caseContext();
const cases = allCases(context);

log('Fitting…');
const first = fitParameters(
  prepare(cases, context.chipKey)
    .filter((r) => anomaly(r) === '')
    .map((r) => r.fit),
);
const everything = prepare(cases, context.chipKey, first.theta);
const rows = everything.filter((r) => anomaly(r) === '');
const fit = fitParameters(
  rows.map((r) => r.fit),
  { start: first.theta },
);
log(`${rows.length} rows, ${fit.iterations} iterations, cost ${fit.cost.toFixed(1)}`);

log('Leaving out models, chips and tables…');
const inSample = Float64Array.from(rows, (r) => predictLog(fit.theta, r.fit) - r.fit.logMeasured);
const byModel = leaveOut(rows, (r) => r.model, fit.theta);
const byChip = leaveOut(rows, (r) => r.chip, fit.theta);
const byTable = leaveOut(rows, (r) => r.source.table, fit.theta);
const byFamily = leaveOut(rows, (r) => r.family, fit.theta);
const allByModel = leaveOut(everything, (r) => r.model, fit.theta);
const allByChip = leaveOut(everything, (r) => r.chip, fit.theta);

/** Weighted quantile of log(measured / predicted): groups of n rows count n^0.5 in all. */
function bandOf(members: readonly { readonly row: StudyRow; readonly residual: number }[]): Band {
  const key = (r: StudyRow): string => `${r.model}|${r.chip}`;
  const sizes = new Map<string, number>();
  for (const { row } of members) sizes.set(key(row), (sizes.get(key(row)) ?? 0) + 1);
  const sorted = members
    .map(({ row, residual }) => ({ value: -residual, weight: (sizes.get(key(row)) ?? 1) ** -0.5 }))
    .sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, x) => sum + x.weight, 0);
  const quantile = (q: number): number => {
    let seen = 0;
    for (const x of sorted) if ((seen += x.weight) >= q * total) return x.value;
    return sorted.at(-1)?.value ?? 0;
  };
  return { low: round(quantile(0.1), 4), high: round(quantile(0.9), 4) };
}

function membersOf(family: Family, residuals: Float64Array, skip = ''): { row: StudyRow; residual: number }[] {
  const members: { row: StudyRow; residual: number }[] = [];
  rows.forEach((row, i) => {
    if (row.family === family && STEP_TABLES.has(row.source.table) && row.model !== skip)
      members.push({ row, residual: residuals[i] ?? 0 });
  });
  return members;
}

const bands = {} as Record<Family, Band>;
const coverage = {} as Record<Family, { share: number; meanWidthPercent: number; meanErrorPercent: number }>;
/** Coverage and mean width of bands widened by `scale`, each row's own model left out of its band. */
function nested(
  family: Family,
  members: ReturnType<typeof membersOf>,
  scale: number,
): { share: number; width: number } {
  let inside = 0;
  let width = 0;
  for (const { row, residual } of members) {
    const band = bandOf(membersOf(family, byModel, row.model));
    if (-residual >= scale * band.low && -residual <= scale * band.high) inside++;
    width += Math.exp(scale * band.high) - Math.exp(scale * band.low);
  }
  return { share: inside / members.length, width: width / members.length };
}

/** Widest a band may be, in mean errors: wider would say nothing. */
const WIDEST = 3.4;
for (const family of FAMILIES) {
  const members = membersOf(family, byModel);
  const meanError = summarise(members.map((m) => m.residual)).mean / 100;
  // Quantiles of few models are too narrow for the next one: widened until rows of models left out lie inside.
  let scale = 1;
  let of = nested(family, members, scale);
  while (of.share < 0.8) {
    const wider = nested(family, members, scale + 0.02);
    if (wider.width > WIDEST * meanError) break;
    scale += 0.02;
    of = wider;
  }
  const band = bandOf(members);
  bands[family] = { low: round(scale * band.low, 4), high: round(scale * band.high, 4) };
  coverage[family] = {
    share: round(of.share, 3),
    meanWidthPercent: round(100 * of.width, 3),
    meanErrorPercent: round(100 * meanError, 3),
  };
}

/** Adapter training counts FLOP it does not do, and benchmark races do not print their format. */
const highestMfu = (format: Precision): number =>
  Math.max(
    ...rows
      .filter((r) => r.fit.setup.precision === format && r.fit.setup.task !== 'lora' && r.source.table !== 'mlperf')
      .map((r) => (r.profile.trainFlop * Math.exp(r.fit.logMeasured)) / peakFlopPerS(r.fit.hardware, format)),
  );

const file: PredictorFitFile = {
  format: 'flopsheet-predictor',
  version: 1,
  parameters: PRIORS.map((p, j) => ({ name: p.name, value: round(fit.theta[j] ?? 0), sd: round(fit.sd[j] ?? 0, 3) })),
  bands,
  highest_mfu: Object.fromEntries(PRECISIONS.map((p) => [p, round(highestMfu(p), 3)])) as Record<Precision, number>,
  rows: rows.length,
};

type Pick = (row: StudyRow) => boolean;
const step: Pick = (r) => STEP_TABLES.has(r.source.table);
const PICKS: readonly (readonly [string, Pick])[] = [
  ['Dense, layout given', (r) => r.family === 'dense' && step(r)],
  ['MoE and hybrid, layout given', (r) => r.family === 'moe_hybrid' && step(r)],
  ['MoE', (r) => r.profile.maxExperts > 0 && !r.profile.groups.some((g) => g.innerWidth > 0)],
  ['Hybrid (recurrent layers)', (r) => r.profile.groups.some((g) => g.innerWidth > 0)],
  ['Dense, layout or time indirect', (r) => r.family === 'dense' && !step(r)],
  ...[...new Set(rows.map((r) => r.source.table))].map(
    (t) => [`Table ${t}`, (r: StudyRow) => r.source.table === t] as const,
  ),
];
const errorsOf = (of: readonly StudyRow[], residuals: Float64Array, pick: Pick): ReturnType<typeof summarise> =>
  summarise(of.flatMap((r, i) => (pick(r) ? [residuals[i] ?? 0] : [])));
const report = {
  rows: rows.length,
  splits: PICKS.map(([name, pick]) => ({
    name,
    in_sample: errorsOf(rows, inSample, pick),
    model: errorsOf(rows, byModel, pick),
    chip: errorsOf(rows, byChip, pick),
    table: errorsOf(rows, byTable, pick),
    family: errorsOf(rows, byFamily, pick),
  })),
  with_anomalies: PICKS.slice(0, 2).map(([name, pick]) => ({
    name,
    model: errorsOf(everything, allByModel, pick),
    chip: errorsOf(everything, allByChip, pick),
  })),
  coverage,
  memory: memoryReport(cases),
  fresh: freshReport(context, readPredictorFit(file)),
  excluded: [
    ...cases
      .filter((c) => c.excluded !== '')
      .map((c) => ({ table: c.table, row: c.row + 2, what: `${c.model} on ${c.chip}`, reason: c.excluded })),
    ...cases
      .filter((c) => c.excluded === '' && (c.architecture === null || c.hardware === null || c.measured === null))
      .map((c) => ({
        table: c.table,
        row: c.row + 2,
        what: `${c.model} on ${c.chip}`,
        reason:
          c.architecture === null
            ? 'no published architecture'
            : c.hardware === null
              ? 'chip not in the catalog'
              : 'no measurement',
      })),
    ...everything
      .filter((r) => anomaly(r) !== '')
      .map((r) => ({
        table: r.source.table,
        row: r.source.row + 2,
        what: `${r.model} on ${r.source.chip}`,
        reason: `after seeing it: ${anomaly(r)}`,
      })),
  ],
};
export type FitReport = typeof report;

const reportText = `${JSON.stringify(report, (_, v: unknown) => (typeof v === 'number' ? round(v, 4) : v), 1)}\n`;
const outputs: readonly (readonly [string, string])[] = [
  ['assets/fits/predictor.json', `${JSON.stringify(file, null, 1)}\n`],
  ['assets/fits/predictor-report.json', reportText],
];
const page = join(ROOT, 'docs/accuracy.md');
// From the report as it is saved, so that anybody can write the page again from it.
const saved = JSON.parse(reportText) as FitReport;
const pageText = accuracyPage(existsSync(page) ? readFileSync(page, 'utf8') : '', saved, file);
let stale = 0;
for (const [path, text] of [...outputs, ['docs/accuracy.md', pageText] as const]) {
  const full = join(ROOT, path);
  if (process.argv.includes('--check')) {
    if (!existsSync(full) || readFileSync(full, 'utf8') !== text) {
      log(`${path} is not what the tables give.`);
      stale++;
    }
  } else writeFileSync(full, text);
}
for (const s of report.splits.slice(0, 5))
  log(
    `${s.name}: model ${s.model.mean.toFixed(1)}/${s.model.median.toFixed(1)}, chip ${s.chip.mean.toFixed(1)}/${s.chip.median.toFixed(1)} (n ${s.model.n})`,
  );
process.exitCode = stale > 0 ? 1 : 0;
