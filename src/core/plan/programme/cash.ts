/** Cash by month, quarter and fiscal year: the lines of the plan summed by category; committed apart from what can still be stopped. */
import { formatMonth } from '../../finance/calendar.ts';
import { cumulative, netPresentValue, sumByPeriod, type PeriodSum } from '../../finance/cash.ts';
import { sumCents, type Cents } from '../../finance/money.ts';
import type { ProgrammeLine, ProgrammeLines } from './collect.ts';
import type { FinanceSettings } from './settings.ts';

export interface CategoryRow {
  readonly category: string;
  readonly view: ProgrammeLine['view'];
  /** cents by month */
  readonly months: readonly Cents[];
  readonly total: Cents;
}

export interface CashTable {
  /** `YYYY-MM`; empty without any dated amount */
  readonly months: readonly string[];
  readonly categories: readonly CategoryRow[];
  /** Cost (depreciation) and cash (purchases and advances when paid), cents by month. */
  readonly cost: readonly Cents[];
  readonly cash: readonly Cents[];
  readonly committedCash: readonly Cents[];
  readonly cumulativeCash: readonly Cents[];
  readonly quarters: readonly (PeriodSum & { cash: Cents })[];
  readonly years: readonly (PeriodSum & { cash: Cents })[];
  readonly totalCost: Cents;
  readonly totalCash: Cents;
  readonly undated: Cents;
  /** Present value at the start of the first month; null without a discount rate. */
  readonly npv: { readonly cents: Cents; readonly rate: number } | null;
}

/** Order of categories as finance reads them; others follow by name. */
const ORDER = [
  'compute',
  'reservation',
  'advance',
  'capex',
  'depreciation',
  'colocation',
  'maintenance',
  'cluster_staff',
  'energy',
  'storage',
  'data',
  'network',
  'staff',
  'evaluation',
  'post_training',
  'other',
  'contingency',
];

function rank(category: string): number {
  const at = ORDER.indexOf(category);
  return at < 0 ? ORDER.length : at;
}

/** Sums lines by month and category; whole cents, so every total is exact. */
export function cashTable({ lines, undated }: ProgrammeLines, settings: FinanceSettings): CashTable {
  const first = lines.length === 0 ? 0 : lines.reduce((low, line) => Math.min(low, line.months.first), Infinity);
  const end = lines.reduce((high, line) => Math.max(high, line.months.first + line.months.cents.length), first);
  const zeros = (): Cents[] => new Array<Cents>(end - first).fill(0);
  const rows = new Map<string, { category: string; view: ProgrammeLine['view']; months: Cents[] }>();
  const [cost, cash, committed] = [zeros(), zeros(), zeros()];
  for (const { category, view, months, committed: bound } of lines) {
    const name = `${category} ${view}`;
    let row = rows.get(name);
    if (!row) rows.set(name, (row = { category, view, months: zeros() }));
    const shift = months.first - first;
    for (let i = 0; i < months.cents.length; i++) {
      const cents = months.cents[i] as Cents;
      const at = shift + i;
      (row.months[at] as number) += cents;
      if (view !== 'cash') (cost[at] as number) += cents;
      if (view !== 'cost') {
        (cash[at] as number) += cents;
        if (bound) (committed[at] as number) += cents;
      }
    }
  }
  const start = formatMonth(first);
  const calendar = { startMonth: settings.fiscalYearStartMonth };
  const periods = (period: 'quarter' | 'year'): (PeriodSum & { cash: Cents })[] => {
    const cashSums = sumByPeriod(cash, start, calendar, period);
    return sumByPeriod(cost, start, calendar, period).map((sum, i) => ({ ...sum, cash: cashSums[i]?.cents ?? 0 }));
  };
  const present =
    settings.discountRate === null || cash.length === 0
      ? null
      : { cents: netPresentValue(cash, { rate: settings.discountRate }).cents, rate: settings.discountRate };
  const apart = sumCents(undated.map((own) => own.cents));
  return {
    months: cost.map((_, i) => formatMonth(first + i)),
    categories: [...rows.values()]
      .sort((a, b) => rank(a.category) - rank(b.category) || (a.category < b.category ? -1 : 1))
      .map((row) => ({ ...row, total: sumCents(row.months) })),
    cost,
    cash,
    committedCash: committed,
    cumulativeCash: cumulative(cash),
    quarters: cost.length === 0 ? [] : periods('quarter'),
    years: cost.length === 0 ? [] : periods('year'),
    totalCost: sumCents(cost) + apart,
    totalCash: sumCents(cash) + apart,
    undated: apart,
    npv: present,
  };
}
