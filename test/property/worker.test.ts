import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Dice, randomPlan } from '../core/sheet/random-plan.ts';
import type { Plan } from '../../src/core/document/plan.ts';

/** Node runs TypeScript directly from 22.18 on; the suite's own Node is newer. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

async function inWorker(plan: Plan): Promise<Record<string, Float64Array>> {
  const worker = new Worker(new URL('./sample-worker.ts', import.meta.url), { workerData: { plan } });
  try {
    return await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  } finally {
    await worker.terminate();
  }
}

test.runIf(major > 22 || (major === 22 && minor >= 18))(
  'a worker draws the same bits as the main thread, and another worker the same again',
  async () => {
    const plan = randomPlan(new Dice(3), 12);
    const first = await inWorker(plan);
    expect(Object.keys(first).length).toBeGreaterThan(50);
    expect(await inWorker(structuredClone(plan))).toEqual(first);
    const { Sampler } = await import('../../src/core/sheet/sample.ts');
    const { sheetOf } = await import('../core/sheet/picture.ts');
    const sheet = sheetOf(plan);
    const sampler = new Sampler(sheet, { samples: 128, seed: plan.settings.seed });
    const { runs } = sheet.state.tables;
    for (let row = 0; row < runs.keys.length; row++)
      sampler.row(runs, row, (column, samples) => expect(first[`${runs.keys[row]}.${column.def.id}`]).toEqual(samples));
  },
);
