/** Cells to and from the clipboard, as spreadsheets write them: tabs, newlines, quotes around what holds either. */

/** Text of a rectangle of cells. */
export function toTsv(rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => row.map((cell) => (/["\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join('\t'))
    .join('\n');
}

/** A quoted cell: its closing quote is followed by a tab, a line break or the end. A lone quote is a character. */
const QUOTED = /^"((?:[^"]|"")*)"(?=[\t\n]|$)/;

/** Cells of pasted text; quoted cells may hold tabs and newlines. A final newline adds no row. */
export function fromTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const source = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  while (at < source.length) {
    const quoted = QUOTED.exec(source.slice(at));
    const end = source.slice(at).search(/[\t\n]/);
    const cell = quoted
      ? (quoted[1] as string).replaceAll('""', '"')
      : end < 0
        ? source.slice(at)
        : source.slice(at, at + end);
    at += quoted ? quoted[0].length : cell.length;
    row.push(cell);
    if (source[at] === '\t') {
      at++;
      if (at === source.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
    at++;
  }
  if (row.length > 0) rows.push(row);
  return rows;
}
