/** A plan of 10,000 runs with all built-in columns, 5 % overrides and 2 % unknown inputs, for edits and memory. */
import { newPlan } from '../../src/core/document/new-plan.ts';
import type { Plan, PlanRow } from '../../src/core/document/plan.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../src/core/plan/planner.ts';
import { Sheet } from '../../src/core/sheet/sheet.ts';
import { SMALL_CATALOG } from '../core/sheet/picture.ts';
import { dice } from './measure.ts';

export const RUNS = 10_000;

export function planOf10k(): Plan {
  const next = dice(10);
  const between = (low: number, high: number): string => (low * (high / low) ** next()).toPrecision(4);
  const inputs: Record<string, () => string> = {
    name: () => `Run ${Math.floor(next() * 1e6)}`,
    params_total: () => between(1e9, 5e11),
    tokens: () => between(1e11, 2e13),
    hardware: () => (next() < 0.5 ? 'h100-sxm' : 'a100-80gb-sxm'),
    chips: () => String(8 * (1 + Math.floor(next() * 2000))),
    mfu: () => between(0.2, 0.6),
    goodput: () => between(0.8, 1),
    chip_hour_price: () => (next() < 0.2 ? '=market' : between(1, 6)),
    status: () => (next() < 0.5 ? 'draft' : 'approved'),
    storage_cost: () => between(1, 1e6),
  };
  const overridden = BUILT_IN_COLUMNS.filter(
    (def) => def.table === 'runs' && def.formula !== undefined && def.type === 'number' && !(def.id in inputs),
  );
  const runs: PlanRow[] = Array.from({ length: RUNS }, (_, row) => {
    const cells: Record<string, string> = {};
    for (const [id, make] of Object.entries(inputs)) if (next() >= 0.02) cells[id] = make();
    for (const { id, min, max } of overridden)
      if (next() < 0.05) cells[id] = max === 1 ? '0.5' : String((min ?? 0) + Math.ceil(next() * 100));
    return { key: `r${row}`, cells };
  });
  return newPlan(
    { samples: 1024 },
    { runs, assumptions: [{ key: 'market', cells: { value: '2.4', unit: 'USD/(chip·h)' } }] },
  );
}

export function sheetOf10k(plan: Plan): Sheet {
  const sheet = new Sheet(plan, { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog: SMALL_CATALOG });
  sheet.recalculate();
  return sheet;
}
