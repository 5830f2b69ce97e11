/** A price list of any shape on its way into the price book. */
import type { RowProblem } from '../core/finance/price-rows.ts';
import { FlopsheetError } from '../core/errors.ts';
import { cellText, type CellTarget } from '../core/exchange/cell-text.ts';
import { proposeMapping, type TableMapping } from '../core/exchange/mapping.ts';
import { putUserRow, type UserRow } from '../store/catalog.ts';
import type { ReadableDb, WritableDb } from '../store/database.ts';
import type { ImportPreview } from './contract/exchange.ts';
import { readPrices } from './prices.ts';

const SHOWN_ROWS = 50;
const SHOWN_PROBLEMS = 100;

/** Columns of a price list, named as `quotesFromRows` reads them. */
export const PRICE_TARGETS: readonly CellTarget[] = [
  ['chip', 'Chip', '', 'text'],
  ['provider', 'Provider', '', 'text'],
  ['provider_class', 'Class', '', 'text'],
  ['commitment', 'Commitment', '', 'text'],
  ['price', 'Price', 'USD/h', 'number'],
  ['currency', 'Currency', '', 'text'],
  ['as_of_date', 'Date', '', 'date'],
  ['region', 'Region', '', 'text'],
  ['source', 'Source', '', 'text'],
].map(([id = '', label = '', unit = '', type]) => ({ id, label, unit, type: type as CellTarget['type'], choices: [] }));

/** Headers that mean a price here although they mean something else in a table of runs. */
const HERE: Readonly<Record<string, string>> = {
  hardware: 'chip',
  chip_hour_price: 'price',
  month: 'as_of_date',
  invoice: 'price',
};

export interface PriceFile {
  readonly name: string;
  readonly rows: readonly (readonly string[])[];
  readonly mapping?: TableMapping | undefined;
}

export function priceMapping(file: PriceFile): TableMapping {
  return file.mapping ?? proposeMapping(file.rows, PRICE_TARGETS, HERE);
}

function read(db: ReadableDb, file: PriceFile): { ready: UserRow[]; problems: RowProblem[] } {
  const mapping = priceMapping(file);
  if (
    !mapping.columns.some((column) => column.to === 'chip') ||
    !mapping.columns.some((column) => column.to === 'price')
  )
    return { ready: [], problems: [] };
  const problems: RowProblem[] = [];
  const lines: string[][] = [];
  const numbers: number[] = [];
  file.rows.slice(mapping.first).forEach((row, i) => {
    const line = PRICE_TARGETS.map(() => '');
    const fail = (message: string, hint: string): void =>
      void problems.push({ row: mapping.first + i + 1, message, hint });
    let usable = true;
    mapping.columns.forEach(({ to, unit }, at) => {
      const place = PRICE_TARGETS.findIndex((target) => target.id === to);
      const raw = (row[at] ?? '').trim();
      if (place < 0 || raw === '') return;
      const cell = cellText(raw, PRICE_TARGETS[place] as CellTarget, unit, mapping.decimalComma);
      if ('problem' in cell) {
        fail(cell.problem, cell.hint);
        usable = false;
      } else if (to === 'price') {
        const [amount = '', ...words] = cell.text.split(' ');
        const currency = /^[A-Z]{3}/.exec(words.join(' '))?.[0];
        line[place] = amount;
        if (currency) line[PRICE_TARGETS.findIndex((target) => target.id === 'currency')] = currency;
      } else line[place] = cell.text;
    });
    if (!usable || line.every((cell) => cell === '')) return;
    lines.push(line);
    numbers.push(mapping.first + i + 1);
  });
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""').replaceAll(/[\r\n]+/g, ' ')}"`;
  const text = [PRICE_TARGETS.map((target) => target.id), ...lines]
    .map((line) => line.map(quoted).join(','))
    .join('\n');
  const { ready, problems: more } = readPrices(db, file.name, text);
  return {
    ready,
    problems: [...problems, ...more.map((own) => ({ ...own, row: numbers[own.row - 1] ?? own.row }))].sort(
      (a, b) => a.row - b.row,
    ),
  };
}

export function pricePreview(db: ReadableDb, file: PriceFile): ImportPreview {
  const { ready, problems } = read(db, file);
  const shown = ['chip', 'provider', 'provider_class', 'commitment', 'price', 'as_of_date'];
  const cell = (row: UserRow, id: string): string =>
    id === 'price'
      ? String(row.fields['usd_per_chip_hour'] ?? '')
      : id === 'as_of_date'
        ? (row.asOf ?? '')
        : String(row.fields[id] ?? '');
  return {
    targets: PRICE_TARGETS.map(({ id, label, unit, type }) => ({ id, label, unit, number: type === 'number' })),
    mapping: priceMapping(file),
    columns: shown,
    rows: ready.slice(0, SHOWN_ROWS).map((row) => ({
      key: row.key ?? '',
      state: 'added' as const,
      cells: shown.map((id) => ({ display: cell(row, id), problem: '' })),
    })),
    added: ready.length,
    changed: 0,
    problems: problems.slice(0, SHOWN_PROBLEMS).map((own) => ({ ...own, column: '' })),
    problemCount: problems.length,
  };
}

/** Adds the prices, all that can be used or none. Throws FlopsheetError `price_table` when no row can be. */
export function importPriceFile(
  db: WritableDb,
  file: PriceFile,
  now: number,
): { keys: string[]; problems: RowProblem[] } {
  const { ready, problems } = read(db, file);
  if (ready.length === 0)
    throw new FlopsheetError('price_table', `no row of ${file.name} is a price`, {
      where: file.name,
      hint: problems[0]?.message ?? 'say which columns are the chip and the price',
    });
  const keys = db.transaction(() => ready.map((row) => putUserRow(db, row, now).key)).immediate();
  return { keys, problems };
}
