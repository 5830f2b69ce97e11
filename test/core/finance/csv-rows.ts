import { readFileSync } from 'node:fs';

/** Rows of a CSV file as header -> text; quoted fields may hold commas, line ends and doubled quotes. */
export function csvRows(path: string): Record<string, string>[] {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    if (match[0] === '' && rows[rows.length - 1]!.length === 0) break;
    rows[rows.length - 1]!.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] !== ',') rows.push([]);
  }
  const [header, ...body] = rows.filter((row) => row.length > 0);
  return body.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i] ?? ''])));
}

/** One row by the value of a column; the first of several. */
export function csvRow(path: string, column: string, value: string): Record<string, string> {
  const row = csvRows(path).find((one) => one[column] === value);
  if (!row) throw new Error(`${path} has no row with ${column} = ${value}`);
  return row;
}
