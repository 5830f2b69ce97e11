/**
 * Applies commands to a plan and fills in what stood there before, which makes each command its own undo.
 * A command that does not fit the plan (unknown row, taken key) is refused as a whole: nothing is half applied.
 */
import { FlopsheetError } from '../errors.ts';
import { checkPlanCorrelations } from '../sheet/correlations.ts';
import { mayBeUncertain } from '../sheet/literal.ts';
import { isRemark } from '../sheet/remarks.ts';
import type {
  Command,
  Correlation,
  Plan,
  PlanRow,
  RowPlacement,
  Scenario,
  ScenarioPlacement,
  TableId,
  UserColumn,
} from './plan.ts';

export interface Applied {
  readonly plan: Plan;
  /** The commands with `from` filled in. */
  readonly commands: readonly Command[];
}

/** A plan being changed: tables are copied at most once per batch. */
interface Draft {
  plan: Plan;
  readonly copied: Map<TableId, PlanRow[]>;
  /** Tables whose rows came, went or moved in this batch. */
  readonly moved: Set<TableId>;
  /** Row numbers of such tables; absent when they must be made anew. */
  readonly index: Map<TableId, Map<string, number>>;
  sources: Record<string, number> | null;
  /** Above every number ever given; null until asked for. */
  nextSource: number | null;
}

/** Applies commands in order. Throws FlopsheetError `NOT_FOUND`, `TAKEN` or `ARG`; the given plan is never changed. */
export function applyCommands(plan: Plan, commands: readonly Command[]): Applied {
  const draft: Draft = {
    plan,
    copied: new Map(),
    index: new Map(),
    moved: new Set(),
    sources: null,
    nextSource: null,
  };
  const done = commands.map((command) => applyOne(draft, command));
  // Together: the way from one possible table to another may lead through an impossible one.
  if (commands.some((command) => 'correlation' in command)) checkPlanCorrelations(draft.plan);
  if (commands.some((command) => 'scenario' in command))
    for (const scenario of draft.plan.scenarios) scenarioChain(draft.plan, scenario.key);
  for (const [table, rows] of draft.copied) {
    const index = draft.moved.has(table) ? draft.index.get(table) : rowNumbers.get(plan.tables[table]);
    if (index) rowNumbers.set(rows, index);
  }
  const tables =
    draft.copied.size === 0 ? draft.plan.tables : { ...draft.plan.tables, ...Object.fromEntries(draft.copied) };
  return { plan: { ...draft.plan, tables, sources: draft.sources ?? draft.plan.sources }, commands: done };
}

/** The commands that take back `commands`, which must have been applied (`from` is filled in). */
export function invertCommands(commands: readonly Command[]): Command[] {
  return commands.map((command) => ({ ...command, to: command.from ?? null, from: command.to }) as Command).reverse();
}

/** Row numbers by key of lists that were searched before; a list never changes once a plan has it. */
const rowNumbers = new WeakMap<readonly PlanRow[], ReadonlyMap<string, number>>();

function numbersOf(rows: readonly PlanRow[]): ReadonlyMap<string, number> {
  let index = rowNumbers.get(rows);
  if (!index) {
    index = new Map(rows.map((row, at) => [row.key, at]));
    rowNumbers.set(rows, index);
  }
  return index;
}

function rowsOf(draft: Draft, table: TableId): PlanRow[] {
  let rows = draft.copied.get(table);
  if (!rows) {
    rows = [...draft.plan.tables[table]];
    draft.copied.set(table, rows);
  }
  return rows;
}

function findRow(draft: Draft, table: TableId, key: string): number {
  const known = draft.plan.tables[table];
  if (!known) throw new FlopsheetError('NOT_FOUND', `there is no table "${table}"`);
  if (!draft.moved.has(table)) return numbersOf(known).get(key) ?? -1;
  let index = draft.index.get(table);
  if (!index) {
    index = new Map((draft.copied.get(table) as readonly PlanRow[]).map((row, at) => [row.key, at]));
    draft.index.set(table, index);
  }
  return index.get(key) ?? -1;
}

function applyOne(draft: Draft, command: Command): Command {
  if ('set' in command) return setCell(draft, command);
  if ('row' in command) return placeRow(draft, command);
  if ('column' in command) return setColumn(draft, command);
  if ('scenario' in command) return placeScenario(draft, command);
  if ('correlation' in command) return setCorrelation(draft, command);
  if ('law' in command) return setLaw(draft, command);
  return setSetting(draft, command);
}

