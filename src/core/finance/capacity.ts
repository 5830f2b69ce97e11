/**
 * Chips on a calendar. Pools (reservations, owned clusters) have steps of capacity; runs take what is free in the
 * order of their supplies, earlier starts first, then smaller key. All instants are seconds from one origin.
 */
export interface CapacityStep {
  fromS: number;
  toS: number;
  chips: number;
}

export interface PoolCapacity {
  key: string;
  /** `null`: bought by the hour, without limit */
  steps: readonly CapacityStep[] | null;
}

export interface RunDemand {
  key: string;
  /** earliest start (s) */
  startS: number;
  /** wall-clock time (s) on all its chips */
  durationS: number;
  chips: number;
  /** indexes into the pools, in the order the run takes from them */
  supplies: readonly number[];
  /** smaller goes first; default 0 */
  priority?: number;
}

/** A run holds `chips` of a pool for a time; `pool` -1 is demand that found no chips. */
export interface AllocationPiece {
  run: number;
  pool: number;
  fromS: number;
  toS: number;
  chips: number;
}

export interface ScheduledRun {
  startS: number;
  endS: number;
  /** seconds later than asked for because chips were taken */
  waitedS: number;
  /** never fits in the pools named: started on time and left short */
  fits: boolean;
}

export interface Schedule {
  runs: ScheduledRun[];
  pieces: AllocationPiece[];
  shortages: AllocationPiece[];
}

/**
 * Gives chips to runs. `fixed`: every run starts when asked and any chips it lacks are a shortage (over-commitment).
 * `queue`: a run starts at the first moment from which all its chips are free to its end. Pure and deterministic;
 * runs in the order of priority, start, key (code points).
 */
export function schedule(
  runs: readonly RunDemand[],
  pools: readonly PoolCapacity[],
  policy: 'fixed' | 'queue' = 'fixed',
): Schedule {
  const free = freeCapacity(pools, policy === 'fixed' ? runs : []);
  const order = runs.map((_, index) => index).sort((a, b) => byTurn(runs[a]!, runs[b]!));
  const result: Schedule = { runs: new Array<ScheduledRun>(runs.length), pieces: [], shortages: [] };
  for (const index of order) {
    const run = runs[index]!;
    let startS = run.startS;
    let fits = true;
    if (policy === 'queue') {
      const found = firstFit(free, run, pools);
      fits = found !== null;
      startS = found ?? run.startS;
    }
    result.runs[index] = { startS, endS: startS + run.durationS, waitedS: startS - run.startS, fits };
    book(free, pools, run, index, startS, result);
  }
  return result;
}

/** Chip-seconds of a pool's steps that fall in [fromS, toS). */
export function capacityChipSeconds(steps: readonly CapacityStep[], fromS: number, toS: number): number {
  let sum = 0;
  for (const step of steps) {
    const start = Math.max(fromS, step.fromS);
    const end = Math.min(toS, step.toS);
    if (end > start) sum += (end - start) * step.chips;
  }
  return sum;
}

export interface WaitingCost {
  run: string;
  delayDays: number;
  /** delay x daily cost of the people and standing commitments that wait; not rounded, plan currency */
  amount: number;
}

/** What waiting costs: days each run is delayed times the cost of a day (plan currency per day) of what waits with it. */
export function waitingCost(runs: readonly RunDemand[], result: Schedule, costPerDay: number): WaitingCost[] {
  return runs
    .map((run, index) => {
      const delayDays = result.runs[index]!.waitedS / 86_400;
      return { run: run.key, delayDays, amount: delayDays * costPerDay };
    })
    .filter((line) => line.delayDays > 0);
}

/** Tranches moved later by their slip (days) before they enter the calendar; the end moves too unless it is fixed. */
export function slipSteps(
  steps: readonly (CapacityStep & { slipDays?: number; endFixed?: boolean })[],
): CapacityStep[] {
  return steps
    .map((step) => {
      const slip = (step.slipDays ?? 0) * 86_400;
      return { fromS: step.fromS + slip, toS: step.toS + (step.endFixed ? 0 : slip), chips: step.chips };
    })
    .filter((step) => step.toS > step.fromS);
}

