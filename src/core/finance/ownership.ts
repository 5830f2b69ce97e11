import { FlopsheetError } from '../errors.ts';

/** Mean Gregorian year and month used where no calendar decides (h). */
export const HOURS_PER_YEAR = 8766;
export const HOURS_PER_MONTH = 730.5;

/**
 * Capital recovery factor r(1+r)^n / ((1+r)^n - 1): the constant payment per period that repays 1 over n periods at
 * rate r per period; 1/n at r = 0. Throws `crf_input` unless r > -1 and n > 0.
 */
export function capitalRecoveryFactor(rate: number, periods: number): number {
  if (!(rate > -1) || !(periods > 0) || !Number.isFinite(rate) || !Number.isFinite(periods)) {
    throw new FlopsheetError('crf_input', `No payment repays capital at a rate of ${rate} over ${periods} periods.`, {
      hint: 'Give a rate as a share (0.095) and a life above 0.',
    });
  }
  // expm1 keeps the digits a tiny rate would lose in (1 + r)^n - 1.
  return rate === 0 ? 1 / periods : rate / -Math.expm1(-periods * Math.log1p(rate));
}

/** Payment per period on capital with a residual value at the end: (capex - residual / (1+r)^n) x CRF. */
export function financingPayment(capex: number, residual: number, rate: number, periods: number): number {
  return (capex - residual / Math.pow(1 + rate, periods)) * capitalRecoveryFactor(rate, periods);
}

/** The effective monthly rate of a yearly one: (1 + r)^(1/12) - 1. */
export function monthlyRate(yearly: number): number {
  return Math.expm1(Math.log1p(yearly) / 12);
}

/** Everything an owned chip costs, per chip; `currency` units. All shares are fractions. */
export interface OwnedChip {
  /** purchase parts, per chip */
  chipPrice: number;
  serverPrice: number;
  networkPrice: number;
  storagePrice: number;
  installationPrice: number;
  /** economic life in years: how long it earns its keep */
  economicLifeYears: number;
  /** accounting life in years: how long the books write it off */
  accountingLifeYears: number;
  /** what it sells for at the end of its economic life, as a share of capex */
  residualShare: number;
  /** yearly financing rate */
  rate: number;
  /** share of the year's hours that do planned work */
  utilisation: number;
  /** W per chip and overheads, see energy.ts */
  chipW: number;
  serverOverhead: number;
  loadFactor: number;
  pue: number;
  electricityPerKwh: number;
  /** colocation: price per kW of IT nameplate per month; 0 on own premises */
  coloPerKwMonth: number;
  /** own premises: building and power plant per W of site power, with its life in years; 0 in colocation */
  facilityPerW: number;
  facilityLifeYears: number;
  /** yearly maintenance and spares as a share of capex */
  maintenanceShare: number;
  /** yearly staff to run the cluster, per chip */
  staffPerYear: number;
  /** further yearly cost per chip: software, control plane, support, transit */
  otherPerYear: number;
}

export interface OwnershipCost {
  capexPerChip: number;
  parts: { part: OwnershipPart; perChipYear: number; perChipHour: number; share: number }[];
  perChipYear: number;
  /** cost of a chip-hour of planned work */
  perChipHour: number;
  /** what the books show per chip-hour instead of financing: straight line over the accounting life */
  accountingPerChipHour: number;
}

export type OwnershipPart = 'capital' | 'electricity' | 'colocation' | 'facility' | 'maintenance' | 'staff' | 'other';

/**
 * Total cost of ownership per chip-hour of planned work: capital recovered over the economic life less residual,
 * electricity for the hours worked, and the standing charges, all over 8,766 h x utilisation. The accounting figure
 * swaps capital recovery for straight-line depreciation over the accounting life. Throws `ownership_input` naming
 * the field. Form: USD/GPU-h = capex x CRF / (8766 x util) + kW x PUE x USD/kWh + colo + opex, less residual.
 */
