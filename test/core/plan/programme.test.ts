/** Cash, capacity, actuals and regions as views of a plan: what they show adds up to what the sheet says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actualsReview } from '../../../src/core/plan/programme/actuals.ts';
import { capacityCalendar } from '../../../src/core/plan/programme/capacity.ts';
import { cashTable } from '../../../src/core/plan/programme/cash.ts';
import { explainCash } from '../../../src/core/plan/programme/explain.ts';
import { costTotal, programmeLines } from '../../../src/core/plan/programme/lines.ts';
import { sharedClusters } from '../../../src/core/plan/programme/shared.ts';
import { financeSettings } from '../../../src/core/plan/programme/settings.ts';
import { budget, spending } from '../../../src/core/plan/programme/spending.ts';
import { programmeCost } from '../../../src/core/sheet/compare.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { sheetOf, type } from '../sheet/picture.ts';

const PLAN = {
  runs: `
key   | params_total | tokens | hardware | chips | mfu | cluster | chip_hour_price | start_date | status   | contingency
dense | 70B          | 1T     | h100-sxm | 512   | 0.4 | res     |                 | 2027-03-10 | approved | 0.1
small | 7B           | 1T     | h100-sxm | 256   | 0.4 |         | 2.50 USD/h      | 2027-05-01 | draft    |
own   | 13B          | 1T     | h100-sxm | 128   | 0.4 | owned   |                 | 2027-06-15 | draft    |`,
  capacity: `
key   | name  | hardware | chips | start_date | end_date   | paid     | monthly_fee | chip_price | residual_share | colo_per_kw_month
res   | R-17  | h100-sxm | 1024  | 2027-03-01 | 2027-09-01 | monthly  | 1,500,000.5 |            |                |
owned | House | h100-sxm | 256   | 2027-04-01 | 2028-04-01 | purchase |             | 46937      | 0.2            | 150`,
  costs: `
key     | category    | repeat  | quantity | unit_cost             | start_date | end_date   | committed | contingency
staff   | staff       | monthly | 6        | 14250.335             | 2027-02-01 | 2027-12-31 | yes       | 0.1
data    | data        |         | 1        | 250000                | 2027-02-15 |            |           | 0.1
reserve | contingency |         | 0.05     | =sum(runs.total_cost) |            |            |           |`,
  assumptions: `
key                     | value | unit
fiscal_year_start_month | 2     |
discount_rate           | 8%    |
budget_cap              | 14M   | USD`,
};

const cents = (amount: number): number => Math.round(amount * 100);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const tableOf = (sheet: Sheet) => cashTable(programmeLines(sheet), financeSettings(sheet));

/** Electricity of owned chips needs a server ratio, which the small catalog has not. */
function plan(): Sheet {
  const sheet = sheetOf(PLAN);
  type(sheet, 'runs.own.energy_cost', '12345.67');
  type(sheet, 'capacity.owned.colo_month', '48000.33');
  return sheet;
}

