/**
 * Spending under uncertainty: the running total of cash by month in every sample, read as P50, P80 and P90 lines, and the
 * probability that the programme costs more than its cap. Samples are those of the sheet: same seed, same sources.
 */
import { monthStart, parseMonth, SECONDS_PER_DAY } from '../../finance/calendar.ts';
import { budgetLines, budgetState, probabilityAbove, type BudgetState } from '../../finance/cash.ts';
import { programmeSamples } from '../../sheet/compare.ts';
import { Sampler } from '../../sheet/sample.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import type { CashTable } from './cash.ts';
import type { ProgrammeLine, ProgrammeLines } from './collect.ts';
import { RowReader } from './row-reader.ts';

export interface Spending {
  /** Running total of cash at the end of each month, in currency units. */
  readonly lines: readonly { readonly p50: number; readonly p80: number; readonly p90: number }[];
  /** Cost of the whole programme, undated amounts included. */
  readonly total: { readonly p50: number; readonly p80: number; readonly p90: number };
  readonly samples: number;
  /** Probability that a fiscal year's cash is above its cap, by label; only years with a cap. */
  readonly yearsOver: Readonly<Record<string, number>>;
}

/** Rows x months x samples that are computed at once; larger plans draw fewer samples for the monthly lines. */
const WORK = 40_000_000;
const FEWEST = 512;

/** Samples of the programme cost with the plan's own seed and number of samples; one number when nothing varies. */
export function drawnCost(sheet: Sheet): number | Float64Array {
  const { samples, seed } = sheet.plan.settings;
  return programmeSamples(sheet, new Sampler(sheet, { samples, seed }));
}

/** `totals` are those of `drawnCost`. Null when nothing varies. Unknown totals give NaN, which views show as unknown. */
export function spending(
  sheet: Sheet,
  programme: ProgrammeLines,
  table: CashTable,
  totals: number | Float64Array = drawnCost(sheet),
  yearCaps: ReadonlyMap<string, number> = new Map(),
): Spending | null {
  const { samples, seed } = sheet.plan.settings;
  if (typeof totals === 'number' || table.months.length === 0) return null;
  const rows = new Set(programme.lines.map((line) => `${line.table} ${line.row}`)).size;
  const drawn = Math.min(samples, Math.max(FEWEST, Math.floor(WORK / (rows * table.months.length))));
  const running = runningTotals(sheet, programme.lines, table, new Sampler(sheet, { samples: drawn, seed }), drawn);
  const [total] = budgetLines([totals]);
  return {
    lines: budgetLines(running),
    total: total as Spending['total'],
    samples: drawn,
    yearsOver: yearsOver(running, table, yearCaps),
  };
}

/** Cash of a year is the running total at its end less that before its start, sample by sample. */
function yearsOver(
  running: readonly Float64Array[],
  table: CashTable,
  caps: ReadonlyMap<string, number>,
): Record<string, number> {
  const over: Record<string, number> = {};
  for (const year of table.years) {
    const cap = caps.get(year.label);
    if (cap === undefined) continue;
    const end = running[table.months.indexOf(year.lastMonth)] as Float64Array;
    const before = running[table.months.indexOf(year.firstMonth) - 1];
    over[year.label] = probabilityAbove(
      end.map((amount, s) => amount - (before?.[s] ?? 0)),
      cap / 100,
    );
  }
  return over;
}

