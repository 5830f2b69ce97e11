/** Cash by month, quarter and fiscal year, and what the clusters do: the same tables as on the finance screen. */
import { cashFlowChart } from '../core/charts/cash-flow.ts';
import type { ChartView } from '../core/charts/chart.ts';
import { PRINT_PALETTE } from '../core/charts/palette.ts';
import { formatFixed, formatMoney } from '../core/format/number.ts';
import { formatDate } from '../core/finance/calendar.ts';
import { capacityCalendar, type CapacityCalendar } from '../core/plan/programme/capacity.ts';
import { cashTable, type CashTable } from '../core/plan/programme/cash.ts';
import type { ProgrammeLines } from '../core/plan/programme/collect.ts';
import { programmeLines } from '../core/plan/programme/lines.ts';
import { financeSettings, type FinanceSettings } from '../core/plan/programme/settings.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ReportCell, ReportColumn, ReportTable } from './model.ts';

/** Categories with a column of their own; the smaller ones stand together, so that the table fits the page. */
const CATEGORIES = 4;
/** Months printed one by one; longer plans are printed by quarter and year. */
const MONTHS = 36;
const CHART_PERIODS = 24;

export interface CashFlow {
  readonly table: CashTable;
  readonly lines: ProgrammeLines;
  readonly settings: FinanceSettings;
}

/** Lays the plan's money out on the calendar. The sheet is recalculated. */
export function cashFlow(sheet: Sheet): CashFlow {
  const settings = financeSettings(sheet);
  const lines = programmeLines(sheet);
  return { table: cashTable(lines, settings), lines, settings };
}

const money = (cents: number): ReportCell => ({ text: formatMoney(cents / 100) });
/** Eleven amounts beside each other fit a page without their cents. */
const whole = (cents: number): ReportCell => ({ text: formatMoney(cents / 100, true) });

/** `compute`, `purchase (cash only)`: where cost and cash part, the row says which it is. */
export function categoryLabel({ category, view }: CashTable['categories'][number]): string {
  const name = category.replaceAll('_', ' ');
  return view === 'both' ? name : `${name} (${view} only)`;
}

/** By month, by quarter and by fiscal year; none without a dated amount. */
export function cashTables(sheet: Sheet, flow: CashFlow): ReportTable[] {
  const { table } = flow;
  if (table.months.length === 0) return [];
  const { currency } = sheet.plan.settings;
  const found: ReportTable[] = [];
  if (table.months.length <= MONTHS) found.push(monthTable(table, currency, missing(flow, currency)));
  if (table.quarters.length > 1) found.push(periodTable('Cash by quarter', table.quarters, table, currency));
  if (table.years.length > 1 || found.length === 0)
    found.push(periodTable('Cash by fiscal year', table.years, table, currency));
  return found;
}

function monthTable(table: CashTable, currency: string, note: string): ReportTable {
  const ranked = [...table.categories].sort((a, b) => Math.abs(b.total) - Math.abs(a.total));
  const own = new Set(ranked.slice(0, ranked.length > CATEGORIES + 1 ? CATEGORIES : CATEGORIES + 1));
  const kept = table.categories.filter((row) => own.has(row));
  const rest = table.categories.filter((row) => !own.has(row));
  const restOf = (month: number): number => rest.reduce((sum, row) => sum + (row.months[month] ?? 0), 0);
  return {
    title: 'Cash by month',
    columns: [
      { label: 'Month', unit: '', align: 'left', share: 0 },
      ...kept.map((row) => amount(categoryLabel(row), currency)),
      ...(rest.length > 0 ? [amount('everything else', currency)] : []),
      amount('Cost', currency),
      amount('Cash', currency),
      amount('of it committed', currency),
      amount('Cash so far', currency),
    ],
    rows: table.months.map((month, i): ReportCell[] => [
      { text: month },
      ...kept.map((row) => whole(row.months[i] ?? 0)),
      ...(rest.length > 0 ? [whole(restOf(i))] : []),
      whole(table.cost[i] ?? 0),
      whole(table.cash[i] ?? 0),
      whole(table.committedCash[i] ?? 0),
      whole(table.cumulativeCash[i] ?? 0),
    ]),
    totals: [
      { text: 'Total', tone: 'strong' },
      ...[
        ...kept.map((row) => row.total),
        ...(rest.length > 0 ? [rest.reduce((sum, row) => sum + row.total, 0)] : []),
        table.totalCost - table.undated,
        table.totalCash - table.undated,
        table.committedCash.reduce((sum, cents) => sum + cents, 0),
      ].map((cents): ReportCell => ({ ...whole(cents), tone: 'strong' })),
      { text: '' },
    ],
    note,
  };
}

