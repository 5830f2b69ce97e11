import { randomGenerator } from './statistics.ts';

export interface BootstrapOptions {
  /** Number of resamples. */
  readonly draws: number;
  readonly seed: number;
  /** Called about every hundredth part with the number done and the total. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Polled with each progress call; true stops and keeps the draws made so far. */
  readonly isCancelled?: () => boolean;
}

export interface Bootstrap {
  /** One row of `width` refitted numbers per draw. */
  readonly rows: Float64Array;
  readonly width: number;
  readonly count: number;
  /** Resamples that could not be fitted (for example a budget that lost its minimum). */
  readonly failed: number;
  readonly cancelled: boolean;
}

/**
 * Seeded bootstrap over `n` points. Each draw resamples with replacement, within `strata` when given (a stratum number per
 * point), and hands the counts to `refit`, which writes `width` numbers and says whether it succeeded. `size` points are drawn
 * (default n); fewer than n is the m-out-of-n bootstrap for large sets, whose spread the caller scales by sqrt(size / n).
 */
export function bootstrap(
  n: number,
  width: number,
  refit: (weights: Float64Array, out: Float64Array) => boolean,
  options: BootstrapOptions & { readonly size?: number; readonly strata?: ArrayLike<number> },
): Bootstrap {
  const random = randomGenerator(options.seed);
  const weights = new Float64Array(n);
  const out = new Float64Array(width);
  const rows = new Float64Array(options.draws * width);
  const size = options.size ?? n;
  const groups = options.strata ? groupIndices(n, options.strata) : null;
  const stride = Math.max(1, Math.floor(options.draws / 100));
  let count = 0;
  let failed = 0;
  let cancelled = false;
  for (let draw = 0; draw < options.draws; draw++) {
    weights.fill(0);
    if (groups) {
      for (const group of groups) {
        for (let k = 0; k < group.length; k++) {
          const i = group[Math.floor(random() * group.length)]!;
          weights[i] = weights[i]! + 1;
        }
      }
    } else {
      for (let k = 0; k < size; k++) {
        const i = Math.floor(random() * n);
        weights[i] = weights[i]! + 1;
      }
    }
    if (refit(weights, out)) {
      rows.set(out, count * width);
      count++;
    } else failed++;
    if ((draw + 1) % stride === 0) {
      options.onProgress?.(draw + 1, options.draws);
      if (options.isCancelled?.() === true) {
        cancelled = true;
        break;
      }
    }
  }
  return { rows: rows.subarray(0, count * width), width, count, failed, cancelled };
}

function groupIndices(n: number, strata: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < n; i++) {
    const group = groups.get(strata[i]!);
    if (group) group.push(i);
    else groups.set(strata[i]!, [i]);
  }
  return [...groups.values()];
}
