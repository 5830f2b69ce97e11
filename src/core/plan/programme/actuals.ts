/**
 * Plan against what happened: by month and by run, with the forecast finish, the estimate at completion and, where the log
 * tells productive hours, the split of the error into MFU, goodput, price and scope.
 */
import { formatMonth, monthOfDay, monthStart, SECONDS_PER_DAY } from '../../finance/calendar.ts';
import {
  estimateAtCompletion,
  factorsFromActuals,
  forecastFinish,
  planVersusActual,
  postMortem,
  type ActualRow,
  type Completion,
  type MonthVariance,
  type PostMortem,
} from '../../finance/actuals.ts';
import type { Cents } from '../../finance/money.ts';
import { FlopsheetError } from '../../errors.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import type { CashTable } from './cash.ts';
import { RowReader } from './row-reader.ts';

export interface RunReview {
  readonly key: string;
  readonly name: string;
  readonly tokensPlanned: number | null;
  readonly tokensDone: number | null;
  readonly chipHoursPlanned: number | null;
  readonly chipHoursDone: number | null;
  readonly completion: Completion | null;
  /** Planned and forecast end (days since 1970-01-01). */
  readonly plannedEnd: number | null;
  readonly forecastEnd: number | null;
  readonly postMortem: PostMortem | null;
  /** What is missing for a part that is null, in words. */
  readonly missing: readonly string[];
}

export interface ActualsReview {
  readonly months: readonly MonthVariance[];
  readonly runs: readonly RunReview[];
  readonly planned: Cents;
  readonly spent: Cents;
  /** Rows without a usable month. */
  readonly ignored: readonly string[];
}

interface Row extends ActualRow {
  readonly monthNumber: number;
  readonly productive: number | null;
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Sum of what is known; null when nothing is. */
function total(values: readonly (number | null)[]): number | null {
  const found = values.filter((value) => value !== null);
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0);
}

function rowsOf(sheet: Sheet): { rows: Row[]; ignored: string[] } {
  const read = new RowReader(sheet, 'actuals');
  const rows: Row[] = [];
  const ignored: string[] = [];
  sheet.state.tables.actuals.keys.forEach((key, row) => {
    const day = read.number('month', row);
    if (!Number.isFinite(day)) return void ignored.push(`actuals.${key}`);
    const invoice = known(read.number('invoice', row));
    rows.push({
      month: formatMonth(monthOfDay(day)),
      monthNumber: monthOfDay(day),
      run: read.text('run', row) || null,
      chipHours: known(read.number('chip_hours', row)),
      productive: known(read.number('productive_chip_hours', row)),
      tokens: known(read.number('tokens', row)),
      cents: invoice === null ? null : Math.round(invoice * 100),
    });
  });
  return { rows, ignored };
}

/** Reviews the actuals table against the plan. The sheet is recalculated. */
export function actualsReview(sheet: Sheet, table: CashTable): ActualsReview {
  const { rows, ignored } = rowsOf(sheet);
  const invoices = rows.filter((row) => row.cents !== null);
  const runs = new RowReader(sheet, 'runs');
  const months =
    table.months.length > 0 || rows.length > 0
      ? planVersusActual(table.cost, table.months[0] ?? (rows[0]?.month as string), rows)
      : [];
  return {
    months,
    runs: sheet.state.tables.runs.keys.flatMap((key, row) => {
      const own = rows.filter((actual) => actual.run === key);
      return own.length === 0 ? [] : [reviewRun(runs, key, row, own)];
    }),
    planned: table.totalCost,
    spent: invoices.reduce((sum, row) => sum + (row.cents ?? 0), 0),
    ignored,
  };
}

function reviewRun(read: RowReader, key: string, row: number, own: readonly Row[]): RunReview {
  const missing: string[] = [];
  const tokensPlanned = known(read.number('tokens_seen', row) * read.number('count', row));
  const tokensDone = total(own.map((actual) => actual.tokens));
  const chipHoursDone = total(own.map((actual) => actual.chipHours));
  const productive = total(own.map((actual) => actual.productive));
  const spent = total(own.map((actual) => actual.cents));
  const budget = known(read.number('total_cost', row));
  const share =
    tokensPlanned !== null && tokensDone !== null && tokensPlanned > 0 ? Math.min(1, tokensDone / tokensPlanned) : null;
  if (share === null) missing.push('tokens trained tell how much is done');
  if (spent === null) missing.push('an invoice tells what was spent');
  const completion =
    budget !== null && spent !== null && spent >= 0 && share !== null
      ? estimateAtCompletion(Math.round(budget * 100), spent, share)
      : null;
  return {
    key,
    name: read.text('name', row) || key,
    tokensPlanned,
    tokensDone,
    chipHoursPlanned: known(read.number('chip_hours', row)),
    chipHoursDone,
    completion,
    plannedEnd: known(read.number('end_date', row)),
    forecastEnd: tokensPlanned === null || tokensDone === null ? null : finish(tokensPlanned, tokensDone, own),
    postMortem: split(read, row, { tokensPlanned, tokensDone, chipHoursDone, productive, spent, share }, missing),
    missing,
  };
}

/** At the pace of the last month with tokens, from the end of that month. */
function finish(planned: number, done: number, own: readonly Row[]): number | null {
  const last = own.reduce((high, actual) => (actual.tokens ? Math.max(high, actual.monthNumber) : high), -Infinity);
  if (!Number.isFinite(last)) return null;
  const inLast = total(own.filter((actual) => actual.monthNumber === last).map((actual) => actual.tokens)) ?? 0;
  const [from, to] = [monthStart(last), monthStart(last + 1)];
  const end = forecastFinish(to, planned, Math.min(done, planned), inLast, to - from);
  return end === null ? null : end / SECONDS_PER_DAY;
}

interface Done {
  readonly tokensPlanned: number | null;
  readonly tokensDone: number | null;
  readonly chipHoursDone: number | null;
  readonly productive: number | null;
  readonly spent: number | null;
  readonly share: number | null;
}

/**
 * The error of the compute cost so far, split. A run that is not finished is held against its plan for the same work, so
 * that scope is no error yet; a finished one against the whole plan.
 */
function split(read: RowReader, row: number, done: Done, missing: string[]): PostMortem | null {
  const { tokensPlanned, tokensDone, chipHoursDone, productive, spent, share } = done;
  const [flop, ideal, billed, peak, mfu, cost] = [
    read.number('train_flop', row),
    read.number('ideal_chip_hours', row),
    read.number('chip_hours', row),
    read.column('peak_flop_per_s').values[row] as number,
    read.number('mfu', row),
    read.number('compute_cost', row),
  ];
  if (productive === null) missing.push('productive chip-hours tell MFU and goodput apart');
  if (!tokensPlanned || !tokensDone || !chipHoursDone || !productive || !spent || share === null) return null;
  const finished = read.text('status', row) === 'done';
  const scope = finished ? 1 : share;
  try {
    return postMortem(
      { flop: flop * scope, peakFlopPerS: peak, mfu, goodput: ideal / billed, pricePerChipHour: cost / billed },
      factorsFromActuals({
        flop: (flop * tokensDone) / tokensPlanned,
        peakFlopPerS: peak,
        chipHours: chipHoursDone,
        productiveChipHours: productive,
        cents: spent,
      }),
    );
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    missing.push(`${error.message} ${error.hint}`);
    return null;
  }
}
