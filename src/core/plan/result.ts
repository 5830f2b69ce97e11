/** An evaluated plan as JSON: what `flopsheet plan --json` prints and scripts read. Keys and units are a contract. */
import { formatMonth, monthAt, overlapHours, SECONDS_PER_DAY } from '../finance/calendar.ts';
import { programmeCost } from '../sheet/compare.ts';
import { catalogRow } from '../sheet/catalog.ts';
import { allProblems, cellProblemOf } from '../sheet/diagnose.ts';
import { plainValue } from '../sheet/render.ts';
import type { Sheet } from '../sheet/sheet.ts';
import type { Spreads } from '../sheet/spreads.ts';
import { cellAddress, cellProblem, type ColumnState, type TableState } from '../sheet/state.ts';
import { aggregateNodeOf } from '../sheet/totals.ts';
import type { CellProblem, Spread } from '../sheet/view.ts';

type Value = number | string | boolean | null;

export interface PlanResult {
  readonly name: string;
  readonly currency: string;
  readonly seed: number;
  readonly samples: number;
  /** One per run: `key`, each column id, and `uncertainty` by column id. */
  readonly runs: readonly Readonly<Record<string, unknown>>[];
  /** Sum of every column that has one, and `uncertainty`. */
  readonly totals: Readonly<Record<string, unknown>>;
  /** Runs and cost lines together, in the plan's currency; null when a part is unknown. */
  readonly programme_cost: number | null;
  readonly costs: readonly Readonly<Record<string, unknown>>[];
  readonly months: readonly Readonly<Record<string, number | string>>[];
  readonly notes: readonly string[];
}

/** Rows of a table with values in column units. */
function rowsOf(sheet: Sheet, table: TableState, spreads: Spreads): Record<string, unknown>[] {
  return table.keys.map((key, row) => {
    const out: Record<string, unknown> = { key };
    const uncertainty: Record<string, Spread> = {};
    for (const column of table.columns) {
      if (column.def.id === 'key') continue;
      out[column.def.id] = plainValue(sheet, column, row) satisfies Value;
      const spread = column.type.is === 'number' ? spreads.ofCell(column, row) : undefined;
      if (spread) uncertainty[column.def.id] = spread;
    }
    out['uncertainty'] = uncertainty;
    return out;
  });
}

function knownOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Totals of the runs that count, by column id in the column's unit, and `uncertainty` by column id. */
export function planTotals(sheet: Sheet, spreads: Spreads): Record<string, unknown> {
  const table = sheet.state.tables.runs;
  const out: Record<string, unknown> = {};
  const uncertainty: Record<string, Spread> = {};
  for (const column of table.columns) {
    if (!column.def.total) continue;
    const value = aggregateNodeOf(sheet, table.id, column).result.value / column.unit.scale;
    out[column.def.id] = knownOrNull(value);
    const spread = spreads.ofTotal(table.id, column);
    if (spread && spread.p10 < spread.p90) uncertainty[column.def.id] = spread;
  }
  return { ...out, uncertainty };
}

/** Cells of the plan that no column reads: kept, and without effect. */
function unknownCells(sheet: Sheet): string[] {
  return Object.values(sheet.state.tables).flatMap((table) =>
    sheet.plan.tables[table.id].flatMap((row) =>
      Object.keys(row.cells)
        .filter((id) => !table.byId.has(id))
        .map((id) => `${table.id}.${row.key}.${id}: there is no such column; the cell is kept but has no effect`),
    ),
  );
}

/** For every empty cell that leaves others unknown: the columns of its row that wait for it. */
function waitingFor(sheet: Sheet, table: TableState): Map<string, string[]> {
  const waiting = new Map<string, string[]>();
  for (const column of table.columns) {
    if (column.type.is === 'text' || column.type.is === 'reference') continue;
    for (let row = 0; row < table.keys.length; row++) {
      if (Number.isFinite(column.values[row] as number)) continue;
      const problem = cellProblemOf(sheet, column, row);
      if (problem?.code !== 'EMPTY' || problem.root === cellAddress(table.id, table.keys[row] ?? '', column.def.id))
        continue;
      waiting.set(problem.root, [...(waiting.get(problem.root) ?? []), column.def.id]);
    }
  }
  return waiting;
}

/** Why values are null, each cause once, and what has no effect. */
function notesOf(sheet: Sheet): string[] {
  const notes = allProblems(sheet).map(
    (problem) => `${problem.root}: ${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`,
  );
  for (const [root, ids] of waitingFor(sheet, sheet.state.tables.runs))
    notes.push(`${root} is empty, so ${[...new Set(ids)].join(', ')} ${ids.length === 1 ? 'is' : 'are'} unknown`);
  return [...notes, ...unknownCells(sheet)];
}

/**
 * What somebody has to mend before the plan can be relied on: cells that cannot be read or computed, keys the catalog does
 * not have, and empty cells without which a run that counts has no total cost. What nobody knows is not among them.
 */
