/** Data for kernels: random, because zeros are faster on real chips (thonking.ai, "Strangely, matrix multiplications…"). */
import { createRng } from '../../uncertainty/rng.ts';

/** Uniform in -1..1 with mean 0; the bounds of the checks rest on that. */
export function randomF32(length: number, seed: number): Float32Array<ArrayBuffer> {
  const rng = createRng(seed);
  const values = new Float32Array(length);
  for (let at = 0; at < length; at += 1) values[at] = rng.uint32() / 2147483648 - 1;
  return values;
}

/** Values after which large arrays of whole numbers repeat: beyond every cache line, and quick to make. */
const PERIOD = 2 ** 20;

/** Whole numbers in -limit..limit: their sums are exact in f32. Arrays of more than a million values repeat. */
export function randomWhole(length: number, limit: number, seed: number): Float32Array<ArrayBuffer> {
  const rng = createRng(seed);
  const values = new Float32Array(length);
  const first = Math.min(length, PERIOD);
  for (let at = 0; at < first; at += 1) values[at] = (rng.uint32() % (2 * limit + 1)) - limit;
  for (let made = first; made < length; made *= 2) values.copyWithin(made, 0, Math.min(made, length - made));
  return values;
}

/** Signed bytes, all 256 values. */
export function randomI8(length: number, seed: number): Int8Array<ArrayBuffer> {
  const rng = createRng(seed);
  const values = new Int8Array(length);
  for (let at = 0; at < length; at += 1) values[at] = rng.uint32() & 255;
  return values;
}

/** IEEE half precision of a number in the normal range, rounded to nearest, ties to even; tiny ones become 0. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign;
  let exponent = Math.floor(Math.log2(size));
  if (size < 2 ** exponent) exponent -= 1;
  else if (size >= 2 ** (exponent + 1)) exponent += 1;
  const scaled = size / 2 ** (exponent - 10);
  let fraction = Math.floor(scaled);
  const rest = scaled - fraction;
  if (rest > 0.5 || (rest === 0.5 && fraction % 2 === 1)) fraction += 1;
  if (fraction === 2048) {
    fraction = 1024;
    exponent += 1;
  }
  return exponent > 15 ? sign | 0x7c00 : sign | ((exponent + 15) << 10) | (fraction - 1024);
}

/** The number a half-precision word stands for. */
export function fromHalf(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const exponent = (word >> 10) & 31;
  const fraction = word & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Half-precision words of single-precision values. */
export function halves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint16Array(values.length);
  for (let at = 0; at < values.length; at += 1) words[at] = toHalf(values[at] as number);
  return words;
}

/** Values of half-precision words. */
export function widened(words: Uint16Array): Float64Array {
  const values = new Float64Array(words.length);
  for (let at = 0; at < words.length; at += 1) values[at] = fromHalf(words[at] as number);
  return values;
}
