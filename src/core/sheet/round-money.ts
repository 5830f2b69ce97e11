import { Decimal } from 'decimal.js';

/** Beyond this many currency units a double cannot hold cents; the value is left as it is. */
const LARGEST = 2 ** 53 / 100;

/**
 * Rounds an amount to the cent, halves to even, exactly for the double given. The fast path is arithmetic; amounts
 * within reach of a half cent are decided in decimal. Unknown stays unknown.
 */
export function roundToCent(amount: number): number {
  const cents = amount * 100;
  const whole = Math.round(cents);
  if (Math.abs(Math.abs(cents - whole) - 0.5) > 1e-6) return Math.abs(amount) < LARGEST ? whole / 100 : amount;
  if (!Number.isFinite(amount) || Math.abs(amount) >= LARGEST) return amount;
  return new Decimal(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toNumber();
}

/** Rounds n amounts in place. */
export function roundToCents(values: Float64Array, from: number, n: number): void {
  for (let i = from; i < from + n; i++) values[i] = roundToCent(values[i] as number);
}