export function ownershipCost(chip: OwnedChip): OwnershipCost {
  check(chip);
  const capex = chip.chipPrice + chip.serverPrice + chip.networkPrice + chip.storagePrice + chip.installationPrice;
  const nameplateKw = (chip.chipW * chip.serverOverhead) / 1000;
  const hours = HOURS_PER_YEAR * chip.utilisation;
  const facility = chip.facilityPerW * nameplateKw * 1000 * chip.pue;
  const perYear: Record<OwnershipPart, number> = {
    capital: financingPayment(capex, capex * chip.residualShare, chip.rate, chip.economicLifeYears),
    electricity: nameplateKw * chip.loadFactor * chip.pue * chip.electricityPerKwh * hours,
    colocation: chip.coloPerKwMonth * nameplateKw * 12,
    facility: facility === 0 ? 0 : facility * capitalRecoveryFactor(chip.rate, chip.facilityLifeYears),
    maintenance: chip.maintenanceShare * capex,
    staff: chip.staffPerYear,
    other: chip.otherPerYear,
  };
  const total = Object.values(perYear).reduce((sum, value) => sum + value, 0);
  const depreciation = (capex * (1 - chip.residualShare)) / chip.accountingLifeYears;
  return {
    capexPerChip: capex,
    parts: (Object.entries(perYear) as [OwnershipPart, number][]).map(([part, value]) => ({
      part,
      perChipYear: value,
      perChipHour: value / hours,
      share: value / total,
    })),
    perChipYear: total,
    perChipHour: total / hours,
    accountingPerChipHour: (total - perYear.capital + depreciation) / hours,
  };
}

export type RentOrBuy =
  | { verdict: 'break_even'; utilisation: number; hoursPerYear: number }
  | { verdict: 'always_rent' | 'always_buy'; reason: string };

/**
 * Utilisation above which buying is cheaper than renting at a price per chip-hour: standing cost per year over
 * (rent - running cost per hour) x 8,766 h. Says so when no utilisation up to 1 is enough.
 */
export function rentOrBuy(chip: OwnedChip, rentPerChipHour: number): RentOrBuy {
  if (!(rentPerChipHour > 0) || !Number.isFinite(rentPerChipHour)) throw bad('rent per chip-hour', rentPerChipHour);
  const full = ownershipCost({ ...chip, utilisation: 1 });
  const running = full.parts.find(({ part }) => part === 'electricity')!.perChipHour;
  const standing = full.perChipYear - running * HOURS_PER_YEAR;
  if (rentPerChipHour <= running) {
    return { verdict: 'always_rent', reason: 'The rent is below the electricity of an owned chip.' };
  }
  if (standing <= 0) return { verdict: 'always_buy', reason: 'Owning has no standing cost in this case.' };
  const hoursPerYear = standing / (rentPerChipHour - running);
  const utilisation = hoursPerYear / HOURS_PER_YEAR;
  return utilisation > 1
    ? { verdict: 'always_rent', reason: 'Even in use every hour, owning costs more than this rent.' }
    : { verdict: 'break_even', utilisation, hoursPerYear };
}

function check(chip: OwnedChip): void {
  for (const [field, value] of Object.entries(chip) as [keyof OwnedChip, number][]) {
    const least = field === 'pue' ? 1 : field === 'rate' ? -0.99 : 0;
    if (!(value >= least) || !Number.isFinite(value)) throw bad(field, value);
  }
  for (const field of ['economicLifeYears', 'accountingLifeYears', 'utilisation'] as const) {
    if (!(chip[field] > 0)) throw bad(field, chip[field]);
  }
  if (chip.utilisation > 1) throw bad('utilisation', chip.utilisation);
  if (chip.residualShare > 1) throw bad('residualShare', chip.residualShare);
}

function bad(field: string, value: number): FlopsheetError {
  return new FlopsheetError('ownership_input', `The ${field} of an owned chip is ${value}.`, {
    hint: 'Prices and shares are 0 or more, lives and utilisation above 0, utilisation and residual at most 1.',
    where: field,
  });
}
