import { readFileSync } from 'node:fs';
import type { CatalogRow } from '../../../src/core/model/catalog-row.ts';

/** Rows of a CSV with quoted cells, as objects by column name. */
export function csvRows(path: string): CatalogRow[] {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[(at += 1)];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',' || char === '\n') {
      rows.at(-1)?.push(cell.trim());
      cell = '';
      if (char === '\n') rows.push([]);
    } else cell += char;
  }
  if (cell !== '') rows.at(-1)?.push(cell.trim());
  const [header = [], ...body] = rows.filter((row) => row.length > 1);
  return body.map((row) => Object.fromEntries(header.map((column, at) => [column, row[at] ?? ''])));
}
