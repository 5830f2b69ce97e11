/** Tables people paste or import: comma- or tab-separated, with a header. */
import { parseCsv, type CsvTable } from '../model/csv.ts';

const MOST_ROWS = 20_000;

/** Rows of a pasted or imported table; a header with tabs means cells copied from a spreadsheet. Throws what `parseCsv` throws. */
export function parseTable(text: string): CsvTable {
  const [head = ''] = text.split(/\r?\n/, 1);
  if (!head.includes('\t')) return parseCsv(text, MOST_ROWS);
  const quoted = text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) =>
      line
        .split('\t')
        .map((cell) => `"${cell.replaceAll('"', '""')}"`)
        .join(','),
    )
    .join('\n');
  return parseCsv(quoted, MOST_ROWS);
}

/** A header as it is compared: lower case, words joined by `_`. */
export function headerName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}
