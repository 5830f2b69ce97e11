/** Cost lines by month: monthly ones leaf by leaf, others over their dates, contingency along with what it stands for. */
import type { Cents } from '../../finance/money.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import { monthsOfLine } from '../functions/cost-line.ts';
import type { LineCollector, MonthParts } from './collect.ts';
import { RowReader } from './row-reader.ts';
import { inMonthOf, splitCents, spreadCents } from './spread.ts';

const SILENT = { because: (): void => undefined };

export function costLines(sheet: Sheet, out: LineCollector): void {
  const read = new RowReader(sheet, 'costs');
  const { currency } = sheet.plan.settings;
  const late: (() => void)[] = [];
  sheet.state.tables.costs.keys.forEach((key, row) => {
    if (read.number('included', row) === 0) return;
    const category = read.text('category', row) || 'other';
    const from = read.number('start_date', row);
    const to = read.number('end_date', row);
    const foreign = read.text('currency', row) !== currency;
    const monthly = read.text('repeat', row) === 'monthly';
    const leaves = (monthly || foreign) && !read.replaced('amount', row);
    const follows = category === 'contingency' && !Number.isFinite(from);
    const line = {
      table: 'costs' as const,
      row: key,
      column: 'amount',
      name: read.text('name', row) || key,
      category,
      view: 'both' as const,
      committed: read.number('committed', row) === 1,
      rule: leaves
        ? 'each month rounded once to the cent'
        : follows
          ? 'in proportion to all other costs of each month'
          : 'spread by the hours from its first to its last day',
    };
    const layOut = (cents: Cents): MonthParts | null => {
      if (follows) return alongWith(out, cents);
      if (!leaves) return Number.isFinite(to) ? spreadCents(cents, from, to + 1) : inMonthOf(cents, from);
      const parts = monthsOfLine(
        {
          quantity: read.number('quantity', row),
          factor: read.text('by_month', row),
          step: read.number('step_per_month', row),
          largest: read.number('max_quantity', row),
          price: read.number(foreign ? 'currency_price' : 'unit_cost', row),
          rate: foreign ? read.text('exchange_rate', row) : null,
          from,
          to: monthly ? to : from,
        },
        SILENT,
      );
      const [start] = parts ?? [];
      return parts && start ? { first: start.month, cents: parts.map((part) => part.cents) } : null;
    };
    const add = (): void => {
      out.add(line, read.number('amount', row), layOut);
      const amount = Math.round(read.number('amount', row) * 100);
      out.add(
        { ...line, column: 'contingency_cost', category: 'contingency', committed: false, rule: 'along with its line' },
        read.number('contingency_cost', row),
        (cents) => {
          const months = amount === 0 ? null : layOut(amount);
          return months && { first: months.first, cents: splitCents(cents, months.cents) };
        },
      );
    };
    if (follows) late.push(add);
    else add();
  });
  for (const add of late) add();
}

/** Months in proportion to the cost of what is there already; null when there is nothing to follow. */
function alongWith(out: LineCollector, cents: Cents): MonthParts | null {
  const costs = out.lines.filter((line) => line.view !== 'cash');
  if (costs.length === 0) return null;
  const first = Math.min(...costs.map((line) => line.months.first));
  const end = Math.max(...costs.map((line) => line.months.first + line.months.cents.length));
  const weights = new Array<number>(end - first).fill(0);
  for (const { months } of costs)
    months.cents.forEach(
      (part, i) => (weights[months.first - first + i] = (weights[months.first - first + i] ?? 0) + part),
    );
  return weights.some((weight) => weight < 0) || weights.every((weight) => weight === 0)
    ? null
    : { first, cents: splitCents(cents, weights) };
}
