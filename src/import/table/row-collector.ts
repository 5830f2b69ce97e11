/** What a reader may collect: it stops at the limits instead of filling memory. */
import { FlopsheetError } from '../../core/errors.ts';
import { MOST_CELL_CHARACTERS, MOST_CELLS, MOST_COLUMNS, MOST_ROWS } from '../../core/exchange/limits.ts';
import type { RawTable } from '../../core/exchange/raw-table.ts';

/** Throws FlopsheetError `TABLE_SIZE`. */
export function tooLarge(what: string, hint: string): never {
  throw new FlopsheetError('TABLE_SIZE', what, { where: 'file', hint });
}

/** Collects the rows of the tables of one file and counts what they hold together. */
export class RowCollector {
  private cells = 0;
  private rows: string[][] = [];

  /** Counts a cell while its row is still being read: a row may be endless. */
  count(): void {
    if (++this.cells > MOST_CELLS) tooLarge(`the file has more than ${MOST_CELLS} cells`, 'keep the columns you need');
  }

  add(row: string[]): void {
    while (row.length > 0 && row.at(-1) === '') row.pop();
    if (row.length === 0) return;
    if (this.rows.length > MOST_ROWS) tooLarge(`the table has more than ${MOST_ROWS} rows`, 'split the file');
    this.rows.push(row);
  }

  /** The table that ends here; the next row begins another. */
  take(name: string): RawTable {
    const { rows } = this;
    this.rows = [];
    return { name, rows };
  }
}

/** Refuses a column that lies beyond the limit. `index` counts from 0. */
export function checkColumn(index: number): void {
  if (index >= MOST_COLUMNS)
    tooLarge(`the table has more than ${MOST_COLUMNS} columns`, 'look at the separator and the line ends of the file');
}

export function checkCell(text: string): string {
  if (text.length > MOST_CELL_CHARACTERS)
    tooLarge(`a cell has more than ${MOST_CELL_CHARACTERS} characters`, 'look for a quote that is never closed');
  return text;
}
