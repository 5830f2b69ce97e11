/**
 * Fits the serving model on measured closed-loop points and writes assets/fits/serving.json, its report
 * assets/fits/serving-report.json and the serving section of docs/accuracy.md.
 * `node scripts/fit-serving.ts [--check]`: with --check nothing is written and a difference is an error. No random
 * numbers are involved.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitServing } from '../src/core/serving/fit.ts';
import { SERVING_PRIORS } from '../src/core/serving/parameters.ts';
import { answerPrepared } from '../src/core/serving/predict-case.ts';
import type { ServingBand, ServingFamily, ServingFitFile } from '../src/core/serving/serving-fit.ts';
import { readServingFit } from '../src/core/serving/serving-fit.ts';
import { servingAccuracy } from './serving-accuracy.ts';
import { otherSource } from './serving-other-source.ts';
import type { ServingRow } from './serving-data.ts';
import { servingRows } from './serving-data.ts';

const ROOT = join(import.meta.dirname, '..');
const FAMILIES: readonly ServingFamily[] = ['dense', 'moe'];
const round = (value: number, digits = 6): number => Number(value.toPrecision(digits));
const log = (text: string): void => void process.stderr.write(`${text}\n`);

const { rows: everything, refused } = servingRows();
const rows = everything.filter((row) => row.anomaly === '');
log(`Fitting ${rows.length} points…`);
const fit = fitServing(rows);

/** log(measured / predicted) TPOT of each row. */
const residuals = (theta: Float64Array, of: readonly ServingRow[]): Float64Array =>
  Float64Array.from(of, (row) => Math.log(row.tpot / answerPrepared(theta, row.prepared).tpot));

/** Residuals of every row (anomalies too) under a fit that has seen none of its kind. */
function leaveOut(by: (row: ServingRow) => string): Float64Array {
  const out = new Float64Array(everything.length);
  for (const value of new Set(everything.map(by))) {
    log(`without ${value}…`);
    const without = fitServing(
      rows.filter((row) => by(row) !== value),
      { start: fit.theta, iterations: 8 },
    );
    everything.forEach((row, i) => {
      if (by(row) === value) out[i] = residuals(without.theta, [row])[0] ?? 0;
    });
  }
  return out;
}

const SPLITS = {
  engine: leaveOut((row) => row.engine),
  chip: leaveOut((row) => row.chip),
  model: leaveOut((row) => row.model),
};
const inSample = residuals(fit.theta, everything);

/** Errors of predicted TPOT relative to measured, in percent. */
interface Errors {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
}

function errors(of: Float64Array, pick: (row: ServingRow) => boolean): Errors {
  const list = everything.flatMap((row, i) => (pick(row) ? [100 * Math.abs(Math.exp(-(of[i] ?? 0)) - 1)] : []));
  list.sort((a, b) => a - b);
  const at = (q: number): number => list[Math.min(list.length - 1, Math.floor(q * list.length))] ?? 0;
  return {
    n: list.length,
    mean: list.reduce((a, b) => a + b, 0) / Math.max(1, list.length),
    median: at(0.5),
    p90: at(0.9),
  };
}

const groupOf = (row: ServingRow): string => [row.model, row.chip, row.engine, row.prepared.source.precision].join('|');

/** p10 and p90 of left-out residuals; each group counts as the root of its size. */
function bandOf(family: ServingFamily, skip: string): ServingBand {
  const members = everything.flatMap((row, i) =>
    row.family === family && row.anomaly === '' && groupOf(row) !== skip
      ? [{ value: SPLITS.model[i] ?? 0, group: groupOf(row) }]
      : [],
  );
  const sizes = new Map<string, number>();
  for (const { group } of members) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  members.sort((a, b) => a.value - b.value);
  const weight = (group: string): number => (sizes.get(group) ?? 1) ** -0.5;
  const total = members.reduce((sum, m) => sum + weight(m.group), 0);
  const quantile = (q: number): number => {
    let seen = 0;
    for (const m of members) if ((seen += weight(m.group)) >= q * total) return m.value;
    return members.at(-1)?.value ?? 0;
  };
  return { low: round(quantile(0.1), 4), high: round(quantile(0.9), 4) };
}

const bands = {} as Record<ServingFamily, ServingBand>;
const coverage = {} as Record<
  ServingFamily,
  { share: number; meanWidthPercent: number; meanErrorPercent: number; widthOverError: number }
>;
for (const family of FAMILIES) {
  bands[family] = bandOf(family, '');
  let inside = 0;
  let width = 0;
  let n = 0;
  everything.forEach((row, i) => {
    if (row.family !== family || row.anomaly !== '') return;
    const band = bandOf(family, groupOf(row));
    const residual = SPLITS.model[i] ?? 0;
    if (residual >= band.low && residual <= band.high) inside++;
    width += Math.exp(band.high) - Math.exp(band.low);
    n++;
  });
  const error = errors(SPLITS.model, (row) => row.family === family && row.anomaly === '').mean;
  coverage[family] = {
    share: round(inside / n, 3),
    meanWidthPercent: round((100 * width) / n, 3),
    meanErrorPercent: round(error, 3),
    widthOverError: round((100 * width) / n / error, 3),
  };
}