describe('cash', () => {
  test('months, categories, quarters and years add up to the programme cost of the sheet, to the cent', () => {
    const sheet = plan();
    const table = tableOf(sheet);
    expect(table.undated).toBe(0);
    expect(table.totalCost).toBe(cents(programmeCost(sheet)));
    expect(costTotal(programmeLines(sheet))).toBe(table.totalCost);
    const shown = table.categories.filter((row) => row.view !== 'cash').map((row) => row.total);
    expect(sum(shown)).toBe(table.totalCost);
    expect(sum(table.quarters.map((own) => own.cents))).toBe(table.totalCost);
    expect(sum(table.years.map((own) => own.cash))).toBe(table.totalCash);
    expect(table.years[0]).toMatchObject({ label: 'FY2027', firstMonth: '2027-02', partial: false });
  });

  test('a purchase is cash when paid and cost as depreciation; a fee is the same in every month', () => {
    const table = tableOf(plan());
    const row = (category: string) => table.categories.find((own) => own.category === category)!;
    expect(row('capex').months[table.months.indexOf('2027-04')]).toBe(cents(256 * 46937));
    expect(row('depreciation').total).toBe(12 * cents((256 * 46937 * 0.8) / 48));
    expect(new Set(row('reservation').months.filter((month) => month !== 0))).toEqual(new Set([150000050]));
    expect(table.totalCash - table.totalCost).toBe(row('capex').total - row('depreciation').total);
    // Committed: both clusters and the staff; of runs only what is approved.
    expect(sum(table.committedCash)).toBeLessThan(table.totalCash);
  });

  test('a figure opens into its lines and each line into its cell', () => {
    const sheet = plan();
    const node = explainCash(sheet, programmeLines(sheet), { view: 'cost', from: '2027-05', to: '2027-05' });
    const table = tableOf(sheet);
    expect(cents(node.value as number)).toBe(table.cost[table.months.indexOf('2027-05')]);
    expect(sum(node.inputs.map((input) => cents(input.value as number)))).toBe(cents(node.value as number));
    const staff = node.inputs.find((input) => input.id.startsWith('costs.staff'))!;
    expect(staff.inputs[0]?.formula).toContain('monthly_cost');
  });

  test('the contingency follows what it stands for, and what has no date is said', () => {
    const sheet = plan();
    type(sheet, 'runs.small.start_date', null);
    const programme = programmeLines(sheet);
    expect(programme.undated.map((own) => own.address)).toEqual(['runs.small.compute_cost']);
    expect(costTotal(programme)).toBe(cents(programmeCost(sheet)));
  });

  test('an unknown cell is named, not counted as 0', () => {
    const sheet = plan();
    type(sheet, 'capacity.res.monthly_fee', null);
    expect(programmeLines(sheet).unknown).toContain('capacity.res.standing_cost');
  });

  test.each([
    ['fiscal_year_start_month', '13', 'Give the start month as 1 (January) to 12 (December).'],
    ['budget_cap', '-1', 'Give an amount of 0 or more.'],
    ['discount_rate', '-120%', 'Give a yearly rate such as 8%.'],
  ])('%s of %s is refused', (key, text, hint) => {
    const sheet = plan();
    type(sheet, `assumptions.${key}.value`, text);
    expect(financeSettings(sheet).problems).toEqual([expect.objectContaining({ hint })]);
    // The views stay: the setting counts as not set.
    expect(tableOf(sheet).totalCost).toBe(cents(programmeCost(sheet)));
  });
});

describe('uncertain spending', () => {
  test('P50 <= P80 <= P90 rise month by month to the spread of the total, and the cap has a probability', () => {
    const sheet = plan();
    type(sheet, 'runs.small.mfu', '0.30 to 0.45');
    type(sheet, 'runs.dense.mfu', '0.30 to 0.45');
    type(sheet, 'costs.data.unit_cost', '200000 to 500000');
    const programme = programmeLines(sheet);
    const table = tableOf(sheet);
    const found = spending(sheet, programme, table)!;
    found.lines.forEach((line, i) => {
      expect(line.p50).toBeLessThanOrEqual(line.p80);
      expect(line.p80).toBeLessThanOrEqual(line.p90);
      expect(line.p50).toBeGreaterThanOrEqual((found.lines[i - 1]?.p50 ?? 0) - 1e-6);
    });
    // Cash differs from cost by purchase and depreciation, which do not vary.
    const apart = (table.totalCash - table.totalCost) / 100;
    expect(found.lines.at(-1)!.p90 - apart).toBeCloseTo(found.total.p90, -1);
    const cap = budget(sheet, table, cents(found.total.p80))!;
    expect(cap.probabilityOver).toBeCloseTo(0.2, 2);
    // A cap of a year holds for its cash: the purchase is in it.
    const year = table.years[0]!;
    const capped = spending(sheet, programme, table, undefined, new Map([[year.label, year.cash]]))!;
    expect(capped.yearsOver[year.label]).toBeGreaterThan(0.3);
    expect(capped.yearsOver[year.label]).toBeLessThan(0.8);
  });

  test('nothing varies: no lines, and no probability', () => {
    const sheet = plan();
    expect(spending(sheet, programmeLines(sheet), tableOf(sheet))).toBeNull();
    expect(budget(sheet, tableOf(sheet), 14e8)!.probabilityOver).toBeNull();
  });
});

