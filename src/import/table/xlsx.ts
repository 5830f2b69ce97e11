/**
 * Sheets of an XLSX workbook as rows of texts. Values only: a formula counts by the result stored beside it, and nothing in
 * the file is run or followed. Document type declarations, and with them entities of the file's own, are refused.
 */
import { SaxesParser } from 'saxes';
import { FlopsheetError } from '../../core/errors.ts';
import type { RawTable } from '../../core/exchange/raw-table.ts';
import { checkCell, checkColumn, RowCollector, tooLarge } from './row-collector.ts';
import { ZipFile } from './zip.ts';

const MOST_SHEETS = 50;
const MOST_SHARED = 500_000;
const MOST_DEPTH = 64;
/** XML without a single tag: one endless text or attribute. */
const MOST_SILENCE = 4_000_000;
/** Number formats that mean a date, of those every spreadsheet knows by number (ECMA-376 part 1, 18.8.30). */
const DATE_FORMATS = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47]);
const DAY_MS = 86_400_000;

interface Handlers {
  open?(name: string, attribute: (name: string) => string): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Reads every sheet that holds something. Throws FlopsheetError `XLSX`, `TABLE_SIZE` or `TABLE_EMPTY`. */
export function readXlsx(bytes: Uint8Array): RawTable[] {
  const zip = new ZipFile(bytes);
  const { sheets, date1904 } = workbookOf(zip);
  const shared = zip.has('xl/sharedStrings.xml') ? sharedStrings(zip) : [];
  const dates = zip.has('xl/styles.xml') ? dateStyles(zip) : [];
  const collector = new RowCollector();
  const tables = sheets.map(({ name, part }) => {
    readSheet(zip, part, { shared, dates, date1904 }, collector);
    return collector.take(name);
  });
  const filled = tables.filter((table) => table.rows.length > 0);
  if (filled.length === 0) throw new FlopsheetError('TABLE_EMPTY', 'the workbook holds no values', { where: 'file' });
  return filled;
}

/** Reads XML as it is inflated. Names come without their prefix. */
function parse(zip: ZipFile, part: string, handlers: Handlers): void {
  const parser = new SaxesParser();
  const decoder = new TextDecoder();
  let depth = 0;
  let silence = 0;
  const local = (name: string): string => name.slice(name.indexOf(':') + 1);
  parser.on('error', () => {
    throw new FlopsheetError('XLSX', `the workbook cannot be read: ${part} is not well-formed XML`, {
      where: part,
      hint: 'open it in your spreadsheet and save it anew',
    });
  });
  parser.on('doctype', () => {
    throw new FlopsheetError('XLSX', `${part} declares entities of its own, which no spreadsheet writes`, {
      where: part,
      hint: 'this file may be hostile: it was not read',
    });
  });
  parser.on('opentag', (tag) => {
    silence = 0;
    if (++depth > MOST_DEPTH) tooLarge(`${part} is nested too deeply`, 'save it anew');
    const { attributes } = tag as { attributes: Record<string, string> };
    handlers.open?.(local(tag.name), (name) => attributes[name] ?? '');
  });
  parser.on('text', (text) => {
    silence = 0;
    handlers.text?.(text);
  });
  parser.on('closetag', (tag) => {
    silence = 0;
    depth--;
    handlers.close?.(local(tag.name));
  });
  zip.read(part, (piece, last) => {
    silence += piece.length;
    const before = silence;
    parser.write(decoder.decode(piece, { stream: !last }));
    if (silence >= before && silence > MOST_SILENCE) tooLarge(`${part} holds one endless text`, 'save it anew');
    if (last) parser.close();
  });
}

function workbookOf(zip: ZipFile): { sheets: { name: string; part: string }[]; date1904: boolean } {
  const named: { name: string; id: string }[] = [];
  let date1904 = false;
  parse(zip, 'xl/workbook.xml', {
    open: (tag, attribute) => {
      if (tag === 'workbookPr') date1904 = /^(1|true)$/.test(attribute('date1904'));
      if (tag !== 'sheet') return;
      named.push({ name: attribute('name'), id: attribute('r:id') });
      if (named.length > MOST_SHEETS)
        tooLarge(`the workbook has more than ${MOST_SHEETS} sheets`, 'keep those you need');
    },
  });
  const targets = new Map<string, string>();
  parse(zip, 'xl/_rels/workbook.xml.rels', {
    open: (tag, attribute) => {
      if (tag === 'Relationship' && attribute('TargetMode') !== 'External')
        targets.set(attribute('Id'), attribute('Target'));
    },
  });
  const sheets = named.flatMap(({ name, id }) => {
    const target = targets.get(id);
    const part = target === undefined ? '' : target.startsWith('/') ? target.slice(1) : `xl/${target}`;
    return part !== '' && zip.has(part) ? [{ name, part }] : [];
  });
  return { sheets, date1904 };
}

function sharedStrings(zip: ZipFile): string[] {
  const found: string[] = [];
  let own = '';
  let reading = false;
  /** Phonetic hints stand beside the text and are not part of it. */
  let hint = false;
  parse(zip, 'xl/sharedStrings.xml', {
    open: (tag) => {
      if (tag === 'si') own = '';
      else if (tag === 'rPh') hint = true;
      reading = tag === 't' && !hint;
    },
    text: (text) => {
      if (reading) own = checkCell(own + text);
    },
    close: (tag) => {
      reading = false;
      if (tag === 'rPh') hint = false;
      if (tag !== 'si') return;
      found.push(own);
      if (found.length > MOST_SHARED)
        tooLarge(`the workbook has more than ${MOST_SHARED} texts`, 'keep the sheet you need');
    },
  });
  return found;
}

/** By number of the cell style: whether it shows a date. */
function dateStyles(zip: ZipFile): boolean[] {
  const custom = new Map<number, boolean>();
  const found: boolean[] = [];
  let inside = false;
  parse(zip, 'xl/styles.xml', {
    open: (tag, attribute) => {
      if (tag === 'numFmt') custom.set(Number(attribute('numFmtId')), isDateFormat(attribute('formatCode')));
      if (tag === 'cellXfs') inside = true;
      if (tag !== 'xf' || !inside) return;
      const format = Number(attribute('numFmtId'));
      found.push(custom.get(format) ?? DATE_FORMATS.has(format));
    },
    close: (tag) => {
      if (tag === 'cellXfs') inside = false;
    },
  });
  return found;
}

function isDateFormat(code: string): boolean {
  return /[ymdh]/i.test(code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '')) && !/general/i.test(code);
}

