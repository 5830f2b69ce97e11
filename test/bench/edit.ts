/** `edit_1_of_10k` and `memory_10k`: one cell of a large plan, and what the plan takes in memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { applyCommands, scenarioPlan } from '../../src/core/document/apply.ts';
import type { Command } from '../../src/core/document/plan.ts';
import { disagreements } from '../core/sheet/naive.ts';
import { dice, figure, milliseconds, type BenchResult } from './measure.ts';
import { planOf10k, RUNS, sheetOf10k } from './plan-10k.ts';

export async function editOneOf10k(): Promise<BenchResult[]> {
  const sheet = sheetOf10k(planOf10k());
  const next = dice(4);
  const texts: readonly (readonly [column: string, make: () => string | null])[] = [
    ['tokens', () => String(Math.ceil(next() * 1e13))],
    ['chips', () => String(8 * Math.ceil(next() * 100))],
    ['mfu', () => (0.3 + 0.2 * next()).toFixed(3)],
    ['hardware', () => (next() < 0.5 ? 'h100-sxm' : 'a100-80gb-sxm')],
    ['storage_cost', () => (next() * 1e5).toFixed(2)],
    ['chip_hours', () => (next() < 0.5 ? null : '=ideal_chip_hours * 1.1')],
    ['chip_hour_price', () => (next() < 0.5 ? '=market' : '2.5')],
  ];
  const ms = await milliseconds(
    () => {
      const [column, make] = texts[Math.floor(next() * texts.length)] as (typeof texts)[number];
      const edit: Command = { set: ['runs', `r${Math.floor(next() * RUNS)}`, column], to: make() };
      sheet.apply([edit]);
      sheet.recalculate();
    },
    { runs: 200, seconds: 2 },
  );
  const wrong = disagreements(sheet);
  if (wrong.length > 0) throw new Error(`the naive interpreter disagrees: ${wrong.slice(0, 3).join('; ')}`);
  return [figure('edit_1_of_10k', ms, 'ms', 1, 'under 1 ms', 'less')];
}

/** `row_1_of_10k` and `scenario_edit_10k`: a row that comes and goes, and a base edit as an open scenario follows it. */
export async function rowAndScenario(): Promise<BenchResult[]> {
  const sheet = sheetOf10k(planOf10k());
  const next = dice(5);
  const cells = { name: 'New', params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips: '512' };
  let there = false;
  const row = await milliseconds(
    () => {
      there = !there;
      const at = Math.floor(next() * RUNS);
      sheet.apply([{ row: ['runs', 'new'], to: there ? { at, cells } : null }]);
      sheet.recalculate();
    },
    { runs: 60, seconds: 1 },
  );
  const placed = { key: 's', name: 'S', on: 'base', commands: [{ set: ['runs', 'r5', 'chips'], to: '64' }] } as const;
  let base = applyCommands(sheet.plan, [{ scenario: 's', to: { at: 0, scenario: placed } }]).plan;
  const scenario = sheetOf10k(scenarioPlan(base, 's'));
  const follow = await milliseconds(
    () => {
      const tokens = String(Math.ceil(next() * 1e13));
      base = applyCommands(base, [{ set: ['runs', `r${Math.floor(next() * RUNS)}`, 'tokens'], to: tokens }]).plan;
      scenario.follow(scenarioPlan(base, 's'));
      scenario.recalculate();
    },
    { runs: 60, seconds: 1 },
  );
  for (const own of [sheet, scenario]) {
    const wrong = disagreements(own);
    if (wrong.length > 0) throw new Error(`the naive interpreter disagrees: ${wrong.slice(0, 3).join('; ')}`);
  }
  return [
    figure('row_1_of_10k', row, 'ms', 50, 'under 50 ms', 'less'),
    figure('scenario_edit_10k', follow, 'ms', 5, 'under 5 ms', 'less'),
  ];
}

function usedMegabytes(collect: () => void): number {
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

export function memory10k(): BenchResult[] {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Once without counting: compiled code and interned units stay.
  sheetOf10k(planOf10k());
  const before = usedMegabytes(collect);
  const kept = sheetOf10k(planOf10k());
  const used = usedMegabytes(collect) - before;
  if (kept.cellCount < RUNS) throw new Error('the plan is gone');
  return [figure('memory_10k', used, 'MB', 60, 'at most 60 MB', 'less')];
}