/** Running totals by month: one vector of samples each. */
function runningTotals(
  sheet: Sheet,
  lines: readonly ProgrammeLine[],
  table: CashTable,
  sampler: Sampler,
  samples: number,
): Float64Array[] {
  const first = parseMonth(table.months[0] as string);
  const ends = table.months.map((_, i) => monthStart(first + i + 1) / SECONDS_PER_DAY);
  const running = ends.map(() => new Float64Array(samples));
  const certain = new Float64Array(ends.length);
  const byRow = new Map<string, ProgrammeLine[]>();
  for (const line of lines) {
    if (line.view === 'cost') continue;
    const name = `${line.table} ${line.row}`;
    byRow.set(name, [...(byRow.get(name) ?? []), line]);
  }
  for (const own of byRow.values()) {
    const [{ table: id, row: key }] = own as [ProgrammeLine];
    const sampled = sampledRow(sheet, sampler, own);
    if (!sampled) {
      for (const line of own) addCertain(line, first, certain);
      continue;
    }
    if (id !== 'runs') {
      const row = sheet.state.tables[id].rowNumber.get(key) as number;
      for (const line of own)
        addScaled(
          line,
          first,
          sampled.get(line.column),
          new RowReader(sheet, id).number(line.column, row),
          running,
          certain,
        );
      continue;
    }
    const row = sheet.state.tables.runs.rowNumber.get(key) as number;
    const start = new RowReader(sheet, 'runs').number('start_date', row);
    const central = new RowReader(sheet, 'runs').number('end_date', row);
    const end = sampled.get('end_date');
    const amount = new Float64Array(samples);
    for (const line of own) {
      const values = sampled.get(line.column);
      const fixed = line.months.cents.reduce((sum, part) => sum + part, 0) / 100;
      for (let s = 0; s < samples; s++) (amount[s] as number) += values ? (values[s] as number) : fixed;
    }
    ends.forEach((monthEnd, m) => {
      const total = running[m] as Float64Array;
      for (let s = 0; s < samples; s++) {
        const days = Math.max((end ? (end[s] as number) : central) - start, 1 / 24);
        (total[s] as number) += (amount[s] as number) * Math.min(1, Math.max(0, (monthEnd - start) / days));
      }
    });
  }
  let before = 0;
  certain.forEach((amount, m) => {
    before += amount;
    const total = running[m] as Float64Array;
    for (let s = 0; s < samples; s++) (total[s] as number) += before;
  });
  return running;
}

/** Copies of the sampled columns of a row that its lines need; null when none of them varies. */
function sampledRow(sheet: Sheet, sampler: Sampler, own: readonly ProgrammeLine[]): Map<string, Float64Array> | null {
  const [{ table: id, row: key }] = own as [ProgrammeLine];
  const table = sheet.state.tables[id];
  const row = table.rowNumber.get(key) as number;
  const wanted = new Set(own.map((line) => line.column));
  if (id === 'runs') wanted.add('end_date');
  const varies = [...wanted].some((column) => table.byId.get(column)?.uncertain[row]);
  if (!varies) return null;
  const found = new Map<string, Float64Array>();
  sampler.row(table, row, (column, samples) => {
    if (wanted.has(column.def.id))
      found.set(
        column.def.id,
        column.type.is === 'date' ? samples.slice() : samples.map((value) => value / column.unit.scale),
      );
  });
  return found;
}

function addCertain(line: ProgrammeLine, first: number, certain: Float64Array): void {
  line.months.cents.forEach((cents, i) => ((certain[line.months.first - first + i] as number) += cents / 100));
}

/** A line that varies keeps its calendar: each month scales with its cell. `central` is the cell's central value. */
function addScaled(
  line: ProgrammeLine,
  first: number,
  values: Float64Array | undefined,
  central: number,
  running: readonly Float64Array[],
  certain: Float64Array,
): void {
  if (!values || central === 0) {
    addCertain(line, first, certain);
    return;
  }
  let before = 0;
  running.forEach((total, m) => {
    before += (line.months.cents[first + m - line.months.first] ?? 0) / 100;
    if (before === 0) return;
    const share = before / central;
    for (let s = 0; s < total.length; s++) (total[s] as number) += share * (values[s] as number);
  });
}

export interface Budget extends BudgetState {
  /** Of the whole programme's cost, from the samples; null when nothing varies. */
  readonly probabilityOver: number | null;
}

/** The plan against its cap; null without a cap. Amounts are cents; the cap holds for cost. */
export function budget(
  sheet: Sheet,
  table: CashTable,
  cap: number | null,
  totals: number | Float64Array = drawnCost(sheet),
): Budget | null {
  if (cap === null) return null;
  const state = budgetState(table.cost, table.months[0] ?? '2000-01', cap);
  const planned = table.totalCost;
  return {
    ...state,
    planned,
    headroom: cap - planned,
    headroomShare: cap === 0 ? Number.NaN : (cap - planned) / cap,
    probabilityOver: typeof totals === 'number' ? null : probabilityAbove(totals, cap / 100),
  };
}
