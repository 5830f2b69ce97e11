/** Actuals from a table somebody pastes: checked row by row, then rows of the plan. */
import type { Command } from '../../core/document/plan.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { formatDate, firstDayOfMonth, monthAt, parseInstant, parseMonth } from '../../core/finance/calendar.ts';
import type { RowProblem } from '../../core/finance/price-rows.ts';
import { headerName, parseTable } from './table.ts';

export interface ActualsTarget {
  readonly currency: string;
  /** Key and name of every run. */
  readonly runs: readonly { readonly key: string; readonly name: string }[];
  /** Keys of actuals rows that exist. */
  readonly taken: readonly string[];
}

/** Other headers for a column, as `headerName` gives them. */
const SAME: Readonly<Record<string, string>> = {
  date: 'month',
  period: 'month',
  amount: 'invoice',
  cost: 'invoice',
  invoiced: 'invoice',
  gpu_hours: 'chip_hours',
  billed_hours: 'chip_hours',
  billed_chip_hours: 'chip_hours',
  productive_hours: 'productive_chip_hours',
  run_key: 'run',
  invoice_number: 'source',
};
const NUMBERS = ['chip_hours', 'productive_chip_hours', 'tokens', 'invoice'] as const;

/**
 * Commands that add the rows of a table with a header (`month` and any of `run`, `chip_hours`, `productive_chip_hours`,
 * `tokens`, `invoice`, `currency`, `source`). Rows that cannot be used are problems with their number; nothing is guessed.
 * Throws `actuals_table` when there is no month column or nothing to add.
 */
export function actualCommands(text: string, target: ActualsTarget): { commands: Command[]; problems: RowProblem[] } {
  const { header, rows } = parseTable(text);
  const column = new Map(
    header.map((name) => {
      const own = headerName(name);
      return [SAME[own] ?? own, name] as const;
    }),
  );
  if (!column.has('month'))
    throw new FlopsheetError('actuals_table', 'The table has no column "month".', {
      hint: 'The first line names the columns: month, run, chip_hours, productive_chip_hours, tokens, invoice, source.',
    });
  const commands: Command[] = [];
  const problems: RowProblem[] = [];
  const taken = new Set(target.taken);
  rows.forEach((cells, i) => {
    const get = (name: string): string => (cells[column.get(name) ?? ''] ?? '').trim();
    const found = readRow(get, target);
    if ('message' in found) {
      problems.push({ row: i + 1, ...found });
      return;
    }
    let number = taken.size + 1;
    while (taken.has(`a${number}`)) number++;
    const key = `a${number}`;
    taken.add(key);
    commands.push({ row: ['actuals', key], to: { at: taken.size - 1, cells: found.cells } });
  });
  return { commands, problems };
}

function readRow(
  get: (name: string) => string,
  { currency, runs }: ActualsTarget,
): { cells: Record<string, string> } | Omit<RowProblem, 'row'> {
  const cells: Record<string, string> = {};
  try {
    const month = get('month');
    const number = month.length === 7 ? parseMonth(month) : monthAt(parseInstant(month));
    cells['month'] = formatDate(firstDayOfMonth(number));
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    return { message: error.message, hint: error.hint };
  }
  const run = get('run');
  if (run !== '') {
    const found =
      runs.find((own) => own.key === run) ?? runs.find((own) => own.name.toLowerCase() === run.toLowerCase());
    if (!found)
      return { message: `"${run}" is no run of this plan.`, hint: 'Name a run by its key or name, or leave it empty.' };
    cells['run'] = found.key;
  }
  const money = get('currency').toUpperCase();
  if (money !== '' && money !== currency)
    return {
      message: `The invoice is in ${money}, the plan in ${currency}: they cannot be added.`,
      hint: 'Convert it at the rate of its date first.',
    };
  for (const name of NUMBERS) {
    const text = get(name).replaceAll(/[,\s]/g, '');
    if (text === '') continue;
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?[KMBT]?$/i.test(text))
      return {
        message: `"${get(name)}" is not a number of ${name.replaceAll('_', ' ')}.`,
        hint: 'As in 12500.40 or 1.5T.',
      };
    if (text.startsWith('-') && name !== 'invoice')
      return {
        message: `${name.replaceAll('_', ' ')} cannot be ${text}.`,
        hint: 'Only an invoice may be negative: a credit.',
      };
    cells[name] = text;
  }
  if (NUMBERS.every((name) => cells[name] === undefined))
    return { message: 'The row says nothing that happened.', hint: 'Fill chip_hours, tokens or invoice.' };
  if (get('source') !== '') cells['source'] = get('source');
  return { cells };
}
