/** Samples of every uncertain cell of `runs`, computed in a worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Plan } from '../../src/core/document/plan.ts';
import { Sampler } from '../../src/core/sheet/sample.ts';
import { sheetOf } from '../core/sheet/picture.ts';

/** Values by address. */
export function samplesOf(plan: Plan): Record<string, Float64Array> {
  const sheet = sheetOf(plan);
  const { runs } = sheet.state.tables;
  const sampler = new Sampler(sheet, { samples: 128, seed: plan.settings.seed });
  const found: Record<string, Float64Array> = {};
  for (let row = 0; row < runs.keys.length; row++)
    sampler.row(runs, row, (column, samples) => (found[`${runs.keys[row]}.${column.def.id}`] = samples.slice()));
  return found;
}

parentPort?.postMessage(samplesOf((workerData as { plan: Plan }).plan));
