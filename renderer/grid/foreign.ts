/**
 * Numbers and dates as other programs and countries write them, turned into what cells read: `1.234,56` and `1 234,56` to
 * `1234.56`, `(12.50)` to `-12.50`, `31.12.2027` to `2027-12-31`. Units and suffixes behind a number stay.
 */
export type CellKind = 'number' | 'date' | 'text';

/** How ambiguous texts are to be read. */
export interface Reading {
  readonly decimal: 'point' | 'comma';
  readonly dates: 'dmy' | 'mdy';
}

export interface Foreign {
  /** What the texts themselves say. */
  readonly reading: Reading;
  /** False when they contradict each other, or say nothing of the order of day and month. */
  readonly certain: boolean;
  readonly hasNumbers: boolean;
  readonly hasDates: boolean;
}

const GROUP = `[ \\u00a0\\u202f'’]`;
const FORMS = {
  point: new RegExp(`^(?:[1-9]\\d{0,2}(?:(?:,|${GROUP})\\d{3})+|\\d+)(?:\\.\\d+)?$|^\\.\\d+$`),
  comma: new RegExp(`^(?:[1-9]\\d{0,2}(?:(?:\\.|${GROUP})\\d{3})+|\\d+)(?:,\\d+)?$|^,\\d+$`),
} as const;
const PARTS = /^(\(?)\s*([-−+]?)\s*[€$£¥]?\s*([-−+]?)\s*([\d.,][\d.,'’ \u00a0\u202f]*|[\d.,])\s*(.*?)\s*(\)?)$/s;
const DATE = /^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})\s*$/;

interface Number {
  readonly negative: boolean;
  readonly digits: string;
  readonly rest: string;
}

function partsOf(text: string): Number | null {
  const found = PARTS.exec(text.trim());
  if (!found) return null;
  const [, open = '', sign = '', later = '', digits = '', rest = '', close = ''] = found;
  if ((open === '(') !== (close === ')')) return null;
  const minus = /[-−]/.test(sign + later);
  return { negative: minus !== (open === '('), digits: digits.trim(), rest: rest.replace(/[€$£¥]/g, '').trim() };
}

/** Whether a number can be read with that decimal sign. */
function reads(digits: string, decimal: Reading['decimal']): boolean {
  return FORMS[decimal].test(digits);
}

/** What pasted cells say of where they come from; null when every cell is read as it stands. `kinds` is by column. */
export function detectForeign(rows: readonly (readonly string[])[], kinds: readonly CellKind[]): Foreign | null {
  let [comma, point, changes] = [0, 0, 0];
  let [dayFirst, monthFirst, unclear] = [0, 0, 0];
  let [hasNumbers, hasDates] = [false, false];
  for (const row of rows)
    row.forEach((text, c) => {
      const kind = kinds[c] ?? 'text';
      if (kind === 'number')
        for (const part of ends(text)) {
          const digits = partsOf(part)?.digits ?? '';
          const [asPoint, asComma] = [reads(digits, 'point'), reads(digits, 'comma')];
          if (asComma && !asPoint) comma++;
          if (asPoint && !asComma) point++;
        }
      const date = kind === 'date' ? DATE.exec(text) : null;
      if (date) {
        hasDates = true;
        if (Number(date[1]) > 12 || date[2] === '.') dayFirst++;
        else if (Number(date[3]) > 12) monthFirst++;
        else unclear++;
      }
    });
  const reading: Reading = {
    decimal: comma > point ? 'comma' : 'point',
    dates: dayFirst >= monthFirst ? 'dmy' : 'mdy',
  };
  for (const row of rows)
    row.forEach((text, c) => {
      const kind = kinds[c] ?? 'text';
      if (kind === 'text' || canonical(text, kind, reading) === text) return;
      changes++;
      if (kind === 'number') hasNumbers = true;
    });
  if (changes === 0 && !(comma > 0 && point > 0)) return null;
  const numbersAgree = comma === 0 || point === 0;
  const datesAgree = !hasDates || dayFirst > 0 !== monthFirst > 0 || (unclear === 0 && !(dayFirst && monthFirst));
  return { reading, certain: numbersAgree && datesAgree, hasNumbers, hasDates };
}

/** The two ends of a range, or the whole text. */
function ends(text: string): string[] {
  return text.trim().startsWith('=') ? [] : text.split(/\s+to\s+/);
}

/** A cell as Flopsheet writes it; texts that are no number or date come back as they are. */
export function canonical(text: string, kind: CellKind, reading: Reading): string {
  if (kind === 'text' || text.trim().startsWith('=')) return text;
  if (kind === 'date') return canonicalDate(text, reading.dates);
  const parts = ends(text);
  return parts.length === 2
    ? parts.map((part) => canonicalNumber(part, reading.decimal)).join(' to ')
    : canonicalNumber(text, reading.decimal);
}

function canonicalNumber(text: string, decimal: Reading['decimal']): string {
  const parts = partsOf(text);
  if (!parts || !reads(parts.digits, decimal)) return text;
  const plain =
    decimal === 'comma'
      ? parts.digits.replace(/[. \u00a0\u202f'’]/g, '').replace(',', '.')
      : parts.digits.replace(/[, \u00a0\u202f'’]/g, '');
  // Thousands commas are understood as they are.
  if (decimal === 'point' && parts.digits === text.trim()) return /[ \u00a0\u202f'’]/.test(parts.digits) ? plain : text;
  const [, tail = ''] = text.split(parts.digits);
  const suffix = /^[kKMBT%]/.test(parts.rest) && !/^\s/.test(tail) ? parts.rest : parts.rest && ` ${parts.rest}`;
  const made = `${parts.negative ? '-' : ''}${plain}${suffix}`;
  return decimal === 'point' && sameNumber(made, text) ? text : made;
}

/** True when a text is already what it would become, but for spaces, a true minus and thousands commas. */
function sameNumber(made: string, text: string): boolean {
  const bare = (own: string): string => own.replace(/\s/g, '').replace('−', '-').replace(/^\+/, '');
  return bare(made) === bare(text).replace(/(\d),(?=\d{3})/g, '$1');
}

function canonicalDate(text: string, order: Reading['dates']): string {
  const found = DATE.exec(text);
  if (!found) return text;
  const [first, second] = [Number(found[1]), Number(found[3])];
  const dayFirst = first > 12 || (second <= 12 && (found[2] === '.' || order === 'dmy'));
  const [day, month] = dayFirst ? [first, second] : [second, first];
  return `${found[4]}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
