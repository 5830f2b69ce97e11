/** The commands that make one plan of another. */
import type { Command, Plan, PlanRow, TableId } from './plan.ts';
import { TABLE_IDS } from './plan.ts';

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Rows that stay keep their place: otherwise all rows of the table are put anew, in the other order. */
function rowCommands(table: TableId, from: readonly PlanRow[], to: readonly PlanRow[]): Command[] {
  const before = new Map(from.map((row) => [row.key, row]));
  const after = new Set(to.map((row) => row.key));
  const stay = (rows: readonly PlanRow[]) =>
    rows.map(({ key }) => key).filter((key) => before.has(key) && after.has(key));
  const moved = !same(stay(from), stay(to));
  const gone = from.filter(({ key }) => moved || !after.has(key));
  return [
    ...gone.map(({ key }): Command => ({ row: [table, key], to: null })),
    ...to.flatMap((row, at): Command[] => {
      const own = moved ? undefined : before.get(row.key);
      if (!own) return [{ row: [table, row.key], to: { at, cells: row.cells } }];
      return [...new Set([...Object.keys(own.cells), ...Object.keys(row.cells)])]
        .filter((column) => own.cells[column] !== row.cells[column])
        .map((column) => ({ set: [table, row.key, column], to: row.cells[column] ?? null }));
    }),
  ];
}

function columnCommands(table: TableId, from: Plan, to: Plan): Command[] {
  const a = from.columns[table] ?? {};
  const b = to.columns[table] ?? {};
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((id) => !same(a[id], b[id]))
    .map((id) => ({ column: [table, id], to: b[id] ?? null }));
}

/**
 * Commands that, applied to `from`, give what `to` says: settings, columns, rows and cells, scenarios, correlations and
 * laws. Empty when they say the same. Numbers of samples are not compared: they belong to each plan.
 */
export function planDifference(from: Plan, to: Plan): Command[] {
  const settings = (Object.keys(to.settings) as (keyof Plan['settings'])[])
    .filter((key) => from.settings[key] !== to.settings[key])
    .map((key): Command => ({ settings: key, to: to.settings[key] }));
  const laws = [...new Set([...Object.keys(from.laws ?? {}), ...Object.keys(to.laws ?? {})])]
    .filter((key) => !same(from.laws?.[key], to.laws?.[key]))
    .map((law): Command => ({ law, to: to.laws?.[law] ?? null }));
  const pairs = (plan: Plan) => new Map((plan.correlations ?? []).map((own) => [`${own.a} ${own.b}`, own]));
  const [a, b] = [pairs(from), pairs(to)];
  const correlations = [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => !same(a.get(key), b.get(key)))
    .map((key): Command => {
      const own = (b.get(key) ?? a.get(key)) as { a: string; b: string };
      return { correlation: [own.a, own.b], to: b.get(key)?.rank ?? null };
    });
  // Scenarios stand on each other and on rows: they go first and come back last.
  const scenarios = !same(from.scenarios, to.scenarios);
  const off = scenarios ? [...from.scenarios].reverse().map(({ key }): Command => ({ scenario: key, to: null })) : [];
  const on = scenarios
    ? to.scenarios.map((scenario, at): Command => ({ scenario: scenario.key, to: { at, scenario } }))
    : [];
  return [
    ...off,
    ...settings,
    ...laws,
    ...TABLE_IDS.flatMap((table) => columnCommands(table, from, to)),
    ...TABLE_IDS.flatMap((table) => rowCommands(table, from.tables[table], to.tables[table])),
    ...correlations,
    ...on,
  ];
}
