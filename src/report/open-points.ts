/** What should be settled before somebody approves: cells without a value, unusual values, old prices. */
import { allProblems } from '../core/sheet/diagnose.ts';
import { cellView, totalView } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import { cellAddress } from '../core/sheet/state.ts';
import { includedRows, viewOf } from './cells.ts';
import type { OpenPoint } from './model.ts';

/** Days after which a quote should be asked for again. */
const STALE_DAYS = 90;
const DAY_MS = 86_400_000;
const HEADLINES = ['train_flop', 'chip_hours', 'energy_mwh', 'tco2e_location', 'total_cost'] as const;

/** Problems first, then warnings, in the order of the plan. `date` is the day of the report, ISO. */
export function openPoints(sheet: Sheet, date: string): OpenPoint[] {
  const problems = allProblems(sheet).map((problem): OpenPoint => ({
    kind: 'problem',
    where: problem.root,
    message: sentence(problem.message),
    hint: problem.hint,
  }));
  const warnings: OpenPoint[] = [];
  for (const table of ['runs', 'costs', 'phases', 'mixture'] as const)
    for (const row of includedRows(sheet, table)) {
      const { keys, columns } = sheet.state.tables[table];
      for (const column of columns) {
        const { warning, display } = cellView(sheet, column, row);
        if (warning)
          warnings.push({
            kind: 'warning',
            where: cellAddress(table, keys[row] ?? '', column.def.id),
            message: `${display} is ${warning}.`,
            hint: '',
          });
      }
    }
  const roots = new Set(problems.map((point) => point.where));
  return [...problems, ...unknownTotals(sheet, roots), ...warnings, ...stalePrices(sheet, date)];
}

/** Headline totals without a value whose cause is only that something is empty. */
function unknownTotals(sheet: Sheet, named: ReadonlySet<string>): OpenPoint[] {
  return HEADLINES.flatMap((id): OpenPoint[] => {
    const column = sheet.column('runs', id);
    const problem = column ? totalView(sheet, 'runs', column)?.problem : undefined;
    if (!column || !problem || named.has(problem.root)) return [];
    return [
      {
        kind: 'warning',
        where: problem.root,
        message: `${column.def.label} is unknown in total (${problem.message}).`,
        hint: problem.hint,
      },
    ];
  });
}

function stalePrices(sheet: Sheet, date: string): OpenPoint[] {
  return includedRows(sheet, 'runs').flatMap((row): OpenPoint[] => {
    const price = viewOf(sheet, 'runs', row, 'chip_hour_price');
    const asOf = viewOf(sheet, 'runs', row, 'price_as_of')?.display ?? '';
    if (price?.state !== 'computed' || asOf === '') return [];
    const age = Math.floor((Date.parse(date) - Date.parse(asOf)) / DAY_MS);
    if (!(age > STALE_DAYS)) return [];
    return [
      {
        kind: 'warning',
        where: cellAddress('runs', sheet.state.tables.runs.keys[row] ?? '', 'chip_hour_price'),
        message: `The price is from ${asOf}, ${age} days before this report.`,
        hint: 'ask for a new quote, or type the agreed price',
      },
    ];
  });
}

function sentence(text: string): string {
  const trimmed = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
