/**
 * Plan files: JSON, version 1, keys in a stable order so that files diff well. What a file says is text as typed; nothing
 * is evaluated here. Unknown keys are kept, reported and written back; a newer version is refused.
 */
import { FlopsheetError } from '../errors.ts';
import { checkPlanCorrelations } from '../sheet/correlations.ts';
import { lawToFile, readLaw } from '../scaling/law-file.ts';
import type { Law } from '../scaling/types.ts';
import { applyCommands } from './apply.ts';
import { DEFAULT_SETTINGS, newPlan } from './new-plan.ts';
import {
  TABLE_IDS,
  type Command,
  type Correlation,
  type Plan,
  type PlanRow,
  type PlanSettings,
  type Scenario,
  type TableId,
  type UserColumn,
} from './plan.ts';

export const PLAN_FORMAT = 'flopsheet-plan';
export const PLAN_VERSION = 1;

/** Tables written inside their run. */
const CHILDREN = ['phases', 'mixture'] as const;
const TOP_TABLES = TABLE_IDS.filter((id) => !(CHILDREN as readonly string[]).includes(id));
/** `summary` is what templates say of themselves: kept like an unknown key, but expected. */
const QUIET_KEYS = new Set(['summary']);
const KNOWN_KEYS = new Set([
  'format',
  'version',
  'name',
  'currency',
  'seed',
  'samples',
  'columns',
  'scenarios',
  'sources',
  'correlations',
  'laws',
  // What shared files carry beside the plan (shared-plan.ts).
  'origin',
  'catalog',
  ...TOP_TABLES,
]);

export interface ParsedPlan {
  readonly plan: Plan;
  /** What the reader should know: unknown keys, values turned into text. */
  readonly notes: readonly string[];
}

function bad(message: string, where: string, hint = ''): FlopsheetError {
  return new FlopsheetError('PLAN_FILE', message, { where, hint });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the text of a plan file. Throws FlopsheetError `PLAN_FILE` or `PLAN_VERSION` naming the place. */
export function parsePlanFile(text: string): ParsedPlan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad(
      `this is not JSON: ${(error as Error).message}`,
      'plan file',
      'a plan file is written by Flopsheet’s export',
    );
  }
  return readPlan(json);
}

/** Reads parsed JSON of a plan file. */
export function readPlan(json: unknown): ParsedPlan {
  if (!isObject(json) || json['format'] !== PLAN_FORMAT)
    throw bad(
      'this is not a Flopsheet plan: "format" is missing or different',
      'format',
      `a plan starts with {"format": "${PLAN_FORMAT}", "version": ${PLAN_VERSION}, …}`,
    );
  const version = json['version'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw bad(`"version" must be a whole number, found ${JSON.stringify(version)}`, 'version');
  if (version > PLAN_VERSION)
    throw new FlopsheetError(
      'PLAN_VERSION',
      `this plan has version ${version}, this Flopsheet reads up to version ${PLAN_VERSION}`,
      { where: 'version', hint: 'open it with a newer Flopsheet' },
    );
  const notes: string[] = [];
  const tables: Partial<Record<TableId, PlanRow[]>> = {};
  for (const id of TOP_TABLES) tables[id] = readRows(json[id], id, notes, tables);
  const unknown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json))
    if (!KNOWN_KEYS.has(key))
      Object.defineProperty(unknown, key, { value, enumerable: true, configurable: true, writable: true });
  for (const key of Object.keys(unknown))
    if (!QUIET_KEYS.has(key)) notes.push(`unknown key "${key}" is kept but has no effect`);
  const base: Plan = {
    ...newPlan(readSettings(json), {}),
    sources: readSources(json['sources']),
    ...readCorrelations(json['correlations']),
    ...readLaws(json['laws']),
    unknown,
  };
  const scenarios = readScenarios(json['scenarios']);
  // As commands, so that uncertain cells and columns are numbered as they are when they are typed.
  const columns = Object.entries(readColumns(json['columns'])) as [TableId, Record<string, UserColumn>][];
  const commands: Command[] = columns.flatMap(([table, own]) =>
    Object.entries(own).map(([id, to]): Command => ({ column: [table, id], to })),
  );
  for (const table of TABLE_IDS)
    (tables[table] ?? []).forEach((row, at) => commands.push({ row: [table, row.key], to: { at, cells: row.cells } }));
  commands.push(...scenarios.map((scenario, at): Command => ({ scenario: scenario.key, to: { at, scenario } })));
  return { plan: applyCommands(base, commands).plan, notes };
}

