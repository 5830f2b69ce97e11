/** What is asked about a rectangle of cells: its texts, its sum, where a text stands in it. */
import type { TableId } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { compatible } from '../quantity/dimension.ts';
import { shownText } from './arrange.ts';
import { formatNumber } from './format-cell.ts';
import { plainValue } from './render.ts';
import type { Sheet } from './sheet.ts';
import type { ColumnState } from './state.ts';

export interface CellTexts {
  readonly key: string;
  /** Row number in the document. */
  readonly at: number;
  /** By requested column: what the cell holds as typed, and what it shows. */
  readonly texts: readonly string[];
  readonly shown: readonly string[];
  /** Central values in display units; texts, yes/no and ISO dates as they are; null when unknown. */
  readonly values: readonly (number | string | boolean | null)[];
}

export interface SelectionSummary {
  /** Cells that show something. */
  readonly count: number;
  /** Cells whose value is a known number, and those whose number is unknown. */
  readonly numbers: number;
  readonly unknown: number;
  /** In `unit`, as shown; empty when the numbers have different dimensions or there are none. */
  readonly sum: string;
  readonly average: string;
  readonly least: string;
  readonly most: string;
  readonly unit: string;
  /** Why there is no sum, in words; empty when there is one or nothing to add. */
  readonly reason: string;
}

export interface FoundCell {
  /** Position in the arrangement that was searched. */
  readonly position: number;
  readonly key: string;
  readonly column: string;
  readonly text: string;
  readonly shown: string;
}

/** Columns by id. Throws FlopsheetError `NOT_FOUND`. */
export function columnsById(sheet: Sheet, table: TableId, ids: readonly string[]): ColumnState[] {
  return ids.map((id) => {
    const column = sheet.column(table, id);
    if (!column) throw new FlopsheetError('NOT_FOUND', `${table} has no column "${id}"`);
    return column;
  });
}

/** Texts of rows, by row number. */
export function textsOf(sheet: Sheet, columns: readonly ColumnState[], rows: ArrayLike<number>): CellTexts[] {
  return Array.from(rows, (row) => ({
    key: columns[0]?.table.keys[row] ?? '',
    at: row,
    texts: columns.map((column) => column.entries.get(row)?.text ?? ''),
    shown: columns.map((column) => shownText(sheet, column, row)),
    values: columns.map((column) => plainValue(sheet, column, row)),
  }));
}

/**
 * Count, sum, average, least and most of cells. Numbers of one dimension are added in the unit of the first column, so hours
 * and days add up; USD and chips do not. Money adds the rounded leaves. A range of unknowns says so.
 */
export function summarise(columns: readonly ColumnState[], rows: ArrayLike<number>): SelectionSummary {
  let [count, numbers, unknown, sum, least, most] = [0, 0, 0, 0, Infinity, -Infinity];
  let first: ColumnState | null = null;
  let reason = '';
  for (const column of columns) {
    const { type } = column;
    const assumption = column.table.id === 'assumptions' && column.def.id === 'value';
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const value = column.values[row] as number;
      if (Number.isFinite(value)) count++;
      else if (column.entries.has(row) || column.compiled) unknown++;
      if (type.is !== 'number' || assumption || !Number.isFinite(value)) continue;
      first ??= column;
      const of = first.type as typeof type;
      if (!compatible(of, type)) reason = `${first.def.label} and ${column.def.label} have different units`;
      numbers++;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const unit = first?.unit;
  const shown = (value: number): string =>
    first && unit && reason === '' && numbers > 0 ? formatNumber(first.def, unit, value / unit.scale) : '';
  return {
    count,
    numbers,
    unknown,
    sum: shown(sum),
    average: shown(sum / numbers),
    least: shown(least),
    most: shown(most),
    unit: unit?.text ?? '',
    reason,
  };
}

export interface Search {
  readonly query: string;
  readonly matchCase: boolean;
  /** The whole cell must be the query. */
  readonly whole: boolean;
  /** Look at what cells hold as typed, and not at what they show. */
  readonly typed: boolean;
}

/** Cells that hold a text, in reading order, at most `limit`; `total` counts all of them. */
export function findText(
  sheet: Sheet,
  columns: readonly ColumnState[],
  rows: ArrayLike<number>,
  search: Search,
  limit: number,
): { readonly found: FoundCell[]; readonly total: number } {
  const fold = (text: string): string => (search.matchCase ? text : text.toLowerCase());
  const query = fold(search.query);
  const found: FoundCell[] = [];
  let total = 0;
  if (query === '') return { found, total };
  for (let position = 0; position < rows.length; position++) {
    const row = rows[position] as number;
    for (const column of columns) {
      const text = column.entries.get(row)?.text ?? '';
      if (search.typed && text === '') continue;
      const shown = search.typed ? '' : shownText(sheet, column, row);
      const within = fold(search.typed ? text : shown);
      if (!(search.whole ? within === query : within.includes(query))) continue;
      total++;
      if (found.length < limit)
        found.push({ position, key: column.table.keys[row] as string, column: column.def.id, text, shown });
    }
  }
  return { found, total };
}