function setCell(draft: Draft, command: Command & { set: unknown }): Command {
  const { set, to } = command as Extract<Command, { set: unknown }>;
  const [table, key, column] = set;
  const at = findRow(draft, table, key);
  if (at < 0)
    throw new FlopsheetError('NOT_FOUND', `${table} has no row "${key}"`, {
      where: `${table}.${key}.${column}`,
      hint: 'the row may have been removed',
    });
  const rows = rowsOf(draft, table);
  const row = rows[at] as PlanRow;
  const from = Object.hasOwn(row.cells, column) ? (row.cells[column] as string) : null;
  const cells: Record<string, string> = { ...row.cells };
  if (to === null || to.trim() === '') delete cells[column];
  else Object.defineProperty(cells, column, { value: to, enumerable: true, writable: true, configurable: true });
  rows[at] = { key, cells };
  if (to !== null) numberSource(draft, table, key, column, to);
  return { set, to: to === null || to.trim() === '' ? null : to, from };
}

function placeRow(draft: Draft, command: Command & { row: unknown }): Command {
  const { row, to } = command as Extract<Command, { row: unknown }>;
  const [table, key] = row;
  const at = findRow(draft, table, key);
  const rows = rowsOf(draft, table);
  const from: RowPlacement | null = at < 0 ? null : { at, cells: (rows[at] as PlanRow).cells };
  if (to === null && at < 0) throw new FlopsheetError('NOT_FOUND', `${table} has no row "${key}"`);
  if (!draft.moved.has(table)) {
    draft.moved.add(table);
    draft.index.set(table, new Map(numbersOf(draft.plan.tables[table])));
  }
  const index = draft.index.get(table);
  if (at >= 0) {
    rows.splice(at, 1);
    index?.delete(key);
  }
  // Rows at the end come and go without moving others: the index stays, so that loading many rows is quick.
  let moved = at >= 0 && at < rows.length;
  if (to !== null) {
    const place = Math.min(to.at, rows.length);
    moved ||= place < rows.length;
    rows.splice(place, 0, { key, cells: to.cells });
    index?.set(key, place);
    for (const [column, text] of Object.entries(to.cells)) numberSource(draft, table, key, column, text);
  }
  if (moved) draft.index.delete(table);
  return { row, to, from };
}

function setColumn(draft: Draft, command: Command & { column: unknown }): Command {
  const { column, to } = command as Extract<Command, { column: unknown }>;
  const [table, id] = column;
  const before = draft.plan.columns[table] ?? {};
  const from: UserColumn | null = Object.hasOwn(before, id) ? (before[id] as UserColumn) : null;
  const after = { ...before };
  if (to === null) delete after[id];
  else after[id] = to;
  draft.plan = { ...draft.plan, columns: { ...draft.plan.columns, [table]: after } };
  if (to?.formula) numberSource(draft, table, '*', id, to.formula);
  return { column, to, from };
}

function placeScenario(draft: Draft, command: Command & { scenario: unknown }): Command {
  const { scenario: key, to } = command as Extract<Command, { scenario: unknown }>;
  const list: Scenario[] = [...draft.plan.scenarios];
  const at = list.findIndex((scenario) => scenario.key === key);
  const from: ScenarioPlacement | null = at < 0 ? null : { at, scenario: list[at] as Scenario };
  if (to === null && at < 0) throw new FlopsheetError('NOT_FOUND', `there is no scenario "${key}"`);
  if (to !== null && (to.scenario.key !== key || key === 'base'))
    throw new FlopsheetError('ARG', `the scenario "${to.scenario.key}" cannot stand under "${key}"`);
  if (to === null && list.some((scenario) => scenario.on === key))
    throw new FlopsheetError('ARG', `another scenario stands on "${key}"`, { hint: 'remove that one first' });
  if (at >= 0) list.splice(at, 1);
  if (to !== null) {
    const commands = to.scenario.commands.map(withoutBlank);
    list.splice(Math.min(to.at, list.length), 0, { ...to.scenario, commands });
    for (const inner of commands) {
      if ('set' in inner && inner.to !== null) numberSource(draft, inner.set[0], inner.set[1], inner.set[2], inner.to);
      if ('row' in inner && inner.to)
        for (const [column, text] of Object.entries(inner.to.cells))
          numberSource(draft, inner.row[0], inner.row[1], column, text);
    }
  }
  draft.plan = { ...draft.plan, scenarios: list };
  return { scenario: key, to, from };
}

