import { formatMonth } from './calendar.ts';
import { centsOf, type Cents } from './money.ts';
import { quantityInMonth } from './scheduled-lines.ts';

/** A cost that comes every month: quantity x factor of the month x price (x rate of the month), rounded once a month. */
export interface MonthlyLine {
  quantity: number;
  /** factor on the quantity in a month (month number) */
  factor: (month: number) => number;
  stepPerMonth: number;
  maxQuantity: number;
  /** price of one, in the line's currency */
  price: number;
  /** units of the plan's currency for one of the line's, in a month */
  rate: (month: number) => number;
  firstMonth: number;
  /** included */
  lastMonth: number;
}

export interface MonthlyPart {
  month: number;
  quantity: number;
  rate: number;
  cents: Cents;
}

/** Most months a line may have: a hundred years. */
export const LONGEST_LINE = 1200;

/**
 * The leaves of a monthly line. An unknown quantity, price or rate gives `null` with the month it is missing in; the
 * caller says so. Empty when the last month is before the first.
 */
export function monthlyParts(line: MonthlyLine): { parts: MonthlyPart[] } | { unknownIn: string; what: string } {
  const parts: MonthlyPart[] = [];
  for (let month = line.firstMonth; month <= line.lastMonth; month++) {
    const grown = quantityInMonth(line.quantity, line.stepPerMonth, line.maxQuantity, month - line.firstMonth);
    const quantity = grown * line.factor(month);
    const rate = line.rate(month);
    if (!Number.isFinite(rate)) return { unknownIn: formatMonth(month), what: 'exchange rate' };
    if (!Number.isFinite(quantity * line.price)) return { unknownIn: formatMonth(month), what: 'quantity' };
    parts.push({
      month,
      quantity,
      rate,
      cents: centsOf(rate === 1 ? [quantity, line.price] : [quantity, line.price, rate]),
    });
  }
  return { parts };
}
