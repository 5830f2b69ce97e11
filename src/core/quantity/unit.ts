/**
 * Units people type: `TFLOP/s`, `USD/(chip·h)`, `GiB`, `kg/kWh`. A unit is a scale to base units, a dimension and a kind.
 * Base units: FLOP, byte, second, joule, gram CO2e, chip, litre and each currency. Year 8,766 h, month 730.5 h.
 */
import { FlopsheetError } from '../errors.ts';
import { base, NONE, multiply, raise, type CountKind, type Dimension, type NumberType } from './dimension.ts';
import { nearest } from './nearest.ts';

export interface Unit extends NumberType {
  /** Factor from this unit to base units. */
  readonly scale: number;
  /** As written. */
  readonly text: string;
}

export const PLAIN: Unit = { scale: 1, dimension: NONE, kind: '', text: '' };

const DECIMAL: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Z: 1e21,
  Y: 1e24,
};
const BINARY: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 };

/** ISO 4217 codes a plan may use. */
export const CURRENCIES =
  'USD EUR GBP JPY CNY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY ILS AED SAR QAR INR SGD HKD TWD KRW THB MYR IDR PHP VND BRL MXN ARS CLP COP ZAR NGN KES EGP UAH KZT ISK'.split(
    ' ',
  );

const units = new Map<string, Unit>();

function define(text: string, scale: number, dimension: Dimension, kind: CountKind = ''): void {
  units.set(text, { scale, dimension, kind, text });
}

function definePrefixed(symbol: string, scale: number, dimension: Dimension, prefixes: string): void {
  for (const prefix of ['', ...prefixes]) define(prefix + symbol, scale * (DECIMAL[prefix] as number), dimension);
}

definePrefixed('FLOP', 1, base('FLOP'), 'kMGTPEZY');
definePrefixed('MAC', 2, base('FLOP'), 'kMGTPEZY');
definePrefixed('byte', 1, base('byte'), '');
for (const prefix of 'kMGTPE') define(`${prefix}B`, DECIMAL[prefix] as number, base('byte'));
for (const [prefix, scale] of Object.entries(BINARY)) define(`${prefix}B`, scale, base('byte'));
definePrefixed('bit', 1 / 8, base('byte'), 'kMGT');
definePrefixed('J', 1, base('J'), 'kMGTP');
definePrefixed('Wh', 3600, base('J'), 'kMGT');
definePrefixed('W', 1, multiply(base('J'), raise(base('s'), -1)), 'kMGT');
for (const suffix of ['', 'CO2e']) {
  define(`g${suffix}`, 1, base('gCO2e'));
  define(`kg${suffix}`, 1e3, base('gCO2e'));
  define(`t${suffix}`, 1e6, base('gCO2e'));
  define(`kt${suffix}`, 1e9, base('gCO2e'));
}
define('L', 1, base('litre'));
define('m3', 1000, base('litre'));
const HOUR = 3600;
for (const [names, seconds] of [
  ['ns', 1e-9],
  ['us µs', 1e-6],
  ['ms', 1e-3],
  ['s sec second seconds', 1],
  ['min minute minutes', 60],
  ['h hour hours', HOUR],
  ['day days', 24 * HOUR],
  ['week weeks', 168 * HOUR],
  ['month months', 730.5 * HOUR],
  ['year years', 8766 * HOUR],
] as const)
  for (const name of names.split(' ')) define(name, seconds, base('s'));
for (const name of ['chip', 'chips', 'GPU', 'GPUs', 'TPU', 'TPUs']) define(name, 1, base('chip'));
for (const [names, kind] of [
  ['token tokens tok', 'token'],
  ['param params parameter parameters', 'param'],
  ['step steps', 'step'],
  ['sequence sequences seq', 'sequence'],
  ['request requests', 'request'],
  ['sample samples', 'sample'],
  ['image images', 'image'],
  ['person persons people FTE', 'person'],
] as const)
  for (const name of names.split(' ')) define(name, 1, NONE, kind);
for (const code of CURRENCIES) define(code, 1, base(code));
define('%', 0.01, NONE);
define('1', 1, NONE);

