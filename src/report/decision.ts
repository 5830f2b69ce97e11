/** What the reader is asked to decide, and what could make the figures wrong: sentences for the first page. */
import { probabilityAbove } from '../core/finance/cash.ts';
import { formatFixed, formatPercent } from '../core/format/number.ts';
import { programmeSamples } from '../core/sheet/compare.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { Spreads } from '../core/sheet/spreads.ts';
import type { ColumnState } from '../core/sheet/state.ts';
import type { DistributionView } from '../core/sheet/view.ts';
import { includedRows, rowName, viewOf } from './cells.ts';
import type { CashFlow } from './cash-flow.ts';
import { shortMoney, type ProgrammeCost } from './headline.ts';
import type { OpenPoint } from './model.ts';

/** Drivers and runs named one by one. */
const NAMED = 2;
/** A driver below this share of the variance is no risk worth a line on the first page. */
const LEAST_SHARE = 0.1;
const DECIDED = new Set(['running', 'done']);

/** The ask: how much, for what, by when. */
export function decisionNeeded(sheet: Sheet, spreads: Spreads, cost: ProgrammeCost, flow: CashFlow): string[] {
  if (!Number.isFinite(cost.value)) {
    return includedRows(sheet, 'runs').length > 0 || sheet.state.tables.costs.keys.length > 0
      ? ['No sum can be approved yet: part of the cost is unknown. Mend the open points first.']
      : [];
  }
  const { currency, name } = sheet.plan.settings;
  const money = moneyText(currency);
  const varies = cost.spread !== null && cost.spread.p10 < cost.spread.p90;
  const ask = varies
    ? `Approve ${money(cost.spread?.p90 ?? 0)} (P90, enough in 9 of 10 cases; central ${money(cost.value)})`
    : `Approve ${money(cost.value)} (central; no input carries a range)`;
  return [
    `${ask} for ${name || 'this plan'}${deadline(sheet)}.`,
    ...committedText(flow, money),
    ...capText(sheet, spreads, cost, flow, money),
  ];
}

/** Starts are what makes a decision late; runs that already go need none. */
function deadline(sheet: Sheet): string {
  const waiting = includedRows(sheet, 'runs').filter(
    (row) => !DECIDED.has(viewOf(sheet, 'runs', row, 'status')?.display ?? ''),
  );
  const starts = waiting.flatMap((row) => {
    const start = viewOf(sheet, 'runs', row, 'start_date')?.display ?? '';
    return /^\d{4}-\d\d-\d\d$/.test(start) ? [{ start, row }] : [];
  });
  const first = starts.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.row - b.row))[0];
  return first ? `, before ${rowName(sheet, 'runs', first.row)} starts on ${first.start}` : '';
}

function committedText(flow: CashFlow, money: (value: number) => string): string[] {
  const cents = flow.table.committedCash.reduce((sum, month) => sum + month, 0);
  return cents > 0 ? [`Of the central cost, ${money(cents / 100)} are committed already.`] : [];
}

function capText(
  sheet: Sheet,
  spreads: Spreads,
  cost: ProgrammeCost,
  flow: CashFlow,
  money: (value: number) => string,
): string[] {
  const cents = flow.settings.budgetCap;
  if (cents === null) return [];
  const cap = cents / 100;
  const samples = programmeSamples(sheet, spreads.current());
  if (cost.value > cap) return [`The budget cap of ${money(cap)} does not cover the central cost.`];
  const over = typeof samples === 'number' ? Number.NaN : probabilityAbove(samples, cap);
  return Number.isFinite(over)
    ? [`The budget cap is ${money(cap)}; the cost exceeds it in ${formatPercent(over, 2)} of cases.`]
    : [`The budget cap of ${money(cap)} covers the central cost.`];
}

/** What could make the figures wrong, the heaviest first. */
export function mainRisks(
  sheet: Sheet,
  distribution: DistributionView | null,
  points: readonly OpenPoint[],
  flow: CashFlow,
): string[] {
  return [
    ...driverRisks(sheet, distribution),
    ...memoryRisks(sheet),
    ...undatedRisks(flow, sheet.plan.settings.currency),
    ...pointRisks(points),
  ];
}

function driverRisks(sheet: Sheet, distribution: DistributionView | null): string[] {
  const column = sheet.column('runs', 'total_cost') as ColumnState | undefined;
  if (!column || !distribution) return [];
  const money = moneyText(sheet.plan.settings.currency);
  return distribution.drivers
    .filter((driver) => driver.share >= LEAST_SHARE)
    .slice(0, NAMED)
    .map((driver) => {
      const [low, high] = [driver.low, driver.high].map((value) => value * column.unit.scale).sort((a, b) => a - b);
      return `${driver.label}: between its P10 and P90 the runs cost ${money(low ?? 0)} to ${money(high ?? 0)} (${formatPercent(driver.share, 2)} of the variance).`;
    });
}

function memoryRisks(sheet: Sheet): string[] {
  const rows = includedRows(sheet, 'runs').filter((row) => viewOf(sheet, 'runs', row, 'memory_fits')?.display === 'no');
  if (rows.length === 0) return [];
  const names = rows.slice(0, NAMED).map((row) => rowName(sheet, 'runs', row));
  return [
    `${names.join(', ')}${rows.length > NAMED ? ` and ${rows.length - NAMED} more` : ''}: the model does not fit into the chips’ memory as set up.`,
  ];
}

function undatedRisks({ table, lines }: CashFlow, currency: string): string[] {
  if (table.undated === 0) return [];
  return [
    `${moneyText(currency)(table.undated / 100)} have no date (${lines.undated.length} ${lines.undated.length === 1 ? 'amount' : 'amounts'}), so they are in the total but in no month.`,
  ];
}

function pointRisks(points: readonly OpenPoint[]): string[] {
  const problems = points.filter((point) => point.kind === 'problem').length;
  return problems > 0
    ? [`${formatFixed(problems, 0)} ${problems === 1 ? 'cell has' : 'cells have'} an error: see the open points.`]
    : [];
}

function moneyText(currency: string): (value: number) => string {
  return (value) => {
    const short = shortMoney(value, currency);
    return `${short.value} ${short.unit}`;
  };
}
