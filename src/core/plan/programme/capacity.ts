/**
 * The capacity calendar: which run is on which cluster when, what is over-committed, what stands idle and what that costs,
 * and what waiting for chips would cost. Central values; runs start as dated, `queue` tells when they could.
 */
import { formatDate, formatMonth, monthAt, monthStart, SECONDS_PER_DAY } from '../../finance/calendar.ts';
import {
  capacityChipSeconds,
  schedule,
  waitingCost,
  type CapacityStep,
  type RunDemand,
} from '../../finance/capacity.ts';
import { sumCents, type Cents } from '../../finance/money.ts';
import { commitmentOverlaps } from '../../finance/programme-check.ts';
import { formatFixed } from '../../format/number.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import type { ProgrammeLines } from './collect.ts';
import { RowReader } from './row-reader.ts';
import type { FinanceSettings } from './settings.ts';
import { splitCents } from './spread.ts';

/** A run on the calendar. Days since 1970-01-01. */
export interface CalendarRun {
  readonly key: string;
  readonly name: string;
  /** Key of its cluster; empty for rented chips. */
  readonly cluster: string;
  readonly chips: number;
  readonly from: number;
  readonly to: number;
  readonly committed: boolean;
  /** First day from which all its chips are free to its end; null when the cluster never has so many. */
  readonly couldStart: number | null;
  /** Days from the planned start to that. */
  readonly waitDays: number;
  /** Plan currency; null without a cost of waiting. */
  readonly waitCost: number | null;
}

export interface CalendarCluster {
  readonly key: string;
  readonly name: string;
  readonly chips: number;
  readonly from: number;
  readonly to: number;
  readonly slipDays: number;
  /** Chip-hours by month of the calendar. */
  readonly capacity: readonly number[];
  readonly used: readonly number[];
  readonly idleCents: readonly Cents[];
  /** Times with more planned than there is. */
  readonly shortages: readonly {
    readonly run: string;
    readonly from: number;
    readonly to: number;
    readonly chips: number;
  }[];
}

export interface CalendarNotice {
  readonly severity: 'warning' | 'ask' | 'refused';
  readonly message: string;
  readonly hint: string;
  readonly where: string;
}

export interface CapacityCalendar {
  readonly months: readonly string[];
  readonly runs: readonly CalendarRun[];
  readonly clusters: readonly CalendarCluster[];
  /** Runs that count but have no dates or chips. */
  readonly undated: readonly string[];
  readonly idleCents: Cents;
  readonly shortChipHours: number;
  readonly waitingCostPerDay: number | null;
  readonly notices: readonly CalendarNotice[];
}

const isoDay = (day: number): string => formatDate(Math.floor(day));

interface Pool {
  readonly key: string;
  readonly name: string;
  readonly row: number;
  readonly steps: CapacityStep[];
}

/** Clusters with known window and size; instants in seconds. */
function poolsOf(sheet: Sheet, read: RowReader): Pool[] {
  return sheet.state.tables.capacity.keys.map((key, row) => {
    const [fromS, toS, chips] = [
      read.number('available_from', row) * SECONDS_PER_DAY,
      read.number('available_to', row) * SECONDS_PER_DAY,
      read.number('chips', row),
    ];
    const known = Number.isFinite(fromS + toS + chips) && toS > fromS;
    return { key, name: read.text('name', row) || key, row, steps: known ? [{ fromS, toS, chips }] : [] };
  });
}

/** Lays runs and clusters out on the calendar. The sheet is recalculated; `programme` are its lines. */
export function capacityCalendar(sheet: Sheet, programme: ProgrammeLines, settings: FinanceSettings): CapacityCalendar {
  const runs = new RowReader(sheet, 'runs');
  const capacity = new RowReader(sheet, 'capacity');
  const pools = poolsOf(sheet, capacity);
  const poolOf = new Map(pools.map((pool, i) => [pool.key, i]));
  // Runs without a cluster rent their chips: a pool without limit, the last one.
  const rented = pools.length;
  const rows: number[] = [];
  const undated: string[] = [];
  const demands: RunDemand[] = [];
  sheet.state.tables.runs.keys.forEach((key, row) => {
    if (runs.number('included', row) === 0) return;
    const from = runs.number('start_date', row);
    const to = runs.number('end_date', row);
    const chips = runs.number('chips', row);
    if (!Number.isFinite(from + to + chips)) return void undated.push(key);
    rows.push(row);
    demands.push({
      key,
      startS: from * SECONDS_PER_DAY,
      durationS: Math.max(0, to - from) * SECONDS_PER_DAY,
      chips,
      supplies: [poolOf.get(runs.text('cluster', row)) ?? rented],
    });
  });
  const supplies = [...pools.map(({ key, steps }) => ({ key, steps })), { key: '', steps: null }];
  const fixed = schedule(demands, supplies, 'fixed');
  const queued = schedule(demands, supplies, 'queue');
  const waits = new Map(
    settings.waitingCostPerDay === null
      ? []
      : waitingCost(demands, queued, settings.waitingCostPerDay).map((wait) => [wait.run, wait.amount]),
  );
  const { first, count } = monthsOf(demands, pools);
  const months = Array.from({ length: count }, (_, i) => formatMonth(first + i));
  const clusters = pools.map((pool, i): CalendarCluster => {
    const own = fixed.pieces.filter((piece) => piece.pool === i);
    const by = (pieces: readonly { fromS: number; toS: number; chips: number }[]): number[] =>
      months.map((_, m) => capacityChipSeconds(pieces, monthStart(first + m), monthStart(first + m + 1)) / 3600);
    const offered = by(pool.steps);
    const used = by(own);
    return {
      key: pool.key,
      name: pool.name,
      chips: capacity.number('chips', pool.row),
      from: capacity.number('available_from', pool.row),
      to: capacity.number('available_to', pool.row),
      slipDays: capacity.number('slip_days', pool.row),
      capacity: offered,
      used,
      idleCents: idleByMonth(capacity.number('idle_cost', pool.row), offered, used),
      shortages: fixed.shortages
        .filter((piece) => demands[piece.run]?.supplies[0] === i)
        .map((piece) => ({
          run: demands[piece.run]?.key ?? '',
          from: piece.fromS / SECONDS_PER_DAY,
          to: piece.toS / SECONDS_PER_DAY,
          chips: piece.chips,
        })),
    };
  });
  return {
    months,
    runs: demands.map((demand, i): CalendarRun => {
      const row = rows[i] as number;
      const wait = queued.runs[i];
      return {
        key: demand.key,
        name: runs.text('name', row) || demand.key,
        cluster: supplies[demand.supplies[0] as number]?.key ?? '',
        chips: demand.chips,
        from: demand.startS / SECONDS_PER_DAY,
        to: (demand.startS + demand.durationS) / SECONDS_PER_DAY,
        committed: runs.number('committed', row) === 1,
        couldStart: wait?.fits ? wait.startS / SECONDS_PER_DAY : null,
        waitDays: (wait?.waitedS ?? 0) / SECONDS_PER_DAY,
        waitCost: settings.waitingCostPerDay === null ? null : (waits.get(demand.key) ?? 0),
      };
    }),
    clusters,
    undated,
    idleCents: sumCents(clusters.flatMap((cluster) => cluster.idleCents)),
    shortChipHours: clusters
      .flatMap((cluster) => cluster.shortages)
      .reduce((sum, piece) => sum + (piece.to - piece.from) * 24 * piece.chips, 0),
    waitingCostPerDay: settings.waitingCostPerDay,
    notices: [...shortageNotices(clusters), ...overlapNotices(pools, capacity), ...unknownNotices(programme)],
  };
}