/** Spellings that mislead, with what to write. */
const MISLEADING: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /^([kMGTPEZY]?)(FLOPS|FLOPs|flops|flop|Flops|Flop)$/,
    'write FLOP for a count and FLOP/s for a rate, as in "TFLOP/s"',
  ],
  [/^[KMGT]?B$/, 'write "byte", "kB", "GB" or "GiB"; a count multiplier has no space, as in "405B"'],
  [/^[kMGT]?(bps|Bps)$/, 'write "Gbit/s" or "GB/s"'],
  [/^(kwh|KWh|kWH|KWH)$/, 'write "kWh"'],
  [/^(mwh|MWH)$/, 'write "MWh"'],
  [/^[$€£¥]$/, 'write the currency code, as in "USD"'],
];

/** True for a name that is a unit on its own: such names cannot be column ids or assumption keys. */
export function isUnitName(name: string): boolean {
  return units.has(name);
}

/** Every unit name, for completion. */
export function unitNames(): readonly string[] {
  return [...units.keys()];
}

/** What to write instead of a name that is no unit; empty when nothing comes to mind. */
export function unitAdvice(name: string): string {
  const misleading = MISLEADING.find(([pattern]) => pattern.test(name));
  if (misleading) return misleading[1];
  const guess = name.length > 1 ? nearest(name, units.keys()) : undefined;
  return guess ? `did you mean "${guess}"?` : '';
}

/** One unit by name. Throws `UNIT` with what to write instead. */
export function unitByName(name: string): Unit {
  const unit = units.get(name);
  if (unit) return unit;
  throw new FlopsheetError('UNIT', `"${name}" is not a unit`, {
    hint: unitAdvice(name) || 'write for example "TFLOP/s", "USD/h" or "USD/(chip·h)"',
  });
}

const parsed = new Map<string, Unit>();

/**
 * A unit expression: names with `·`, `*` or spaces, `/`, `^` and parentheses, as in `USD/(chip·h)`.
 * Empty text is a plain number. Throws `UNIT`.
 */
export function parseUnit(text: string): Unit {
  const known = parsed.get(text);
  if (known) return known;
  const tokens = text.match(/[A-Za-z%µ$€£¥][A-Za-z0-9µ]*|\d+|[·*/^()-]|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new FlopsheetError('UNIT', `"${text}" is not a unit`, {
      hint: 'write for example "TFLOP/s", "USD/h" or "USD/(chip·h)"',
    });
  };
  const factor = (): Unit => {
    const token = tokens[at++] ?? fail();
    let unit: Unit;
    if (token === '(') {
      unit = product();
      if (tokens[at++] !== ')') fail();
    } else unit = unitByName(token);
    if (tokens[at] === '^') {
      at++;
      const sign = tokens[at] === '-' ? (at++, -1) : 1;
      const power = sign * Number(tokens[at++] ?? fail());
      if (!Number.isInteger(power) || Math.abs(power) > 9) fail();
      unit = {
        scale: unit.scale ** power,
        dimension: raise(unit.dimension, power),
        kind: power === 1 ? unit.kind : '',
        text,
      };
    }
    return unit;
  };
  const product = (): Unit => {
    let unit = factor();
    while (at < tokens.length && tokens[at] !== ')') {
      const divides = tokens[at] === '/';
      if (divides || tokens[at] === '·' || tokens[at] === '*') at++;
      const next = factor();
      unit = {
        scale: divides ? unit.scale / next.scale : unit.scale * next.scale,
        dimension: multiply(unit.dimension, divides ? raise(next.dimension, -1) : next.dimension),
        kind: unit.kind || (divides ? '' : next.kind),
        text,
      };
    }
    return unit;
  };
  const unit: Unit = tokens.length === 0 ? PLAIN : { ...product(), text };
  if (at < tokens.length) fail();
  if (parsed.size < 10_000) parsed.set(text, unit);
  return unit;
}

/** A unit as headers show it: one denominator, dots for products. `FLOP/s/chip` becomes `FLOP/(s·chip)`. */
export function unitLabel(text: string): string {
  const [first = '', ...rest] = text.split('/');
  return rest.length > 1 && !text.includes('(') ? `${first}/(${rest.join('·')})` : text;
}
