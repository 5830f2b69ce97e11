/** Timing by mitata, and the shape of a result. */
import { measure } from 'mitata';

/** One line of the suite: what was measured, and what it is held against in the same run. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What `baseline_value` is: a peer in this run, or the limit. */
  readonly baseline: string;
  /** Null where the peer is not installed. */
  readonly baseline_value: number | null;
  /** How many times better than the baseline. */
  readonly ratio: number | null;
  /** The figure to reach, in words, and whether it is. */
  readonly target: string;
  readonly ok: boolean | null;
  /** A growth curve: what was measured at each size. */
  readonly points?: readonly { readonly n: number; readonly ms: number; readonly mb?: number }[];
}

type Better = 'less' | 'more';

/** A figure held against a peer of the same run: `needed` times better than it reaches the target. */
export function against(
  name: string,
  value: number,
  unit: string,
  [baseline, theirs]: readonly [name: string, value: number | null],
  better: Better,
  needed: number,
  target: string,
): BenchResult {
  const ratio = theirs === null ? null : better === 'less' ? theirs / value : value / theirs;
  return {
    name,
    value,
    unit,
    baseline,
    baseline_value: theirs,
    ratio,
    target,
    ok: ratio && ratio >= needed,
  } as BenchResult;
}

/** A figure held against a limit: `ratio` says how much room is left. */
export function figure(
  name: string,
  value: number,
  unit: string,
  limit: number,
  target: string,
  better: Better,
): BenchResult {
  return against(name, value, unit, ['limit', limit], better, 1, target);
}

interface Options {
  /** At least so many runs and seconds. */
  readonly runs?: number;
  readonly seconds?: number;
}

/** Median milliseconds of a job, warmed up. */
export async function milliseconds(job: () => void, { runs = 7, seconds = 0.5 }: Options = {}): Promise<number> {
  const stats = await measure(job, {
    min_samples: runs,
    max_samples: 100_000,
    min_cpu_time: seconds * 1e9,
    warmup_samples: 2,
    warmup_threshold: Number.POSITIVE_INFINITY,
    batch_threshold: 0,
  });
  return stats.p50 / 1e6;
}

/** A job run once, in milliseconds: for peers too slow to repeat. */
export function once(job: () => void): number {
  const start = performance.now();
  job();
  return performance.now() - start;
}

/**
 * A peer from `test/bench/node_modules`; null with a note on stderr when it is not installed. Peers have no types here:
 * the product compiles without them.
 */
export async function peer(name: string): Promise<Record<string, unknown> | null> {
  try {
    return (await import(name)) as Record<string, unknown>;
  } catch {
    process.stderr.write(`${name} is not installed: run "npm install" in test/bench to compare with it\n`);
    return null;
  }
}

/** A small generator of numbers in 0..1 from a seed, so that plans are the same in every run. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
