/** An evaluated plan as JSON: what `flopsheet plan --json` prints and scripts read. Keys and units are a contract. */
import { programmeCost, programmeSamples } from '../sheet/compare.ts';
import { catalogRow } from '../sheet/catalog.ts';
import { allProblems, cellProblemOf } from '../sheet/diagnose.ts';
import { plainValue } from '../sheet/render.ts';
import type { Sheet } from '../sheet/sheet.ts';
import type { Spreads } from '../sheet/spreads.ts';
import { cellAddress, cellProblem, type TableState } from '../sheet/state.ts';
import { aggregateNodeOf } from '../sheet/totals.ts';
import type { CellProblem, Spread } from '../sheet/view.ts';
import { cashTable, type CashTable } from './programme/cash.ts';
import type { ProgrammeLines } from './programme/collect.ts';
import { programmeLines } from './programme/lines.ts';
import { financeSettings, type FinanceSettings } from './programme/settings.ts';
import { budget, drawnCost, spending } from './programme/spending.ts';

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
  /** Runs, cost lines and idle capacity together, in the plan's currency; null when a part is unknown. */
  readonly programme_cost: number | null;
  /** Its percentiles; null where it does not vary or is unknown. */
  readonly programme_cost_uncertainty: Spread | null;
  readonly costs: readonly Readonly<Record<string, unknown>>[];
  readonly capacity: readonly Readonly<Record<string, unknown>>[];
  /** One per deployment: `key` and each column id. */
  readonly serving: readonly Readonly<Record<string, unknown>>[];
  readonly months: readonly Readonly<Record<string, number | string>>[];
  readonly cash: CashResult;
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

/** Percentiles of runs, cost lines and idle capacity together, in the plan's currency; null where nothing varies. */
export function programmeSpread(sheet: Sheet, spreads: Spreads): Spread | null {
  const sampler = spreads.current();
  const samples = programmeSamples(sheet, sampler);
  const spread = typeof samples === 'number' ? undefined : sampler.spread(samples, 1);
  return spread && Number.isFinite(spread.p50) && spread.p10 < spread.p90 ? spread : null;
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

/** The cash table as JSON: amounts in currency units, unknown as null. */
export interface CashResult {
  readonly fiscal_year_start_month: number;
  /** Cash paid and bound, running total with its P50, P80 and P90 where something varies. */
  readonly months: readonly Readonly<Record<string, number | string>>[];
  readonly quarters: readonly Readonly<Record<string, number | string | boolean>>[];
  readonly years: readonly Readonly<Record<string, number | string | boolean>>[];
  readonly total_cost: number;
  readonly total_cash: number;
  readonly undated: number;
  readonly npv: number | null;
  readonly budget: Readonly<Record<string, number | string | null>> | null;
  /** Money cells that are unknown: the sums are of what is known. */
  readonly unknown: readonly string[];
}

/**
 * Central cost by month and category: whole cents, so that the months sum to each line exactly. Lines without dates are
 * named in `notes`.
 */
function monthsOf(programme: ProgrammeLines, table: CashTable, notes: string[]): Record<string, number | string>[] {
  for (const { address } of programme.undated)
    notes.push(`${address} has no dates: it is in the totals, not in the months`);
  return table.months.map((month, i) => ({
    month,
    ...Object.fromEntries(
      table.categories
        .filter((row) => row.view !== 'cash' && row.months[i] !== 0)
        .map((row) => [row.category, (row.months[i] as number) / 100]),
    ),
  }));
}

function cashResult(sheet: Sheet, programme: ProgrammeLines, table: CashTable, settings: FinanceSettings): CashResult {
  const totals = drawnCost(sheet);
  const lines = spending(sheet, programme, table, totals);
  const state = budget(sheet, table, settings.budgetCap, totals);
  const period = (sum: CashTable['years'][number]): Record<string, number | string | boolean> => ({
    period: sum.label,
    from: sum.firstMonth,
    to: sum.lastMonth,
    partial: sum.partial,
    cost: sum.cents / 100,
    cash: sum.cash / 100,
  });
  return {
    fiscal_year_start_month: settings.fiscalYearStartMonth,
    months: table.months.map((month, i) => ({
      month,
      cost: (table.cost[i] as number) / 100,
      cash: (table.cash[i] as number) / 100,
      committed: (table.committedCash[i] as number) / 100,
      cumulative: (table.cumulativeCash[i] as number) / 100,
      ...lines?.lines[i],
    })),
    quarters: table.quarters.map(period),
    years: table.years.map(period),
    total_cost: table.totalCost / 100,
    total_cash: table.totalCash / 100,
    undated: table.undated / 100,
    npv: table.npv ? table.npv.cents / 100 : null,
    budget: state && {
      cap: state.cap / 100,
      planned: state.planned / 100,
      headroom: state.headroom / 100,
      exceeded_in: state.exceededIn,
      probability_over: state.probabilityOver,
    },
    unknown: programme.unknown,
  };
}

/** The whole result. The sheet is recalculated. */
export function planResult(sheet: Sheet, spreads: Spreads): PlanResult {
  const notes = notesOf(sheet);
  const { runs, costs } = sheet.state.tables;
  const settings = financeSettings(sheet);
  for (const { message, hint } of settings.problems) notes.push(`${message} ${hint}`);
  const programme = programmeLines(sheet);
  const table = cashTable(programme, settings);
  const months = monthsOf(programme, table, notes);
  return {
    ...sheet.plan.settings,
    runs: rowsOf(sheet, runs, spreads),
    totals: planTotals(sheet, spreads),
    programme_cost: knownOrNull(programmeCost(sheet)),
    programme_cost_uncertainty: programmeSpread(sheet, spreads),
    costs: rowsOf(sheet, costs, spreads),
    capacity: rowsOf(sheet, sheet.state.tables.capacity, spreads),
    serving: rowsOf(sheet, sheet.state.tables.serving, spreads),
    months,
    cash: cashResult(sheet, programme, table, settings),
    notes,
  };
}