export function planMistakes(sheet: Sheet): CellProblem[] {
  const mistakes = allProblems(sheet).filter((problem) => problem.code !== 'UNKNOWN');
  const { runs } = sheet.state.tables;
  const total = runs.byId.get('total_cost');
  const included = runs.byId.get('included')?.values;
  for (let row = 0; row < runs.keys.length; row++) {
    for (const column of runs.columns) {
      const entry = column.entries.get(row);
      if (column.type.is !== 'reference' || !entry || !Number.isFinite(column.values[row] as number)) continue;
      const key = sheet.state.texts.text(column.values[row] as number);
      const kind = column.def.reference;
      if (!kind || key === '' || !sheet.state.options.catalog.has(kind)) continue;
      if (!catalogRow(sheet.state.options.catalog, kind, key))
        mistakes.push({
          ...cellProblem(
            'NAME',
            `there is no ${kind.replaceAll('_', ' ')} "${key}" in the catalog`,
            'choose one from the catalog, or add it there',
            cellAddress('runs', runs.keys[row] ?? '', column.def.id),
          ),
        });
    }
    if (!total || included?.[row] === 0 || Number.isFinite(total.values[row] as number)) continue;
    const problem = cellProblemOf(sheet, total, row);
    if (problem?.code === 'EMPTY') mistakes.push(problem);
  }
  return mistakes;
}

const CATEGORIES: readonly (readonly [column: string, category: string])[] = [
  ['compute_cost', 'compute'],
  ['energy_cost', 'energy'],
  ['storage_cost', 'storage'],
  ['other_cost', 'other'],
  ['contingency_cost', 'contingency'],
];

/**
 * Central cost by month and category: each line of a dated run or cost line is spread evenly over its hours, in whole
 * cents, so that the months sum to the line exactly. Undated lines are named in `notes`.
 */
function monthsOf(sheet: Sheet, notes: string[]): Record<string, number | string>[] {
  const months = new Map<string, Map<string, number>>();
  const add = (month: string, category: string, cents: number): void => {
    const own = months.get(month) ?? new Map<string, number>();
    own.set(category, (own.get(category) ?? 0) + cents);
    months.set(month, own);
  };
  const spread = (address: string, start: number, end: number, lines: readonly (readonly [string, number])[]): void => {
    const known = lines.filter(([, amount]) => Number.isFinite(amount) && amount !== 0);
    if (known.length === 0) return;
    if (!Number.isFinite(start) || !Number.isFinite(end)) {
      notes.push(`${address} has cost but no dates: it is in the totals, not in the months`);
      return;
    }
    const parts = monthShares(start, Math.max(end, start + 1 / 24));
    for (const [category, amount] of known) {
      const cents = Math.round(amount * 100);
      let before = 0;
      let share = 0;
      for (const part of parts) {
        share += part.share;
        const upTo = part === parts[parts.length - 1] ? cents : Math.round(cents * share);
        add(part.month, category, upTo - before);
        before = upTo;
      }
    }
  };
  const value = (table: TableState, id: string, row: number): number => {
    const column = table.byId.get(id) as ColumnState;
    return (column.values[row] as number) / (column.type.is === 'date' ? 1 : column.unit.scale);
  };
  const { runs, costs } = sheet.state.tables;
  runs.keys.forEach((key, row) => {
    if (runs.byId.get('included')?.values[row] === 0) return;
    spread(
      `runs.${key}`,
      value(runs, 'start_date', row),
      value(runs, 'end_date', row),
      CATEGORIES.map(([id, category]) => [category, value(runs, id, row)] as const),
    );
  });
  costs.keys.forEach((key, row) => {
    if (costs.byId.get('included')?.values[row] === 0) return;
    const category = sheet.state.texts.text(costs.byId.get('category')?.values[row] ?? 0) || 'other';
    spread(`costs.${key}`, value(costs, 'start_date', row), value(costs, 'end_date', row), [
      [category, value(costs, 'amount', row)],
    ]);
  });
  return [...months]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, cents]) => ({
      month,
      ...Object.fromEntries([...cents].map(([category, amount]) => [category, amount / 100])),
    }));
}

/** Share of an interval of days in each of its months, by hours. */
function monthShares(start: number, end: number): { month: string; share: number }[] {
  const [from, to] = [start * SECONDS_PER_DAY, end * SECONDS_PER_DAY];
  const hours = (to - from) / 3600;
  const parts: { month: string; share: number }[] = [];
  for (let month = monthAt(from); month <= monthAt(to); month++) {
    const own = overlapHours(from, to, month);
    if (own > 0) parts.push({ month: formatMonth(month), share: own / hours });
  }
  return parts;
}

/** The whole result. The sheet is recalculated. */
export function planResult(sheet: Sheet, spreads: Spreads): PlanResult {
  const notes = notesOf(sheet);
  const { runs, costs } = sheet.state.tables;
  const months = monthsOf(sheet, notes);
  return {
    ...sheet.plan.settings,
    runs: rowsOf(sheet, runs, spreads),
    totals: planTotals(sheet, spreads),
    programme_cost: knownOrNull(programmeCost(sheet)),
    costs: rowsOf(sheet, costs, spreads),
    months,
    notes,
  };
}
