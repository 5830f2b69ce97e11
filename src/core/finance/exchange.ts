import { FlopsheetError } from '../errors.ts';
import { firstDayOfMonth, formatMonth, parseDate, parseMonth } from './calendar.ts';

/** One dated rate: 1 unit of `from` is `rate` units of `to`. `date` is a month `2027-03` (its average) or a day. */
export interface ExchangeRate {
  from: string;
  to: string;
  date: string;
  rate: number;
  source?: string;
}

export interface RateTable {
  /** `EUR>USD` -> month number -> row */
  byMonth: Map<string, Map<number, ExchangeRate>>;
  /** `EUR>USD` -> rows with a day, oldest first */
  byDay: Map<string, { day: number; row: ExchangeRate }[]>;
}

/** A rate found: multiply by `multiply`, or divide by `divide` when only the opposite direction is on file. */
export interface FoundRate {
  multiply: number;
  divide: number;
  row: ExchangeRate | null;
}

const SAME: FoundRate = { multiply: 1, divide: 1, row: null };

/**
 * Index of dated rates. Throws `rate_invalid` for a rate that is not positive and `rate_twice` when two different
 * rates claim one date: neither is picked silently.
 */
export function createRateTable(rows: readonly ExchangeRate[]): RateTable {
  const table: RateTable = { byMonth: new Map(), byDay: new Map() };
  for (const row of rows) {
    const pair = `${row.from}>${row.to}`;
    const where = `rate ${row.from} to ${row.to}, ${row.date}`;
    if (!(row.rate > 0) || !Number.isFinite(row.rate)) {
      throw new FlopsheetError('rate_invalid', `The exchange rate ${row.rate} for ${row.date} is not positive.`, {
        hint: `Give how many ${row.to} one ${row.from} buys.`,
        where,
      });
    }
    const isMonth = row.date.length === 7;
    const key = isMonth ? parseMonth(row.date, where) : parseDate(row.date, where);
    if (isMonth) {
      const months = table.byMonth.get(pair) ?? new Map<number, ExchangeRate>();
      table.byMonth.set(pair, months);
      refuseSecond(months.get(key), row, where);
      months.set(key, row);
    } else {
      const days = table.byDay.get(pair) ?? [];
      table.byDay.set(pair, days);
      refuseSecond(days.find((entry) => entry.day === key)?.row, row, where);
      days.push({ day: key, row });
    }
  }
  for (const days of table.byDay.values()) days.sort((a, b) => a.day - b.day);
  return table;
}

/**
 * Rate from one currency to another in a month: the month's average row, else the latest day row not after the
 * month's end and at most `maxAgeDays` before its start, else the same of the opposite pair (to divide by). Throws
 * `rate_missing` naming pair and month: no rate is ever assumed to be 1.
 */
export function rateInMonth(table: RateTable, from: string, to: string, month: number, maxAgeDays = 62): FoundRate {
  if (from === to) return SAME;
  const forward = findInMonth(table, `${from}>${to}`, month, maxAgeDays);
  if (forward) return { multiply: forward.rate, divide: 1, row: forward };
  const back = findInMonth(table, `${to}>${from}`, month, maxAgeDays);
  if (back) return { multiply: 1, divide: back.rate, row: back };
  throw new FlopsheetError('rate_missing', `There is no ${from} to ${to} exchange rate for ${formatMonth(month)}.`, {
    hint: `Add a rate row ${from} to ${to} dated ${formatMonth(month)}.`,
    where: `exchange rates, ${formatMonth(month)}`,
  });
}

function findInMonth(table: RateTable, pair: string, month: number, maxAgeDays: number): ExchangeRate | undefined {
  const average = table.byMonth.get(pair)?.get(month);
  if (average) return average;
  const days = table.byDay.get(pair);
  if (!days) return undefined;
  const next = firstDayOfMonth(month + 1);
  for (let i = days.length - 1; i >= 0; i--) {
    const { day, row } = days[i]!;
    if (day >= next) continue;
    return firstDayOfMonth(month) - day <= maxAgeDays ? row : undefined;
  }
  return undefined;
}

function refuseSecond(earlier: ExchangeRate | undefined, row: ExchangeRate, where: string): void {
  if (earlier && earlier.rate !== row.rate) {
    throw new FlopsheetError(
      'rate_twice',
      `Two ${row.from} to ${row.to} rates are dated ${row.date}: ${earlier.rate} and ${row.rate}.`,
      { hint: 'Keep one of them, or give them different dates.', where },
    );
  }
}
