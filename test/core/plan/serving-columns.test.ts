import { expect, test } from 'vitest';
import { parsePlanFile } from '../../../src/core/document/plan-file.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../../src/core/plan/planner.ts';
import { planResult } from '../../../src/core/plan/result.ts';
import { estimateServing } from '../../../src/core/serving/estimate.ts';
import { SHIPPED_SERVING_FIT } from '../../../src/core/serving/shipped-fit.ts';
import { cellProblemOf } from '../../../src/core/sheet/diagnose.ts';
import { Sheet } from '../../../src/core/sheet/sheet.ts';
import { Spreads } from '../../../src/core/sheet/spreads.ts';
import { engineCatalog } from '../../../src/store/engine-catalog.ts';
import { openStore } from '../../../src/store/open.ts';
import { seedCatalog } from '../../../src/store/seed.ts';
import { context, known } from '../cluster/shipped-fit.ts';

const store = openStore(':memory:', { now: 0, version: '0', app: 'test' });
seedCatalog(store.db, 0);
const catalog = engineCatalog(store.db);

function plan(serving: readonly Record<string, string>[]): Sheet {
  const file = {
    format: 'flopsheet-plan',
    version: 1,
    name: 'Serving',
    currency: 'USD',
    seed: 1,
    samples: 256,
    runs: [
      {
        key: 'r1',
        name: 'Ours',
        model: 'llama-3-70b',
        tokens: '15T',
        mfu: '0.4',
        hardware: 'h100-sxm',
        chips: '16384',
        phases: [],
        mixture: [],
      },
    ],
    serving,
  };
  const sheet = new Sheet(parsePlanFile(JSON.stringify(file)).plan, {
    columns: BUILT_IN_COLUMNS,
    registry: REGISTRY,
    catalog,
  });
  sheet.recalculate();
  return sheet;
}

const CHAT = {
  key: 'chat',
  name: 'Chat',
  run: 'r1',
  hardware: 'h100-sxm',
  chips: '8',
  engine: 'vllm',
  requests_per_s: '20',
  chip_hour_price: '2 USD/h',
};

test('a deployment serves its run’s model, keeps replicas for the peak and adds training to its cost', () => {
  const result = planResult(plan([CHAT]), new Spreads(plan([CHAT])));
  const row = result.serving[0] as Record<string, number | string>;
  const e = estimateServing(
    {
      architecture: known(context.architecture('Llama-3.1-70B')),
      hardware: known(context.hardware('H100')),
      chips: 8,
      engine: 'vllm',
      precision: 'fp8',
      request: { inputTokens: 1024, outputTokens: 256 },
    },
    SHIPPED_SERVING_FIT,
    32,
  );
  if (!e.fits) throw new Error(e.message);
  expect(row['model']).toBe('llama-3-70b');
  // Central: every input at its median, the error of the model at 1.00001.
  expect((row['tpot_ms'] as number) / (1000 * e.tpot)).toBeCloseTo(1, 4);
  expect(row['ttft_s']).toBeCloseTo(e.ttft, 12);
  expect(row['replicas']).toBe(Math.ceil((20 * 2) / e.requestsPerS));
  // Replicas of 8 chips for twelve months of 730.5 h at 2 USD.
  expect(row['total_cost']).toBe((row['replicas'] as number) * 8 * 12 * 730.5 * 2);
  expect(row['tokens_served']).toBeCloseTo(20 * 12 * 730.5 * 3600 * 256, -3);
  const training = (result.runs[0] as Record<string, number>)['total_cost'];
  expect(row['training_cost']).toBe(training);
  expect(row['lifetime_cost']).toBeCloseTo((training ?? 0) + (row['total_cost'] as number), 2);
  expect(row['lifetime_optimal_params']).toBeGreaterThan(1e9);
  // The error on unseen dense models is a 90 % interval of 0.84 to 1.19.
  const spread = (row['uncertainty'] as unknown as Record<string, { p5: number; p95: number }>)['tpot_ms'];
  expect((spread?.p5 ?? 0) / (row['tpot_ms'] as number)).toBeCloseTo(0.84, 1);
  expect((spread?.p95 ?? 0) / (row['tpot_ms'] as number)).toBeCloseTo(1.19, 1);
});

test('what does not fit is unknown with by how much and what would; so are a chip nobody knows and no tokens', () => {
  const sheet = plan([
    { ...CHAT, key: 'big', model: 'deepseek-v3' },
    { ...CHAT, key: 'odd', hardware: 'z9' },
    { ...CHAT, key: 'none', in_flight: '0' },
  ]);
  const problem = (row: number): string => {
    const p = cellProblemOf(sheet, sheet.column('serving', 'tpot_ms')!, row);
    return `${p?.message ?? ''} ${p?.hint ?? ''}`;
  };
  expect(problem(0)).toMatch(/GiB more on each chip.*16 chips per replica/s);
  expect(problem(1)).toMatch(/z9/);
  const rows = planResult(sheet, new Spreads(sheet)).serving;
  expect(rows.map((row) => row['total_cost'])).toEqual([null, null, null]);
});
