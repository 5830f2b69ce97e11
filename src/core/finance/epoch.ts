import { FlopsheetError } from '../errors.ts';
import { formatDate, parseDate } from './calendar.ts';

/** Epoch's amortised cost of a training run: Cottier et al. 2024, code training-cost-trends cost_analysis_standalone.py. */
export const EPOCH = {
  /** orders of magnitude a year by which hardware price-performance improves */
  progressOomPerYear: 0.14,
  hoursPerYear: 8766,
  daysPerYear: 365.25,
  /** days from a chip's release to the first buyer having it */
  releaseToBuyerDays: 90,
  /** days from the end of training to publication */
  trainingToPublicationDays: 60,
  /** training time where none is known (days): median of the running top 10 */
  defaultTrainingDays: 793.5 / 24,
  /** MFU where none is known: median of 33 values */
  defaultMfu: 0.375,
  /** interconnect's share of cluster cost */
  interconnectShare: 0.19,
} as const;

/** Factors that go with a kind of chip. */
export interface EpochChipFactors {
  /** server price over chip price, for prices of single chips */
  serverCost: number;
  /** server power over chip power */
  serverPower: number;
  /** average draw over rated draw */
  load: number;
  /** owner-built chips may be in use before they are released to the public */
  usedBeforeRelease: boolean;
}

const CHIP_FACTORS: readonly [RegExp, Partial<EpochChipFactors>][] = [
  [/TPU v1/i, { serverPower: 2.93 }],
  [/TPU v2/i, { serverPower: 1.64 }],
  [/TPU v3/i, { serverPower: 1.47 }],
  [/TPU/i, { serverPower: 1.56 }],
  [/H100/i, { serverPower: 10.2 / 8 / 0.7 }],
  [/A100/i, { serverPower: 6.5 / 8 / 0.4, serverCost: 1.66 }],
  [/V100/i, { serverPower: (10 / 16 / 0.3 + 1.5 / 4 / 0.3) / 2, serverCost: 1.69 }],
  [/P100/i, { serverCost: 1.54 }],
];

/** Epoch's factors for a chip by its name: a match of chip families, with their defaults for the rest. */
export function epochChipFactors(chip: string): EpochChipFactors {
  const tpu = /TPU/i.test(chip);
  const own = CHIP_FACTORS.find(([name]) => name.test(chip))?.[1] ?? {};
  return { serverCost: 1.64, serverPower: 1.8, load: tpu ? 0.43 : 0.75, usedBeforeRelease: tpu, ...own };
}

/** PUE Epoch assumes: 1.10 at the large operators it lists, 1.25 elsewhere. */
export function epochPue(organisation: string): number {
  return /google|deepmind|microsoft|amazon|meta|facebook/i.test(organisation) ? 1.1 : 1.25;
}

/** One purchase price of a chip, as price lists give it. */
export interface PurchasePrice {
  date: string;
  usd: number;
  note: string;
}

/**
 * The price Epoch would use of a chip family's list: the earliest one of a whole DGX server, else the earliest.
 * `serverUsd` is the price of a chip with its share of the server: single-unit prices, and those of chips never sold
 * to the public, are multiplied by the server cost factor. Throws `price_unknown` for an empty list.
 */
export function epochPurchasePrice(
  prices: readonly PurchasePrice[],
  factors: EpochChipFactors,
): PurchasePrice & { serverUsd: number } {
  const sorted = [...prices].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  const chosen = sorted.find((price) => price.note.includes('DGX')) ?? sorted[0];
  if (!chosen) {
    throw new FlopsheetError('price_unknown', 'There is no purchase price for this chip.', {
      hint: 'Add one with its date; a missing price is not counted as 0.',
    });
  }
  const chipOnly = factors.usedBeforeRelease || chosen.note.toLowerCase().includes('single-unit');
  return { ...chosen, serverUsd: chosen.usd * (chipOnly ? factors.serverCost : 1) };
}