function readSettings(json: Record<string, unknown>): PlanSettings {
  const settings: Record<string, string | number> = { ...DEFAULT_SETTINGS };
  for (const key of ['name', 'currency'] as const) {
    const value = json[key];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw bad(`"${key}" must be text, found ${JSON.stringify(value)}`, key);
    settings[key] = value;
  }
  for (const key of ['seed', 'samples'] as const) {
    const value = json[key];
    if (value === undefined) continue;
    const [low, high] = key === 'seed' ? [0, 0xffffffff] : [16, 1_048_576];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
      throw bad(`"${key}" must be a whole number from ${low} to ${high}, found ${JSON.stringify(value)}`, key);
    settings[key] = value;
  }
  return settings as unknown as PlanSettings;
}

/** Cells may be written as text, numbers or booleans; they are kept as the text that means the same. */
function cellText(value: unknown, where: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  throw bad(
    `a cell holds text as typed, found ${JSON.stringify(value)?.slice(0, 60)}`,
    where,
    'write the value as text, as in "15.6T"',
  );
}

function readRows(
  value: unknown,
  table: TableId,
  notes: string[],
  tables: Partial<Record<TableId, PlanRow[]>>,
  parent?: string,
): PlanRow[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(`"${table}" must be a list of rows`, table);
  const keys = new Set<string>();
  return value.map((item, at) => {
    const where = parent ? `runs.${parent}.${table}[${at}]` : `${table}[${at}]`;
    if (!isObject(item)) throw bad('a row must be an object', where);
    const key = item['key'] === undefined && parent ? `${parent}.${at + 1}` : item['key'];
    if (typeof key !== 'string' || key.trim() === '')
      throw bad('the row has no key', where, 'give every row a "key" of its own');
    if (keys.has(key)) throw bad(`two rows have the key "${key}"`, where, 'keys are unique within a table');
    keys.add(key);
    const cells: Record<string, string> = parent ? { run: parent } : {};
    for (const [id, raw] of Object.entries(item)) {
      if (id === 'key') continue;
      if (table === 'runs' && (CHILDREN as readonly string[]).includes(id)) {
        const child = id as (typeof CHILDREN)[number];
        (tables[child] ??= []).push(...readRows(raw, child, notes, tables, key));
        continue;
      }
      const text = cellText(raw, `${where}.${id}`);
      if (text !== null)
        Object.defineProperty(cells, id, { value: text, enumerable: true, configurable: true, writable: true });
    }
    return { key, cells };
  });
}

function readColumns(value: unknown): Plan['columns'] {
  if (value === undefined) return {};
  if (!Array.isArray(value)) throw bad('"columns" must be a list', 'columns');
  const columns: Partial<Record<TableId, Record<string, UserColumn>>> = {};
  value.forEach((item, at) => {
    const where = `columns[${at}]`;
    if (!isObject(item) || typeof item['id'] !== 'string' || !(TABLE_IDS as readonly unknown[]).includes(item['table']))
      throw bad('a column needs a table and an id', where, '{"table": "runs", "id": "my_column", "formula": "…"}');
    const column: Record<string, string> = {};
    for (const field of ['label', 'unit', 'formula', 'note', 'format', 'marks']) {
      const text = item[field];
      if (text === undefined) continue;
      if (typeof text !== 'string') throw bad(`"${field}" must be text`, where);
      column[field] = field === 'formula' ? text.replace(/^\s*=/, '') : text;
    }
    (columns[item['table'] as TableId] ??= {})[item['id']] = column;
  });
  return columns;
}

