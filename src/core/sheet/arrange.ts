/**
 * Rows of a table in another order, or fewer of them: sort and filter of a view. The document keeps its own order; an
 * arrangement is only a list of row numbers.
 */
import type { TableId } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { literalTarget } from './build.ts';
import { formatCell } from './format-cell.ts';
import { readCell } from './literal.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';

export const FILTER_TESTS = [
  'contains',
  'is',
  'is not',
  'above',
  'below',
  'is empty',
  'is typed',
  'has a problem',
] as const;
export type FilterTest = (typeof FILTER_TESTS)[number];

export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

/** One condition; a row must meet all of them. `value` is as typed, in the column's unit. */
export interface Filter {
  readonly column: string;
  readonly test: FilterTest;
  readonly value: string;
}

export interface Arrangement {
  readonly sort: readonly SortKey[];
  readonly filter: readonly Filter[];
}

/** True when the arrangement leaves every row where it is. */
export function isPlain(arrangement: Arrangement): boolean {
  return arrangement.sort.length === 0 && arrangement.filter.length === 0;
}

/**
 * Row numbers of a table in the order of an arrangement. Unknown values sort last, whichever way; equal rows keep the
 * document's order. Throws FlopsheetError `NOT_FOUND` for a column that is gone, `TYPE` or `UNIT` for a limit that cannot be
 * read in the column.
 */
export function arrangeRows(sheet: Sheet, table: TableId, arrangement: Arrangement): Int32Array {
  const count = sheet.state.tables[table].keys.length;
  const tests = arrangement.filter.map((filter) => filterOf(sheet, columnOf(sheet, table, filter.column), filter));
  const rows: number[] = [];
  for (let row = 0; row < count; row++) if (tests.every((test) => test(row))) rows.push(row);
  const order = arrangement.sort.map((key) => comparison(sheet, columnOf(sheet, table, key.column), key.descending));
  if (order.length > 0)
    rows.sort((a, b) => {
      for (const compare of order) {
        const way = compare(a, b);
        if (way !== 0) return way;
      }
      return a - b;
    });
  return Int32Array.from(rows);
}

function columnOf(sheet: Sheet, table: TableId, id: string): ColumnState {
  const column = sheet.column(table, id);
  if (!column)
    throw new FlopsheetError('NOT_FOUND', `the view sorts or filters by "${id}", which ${table} no longer has`, {
      hint: 'clear the sort and filter of this view',
    });
  return column;
}

/** The cell as shown, without its unit. */
export function shownText(sheet: Sheet, column: ColumnState, row: number): string {
  const fact =
    column.table.id === 'assumptions' && column.def.id === 'value'
      ? sheet.state.assumptions.get(column.table.keys[row] ?? '')
      : undefined;
  return formatCell(
    column.def,
    fact?.type ?? column.type,
    fact?.unit ?? column.unit,
    column.values[row] as number,
    sheet.state.texts,
  );
}

/** Texts in the order of a dictionary, numbers inside them by size: run 2 before run 10. */
const dictionary = new Intl.Collator('en', { numeric: true });

function comparison(sheet: Sheet, column: ColumnState, descending: boolean): (a: number, b: number) => number {
  const way = descending ? -1 : 1;
  if (column.type.is === 'text' || column.type.is === 'reference') {
    const texts = new Map<number, string>();
    const text = (row: number): string => {
      let known = texts.get(row);
      if (known === undefined) texts.set(row, (known = shownText(sheet, column, row)));
      return known;
    };
    return (a, b) => {
      const [left, right] = [text(a), text(b)];
      if (left === '' || right === '') return Number(left === '') - Number(right === '');
      return way * dictionary.compare(left, right);
    };
  }
  return (a, b) => {
    const [left, right] = [column.values[a] as number, column.values[b] as number];
    const [known, other] = [Number.isFinite(left), Number.isFinite(right)];
    if (!known || !other) return Number(!known) - Number(!other);
    return way * (left - right);
  };
}

function filterOf(sheet: Sheet, column: ColumnState, { test, value }: Filter): (row: number) => boolean {
  const text = (row: number): string => shownText(sheet, column, row).toLowerCase();
  const wanted = value.trim().toLowerCase();
  switch (test) {
    case 'contains':
      return (row) => text(row).includes(wanted);
    case 'is':
      return (row) => text(row) === wanted;
    case 'is not':
      return (row) => text(row) !== wanted;
    case 'is empty':
      return (row) => text(row) === '';
    case 'is typed':
      return (row) => column.entries.has(row);
    case 'has a problem':
      return (row) => !Number.isFinite(column.values[row]) || column.entries.get(row)?.is === 'problem';
    case 'above':
    case 'below': {
      const limit = limitOf(column, value);
      return test === 'above'
        ? (row) => (column.values[row] as number) > limit
        : (row) => (column.values[row] as number) < limit;
    }
  }
}

/** A limit as typed in a column, in base units. Throws FlopsheetError with the reason it cannot be read. */
export function limitOf(column: ColumnState, text: string): number {
  const { type, unit } = literalTarget(column);
  const content = text.trim() === '' ? null : readCell(text, { type, unit });
  if (content?.is === 'value' && content.text === undefined) return content.value;
  throw new FlopsheetError(
    content?.is === 'problem' ? content.code : 'TYPE',
    content?.is === 'problem' ? content.message : `"${text}" is not a limit for ${column.def.label}`,
    { hint: (content?.is === 'problem' && content.hint) || 'write a number, with a unit if you like' },
  );
}