const file: ServingFitFile = {
  format: 'flopsheet-serving',
  version: 1,
  parameters: SERVING_PRIORS.map((p, j) => ({
    name: p.name,
    value: round(fit.theta[j] ?? 0),
    sd: round(fit.sd[j] ?? 0, 3),
  })),
  bands,
  rows: rows.length,
};

const used = (row: ServingRow): boolean => row.anomaly === '';
const PICKS: readonly (readonly [string, (row: ServingRow) => boolean])[] = [
  ['Dense', (row) => used(row) && row.family === 'dense'],
  ['Mixture of experts', (row) => used(row) && row.family === 'moe'],
  ['Dense, odd rows too', (row) => row.family === 'dense'],
  ['Mixture of experts, odd rows too', (row) => row.family === 'moe'],
  ...[...new Set(everything.map((row) => row.engine))].map(
    (e) => [`Engine ${e}`, (row: ServingRow) => used(row) && row.engine === e] as const,
  ),
  ...[...new Set(everything.map((row) => row.chip))].map(
    (c) => [`Chip ${c}`, (row: ServingRow) => used(row) && row.chip === c] as const,
  ),
  ...[...new Set(everything.map((row) => row.model))].map(
    (m) => [`Model ${m}`, (row: ServingRow) => used(row) && row.model === m] as const,
  ),
];
const odd = new Map<string, number>();
for (const row of everything)
  if (row.anomaly !== '') {
    const key = `${row.model} on ${row.chip}, ${row.engine}: ${row.anomaly}`;
    odd.set(key, (odd.get(key) ?? 0) + 1);
  }
const apart = servingRows('disagg').rows.map(
  (row) => 100 * Math.abs(Math.exp(-(residuals(fit.theta, [row])[0] ?? 0)) - 1),
);
apart.sort((a, b) => a - b);
const unseen = otherSource(readServingFit(file));
const report = {
  rows: rows.length,
  splits: PICKS.map(([name, pick]) => ({
    name,
    in_sample: errors(inSample, pick),
    engine: errors(SPLITS.engine, pick),
    chip: errors(SPLITS.chip, pick),
    model: errors(SPLITS.model, pick),
  })),
  coverage,
  disaggregated: {
    n: apart.length,
    mean: apart.reduce((a, b) => a + b, 0) / apart.length,
    median: apart[apart.length >> 1] ?? 0,
    p90: apart[Math.floor(0.9 * apart.length)] ?? 0,
  },
  other_source: FAMILIES.map((family) => {
    const list = unseen.filter((x) => x.family === family).map((x) => 100 * Math.abs(x.error));
    list.sort((a, b) => a - b);
    return {
      family,
      n: list.length,
      mean: list.reduce((a, b) => a + b, 0) / Math.max(1, list.length),
      median: list[list.length >> 1] ?? 0,
      p90: list[Math.floor(0.9 * list.length)] ?? 0,
    };
  }),
  odd: [...odd].map(([what, n]) => ({ what, rows: n })),
  not_answered: [...refused].map(([reason, n]) => ({ reason, rows: n })),
};
export type ServingReport = typeof report;

const page = join(ROOT, 'docs/accuracy.md');
const reportText = `${JSON.stringify(report, (_, v: unknown) => (typeof v === 'number' ? round(v, 4) : v), 1)}\n`;
// The page is written from the report as it is saved, so that anybody can write it again from that.
const saved = JSON.parse(reportText) as ServingReport;
const outputs: readonly (readonly [string, string])[] = [
  ['assets/fits/serving.json', `${JSON.stringify(file, null, 1)}\n`],
  ['assets/fits/serving-report.json', reportText],
  ['docs/accuracy.md', servingAccuracy(readFileSync(page, 'utf8'), saved, file)],
];
let stale = 0;
for (const [path, text] of outputs) {
  const full = join(ROOT, path);
  if (!process.argv.includes('--check')) writeFileSync(full, text);
  else if (!existsSync(full) || readFileSync(full, 'utf8') !== text) {
    log(`${path} is not what the table gives.`);
    stale++;
  }
}
for (const s of report.splits)
  log(
    `${s.name}: in sample ${s.in_sample.mean.toFixed(1)}, engine ${s.engine.mean.toFixed(1)}, chip ${s.chip.mean.toFixed(1)}, model ${s.model.mean.toFixed(1)} (n ${s.model.n})`,
  );
log(JSON.stringify(coverage));
process.exitCode = stale > 0 ? 1 : 0;
