import { FlopsheetError } from '../errors.ts';
import { fiscalQuarterLabel, fiscalYearLabel, formatMonth, parseMonth, type FiscalCalendar } from './calendar.ts';
import { centsOfExact, Exact, sumCents, type Cents } from './money.ts';

export interface PeriodSum {
  label: string;
  firstMonth: string;
  lastMonth: string;
  /** fewer months than a whole quarter or year, because the horizon cuts it */
  partial: boolean;
  cents: Cents;
}

/** Cents by month summed to fiscal quarters or years; exact. `firstMonth` is `YYYY-MM` of element 0. */
export function sumByPeriod(
  monthly: readonly Cents[],
  firstMonth: string,
  calendar: FiscalCalendar,
  period: 'quarter' | 'year',
): PeriodSum[] {
  const first = parseMonth(firstMonth);
  const label = period === 'year' ? fiscalYearLabel : fiscalQuarterLabel;
  const sums: (PeriodSum & { months: number })[] = [];
  monthly.forEach((cents, i) => {
    const name = label(first + i, calendar);
    const month = formatMonth(first + i);
    const last = sums[sums.length - 1];
    if (last?.label === name) {
      last.lastMonth = month;
      last.cents += cents;
      last.months++;
    } else sums.push({ label: name, firstMonth: month, lastMonth: month, partial: false, cents, months: 1 });
  });
  const whole = period === 'year' ? 12 : 3;
  return sums.map(({ months, ...sum }) => ({ ...sum, partial: months < whole }));
}

/** Running total of cents by month; exact. */
export function cumulative(monthly: readonly Cents[]): Cents[] {
  let sum = 0;
  return monthly.map((cents) => (sum += cents));
}

export interface NpvOptions {
  /** yearly discount rate as a share, 0.08 */
  rate: number;
  /** `effective`: monthly rate (1 + r)^(1/12) - 1; `nominal`: r / 12 */
  compounding?: 'effective' | 'nominal';
  /** when within its month cash is paid */
  paid?: 'month_end' | 'month_start';
}

/**
 * Net present value of cash by month at the start of the first month, rounded once to the cent. Positive cash is
 * spending, so the NPV is a cost. Throws `discount_rate` at -100 % or below. Also gives the discount factors.
 */
export function netPresentValue(
  monthly: readonly Cents[],
  options: NpvOptions,
): { cents: Cents; monthlyRate: number; factors: number[]; exact: string } {
  if (!(options.rate > -1) || !Number.isFinite(options.rate)) {
    throw new FlopsheetError('discount_rate', `A discount rate of ${options.rate} has no present value.`, {
      hint: 'Give a yearly rate as a share, such as 0.08 for 8 %.',
    });
  }
  const rate = new Exact(options.rate);
  const growth = options.compounding === 'nominal' ? rate.div(12).add(1) : rate.add(1).pow(new Exact(1).div(12));
  let factor = options.paid === 'month_start' ? growth : new Exact(1);
  let sum = new Exact(0);
  const factors: number[] = [];
  for (const cents of monthly) {
    factor = factor.div(growth);
    if (options.paid === 'month_start' && factors.length === 0) factor = new Exact(1);
    factors.push(factor.toNumber());
    sum = sum.add(factor.mul(cents));
  }
  const amount = sum.div(100);
  return { cents: centsOfExact(amount), monthlyRate: growth.sub(1).toNumber(), factors, exact: amount.toFixed(12) };
}

/** Cash split by whether it is already bound. The two add up to the cash of each month. */
export function splitCommitted(
  cash: readonly Cents[],
  committed: readonly Cents[],
): { committed: Cents[]; open: Cents[] } {
  return { committed: [...committed], open: cash.map((cents, i) => cents - committed[i]!) };
}

export interface BudgetState {
  cap: Cents;
  planned: Cents;
  headroom: Cents;
  headroomShare: number;
  /** headroom after each month */
  byMonth: Cents[];
  /** first month the running total is above the cap, or null */
  exceededIn: string | null;
  /** share of samples above the cap; null without samples */
  probabilityOver: number | null;
}

/**
 * A plan against a cap. `samples` are totals of a Monte Carlo in currency units (not cents). Throws `budget_cap` for
 * a cap that is negative or unknown.
 */
export function budgetState(
  monthly: readonly Cents[],
  firstMonth: string,
  cap: Cents,
  samples?: ArrayLike<number>,
): BudgetState {
  if (!(cap >= 0) || !Number.isSafeInteger(cap)) {
    throw new FlopsheetError('budget_cap', `A budget cap of ${cap / 100} is not an amount.`, {
      hint: 'Give an amount of 0 or more.',
    });
  }
  const running = cumulative(monthly);
  const planned = sumCents(monthly);
  const over = running.findIndex((cents) => cents > cap);
  return {
    cap,
    planned,
    headroom: cap - planned,
    headroomShare: cap === 0 ? NaN : (cap - planned) / cap,
    byMonth: running.map((cents) => cap - cents),
    exceededIn: over < 0 ? null : formatMonth(parseMonth(firstMonth) + over),
    probabilityOver: samples ? probabilityAbove(samples, cap / 100) : null,
  };
}

/** Share of samples above a limit. NaN if there are none or one is unknown: a missing total is not "below". */
export function probabilityAbove(samples: ArrayLike<number>, limit: number): number {
  let above = 0;
  for (let i = 0; i < samples.length; i++) {
    if (Number.isNaN(samples[i]!)) return NaN;
    if (samples[i]! > limit) above++;
  }
  return samples.length === 0 ? NaN : above / samples.length;
}

/** Quantiles (0 to 1) of samples by linear interpolation (Hyndman and Fan type 7). NaN if a sample is unknown. */
export function quantiles(samples: ArrayLike<number>, at: readonly number[]): number[] {
  const sorted = Float64Array.from(samples).sort();
  const last = sorted.length - 1;
  if (last < 0 || Number.isNaN(sorted[last]!)) return at.map(() => NaN);
  return at.map((quantile) => {
    const position = Math.min(1, Math.max(0, quantile)) * last;
    const low = Math.floor(position);
    return sorted[low]! + (sorted[Math.min(low + 1, last)]! - sorted[low]!) * (position - low);
  });
}

/** P50, P80 and P90 of each month's running total: the budget lines. `samples[i]` holds month i's running totals. */
export function budgetLines(samples: readonly ArrayLike<number>[]): { p50: number; p80: number; p90: number }[] {
  return samples.map((month) => {
    const [p50, p80, p90] = quantiles(month, [0.5, 0.8, 0.9]);
    return { p50: p50!, p80: p80!, p90: p90! };
  });
}
