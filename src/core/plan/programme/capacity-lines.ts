/** What clusters cost and when it is paid. */
import type { Sheet } from '../../sheet/sheet.ts';
import type { LineCollector, ProgrammeLine } from './collect.ts';
import { RowReader } from './row-reader.ts';
import { everyMonth, inMonthOf, splitEvenly, spreadCents } from './spread.ts';

/** Lays the standing cost of every cluster out over its window; purchases and advances are cash on their payment date. */
export function capacityLines(sheet: Sheet, out: LineCollector): void {
  const read = new RowReader(sheet, 'capacity');
  sheet.state.tables.capacity.keys.forEach((key, row) => {
    const from = read.number('available_from', row);
    const to = read.number('available_to', row);
    const paidOn = read.number('paid_date', row);
    const months = read.number('service_months', row);
    const line = (
      column: string,
      category: string,
      rule: string,
      view: ProgrammeLine['view'] = 'both',
    ): Omit<ProgrammeLine, 'months'> => ({
      table: 'capacity',
      row: key,
      column,
      name: read.text('name', row) || key,
      category,
      view,
      committed: true,
      rule,
    });
    const standing = read.number('standing_cost', row);
    const byHours = (column: string, view: ProgrammeLine['view'] = 'both'): void =>
      out.add(line(column, 'reservation', 'spread by the hours of the window in each month', view), standing, (cents) =>
        spreadCents(cents, from, to),
      );
    const paid = read.text('paid', row);
    if (read.replaced('standing_cost', row) || !Number.isFinite(standing) || paid === 'by_hour')
      byHours('standing_cost');
    else if (paid === 'monthly')
      out.add(line('monthly_fee', 'reservation', 'due in every month the window touches'), standing, (cents) =>
        splitEvenly(cents, from, months),
      );
    else if (paid === 'prepaid') {
      byHours('upfront_fee', 'cost');
      out.add(line('upfront_fee', 'advance', 'paid in advance', 'cash'), standing, (cents) => inMonthOf(cents, paidOn));
    } else if (paid === 'purchase') {
      out.add(line('capex', 'capex', 'paid on the payment date', 'cash'), read.number('capex', row), (cents) =>
        inMonthOf(cents, paidOn),
      );
      for (const [column, category, view, most] of [
        ['depreciation_month', 'depreciation', 'cost', read.number('life_months', row)],
        ['colo_month', 'colocation', 'both', Number.POSITIVE_INFINITY],
        ['maintenance_month', 'maintenance', 'both', Number.POSITIVE_INFINITY],
        ['staff_month', 'cluster_staff', 'both', Number.POSITIVE_INFINITY],
      ] as const)
        out.add(line(column, category, 'in every month in service', view), read.number(column, row), (cents) =>
          everyMonth(cents, from, Math.min(months, most)),
        );
    }
  });
}
