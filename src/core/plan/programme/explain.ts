/** Where a figure of the cash table comes from: the lines in it, each with the derivation of its cell. */
import { FlopsheetError } from '../../errors.ts';
import { parseMonth } from '../../finance/calendar.ts';
import { formatMoney } from '../../format/number.ts';
import { explainCell } from '../../sheet/explain.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import { cellAddress, type ColumnState } from '../../sheet/state.ts';
import type { ExplainNode } from '../../sheet/view.ts';
import type { ProgrammeLine, ProgrammeLines } from './collect.ts';

/** Lines shown below a figure; the rest is counted. */
const SHOWN = 50;

/** What of the cash table is asked about. */
export interface CashCell {
  readonly view: 'cost' | 'cash';
  /** `YYYY-MM`: first and last month of the period. */
  readonly from: string;
  readonly to: string;
  /** All categories when left out. */
  readonly category?: string;
}

function centsIn(line: ProgrammeLine, from: number, to: number): number {
  const { first, cents } = line.months;
  let sum = 0;
  for (let month = Math.max(from, first); month <= Math.min(to, first + cents.length - 1); month++)
    sum += cents[month - first] as number;
  return sum;
}

/** Derivation of a figure of the cash table. Throws `month_text` for a bad month and `period` when it ends before it starts. */
export function explainCash(sheet: Sheet, { lines }: ProgrammeLines, cell: CashCell): ExplainNode {
  const [from, to] = [parseMonth(cell.from), parseMonth(cell.to)];
  if (to < from)
    throw new FlopsheetError('period', `The period ends (${cell.to}) before it starts (${cell.from}).`, {
      hint: 'Swap the months.',
    });
  const { currency } = sheet.plan.settings;
  const found = lines
    .filter((line) => line.view === 'both' || line.view === cell.view)
    .filter((line) => cell.category === undefined || line.category === cell.category)
    .map((line) => ({ line, cents: centsIn(line, from, to) }))
    .filter(({ cents }) => cents !== 0)
    .sort((a, b) => Math.abs(b.cents) - Math.abs(a.cents));
  const sum = found.reduce((total, { cents }) => total + cents, 0);
  const period = cell.from === cell.to ? cell.from : `${cell.from} to ${cell.to}`;
  const node = (id: string, label: string, formula: string, cents: number, inputs: ExplainNode[]): ExplainNode => ({
    id,
    label,
    kind: 'aggregate',
    state: 'computed',
    formula,
    value: cents / 100,
    display: formatMoney(cents / 100),
    unit: currency,
    source: '',
    inputs,
  });
  const inputs = found.slice(0, SHOWN).map(({ line, cents }) => {
    const address = cellAddress(line.table, line.row, line.column);
    const row = sheet.state.tables[line.table].rowNumber.get(line.row) as number;
    const column = sheet.column(line.table, line.column) as ColumnState;
    return node(`${address} in ${period}`, line.name, `${line.column}: ${line.rule}`, cents, [
      explainCell(sheet, column, row),
    ]);
  });
  const rest = found.slice(SHOWN);
  if (rest.length > 0) {
    const left = rest.reduce((total, { cents }) => total + cents, 0);
    inputs.push(node(`${rest.length} more lines`, `${rest.length} more lines`, 'sum', left, []));
  }
  const name = cell.category ?? 'all categories';
  return node(`${cell.view}.${period}.${name}`, `${name}, ${period}`, `sum of ${found.length} lines`, sum, inputs);
}
