import type { CellView } from '../../src/core/sheet/view.ts';

/**
 * The part after ±: half of P10 to P90 in the prefix and with the decimals of the value as displayed (`30.04K` → `3.1`,
 * `40.9%` → `3.9`). Empty when the display is not a plain number.
 */
export function plusMinus(cell: CellView): string {
  const { spread, display, value } = cell;
  if (!spread || typeof value !== 'number' || value === 0) return '';
  const shown = /^[−-]?([\d,]+)(\.\d+)?/.exec(display);
  if (!shown || display.includes('×')) return '';
  const scale = Math.abs(value) / Number(`${(shown[1] ?? '').replaceAll(',', '')}${shown[2] ?? ''}`);
  if (!Number.isFinite(scale) || scale === 0) return '';
  const half = (spread.p90 - spread.p10) / 2 / scale;
  const decimals =
    half >= 100
      ? 0
      : half >= 10
        ? Math.min(1, (shown[2] ?? '.').length - 1)
        : Math.min(2, Math.max(0, (shown[2] ?? '.').length - 1));
  return half.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
