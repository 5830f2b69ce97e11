import { layout, predictStep, searchLayouts, trainingSetup } from '../../src/core/cluster/index.ts';
import { prepare } from '../../scripts/predictor-study.ts';
import { fitParameters } from '../../src/core/cluster/fit.ts';
import { cases, context, known, shippedFit } from '../core/cluster/shipped-fit.ts';
import { figure, type BenchResult } from './measure.ts';

const model = known(context.architecture('GPT-3 175B'));
const hardware = known(context.hardware('H100'));
const setup = trainingSetup({ seqLen: 2048, batchSeqs: 1536 });

/** Every layout of GPT-3 175B on 64 chips (Calculon: about 1.8 h on 2 cores, not run here). */
export function searchGpt3(): BenchResult[] {
  const start = performance.now();
  let first = Number.NaN;
  const found = searchLayouts(model, hardware, setup, 64, shippedFit, {
    limits: { hybridSharding: true },
    onProgress: (progress) => {
      if (Number.isNaN(first) && progress.best !== null) first = performance.now() - start;
      return true;
    },
  });
  const seconds = (performance.now() - start) / 1000;
  return [
    figure('layout_search', seconds, 's', 10, 'GPT-3 175B on 64 chips in under 10 s', 'less'),
    figure('layout_first', first / 1000, 's', 0.5, 'a first answer in under 0.5 s', 'less'),
    figure('layout_considered', found.considered, 'layouts', 3e6, 'about 3.2 million layouts', 'more'),
  ];
}

/** Predictions of one step per second. */
export function predictionRate(): BenchResult[] {
  const l = layout({ tp: 8, pp: 8, vp: 3 });
  for (let i = 0; i < 2000; i++) predictStep(model, hardware, l, setup, shippedFit);
  const start = performance.now();
  for (let i = 0; i < 20_000; i++) predictStep(model, hardware, l, setup, shippedFit);
  const rate = 20_000 / ((performance.now() - start) / 1000);
  return [figure('step_predictions', rate, '1/s', 10_000, 'at least 10,000 predictions a second', 'more')];
}

/** One fit of every parameter on every published row, from the priors. */
export function fitAll(): BenchResult[] {
  const rows = prepare(cases, context.chipKey, shippedFit.theta).map((r) => r.fit);
  const start = performance.now();
  fitParameters(rows);
  const seconds = (performance.now() - start) / 1000;
  return [figure('predictor_fit', seconds, 's', 60, 'one fit in under a minute', 'less')];
}