describe('random plans', () => {
  const day = fc.integer({ min: 1, max: 28 });
  const month = fc.integer({ min: 1, max: 12 });
  const date = fc.tuple(month, day).map(([m, d]) => `2027-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`);
  const money = fc.integer({ min: 1, max: 10_000_000 }).map((value) => (value / 1000).toFixed(3));
  const run = fc.record({
    start: date,
    price: money,
    chips: fc.integer({ min: 1, max: 4096 }),
    on: fc.constantFrom('', 'k0', 'k1'),
  });
  const cluster = fc.record({
    start: date,
    months: fc.integer({ min: 1, max: 20 }),
    paid: fc.constantFrom('by_hour', 'monthly', 'prepaid', 'purchase'),
    fee: money,
    slip: fc.integer({ min: 0, max: 40 }),
  });
  const line = fc.record({
    from: date,
    to: date,
    cost: money,
    repeat: fc.constantFrom('once', 'monthly'),
    start: month,
  });
  const plans = fc.record({
    runs: fc.array(run, { minLength: 1, maxLength: 5 }),
    clusters: fc.array(cluster, { minLength: 2, maxLength: 2 }),
    lines: fc.array(line, { maxLength: 4 }),
    fiscal: month,
  });
  // FLOPSHEET_LONG=1 tries 10,000.
  const numRuns = process.env['FLOPSHEET_LONG'] ? 10_000 : 150;

  test(`shown lines add up to shown totals over ${numRuns} plans`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(plans, (given) => {
        const sheet = sheetOf({
          runs: [
            'key | params_total | tokens | hardware | chips | cluster | chip_hour_price | start_date | storage_cost | energy_cost',
            ...given.runs.map(
              (own, i) =>
                `r${i} | 7B | 200B | h100-sxm | ${own.chips} | ${own.on} | ${own.on ? '' : own.price} | ${own.start} | ${own.price} | ${own.price}`,
            ),
          ].join('\n'),
          capacity: [
            'key | chips | start_date | end_date | paid | chip_hour_fee | monthly_fee | upfront_fee | chip_price | slip_days',
            ...given.clusters.map((own, i) => {
              const at = Number(own.start.slice(5, 7)) - 1 + own.months;
              const end = `${2027 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}-28`;
              return `k${i} | 100 | ${own.start} | ${end} | ${own.paid} | ${own.fee} | ${own.fee} | ${own.fee} | ${own.fee} | ${own.slip}`;
            }),
          ].join('\n'),
          costs: [
            'key | repeat | unit_cost | start_date | end_date | contingency',
            ...given.lines.map((own, i) => {
              const [from, to] = [own.from, own.to].sort();
              return `c${i} | ${own.repeat} | ${own.cost} | ${from} | ${to} | 0.07`;
            }),
          ].join('\n'),
          assumptions: `key | value\nfiscal_year_start_month | ${given.fiscal}\ndiscount_rate | 8%`,
        });
        const programme = programmeLines(sheet);
        const table = cashTable(programme, financeSettings(sheet));
        expect(programme.unknown).toEqual([]);
        expect(table.totalCost).toBe(cents(programmeCost(sheet)));
        expect(sum(table.cost)).toBe(table.totalCost - table.undated);
        expect(sum(table.cash)).toBe(table.totalCash - table.undated);
        for (const view of ['cost', 'cash'] as const) {
          const shown = table.categories.filter((row) => row.view === 'both' || row.view === view);
          table.months.forEach((_, i) =>
            expect(sum(shown.map((row) => row.months[i] as number))).toBe(
              (view === 'cost' ? table.cost : table.cash)[i],
            ),
          );
        }
        expect(sum(table.quarters.map((own) => own.cents))).toBe(sum(table.cost));
        expect(sum(table.years.map((own) => own.cents))).toBe(sum(table.cost));
        const calendar = capacityCalendar(sheet, programme, financeSettings(sheet));
        const idle = sheet.state.tables.capacity.keys.map((key) => cents(sheet.value('capacity', key, 'idle_cost')));
        expect(calendar.idleCents).toBe(sum(idle));
      }),
      { numRuns },
    );
  });
});

