import { FlopsheetError } from '../errors.ts';
import { costBridge } from './bridge.ts';
import { formatMonth, parseMonth, SECONDS_PER_DAY } from './calendar.ts';
import { centsOf, roundProduct, sumCents, type Cents } from './money.ts';

/** What really happened to a run or cost row in a month. Unknown parts are null, never 0. */
export interface ActualRow {
  month: string;
  /** run key, or null for a cost of the programme */
  run: string | null;
  chipHours: number | null;
  tokens: number | null;
  /** invoice in the plan's currency */
  cents: Cents | null;
}

export interface MonthVariance {
  month: string;
  planned: Cents;
  actual: Cents | null;
  variance: Cents | null;
  /** variance over planned; null where nothing was planned or nothing is known */
  varianceShare: number | null;
}

/**
 * Plan against actual by month, from the first planned month to the last month either side has. A month without an
 * invoice is null ("not in yet"), never 0. Throws `month_text` for a bad month.
 */
export function planVersusActual(
  planned: readonly Cents[],
  firstMonth: string,
  actuals: readonly ActualRow[],
): MonthVariance[] {
  const first = parseMonth(firstMonth);
  const byMonth = new Map<number, Cents>();
  for (const row of actuals) {
    const month = parseMonth(row.month, `actuals, ${row.run ?? 'programme'}`);
    if (row.cents !== null) byMonth.set(month, (byMonth.get(month) ?? 0) + row.cents);
  }
  const start = Math.min(first, ...byMonth.keys());
  const end = Math.max(first + planned.length - 1, ...byMonth.keys());
  return Array.from({ length: end - start + 1 }, (_, i) => {
    const month = start + i;
    const plan = planned[month - first] ?? 0;
    const actual = byMonth.get(month) ?? null;
    const variance = actual === null ? null : actual - plan;
    return {
      month: formatMonth(month),
      planned: plan,
      actual,
      variance,
      varianceShare: variance === null || plan === 0 ? null : variance / plan,
    };
  });
}

export interface Completion {
  budget: Cents;
  spent: Cents;
  /** budget x share of the scope done */
  earned: Cents;
  /** earned / spent; above 1 is cheaper than planned */
  costIndex: number | null;
  /** estimate at completion */
  estimate: Cents | null;
  /** estimate - spent */
  toComplete: Cents | null;
  /** budget - estimate; negative is an overrun */
  variance: Cents | null;
}

/**
 * Estimate at completion by earned value. `trend`: budget / cost index (what is left costs as what is done did);
 * `plan`: spent + budget left (the deviation was one-off). The share done is tokens (or FLOP) done over planned.
 * Unknown until something is done. Throws `actuals_input`. Source: ANSI/EIA-748, PMI Practice Standard for EVM.
 */
export function estimateAtCompletion(
  budget: Cents,
  spent: Cents,
  shareDone: number,
  method: 'trend' | 'plan' = 'trend',
): Completion {
  if (!(shareDone >= 0 && shareDone <= 1)) throw bad('share done', shareDone, 'Give done over planned scope, 0 to 1.');
  if (!(spent >= 0)) throw bad('spent', spent / 100, 'Give 0 or more.');
  const earned = roundProduct([budget, shareDone]);
  const costIndex = spent > 0 ? earned / spent : null;
  const estimate =
    method === 'plan' ? spent + (budget - earned) : shareDone > 0 ? roundProduct([spent], [shareDone]) : null;
  return {
    budget,
    spent,
    earned,
    costIndex,
    estimate,
    toComplete: estimate === null ? null : estimate - spent,
    variance: estimate === null ? null : budget - estimate,
  };
}

/**
 * Forecast finish (instant, s): from `at`, what is left at the pace of the last `window` seconds. Null while nothing
 * was done in the window: it cannot be known.
 */
export function forecastFinish(
  at: number,
  tokensPlanned: number,
  tokensDone: number,
  doneInWindow: number,
  window = 7 * SECONDS_PER_DAY,
): number | null {
  if (!(tokensPlanned >= 0 && tokensDone >= 0 && window > 0)) throw bad('tokens', tokensDone, 'Give 0 or more.');
  const left = tokensPlanned - tokensDone;
  if (left <= 0) return at;
  return doneInWindow > 0 ? at + (left / doneInWindow) * window : null;
}

/** The factors of a run's compute cost, planned or as they turned out. */
export interface CostFactors {
  /** FLOP of the work done: scope */
  flop: number;
  /** dense peak of one chip (FLOP/s) */
  peakFlopPerS: number;
  mfu: number;
  goodput: number;
  /** price per billed chip-hour */
  pricePerChipHour: number;
}

/** Compute cost = FLOP / (peak x MFU x 3600) / goodput x price (currency units). */
export function costOfFactors(factors: CostFactors): number {
  return (factors.flop / (factors.peakFlopPerS * factors.mfu * 3600) / factors.goodput) * factors.pricePerChipHour;
}

/** The factors behind totals a log and an invoice give: FLOP, useful share of chip-hours, chip-hours and money. */
export function factorsFromActuals(actual: {
  flop: number;
  peakFlopPerS: number;
  chipHours: number;
  /** chip-hours that made progress */
  productiveChipHours: number;
  cents: Cents;
}): CostFactors {
  if (!(actual.productiveChipHours > 0 && actual.chipHours >= actual.productiveChipHours)) {
    throw bad(
      'productive chip-hours',
      actual.productiveChipHours,
      'Give a number above 0 and up to the billed chip-hours.',
    );
  }
  return {
    flop: actual.flop,
    peakFlopPerS: actual.peakFlopPerS,
    mfu: actual.flop / (actual.productiveChipHours * 3600 * actual.peakFlopPerS),
    goodput: actual.productiveChipHours / actual.chipHours,
    pricePerChipHour: actual.cents / 100 / actual.chipHours,
  };
}

export interface PostMortem {
  planned: Cents;
  actual: Cents;
  error: Cents;
  parts: { cause: 'mfu' | 'goodput' | 'price' | 'scope'; cents: Cents }[];
}

/**
 * Splits a run's cost error into MFU, goodput, price and scope (FLOP, and the chip's peak if it changed): the Shapley
 * share of each, whole cents that add up to the error exactly. Throws `actuals_input` for a factor not above 0.
 */
export function postMortem(planned: CostFactors, actual: CostFactors): PostMortem {
  for (const [name, value] of [...Object.entries(planned), ...Object.entries(actual)] as [string, number][]) {
    if (!(value > 0) || !Number.isFinite(value)) throw bad(name, value, 'Give a number above 0, planned and actual.');
  }
  const causes = ['mfu', 'goodput', 'price', 'scope'] as const;
  const bridge = costBridge(causes, ([mfu, goodput, price, scope]) =>
    centsOf([
      costOfFactors({
        mfu: mfu ? actual.mfu : planned.mfu,
        goodput: goodput ? actual.goodput : planned.goodput,
        pricePerChipHour: price ? actual.pricePerChipHour : planned.pricePerChipHour,
        flop: scope ? actual.flop : planned.flop,
        peakFlopPerS: scope ? actual.peakFlopPerS : planned.peakFlopPerS,
      }),
    ]),
  );
  const parts = causes.map((cause, i) => ({ cause, cents: bridge.bars[i]!.delta }));
  return { planned: bridge.from, actual: bridge.to, error: sumCents(parts.map((part) => part.cents)), parts };
}

function bad(name: string, value: number, hint: string): FlopsheetError {
  return new FlopsheetError('actuals_input', `The ${name} is ${value}.`, { hint, where: name });
}