/** Sets the rank correlation of two names, in either order; null removes it. */
function setCorrelation(draft: Draft, command: Command & { correlation: unknown }): Command {
  const { correlation, to } = command as Extract<Command, { correlation: unknown }>;
  const [a, b] = correlation;
  const list = [...(draft.plan.correlations ?? [])];
  const at = list.findIndex((own) => (own.a === a && own.b === b) || (own.a === b && own.b === a));
  const from = list[at]?.rank ?? null;
  if (at < 0 && to === null) throw new FlopsheetError('NOT_FOUND', `${a} and ${b} have no correlation of their own`);
  if (to === null) list.splice(at, 1);
  else if (at < 0) list.push({ a, b, rank: to });
  else list[at] = { ...(list[at] as Correlation), rank: to };
  const { correlations, ...rest } = draft.plan;
  void correlations;
  draft.plan = list.length > 0 ? { ...rest, correlations: list } : rest;
  return { correlation, to, from };
}

/** Puts a fitted law into the plan under its key, or takes it out. */
function setLaw(draft: Draft, command: Command & { law: unknown }): Command {
  const { law: key, to } = command as Extract<Command, { law: unknown }>;
  const { [key]: from = null, ...others } = draft.plan.laws ?? {};
  if (to === null && from === null) throw new FlopsheetError('NOT_FOUND', `the plan has no law "${key}"`);
  if (to !== null && to.id !== key) throw new FlopsheetError('ARG', `the law "${to.id}" cannot stand under "${key}"`);
  const next = to === null ? others : { ...others, [key]: to };
  const { laws, ...rest } = draft.plan;
  void laws;
  draft.plan = Object.keys(next).length > 0 ? { ...rest, laws: next } : rest;
  return { law: key, to, from };
}

/** A blank text means an empty cell, in a scenario as in the plan. */
function withoutBlank(command: Command): Command {
  return 'set' in command && command.to?.trim() === '' ? { ...command, to: null } : command;
}

function setSetting(draft: Draft, command: Command & { settings: unknown }): Command {
  const { settings, to } = command as Extract<Command, { settings: unknown }>;
  const from = draft.plan.settings[settings];
  if (typeof to !== typeof from) throw new FlopsheetError('ARG', `${settings} cannot be ${JSON.stringify(to)}`);
  if (settings === 'samples' && (!Number.isInteger(to) || (to as number) < 16 || (to as number) > 1_048_576))
    throw new FlopsheetError('RANGE', `samples must be a whole number from 16 to 1,048,576, found ${to}`);
  if (settings === 'seed' && (!Number.isInteger(to) || (to as number) < 0 || (to as number) > 0xffffffff))
    throw new FlopsheetError('RANGE', `seed must be a whole number from 0 to 4,294,967,295, found ${to}`);
  draft.plan = { ...draft.plan, settings: { ...draft.plan.settings, [settings]: to } };
  return { settings, to, from };
}

/** Gives an uncertain cell, and the factor its column shares, a sample dimension of its own, for good. */
function numberSource(draft: Draft, table: TableId, row: string, column: string, text: string): void {
  if (isRemark(column) || !mayBeUncertain(text)) return;
  const sources = (draft.sources ??= { ...draft.plan.sources });
  draft.nextSource ??= Object.values(sources).reduce((most, number) => Math.max(most, number + 1), 0);
  for (const key of [`${table}.*.${column}`, `${table}.${row}.${column}`])
    if (!Object.hasOwn(sources, key) && !(table === 'assumptions' && key.includes('*')))
      sources[key] = draft.nextSource++;
}

/**
 * The plan a scenario means: the base with the commands of the scenarios it stands on, then its own. A command that does
 * not fit any more (its row is gone) is left out: `scenarioConflicts` lists it.
 * Throws `NOT_FOUND` for an unknown key and `ARG` when scenarios stand on each other in a circle.
 */
export function scenarioPlan(plan: Plan, key: string): Plan {
  return scenarioChain(plan, key).reduce((below, scenario) => applyFitting(below, scenario.commands), plan);
}

function applyFitting(plan: Plan, commands: readonly Command[]): Plan {
  const applied = (below: Plan, some: readonly Command[]): Plan | null => {
    try {
      return applyCommands(below, some).plan;
    } catch (error) {
      if (error instanceof FlopsheetError) return null;
      throw error;
    }
  };
  return applied(plan, commands) ?? commands.reduce((below, command) => applied(below, [command]) ?? below, plan);
}

/** The scenarios a scenario stands on, lowest first, and itself. */
function scenarioChain(plan: Plan, key: string): Scenario[] {
  const chain: Scenario[] = [];
  for (let at = key; at !== 'base';) {
    const scenario = plan.scenarios.find((candidate) => candidate.key === at);
    if (!scenario) throw new FlopsheetError('NOT_FOUND', `there is no scenario "${at}"`);
    if (chain.includes(scenario)) throw new FlopsheetError('ARG', `scenario "${at}" stands on itself`);
    chain.unshift(scenario);
    at = scenario.on;
  }
  return chain;
}