/** Months from the first start to the last end, at most a hundred years. */
function monthsOf(demands: readonly RunDemand[], pools: readonly Pool[]): { first: number; count: number } {
  const spans = [
    ...demands.map((run) => [run.startS, run.startS + run.durationS] as const),
    ...pools.flatMap((pool) => pool.steps.map((step) => [step.fromS, step.toS] as const)),
  ];
  if (spans.length === 0) return { first: 0, count: 0 };
  const first = monthAt(spans.reduce((low, [from]) => Math.min(low, from), Infinity));
  const last = monthAt(spans.reduce((high, [, to]) => Math.max(high, to - 1), -Infinity));
  return { first, count: Math.min(1200, last - first + 1) };
}

/** The idle cost of the sheet, laid out by idle chip-hours; all of it in the first month where none is idle. */
function idleByMonth(cost: number, capacity: readonly number[], used: readonly number[]): Cents[] {
  const cents = Math.round(cost * 100);
  if (!Number.isFinite(cents) || capacity.length === 0) return capacity.map(() => 0);
  const idle = capacity.map((hours, i) => Math.max(0, hours - (used[i] ?? 0)));
  if (idle.every((hours) => hours === 0)) return capacity.map((_, i) => (i === 0 ? cents : 0));
  return splitCents(cents, idle);
}

function shortageNotices(clusters: readonly CalendarCluster[]): CalendarNotice[] {
  return clusters.flatMap((cluster) => {
    const [worst] = [...cluster.shortages].sort((a, b) => b.chips - a.chips);
    if (!worst) return [];
    const hours = cluster.shortages.reduce((sum, piece) => sum + (piece.to - piece.from) * 24 * piece.chips, 0);
    return [
      {
        severity: 'warning' as const,
        message: `${cluster.name} is over-committed: up to ${formatFixed(worst.chips, 0)} chips are missing from ${isoDay(worst.from)} to ${isoDay(worst.to)}, ${formatFixed(hours, 0)} chip-hours in all.`,
        hint: 'Start a run later, rent for it, or let runs wait for chips.',
        where: `capacity.${cluster.key}`,
      },
    ];
  });
}

function overlapNotices(pools: readonly Pool[], read: RowReader): CalendarNotice[] {
  const spans = pools.flatMap((pool) => {
    const contract = read.text('contract', pool.row);
    const hardware = read.text('hardware', pool.row);
    return pool.steps.map((step) => ({
      key: pool.name,
      ...(contract ? { contract } : {}),
      hardware,
      row: pool.key,
      fromS: step.fromS,
      toS: step.toS,
    }));
  });
  return commitmentOverlaps(spans)
    .filter(({ a, b, sameContract }) => sameContract || (a.hardware === b.hardware && a.hardware !== ''))
    .map(({ a, b, sameContract }) => ({
      severity: sameContract ? ('refused' as const) : ('ask' as const),
      message: sameContract
        ? `${a.key} and ${b.key} are of contract ${a.contract} and overlap from ${isoDay(b.fromS / SECONDS_PER_DAY)}: one contract would be paid twice.`
        : `${a.key} and ${b.key} run at the same time from ${isoDay(b.fromS / SECONDS_PER_DAY)}; both are paid.`,
      hint: sameContract
        ? 'End the first before the second starts, or give the second its own contract.'
        : 'If the second replaces the first, end the first on that day.',
      where: `capacity.${b.row}`,
    }));
}

function unknownNotices(programme: ProgrammeLines): CalendarNotice[] {
  return programme.unknown
    .filter((address) => address.startsWith('capacity.'))
    .map((address) => ({
      severity: 'warning' as const,
      message: `${address} is unknown, so idle cost is not all there.`,
      hint: 'Give its fee; unknown is not counted as 0.',
      where: address,
    }));
}
