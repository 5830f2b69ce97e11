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
    `Errors are |predicted / measured - 1| of tokens per second and chip, in percent: mean / median / 90th percentile, over ${report.rows} published rows. A column says what was left out of the fit before those rows were predicted: all rows of the same model, of the same chip, of the same table, of the same family (dense, or with experts or recurrent layers). Only the parameters are out of sample. The form of the model and the means and spreads of several priors (recurrent layers, attention, implied recomputation, sharded weights among them) were chosen by comparing these very scores over some thirty variants, so the figures are optimistic; the rows of further sources below show by how much. Two hybrid models are all there is. Rows of table dgxc print no layout: it is the one of the recipe’s launch script (assets/fits/table_conventions.json). The errors of table korthikanti in the column “fitted” (Calculon: 3.65 mean) are in sample, with those rows given 2.5 times the weight.`,
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
    `Rows of sources never fitted (test/data/fresh_training_runs.csv: IBM’s FSDP trainer on A100, OLMo-core on H100, Megatron-Core’s MoE recipes on H100; not one of their settings was tuned, one is a model no table has): ${cell(report.fresh.all)}, dense ${cell(report.fresh.dense)}, with experts ${cell(report.fresh.moe_hybrid)}; ${(100 * report.fresh.inside).toFixed(0)} % lie inside their band. At first sight, before attention and sharded weights got the form they have, the same rows stood at 18.0 / 13.3 / 22: what unknown software on unknown settings costs. Weights of experts sharded over nodes (the worst row) are predicted far too slow.`,
    '',
    '| run | measured tokens/s and chip | predicted | error |',
    '| --- | --- | --- | --- |',
    ...report.fresh.rows.map(
      (r) =>
        `| ${r.what} | ${r.measured.toFixed(0)} | ${r.predicted.toFixed(0)} | ${r.error > 0 ? '+' : ''}${r.error.toFixed(0)} % |`,
    ),
    '',
    'Bands (p10 to p90 of measured over predicted throughput, from rows of unseen models, widened until four in five rows lie inside or the band is 3.4 mean errors wide; coverage with the row’s own model left out of the band as well):',
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
