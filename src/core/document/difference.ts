/** What leads from one plan to another, as commands: the other plan in one step, which one undo takes back. */
import { TABLE_IDS, type Command, type Plan, type PlanSettings, type TableId } from './plan.ts';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Commands that make `a` say what `b` says: settings, columns, rows with their order, laws, correlations and scenarios.
 * Empty when they say the same. The numbers of samples and keys that this version does not know stay as they are.
 */
export function planDifference(a: Plan, b: Plan): Command[] {
  return [
    ...(Object.keys(b.settings) as (keyof PlanSettings)[])
      .filter((key) => a.settings[key] !== b.settings[key])
      .map((key): Command => ({ settings: key, to: b.settings[key] })),
    ...scenariosGone(a, b),
    ...Object.entries(b.laws ?? {})
      .filter(([key, law]) => !same(a.laws?.[key], law))
      .map(([law, to]): Command => ({ law, to })),
    ...TABLE_IDS.flatMap((table) => [...columnCommands(a, b, table), ...rowCommands(a, b, table)]),
    ...correlationCommands(a, b),
    ...Object.keys(a.laws ?? {})
      .filter((key) => !b.laws?.[key])
      .map((law): Command => ({ law, to: null })),
    ...scenariosSet(a, b),
  ];
}

function columnCommands(a: Plan, b: Plan, table: TableId): Command[] {
  const [before, after] = [a.columns[table] ?? {}, b.columns[table] ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((id) => !same(before[id], after[id]))
    .map((id): Command => ({ column: [table, id], to: after[id] ?? null }));
}

function rowCommands(a: Plan, b: Plan, table: TableId): Command[] {
  const after = new Map(b.tables[table].map((row) => [row.key, row]));
  const gone = a.tables[table].filter((row) => !after.has(row.key));
  const commands: Command[] = gone.map((row) => ({ row: [table, row.key], to: null }));
  const order = a.tables[table].filter((row) => after.has(row.key)).map((row) => row.key);
  const cellsOf = new Map(a.tables[table].map((row) => [row.key, row.cells]));
  b.tables[table].forEach(({ key, cells }, at) => {
    const before = cellsOf.get(key);
    const where = order.indexOf(key);
    if (before === undefined || where !== at) {
      if (where >= 0) order.splice(where, 1);
      order.splice(at, 0, key);
      commands.push({ row: [table, key], to: { at, cells } });
      return;
    }
    for (const column of new Set([...Object.keys(before), ...Object.keys(cells)]))
      if (before[column] !== cells[column]) commands.push({ set: [table, key, column], to: cells[column] ?? null });
  });
  return commands;
}

/** Those that go first: two that cannot stand together may be on either side. */
function correlationCommands(a: Plan, b: Plan): Command[] {
  const names = (own: { readonly a: string; readonly b: string }): string => [own.a, own.b].sort().join('\n');
  const before = new Map((a.correlations ?? []).map((own) => [names(own), own]));
  const after = new Map((b.correlations ?? []).map((own) => [names(own), own]));
  return [
    ...[...before.values()]
      .filter((own) => !after.has(names(own)))
      .map((own): Command => ({ correlation: [own.a, own.b], to: null })),
    ...[...after.values()]
      .filter((own) => before.get(names(own))?.rank !== own.rank)
      .map((own): Command => ({ correlation: [own.a, own.b], to: own.rank })),
  ];
}

/** Scenarios that stand on others go before them. */
function scenariosGone(a: Plan, b: Plan): Command[] {
  if (same(a.scenarios, b.scenarios)) return [];
  const left = [...a.scenarios];
  const commands: Command[] = [];
  while (left.length > 0) {
    const at = left.findIndex((own) => !left.some((other) => other.on === own.key));
    const [own] = left.splice(Math.max(0, at), 1);
    if (own) commands.push({ scenario: own.key, to: null });
  }
  return commands;
}

function scenariosSet(a: Plan, b: Plan): Command[] {
  if (same(a.scenarios, b.scenarios)) return [];
  return b.scenarios.map((scenario, at): Command => ({ scenario: scenario.key, to: { at, scenario } }));
}