/** What the months leave out: amounts without dates and unknown ones. */
function missing({ table, lines }: CashFlow, currency: string): string {
  return [
    'Central values, rounded to whole units, computed to the cent. Cost: purchases by depreciation. Cash: when paid.',
    table.undated !== 0
      ? `In no month, because undated: ${formatMoney(table.undated / 100)} ${currency} (${lines.undated.length} cells).`
      : '',
    lines.unknown.length > 0
      ? `${lines.unknown.length} amounts are unknown and left out: ${lines.unknown.slice(0, 4).join(', ')}${lines.unknown.length > 4 ? ' …' : ''}.`
      : '',
    table.npv
      ? `Present value at the start of the first month, ${formatFixed(table.npv.rate * 100, 1)} % a year: ${formatMoney(table.npv.cents / 100)} ${currency}.`
      : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function amount(label: string, currency: string): ReportColumn {
  return { label, unit: currency, align: 'right', share: 0 };
}

function periodTable(title: string, periods: CashTable['quarters'], table: CashTable, currency: string): ReportTable {
  return {
    title,
    columns: [
      { label: 'Period', unit: '', align: 'left', share: 1 },
      amount('Cost', currency),
      amount('Cash', currency),
    ],
    rows: periods.map((period) => [{ text: period.label }, money(period.cents), money(period.cash)]),
    totals: [
      { text: 'Total of dated amounts', tone: 'strong' },
      { ...money(table.totalCost - table.undated), tone: 'strong' },
      { ...money(table.totalCash - table.undated), tone: 'strong' },
    ],
    note: '',
  };
}

/** Spending by month, or by quarter where the months would not be told apart. */
export function cashCharts(sheet: Sheet, { table }: CashFlow): ChartView[] {
  if (table.months.length < 2) return [];
  const { currency } = sheet.plan.settings;
  const series = table.categories
    .filter((row) => row.view !== 'cost')
    .map((row) => ({ label: categoryLabel(row), amounts: row.months.map((cents) => cents / 100) }));
  if (table.months.length <= CHART_PERIODS) return [cashFlowChart(table.months, series, currency, PRINT_PALETTE)];
  const cash = { label: 'cash', amounts: table.quarters.map((quarter) => quarter.cash / 100) };
  return [
    cashFlowChart(
      table.quarters.map((quarter) => quarter.label),
      [cash],
      currency,
      PRINT_PALETTE,
    ),
  ];
}

/** Which run is on which chips when, and how far each cluster is used; without rows when nothing is dated. */
export function capacityTables(sheet: Sheet, { lines, settings }: CashFlow): ReportTable[] {
  if (sheet.state.tables.capacity.keys.length === 0) return [];
  const calendar = capacityCalendar(sheet, lines, settings);
  return [useTable(calendar, sheet.plan.settings.currency), runTable(calendar), noticeTable(calendar)].filter(
    (table) => table.rows.length > 0,
  );
}

function useTable({ clusters, idleCents, undated }: CapacityCalendar, currency: string): ReportTable {
  const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);
  return {
    title: 'Use of clusters',
    columns: [
      { label: 'Cluster', unit: '', align: 'left', share: 1 },
      { label: 'Chips', unit: 'chip', align: 'right', share: 0 },
      { label: 'From', unit: '', align: 'left', share: 0 },
      { label: 'To', unit: '', align: 'left', share: 0 },
      { label: 'Capacity', unit: 'chip·h', align: 'right', share: 0 },
      { label: 'Used', unit: 'chip·h', align: 'right', share: 0 },
      { label: 'Use', unit: '%', align: 'right', share: 0 },
      amount('Idle', currency),
      { label: 'Shortages', unit: '', align: 'right', share: 0 },
    ],
    rows: clusters.map((cluster): ReportCell[] => {
      const [capacity, used] = [sum(cluster.capacity), sum(cluster.used)];
      return [
        { text: cluster.name },
        { text: formatFixed(cluster.chips, 0) },
        { text: day(cluster.from) },
        { text: day(cluster.to) },
        { text: formatFixed(capacity, 0) },
        { text: formatFixed(used, 0) },
        { text: capacity > 0 ? formatFixed((used / capacity) * 100, 1) : '–' },
        money(sum(cluster.idleCents)),
        { text: String(cluster.shortages.length), tone: cluster.shortages.length > 0 ? 'error' : '' },
      ];
    }),
    totals: null,
    note: [
      `Idle in all: ${formatMoney(idleCents / 100)} ${currency}.`,
      undated.length > 0 ? `Without dates or chips: ${undated.join(', ')}.` : '',
    ]
      .filter(Boolean)
      .join(' '),
  };
}

const day = (value: number): string => (Number.isFinite(value) ? formatDate(Math.floor(value)) : '–');

function runTable({ runs, clusters }: CapacityCalendar): ReportTable {
  return {
    title: 'Runs on the calendar',
    columns: [
      { label: 'Run', unit: '', align: 'left', share: 1 },
      { label: 'Cluster', unit: '', align: 'left', share: 1 },
      { label: 'Chips', unit: 'chip', align: 'right', share: 0 },
      { label: 'From', unit: '', align: 'left', share: 0 },
      { label: 'To', unit: '', align: 'left', share: 0 },
      { label: 'Could start', unit: '', align: 'left', share: 0 },
      { label: 'Wait', unit: 'day', align: 'right', share: 0 },
    ],
    rows: runs.map((run): ReportCell[] => [
      { text: run.name },
      { text: clusters.find((cluster) => cluster.key === run.cluster)?.name ?? 'rented' },
      { text: formatFixed(run.chips, 0) },
      { text: day(run.from) },
      { text: day(run.to) },
      run.couldStart === null && run.cluster
        ? { text: 'never so many chips', tone: 'error' }
        : { text: run.couldStart === null ? '' : day(run.couldStart) },
      { text: run.waitDays > 0 ? formatFixed(run.waitDays, 1) : '' },
    ]),
    totals: null,
    note: '',
  };
}

function noticeTable({ notices }: CapacityCalendar): ReportTable {
  return {
    title: 'Notices on capacity',
    columns: [
      { label: 'Where', unit: '', align: 'left', share: 0 },
      { label: 'What', unit: '', align: 'left', share: 1.4 },
      { label: 'How to mend it', unit: '', align: 'left', share: 1 },
    ],
    rows: notices.map((notice) => [
      { text: notice.where, mono: true },
      { text: notice.message },
      { text: notice.hint },
    ]),
    totals: null,
    note: '',
  };
}
