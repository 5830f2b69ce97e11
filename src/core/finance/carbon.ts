import { FlopsheetError } from '../errors.ts';
import { wallKwh, type WallPower } from './energy.ts';

/** Carbon factors of a place. Market-based and water are `null` where the operator does not publish them. */
export interface RegionFactors {
  key: string;
  pue: number;
  locationGPerKwh: number;
  marketGPerKwh: number | null;
  waterLPerKwh?: number | null;
  source?: string;
}

export interface RegionAnswer {
  key: string;
  mwh: number;
  tco2eLocation: number;
  tco2eMarket: number | null;
  waterM3: number | null;
  source: string;
}

/** Tonnes CO2e of kWh at g/kWh. Unknown in, unknown (NaN) out. */
export function tonnesOf(kwh: number, gPerKwh: number): number {
  return (kwh * gPerKwh) / 1e6;
}

/**
 * Embodied tonnes a run bears: chip-h x (server kg / chips per server + chip kg) / (life hours x fleet utilisation).
 * Throws `carbon_input` when life or utilisation is not positive. Source: Luccioni et al. 2022 (arXiv 2211.02001)
 * section 4.1: 2,500 kg a server, 150 kg a GPU.
 */
export function embodiedTonnes(
  chipHours: number,
  part: { serverKg: number; chipsPerServer: number; chipKg: number; lifeHours: number; fleetUtilisation: number },
): number {
  if (!(part.lifeHours > 0) || !(part.fleetUtilisation > 0) || !(part.chipsPerServer > 0)) {
    throw new FlopsheetError(
      'carbon_input',
      'Embodied carbon needs a life, a utilisation and chips per server above 0.',
      {
        hint: 'Usual values: 35,064 h (4 years), 0.8, 8.',
      },
    );
  }
  const kgPerChip = part.serverKg / part.chipsPerServer + part.chipKg;
  return (chipHours * kgPerChip) / (part.lifeHours * part.fleetUtilisation) / 1000;
}

/**
 * The same work in each region, lowest location-based carbon first: energy changes with PUE, carbon with both.
 * A factor a region lacks stays `null`.
 */
export function compareRegions(
  chipHours: number,
  power: Omit<WallPower, 'pue'>,
  regions: readonly RegionFactors[],
): RegionAnswer[] {
  return regions
    .map((region) => {
      const kwh = wallKwh(chipHours, { ...power, pue: region.pue });
      const water = region.waterLPerKwh ?? null;
      return {
        key: region.key,
        mwh: kwh / 1000,
        tco2eLocation: tonnesOf(kwh, region.locationGPerKwh),
        tco2eMarket: region.marketGPerKwh === null ? null : tonnesOf(kwh, region.marketGPerKwh),
        waterM3: water === null ? null : (kwh * water) / 1000,
        source: region.source ?? '',
      };
    })
    .sort((a, b) => a.tco2eLocation - b.tco2eLocation || (a.key < b.key ? -1 : 1));
}

/**
 * Patterson et al. 2021: `systemW` is the measured draw per chip with its share of host and network, so load and
 * server overhead are already in it. MWh and tonnes.
 */
export function pattersonMethod(
  chipHours: number,
  systemW: number,
  pue: number,
  gPerKwh: number,
): { mwh: number; tco2e: number } {
  const kwh = wallKwh(chipHours, { chipW: systemW, serverOverhead: 1, loadFactor: 1, pue });
  return { mwh: kwh / 1000, tco2e: tonnesOf(kwh, gPerKwh) };
}

/**
 * The method of Meta's model cards: chip-h x TDP x grid factor, host and PUE left out and full load assumed.
 * `gPerKwh` implied by the cards is 423 (Llama 2) and 414 (Llama 3.1). MWh and tonnes.
 */
export function modelCardMethod(chipHours: number, tdpW: number, gPerKwh: number): { mwh: number; tco2e: number } {
  return pattersonMethod(chipHours, tdpW, 1, gPerKwh);
}

export interface MethodDifference {
  cause: 'load' | 'server' | 'pue' | 'grid';
  ratio: number;
}

/**
 * Why a bottom-up figure differs from a model card's: the ratio of each factor (ours over theirs). The product of the
 * ratios is the ratio of the tonnes.
 */
export function explainModelCard(
  power: WallPower,
  gPerKwh: number,
  card: { gPerKwh: number },
): { total: number; parts: MethodDifference[] } {
  const parts: MethodDifference[] = [
    { cause: 'load', ratio: power.loadFactor },
    { cause: 'server', ratio: power.serverOverhead },
    { cause: 'pue', ratio: power.pue },
    { cause: 'grid', ratio: gPerKwh / card.gPerKwh },
  ];
  return { total: parts.reduce((product, part) => product * part.ratio, 1), parts };
}
