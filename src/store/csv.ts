/** One record of a CSV file, by column name. */
export type CsvRecord = Readonly<Record<string, string>>;

/**
 * Reads CSV with a header line (RFC 4180: quoted fields may hold commas, quotes doubled, line breaks).
 * A field missing at the end of a line is empty. Only for files that ship with the product: no limits, no guessing.
 */
export function parseCsv(text: string): { columns: string[]; records: CsvRecord[] } {
  const rows = rowsOf(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  const columns = rows.shift() ?? [];
  const records = rows
    .filter((row) => row.length > 1 || row[0] !== '')
    .map((row) => {
      const record: Record<string, string> = Object.create(null) as Record<string, string>;
      columns.forEach((column, i) => (record[column] = row[i] ?? ''));
      return record;
    });
  return { columns, records };
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at <= text.length) {
    let field: string;
    if (text[at] === '"') {
      let end = at + 1;
      while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
      field = text.slice(at, end);
      at = end;
    }
    row.push(field);
    if (text[at] === ',') {
      at++;
      continue;
    }
    rows.push(row);
    row = [];
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    if (at >= text.length) break;
  }
  return rows;
}
