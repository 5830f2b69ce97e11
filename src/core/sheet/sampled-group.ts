/** Aggregates over samples: the rows of one group, added one after the other; conditions may differ between samples. */
import type { AggregateName } from '../formula/expr.ts';
import { emptyResult, FRACTION, quantileOfSorted } from './aggregate.ts';

/** A value over samples: a vector, or one number when it is the same in all. */
export type Sampled = Float64Array | number;

/** Value in sample i. */
export function at(value: Sampled, i: number): number {
  return typeof value === 'number' ? value : (value[i] as number);
}

/** The value when it is the same in all samples, otherwise unknown. */
export function central(value: Sampled): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export class SampledGroup {
  private readonly name: AggregateName;
  private readonly sum: Float64Array;
  /** Rows that count in every sample. */
  private rows = 0;
  /** Rows that count, by sample, beside those that count in every one; null while there are none. */
  private some: Float64Array | null = null;
  private readonly members: { readonly value: Sampled; readonly filter: Sampled }[] = [];

  constructor(name: AggregateName, samples: number) {
    this.name = name;
    this.sum = new Float64Array(samples);
  }

  /** Adds a row whose condition is `filter` (1, 0 or unknown). Vectors are copied where they are kept. */
  add(value: Sampled, filter: Sampled): void {
    const { sum } = this;
    const n = sum.length;
    if (this.name !== 'sum' && this.name !== 'mean' && this.name !== 'count') {
      const kept = (own: Sampled): Sampled => (typeof own === 'number' ? own : own.slice());
      this.members.push({ value: kept(value), filter: kept(filter) });
    } else if (filter === 1) {
      this.rows++;
      if (typeof value === 'number') for (let i = 0; i < n; i++) sum[i] = (sum[i] as number) + value;
      else for (let i = 0; i < n; i++) sum[i] = (sum[i] as number) + (value[i] as number);
    } else {
      this.some ??= new Float64Array(n);
      for (let i = 0; i < n; i++) {
        const pass = at(filter, i);
        if (pass === 0) continue;
        sum[i] = (sum[i] as number) + (pass === 1 ? at(value, i) : Number.NaN);
        this.some[i] = (this.some[i] as number) + 1;
      }
    }
  }

  result(): Float64Array {
    const { sum, some, rows } = this;
    if (this.members.length > 0) return this.ordered();
    if (this.name === 'mean')
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) / (rows + (some ? (some[i] as number) : 0));
    return sum;
  }

  private ordered(): Float64Array {
    const out = new Float64Array(this.sum.length);
    const fraction = { min: 0, max: 1, ...FRACTION }[this.name as string] ?? 0.5;
    const values = new Float64Array(this.members.length);
    for (let i = 0; i < out.length; i++) {
      let count = 0;
      let unknown = false;
      for (const { value, filter } of this.members) {
        const pass = at(filter, i);
        if (pass === 0) continue;
        const own = pass === 1 ? at(value, i) : Number.NaN;
        unknown ||= Number.isNaN(own);
        values[count++] = own;
      }
      const sorted = values.subarray(0, count).sort();
      out[i] = unknown ? Number.NaN : count === 0 ? emptyResult(this.name).value : quantileOfSorted(sorted, fraction);
    }
    return out;
  }
}
