/** Statistics of repeated measurements. No sample is ever thrown away. */
import { createRng } from '../uncertainty/rng.ts';
import { normalCdf } from '../uncertainty/normal.ts';
import { medianOf, quantile } from './quantile.ts';

/** 95 % interval of the median by the percentile bootstrap (Efron 1979), 1,000 resamples; NaN of none. */
export function bootstrapMedian(values: readonly number[], seed: number): readonly [low: number, high: number] {
  if (values.length === 0) return [NaN, NaN];
  const rng = createRng(seed);
  const medians = new Float64Array(1000);
  const sample = new Float64Array(values.length);
  for (let round = 0; round < medians.length; round += 1) {
    for (let at = 0; at < sample.length; at += 1) sample[at] = values[rng.below(values.length)] as number;
    medians[round] = quantile(sample.sort(), 0.5);
  }
  medians.sort();
  return [quantile(medians, 0.025), quantile(medians, 0.975)];
}

/** Number of ways to get each U from samples of `m` and `n` without ties (Mann & Whitney 1947, recurrence). */
function rankSumCounts(m: number, n: number): number[] {
  let counts = [1];
  // Generating function: product of (1 - x^(n+i)) / (1 - x^i) for i in 1..m.
  for (let i = 1; i <= m; i += 1) {
    const up: number[] = Array.from({ length: counts.length + n + i }, () => 0);
    counts.forEach((count, at) => {
      up[at] = (up[at] as number) + count;
      up[at + n + i] = (up[at + n + i] as number) - count;
    });
    for (let at = i; at < up.length; at += 1) up[at] = (up[at] as number) + (up[at - i] as number);
    counts = up.slice(0, i * n + 1);
  }
  return counts;
}

/**
 * Two-sided p of the Mann-Whitney U test that two samples come from one distribution. Exact without ties up to 20 values a
 * side, else the normal approximation with correction for ties and continuity. 1 when a side is empty.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const m = a.length;
  const n = b.length;
  if (m === 0 || n === 0) return 1;
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))].sort(
    (x, y) => x.value - y.value,
  );
  let ranks = 0;
  let ties = 0;
  for (let at = 0; at < all.length;) {
    let end = at;
    while (end < all.length && all[end]?.value === all[at]?.value) end += 1;
    const size = end - at;
    ties += size ** 3 - size;
    for (let own = at; own < end; own += 1) if (all[own]?.first) ranks += (at + end + 1) / 2;
    at = end;
  }
  const u = ranks - (m * (m + 1)) / 2;
  const least = Math.min(u, m * n - u);
  if (ties === 0 && m <= 20 && n <= 20) {
    const counts = rankSumCounts(Math.min(m, n), Math.max(m, n));
    const total = counts.reduce((sum, count) => sum + count, 0);
    let below = 0;
    for (let at = 0; at <= least; at += 1) below += counts[at] as number;
    return Math.min(1, (2 * below) / total);
  }
  const size = m + n;
  const variance = ((m * n) / 12) * (size + 1 - ties / (size * (size - 1)));
  if (!(variance > 0)) return 1;
  return Math.min(1, 2 * normalCdf((least - (m * n) / 2 + 0.5) / Math.sqrt(variance)));
}

/** Median of the slopes of all pairs (Theil 1950, Sen 1968); 0 of fewer than two points. */
export function theilSen(x: readonly number[], y: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i += 1)
    for (let j = i + 1; j < x.length; j += 1) {
      const run = (x[j] as number) - (x[i] as number);
      if (run !== 0) slopes.push(((y[j] as number) - (y[i] as number)) / run);
    }
  return slopes.length === 0 ? 0 : medianOf(slopes);
}
