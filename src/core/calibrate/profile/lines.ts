/** Lines of a stream that may be gigabytes long, one at a time, and a look at its beginning. */

/** Characters of a line beyond which it is no line of a log. */
const LONGEST_LINE = 100_000;

/** Calls `read` for every line without its end; a line of more than 100,000 characters is passed over. */
export async function eachLine(chunks: AsyncIterable<string>, read: (line: string) => void): Promise<void> {
  let rest = '';
  let dropping = false;
  for await (const chunk of chunks) {
    const lines = chunk.split(/\r\n|\n|\r/);
    for (let at = 0; at < lines.length; at += 1) {
      if (!dropping) rest += lines[at] as string;
      if (rest.length > LONGEST_LINE) {
        rest = '';
        dropping = true;
      }
      if (at === lines.length - 1) break;
      if (!dropping) read(rest);
      rest = '';
      dropping = false;
    }
  }
  if (!dropping) read(rest);
}

/** The first characters of a stream (at least `characters`, or all there are), and the whole stream from its beginning. */
export async function peek(
  chunks: AsyncIterable<string>,
  characters: number,
): Promise<{ readonly head: string; readonly all: AsyncIterable<string> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = '';
  let done = false;
  while (head.length < characters && !done) {
    const next = await iterator.next();
    if (next.done) done = true;
    else head += next.value;
  }
  async function* all(): AsyncGenerator<string> {
    yield head;
    while (!done) {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
    }
  }
  return { head, all: all() };
}

/** Cells of one CSV line: quoted cells may hold commas and doubled quotes; blanks around a cell are dropped. */
export function csvCells(line: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at += 1;
    if (line[at] === '"') {
      let end = line.indexOf('"', at + 1);
      while (end >= 0 && line[end + 1] === '"') end = line.indexOf('"', end + 2);
      if (end < 0) end = line.length;
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
      at = line.indexOf(',', end);
    } else {
      const comma = line.indexOf(',', at);
      cells.push(line.slice(at, comma < 0 ? line.length : comma).trim());
      at = comma;
    }
    if (at < 0) return cells;
    at += 1;
  }
}
