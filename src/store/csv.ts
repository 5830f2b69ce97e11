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
  for (let at = 0; at < text.length;) {
    let field: string;
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) end = text.length;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const comma = text.indexOf(',', at);
      const line = text.indexOf('\n', at);
      const end = Math.min(comma < 0 ? text.length : comma, line < 0 ? text.length : line);
      field = text.slice(at, text[end] === '\n' && text[end - 1] === '\r' && end > at ? end - 1 : end);
      at = end;
    }
    row.push(field);
    if (text[at] === ',') {
      at++;
      // A comma before the end of the text is followed by one more, empty field.
      if (at < text.length) continue;
      row.push('');
    }
    if (text[at] === '\r') at++;
    at++;
    rows.push(row);
    row = [];
  }
  return rows;
}
