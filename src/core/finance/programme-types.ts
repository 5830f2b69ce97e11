import type { Cents } from './money.ts';
import type { ExchangeRate } from './exchange.ts';

/** A price (programme currency) in force from 00:00 UTC of `validFrom` until the next row of its table. */
export interface PriceStep {
  validFrom: string;
  price: number;
  source?: string;
}

/** Power of one chip of a kind. Wall power = chipKw x serverOverhead x loadFactor x PUE of the site. */
export interface ChipPower {
  key: string;
  chipKw: number;
  serverOverhead: number;
  loadFactor: number;
  /** load of an owned chip that no run uses; 0 when idle chips are off */
  idleLoadFactor?: number;
}

export interface Site {
  key: string;
  pue: number;
  locationKgPerKwh: number;
  marketKgPerKwh: number;
  /** litres per kWh at the wall, where known */
  waterLPerKwh?: number;
}

/** Embodied carbon of a chip with its share of the server, spread over the hours it will be used. */
export interface Embodied {
  kgPerChip: number;
  lifeHours: number;
  fleetUtilisation: number;
}

export interface ProgrammeRun {
  key: string;
  chips: number;
  /** ISO date or instant with zone */
  start: string;
  /** hours on all its chips at the planned MFU, one copy, nothing failing */
  idealHours: number;
  count?: number;
  /** share of the ideal hours done again: restarts, failed experiments */
  failureAllowance?: number;
  /** share of wall time that makes progress, 0 to 1 */
  goodput?: number;
  /** supply keys in the order the run takes from them */
  supplies: readonly string[];
  priority?: number;
  committed?: boolean;
}

interface SupplyBase {
  key: string;
  /** category of its money lines, such as on_demand, spot, reservation */
  category: string;
  site: string;
}

/** Bought by the hour without limit: on demand, spot, internal rate. */
export interface MeteredSupply extends SupplyBase {
  kind: 'metered';
  prices: PriceStep[];
  /** extra chip-hours billed because of preemptions, as a share */
  overhead?: number;
}

/** How a committed tranche is paid: each calendar month, once in advance, or by the committed chip-hour. */
export type CommitmentFee = { monthly: number } | { upfront: number; paidIn: string } | { perChipHour: number };

/** Chips committed for a window and paid used or not: reservation, capacity block. */
export interface CommittedSupply extends SupplyBase {
  kind: 'committed';
  tranches: {
    key: string;
    chips: number;
    from: string;
    /** exclusive */
    to: string;
    /** days the start comes later than contracted; the end and the fees move with it */
    slipDays?: number;
    fee: CommitmentFee;
    /** contract number: two tranches of one contract may not overlap */
    contract?: string;
  }[];
}

/** Chips bought: depreciation in cost, capex in cash, standing charges by month in service, power by use. */
export interface OwnedSupply extends SupplyBase {
  kind: 'owned';
  tranches: {
    key: string;
    chips: number;
    /** all in: chip, server, network, storage, installation */
    capexPerChip: number;
    capexMonth: string;
    inServiceMonth: string;
    /** accounting life in months; capacity ends with it unless `retireMonth` says otherwise */
    lifeMonths: number;
    residualShare: number;
    retireMonth?: string;
    /** months delivery and payment come later than planned */
    slipMonths?: number;
  }[];
  coloPerKwMonth: number;
  maintenanceShareOfCapexPerYear: number;
  electricity: PriceStep[];
}

export type Supply = MeteredSupply | CommittedSupply | OwnedSupply;

/**
 * Cost by month: quantity x unit price in each month from `firstMonth` to `lastMonth`. Staff has heads and a loaded
 * monthly cost, storage grows by `stepPerMonth` up to `maxQuantity`, a single payment has one month and quantity 1.
 */
export interface ScheduledCost {
  key: string;
  category: string;
  firstMonth: string;
  lastMonth?: string;
  quantity: number;
  stepPerMonth?: number;
  maxQuantity?: number;
  unit: string;
  unitPrice: number;
  currency?: string;
  /** run it is charged to; otherwise the programme bears it */
  run?: string;
  committed?: boolean;
  source?: string;
}

export interface ProgrammeInput {
  currency: string;
  firstMonth: string;
  months: number;
  fiscalYearStartMonth: number;
  runs: ProgrammeRun[];
  supplies: Supply[];
  costs: ScheduledCost[];
  rates: ExchangeRate[];
  contingency?: { rate: number; categories: string[] };
  sites: Site[];
  chip: ChipPower;
  embodied?: Embodied;
  /** `queue` lets runs wait for chips; `fixed` starts them as dated and shows what is short */
  policy?: 'fixed' | 'queue';
}

/** One leaf: the only place where money is rounded. `quantity x unitPrice (x rate)` gives `cents` but for rounding. */
export interface MoneyLine {
  category: string;
  /** index into `months` */
  month: number;
  cents: Cents;
  /** `cost` only (depreciation), `cash` only (capex, prepayment), or both */
  view: 'both' | 'cost' | 'cash';
  /** key of the supply, tranche or cost row it comes from */
  origin: string;
  run: string | null;
  quantity: number;
  unit: string;
  unitPrice: number;
  /** exchange rate applied; 1 when the unit price is in the programme's currency */
  rate: number;
  currency: string;
  source: string;
  committed: boolean;
}

/** A run's part of a standing charge, or what no run used. */
export interface CostShare {
  category: string;
  pool: string;
  month: number;
  run: string | null;
  cents: Cents;
}

export interface PoolUse {
  key: string;
  category: string;
  capacityChipHours: number[];
  usedChipHours: number[];
  unusedCents: Cents;
}

export interface RunResult {
  key: string;
  start: string;
  end: string;
  startS: number;
  endS: number;
  waitedDays: number;
  idealHours: number;
  failureHours: number;
  goodputLossHours: number;
  wallHours: number;
  /** chips x wall hours, before preemption overhead */
  wallChipHours: number;
  preemptionChipHours: number;
  billedChipHours: number;
  chipHoursBySupply: Record<string, number>;
  shortChipHours: number;
  outsideChipHours: number;
  kwhBySite: Record<string, number>;
  kwh: number;
  locationKg: number;
  marketKg: number;
  embodiedKg: number;
  waterL: number | null;
  cents: Cents;
}

export interface Notice {
  code: string;
  severity: 'warning' | 'ask';
  message: string;
  hint: string;
  where: string;
}

export interface ProgrammeResult {
  currency: string;
  months: string[];
  categories: string[];
  lines: MoneyLine[];
  shares: CostShare[];
  /** cents by month */
  byCategory: Record<string, Cents[]>;
  byRun: Record<string, Cents[]>;
  /** what no run bears: waste, idle, staff, data, storage, contingency … */
  programmeLines: Record<string, Cents[]>;
  cost: Cents[];
  cash: Cents[];
  /** cash already bound by contract or decision, by month */
  committedCash: Cents[];
  totalCost: Cents;
  totalCash: Cents;
  pools: PoolUse[];
  runs: RunResult[];
  allocation: { run: string; supply: string | null; fromS: number; toS: number; chips: number }[];
  notices: Notice[];
}
