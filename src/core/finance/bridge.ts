import { FlopsheetError } from '../errors.ts';

export interface BridgeBar {
  group: string;
  /** change this group of drivers brings, whole cents (or the unit of `evaluate`) */
  delta: number;
}

export interface Bridge {
  from: number;
  to: number;
  bars: BridgeBar[];
  /** `exact`: all orders of change; `sampled`: this many orders, when there are too many groups */
  method: 'exact' | 'sampled';
  evaluations: number;
}

/** Up to this many groups every order of change is averaged: 1,024 evaluations. */
const EXACT_GROUPS = 10;

/**
 * Cost bridge between two cases: the Shapley value of each driver group, its change averaged over every order in
 * which the groups can change. `evaluate(changed)` gives the total (whole cents) with the groups marked true taken
 * from the second case. Bars are whole cents and add up to `to - from` exactly (largest remainder takes the odd
 * cents). Above 10 groups, `orders` random orders from `seed` are averaged instead; the sum stays exact.
 * Throws `bridge_unknown` naming the groups changed when a total is unknown. Source: Shapley 1953.
 */
export function costBridge(
  groups: readonly string[],
  evaluate: (changed: readonly boolean[]) => number,
  options: { seed?: number; orders?: number } = {},
): Bridge {
  const n = groups.length;
  const known = new Map<string, number>();
  const total = (changed: boolean[]): number => {
    const key = changed.map((on) => (on ? '1' : '0')).join('');
    let value = known.get(key);
    if (value === undefined) {
      value = evaluate(changed);
      if (!Number.isFinite(value)) {
        const names = groups.filter((_, i) => changed[i]).join(', ') || 'none';
        throw new FlopsheetError('bridge_unknown', `The total with these drivers changed is unknown: ${names}.`, {
          hint: 'Mend the unknown value in either case; a bridge needs both totals.',
        });
      }
      known.set(key, value);
    }
    return value;
  };
  const from = total(new Array<boolean>(n).fill(false));
  const to = total(new Array<boolean>(n).fill(true));
  const exact = n <= EXACT_GROUPS;
  const values = exact ? shapley(n, total) : sampled(n, total, options.seed ?? 1, options.orders ?? 200);
  return {
    from,
    to,
    bars: wholeParts(values, to - from).map((delta, i) => ({ group: groups[i]!, delta })),
    method: exact ? 'exact' : 'sampled',
    evaluations: known.size,
  };
}

function shapley(n: number, total: (changed: boolean[]) => number): number[] {
  const size = 1 << n;
  const totals = new Float64Array(size);
  for (let mask = 0; mask < size; mask++) {
    totals[mask] = total(Array.from({ length: n }, (_, i) => ((mask >> i) & 1) === 1));
  }
  // Weight of a set of k others: k! (n - k - 1)! / n!, built up without factorials.
  const weight = [1 / Math.max(1, n)];
  for (let k = 1; k < n; k++) weight.push((weight[k - 1]! * k) / (n - k));
  const values = new Array<number>(n).fill(0);
  for (let mask = 0; mask < size; mask++) {
    let members = 0;
    for (let i = 0; i < n; i++) members += (mask >> i) & 1;
    for (let i = 0; i < n; i++) {
      if (((mask >> i) & 1) === 0) values[i]! += weight[members]! * (totals[mask | (1 << i)]! - totals[mask]!);
    }
  }
  return values;
}

function sampled(n: number, total: (changed: boolean[]) => number, seed: number, orders: number): number[] {
  const values = new Array<number>(n).fill(0);
  let state = seed >>> 0 || 1;
  const next = (limit: number): number => {
    // xorshift32: small, seeded, the same everywhere.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  for (let round = 0; round < orders; round++) {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = next(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    // An order and its reverse together: less noise for the same number of totals.
    for (const path of [order, [...order].reverse()]) {
      const changed = new Array<boolean>(n).fill(false);
      let before = total(changed);
      for (const group of path) {
        changed[group] = true;
        const after = total([...changed]);
        values[group]! += (after - before) / (2 * orders);
        before = after;
      }
    }
  }
  return values;
}

/** Rounds parts to whole numbers that add up to `sum`: the largest remainders are rounded up, ties by position. */
function wholeParts(values: readonly number[], sum: number): number[] {
  if (!Number.isInteger(sum)) return [...values];
  const floors = values.map((value) => Math.floor(value));
  let left = sum - floors.reduce((total, value) => total + value, 0);
  const byRemainder = values
    .map((value, i) => ({ i, remainder: value - floors[i]! }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (let k = 0; left > 0 && byRemainder.length > 0; k++, left--) floors[byRemainder[k % byRemainder.length]!.i]!++;
  for (let k = byRemainder.length - 1; left < 0 && k >= 0; k--, left++) floors[byRemainder[k]!.i]!--;
  return floors;
}
