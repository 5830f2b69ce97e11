import { hoursInMonth, monthAt, monthStart, parseInstant, parseMonth } from './calendar.ts';
import type { CapacityStep } from './capacity.ts';
import { centsOf, centsOfExact, Exact, roundProduct } from './money.ts';
import type { ChipPower, CommittedSupply, MoneyLine, OwnedSupply } from './programme-types.ts';

/** The programme's months: the first month number, how many, and the instant (s) that counts as second 0. */
export interface Horizon {
  first: number;
  months: number;
  originS: number;
}

/** What a pool offers and what it costs whether used or not. */
export interface PoolSupply {
  steps: CapacityStep[];
  lines: MoneyLine[];
}

/**
 * Capacity and standing lines of a reservation or capacity block. A monthly fee is due for every calendar month the
 * window touches; a fee by chip-hour for the committed hours of each month; an upfront fee is cash in its month and
 * cost by hours of the window (the last month takes the rounding difference).
 */
export function committedPool(supply: CommittedSupply, currency: string, horizon: Horizon): PoolSupply {
  const steps: CapacityStep[] = [];
  const lines: MoneyLine[] = [];
  for (const tranche of supply.tranches) {
    const slipS = (tranche.slipDays ?? 0) * 86_400;
    const fromS = parseInstant(tranche.from) + slipS;
    const toS = parseInstant(tranche.to) + slipS;
    steps.push({ fromS: fromS - horizon.originS, toS: toS - horizon.originS, chips: tranche.chips });
    const { fee } = tranche;
    const line = (
      month: number,
      cents: number,
      view: MoneyLine['view'],
      quantity: number,
      unit: string,
      price: number,
    ) => {
      const index = month - horizon.first;
      if (index >= 0 && index < horizon.months) {
        lines.push(standing(supply.category, index, cents, view, tranche.key, quantity, unit, price, currency));
      }
    };
    const firstMonth = monthAt(fromS);
    const lastMonth = monthAt(toS - 1);
    if ('upfront' in fee) {
      const total = centsOf([fee.upfront]);
      line(
        parseMonth(fee.paidIn) + monthsBetween(parseInstant(tranche.from), fromS),
        total,
        'cash',
        1,
        'payment',
        fee.upfront,
      );
      const windowS = toS - fromS;
      let spread = 0;
      for (let month = firstMonth; month <= lastMonth; month++) {
        const partS = Math.min(toS, monthStart(month + 1)) - Math.max(fromS, monthStart(month));
        const cents = month === lastMonth ? total - spread : roundProduct([total, partS], [windowS]);
        spread += cents;
        line(month, cents, 'cost', partS / windowS, 'share of the window', fee.upfront);
      }
      continue;
    }
    for (let month = firstMonth; month <= lastMonth; month++) {
      if ('monthly' in fee) line(month, centsOf([fee.monthly]), 'both', 1, 'month', fee.monthly);
      else {
        const partS = Math.min(toS, monthStart(month + 1)) - Math.max(fromS, monthStart(month));
        const cents = centsOf([tranche.chips, partS, fee.perChipHour], [3600]);
        line(month, cents, 'both', (tranche.chips * partS) / 3600, 'chip·h', fee.perChipHour);
      }
    }
  }
  return { steps, lines };
}

/**
 * Capacity and standing lines of an owned cluster: capex (cash), straight-line depreciation to the residual value
 * (cost; the last month of the life takes the rounding difference), colocation by nameplate kW (no PUE, no load
 * factor) and maintenance by month in service.
 */
export function ownedPool(supply: OwnedSupply, chip: ChipPower, currency: string, horizon: Horizon): PoolSupply {
  const steps: CapacityStep[] = [];
  const lines: MoneyLine[] = [];
  const category = (part: string) => `${supply.category}_${part}`;
  for (const tranche of supply.tranches) {
    const slip = tranche.slipMonths ?? 0;
    const inService = parseMonth(tranche.inServiceMonth) + slip;
    const retires = tranche.retireMonth ? parseMonth(tranche.retireMonth) + slip : inService + tranche.lifeMonths;
    steps.push({
      fromS: monthStart(inService) - horizon.originS,
      toS: monthStart(retires) - horizon.originS,
      chips: tranche.chips,
    });
    const capexIndex = parseMonth(tranche.capexMonth) + slip - horizon.first;
    const line = (
      part: string,
      index: number,
      cents: number,
      view: MoneyLine['view'],
      quantity: number,
      unit: string,
      price: number,
    ) => {
      if (index >= 0 && index < horizon.months) {
        lines.push(standing(category(part), index, cents, view, tranche.key, quantity, unit, price, currency));
      }
    };
    line(
      'capex',
      capexIndex,
      centsOf([tranche.chips, tranche.capexPerChip]),
      'cash',
      tranche.chips,
      'chip',
      tranche.capexPerChip,
    );
    const capex = new Exact(tranche.chips).mul(tranche.capexPerChip);
    const writtenOff = capex.sub(capex.mul(tranche.residualShare));
    const monthly = writtenOff.div(tranche.lifeMonths);
    const monthlyCents = centsOfExact(monthly);
    const lastCents = centsOfExact(writtenOff) - monthlyCents * (tranche.lifeMonths - 1);
    const nameplateKw = tranche.chips * chip.chipKw * chip.serverOverhead;
    const coloCents = centsOf([tranche.chips, chip.chipKw, chip.serverOverhead, supply.coloPerKwMonth]);
    const share = supply.maintenanceShareOfCapexPerYear;
    const maintenanceCents = centsOf([tranche.chips, tranche.capexPerChip, share], [12]);
    const from = Math.max(inService, horizon.first);
    const to = Math.min(Math.max(retires, inService + tranche.lifeMonths), horizon.first + horizon.months);
    for (let month = from; month < to; month++) {
      const index = month - horizon.first;
      const age = month - inService;
      if (age < tranche.lifeMonths) {
        const cents = age === tranche.lifeMonths - 1 ? lastCents : monthlyCents;
        line('depreciation', index, cents, 'cost', 1, 'month', monthly.toNumber());
      }
      if (month >= retires) continue;
      line('colo', index, coloCents, 'both', nameplateKw, 'kW', supply.coloPerKwMonth);
      line('maintenance', index, maintenanceCents, 'both', capex.toNumber() / 12, 'capex / 12', share);
    }
  }
  return { steps, lines };
}

/** Capacity of a pool by month, in chip-hours. */
export function capacityByMonth(steps: readonly CapacityStep[], horizon: Horizon): number[] {
  const hours: number[] = [];
  for (let index = 0; index < horizon.months; index++) {
    const fromS = monthStart(horizon.first + index) - horizon.originS;
    const toS = fromS + hoursInMonth(horizon.first + index) * 3600;
    let chipSeconds = 0;
    for (const step of steps) {
      const lapS = Math.min(toS, step.toS) - Math.max(fromS, step.fromS);
      if (lapS > 0) chipSeconds += lapS * step.chips;
    }
    hours.push(chipSeconds / 3600);
  }
  return hours;
}

function monthsBetween(fromS: number, toS: number): number {
  return monthAt(toS) - monthAt(fromS);
}

function standing(
  category: string,
  month: number,
  cents: number,
  view: MoneyLine['view'],
  origin: string,
  quantity: number,
  unit: string,
  unitPrice: number,
  currency: string,
): MoneyLine {
  return {
    category,
    month,
    cents,
    view,
    origin,
    run: null,
    quantity,
    unit,
    unitPrice,
    rate: 1,
    currency,
    source: '',
    committed: true,
  };
}
