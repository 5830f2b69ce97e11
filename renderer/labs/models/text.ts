/** Bytes and seconds as the models lab writes them. */
import { formatNumber } from '../../lib/format.ts';

const BYTES = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
] as const;

/** `15.0 GiB`; below a KiB in bytes. */
export function bytesText(bytes: number): string {
  for (const [size, unit] of BYTES) if (bytes >= size) return `${formatNumber(bytes / size, 1)} ${unit}`;
  return `${formatNumber(bytes, 0)} byte`;
}

/** `5.61 ms`; below a millisecond in µs, from a second on in s. */
export function secondsText(seconds: number): string {
  if (seconds >= 1) return `${formatNumber(seconds, 2)} s`;
  return seconds >= 1e-3 ? `${formatNumber(seconds * 1e3, 2)} ms` : `${formatNumber(seconds * 1e6, 1)} µs`;
}
