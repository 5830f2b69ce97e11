/**
 * Two evaluated plans side by side: totals, paired differences of uncertain totals, and the bridge that splits the change
 * of total cost over groups of drivers. Both sides draw the same samples for the same source.
 */
import { applyCommands } from '../document/apply.ts';
import type { Command, Plan, TableId } from '../document/plan.ts';
import { costBridge } from '../finance/bridge.ts';
import { FlopsheetError } from '../errors.ts';
import { roundToCent } from './round-money.ts';
import { Sampler } from './sample.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';
import { aggregateNodeOf, PROGRAMME_COLUMNS, totalNode } from './totals.ts';

export interface ComparedTotal {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly a: number | null;
  readonly b: number | null;
  readonly delta: number | null;
  /** Percentiles of the paired difference b − a; null when neither side varies. */
  readonly deltaP10: number | null;
  readonly deltaP50: number | null;
  readonly deltaP90: number | null;
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Id of the last row of a comparison: all that the programme costs, as `programmeCost`. */
export const PROGRAMME_COST = 'programme_cost';

/**
 * Totals of `runs`, `costs` and `capacity` in both sheets, in display units, and the programme cost. `capacity` is left
 * out where neither side has clusters.
 */
export function compareTotals(a: Sheet, b: Sheet): ComparedTotal[] {
  const settings = { samples: a.plan.settings.samples, seed: a.plan.settings.seed };
  const samplers = [new Sampler(a, settings), new Sampler(b, settings)] as const;
  const tables = (['runs', 'costs', 'capacity'] as const).filter(
    (table) => table !== 'capacity' || [a, b].some((sheet) => sheet.plan.tables.capacity.length > 0),
  );
  /** Values in currency units or base units; samples over `scale`. */
  const compared = (
    about: Pick<ComparedTotal, 'id' | 'label' | 'unit'>,
    [valueA, valueB]: readonly [number, number],
    [samplesA, samplesB]: readonly [number | Float64Array, number | Float64Array],
    scale: number,
  ): ComparedTotal => {
    let spread = null;
    if (typeof samplesA !== 'number' || typeof samplesB !== 'number') {
      const difference = new Float64Array(settings.samples);
      for (let i = 0; i < difference.length; i++)
        difference[i] =
          (typeof samplesB === 'number' ? samplesB : (samplesB[i] as number)) -
          (typeof samplesA === 'number' ? samplesA : (samplesA[i] as number));
      spread = samplers[0].spread(difference, scale);
    }
    return {
      ...about,
      a: known(valueA / scale),
      b: known(valueB / scale),
      delta: known((valueB - valueA) / scale),
      deltaP10: spread ? known(spread.p10) : null,
      deltaP50: spread ? known(spread.p50) : null,
      deltaP90: spread ? known(spread.p90) : null,
    };
  };
  const rows = tables.flatMap((table) =>
    a.state.tables[table].columns
      .filter((column) => column.def.total && b.column(table, column.def.id))
      .map((column): ComparedTotal => {
        const other = b.column(table, column.def.id) as ColumnState;
        return compared(
          {
            id: table === 'runs' ? column.def.id : `${table}.${column.def.id}`,
            label: column.def.label,
            unit: column.unit.text,
          },
          [aggregateNodeOf(a, table, column).result.value, aggregateNodeOf(b, table, other).result.value],
          [samplers[0].node(totalNode(a, table, column)), samplers[1].node(totalNode(b, table, other))],
          column.unit.scale,
        );
      }),
  );
  return [
    ...rows,
    compared(
      { id: PROGRAMME_COST, label: 'Programme cost', unit: a.plan.settings.currency },
      [programmeCost(a), programmeCost(b)],
      [programmeSamples(a, samplers[0]), programmeSamples(b, samplers[1])],
      1,
    ),
  ];
}

/** Commands by group of drivers: cells of one column change together; rows that come or go are one group. */
function commandGroups(a: Plan, b: Plan): Map<string, Command[]> {
  const groups = new Map<string, Command[]>();
  const add = (group: string, command: Command): void =>
    void groups.set(group, [...(groups.get(group) ?? []), command]);
  for (const table of Object.keys(a.tables) as TableId[]) {
    const rowsA = new Map(a.tables[table].map((row, at) => [row.key, { row, at }]));
    const rowsB = new Map(b.tables[table].map((row, at) => [row.key, { row, at }]));
    for (const [key, { row, at }] of rowsB) {
      const before = rowsA.get(key);
      if (!before) {
        add(`rows of ${table}`, { row: [table, key], to: { at, cells: row.cells } });
        continue;
      }
      for (const column of new Set([...Object.keys(before.row.cells), ...Object.keys(row.cells)])) {
        const to = row.cells[column] ?? null;
        if ((before.row.cells[column] ?? null) !== to)
          add(table === 'assumptions' ? key : column, { set: [table, key, column], to });
      }
    }
    for (const key of rowsA.keys()) if (!rowsB.has(key)) add(`rows of ${table}`, { row: [table, key], to: null });
    for (const id of new Set([...Object.keys(a.columns[table] ?? {}), ...Object.keys(b.columns[table] ?? {})])) {
      const to = b.columns[table]?.[id] ?? null;
      if (JSON.stringify(a.columns[table]?.[id] ?? null) !== JSON.stringify(to)) add(id, { column: [table, id], to });
    }
  }
  return groups;
}

/**
 * Rows that come or go change the cost together with the cells that refer to them: a run on a cluster that is gone has no
 * price, so the two cannot be changed one after the other.
 */
function withReferences(groups: Map<string, Command[]>, a: Plan): Map<string, Command[]> {
  const merged = new Map(groups);
  for (const [name, commands] of groups) {
    const keys = new Set(commands.flatMap((command) => ('row' in command ? [command.row[1]] : [])));
    if (keys.size === 0) continue;
    for (const [other, own] of merged) {
      if (other === name || !own.some((command) => 'set' in command && refers(command, a, keys))) continue;
      merged.set(name, [...(merged.get(name) ?? []), ...own]);
      merged.delete(other);
    }
  }
  return merged;
}

function refers(command: Command & { set: unknown }, a: Plan, keys: ReadonlySet<string>): boolean {
  const { set, to } = command as Extract<Command, { set: unknown }>;
  const [table, row, column] = set;
  const before = a.tables[table].find((own) => own.key === row)?.cells[column];
  return [before, to].some((text) => typeof text === 'string' && keys.has(text));
}

/** Every cell whose text differs, as people read it. */
export function changedCells(a: Plan, b: Plan): { cell: string; a: string; b: string }[] {
  return [...commandGroups(a, b).values()].flat().map((command) => {
    if ('set' in command) {
      const [table, key, column] = command.set;
      return {
        cell: command.set.join('.'),
        a: a.tables[table].find((row) => row.key === key)?.cells[column] ?? '',
        b: command.to ?? '',
      };
    }
    if ('row' in command)
      return { cell: command.row.join('.'), a: command.to ? '' : 'row', b: command.to ? 'row' : '' };
    if ('column' in command)
      return {
        cell: command.column.join('.'),
        a: a.columns[command.column[0]]?.[command.column[1]]?.formula ?? '',
        b: command.to?.formula ?? '',
      };
    return { cell: '', a: '', b: '' };
  });
}

/** Programme cost: included runs, cost lines, and what of clusters no run bears. NaN when unknown. */
export function programmeCost(sheet: Sheet): number {
  const sum = PROGRAMME_COLUMNS.reduce((total, [table, id]) => {
    const column = sheet.column(table, id);
    return total + (column ? aggregateNodeOf(sheet, table, column).result.value : 0);
  }, 0);
  return roundToCent(sum);
}

/** Samples of the programme cost, in currency units; one number when it does not vary. */
export function programmeSamples(sheet: Sheet, sampler: Sampler): number | Float64Array {
  const parts = PROGRAMME_COLUMNS.flatMap(([table, id]) => {
    const column = sheet.column(table, id);
    return column ? [sampler.node(totalNode(sheet, table, column))] : [];
  });
  const fixed = parts.reduce<number>((sum, part) => sum + (typeof part === 'number' ? part : 0), 0);
  const varying = parts.filter((part) => typeof part !== 'number');
  const [first] = varying;
  if (!first) return fixed;
  const sum = new Float64Array(first.length).fill(fixed);
  for (const part of varying) for (let i = 0; i < sum.length; i++) (sum[i] as number) += part[i] as number;
  return sum;
}

/**
 * Shapley split of the change in programme cost from `a` to `b` over groups of drivers, in currency units; sums exactly.
 * `evaluate` builds and recalculates a sheet. Empty when a cost on the way is unknown.
 */
export function bridgeBetween(a: Plan, b: Plan, evaluate: (plan: Plan) => Sheet): { label: string; amount: number }[] {
  const groups = [...withReferences(commandGroups(a, b), a)];
  if (groups.length === 0) return [];
  try {
    const bridge = costBridge(
      groups.map(([name]) => name),
      (changed) => {
        // Rows that come are placed before cells of theirs are set; rows that go leave last.
        const commands = groups.flatMap(([, list], i) => (changed[i] ? list : []));
        const order = (command: Command): number => ('row' in command && command.to ? 0 : 'row' in command ? 2 : 1);
        const plan = applyCommands(
          a,
          commands.sort((x, y) => order(x) - order(y)),
        ).plan;
        return Math.round(programmeCost(evaluate(plan)) * 100);
      },
    );
    return bridge.bars.map((bar) => ({ label: bar.group, amount: bar.delta / 100 }));
  } catch (error) {
    if (error instanceof FlopsheetError) return [];
    throw error;
  }
}
