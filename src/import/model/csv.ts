import { FlopsheetError } from '../../core/errors.ts';

/** A parsed table: its header and its rows as objects by column. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Columns a table may have: more are a broken file, not a wide one. */
const MAX_COLUMNS = 2_000;

/**
 * Parses a comma-separated table with a header line (RFC 4180 quotes, any line end, byte-order mark allowed). Throws
 * FlopsheetError `csv-quote`, `csv-empty`, `csv-size` (more than `maxRows` rows or 2,000 columns).
 */
export function parseCsv(text: string, maxRows: number): CsvTable {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < source.length) {
    let cell = '';
    if (source[at] === '"') {
      // Searched, not walked: a quote that is never closed may be followed by megabytes.
      const end = closingQuote(source, at + 1);
      cell = source.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    }
    const end = endOfCell(source, at);
    cell += source.slice(at, end).replaceAll('\r', '');
    at = end + 1;
    row.push(cell);
    if (row.length > MAX_COLUMNS)
      throw new FlopsheetError('csv-size', `The table has more than ${MAX_COLUMNS} columns.`, {
        hint: 'Look at the line ends and the separator of the file.',
      });
    if (source[end] === ',') {
      if (at < source.length) continue;
      row.push('');
    }
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (rows.length > maxRows + 1)
      throw new FlopsheetError('csv-size', `The table has more than ${maxRows} rows.`, { hint: 'Split the file.' });
  }
  const header = (rows[0] ?? []).map((name) => name.trim());
  if (header.length === 0)
    throw new FlopsheetError('csv-empty', 'The table is empty.', { hint: 'The first line names the columns.' });
  return {
    header,
    rows: rows.slice(1).map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? '']))),
  };
}

/** Place of the quote that ends a quoted cell; doubled quotes inside it are passed. */
function closingQuote(source: string, from: number): number {
  let end = source.indexOf('"', from);
  while (end >= 0 && source[end + 1] === '"') end = source.indexOf('"', end + 2);
  if (end < 0)
    throw new FlopsheetError('csv-quote', 'A quoted cell is never closed.', { hint: 'Look for a stray double quote.' });
  return end;
}

function endOfCell(source: string, from: number): number {
  for (let at = from; at < source.length; at++) if (source[at] === ',' || source[at] === '\n') return at;
  return source.length;
}
