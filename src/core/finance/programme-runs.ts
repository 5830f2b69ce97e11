import { formatInstant } from './calendar.ts';
import type { RunDemand, Schedule } from './capacity.ts';
import { sumCents } from './money.ts';
import type { UseCell } from './metered-lines.ts';
import type { ProgrammeInput, RunResult } from './programme-types.ts';
import type { Horizon } from './supply-lines.ts';

/**
 * Hours, energy, carbon and cost of each run. kWh = billed chip-h x chip kW x server overhead x load factor x PUE of
 * the site; embodied kg = billed chip-h x kg per chip / (life hours x fleet utilisation). Water is `null` unless
 * every site used has a factor.
 */
export function runResults(
  input: ProgrammeInput,
  demands: readonly RunDemand[],
  plan: Schedule,
  cells: readonly UseCell[],
  outside: Float64Array,
  byRun: Record<string, number[]>,
  horizon: Horizon,
): RunResult[] {
  const sites = new Map(input.sites.map((site) => [site.key, site]));
  const siteOf = input.supplies.map((supply) => sites.get(supply.site)!);
  const overheadOf = input.supplies.map((supply) => (supply.kind === 'metered' ? (supply.overhead ?? 0) : 0));
  const { chipKw, serverOverhead, loadFactor } = input.chip;
  const embodied = input.embodied;
  const results = input.runs.map((run, i): RunResult => {
    const ideal = run.idealHours * (run.count ?? 1);
    const failure = ideal * (run.failureAllowance ?? 0);
    const wall = demands[i]!.durationS / 3600;
    const { startS, endS, waitedS } = plan.runs[i]!;
    return {
      key: run.key,
      start: formatInstant(startS + horizon.originS),
      end: formatInstant(endS + horizon.originS),
      startS: startS + horizon.originS,
      endS: endS + horizon.originS,
      waitedDays: waitedS / 86_400,
      idealHours: ideal,
      failureHours: failure,
      goodputLossHours: wall - ideal - failure,
      wallHours: wall,
      wallChipHours: run.chips * wall,
      preemptionChipHours: 0,
      billedChipHours: 0,
      chipHoursBySupply: Object.fromEntries(run.supplies.map((key) => [key, 0])),
      shortChipHours: 0,
      outsideChipHours: outside[i]! / 3600,
      kwhBySite: Object.create(null) as Record<string, number>,
      kwh: 0,
      locationKg: 0,
      marketKg: 0,
      embodiedKg: 0,
      waterL: 0,
      cents: sumCents(byRun[run.key]!),
    };
  });
  for (const cell of cells) {
    const result = results[cell.run]!;
    const site = siteOf[cell.pool]!;
    const used = cell.chipSeconds / 3600;
    const billed = used * (1 + overheadOf[cell.pool]!);
    const kwh = billed * chipKw * serverOverhead * loadFactor * site.pue;
    const supply = input.supplies[cell.pool]!.key;
    result.preemptionChipHours += billed - used;
    result.billedChipHours += billed;
    result.chipHoursBySupply[supply]! += billed;
    result.kwhBySite[site.key] = (result.kwhBySite[site.key] ?? 0) + kwh;
    result.kwh += kwh;
    result.locationKg += kwh * site.locationKgPerKwh;
    result.marketKg += kwh * site.marketKgPerKwh;
    if (embodied) result.embodiedKg += (billed * embodied.kgPerChip) / (embodied.lifeHours * embodied.fleetUtilisation);
    if (result.waterL !== null)
      result.waterL = site.waterLPerKwh === undefined ? null : result.waterL + kwh * site.waterLPerKwh;
  }
  for (const piece of plan.shortages)
    results[piece.run]!.shortChipHours += ((piece.toS - piece.fromS) * piece.chips) / 3600;
  return results;
}
