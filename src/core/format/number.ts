/**
 * Numbers as people read them: thousands separators, true minus, fixed digits. Locale-independent; pure functions called
 * for every visible cell. Values that are not finite give an empty text: unknown is shown by its state, never as a number.
 */

const MINUS = '−';
const SUPERSCRIPT: Readonly<Record<string, string>> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

function signed(value: number, text: string): string {
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** Fixed decimals with separators: 66,123,456.78. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '';
  return signed(
    value,
    Math.abs(value) < 1e21 ? grouped(Math.abs(value).toFixed(decimals)) : Math.abs(value).toExponential(3),
  );
}

/** Money to the cent; `coarse` leaves the cents out (a display that says "rounded"). */
export function formatMoney(value: number, coarse = false): string {
  return formatFixed(value, coarse ? 0 : 2);
}

/** Significant digits, without exponent in the range people read: 0.0475, 26.61, 1,234.5. */
export function formatSignificant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e12 || size < 1e-4) return formatScientific(value, digits);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return signed(
    value,
    grouped(
      size
        .toFixed(Math.min(decimals, 12))
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, ''),
    ),
  );
}

const COUNT_STEPS: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/** Counts with the suffix they may be typed with: 405B, 15.6T, 4M. */
export function formatCount(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size >= 1e16) return formatScientific(value, digits);
  const step = COUNT_STEPS.find(([scale]) => size >= scale * 0.9999995);
  return step ? formatSignificant(value / step[0], digits) + step[1] : formatSignificant(value, digits);
}

/** 3.791×10²⁵ */
export function formatScientific(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '';
  if (value === 0) return '0';
  const [mantissa = '', exponent = ''] = Math.abs(value)
    .toExponential(digits - 1)
    .split('e');
  const power = exponent.replace('+', '');
  return signed(
    value,
    `${mantissa.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}×10${[...power].map((character) => SUPERSCRIPT[character] ?? character).join('')}`,
  );
}

/** A fraction as percent: 0.4 -> 40.0%. */
export function formatPercent(fraction: number, digits: number): string {
  if (!Number.isFinite(fraction)) return '';
  const percent = fraction * 100;
  const decimals = percent === 0 ? 0 : Math.max(0, Math.min(4, digits - 1 - Math.floor(Math.log10(Math.abs(percent)))));
  return `${signed(percent, Math.abs(percent).toFixed(decimals))}%`;
}

/** A large number and its prefix apart, for text and key figures: 66,123,456 -> 66.12 and M; nothing below a thousand. */
export function formatPrefixed(
  value: number,
  digits: number,
): { readonly text: string; readonly prefix: '' | 'K' | 'M' | 'B' } {
  const size = Math.abs(value);
  // The step is chosen after rounding, so that 999,999.9 reads 1 M and not 1,000 K.
  const [scale, prefix] =
    (
      [
        [1e9, 'B'],
        [1e6, 'M'],
        [1e3, 'K'],
      ] as const
    ).find(([step]) => Number((size / step).toPrecision(digits)) >= 1) ?? ([1, ''] as const);
  return { text: formatSignificant(value / scale, digits), prefix };
}
