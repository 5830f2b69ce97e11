/** Percentiles, mean and histogram of a sample vector, by counting and selection instead of a full sort. */

/** Summary of a sample. All NaN when any sample is unknown; `unknown` counts them. */
export interface Spread {
  readonly p5: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly mean: number;
  readonly unknown: number;
}

/** Working memory of the selection; grows to the largest sample seen. One per thread of work, reused between calls. */
export interface QuantileScratch {
  buffer: Float64Array;
  readonly counts: Int32Array;
  readonly results: Float64Array;
}

const BUCKETS = 4096;
const SPREAD_LEVELS = Float64Array.of(0.05, 0.1, 0.5, 0.9, 0.95);
/** Below this many values selection alone is quicker than counting. */
const SMALL = 512;

/** Working memory for samples of up to `capacity` values. */
export function quantileScratch(capacity = 0): QuantileScratch {
  return {
    buffer: new Float64Array(capacity),
    counts: new Int32Array(BUCKETS + 1),
    results: new Float64Array(SPREAD_LEVELS.length),
  };
}

/**
 * P5, P10, P50, P90, P95 and mean of `values[0..n)`, exact: the same as after a full sort, with linear interpolation
 * between order statistics (Hyndman and Fan 1996, type 7; the default of R, NumPy and Excel). An empty sample is NaN.
 * `values` is left as it is; the only allocation is the result.
 */
export function spreadOf(values: Float64Array, n: number, scratch: QuantileScratch): Spread {
  const r = scratch.results;
  const unknown = quantilesOf(values, n, SPREAD_LEVELS, r, scratch);
  return {
    p5: r[0]!,
    p10: r[1]!,
    p50: r[2]!,
    p90: r[3]!,
    p95: r[4]!,
    mean: unknown > 0 ? NaN : meanOf(values, n),
    unknown,
  };
}

/** Arithmetic mean of `values[0..n)`: sums of 128 added pairwise-style, relative error below 1e-14 for positive samples. */
export function meanOf(values: Float64Array, n: number): number {
  let total = 0;
  let lost = 0;
  for (let start = 0; start < n; start += 128) {
    const end = Math.min(n, start + 128);
    let part = 0;
    for (let i = start; i < end; i++) part += values[i]!;
    const next = total + part;
    lost += Math.abs(total) >= Math.abs(part) ? total - next + part : part - next + total;
    total = next;
  }
  return (lost === lost ? total + lost : total) / n;
}

/**
 * Writes the quantiles of `values[0..n)` at `levels` (ascending, 0..1) into `results` and returns how many samples are
 * NaN; if any is, or n is 0, every result is NaN. Type 7, exact. `values` is left as it is.
 */
export function quantilesOf(
  values: Float64Array,
  n: number,
  levels: Float64Array,
  results: Float64Array,
  scratch: QuantileScratch,
): number {
  let low = Infinity;
  let high = -Infinity;
  let unknown = 0;
  for (let i = 0; i < n; i++) {
    const v = values[i]!;
    if (v < low) low = v;
    if (v > high) high = v;
    if (v !== v) unknown++;
  }
  const k = levels.length;
  if (unknown > 0 || n === 0) {
    results.fill(NaN, 0, k);
    return unknown;
  }
  if (low === high) {
    results.fill(low, 0, k);
    return 0;
  }
  if (scratch.buffer.length < n) scratch.buffer = new Float64Array(n);
  const scale = BUCKETS / (high - low);
  if (n <= SMALL || !(scale > 0 && scale < Infinity)) {
    scratch.buffer.set(values.subarray(0, n));
    for (let j = 0, from = 0; j < k; j++) from = pick(scratch.buffer, from, n, 0, n, levels, results, j);
    return 0;
  }
  countBuckets(values, n, low, scale, scratch.counts);
  selectLevels(values, n, low, scale, levels, results, scratch);
  return 0;
}

function bucketOf(v: number, low: number, scale: number): number {
  const b = ((v - low) * scale) | 0;
  return b < BUCKETS ? b : BUCKETS - 1;
}

/** After this, counts[b] is the number of values in buckets below b. */
function countBuckets(values: Float64Array, n: number, low: number, scale: number, counts: Int32Array): void {
  counts.fill(0);
  for (let i = 0; i < n; i++) counts[bucketOf(values[i]!, low, scale) + 1]!++;
  for (let b = 0; b < BUCKETS; b++) counts[b + 1]! += counts[b]!;
}

