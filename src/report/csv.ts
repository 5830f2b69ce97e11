/**
 * Tables of a plan as CSV, TSV, Markdown or JSON: full precision, units in the header, unknown as an empty field. Texts
 * that a spreadsheet would run as a formula are defused.
 */
import type { TableId } from '../core/document/plan.ts';
import { cellView, columnView, plainValue } from '../core/sheet/render.ts';
import type { Sheet } from '../core/sheet/sheet.ts';
import type { ColumnState } from '../core/sheet/state.ts';

export type TextFormat = 'csv' | 'tsv' | 'markdown' | 'json';

export interface PlainTable {
  readonly columns: readonly { readonly id: string; readonly label: string; readonly unit: string }[];
  /** Numbers in the column's unit; null is unknown or empty. */
  readonly rows: readonly (readonly (number | string | boolean | null)[])[];
}

export interface Selection {
  /** Column ids in order; every column that holds something unless given. */
  readonly columns?: readonly string[];
  /** Row keys in order; all rows unless given. */
  readonly rows?: readonly string[];
  /** As displayed instead of in full precision. */
  readonly displayed?: boolean;
}

/** A table of the plan, or a selection of it. Columns and rows that do not exist are left out. */
export function plainTable(sheet: Sheet, table: TableId, selection: Selection = {}): PlainTable {
  const state = sheet.state.tables[table];
  const holds = (column: ColumnState): boolean =>
    column.def.id === 'key' || column.entries.size > 0 || column.values.some((value) => Number.isFinite(value));
  const columns = selection.columns
    ? selection.columns.flatMap((id) => state.byId.get(id) ?? [])
    : state.columns.filter(holds);
  const rows = selection.rows
    ? selection.rows.flatMap((key) => state.rowNumber.get(key) ?? [])
    : state.keys.map((_, row) => row);
  return {
    columns: columns.map((column) => {
      const { id, label, unit } = columnView(column);
      return { id, label, unit };
    }),
    rows: rows.map((row) =>
      columns.map((column) =>
        selection.displayed ? cellView(sheet, column, row).display || null : plainValue(sheet, column, row),
      ),
    ),
  };
}

/** The table as text in a format; lines end in `\n`, CSV lines in `\r\n` as RFC 4180 has it. */
export function tableText(table: PlainTable, format: TextFormat): string {
  switch (format) {
    case 'csv':
      return lines(table)
        .map((line) => `${line.map(csvField).join(',')}\r\n`)
        .join('');
    case 'tsv':
      return lines(table)
        .map((line) => `${line.map(tsvField).join('\t')}\n`)
        .join('');
    case 'markdown':
      return markdown(table);
    case 'json':
      return `${JSON.stringify(
        table.rows.map((row) => Object.fromEntries(row.map((value, i) => [columnKey(table, i), value]))),
        null,
        2,
      )}\n`;
  }
}

function columnKey(table: PlainTable, i: number): string {
  return table.columns[i]?.id ?? String(i);
}

type Field = number | string | boolean | null;

function lines(table: PlainTable): Field[][] {
  return [table.columns.map(({ id, unit }) => (unit ? `${id} [${unit}]` : id)), ...table.rows.map((row) => [...row])];
}

/** Spreadsheets run fields that begin with these; a leading apostrophe makes them text (OWASP, CSV injection). */
export function defused(text: string): string {
  return /^\s*[=+\-@|%\t\r]/.test(text) || /^[＝＋－＠]/.test(text) ? `'${text}` : text;
}

function plain(field: Field): string {
  if (field === null) return '';
  if (typeof field === 'string') return defused(field);
  return typeof field === 'boolean' ? (field ? 'yes' : 'no') : String(field);
}

function csvField(field: Field): string {
  const text = plain(field);
  return /[",\r\n;\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function tsvField(field: Field): string {
  return plain(field).replace(/[\t\r\n]+/g, ' ');
}

function markdown(table: PlainTable): string {
  const cell = (field: Field): string =>
    (field === null ? '' : typeof field === 'boolean' ? (field ? 'yes' : 'no') : String(field))
      .replace(/[\\|`*_[\]<>#]/g, '\\$&')
      .replace(/\s*[\r\n]+\s*/g, ' ');
  const line = (fields: readonly string[]): string => `| ${fields.join(' | ')} |\n`;
  const numeric = table.columns.map((_, i) => table.rows.some((row) => typeof row[i] === 'number'));
  return (
    line(table.columns.map(({ label, unit }) => cell(unit ? `${label} (${unit})` : label))) +
    line(numeric.map((right) => (right ? '---:' : '---'))) +
    table.rows.map((row) => line(row.map(cell))).join('')
  );
}
