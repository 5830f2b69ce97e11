/** Beyond this many currency units a double cannot hold cents; the value is left as it is. */
const LARGEST = 2 ** 53 / 100;
/** Further from a whole cent than this, arithmetic on doubles cannot tell the side. */
const FAR = 0.5 - 1e-6;
/** Adding and subtracting 1.5 · 2^52 rounds a double below 2^51 to a whole number. */
const ROUNDER = 1.5 * 2 ** 52;
const QUICK = 2 ** 51;

/**
 * Rounds an amount to the cent, halves to even, as a decimal of the digits the number is written with (1.005 is a half).
 * The fast path is arithmetic; amounts within reach of a half cent are decided by their digits. Unknown stays unknown.
 */
export function roundToCent(amount: number): number {
  const cents = amount * 100;
  const whole = cents + ROUNDER - ROUNDER;
  return Math.abs(cents - whole) < FAR && Math.abs(cents) < QUICK ? whole / 100 : carefully(amount);
}

/** By the digits the number is written with; amounts beyond reach of cents stay. */
function carefully(amount: number): number {
  if (!(Math.abs(amount) < LARGEST)) return amount;
  const [whole, digits = ''] = String(Math.abs(amount)).split('.') as [string, string?];
  if (digits.length <= 2) return amount;
  const below = Number(whole + digits.slice(0, 2));
  const third = digits.charCodeAt(2) - 48;
  const up = third > 5 || (third === 5 && (digits.length > 3 || below % 2 === 1));
  return (Math.sign(amount) * (below + (up ? 1 : 0))) / 100;
}

/** Rounds n amounts in place. */
export function roundToCents(values: Float64Array, from: number, n: number): void {
  for (let i = from; i < from + n; i++) {
    const amount = values[i] as number;
    const cents = amount * 100;
    const whole = cents + ROUNDER - ROUNDER;
    values[i] = Math.abs(cents - whole) < FAR && Math.abs(cents) < QUICK ? whole / 100 : carefully(amount);
  }
}
