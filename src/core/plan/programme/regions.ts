/** Energy and carbon of the same work in every region of the catalog, and why a model card's figure differs. */
import {
  compareRegions,
  explainModelCard,
  modelCardMethod,
  type MethodDifference,
  type RegionAnswer,
} from '../../finance/carbon.ts';
import type { CatalogRow } from '../../sheet/catalog.ts';
import type { Sheet } from '../../sheet/sheet.ts';
import { RowReader } from './row-reader.ts';

export interface RegionRow extends RegionAnswer {
  readonly name: string;
  readonly location: string;
  readonly pue: number;
  readonly gPerKwh: number;
}

export interface RegionComparison {
  readonly regions: readonly RegionRow[];
  /** Keys of the runs compared. */
  readonly runs: readonly string[];
  /** Regions without a PUE or a grid factor: left out, not guessed. */
  readonly leftOut: number;
  /** Runs whose chip-hours or power are unknown. */
  readonly unknown: readonly string[];
  /** What a model card would print for one run, and the ratio of each factor to it. */
  readonly card: {
    readonly run: string;
    readonly mwh: number;
    readonly tco2e: number;
    readonly ourTco2e: number;
    readonly total: number;
    readonly parts: readonly MethodDifference[];
  } | null;
}

interface Load {
  readonly key: string;
  readonly row: number;
  readonly chipHours: number;
  readonly power: { readonly chipW: number; readonly serverOverhead: number; readonly loadFactor: number };
}

function loadsOf(sheet: Sheet, read: RowReader, only: string | null): { loads: Load[]; unknown: string[] } {
  const loads: Load[] = [];
  const unknown: string[] = [];
  sheet.state.tables.runs.keys.forEach((key, row) => {
    if (only === null ? read.number('included', row) === 0 : key !== only) return;
    const chipHours = read.number('chip_hours', row);
    const power = {
      chipW: read.number('chip_power_w', row),
      serverOverhead: read.number('server_overhead', row),
      loadFactor: read.number('load_factor', row),
    };
    if (Number.isFinite(chipHours * power.chipW * power.serverOverhead * power.loadFactor))
      loads.push({ key, row, chipHours, power });
    else unknown.push(key);
  });
  return { loads, unknown };
}

const numberOf = (row: CatalogRow, field: string): number | null => {
  const value = row.fields[field];
  return typeof value === 'number' ? value : null;
};

/** Compares regions for all runs that count, or for one. Lowest location-based carbon first. */
export function regionComparison(sheet: Sheet, only: string | null = null): RegionComparison {
  const read = new RowReader(sheet, 'runs');
  const { loads, unknown } = loadsOf(sheet, read, only);
  const rows = [...(sheet.options.catalog.get('cloud_region')?.rows.values() ?? [])];
  const usable = rows.flatMap((row) => {
    const [pue, gPerKwh] = [numberOf(row, 'pue'), numberOf(row, 'g_co2e_per_kwh')];
    if (pue === null || gPerKwh === null) return [];
    const free = numberOf(row, 'carbon_free_energy_share_hourly');
    return [{ row, pue, gPerKwh, market: free === null ? null : gPerKwh * (1 - free) }];
  });
  const totals = new Map<string, RegionAnswer>();
  for (const load of loads)
    for (const answer of compareRegions(
      load.chipHours,
      load.power,
      usable.map(({ row, pue, gPerKwh, market }) => ({
        key: row.key,
        pue,
        locationGPerKwh: gPerKwh,
        marketGPerKwh: market,
        source: row.source,
      })),
    )) {
      const sum = totals.get(answer.key);
      totals.set(
        answer.key,
        sum
          ? {
              ...sum,
              mwh: sum.mwh + answer.mwh,
              tco2eLocation: sum.tco2eLocation + answer.tco2eLocation,
              tco2eMarket:
                sum.tco2eMarket === null || answer.tco2eMarket === null ? null : sum.tco2eMarket + answer.tco2eMarket,
            }
          : answer,
      );
    }
  return {
    regions: usable
      .flatMap(({ row, pue, gPerKwh }): RegionRow[] => {
        const answer = totals.get(row.key);
        return answer
          ? [{ ...answer, name: row.name, location: String(row.fields['location'] ?? ''), pue, gPerKwh }]
          : [];
      })
      .sort((a, b) => a.tco2eLocation - b.tco2eLocation || (a.key < b.key ? -1 : 1)),
    runs: loads.map((load) => load.key),
    leftOut: rows.length - usable.length,
    unknown,
    card: cardOf(read, loads),
  };
}

/** The largest run by the method of model cards: rated power of the chips, no host, no PUE, full load, its own grid. */
function cardOf(read: RowReader, loads: readonly Load[]): RegionComparison['card'] {
  const [largest] = [...loads].sort((a, b) => b.chipHours - a.chipHours);
  if (!largest) return null;
  const { row, key, chipHours, power } = largest;
  const grid = read.number('grid_gco2e_per_kwh', row);
  const pue = read.number('pue', row);
  if (!Number.isFinite(grid * pue)) return null;
  const card = modelCardMethod(chipHours, power.chipW, grid);
  const difference = explainModelCard({ ...power, pue }, grid, { gPerKwh: grid });
  return { run: read.text('name', row) || key, ...card, ourTco2e: card.tco2e * difference.total, ...difference };
}