describe('capacity calendar', () => {
  const CLASH = {
    runs: `
key | params_total | tokens | hardware | chips | mfu | cluster | start_date | status
a   | 70B          | 1T     | h100-sxm | 512   | 0.4 | res     | 2027-03-01 | approved
b   | 70B          | 100B   | h100-sxm | 640   | 0.4 | res     | 2027-03-05 | draft
big | 70B          | 100B   | h100-sxm | 4096  | 0.4 | res     | 2027-03-05 | draft`,
    capacity: `
key | name | hardware | chips | start_date | end_date   | chip_hour_fee | contract
res | R-17 | h100-sxm | 1024  | 2027-03-01 | 2027-09-01 | 2             | C1
two | R-18 | h100-sxm | 128   | 2027-06-01 | 2027-12-01 | 2             | C1`,
    assumptions: 'key | value | unit\nwaiting_cost_per_day | 10000 | USD',
  };
  const calendarOf = (sheet: Sheet) => capacityCalendar(sheet, programmeLines(sheet), financeSettings(sheet));

  test('over-commitment is flagged with when and how many; waiting has a length and a price', () => {
    const sheet = sheetOf(CLASH);
    const calendar = calendarOf(sheet);
    const [cluster] = calendar.clusters;
    expect(cluster!.shortages.find((piece) => piece.run === 'b')).toMatchObject({ chips: 128 });
    const b = calendar.runs.find((run) => run.key === 'b')!;
    const a = calendar.runs.find((run) => run.key === 'a')!;
    expect(b.couldStart).toBeCloseTo(a.to, 9);
    expect(b.waitCost).toBeCloseTo(b.waitDays * 10_000, 6);
    expect(calendar.runs.find((run) => run.key === 'big')!.couldStart).toBeNull();
    expect(calendar.notices.map((notice) => notice.severity)).toEqual(['warning', 'refused']);
    expect(calendar.notices[0]!.message).toContain('over-committed');
    expect(calendar.notices[1]!.message).toContain('one contract would be paid twice');
  });

  test('shared clusters: what is missing is rented, and runs and idle cost add up to the total', () => {
    const sheet = sheetOf(CLASH);
    type(sheet, 'capacity.res.rent_price', '3');
    const shared = sharedClusters(sheet)!;
    expect(sum(shared.runs.map((run) => run.shared)) + shared.sharedIdle).toBe(shared.sharedTotal);
    expect(sum(shared.runs.map((run) => run.planned)) + shared.plannedIdle).toBe(shared.plannedTotal);
    const big = shared.runs.find((run) => run.key === 'big')!;
    // a (512 chips) started first; b (640) takes the other 512; big finds none while both run, and rents.
    expect(big.rentedChipHours).toBeGreaterThan(big.clusterChipHours);
    for (const run of shared.runs)
      expect(run.clusterChipHours + run.rentedChipHours).toBeCloseTo(
        sheet.value('runs', run.key, 'chip_hours') / 3600,
        4,
      );
  });

  test('a tranche that slips makes its run wait', () => {
    const sheet = sheetOf(CLASH);
    type(sheet, 'capacity.res.slip_days', '20');
    expect(calendarOf(sheet).runs.find((run) => run.key === 'a')!.waitDays).toBeCloseTo(20, 9);
  });
});

describe('actuals', () => {
  const DONE = {
    ...PLAN,
    actuals: `
key | run   | month      | chip_hours | productive_chip_hours | tokens | invoice
a1  | small | 2027-05-20 | 40000      | 36000                 | 0.3T   | 100000
a2  | small | 2027-06-10 | 50000      | 44000                 | 0.4T   | 130000.25
a3  |       | 2027-02-01 |            |                       |        | 90000`,
  };

  test('by month, at completion, finish and post-mortem that adds up to the error', () => {
    const sheet = sheetOf(DONE);
    const review = actualsReview(sheet, tableOf(sheet));
    expect(review.spent).toBe(32000025);
    expect(review.months.find((own) => own.month === '2027-03')!.actual).toBeNull();
    expect(review.months.find((own) => own.month === '2027-02')!.actual).toBe(9000000);
    const [run] = review.runs;
    expect(run!.completion!.estimate).toBe(Math.round(23000025 / 0.7));
    // 0.3T left at 0.4T in the 30 days of June: 22.5 days from 1 July.
    expect(run!.forecastEnd).toBeCloseTo(Date.UTC(2027, 6, 1) / 864e5 + 22.5, 6);
    const { postMortem } = run!;
    expect(sum(postMortem!.parts.map((part) => part.cents))).toBe(postMortem!.error);
    expect(postMortem!.parts.find((part) => part.cause === 'scope')!.cents).toBe(0);
    expect(postMortem!.actual).toBe(23000025);
  });

  test('without productive hours the split is not guessed', () => {
    const sheet = sheetOf(DONE);
    type(sheet, 'actuals.a1.productive_chip_hours', null);
    type(sheet, 'actuals.a2.productive_chip_hours', null);
    const [run] = actualsReview(sheet, tableOf(sheet)).runs;
    expect(run!.postMortem).toBeNull();
    expect(run!.missing).toContain('productive chip-hours tell MFU and goodput apart');
  });
});
