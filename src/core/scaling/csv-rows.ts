/** Splits one line of delimited text; quotes may hold delimiters and doubled quotes. */
function splitLine(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quoted) {
      if (c === '"' && line[i + 1] === '"') {
        cell += '"';
        i++;
      } else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === delimiter) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  cells.push(cell);
  return cells;
}

/** The delimiter that cuts the first lines into the most equal number of cells: tab, semicolon, comma, pipe; else spaces. */
export function detectDelimiter(sample: readonly string[]): string {
  let best = ',';
  let most = 1;
  for (const delimiter of ['\t', ';', ',', '|']) {
    const counts = sample.map((line) => splitLine(line, delimiter).length);
    const least = Math.min(...counts);
    if (least > most) {
      most = least;
      best = delimiter;
    }
  }
  if (most > 1) return best;
  return sample.every((line) => /\S\s+\S/.test(line.trim())) ? ' ' : best;
}

/**
 * Calls `row` for every non-empty line of `text` that is not a comment (#), with its 1-based line number.
 * Quoted line breaks are not supported: tables of runs do not hold them.
 */
export function forEachRow(text: string, delimiter: string, row: (cells: string[], line: number) => void): void {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 0;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    line++;
    let stop = end;
    if (stop > at && text.charCodeAt(stop - 1) === 13) stop--;
    const content = text.slice(at, stop);
    at = end + 1;
    if (content.trim() === '' || content.startsWith('#')) continue;
    row(delimiter === ' ' ? content.trim().split(/\s+/) : splitLine(content, delimiter), line);
  }
}
