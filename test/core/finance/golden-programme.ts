import { idealHours } from '../../../src/core/finance/programme.ts';
import type { ProgrammeInput, ScheduledCost } from '../../../src/core/finance/programme-types.ts';

type Row = Record<string, string>;

/** Shape of test/data/golden_programme/inputs.json, as far as the rules use it. */
export interface GoldenInputs {
  horizon: { first_month: string; months: number; fiscal_year_start_month: number };
  discount_rate_effective_annual: string;
  budget_cap_usd: string;
  contingency: { rate: string; base_categories: string[] };
  chip: Row;
  runs: {
    name: string;
    params: string;
    tokens: string;
    copies: number;
    failure_allowance: string;
    chips: number;
    mfu: string;
    goodput: string;
    start: string;
    supply_order: string[];
  }[];
  prices_usd: {
    on_demand_per_chip_hour: { valid_from: string; price: string }[];
    spot_per_chip_hour: { valid_from: string; price: string }[];
    electricity_per_kwh: { valid_from: string; price: string }[];
    storage_per_gb_month: string;
    egress_per_gb: string;
  };
  spot: { preemption_overhead: string };
  reservation: { chips: number; first_month: string; months: number; monthly_fee_usd: string };
  owned: Row & { chips: number; life_months: number };
  staff_eur: Row[];
  fx_usd_per_eur_month_average: Row;
  data_acquisition_usd: { month: string; amount: string }[];
  storage: Row;
  egress: Row[];
  sites: Record<string, { supplies: string[]; pue: string; location_kg_per_kwh: string; market_kg_per_kwh: string }>;
  embodied: Row;
}

function addMonths(month: string, count: number): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + count;
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`;
}

/** The golden case, or the same with altered inputs, as a programme. Rule numbers are those of rules.md. */
export function programmeOf(inputs: GoldenInputs): ProgrammeInput {
  const steps = (rows: { valid_from: string; price: string }[]) =>
    rows.map((row) => ({ validFrom: row.valid_from, price: Number(row.price) }));
  const siteOf = (supply: string) =>
    Object.keys(inputs.sites).find((key) => inputs.sites[key]!.supplies.includes(supply))!;
  const { owned, reservation, prices_usd: prices, storage } = inputs;
  const lastMonth = addMonths(inputs.horizon.first_month, inputs.horizon.months - 1);
  const costs: ScheduledCost[] = [
    ...inputs.staff_eur.map((row) => ({
      key: row['row']!,
      category: 'staff',
      firstMonth: row['first_month']!,
      lastMonth: row['last_month']!,
      quantity: Number(row['heads']),
      unit: 'head',
      unitPrice: Number(row['loaded_monthly_eur']),
      currency: 'EUR',
    })),
    ...inputs.data_acquisition_usd.map((row, i) => ({
      key: `data-${i}`,
      category: 'data',
      firstMonth: row.month,
      quantity: 1,
      unit: 'payment',
      unitPrice: Number(row.amount),
    })),
    {
      key: 'storage',
      category: 'storage',
      firstMonth: storage['first_month']!,
      lastMonth,
      quantity: Number(storage['start_gb']),
      stepPerMonth: Number(storage['step_gb_per_month']),
      maxQuantity: Number(storage['max_gb']),
      unit: 'GB·month',
      unitPrice: Number(prices.storage_per_gb_month),
    },
    ...inputs.egress.map((row, i) => ({
      key: `egress-${i}`,
      category: 'egress',
      firstMonth: row['month']!,
      quantity: Number(row['gb']),
      unit: 'GB',
      unitPrice: Number(prices.egress_per_gb),
      run: row['run']!,
    })),
  ];
  return {
    currency: 'USD',
    firstMonth: inputs.horizon.first_month,
    months: inputs.horizon.months,
    fiscalYearStartMonth: inputs.horizon.fiscal_year_start_month,
    runs: inputs.runs.map((run) => ({
      key: run.name,
      chips: run.chips,
      start: run.start,
      idealHours: idealHours(
        6 * Number(run.params) * Number(run.tokens),
        run.chips,
        Number(inputs.chip['dense_peak_flop_per_s']),
        Number(run.mfu),
      ),
      count: run.copies,
      failureAllowance: Number(run.failure_allowance),
      goodput: Number(run.goodput),
      supplies: run.supply_order,
    })),
    supplies: [
      {
        key: 'on_demand',
        kind: 'metered',
        category: 'on_demand',
        site: siteOf('on_demand'),
        prices: steps(prices.on_demand_per_chip_hour),
      },
      {
        key: 'spot',
        kind: 'metered',
        category: 'spot',
        site: siteOf('spot'),
        prices: steps(prices.spot_per_chip_hour),
        overhead: Number(inputs.spot.preemption_overhead),
      },
      {
        key: 'reservation',
        kind: 'committed',
        category: 'reservation',
        site: siteOf('reservation'),
        tranches: [
          {
            key: 'reservation',
            chips: reservation.chips,
            from: `${reservation.first_month}-01`,
            to: `${addMonths(reservation.first_month, reservation.months)}-01`,
            fee: { monthly: Number(reservation.monthly_fee_usd) },
          },
        ],
      },
      {
        key: 'owned',
        kind: 'owned',
        category: 'owned',
        site: siteOf('owned'),
        tranches: [
          {
            key: 'owned',
            chips: owned.chips,
            capexPerChip: Number(owned['capex_all_in_per_chip_usd']),
            capexMonth: owned['capex_cash_month']!,
            inServiceMonth: owned['in_service_month']!,
            lifeMonths: owned.life_months,
            residualShare: Number(owned['residual_share']),
          },
        ],
        coloPerKwMonth: Number(owned['colo_usd_per_kw_month']),
        maintenanceShareOfCapexPerYear: Number(owned['maintenance_share_of_capex_per_year']),
        electricity: steps(prices.electricity_per_kwh),
      },
    ],
    costs,
    rates: Object.entries(inputs.fx_usd_per_eur_month_average).map(([date, rate]) => ({
      from: 'EUR',
      to: 'USD',
      date,
      rate: Number(rate),
    })),
    contingency: { rate: Number(inputs.contingency.rate), categories: inputs.contingency.base_categories },
    sites: Object.entries(inputs.sites).map(([key, site]) => ({
      key,
      pue: Number(site.pue),
      locationKgPerKwh: Number(site.location_kg_per_kwh),
      marketKgPerKwh: Number(site.market_kg_per_kwh),
    })),
    chip: {
      key: inputs.chip['name']!,
      chipKw: Number(inputs.chip['power_kw']),
      serverOverhead: Number(inputs.chip['server_overhead']),
      loadFactor: Number(inputs.chip['load_factor']),
      idleLoadFactor: Number(inputs.chip['idle_load_factor']),
    },
    embodied: {
      kgPerChip: Number(inputs.embodied['kg_per_chip_with_server_share']),
      lifeHours: Number(inputs.embodied['life_hours']),
      fleetUtilisation: Number(inputs.embodied['fleet_utilisation']),
    },
  };
}
