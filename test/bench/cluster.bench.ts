import { layout, predictStep, searchLayouts, trainingSetup } from '../../src/core/cluster/index.ts';
import { prepare } from '../../scripts/predictor-study.ts';
import { fitParameters } from '../../src/core/cluster/fit.ts';
import { cases, context, known, shippedFit } from '../core/cluster/shipped-fit.ts';

/** One measured figure; `unit` says in what. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const model = known(context.architecture('GPT-3 175B'));
const hardware = known(context.hardware('H100'));
const setup = trainingSetup({ seqLen: 2048, batchSeqs: 1536 });

/** Every layout of GPT-3 175B on 64 chips (3 million). Targets: 10 s, first answer 0.5 s (Calculon: about 1.8 h on 2 cores). */
export function searchGpt3(): Measurement[] {
  const start = performance.now();
  let first = Number.NaN;
  const found = searchLayouts(model, hardware, setup, 64, shippedFit, {
    limits: { hybridSharding: true },
    onProgress: (progress) => {
      if (Number.isNaN(first) && progress.best !== null) first = performance.now() - start;
      return true;
    },
  });
  return [
    { name: 'layout_search_gpt3_64', value: (performance.now() - start) / 1000, unit: 's' },
    { name: 'layout_search_gpt3_64_first', value: first / 1000, unit: 's' },
    { name: 'layout_search_gpt3_64_considered', value: found.considered, unit: 'layouts' },
  ];
}

/** Predictions of one step per second. */
export function predictionRate(): Measurement {
  const l = layout({ tp: 8, pp: 8, vp: 3 });
  for (let i = 0; i < 2000; i++) predictStep(model, hardware, l, setup, shippedFit);
  const start = performance.now();
  for (let i = 0; i < 20_000; i++) predictStep(model, hardware, l, setup, shippedFit);
  return { name: 'predictions_per_second', value: 20_000 / ((performance.now() - start) / 1000), unit: '1/s' };
}

/** One fit of every parameter on every published row, from the priors. */
export function fitAll(): Measurement {
  const rows = prepare(cases, context.chipKey, shippedFit.theta).map((r) => r.fit);
  const start = performance.now();
  fitParameters(rows);
  return { name: 'predictor_fit', value: (performance.now() - start) / 1000, unit: 's' };
}

/** Every figure of the cluster. */
export function clusterBench(): Measurement[] {
  return [...searchGpt3(), predictionRate(), fitAll()];
}

if (import.meta.main) console.log(JSON.stringify(clusterBench(), null, 2));