interface Lookups {
  readonly shared: readonly string[];
  readonly dates: readonly boolean[];
  readonly date1904: boolean;
}

function readSheet(zip: ZipFile, part: string, lookups: Lookups, collector: RowCollector): void {
  let row: string[] = [];
  let column = 0;
  let type = '';
  let style = 0;
  let value = '';
  let reading = false;
  parse(zip, part, {
    open: (tag, attribute) => {
      if (tag === 'row') {
        row = [];
        column = 0;
      } else if (tag === 'c') {
        const reference = attribute('r');
        if (reference) column = columnNumber(reference);
        checkColumn(column);
        collector.count();
        type = attribute('t');
        style = Number(attribute('s') || 0);
        value = '';
      }
      reading = tag === 'v' || tag === 't';
    },
    text: (text) => {
      if (reading) value = checkCell(value + text);
    },
    close: (tag) => {
      reading = false;
      if (tag === 'row') collector.add(row);
      if (tag !== 'c') return;
      while (row.length < column) row.push('');
      row[column++] = shown(value, type, style, lookups).trim();
    },
  });
}

/** Column of `AB12`, from 0. More letters than any spreadsheet has give a column that is refused. */
function columnNumber(reference: string): number {
  const letters = /^[A-Z]{1,5}/.exec(reference)?.[0] ?? 'A';
  return [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function shown(value: string, type: string, style: number, { shared, dates, date1904 }: Lookups): string {
  if (value === '') return '';
  if (type === 's') return shared[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'yes' : 'no';
  if (type === 'e') return '';
  if (type === 'str' || type === 'inlineStr' || type === 'd') return value;
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  return dates[style] && number > 0 && number < 2_958_466 ? isoDay(number, date1904) : String(number);
}

/** Serial days count from 1899-12-30, so that days after February 1900 are right; 1904 workbooks from 1904-01-01. */
function isoDay(serial: number, date1904: boolean): string {
  const start = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  return new Date(start + Math.floor(serial) * DAY_MS).toISOString().slice(0, 10);
}
