/**
 * What if all runs might use all clusters: at each instant the clusters' chips go to the runs that started first, in the
 * order of the capacity table, and what is missing is rented by the hour. A view beside the plan; compute and idle cost
 * only, central values.
 */
import {
  firstDayOfMonth,
  formatDate,
  formatInstant,
  formatMonth,
  monthOfDay,
  SECONDS_PER_DAY,
} from '../../finance/calendar.ts';
import { sumCents, type Cents } from '../../finance/money.ts';
import { evaluateProgramme } from '../../finance/programme.ts';
import type { CommittedSupply, MeteredSupply, ProgrammeRun, Supply } from '../../finance/programme-types.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import { RowReader } from './row-reader.ts';

export interface SharedRun {
  readonly key: string;
  readonly name: string;
  /** Compute cost as planned and when clusters are shared. */
  readonly planned: Cents;
  readonly shared: Cents;
  readonly clusterChipHours: number;
  readonly rentedChipHours: number;
}

export interface SharedClusters {
  readonly runs: readonly SharedRun[];
  readonly plannedIdle: Cents;
  readonly sharedIdle: Cents;
  readonly plannedTotal: Cents;
  readonly sharedTotal: Cents;
  /** Runs and clusters that could not take part, with the reason. */
  readonly leftOut: readonly string[];
}

/** Null without a cluster that can be priced or a run that could use it. */
export function sharedClusters(sheet: Sheet): SharedClusters | null {
  const leftOut: string[] = [];
  const clusters = clusterSupplies(sheet, leftOut);
  const runs = runsOf(sheet, clusters, leftOut);
  if (clusters.length === 0 || runs.length === 0) return null;
  const days = [
    ...clusters.flatMap((own) => [own.from, own.to]),
    ...runs.flatMap((own) => [own.from, own.from + own.hours / 24]),
  ];
  const first = monthOfDay(Math.min(...days));
  const months = monthOfDay(Math.max(...days)) - first + 1;
  const result = evaluateProgramme({
    currency: sheet.plan.settings.currency,
    firstMonth: formatMonth(first),
    months: Math.min(months, 1200),
    fiscalYearStartMonth: 1,
    runs: runs.map((own) => own.run),
    supplies: [...clusters.map((own) => own.supply), ...new Map(runs.map((own) => [own.rent.key, own.rent])).values()],
    costs: [],
    rates: [],
    // Energy is no part of this view.
    sites: [{ key: 'site', pue: 1, locationKgPerKwh: 0, marketKgPerKwh: 0 }],
    chip: { key: 'chip', chipKw: 0, serverOverhead: 1, loadFactor: 1 },
  });
  const rows = runs.map((own, i): SharedRun => {
    const { chipHoursBySupply } = result.runs[i] as (typeof result.runs)[number];
    const rented = chipHoursBySupply[own.rent.key] ?? 0;
    const all = Object.values(chipHoursBySupply).reduce((sum, hours) => sum + hours, 0);
    return {
      key: own.run.key,
      name: own.name,
      planned: own.planned,
      shared: sumCents(result.byRun[own.run.key] ?? []),
      clusterChipHours: all - rented,
      rentedChipHours: rented,
    };
  });
  const plannedIdle = sumCents(clusters.map((own) => own.idle));
  return {
    runs: rows,
    plannedIdle,
    sharedIdle: sumCents(result.pools.map((pool) => pool.unusedCents)),
    plannedTotal: sumCents([plannedIdle, ...rows.map((row) => row.planned)]),
    sharedTotal: result.totalCost,
    leftOut,
  };
}

interface ClusterSupply {
  readonly key: string;
  readonly hardware: string;
  readonly from: number;
  readonly to: number;
  readonly idle: Cents;
  readonly supply: CommittedSupply;
}

const cents = (amount: number): Cents => Math.round(amount * 100);

function clusterSupplies(sheet: Sheet, leftOut: string[]): ClusterSupply[] {
  const read = new RowReader(sheet, 'capacity');
  return sheet.state.tables.capacity.keys.flatMap((key, row): ClusterSupply[] => {
    const name = read.text('name', row) || key;
    const [from, to, chips, standing, months] = [
      read.number('available_from', row),
      read.number('available_to', row),
      read.number('chips', row),
      read.number('standing_cost', row),
      read.number('service_months', row),
    ] as [number, number, number, number, number];
    if (!Number.isFinite(from + to + chips + standing + months) || to <= from) {
      leftOut.push(`${name}: its window, chips or cost is unknown`);
      return [];
    }
    // Purchases and prepayments bear their standing cost by the month here, as the sheet's total has it.
    const fee =
      read.text('paid', row) === 'by_hour'
        ? { perChipHour: standing / (chips * (to - from) * 24) }
        : { monthly: standing / months };
    return [
      {
        key,
        hardware: read.text('hardware', row),
        from,
        to,
        idle: cents(read.number('idle_cost', row)),
        supply: {
          key: `cluster ${key}`,
          kind: 'committed',
          category: 'cluster',
          site: 'site',
          tranches: [{ key, chips, from: formatDate(Math.floor(from)), to: formatDate(Math.ceil(to)), fee }],
        },
      },
    ];
  });
}

interface SharedDemand {
  readonly run: ProgrammeRun;
  readonly rent: MeteredSupply;
  readonly name: string;
  readonly from: number;
  readonly hours: number;
  readonly planned: Cents;
}

function runsOf(sheet: Sheet, clusters: readonly ClusterSupply[], leftOut: string[]): SharedDemand[] {
  const read = new RowReader(sheet, 'runs');
  const capacity = new RowReader(sheet, 'capacity');
  return sheet.state.tables.runs.keys.flatMap((key, row): SharedDemand[] => {
    if (read.number('included', row) === 0) return [];
    const name = read.text('name', row) || key;
    const own = sheet.state.tables.capacity.rowNumber.get(read.text('cluster', row));
    const price = own === undefined ? read.number('chip_hour_price', row) : capacity.number('rent_price', own);
    const [from, to, chips, cost] = [
      read.number('start_date', row),
      read.number('end_date', row),
      read.number('chips', row),
      read.number('compute_cost', row),
    ] as [number, number, number, number];
    if (!Number.isFinite(from + to + chips + cost) || to <= from) {
      leftOut.push(`${name}: its dates, chips or cost are unknown`);
      return [];
    }
    if (!(price > 0)) {
      leftOut.push(`${name}: no price to rent at is known`);
      return [];
    }
    const hardware = read.text('hardware', row);
    const supplies: Supply['key'][] = clusters
      .filter((cluster) => cluster.hardware === '' || cluster.hardware === hardware)
      .map((cluster) => cluster.supply.key);
    // Runs that rent at one price share a supply: it has no limit.
    const rent = `rent at ${price}`;
    const hours = (to - from) * 24;
    return [
      {
        run: {
          key,
          chips,
          start: formatInstant(from * SECONDS_PER_DAY),
          idealHours: hours,
          supplies: [...supplies, rent],
        },
        rent: {
          key: rent,
          kind: 'metered',
          category: 'rented',
          site: 'site',
          prices: [{ validFrom: formatDate(firstDayOfMonth(0)), price }],
        },
        name,
        from,
        hours,
        planned: cents(cost),
      },
    ];
  });
}