export interface EpochInput {
  /** ISO date */
  published: string;
  /** wall-clock days of training; null where unknown */
  trainingDays: number | null;
  /** recorded chip-hours; null where unknown */
  chipHours: number | null;
  chips: number | null;
  flop: number | null;
  /** dense peak of one chip (FLOP/s) */
  peakFlopPerS: number;
  mfu: number | null;
  /** price of a chip with its share of the server (USD): `serverUsd` of `epochPurchasePrice` */
  purchaseUsd: number;
  priceDate: string;
  /** ISO date the chip came out */
  chipReleased: string;
  factors: EpochChipFactors;
  chipW: number;
  pue: number;
  usdPerKwh: number;
}

export interface EpochCost {
  chipHours: number;
  chipHoursFrom: 'recorded' | 'time_and_chips' | 'flop';
  acquired: string;
  trainingStart: string;
  /** value of a chip with server at the start of training (USD) */
  valueAtStart: number;
  usdPerChipHour: number;
  hardwareUsd: number;
  interconnectUsd: number;
  kwh: number;
  energyUsd: number;
  totalUsd: number;
}

/**
 * Amortised hardware, interconnect and energy cost of a run (nominal USD). Chip-hours: recorded, else time x chips,
 * else FLOP / (peak x MFU). Value at training start V = price x 10^(-0.14 x years since acquisition); hardware =
 * chip-h x V x 0.14 ln 10 / 8766; interconnect = hardware x 0.19 / 0.81; energy at the wall. Throws `epoch_input`
 * when chip-hours cannot be known. Source: see EPOCH.
 */
export function epochAmortisedCost(input: EpochInput): EpochCost {
  const { chipHours, from } = chipHoursOf(input);
  const acquired = Math.max(parseDate(input.priceDate), parseDate(input.chipReleased) + EPOCH.releaseToBuyerDays);
  const bought = input.factors.usedBeforeRelease ? parseDate(input.chipReleased) : acquired;
  const days = input.trainingDays ?? EPOCH.defaultTrainingDays;
  const published = parseDate(input.published);
  const wished = Math.floor(published - (days + EPOCH.trainingToPublicationDays));
  const start = input.factors.usedBeforeRelease ? wished : Math.max(wished, bought);
  const years = (start - bought) / EPOCH.daysPerYear;
  const valueAtStart = input.purchaseUsd * Math.pow(10, -EPOCH.progressOomPerYear * years);
  const usdPerChipHour = (valueAtStart * EPOCH.progressOomPerYear * Math.LN10) / EPOCH.hoursPerYear;
  const hardwareUsd = usdPerChipHour * chipHours;
  const interconnectUsd = (hardwareUsd * EPOCH.interconnectShare) / (1 - EPOCH.interconnectShare);
  const { serverPower, load } = input.factors;
  const kwh = (chipHours * input.chipW * serverPower * load * input.pue) / 1000;
  const energyUsd = kwh * input.usdPerKwh;
  return {
    chipHours,
    chipHoursFrom: from,
    acquired: formatDate(bought),
    trainingStart: formatDate(start),
    valueAtStart,
    usdPerChipHour,
    hardwareUsd,
    interconnectUsd,
    kwh,
    energyUsd,
    totalUsd: hardwareUsd + interconnectUsd + energyUsd,
  };
}

/** Cost to buy the whole cluster: chips x price / (1 - interconnect share) (USD). */
export function epochAcquisitionCost(chips: number, purchaseUsd: number): number {
  return (chips * purchaseUsd) / (1 - EPOCH.interconnectShare);
}

function chipHoursOf(input: EpochInput): { chipHours: number; from: EpochCost['chipHoursFrom'] } {
  if (input.chipHours !== null) return { chipHours: input.chipHours, from: 'recorded' };
  if (input.trainingDays !== null && input.chips !== null) {
    return { chipHours: input.trainingDays * 24 * input.chips, from: 'time_and_chips' };
  }
  if (input.flop !== null && input.peakFlopPerS > 0) {
    const mfu = input.mfu ?? EPOCH.defaultMfu;
    return { chipHours: input.flop / (input.peakFlopPerS * mfu) / 3600, from: 'flop' };
  }
  throw new FlopsheetError('epoch_input', 'The chip-hours of this run cannot be known.', {
    hint: 'Give chip-hours, or days and chips, or FLOP and the chip’s peak.',
  });
}
