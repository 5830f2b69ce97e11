/** What turns one plan into another, as commands that a sheet can follow; rows that are the same object are not looked into. */
import { TABLE_IDS, type Command, type Plan, type PlanRow, type TableId } from '../document/plan.ts';

/**
 * Commands on rows and cells that lead from one plan to another. Null when more differs than those, or when rows that both
 * have stand in another order. Names of the plan, scenarios, correlations and the numbers of sources do not count: no
 * value follows from them.
 */
export function planDifference(a: Plan, b: Plan): Command[] | null {
  const same = (x: unknown, y: unknown): boolean => x === y || JSON.stringify(x) === JSON.stringify(y);
  if (a.settings.currency !== b.settings.currency || a.settings.seed !== b.settings.seed) return null;
  if (a.settings.samples !== b.settings.samples || !same(a.columns, b.columns) || a.laws !== b.laws) return null;
  const commands: Command[] = [];
  for (const table of TABLE_IDS) {
    if (a.tables[table] === b.tables[table]) continue;
    const found = rowDifference(table, a.tables[table], b.tables[table]);
    if (!found) return null;
    for (const command of found) commands.push(command);
  }
  return commands;
}

function rowDifference(table: TableId, before: readonly PlanRow[], after: readonly PlanRow[]): Command[] | null {
  const commands: Command[] = [];
  const kept = keptRows(before, after);
  const gone = before.filter((row) => !kept.has(row.key));
  for (const row of gone) commands.push({ row: [table, row.key], from: { at: 0, cells: row.cells }, to: null });
  let at = 0;
  const rest = before.filter((row) => kept.has(row.key));
  for (const [place, row] of after.entries()) {
    const old = rest[at];
    if (old?.key === row.key) {
      if (old !== row) commands.push(...cellDifference(table, old, row));
      at++;
    } else if (kept.has(row.key)) return null;
    else commands.push({ row: [table, row.key], from: null, to: { at: place, cells: row.cells } });
  }
  return commands;
}

/** Keys that both lists have. Most lists have the same keys in the same order: then no set of them is made. */
function keptRows(before: readonly PlanRow[], after: readonly PlanRow[]): { has(key: string): boolean } {
  if (before.length === after.length && before.every((row, i) => row.key === after[i]?.key)) return { has: () => true };
  const keys = new Set(after.map((row) => row.key));
  const old = new Set(before.map((row) => row.key));
  return { has: (key) => keys.has(key) && old.has(key) };
}

function cellDifference(table: TableId, before: PlanRow, after: PlanRow): Command[] {
  const commands: Command[] = [];
  for (const id of new Set([...Object.keys(before.cells), ...Object.keys(after.cells)])) {
    const to = Object.hasOwn(after.cells, id) ? (after.cells[id] as string) : null;
    if (to !== (Object.hasOwn(before.cells, id) ? before.cells[id] : null))
      commands.push({ set: [table, after.key, id], to });
  }
  return commands;
}
