/** Which column of a file goes where, in which unit: proposed from headers, changed by people, never guessed from values. */
import { parseUnit } from '../quantity/unit.ts';
import type { ColumnType } from '../sheet/view.ts';
import { SAME_NAME } from './names.ts';

/** A column that can be filled. */
export interface TargetColumn {
  readonly id: string;
  readonly label: string;
  /** Unit of plain numbers; empty for texts and plain numbers. */
  readonly unit: string;
  readonly type: ColumnType;
}

export interface ColumnMapping {
  /** Id of the target; empty leaves the column out. */
  readonly to: string;
  /** Unit of the file's plain numbers: a unit, or `K`, `M`, `B`, `T` for counts; empty for the target's own. */
  readonly unit: string;
}

export interface TableMapping {
  /** Row that names the columns, and the first row of values; from 0. */
  readonly header: number;
  readonly first: number;
  /** One per column of the header. */
  readonly columns: readonly ColumnMapping[];
  /** Numbers as `1.234,5`. */
  readonly decimalComma: boolean;
}

/** Rows above the values that may hold names and units. */
const HEAD_ROWS = 6;
const MULTIPLIERS: Readonly<Record<string, string>> = {
  k: 'K',
  thousand: 'K',
  thousands: 'K',
  m: 'M',
  million: 'M',
  millions: 'M',
  b: 'B',
  bn: 'B',
  billion: 'B',
  billions: 'B',
  t: 'T',
  tn: 'T',
  trillion: 'T',
  trillions: 'T',
};
const CURRENCY: Readonly<Record<string, string>> = { $: 'USD', US$: 'USD', '€': 'EUR', '£': 'GBP' };

/** A header as it is compared: lower case, words joined by `_`. */
export function headerWords(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/**
 * Proposes a mapping. Each target is used once; columns that match nothing are left out. `here` says which of the usual
 * names mean something else in this table.
 */
export function proposeMapping(
  rows: readonly (readonly string[])[],
  targets: readonly TargetColumn[],
  here: Readonly<Record<string, string>> = {},
): TableMapping {
  const heads = rows.slice(0, HEAD_ROWS);
  const matched = heads.map((row) => matches(row, targets, here));
  const score = (at: number): number => matched[at]?.filter(({ to }) => to !== '').length ?? 0;
  const header = heads.reduce((best, _, at) => (score(at) > score(best) ? at : best), 0);
  const units = [header + 1, header - 1].find((at) => at >= 0 && isUnitRow(heads[at] ?? []));
  const given = units === undefined ? [] : (heads[units] ?? []);
  const columns = (matched[header] ?? []).map((column, i) =>
    column.to !== '' && column.unit === '' ? { ...column, unit: unitText(given[i] ?? '') ?? '' } : column,
  );
  // Names may stand twice, as labels and as ids.
  const names = heads.map((_, at) => at).filter((at) => score(at) > 1 && score(at) * 2 >= score(header));
  const first = Math.max(header, units ?? header, ...names) + 1;
  return { header, first, columns, decimalComma: usesDecimalComma(rows.slice(first, first + 200)) };
}

function matches(
  row: readonly string[],
  targets: readonly TargetColumn[],
  here: Readonly<Record<string, string>>,
): ColumnMapping[] {
  const taken = new Set<string>();
  const found: ColumnMapping[] = row.map(() => ({ to: '', unit: '' }));
  const claim = (at: number, { name, unit }: Reading): void => {
    const words = headerWords(name);
    if (words === '' || found[at]?.to !== '') return;
    const usual = Object.hasOwn(SAME_NAME, words) ? (SAME_NAME[words] as string) : words;
    const wanted = Object.hasOwn(here, usual) ? (here[usual] as string) : usual;
    const free = targets.filter(
      (own) => !taken.has(own.id) && (unit === '' || own.type === 'number' || own.type === 'schedule'),
    );
    const target =
      free.find((own) => [own.id, headerWords(own.label)].includes(words)) ?? free.find((own) => own.id === wanted);
    if (!target) return;
    taken.add(target.id);
    found[at] = { to: target.id, unit };
  };
  // Whole names before names with a unit cut off: "Hardware FLOP" must not take the place of "Hardware".
  const all = row.map(readings);
  all.forEach(([whole], at) => whole && claim(at, whole));
  all.forEach((own, at) => own.slice(1).forEach((reading) => claim(at, reading)));
  return found;
}

interface Reading {
  readonly name: string;
  readonly unit: string;
}

/** What a header may mean: all of it a name, a name with a unit in brackets or after a comma, or a unit as its last words. */
function readings(cell: string): Reading[] {
  const found = [{ name: cell, unit: '' }];
  const bracket =
    /^(.+?)\s*[([]([^()[\]]*(?:\([^()]*\)[^()[\]]*)?)[)\]]\s*$/.exec(cell) ?? /^(.+?),\s*(\S+)$/.exec(cell);
  if (bracket) {
    const unit = unitText(bracket[2] ?? '');
    if (unit !== undefined) found.push({ name: bracket[1] ?? '', unit });
  }
  const words = cell.trim().split(/[\s_]+/);
  for (const count of [1, 2, 3]) {
    if (words.length <= count) break;
    const unit = unitText(
      words
        .slice(-count)
        .join(' ')
        .replace(/ per /gi, '/')
        .replaceAll(' ', count > 1 ? '/' : ' '),
    );
    if (unit) found.push({ name: words.slice(0, -count).join('_'), unit });
  }
  return found;
}

/** The unit a text names, as we write it; undefined when it names none. */
export function unitText(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const multiplier = MULTIPLIERS[trimmed.toLowerCase()];
  if (multiplier) return multiplier;
  const spelled = trimmed.replace(/US\$|[$€£]/g, (sign) => CURRENCY[sign] ?? sign);
  for (const candidate of [spelled, cased(spelled)])
    try {
      parseUnit(candidate);
      return candidate;
    } catch {
      // Another spelling, or no unit at all.
    }
  return undefined;
}

/** `usd/h` and `mwh` as units are written; lower case is common in headers. */
function cased(text: string): string {
  return text
    .split('/')
    .map((part) => CASED[part.toLowerCase()] ?? part)
    .join('/');
}

const CASED: Readonly<Record<string, string>> = {
  usd: 'USD',
  eur: 'EUR',
  gbp: 'GBP',
  kwh: 'kWh',
  mwh: 'MWh',
  gwh: 'GWh',
  kw: 'kW',
  w: 'W',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  gpu: 'chip',
  gpus: 'chip',
  flop: 'FLOP',
  tflop: 'TFLOP',
  pflop: 'PFLOP',
  gib: 'GiB',
  tib: 'TiB',
  gb: 'GB',
  tb: 'TB',
};

function isUnitRow(row: readonly string[]): boolean {
  const filled = row.filter((cell) => cell !== '');
  return filled.length > 0 && filled.every((cell) => unitText(cell) !== undefined && !/^\d/.test(cell));
}

/** True when some number can only be read with a decimal comma and none only with a point. */
function usesDecimalComma(rows: readonly (readonly string[])[]): boolean {
  let comma = false;
  for (const cell of rows.flat()) {
    if (/^-?\d{1,3}(,\d{3})*\.\d+$/.test(cell) && !/^-?\d{1,3}\.\d{3}$/.test(cell)) return false;
    if (/^-?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})$/.test(cell)) comma = true;
  }
  return comma;
}
