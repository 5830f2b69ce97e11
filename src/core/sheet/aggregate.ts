/** Aggregates of central values over the rows of a table. Unknown rows make the result unknown and are counted. */
import type { AggregateName } from '../formula/expr.ts';
import type { AggregateValue } from './node.ts';
import { roundToCent } from './round-money.ts';

/** Fractions of the aggregates that are percentiles. */
export const FRACTION: Readonly<Record<string, number>> = {
  median: 0.5,
  p10: 0.1,
  p25: 0.25,
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
};

/** Linear interpolation between order statistics (type 7, as spreadsheets do). `sorted` is ascending and not empty. */
export function quantileOfSorted(sorted: ArrayLike<number>, fraction: number): number {
  const at = (sorted.length - 1) * fraction;
  const low = Math.floor(at);
  const a = sorted[low] as number;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return a + (b - a) * (at - low);
}

function summarise(name: AggregateName, values: number[]): number {
  switch (name) {
    case 'sum': {
      let sum = 0;
      for (const value of values) sum += value;
      return sum;
    }
    case 'count':
      return values.length;
    case 'mean':
      return values.length === 0 ? Number.NaN : summarise('sum', values) / values.length;
    case 'min':
    case 'max': {
      let best = Number.NaN;
      for (const value of values) if (!(name === 'min' ? best <= value : best >= value)) best = value;
      return best;
    }
    default:
      return values.length === 0
        ? Number.NaN
        : quantileOfSorted(Float64Array.from(values).sort(), FRACTION[name] as number);
  }
}

/**
 * Sum over n rows, the plain case of most totals: excluded rows (0 in `included`) are left out. `cents`
 * rounds the sum of amounts that are whole cents to the cent, which makes it exact.
 */
export function sumOfColumn(
  values: Float64Array,
  included: Float64Array | undefined,
  n: number,
  cents: boolean,
): AggregateValue {
  // Four running sums at once: one alone waits for each addition to finish.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let rows = n;
  if (included) for (let i = 0; i < n; i++) if (included[i] === 0) rows--;
  let i = 0;
  if (rows === n) {
    for (; i + 3 < n; i += 4) {
      a += values[i] as number;
      b += values[i + 1] as number;
      c += values[i + 2] as number;
      d += values[i + 3] as number;
    }
    for (; i < n; i++) a += values[i] as number;
  } else if (included) for (; i < n; i++) if (included[i] !== 0) a += values[i] as number;
  let sum = a + b + (c + d);
  if (sum - sum === 0) {
    const exact = cents ? roundToCent(sum) : sum;
    return { value: exact, rows, unknown: 0, known: exact };
  }
  sum = 0;
  let unknown = 0;
  for (i = 0; i < n; i++) {
    const value = values[i] as number;
    if (included && included[i] === 0) continue;
    if (value - value !== 0) unknown++;
    else sum += value;
  }
  return { value: Number.NaN, rows, unknown, known: cents ? roundToCent(sum) : sum };
}

/** Rows of one group while they are collected. */
export class AggregateGroup {
  private sum = 0;
  private rows = 0;
  private unknown = 0;
  private readonly values: number[] = [];
  private readonly name: AggregateName;
  private readonly cents: boolean;

  /** `cents`: the values are whole cents, and so is their sum. */
  constructor(name: AggregateName, cents: boolean) {
    this.name = name;
    this.cents = cents && name === 'sum';
  }

  add(value: number): void {
    this.rows++;
    if (this.name === 'count') return;
    if (value - value !== 0) this.unknown++;
    else if (this.name === 'sum' || this.name === 'mean') this.sum += value;
    else this.values.push(value);
  }

  result(): AggregateValue {
    const { name, rows, unknown } = this;
    const sum = this.cents ? roundToCent(this.sum) : this.sum;
    const known =
      name === 'count'
        ? rows
        : name === 'sum'
          ? sum
          : name === 'mean'
            ? rows > unknown
              ? sum / (rows - unknown)
              : Number.NaN
            : summarise(name, this.values);
    return { value: unknown > 0 ? Number.NaN : known, rows, unknown, known };
  }
}

export const NO_ROWS: AggregateValue = { value: 0, rows: 0, unknown: 0, known: 0 };

/** Result of an aggregate over no rows: sums and counts are 0, the others unknown. */
export function emptyResult(name: AggregateName): AggregateValue {
  return name === 'sum' || name === 'count' ? NO_ROWS : { value: Number.NaN, rows: 0, unknown: 0, known: Number.NaN };
}
