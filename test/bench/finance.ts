/**
 * `programme_500x36`: an edit in a plan of 500 runs over 36 months, through what the app calls (sheet, lines, cash table,
 * capacity calendar, shared clusters), and the pricing engine on a programme of the same size.
 */
import { newPlan } from '../../src/core/document/new-plan.ts';
import type { Plan } from '../../src/core/document/plan.ts';
import { evaluateProgramme } from '../../src/core/finance/programme.ts';
import type { ProgrammeInput } from '../../src/core/finance/programme-types.ts';
import { capacityCalendar } from '../../src/core/plan/programme/capacity.ts';
import { cashTable } from '../../src/core/plan/programme/cash.ts';
import { costTotal, programmeLines } from '../../src/core/plan/programme/lines.ts';
import { sharedClusters } from '../../src/core/plan/programme/shared.ts';
import { financeSettings } from '../../src/core/plan/programme/settings.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../src/core/plan/planner.ts';
import { programmeCost } from '../../src/core/sheet/compare.ts';
import { Sheet } from '../../src/core/sheet/sheet.ts';
import { SMALL_CATALOG } from '../core/sheet/picture.ts';
import { figure, milliseconds, type BenchResult } from './measure.ts';

const LIMIT_MS = 20;

/** 500 runs on rented chips and four clusters, 24 cost lines; runs start over 36 months. */
function planOf500(): Plan {
  const month = (at: number): string => `${2027 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
  const cluster = (i: number): string => (i % 3 === 0 ? `c${i % 4}` : '');
  return newPlan(
    { samples: 1024 },
    {
      runs: Array.from({ length: 500 }, (_, i) => ({
        key: `r${i}`,
        cells: {
          name: `Run ${i}`,
          params_total: `${7 + (i % 60)}B`,
          tokens: '1T',
          hardware: 'h100-sxm',
          chips: String(64 + (i % 7) * 32),
          goodput: '0.9',
          contingency: '0.1',
          storage_cost: '1234.56',
          energy_cost: '0',
          start_date: `${month(i % 36)}-${String((i % 27) + 1).padStart(2, '0')}`,
          ...(cluster(i) ? { cluster: cluster(i) } : { chip_hour_price: '2.49' }),
        },
      })),
      capacity: Array.from({ length: 4 }, (_, i) => ({
        key: `c${i}`,
        cells: {
          chips: '4096',
          start_date: '2027-01-01',
          end_date: '2030-01-01',
          paid: i % 2 === 0 ? 'by_hour' : 'monthly',
          chip_hour_fee: '2.1',
          monthly_fee: '3139586.50',
        },
      })),
      costs: Array.from({ length: 24 }, (_, i) => ({
        key: `l${i}`,
        cells: {
          category: 'staff',
          repeat: 'monthly',
          quantity: String(2 + i / 2),
          ...(i % 2 === 0
            ? { unit_cost: String(14250 + i) }
            : { currency: 'EUR', currency_price: String(14250 + i), exchange_rate: '1.08' }),
          start_date: '2027-01-01',
          end_date: '2029-12-31',
        },
      })),
      assumptions: [
        { key: 'discount_rate', cells: { value: '8%' } },
        { key: 'fiscal_year_start_month', cells: { value: '2' } },
      ],
    },
  );
}

/** An edit, recalculated, and both finance views made anew. */
export async function programme500(): Promise<BenchResult[]> {
  const sheet = new Sheet(planOf500(), { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog: SMALL_CATALOG });
  sheet.recalculate();
  let edit = 0;
  const viewed = (): void => {
    edit++;
    sheet.apply([{ set: ['runs', `r${edit % 500}`, 'mfu'], to: (0.3 + (edit % 20) / 100).toFixed(2) }]);
    sheet.recalculate();
    const settings = financeSettings(sheet);
    const programme = programmeLines(sheet);
    cashTable(programme, settings);
    capacityCalendar(sheet, programme, settings);
    sharedClusters(sheet);
  };
  const plan = await milliseconds(viewed, { runs: 30, seconds: 1 });
  const total = Math.round(programmeCost(sheet) * 100);
  if (costTotal(programmeLines(sheet)) !== total) throw new Error('the months do not add up to the programme cost');
  const result = (name: string, ms: number): BenchResult =>
    figure(name, ms, 'ms', LIMIT_MS, `under ${LIMIT_MS} ms`, 'less');
  const engine = async (everyMonth: boolean): Promise<number> => {
    const input = benchProgramme(500, 36, everyMonth);
    return milliseconds(() => void evaluateProgramme(input), { runs: 15, seconds: 0.5 });
  };
  return [
    result('programme_500x36', plan),
    result('pricing_500x36', await engine(false)),
    result('pricing_500x36_busy', await engine(true)),
  ];
}

/** Runs of a few weeks, or every run in every month (18,000 metered lines). */
function benchProgramme(runs: number, months: number, everyMonth: boolean): ProgrammeInput {
  const month = (index: number) => `${2027 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`;
  return {
    currency: 'USD',
    firstMonth: '2027-01',
    months,
    fiscalYearStartMonth: 2,
    runs: Array.from({ length: runs }, (_, i) => ({
      key: `run-${i}`,
      chips: 64 + (i % 7) * 32,
      start: everyMonth
        ? '2027-01-01T00:00:00Z'
        : `${month(i % (months - 3))}-${String((i % 27) + 1).padStart(2, '0')}T06:30:00Z`,
      idealHours: everyMonth ? months * 730 * 0.9 : 300 + (i % 11) * 97.3,
      failureAllowance: everyMonth ? 0 : 0.07,
      goodput: 0.9,
      supplies: ['reserved', 'owned', i % 2 === 0 ? 'on_demand' : 'spot'],
    })),
    supplies: [
      {
        key: 'on_demand',
        kind: 'metered',
        category: 'on_demand',
        site: 's',
        prices: [
          { validFrom: '2026-01-01', price: 2.785 },
          { validFrom: '2027-07-15', price: 2.64 },
        ],
      },
      {
        key: 'spot',
        kind: 'metered',
        category: 'spot',
        site: 's',
        prices: [{ validFrom: '2026-01-01', price: 1.185 }],
        overhead: 0.12,
      },
      {
        key: 'reserved',
        kind: 'committed',
        category: 'reservation',
        site: 's',
        tranches: [{ key: 'r1', chips: 2048, from: '2027-03-01', to: '2029-03-01', fee: { monthly: 3139586.5 } }],
      },
      {
        key: 'owned',
        kind: 'owned',
        category: 'owned',
        site: 's',
        tranches: [
          {
            key: 'o1',
            chips: 1024,
            capexPerChip: 46937,
            capexMonth: '2027-01',
            inServiceMonth: '2027-02',
            lifeMonths: 48,
            residualShare: 0.2,
          },
        ],
        coloPerKwMonth: 163.45,
        maintenanceShareOfCapexPerYear: 0.035,
        electricity: [{ validFrom: '2026-01-01', price: 0.0812 }],
      },
    ],
    costs: Array.from({ length: 12 }, (_, i) => ({
      key: `s${i}`,
      category: 'staff',
      firstMonth: month(0),
      lastMonth: month(months - 1),
      quantity: 2 + i / 2,
      unit: 'head',
      unitPrice: 14250 + i,
      currency: 'EUR',
    })),
    rates: Array.from({ length: months }, (_, i) => ({
      from: 'EUR',
      to: 'USD',
      date: month(i),
      rate: 1.08 + i / 1000,
    })),
    contingency: { rate: 0.1, categories: ['on_demand', 'spot', 'reservation', 'staff'] },
    sites: [{ key: 's', pue: 1.12, locationKgPerKwh: 0.352, marketKgPerKwh: 0.105 }],
    chip: { key: 'chip', chipKw: 0.7, serverOverhead: 1.82, loadFactor: 0.75 },
    embodied: { kgPerChip: 462.5, lifeHours: 35064, fleetUtilisation: 0.8 },
  };
}
