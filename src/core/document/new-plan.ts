import { TABLE_IDS, type Plan, type PlanRow, type PlanSettings, type TableId } from './plan.ts';

export const DEFAULT_SETTINGS: PlanSettings = { name: 'Untitled plan', currency: 'USD', seed: 1, samples: 16_384 };

/** A plan with nothing in it but what is given. */
export function newPlan(
  settings: Partial<PlanSettings> = {},
  tables: Partial<Record<TableId, readonly PlanRow[]>> = {},
): Plan {
  return {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    tables: Object.fromEntries(TABLE_IDS.map((id) => [id, tables[id] ?? []])) as unknown as Plan['tables'],
    columns: {},
    scenarios: [],
    sources: {},
    unknown: {},
  };
}
