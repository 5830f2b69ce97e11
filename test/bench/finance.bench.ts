import { evaluateProgramme } from '../../src/core/finance/programme.ts';
import type { ProgrammeInput } from '../../src/core/finance/programme-types.ts';

/**
 * Recalculation of a programme of 500 runs x 36 months through `evaluateProgramme`, as the app calls it. Prints one
 * JSON document. Two cases: runs of a few weeks, and every run in every month (18,000 metered lines).
 */
export function benchProgramme(runs: number, months: number, everyMonth: boolean): ProgrammeInput {
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

if (import.meta.main) {
  const results = [false, true].map((everyMonth) => {
    const input = benchProgramme(500, 36, everyMonth);
    let lines = 0;
    const times = Array.from({ length: 25 }, () => {
      const start = performance.now();
      lines = evaluateProgramme(input).lines.length;
      return performance.now() - start;
    }).slice(5);
    times.sort((a, b) => a - b);
    const name = everyMonth ? 'finance.programme_500x36_every_month' : 'finance.programme_500x36';
    return { name, value: times[10], unit: 'ms', min: times[0], p95: times[18], lines };
  });
  console.log(JSON.stringify({ results }, null, 2));
}
