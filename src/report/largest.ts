/** The largest runs and what is left, reconciling to the total. */
import { columnView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import { aggregateNodeOf } from '../core/sheet/totals.ts';
import { hardwareName, shareText, usableMemory, type ProgrammeCost } from './headline.ts';
import { includedRows, reportCell, rowName, shown, totalCell, viewOf } from './cells.ts';
import type { ReportCell, ReportTable } from './model.ts';

/** Rows that fit on the first page, and how few are left where scenarios take their room. */
const RUNS = 6;
const FEWEST = 3;
const SUMMED = ['train_flop', 'energy_mwh', 'total_cost'] as const;

export function largestRuns(sheet: Sheet, cost: ProgrammeCost, scenarios = 0): ReportTable {
  const { currency } = sheet.plan.settings;
  const columns = Object.fromEntries(SUMMED.map((id) => [id, sheet.column('runs', id)])) as Record<
    (typeof SUMMED)[number],
    ColumnState
  >;
  const days = sheet.column('runs', 'train_days') as ColumnState;
  const money = columns.total_cost;
  const rank = (row: number): number =>
    Number.isFinite(money.values[row]) ? (money.values[row] as number) : Number.POSITIVE_INFINITY;
  const rows = includedRows(sheet, 'runs').sort((a, b) => rank(b) - rank(a) || a - b);
  const room = Math.max(FEWEST, RUNS - scenarios);
  const listed = rows.length > room + 1 ? rows.slice(0, room) : rows;
  const rest = rows.slice(listed.length);
  const cells = listed.map((row): ReportCell[] => [
    { text: rowName(sheet, 'runs', row) },
    reportCell(viewOf(sheet, 'runs', row, 'train_flop')),
    { text: hardwareName(sheet, row) || '–' },
    reportCell(viewOf(sheet, 'runs', row, 'chips')),
    { text: usableMemory(sheet, viewOf(sheet, 'runs', row, 'hardware')?.display ?? '') || '–' },
    reportCell(viewOf(sheet, 'runs', row, 'train_days')),
    reportCell(viewOf(sheet, 'runs', row, 'energy_mwh')),
    reportCell(viewOf(sheet, 'runs', row, 'total_cost')),
    { text: shareText(money.values[row] as number, cost.value) },
  ]);
  const sum = (column: ColumnState, of: readonly number[]): number =>
    of.reduce((total, row) => total + (column.values[row] as number), 0);
  const summed = (column: ColumnState, of: readonly number[]): ReportCell => {
    const value = sum(column, of);
    return Number.isFinite(value)
      ? { text: shown(column, value / column.unit.scale) }
      : { text: 'unknown', tone: 'error' };
  };
  const empty: ReportCell = { text: '' };
  if (rest.length > 0)
    cells.push([
      { text: `${rest.length} other runs` },
      summed(columns.train_flop, rest),
      empty,
      empty,
      empty,
      empty,
      summed(columns.energy_mwh, rest),
      summed(money, rest),
      { text: shareText(sum(money, rest), cost.value) },
    ]);
  for (const [table, id, label] of [
    ['costs', 'amount', 'Other cost lines'],
    ['costs', 'contingency_cost', 'Their contingency'],
    ['capacity', 'idle_cost', 'Capacity no run uses'],
  ] as const) {
    const column = sheet.column(table, id);
    if (!column || sheet.state.tables[table].keys.length === 0) continue;
    if (id === 'contingency_cost' && aggregateNodeOf(sheet, table, column).result.value === 0) continue;
    cells.push([
      { text: label },
      empty,
      empty,
      empty,
      empty,
      empty,
      empty,
      { ...totalCell(sheet, table, column), tone: '' },
      { text: shareText(aggregateNodeOf(sheet, table, column).result.value, cost.value) },
    ]);
  }
  const total: ReportCell = Number.isFinite(cost.value)
    ? { text: shown(money, cost.value), tone: 'strong' }
    : { text: 'unknown', tone: 'error' };
  return {
    title: 'Largest runs',
    columns: [
      { label: 'Run', unit: '', align: 'left', share: 1 },
      header(columns.train_flop),
      { label: 'Chip', unit: '', align: 'left', share: 0 },
      { label: 'Chips', unit: '', align: 'right', share: 0 },
      { label: 'Memory', unit: 'GiB/chip', align: 'right', share: 0 },
      header(days),
      header(columns.energy_mwh),
      { label: 'Total cost', unit: currency, align: 'right', share: 0 },
      { label: 'Share', unit: '', align: 'right', share: 0 },
    ],
    rows: cells,
    totals: [
      { text: 'Total', tone: 'strong' },
      known(totalCell(sheet, 'runs', columns.train_flop)),
      empty,
      empty,
      empty,
      empty,
      known(totalCell(sheet, 'runs', columns.energy_mwh)),
      total,
      { text: Number.isFinite(cost.value) && cost.value !== 0 ? '100 %' : '' },
    ],
    note: '',
  };
}

/** The key figures above say which part of an unknown total is known. */
function known(cell: ReportCell): ReportCell {
  return cell.tone === 'error' ? { text: 'unknown', tone: 'error' } : cell;
}

function header(column: ColumnState): ReportTable['columns'][number] {
  const { label, unit } = columnView(column);
  return { label, unit, align: 'right', share: 0 };
}
