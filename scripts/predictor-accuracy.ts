/** Writes the section on predicted step time of docs/accuracy.md between its marks. */
import type { PredictorFitFile } from '../src/core/cluster/predictor-fit.ts';
import type { FitReport } from './fit-predictor.ts';

const BEGIN = '<!-- step-time: written by scripts/fit-predictor.ts -->';
const END = '<!-- /step-time -->';

interface Errors {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
}
const cell = (e: Errors): string =>
  e.n === 0 ? '' : `${e.mean.toFixed(1)} / ${e.median.toFixed(1)} / ${e.p90.toFixed(0)}`;

/** The page with its step-time section replaced (or appended). */
export function accuracyPage(page: string, report: FitReport, fit: PredictorFitFile): string {
  const section = sectionText(report, fit);
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start >= 0 && end > start) return page.slice(0, start) + section + page.slice(end + END.length);
  const head = page.trim() === '' ? '# How accurate the numbers are\n' : page.trimEnd() + '\n';
  return `${head}\n${section}\n`;
}

function sectionText(report: FitReport, fit: PredictorFitFile): string {
  const reasons = new Map<string, string[]>();
  for (const x of report.excluded) {
    const list = reasons.get(`${x.table}: ${x.reason}`) ?? [];
    list.push(String(x.row));
    reasons.set(`${x.table}: ${x.reason}`, list);
  }
  const percent = (log: number): string => `${((Math.exp(log) - 1) * 100).toFixed(0)} %`;
  const bands = (['dense', 'moe_hybrid'] as const).map((family) => {
    const c = report.coverage[family];
    const b = fit.bands[family];
    return `| ${family === 'dense' ? 'Dense' : 'MoE and hybrid'} | ${percent(b.low)} to +${percent(b.high)} | ${(c.share * 100).toFixed(0)} % | ${c.meanWidthPercent.toFixed(0)} % | ${(c.meanWidthPercent / c.meanErrorPercent).toFixed(1)} |`;
  });
  return [
    BEGIN,
    '',
    '## Predicted step time',
    '',
    `Errors are |predicted / measured - 1| of tokens per second and chip, in percent: mean / median / 90th percentile, over ${report.rows} published rows. A column says what was left out of the fit before those rows were predicted: all rows of the same model, of the same chip, of the same table, of the same family (dense, or with experts or recurrent layers). Only the parameters are out of sample. The form of the model and the means and spreads of several priors (recurrent layers, attention and implied recomputation among them) were chosen by comparing these very scores over some twenty variants, so the figures are optimistic: the last choice of priors alone took MoE and hybrid rows from 10.5 / 9.4 to 8.9 / 7.5 (unseen model) and from 9.1 / 8.9 to 8.0 / 6.5 (unseen chip), dense rows hardly moved. Two hybrid models are all there is. Expect 2 to 4 points more on models unlike all of them. The errors of table korthikanti in the column “fitted” (Calculon: 3.65 mean) are in sample, with those rows given twice the weight.`,
    '',
    '| rows | n | fitted | unseen model | unseen chip | unseen table | unseen family |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...report.splits.map(
      (s) =>
        `| ${s.name} | ${s.model.n} | ${cell(s.in_sample)} | ${cell(s.model)} | ${cell(s.chip)} | ${cell(s.table)} | ${cell(s.family)} |`,
    ),
    '',
    'With the rows that were excluded after seeing their outcome kept in fit and score:',
    '',
    '| rows | n | unseen model | unseen chip |',
    '| --- | --- | --- | --- |',
    ...report.with_anomalies.map((s) => `| ${s.name} | ${s.model.n} | ${cell(s.model)} | ${cell(s.chip)} |`),
    '',
    'Bands (p10 to p90 of measured over predicted throughput, from rows of unseen models; coverage with the row’s own model left out of the band as well):',
    '',
    '| family | band | rows inside | mean width | width over mean error |',
    '| --- | --- | --- | --- | --- |',
    ...bands,
    '',
    `Memory per chip: mean error ${report.memory.peakErrorPercent.toFixed(1)} % on ${report.memory.peaks} measured peaks (torchtitan); activations of Korthikanti 2022, Fig. 1, to the digits printed; ${report.memory.calledOutOfMemory} of ${report.memory.runs} runs that did run and print a layout are called out of memory. Bytes per logit, what is kept under partial recomputation and the share of memory a run may plan to fill were set while looking at these rows. MaxText rows print no layout and are not counted: with four sequences per chip, sharded weights and full recomputation assumed, 16 of 39 did not fit.`,
    '',
    'Rows not used (line numbers in the table):',
    '',
    ...[...reasons].map(([reason, list]) => `- ${reason} (${list.length}): lines ${list.join(', ')}`),
    '',
    END,
  ].join('\n');
}
