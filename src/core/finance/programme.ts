import { FlopsheetError } from '../errors.ts';
import { formatInstant, formatMonth, monthStart, parseInstant, parseMonth } from './calendar.ts';
import { schedule, type PoolCapacity, type RunDemand } from './capacity.ts';
import { costShares } from './cost-shares.ts';
import { sumCents } from './money.ts';
import { meteredLine, priceTimes, useCells, type PriceTimes, type UseCell } from './metered-lines.ts';
import { powerLines } from './power-lines.ts';
import { checkProgramme } from './programme-check.ts';
import { runResults } from './programme-runs.ts';
import type { MoneyLine, Notice, PoolUse, ProgrammeInput, ProgrammeResult } from './programme-types.ts';
import { contingencyLines, scheduledLines } from './scheduled-lines.ts';
import { capacityByMonth, committedPool, ownedPool, type Horizon, type PoolSupply } from './supply-lines.ts';

/**
 * Prices a whole programme: gives chips to runs on a calendar, turns use, standing charges, people, data, storage and
 * contingency into leaf lines rounded once to the cent, shares standing charges out to the runs that used them and
 * keeps the rest as waste. Every total is a sum of leaves. Pure: same input, same output. Throws the typed errors of
 * `checkProgramme`, `price_unknown` for hours before the first price, `rate_missing` for a currency without a rate.
 */
export function evaluateProgramme(input: ProgrammeInput): ProgrammeResult {
  const notices = checkProgramme(input);
  const first = parseMonth(input.firstMonth);
  const horizon: Horizon = { first, months: input.months, originS: monthStart(first) };
  const { supplies } = input;
  const poolIndex = new Map(supplies.map((supply, index) => [supply.key, index]));
  const pools = supplies.map((supply): PoolSupply | null => {
    if (supply.kind === 'committed') return committedPool(supply, input.currency, horizon);
    return supply.kind === 'owned' ? ownedPool(supply, input.chip, input.currency, horizon) : null;
  });
  const tables = supplies.map((supply): PriceTimes | null => {
    if (supply.kind === 'metered') return priceTimes(supply.prices, supply.key, horizon.originS);
    return supply.kind === 'owned'
      ? priceTimes(supply.electricity, `${supply.key} electricity`, horizon.originS)
      : null;
  });
  const demands = input.runs.map((run): RunDemand => {
    const ideal = run.idealHours * (run.count ?? 1);
    const hours = (ideal + ideal * (run.failureAllowance ?? 0)) / (run.goodput ?? 1);
    return {
      key: run.key,
      startS: parseInstant(run.start) - horizon.originS,
      durationS: hours * 3600,
      chips: run.chips,
      supplies: run.supplies.map((key) => poolIndex.get(key)!),
      priority: run.priority ?? 0,
    };
  });
  const capacity = supplies.map((supply, i): PoolCapacity => ({ key: supply.key, steps: pools[i]?.steps ?? null }));
  const plan = schedule(demands, capacity, input.policy ?? 'fixed');
  const { cells, outside } = useCells(plan.pieces, tables, horizon, input.runs.length);

  const metered: MoneyLine[] = [];
  const byPool: UseCell[][] = supplies.map(() => []);
  for (const cell of cells) {
    byPool[cell.pool]!.push(cell);
    const supply = supplies[cell.pool]!;
    if (supply.kind === 'metered')
      metered.push(meteredLine(cell, tables[cell.pool]!, supply, input.runs[cell.run]!, input.currency));
  }
  const poolCapacity = pools.map((pool) => (pool ? capacityByMonth(pool.steps, horizon) : null));
  const power = supplies.flatMap((supply, i) =>
    supply.kind === 'owned' ? powerLines(input, supply, pools[i]!.steps, byPool[i]!, tables[i]!, horizon) : [],
  );
  const shares = pools.flatMap((pool, i) =>
    pool ? costShares(supplies[i]!.key, pool.lines, byPool[i]!, poolCapacity[i]!, input.runs) : [],
  );
  const standing = pools.flatMap((pool) => pool?.lines ?? []);
  const base = metered.concat(power, scheduledLines(input, horizon));
  const lines = base.concat(contingencyLines(input, [base, standing]));
  const totals = collect(input, lines, standing, shares, poolIndex);
  const poolUse = supplies.flatMap((supply, i): PoolUse[] => {
    if (!poolCapacity[i]) return [];
    const used = new Array<number>(input.months).fill(0);
    for (const cell of byPool[i]!) used[cell.month]! += cell.chipSeconds / 3600;
    const waste = shares.filter((share) => share.pool === supply.key && share.run === null);
    return [
      {
        key: supply.key,
        category: supply.category,
        capacityChipHours: poolCapacity[i],
        usedChipHours: used,
        unusedCents: sumCents(waste.map((share) => share.cents)),
      },
    ];
  });
  const runs = runResults(input, demands, plan, cells, outside, totals.byRun, horizon);
  notices.push(...runNotices(runs, input));
  return {
    currency: input.currency,
    months: Array.from({ length: input.months }, (_, i) => formatMonth(first + i)),
    categories: Object.keys(totals.byCategory),
    lines: lines.concat(standing),
    shares,
    ...totals,
    totalCost: sumCents(totals.cost),
    totalCash: sumCents(totals.cash),
    pools: poolUse,
    runs,
    allocation: [...plan.pieces, ...plan.shortages].map((piece) => ({
      run: input.runs[piece.run]!.key,
      supply: piece.pool < 0 ? null : supplies[piece.pool]!.key,
      fromS: piece.fromS + horizon.originS,
      toS: piece.toS + horizon.originS,
      chips: piece.chips,
    })),
    notices,
  };
}