function readSources(value: unknown): Record<string, number> {
  if (value === undefined) return {};
  if (
    !isObject(value) ||
    Object.values(value).some((number) => typeof number !== 'number' || !Number.isInteger(number) || number < 0)
  )
    throw bad('"sources" must map cells to whole numbers', 'sources', 'leave it out to number them anew');
  if (new Set(Object.values(value)).size < Object.keys(value).length)
    throw bad('two of the "sources" have the same number', 'sources', 'leave it out to number them anew');
  return { ...(value as Record<string, number>) };
}

function readCorrelations(value: unknown): Pick<Plan, 'correlations'> {
  if (value === undefined) return {};
  if (!Array.isArray(value)) throw bad('"correlations" must be a list', 'correlations');
  const correlations = value.map((item, at): Correlation => {
    const { a, b, rank } = isObject(item) ? item : {};
    if (typeof a !== 'string' || typeof b !== 'string' || typeof rank !== 'number')
      throw bad(
        'a correlation names two uncertain cells or columns and their rank correlation',
        `correlations[${at}]`,
        '{"a": "runs.*.mfu", "b": "runs.*.goodput", "rank": 0.3}',
      );
    return { a, b, rank };
  });
  try {
    checkPlanCorrelations({ correlations });
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    throw bad(error.message, 'correlations', error.hint);
  }
  return correlations.length > 0 ? { correlations } : {};
}

function readLaws(value: unknown): Pick<Plan, 'laws'> {
  if (value === undefined) return {};
  if (!Array.isArray(value)) throw bad('"laws" must be a list', 'laws');
  const laws: Record<string, Law> = {};
  value.forEach((item, at) => {
    const law = readLaw(item, `laws[${at}]`);
    if (laws[law.id]) throw bad(`two laws have the id "${law.id}"`, `laws[${at}]`);
    laws[law.id] = law;
  });
  return value.length > 0 ? { laws } : {};
}

function readScenarios(value: unknown): Scenario[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad('"scenarios" must be a list', 'scenarios');
  const scenarios = value.map((item, at): Scenario => {
    const where = `scenarios[${at}]`;
    if (!isObject(item) || typeof item['key'] !== 'string' || item['key'] === '' || item['key'] === 'base')
      throw bad('a scenario needs a key of its own ("base" is the plan itself)', where);
    const commands = item['commands'] ?? [];
    if (!Array.isArray(commands)) throw bad('"commands" must be a list', where);
    return {
      key: item['key'],
      name: typeof item['name'] === 'string' ? item['name'] : item['key'],
      on: typeof item['on'] === 'string' ? item['on'] : 'base',
      commands: commands.map((command, i) => readCommand(command, `${where}.commands[${i}]`)),
    };
  });
  const keys = new Set(['base', ...scenarios.map((scenario) => scenario.key)]);
  for (const scenario of scenarios)
    if (!keys.has(scenario.on))
      throw bad(`scenario "${scenario.key}" stands on "${scenario.on}", which does not exist`, 'scenarios');
  return scenarios;
}

