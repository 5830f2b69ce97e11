/**
 * Dimensions as exponents over a few bases. `chip` is a base, so that chip·h is not h; every currency is a base of its own.
 * Counts of tokens, parameters, steps … are *kinds*, carried beside the dimension: adding two kinds is an error,
 * multiplying them is free. Dimensions are interned: equal dimensions are the same object.
 */

export interface Dimension {
  /** Canonical text such as `FLOP·s^-1`; empty for a plain number. */
  readonly key: string;
  readonly powers: Readonly<Record<string, number>>;
}

/** What is counted by a number without physical dimension; empty when nothing in particular. */
export type CountKind = '' | 'token' | 'param' | 'step' | 'sequence' | 'request' | 'sample' | 'image' | 'person';

/** The type of a number: its dimension and what it counts. */
export interface NumberType {
  readonly dimension: Dimension;
  readonly kind: CountKind;
}

const interned = new Map<string, Dimension>();

function intern(powers: Record<string, number>): Dimension {
  const bases = Object.keys(powers)
    .filter((base) => powers[base] !== 0)
    .sort();
  const key = bases.map((base) => (powers[base] === 1 ? base : `${base}^${powers[base]}`)).join('·');
  let dimension = interned.get(key);
  if (!dimension) {
    dimension = { key, powers: Object.freeze(Object.fromEntries(bases.map((base) => [base, powers[base] as number]))) };
    interned.set(key, dimension);
  }
  return dimension;
}

/** The dimension of a plain number. */
export const NONE = intern({});

/** A base dimension: `FLOP`, `byte`, `s`, `J`, `gCO2e`, `chip`, `litre` or a currency code. */
export function base(name: string): Dimension {
  return intern({ [name]: 1 });
}

/** a·b for dimensions. */
export function multiply(a: Dimension, b: Dimension): Dimension {
  if (a === NONE) return b;
  if (b === NONE) return a;
  const powers: Record<string, number> = { ...a.powers };
  for (const [name, power] of Object.entries(b.powers)) powers[name] = (powers[name] ?? 0) + power;
  return intern(powers);
}

/** a^n for dimensions; n may be a fraction (square roots). */
export function raise(a: Dimension, n: number): Dimension {
  if (a === NONE || n === 1) return a;
  return intern(Object.fromEntries(Object.entries(a.powers).map(([name, power]) => [name, power * n])));
}

/** a/b for dimensions. */
export function divide(a: Dimension, b: Dimension): Dimension {
  return b === NONE ? a : multiply(a, raise(b, -1));
}

/** A count of tokens per second is still a count of tokens: time and chips leave the kind alone. */
function keepsKind(dimension: Dimension): boolean {
  return Object.keys(dimension.powers).every((name) => name === 's' || name === 'chip');
}

/**
 * Type of a product or quotient. A kind survives multiplication by plain numbers, times and chips, and is dropped when
 * kinds meet each other or another dimension: multiplying is free.
 */
export function productType(a: NumberType, b: NumberType, sign: 1 | -1): NumberType {
  const dimension = sign === 1 ? multiply(a.dimension, b.dimension) : divide(a.dimension, b.dimension);
  let kind: CountKind = '';
  if (keepsKind(a.dimension) && keepsKind(b.dimension)) {
    if (a.kind && !b.kind) kind = a.kind;
    else if (b.kind && !a.kind && sign === 1) kind = b.kind;
  }
  return { dimension, kind };
}

/** True when values of the two types may be added or compared: same dimension, and not two different kinds. */
export function compatible(a: NumberType, b: NumberType): boolean {
  return a.dimension === b.dimension && (a.kind === b.kind || a.kind === '' || b.kind === '');
}

/** A type in words for messages: `USD/(chip·s)`, `token`, `plain number`. */
export function typeName(type: NumberType): string {
  const top: string[] = [];
  const bottom: string[] = [];
  if (type.kind) top.push(type.kind);
  for (const [name, power] of Object.entries(type.dimension.powers)) {
    const size = Math.abs(power);
    (power > 0 ? top : bottom).push(size === 1 ? name : `${name}^${size}`);
  }
  if (top.length === 0 && bottom.length === 0) return 'plain number';
  const numerator = top.length > 0 ? top.join('·') : '1';
  if (bottom.length === 0) return numerator;
  return bottom.length === 1 ? `${numerator}/${bottom[0]}` : `${numerator}/(${bottom.join('·')})`;
}
