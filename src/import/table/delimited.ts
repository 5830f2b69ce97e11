/** Tables as text: comma, semicolon, tab or bar between cells, quotes as in RFC 4180, any line end. */
import { FlopsheetError } from '../../core/errors.ts';
import type { RawTable } from '../../core/exchange/raw-table.ts';
import { checkCell, checkColumn, RowCollector } from './row-collector.ts';

const SEPARATORS = [',', ';', '\t', '|'] as const;
/** Characters of the header that are looked at to find the separator. */
const HEADER_CHARACTERS = 100_000;

/** Text of bytes: UTF-8, UTF-16 with its mark, else Windows-1252, which older spreadsheets write. */
export function decoded(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Reads a table. Throws FlopsheetError `TABLE_SIZE`, `TABLE_QUOTE` or `TABLE_EMPTY`. */
export function readDelimited(source: string): RawTable {
  const text = source.replace(/^\uFEFF/, '');
  const separator = separatorOf(text);
  const collector = new RowCollector();
  let row: string[] = [];
  let at = 0;
  const cell = (value: string): void => {
    checkColumn(row.length);
    collector.count();
    row.push(checkCell(value).trim());
  };
  while (at < text.length) {
    let value = '';
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      value = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    }
    const end = cellEnd(text, at, separator);
    cell(value + text.slice(at, end));
    at = end + 1;
    if (text[end] === separator && at < text.length) continue;
    if (text[end] === '\r' && text[at] === '\n') at++;
    collector.add(row);
    row = [];
  }
  const table = collector.take('');
  if (table.rows.length === 0)
    throw new FlopsheetError('TABLE_EMPTY', 'the table is empty', {
      where: 'file',
      hint: 'the first line names the columns',
    });
  return table;
}

/** The separator that the header has most of, outside quotes; a comma where it has none. */
function separatorOf(text: string): string {
  const header =
    text
      .slice(0, HEADER_CHARACTERS)
      .replace(/"(?:[^"]|"")*"/g, '')
      .split(/[\r\n]/, 1)[0] ?? '';
  const count = (separator: string): number => header.split(separator).length - 1;
  return SEPARATORS.reduce((best, own) => (count(own) > count(best) ? own : best));
}

/** Searched, not walked: a quote that is never closed may be followed by megabytes. */
function closingQuote(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0)
    throw new FlopsheetError('TABLE_QUOTE', 'a quoted cell is never closed', {
      where: `line ${text.slice(0, from).split('\n', 100_000).length}`,
      hint: 'look for a stray double quote',
    });
  return end;
}

function cellEnd(text: string, from: number, separator: string): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === separator || character === '\n' || character === '\r') return at;
  }
  return text.length;
}
