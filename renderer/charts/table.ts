/** The numbers behind a chart: as a table on screen and as CSV, full precision. */
import { formatNumber } from '../lib/format.ts';

export interface FrameColumn {
  readonly label: string;
  readonly unit?: string;
  /** How a number of this column reads; plain with separators when left out. */
  readonly show?: (value: number) => string;
}

export type FrameCell = string | number | null;

export interface FrameTable {
  readonly columns: readonly FrameColumn[];
  readonly rows: readonly (readonly FrameCell[])[];
}

export function heading(column: FrameColumn): string {
  return column.unit ? `${column.label}, ${column.unit}` : column.label;
}

/** A cell as people read it; what is not known says so. */
export function shown(cell: FrameCell, column: FrameColumn | undefined): string {
  if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return 'unknown';
  if (typeof cell === 'string') return cell;
  return column?.show ? column.show(cell) : formatNumber(cell);
}

/** Comma-separated (RFC 4180), numbers unrounded with a point; unknown is empty. */
export function csvOf(table: FrameTable): string {
  const field = (cell: FrameCell): string => {
    if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '';
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [table.columns.map(heading), ...table.rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