/** Gathers only the buckets that hold a wanted order statistic, and selects inside them. */
function selectLevels(
  values: Float64Array,
  n: number,
  low: number,
  scale: number,
  levels: Float64Array,
  results: Float64Array,
  scratch: QuantileScratch,
): void {
  const { counts, buffer } = scratch;
  const k = levels.length;
  for (let j = 0; j < k;) {
    const rank = (n - 1) * levels[j]!;
    const first = bucketAt(counts, Math.floor(rank));
    const last = bucketAt(counts, Math.min(n - 1, Math.floor(rank) + 1));
    let m = 0;
    for (let i = 0; i < n; i++) {
      const v = values[i]!;
      const b = bucketOf(v, low, scale);
      if (b === first || b === last) buffer[m++] = v;
    }
    const base = counts[first]!;
    const end = counts[first + 1]!;
    let from = 0;
    do from = pick(buffer, from, m, base, n, levels, results, j);
    while (++j < k && (n - 1) * levels[j]! + 1 < end && (n - 1) * levels[j]! >= base);
  }
}

/** The bucket that holds the value of this rank. */
function bucketAt(counts: Int32Array, rank: number): number {
  let low = 0;
  let high = BUCKETS - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (counts[middle + 1]! > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Type-7 quantile of a sample of n of which `part[0..m)` holds the ranks from `base`, in any order except that
 * `part[0..from)` is already below the rest. Leaves the selected value in place and returns its index.
 */
function pick(
  part: Float64Array,
  from: number,
  m: number,
  base: number,
  n: number,
  levels: Float64Array,
  results: Float64Array,
  j: number,
): number {
  const rank = (n - 1) * levels[j]!;
  const floor = Math.floor(rank);
  const at = floor - base;
  select(part, from, m - 1, at);
  const below = part[at]!;
  const share = rank - floor;
  if (share === 0) {
    results[j] = below;
    return at;
  }
  let above = Infinity;
  for (let i = at + 1; i < m; i++) if (part[i]! < above) above = part[i]!;
  const gap = above - below;
  // The gap of the largest doubles overflows; the mean of both ends does not.
  if (below === above || below === -Infinity) results[j] = below;
  else results[j] = gap < Infinity ? below + share * gap : below * (1 - share) + above * share;
  return at;
}

/**
 * Reorders a[left..right] so that a[k] is what a sort would put there, smaller ones before it.
 * Source: R. W. Floyd and R. L. Rivest, "Algorithm 489: SELECT", CACM 18 (1975).
 */
function select(a: Float64Array, left: number, right: number, k: number): void {
  while (right > left) {
    if (right - left > 600) {
      const n = right - left + 1;
      const i = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * Math.sign(i - n / 2);
      select(
        a,
        Math.max(left, Math.floor(k - (i * s) / n + sd)),
        Math.min(right, Math.floor(k + ((n - i) * s) / n + sd)),
        k,
      );
    }
    const pivot = a[k]!;
    let i = left;
    let j = right;
    swap(a, left, k);
    if (a[right]! > pivot) swap(a, right, left);
    while (i < j) {
      swap(a, i++, j--);
      while (a[i]! < pivot) i++;
      while (a[j]! > pivot) j--;
    }
    if (a[left] === pivot) swap(a, left, j);
    else swap(a, ++j, right);
    if (j <= k) left = j + 1;
    if (k <= j) right = j - 1;
  }
}

function swap(a: Float64Array, i: number, j: number): void {
  const held = a[i]!;
  a[i] = a[j]!;
  a[j] = held;
}

/** Equal-width histogram; `edges` has one more entry than `counts`. */
export interface Histogram {
  readonly edges: Float64Array;
  readonly counts: Float64Array;
  /** Samples outside the edges, below and above. */
  readonly below: number;
  readonly above: number;
  readonly unknown: number;
}

/**
 * Histogram of `values[0..n)` with `bins` equal bins from `low` to `high` (give P1 and P99 to keep a long tail from
 * flattening the rest). Samples outside are counted in `below` and `above`, NaN in `unknown`.
 */
export function histogram(values: Float64Array, n: number, bins: number, low: number, high: number): Histogram {
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  const counts = new Float64Array(bins);
  const scale = high > low ? bins / (high - low) : 0;
  let below = 0;
  let above = 0;
  let unknown = 0;
  for (let i = 0; i < n; i++) {
    const v = values[i]!;
    if (v < low) below++;
    else if (v > high) above++;
    else if (v === v) counts[Math.min(bins - 1, Math.floor((v - low) * scale))]!++;
    else unknown++;
  }
  return { edges, counts, below, above, unknown };
}
