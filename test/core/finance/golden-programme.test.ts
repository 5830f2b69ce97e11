import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatInstant } from '../../../src/core/finance/calendar.ts';
import { budgetState, cumulative, netPresentValue, sumByPeriod } from '../../../src/core/finance/cash.ts';
import { centsFromText, centsToText, sumCents } from '../../../src/core/finance/money.ts';
import { capitalRecoveryFactor, financingPayment, monthlyRate } from '../../../src/core/finance/ownership.ts';
import { evaluateProgramme } from '../../../src/core/finance/programme.ts';
import { programmeOf, type GoldenInputs } from './golden-programme.ts';

const folder = new URL('../../data/golden_programme/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const inputs = read('inputs.json') as GoldenInputs;
// The expected file is nested text; typing every field would repeat it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const expected = read('expected.json') as any;
const result = evaluateProgramme(programmeOf(inputs));
const months = result.months.length;
const zeros = new Array<number>(months).fill(0);
const calendar = { startMonth: inputs.horizon.fiscal_year_start_month };
const close = (actual: number, text: string) => {
  const want = Number(text);
  expect(Math.abs(actual - want), `${actual} against ${text}`).toBeLessThanOrEqual(1e-9 * Math.abs(want) + 1e-9);
};
/** Cents by month of a key of the expected file's months and periods, such as `staff` or `run:dense-33b`. */
const series = (key: string): number[] => {
  if (key === 'total_cost') return result.cost;
  if (key === 'cash') return result.cash;
  if (key.startsWith('run:')) return result.byRun[key.slice(4)]!;
  if (key.startsWith('programme:')) return result.programmeLines[key.slice(10)] ?? zeros;
  return result.byCategory[key] ?? zeros;
};

describe('golden programme: to the cent (test/data/golden_programme/expected.json)', () => {
  test('every money figure of all 24 months', () => {
    let compared = 0;
    const running = cumulative(result.cost);
    expected.monthly.forEach((month: Record<string, string>, i: number) => {
      expect(result.months[i]).toBe(month['month']);
      for (const [key, text] of Object.entries(month)) {
        if (!key.startsWith('usd:')) continue;
        const name = key.slice(4);
        const cents =
          name === 'cumulative_cost'
            ? running[i]!
            : name === 'headroom_after_month'
              ? centsFromText(inputs.budget_cap_usd) - running[i]!
              : series(name)[i]!;
        expect(centsToText(cents), `${month['month']} ${name}`).toBe(text);
        compared++;
      }
    });
    expect(compared).toBe(24 * 25);
  });

  test('every category, run, programme line and total', () => {
    for (const [key, text] of Object.entries<string>(expected.by_category_usd)) {
      expect(centsToText(sumCents(series(key))), key).toBe(text);
    }
    for (const [key, text] of Object.entries<string>(expected.by_run_usd)) {
      expect(centsToText(sumCents(series(`run:${key}`))), key).toBe(text);
    }
    for (const [key, text] of Object.entries<string>(expected.programme_lines_usd)) {
      expect(centsToText(sumCents(series(`programme:${key}`))), key).toBe(text);
    }
    expect(Object.keys(result.programmeLines).sort()).toEqual(Object.keys(expected.programme_lines_usd).sort());
    expect(centsToText(result.totalCost)).toBe(expected.totals.cost_usd);
    expect(centsToText(result.totalCash)).toBe(expected.totals.cash_usd);
    const euros = result.lines.filter((line) => line.currency === 'EUR');
    close(
      euros.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0),
      expected.totals.staff_eur_exact,
    );
  });

  test.each(['year', 'quarter'] as const)('every fiscal %s', (period) => {
    const want: Record<string, Record<string, string>> = expected[`by_fiscal_${period}`];
    for (const key of Object.keys(Object.values(want)[0]!).filter((name) => !name.endsWith('_month'))) {
      const sums = sumByPeriod(series(key), inputs.horizon.first_month, calendar, period);
      expect(sums.map((sum) => sum.label)).toEqual(Object.keys(want));
      for (const sum of sums) {
        expect(centsToText(sum.cents), `${sum.label} ${key}`).toBe(want[sum.label]![key]);
        expect([sum.firstMonth, sum.lastMonth]).toEqual([
          want[sum.label]!['first_month'],
          want[sum.label]!['last_month'],
        ]);
      }
    }
  });

  test('NPV, discount factors, waste, budget and financing view', () => {
    const npv = netPresentValue(result.cash, { rate: Number(inputs.discount_rate_effective_annual) });
    expect(centsToText(npv.cents)).toBe(expected.npv.npv_of_cash_usd);
    expect(npv.exact).toBe(expected.npv.npv_exact);
    close(npv.monthlyRate, expected.npv.monthly_rate);
    expected.monthly.forEach((month: Record<string, string>, i: number) =>
      close(npv.factors[i]!, month['discount_factor']!),
    );
    const budget = budgetState(result.cost, inputs.horizon.first_month, centsFromText(inputs.budget_cap_usd));
    expect(centsToText(budget.headroom)).toBe(expected.budget.headroom_usd);
    expect(budget.headroomShare).toBeCloseTo(Number(expected.budget.headroom_share_of_cap), 9);
    expect(centsToText(budget.cap - result.totalCash)).toBe(expected.budget.cash_view_headroom_usd);
    const capex = Number(expected.owned.capex_usd);
    const residual = Number(expected.owned.residual_usd);
    const rate = Number(inputs.owned['financing_rate_effective_annual']);
    close(capitalRecoveryFactor(rate, 4), expected.financing_view.annual_crf);
    close(monthlyRate(rate), expected.financing_view.monthly_rate);
    expect(financingPayment(capex, residual, rate, 4).toFixed(2)).toBe(expected.financing_view.annual_charge_usd);
    expect(financingPayment(capex, residual, monthlyRate(rate), 48).toFixed(2)).toBe(
      expected.financing_view.monthly_payment_usd,
    );
  });

  test('chip-hours by run, supply and month, capacity and use of pools', () => {
    for (const pool of result.pools) {
      const want = expected.utilisation[pool.key];
      close(sum(pool.capacityChipHours), want.capacity_chip_hours);
      close(sum(pool.usedChipHours), want.used_chip_hours);
      expect(centsToText(pool.unusedCents)).toBe(want.waste_usd);
      expected.monthly.forEach((month: Record<string, string>, i: number) => {
        close(pool.capacityChipHours[i]! - pool.usedChipHours[i]!, month[`unused_chip_hours:${pool.key}`]!);
      });
    }
    const wanted = expected.allocation_intervals.map(
      (piece: Record<string, string | number>) =>
        `${piece['run']} ${piece['supply']} ${piece['chips']} ${piece['from']}`,
    );
    const found = result.allocation.map(
      (piece) => `${piece.run} ${piece.supply} ${piece.chips} ${formatInstant(piece.fromS)}`,
    );
    // The expected list cuts at every event; ours joins pieces that continue unchanged.
    expect(found.every((text) => wanted.includes(text))).toBe(true);
    expect(found).toHaveLength(8);
  });

  test('hours, energy and carbon of each run', () => {
    for (const run of result.runs) {
      const want = expected.runs[run.key];
      close(run.wallHours, want.wall_hours);
      close(run.failureHours, want.failure_allowance_hours);
      close(run.goodputLossHours, want.goodput_loss_hours);
      expect(run.start).toBe(want.start);
      expect(run.end).toBe(want.end_utc_floor_second);
      close(run.wallChipHours, want.useful_chip_hours);
      close(run.preemptionChipHours, want.preemption_chip_hours);
      close(run.billedChipHours, want.billed_chip_hours);
      for (const [supply, hours] of Object.entries<string>(want.billed_chip_hours_by_supply)) {
        close(run.chipHoursBySupply[supply] ?? 0, hours);
      }
      close(run.kwh, want.energy_kwh);
      close(run.locationKg, want.operational_kg_co2e_location);
      close(run.marketKg, want.operational_kg_co2e_market);
      close(run.embodiedKg, want.embodied_kg_co2e);
      expect(centsToText(run.cents)).toBe(want.cost_usd);
    }
  });
});

