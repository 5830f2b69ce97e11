/** A cost line month by month: what the functions of the cost table sum and the cash table shows. */
import { daysInMonth, firstDayOfMonth, monthOfDay } from '../../finance/calendar.ts';
import { LONGEST_LINE, monthlyParts, type MonthlyPart } from '../../finance/monthly-line.ts';
import type { LibraryContext } from '../../formula/function.ts';
import { scheduleAt, scheduleSteps } from '../../formula/schedule.ts';

/** A schedule as a function of the month: its value on the first day of the month, or on `from` in the month of that. */
function byMonth(text: string, from: number): (month: number) => number {
  const steps = scheduleSteps(text);
  return (month) => scheduleAt(steps, Math.max(firstDayOfMonth(month), Math.min(from, lastDay(month))));
}

const lastDay = (month: number): number => firstDayOfMonth(month) + daysInMonth(month) - 1;

/** A cost line as its row says it; texts of schedules, days since 1970-01-01. */
export interface CostLine {
  readonly quantity: number;
  readonly factor: string;
  readonly step: number;
  readonly largest: number;
  readonly price: number;
  /** null: priced in the plan's currency */
  readonly rate: string | null;
  readonly from: number;
  readonly to: number;
}

/** The months of a line, each rounded once to the cent; null after saying why they are unknown. */
export function monthsOfLine(line: CostLine, context: Pick<LibraryContext, 'because'>): MonthlyPart[] | null {
  const firstMonth = monthOfDay(line.from);
  const lastMonth = monthOfDay(line.to);
  if (lastMonth < firstMonth || line.to < line.from) {
    context.because('the line ends before it starts');
    context.because('swap or correct its dates');
    return null;
  }
  if (lastMonth - firstMonth >= LONGEST_LINE) {
    context.because('the line is longer than a hundred years');
    return null;
  }
  if (line.price < 0 || line.quantity < 0) {
    context.because(line.price < 0 ? 'the price is negative' : 'the quantity is negative');
    context.because('prices and quantities are 0 or more; enter a credit as an actual');
    return null;
  }
  const found = monthlyParts({
    quantity: line.quantity,
    factor: byMonth(line.factor, line.from),
    stepPerMonth: line.step,
    maxQuantity: line.largest,
    price: line.price,
    rate: line.rate === null ? () => 1 : byMonth(line.rate, line.from),
    firstMonth,
    lastMonth,
  });
  if ('parts' in found) return found.parts;
  context.because(`there is no ${found.what} for ${found.unknownIn}`);
  context.because(
    found.what === 'exchange rate'
      ? `add a step dated ${found.unknownIn} or earlier to the rate; no rate is taken to be 1`
      : 'give the schedule an earlier step',
  );
  return null;
}
