/** The serving section of docs/accuracy.md, written from the report of the fit. */
import type { ServingFitFile } from '../src/core/serving/serving-fit.ts';
import type { ServingReport } from './fit-serving.ts';

const BEGIN = '<!-- serving: written by scripts/fit-serving.ts -->';
const END = '<!-- /serving -->';

/** Replaces the section in the page, or adds it at the end. */
export function servingAccuracy(page: string, report: ServingReport, fit: ServingFitFile): string {
  const text = section(report, fit);
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  return from >= 0 && to > from
    ? page.slice(0, from) + text + page.slice(to + END.length)
    : `${page.trimEnd()}\n\n${text}\n`;
}

function section(report: ServingReport, fit: ServingFitFile): string {
  const cell = (e: { mean: number; median: number; p90: number }): string =>
    `${e.mean.toFixed(1)} / ${e.median.toFixed(1)} / ${e.p90.toFixed(0)}`;
  const percent = (log: number): string => `${((Math.exp(log) - 1) * 100).toFixed(0)} %`;
  return [
    BEGIN,
    '',
    '## Serving: time per output token',
    '',
    `Errors are |predicted / measured - 1| of TPOT in percent: mean / median / 90th percentile, over closed-loop points of InferenceX in aggregated mode (${report.rows} used in the fit). A column says what was left out of the fit before those rows were predicted. Models that share their shapes (DeepSeek V3 and R1) count as one. Only the parameters are out of sample: the form of the model and several priors were chosen while looking at these points, so expect some points more elsewhere. The predictor sees shapes, chip numbers, the engine and the date of the software, never a model's name. Dense rows are nearly all of one model.`,
    '',
    '| rows | n | fitted | unseen engine | unseen chip | unseen model |',
    '| --- | --- | --- | --- | --- | --- |',
    ...report.splits.map(
      (s) =>
        `| ${s.name} | ${s.model.n} | ${cell(s.in_sample)} | ${cell(s.engine)} | ${cell(s.chip)} | ${cell(s.model)} |`,
    ),
    '',
    'Bands (p10 to p90 of measured over predicted TPOT, from rows of unseen models; a row’s own group of model, chip, engine and precision is left out of its band):',
    '',
    '| family | band | rows inside | mean width (of the prediction) | width over mean error |',
    '| --- | --- | --- | --- | --- |',
    ...(['dense', 'moe'] as const).map((family) => {
      const c = report.coverage[family];
      const b = fit.bands[family];
      return `| ${family === 'dense' ? 'Dense' : 'Mixture of experts'} | ${percent(b.low)} to +${percent(b.high)} | ${(c.share * 100).toFixed(0)} % | ${c.meanWidthPercent.toFixed(0)} % | ${c.widthOverError.toFixed(1)} |`;
    }),
    '',
    `Another source, never fitted and of models from 8B to 405B (TensorRT-LLM’s published maximum throughput, output tokens per second and chip; layout and requests in flight are not printed, the model’s best are taken): ${report.other_source.map((o) => `${o.family === 'dense' ? 'dense' : 'mixture of experts'} ${cell(o)} (n ${o.n})`).join(', ')}.`,
    '',
    `Disaggregated points of the same table are not fitted: ${cell(report.disaggregated)} (n ${report.disaggregated.n}). Most of them do not print how many workers there are, and some run with speculative decoding, which no column says; do not rely on such rows.`,
    '',
    'What the table does not say limits every score: speculative decoding is on in some rows and off in others of the same columns, and some rows count prefill and decode chips together. Left out of fit and of the first two lines, by rules that do not look at the prediction:',
    '',
    ...report.odd.map((o) => `- ${o.what} (${o.rows} rows)`),
    ...report.not_answered.map((o) => `- not answered: ${o.reason} (${o.rows} rows)`),
    '',
    'Event simulation against queueing_des_continuous_batching.csv: medians of five seeds of 10,000 requests lie within 15 % of the printed p99 (30 % at load 0.95). The printed rows are one run of one seed: in a steady state (200,000 requests) p99 TTFT is 2.8 s at load 0.9 and 6.1 s at 0.95, against 1.7 and 3.5 s printed.',
    '',
    END,
  ].join('\n');
}
