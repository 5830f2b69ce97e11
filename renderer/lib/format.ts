/** Numbers for people, where the screen itself computes one (sums of a selection, chart axes, deltas). */

const MINUS = '\u2212';
const PREFIXES: readonly (readonly [number, string])[] = [
  [1e24, 'Y'],
  [1e21, 'Z'],
  [1e18, 'E'],
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** A plain number with thousands separators and a true minus: `1,234.5`. Very large and very small ones get a power of ten. */
export function formatNumber(value: number, decimals?: number): string {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return signed(powerOfTen(size, 3), value);
  const places = decimals ?? (size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4);
  const text = size.toLocaleString('en-US', {
    minimumFractionDigits: decimals ?? 0,
    maximumFractionDigits: places,
  });
  return signed(text, value);
}

function powerOfTen(size: number, digits: number): string {
  const [mantissa = '', power = ''] = size.toExponential(digits - 1).split('e');
  return `${mantissa}\u00d710${superscript(Number(power))}`;
}

/**
 * Three significant digits with a count prefix: `66.1 M`. Below a thousand there is no prefix; beyond trillions, where
 * prefixes stop being read, a power of ten.
 */
export function formatShort(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size >= 1e16) return signed(powerOfTen(size, digits), value);
  for (const [scale, prefix] of PREFIXES) {
    if (size < scale * 0.9995) continue;
    const scaled = size / scale;
    if (scaled >= 10_000) return formatNumber(value);
    return signed(`${toDigits(scaled, digits)}\u00a0${prefix}`, value);
  }
  return signed(size === 0 ? '0' : toDigits(size, digits), value);
}

/** A difference always carries its sign; nothing is `0`. */
export function formatDelta(value: number, digits = 3): string {
  if (value === 0) return '0';
  const text = formatShort(value, digits);
  return value > 0 ? `+${text}` : text;
}

/** A share in percent with a thin space: `13.9 %`. */
export function formatPercent(fraction: number, sign = false): string {
  const text = `${(Math.abs(fraction) * 100).toFixed(1)}\u2009%`;
  return fraction < 0 ? MINUS + text : sign && fraction > 0 ? `+${text}` : text;
}

function toDigits(size: number, digits: number): string {
  const before = Math.max(1, Math.floor(Math.log10(size)) + 1);
  return size < 1e-3 ? size.toPrecision(digits) : size.toFixed(Math.max(0, digits - before));
}

function signed(text: string, value: number): string {
  return value < 0 ? MINUS + text : text;
}

function superscript(power: number): string {
  return [...String(power)]
    .map(
      (char) => '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079'['0123456789'.indexOf(char)] ?? '\u207b',
    )
    .join('');
}
