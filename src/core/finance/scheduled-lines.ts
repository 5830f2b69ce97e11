import { parseMonth } from './calendar.ts';
import { createRateTable, rateInMonth } from './exchange.ts';
import { centsOf, roundProduct } from './money.ts';
import type { MoneyLine, ProgrammeInput } from './programme-types.ts';
import type { Horizon } from './supply-lines.ts';

/**
 * Lines of people, data, storage, egress and whatever else comes by month: quantity x unit price x that month's rate,
 * rounded once after conversion. Months outside the horizon are left out. Throws `rate_missing` naming the month.
 */
export function scheduledLines(input: ProgrammeInput, horizon: Horizon): MoneyLine[] {
  const rates = createRateTable(input.rates);
  const lines: MoneyLine[] = [];
  for (const cost of input.costs) {
    const first = parseMonth(cost.firstMonth);
    const last = parseMonth(cost.lastMonth ?? cost.firstMonth);
    const currency = cost.currency ?? input.currency;
    const from = Math.max(first, horizon.first);
    const to = Math.min(last, horizon.first + horizon.months - 1);
    for (let month = from; month <= to; month++) {
      const quantity = quantityInMonth(
        cost.quantity,
        cost.stepPerMonth ?? 0,
        cost.maxQuantity ?? Number.POSITIVE_INFINITY,
        month - first,
      );
      const rate = rateInMonth(rates, currency, input.currency, month);
      const factors = [quantity, cost.unitPrice];
      if (rate.multiply !== 1) factors.push(rate.multiply);
      lines.push({
        category: cost.category,
        month: month - horizon.first,
        cents: centsOf(factors, rate.divide === 1 ? [] : [rate.divide]),
        view: 'both',
        origin: cost.key,
        run: cost.run ?? null,
        quantity,
        unit: cost.unit,
        unitPrice: cost.unitPrice,
        rate: rate.multiply / rate.divide,
        currency,
        source: rate.row?.source ? `${cost.source ?? ''} ${rate.row.source}`.trim() : (cost.source ?? ''),
        committed: cost.committed ?? false,
      });
    }
  }
  return lines;
}

/** Contingency: a share of the month's rounded leaves of the named categories, spent in the same month. */
export function contingencyLines(input: ProgrammeInput, lists: readonly (readonly MoneyLine[])[]): MoneyLine[] {
  const { contingency } = input;
  if (!contingency) return [];
  const named = new Set(contingency.categories);
  const base = new Array<number>(input.months).fill(0);
  for (const lines of lists)
    for (const line of lines) if (line.view !== 'cash' && named.has(line.category)) base[line.month]! += line.cents;
  return base.map((cents, month) => ({
    category: 'contingency',
    month,
    cents: roundProduct([contingency.rate, cents]),
    view: 'both',
    origin: 'contingency',
    run: null,
    quantity: cents / 100,
    unit: input.currency,
    unitPrice: contingency.rate,
    rate: 1,
    currency: input.currency,
    source: '',
    committed: false,
  }));
}

/** Quantity in the n-th month of a line: it grows by a step up to a largest value and never falls below 0. */
export function quantityInMonth(quantity: number, step: number, largest: number, monthsSinceFirst: number): number {
  return Math.max(0, Math.min(quantity + step * monthsSinceFirst, largest));
}