/** Free chips by segment: segment i of pool p is [times[i], times[i + 1]), the last one open to the right. */
interface FreeCapacity {
  times: number[];
  chips: (number[] | null)[];
}

function freeCapacity(pools: readonly PoolCapacity[], runs: readonly RunDemand[]): FreeCapacity {
  const marks = new Set<number>([-Infinity]);
  for (const run of runs) marks.add(run.startS).add(run.startS + run.durationS);
  for (const pool of pools) for (const step of pool.steps ?? []) marks.add(step.fromS).add(step.toS);
  const times = [...marks].sort((a, b) => a - b);
  const chips = pools.map((pool) => {
    if (pool.steps === null) return null;
    const level = new Array<number>(times.length).fill(0);
    for (const step of pool.steps) {
      for (let i = indexAt(times, step.fromS); i < times.length && times[i]! < step.toS; i++) level[i]! += step.chips;
    }
    return level;
  });
  return { times, chips };
}

function book(
  free: FreeCapacity,
  pools: readonly PoolCapacity[],
  run: RunDemand,
  index: number,
  startS: number,
  out: Schedule,
): void {
  const endS = startS + run.durationS;
  if (!(endS > startS)) return;
  const first = split(free, startS);
  const last = split(free, endS);
  const open: (AllocationPiece | undefined)[] = new Array(pools.length + 1);
  for (let i = first; i < last; i++) {
    const fromS = free.times[i]!;
    const toS = free.times[i + 1]!;
    let need = run.chips;
    for (const pool of run.supplies) {
      if (need <= 0) break;
      const level = free.chips[pool];
      const take = level === null ? need : Math.min(need, level![i]!);
      if (take <= 0) continue;
      if (level) level[i]! -= take;
      need -= take;
      extend(open, out.pieces, index, pool, fromS, toS, take);
    }
    if (need > 0) extend(open, out.shortages, index, -1, fromS, toS, need);
  }
}

function extend(
  open: (AllocationPiece | undefined)[],
  list: AllocationPiece[],
  run: number,
  pool: number,
  fromS: number,
  toS: number,
  chips: number,
): void {
  const last = open[pool + 1];
  if (last && last.toS === fromS && last.chips === chips) {
    last.toS = toS;
    return;
  }
  const piece = { run, pool, fromS, toS, chips };
  open[pool + 1] = piece;
  list.push(piece);
}

/** First start not before the wish from which every segment to the end has the chips; null if the pools never do. */
function firstFit(free: FreeCapacity, run: RunDemand, pools: readonly PoolCapacity[]): number | null {
  if (run.supplies.some((pool) => pools[pool]!.steps === null)) return run.startS;
  let startS = run.startS;
  for (let i = indexAt(free.times, run.startS); i < free.times.length; i++) {
    let total = 0;
    for (const pool of run.supplies) total += free.chips[pool]![i]!;
    const segmentEnd = free.times[i + 1] ?? Infinity;
    if (total < run.chips) startS = Math.max(run.startS, segmentEnd);
    else if (segmentEnd >= startS + run.durationS) return startS;
  }
  return null;
}

/** Makes `at` a segment boundary and returns the index of the segment that starts there. */
function split(free: FreeCapacity, at: number): number {
  const i = indexAt(free.times, at);
  if (free.times[i] === at) return i;
  free.times.splice(i + 1, 0, at);
  for (const level of free.chips) level?.splice(i + 1, 0, level[i]!);
  return i + 1;
}

/** Index of the last time not after `at`. */
function indexAt(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

function byTurn(a: RunDemand, b: RunDemand): number {
  return (a.priority ?? 0) - (b.priority ?? 0) || a.startS - b.startS || compareCodePoints(a.key, b.key);
}

/** Orders texts by code point, so that a sort never depends on the machine's language. */
export function compareCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