/** Ideal wall-clock hours of one copy: FLOP / (chips x dense peak FLOP/s x MFU) / 3600. Throws `hours_input`. */
export function idealHours(flop: number, chips: number, peakFlopPerS: number, mfu: number): number {
  if (!(flop >= 0 && chips > 0 && peakFlopPerS > 0 && mfu > 0 && mfu <= 1)) {
    throw new FlopsheetError(
      'hours_input',
      `Hours need FLOP, chips, peak and MFU; got ${[flop, chips, peakFlopPerS, mfu].join(', ')}.`,
      {
        hint: 'Give FLOP of 0 or more, chips and peak above 0, and an MFU above 0 and up to 1.',
      },
    );
  }
  return flop / (chips * peakFlopPerS * mfu) / 3600;
}

type Totals = Pick<ProgrammeResult, 'byCategory' | 'byRun' | 'programmeLines' | 'cost' | 'cash' | 'committedCash'>;

/**
 * Sums leaves by category, run and month: whole cents, so exact. `direct` lines are borne by their run or by the
 * programme; `standing` lines are borne as their shares say.
 */
function collect(
  input: ProgrammeInput,
  direct: readonly MoneyLine[],
  standing: readonly MoneyLine[],
  shares: ProgrammeResult['shares'],
  poolIndex: ReadonlyMap<string, number>,
): Totals {
  const zeros = () => new Array<number>(input.months).fill(0);
  const table = (): Record<string, number[]> => Object.create(null) as Record<string, number[]>;
  const byCategory = table();
  const byRun = table();
  const programmeLines = table();
  const [cost, cash, committedCash] = [zeros(), zeros(), zeros()];
  for (const run of input.runs) byRun[run.key] = zeros();
  const add = (rows: Record<string, number[]>, key: string, month: number, cents: number) => {
    (rows[key] ??= zeros())[month]! += cents;
  };
  const idleOf = new Map<string, string>();
  for (const { kind, category } of input.supplies) {
    if (kind === 'owned') idleOf.set(`${category}_electricity`, `${category}_idle`);
  }
  const count = (line: MoneyLine) => {
    const { month, cents } = line;
    if (line.view !== 'cash') {
      add(byCategory, line.category, month, cents);
      cost[month]! += cents;
    }
    if (line.view !== 'cost') {
      cash[month]! += cents;
      if (line.committed) committedCash[month]! += cents;
    }
  };
  for (const line of standing) count(line);
  for (const line of direct) {
    count(line);
    if (line.run !== null) byRun[line.run]![line.month]! += line.cents;
    else add(programmeLines, idleOf.get(line.category) ?? line.category, line.month, line.cents);
  }
  for (const share of shares) {
    if (share.run !== null) byRun[share.run]![share.month]! += share.cents;
    else {
      const supply = input.supplies[poolIndex.get(share.pool)!]!;
      const name = `${supply.category}_${supply.kind === 'owned' ? 'idle' : 'waste'}`;
      add(programmeLines, name, share.month, share.cents);
    }
  }
  return { byCategory, byRun, programmeLines, cost, cash, committedCash };
}

function runNotices(runs: ProgrammeResult['runs'], input: ProgrammeInput): Notice[] {
  const notices: Notice[] = [];
  for (const run of runs) {
    if (run.shortChipHours > 0) {
      notices.push({
        code: 'over_committed',
        severity: 'warning',
        message: `${run.key} lacks chips for ${Math.round(run.shortChipHours)} chip·h; those hours are not priced.`,
        hint: 'Add a supply without limit as its last, start it later, or let runs wait for chips.',
        where: run.key,
      });
    }
    if (run.outsideChipHours > 0) {
      notices.push({
        code: 'outside_horizon',
        severity: 'warning',
        message: `${run.key} runs from ${formatInstant(run.startS)} to ${formatInstant(run.endS)}; ${Math.round(run.outsideChipHours)} chip·h lie outside the ${input.months} months and are not priced.`,
        hint: 'Lengthen the horizon or move the run.',
        where: run.key,
      });
    }
  }
  return notices;
}