function readCommand(value: unknown, where: string): Command {
  if (!isObject(value)) throw bad('a command must be an object', where);
  const address = (field: string, length: number): string[] => {
    const list = value[field];
    if (
      !Array.isArray(list) ||
      list.length !== length ||
      list.some((part) => typeof part !== 'string') ||
      !(TABLE_IDS as readonly unknown[]).includes(list[0])
    )
      throw bad(
        `"${field}" must name a table, a row${length === 3 ? ' and a column' : ''}`,
        where,
        '{"set": ["runs", "r1", "payment"], "to": "spot"}',
      );
    return list as string[];
  };
  if ('set' in value)
    return {
      set: address('set', 3) as [TableId, string, string],
      to: cellText(value['to'], `${where}.to`),
      ...('from' in value ? { from: cellText(value['from'], `${where}.from`) } : {}),
    };
  for (const [word, text] of [
    ['exclude', 'no'],
    ['include', 'yes'],
  ] as const)
    if (word in value) {
      const [table, row] = address(word, 2) as [TableId, string];
      return { set: [table, row, 'included'], to: text };
    }
  if ('row' in value) {
    const row = address('row', 2) as [TableId, string];
    const to = value['to'];
    if (to === null) return { row, to: null };
    if (!isObject(to)) throw bad('"to" must be a row or null', where);
    const cells: Record<string, string> = {};
    for (const [id, raw] of Object.entries(isObject(to['cells']) ? to['cells'] : {})) {
      const text = cellText(raw, `${where}.${id}`);
      if (text !== null) cells[id] = text;
    }
    return { row, to: { at: typeof to['at'] === 'number' ? to['at'] : Number.MAX_SAFE_INTEGER, cells } };
  }
  if ('correlation' in value) {
    const { correlation, to } = value;
    if (
      !Array.isArray(correlation) ||
      correlation.length !== 2 ||
      correlation.some((name) => typeof name !== 'string') ||
      (to !== null && typeof to !== 'number')
    )
      throw bad(
        'a correlation names two cells or columns',
        where,
        '{"correlation": ["runs.*.mfu", "runs.*.goodput"], "to": 0.3}',
      );
    return { correlation: correlation as [string, string], to };
  }
  if ('column' in value) {
    const column = address('column', 2) as [TableId, string];
    const to = value['to'];
    return { column, to: isObject(to) ? (to as UserColumn) : null };
  }
  throw bad('a command is one of set, exclude, include, row, column, correlation', where);
}

/** The plan as JSON data, keys in their stable order. */
export function planToJson(plan: Plan): Record<string, unknown> {
  const json: Record<string, unknown> = { format: PLAN_FORMAT, version: PLAN_VERSION, ...plan.settings };
  for (const table of TOP_TABLES)
    json[table] = plan.tables[table].map((row) => ({
      ...rowToJson(row),
      ...(table === 'runs'
        ? Object.fromEntries(
            CHILDREN.map(
              (child) =>
                [
                  child,
                  plan.tables[child].filter((own) => own.cells['run'] === row.key).map((own) => rowToJson(own, 'run')),
                ] as const,
            ).filter(([, rows]) => rows.length > 0),
          )
        : {}),
    }));
  json['columns'] = TABLE_IDS.flatMap((table) =>
    Object.entries(plan.columns[table] ?? {}).map(([id, column]) => ({ table, id, ...column })),
  );
  json['scenarios'] = plan.scenarios.map(({ key, name, on, commands }) => ({
    key,
    name,
    on,
    // What stood below a cell when the scenario changed it tells conflicts with later edits of the base.
    commands: commands.map((command) => ('set' in command ? command : withoutFrom(command))),
  }));
  if (plan.correlations && plan.correlations.length > 0) json['correlations'] = plan.correlations;
  if (plan.laws)
    json['laws'] = Object.keys(plan.laws)
      .sort()
      .map((key) => lawToFile(plan.laws?.[key] as Law));
  if (Object.keys(plan.sources).length > 0) json['sources'] = plan.sources;
  return { ...json, ...plan.unknown };
}

function rowToJson(row: PlanRow, drop?: string): Record<string, unknown> {
  const ids = Object.keys(row.cells)
    .filter((id) => id !== drop)
    .sort((a, b) => (a === 'name' ? -1 : b === 'name' ? 1 : a < b ? -1 : 1));
  return { key: row.key, ...Object.fromEntries(ids.map((id) => [id, row.cells[id]])) };
}

function withoutFrom(command: Command): Command {
  const { from, ...rest } = command;
  void from;
  return rest as Command;
}

/** The plan as the text of a plan file, ending in a newline. */
export function writePlanFile(plan: Plan): string {
  return `${JSON.stringify(planToJson(plan), null, 2)}\n`;
}
