/**
 * Two groups of sessions of one device compared, kernel by kernel. The unit of replication is the session (a restart of the
 * app): passes within one agree far better than restarts do, and a test on passes "finds" changes that are none
 * (reference §2, Statistics).
 */
import { mannWhitney } from './stats.ts';
import { medianOf } from './quantile.ts';

/** Median seconds of one kernel in every session of a group. */
export interface KernelHistory {
  readonly kernel: string;
  readonly dtype: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export type Verdict = 'regressed' | 'improved' | 'unchanged' | 'too few restarts';

export interface KernelChange {
  readonly kernel: string;
  readonly dtype: string;
  /** Median seconds over sessions. */
  readonly beforeS: number;
  readonly afterS: number;
  /** after / before - 1; positive is slower. */
  readonly change: number;
  /** Two-sided, Mann-Whitney over sessions. */
  readonly p: number;
  /** The change that would count: 3 %, or twice the spread between sessions before. */
  readonly threshold: number;
  readonly verdict: Verdict;
  readonly restarts: readonly [before: number, after: number];
}

/** Restarts a side before anything is said. */
export const LEAST_RESTARTS = 5;
const LEAST_CHANGE = 0.03;
const LEVEL = 0.01;

/** Verdict on every kernel both groups measured; kernels of one group only are left out. */
export function compareHistories(histories: readonly KernelHistory[]): KernelChange[] {
  return histories
    .filter(({ before, after }) => before.length > 0 && after.length > 0)
    .map(({ kernel, dtype, before, after }) => {
      const beforeS = medianOf(before);
      const afterS = medianOf(after);
      const change = afterS / beforeS - 1;
      const mean = before.reduce((a, b) => a + b, 0) / before.length;
      const sd = Math.sqrt(before.reduce((sum, s) => sum + (s - mean) ** 2, 0) / Math.max(1, before.length - 1)) / mean;
      const threshold = Math.max(LEAST_CHANGE, 2 * sd);
      const p = mannWhitney(before, after);
      const enough = before.length >= LEAST_RESTARTS && after.length >= LEAST_RESTARTS;
      const changed = p < LEVEL && Math.abs(change) > threshold;
      const verdict: Verdict = !enough
        ? 'too few restarts'
        : !changed
          ? 'unchanged'
          : change > 0
            ? 'regressed'
            : 'improved';
      return { kernel, dtype, beforeS, afterS, change, p, threshold, verdict, restarts: [before.length, after.length] };
    });
}
