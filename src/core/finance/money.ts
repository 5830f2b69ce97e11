import { Decimal } from 'decimal.js';
import { FlopsheetError } from '../errors.ts';

/**
 * Money is a whole number of cents (hundredths of the currency unit) in a plain number: sums of cents are exact up to
 * 90 trillion. Only `roundProduct` makes cents out of exact values; everything else adds them.
 */
export type Cents = number;

/** A private Decimal: 60 digits hold every product of inputs with up to 17 digits each that the programme forms. */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -30, toExpPos: 40 });
export type Exact = InstanceType<typeof Exact>;

/** Relative bound on the error of a product and quotient of up to 12 doubles, each the nearest to its decimal text. */
const PRODUCT_ERROR = 1.2e-14;

/**
 * Product of `factors` divided by the product of `divisors`, rounded once to the nearest whole number, half to even.
 * Numbers count as the decimal text they print as (0.1 is one tenth). Plain arithmetic answers whenever its error
 * cannot reach a tie; otherwise the product is formed again in decimal.js. Unit: that of the product.
 * Throws `money_unknown` on NaN or infinity and `money_too_large` beyond 9.0e15.
 */
export function roundProduct(factors: readonly number[], divisors: readonly number[] = []): number {
  return roundScaled(1, factors, divisors);
}

/** Cents of a product of factors in currency units, rounded once, half to even. See `roundProduct` for errors. */
export function centsOf(factors: readonly number[], divisors: readonly number[] = []): Cents {
  return roundScaled(100, factors, divisors);
}

function roundScaled(scale: number, factors: readonly number[], divisors: readonly number[]): number {
  let value = scale;
  for (let i = 0; i < factors.length; i++) value *= factors[i]!;
  for (let i = 0; i < divisors.length; i++) value /= divisors[i]!;
  const size = Math.abs(value);
  if (!(size <= Number.MAX_SAFE_INTEGER)) throw notMoney(value);
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (Math.abs(fraction - 0.5) > size * PRODUCT_ERROR + 1e-9) return (fraction < 0.5 ? floor : floor + 1) + 0;
  let exact = new Exact(scale);
  for (const factor of factors) exact = exact.mul(factor);
  for (const divisor of divisors) exact = exact.div(divisor);
  return exact.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber() + 0;
}

/** Cents of an exact decimal amount in currency units, rounded once, half to even. */
export function centsOfExact(amount: Exact): Cents {
  const cents = amount.mul(100).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber();
  if (!(Math.abs(cents) <= Number.MAX_SAFE_INTEGER)) throw notMoney(cents);
  return cents;
}

/** Sum of leaf lines in cents; exact. Throws `money_unknown` or `money_too_large` if a leaf or the sum is not money. */
export function sumCents(cents: Iterable<Cents>): Cents {
  let sum = 0;
  for (const value of cents) sum += value;
  if (!Number.isSafeInteger(sum)) throw notMoney(sum);
  return sum === 0 ? 0 : sum;
}

/** A sum that names its currency. */
export interface Money {
  cents: Cents;
  currency: string;
}

/** Sum of amounts in one currency. Throws `currency_mixed` naming the currencies found; an empty list is an error too. */
export function sumMoney(amounts: readonly Money[]): Money {
  const currencies = [...new Set(amounts.map((amount) => amount.currency))];
  if (currencies.length !== 1) {
    const found = currencies.length === 0 ? 'no amounts' : currencies.join(' and ');
    throw new FlopsheetError('currency_mixed', `One sum needs one currency, but this one has ${found}.`, {
      hint: 'Convert each amount with a dated exchange rate before adding.',
    });
  }
  return { cents: sumCents(amounts.map((amount) => amount.cents)), currency: currencies[0]! };
}

/** Cents as a plain decimal text, `-1234.05`; for files and comparison, not for display. */
export function centsToText(cents: Cents): string {
  const size = Math.abs(cents);
  const whole = Math.floor(size / 100);
  return `${cents < 0 ? '-' : ''}${whole}.${String(size - whole * 100).padStart(2, '0')}`;
}

/** Cents of a plain decimal text with at most two decimals; throws `money_text` naming the text otherwise. */
export function centsFromText(text: string, where = ''): Cents {
  if (!/^-?\d{1,14}(\.\d{1,2})?$/.test(text)) {
    throw new FlopsheetError('money_text', `"${text}" is not an amount of money with at most two decimals.`, {
      hint: 'Write it as 1234.56, without separators or currency sign.',
      where,
    });
  }
  return centsOfExact(new Exact(text));
}

function notMoney(value: number): FlopsheetError {
  return Number.isFinite(value)
    ? new FlopsheetError('money_too_large', `An amount of ${value} cents is beyond what can be held to the cent.`, {
        hint: 'Check quantity and unit price: amounts stay below 90 trillion.',
      })
    : new FlopsheetError('money_unknown', 'A money line has an unknown or infinite quantity or price.', {
        hint: 'Give the missing quantity or price, or leave the line out: unknown is not counted as 0.',
      });
}