/** rules.md: what an engine gives when it is wrong in one way; here the same change is made to the inputs. */
describe('golden programme with altered inputs (the table in rules.md)', () => {
  const altered = (change: (copy: GoldenInputs) => void) => {
    const copy = structuredClone(inputs);
    change(copy);
    return evaluateProgramme(programmeOf(copy));
  };
  const npv = (cash: number[], more = {}) =>
    centsToText(netPresentValue(cash, { rate: Number(inputs.discount_rate_effective_annual), ...more }).cents);
  test.each<[string, (copy: GoldenInputs) => void, string, string]>([
    ['goodput ignored', (copy) => copy.runs.forEach((run) => (run.goodput = '1')), '24957208.60', '31130650.05'],
    [
      'failure allowance ignored',
      (copy) => copy.runs.forEach((run) => (run.failure_allowance = '0')),
      '25122119.71',
      '31286737.12',
    ],
    ['preemption overhead ignored', (copy) => (copy.spot.preemption_overhead = '0'), '25101167.20', '31266484.04'],
    ['colo PUE ignored', (copy) => (copy.sites['colo']!.pue = '1'), '25092228.21', '31259796.28'],
    ['residual ignored', (copy) => (copy.owned['residual_share'] = '0'), '26274715.73', '31287764.74'],
    [
      'sweep first',
      (copy) => {
        copy.runs[2]!.name = 'a-sweep';
        copy.egress[1]!['run'] = 'a-sweep';
      },
      '25303849.35',
      '31462296.33',
    ],
  ])('%s', (_name, change, cost, present) => {
    const other = altered(change);
    expect(centsToText(other.totalCost)).toBe(cost);
    expect(npv(other.cash)).toBe(present);
  });
  test('cash at month start and a nominal monthly rate', () => {
    expect(npv(result.cash, { paid: 'month_start' })).toBe('31489071.16');
    expect(npv(result.cash, { compounding: 'nominal' })).toBe('31244623.60');
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
