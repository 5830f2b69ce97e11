/** Counts as the lab writes and reads them. */
import { formatScientific } from '../../../src/core/format/number.ts';
import { formatShort } from '../../lib/format.ts';

/** 405 B, 15.6 T: parameters and tokens. */
export const count = (value: number): string => formatShort(value);

/** A tick of a count axis: 100 B. */
export const countTick = (value: number): string => formatShort(value, 1);

/** FLOP as a power of ten: 3.79×10²⁵. */
export const flopText = (value: number): string => formatScientific(value, 3);

/** A tick of a logarithmic FLOP axis: 10²¹. */
export const powerTick = (value: number): string => formatScientific(value, 1).replace(/^1\s*×\s*/, '');

/** A count as formulas take it: 1e24, 70e9, 1.4e12. */
export function plain(value: number, digits = 4): string {
  const rounded = Number(value.toPrecision(digits));
  const power = Math.floor(Math.log10(rounded) / 3) * 3;
  if (rounded < 1e6) return String(rounded);
  if (power > 12) return rounded.toExponential().replace('e+', 'e');
  return `${Number((rounded / 10 ** power).toPrecision(digits))}e${power}`;
}

/** Every how many-th of `n` things to draw so that about `most` are; not in step with tables that go by twos, fives or tens. */
export function stride(n: number, most: number): number {
  let every = Math.max(1, Math.ceil(n / most));
  while (every > 1 && (every % 2 === 0 || every % 3 === 0 || every % 5 === 0)) every++;
  return every;
}

/** An interval, low to high. */
export const between = (low: number, high: number, write: (value: number) => string = count): string =>
  `${write(low)} to ${write(high)}`;
