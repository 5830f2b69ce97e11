import { FlopsheetError } from '../../core/errors.ts';

/** A parsed table: its header and its rows as objects by column. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Parses a comma-separated table with a header line (RFC 4180 quotes, any line end, byte-order mark allowed). */
export function parseCsv(text: string, maxRows: number): CsvTable {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(cell);
    cell = '';
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (rows.length > maxRows + 1)
      throw new FlopsheetError('csv-size', `The table has more than ${maxRows} rows.`, { hint: 'Split the file.' });
  };
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  if (quoted)
    throw new FlopsheetError('csv-quote', 'A quoted cell is never closed.', { hint: 'Look for a stray double quote.' });
  if (cell !== '' || row.length > 0) endRow();
  const header = (rows[0] ?? []).map((name) => name.trim());
  if (header.length === 0)
    throw new FlopsheetError('csv-empty', 'The table is empty.', { hint: 'The first line names the columns.' });
  return {
    header,
    rows: rows.slice(1).map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? '']))),
  };
}
