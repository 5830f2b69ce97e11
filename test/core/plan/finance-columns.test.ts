/** Clusters, monthly lines and currencies as columns of a plan. */
import { describe, expect, test } from 'vitest';
import { explainCell, explainText } from '../../../src/core/sheet/explain.ts';
import { programmeCost } from '../../../src/core/sheet/compare.ts';
import { problem, sheetOf, show, type, value } from '../sheet/picture.ts';

const RUNS = `
key | params_total | tokens | hardware | chips | mfu | cluster | chip_hour_price | start_date
a   | 70B          | 1T     | h100-sxm | 512   | 0.4 | res     |                 | 2027-03-01
b   | 7B           | 1T     | h100-sxm | 256   | 0.4 |         | 2.50 USD/h      | 2027-03-01`;
const CAPACITY = `
key | name | hardware | chips | start_date | end_date   | chip_hour_fee
res | R-17 | h100-sxm | 1024  | 2027-03-01 | 2027-05-01 | 2.00`;

describe('clusters', () => {
  test('runs bear their share of a reservation, the rest is waste, and all of it is paid', () => {
    const sheet = sheetOf({ runs: RUNS, capacity: CAPACITY });
    // March and April: 61 days x 24 h x 1,024 chips.
    expect(value(sheet, 'capacity.res.capacity_chip_hours')).toBe(61 * 24 * 1024);
    expect(show(sheet, 'capacity.res.standing_cost')).toBe('2,998,272.00');
    expect(show(sheet, 'runs.a.chip_hour_price')).toBe('2.00');
    const [standing, charged, idle] = ['standing_cost', 'charged_cost', 'idle_cost'].map((id) =>
      Math.round(value(sheet, `capacity.res.${id}`) * 100),
    ) as [number, number, number];
    expect(charged + idle).toBe(standing);
    expect(charged).toBe(Math.round(value(sheet, 'runs.a.compute_cost') * 100));
    const rented = Math.round(value(sheet, 'runs.b.total_cost') * 100);
    expect(Math.round(programmeCost(sheet) * 100)).toBe(standing + rented);
  });

  test('a slip moves the window; a monthly fee is due for every month it touches', () => {
    const sheet = sheetOf({ runs: RUNS, capacity: CAPACITY });
    type(sheet, 'capacity.res.paid', 'monthly');
    expect(problem(sheet, 'capacity.res.standing_cost')).toContain('capacity.res.monthly_fee');
    type(sheet, 'capacity.res.monthly_fee', '1,000,000');
    expect(show(sheet, 'capacity.res.standing_cost')).toBe('2,000,000.00');
    type(sheet, 'capacity.res.slip_days', '10');
    expect(show(sheet, 'capacity.res.available_from')).toBe('2027-03-11');
    expect(show(sheet, 'capacity.res.standing_cost')).toBe('3,000,000.00');
  });

  test('a purchase costs depreciation, colocation and maintenance by month, and its price is cash', () => {
    const sheet = sheetOf({
      runs: RUNS,
      capacity: `
key | hardware | chips | start_date | end_date   | paid     | chip_price | network_price | residual_share | life_months | maintenance_share | finance_rate | economic_life_years
res | h100-sxm | 100   | 2027-02-01 | 2028-02-01 | purchase | 40000      | 6937          | 0.2            | 48          | 0.03              | 0.095        | 4`,
    });
    expect(show(sheet, 'capacity.res.capex')).toBe('4,693,700.00');
    expect(show(sheet, 'capacity.res.depreciation_month')).toBe('78,228.33');
    expect(show(sheet, 'capacity.res.maintenance_month')).toBe('11,734.25');
    expect(show(sheet, 'capacity.res.standing_cost')).toBe('1,079,550.96');
    // CRF at the effective monthly rate over 48 months on capex less the residual's present value.
    const m = 1.095 ** (1 / 12) - 1;
    const crf = m / (1 - (1 + m) ** -48);
    expect(value(sheet, 'capacity.res.financing_month')).toBeCloseTo(4693700 * (1 - 0.2 / 1.095 ** 4) * crf, 1);
  });

  test('more planned than there is: use above 100 % is flagged and nothing is charged twice', () => {
    const sheet = sheetOf({ runs: RUNS, capacity: CAPACITY.replace('1024 ', '64 ') });
    expect(value(sheet, 'capacity.res.utilisation')).toBeGreaterThan(1);
    expect(Math.abs(value(sheet, 'capacity.res.idle_cost'))).toBeLessThan(0.02);
  });

  test('a cluster without a fee is unknown, not free; an end before the start is refused', () => {
    const sheet = sheetOf({ runs: RUNS, capacity: CAPACITY });
    type(sheet, 'capacity.res.chip_hour_fee', null);
    expect(programmeCost(sheet)).toBeNaN();
    type(sheet, 'capacity.res.paid', 'monthly');
    type(sheet, 'capacity.res.monthly_fee', '5');
    type(sheet, 'capacity.res.end_date', '2027-02-01');
    expect(problem(sheet, 'capacity.res.standing_cost')).toContain('ends before it starts');
    type(sheet, 'capacity.res.monthly_fee', '-5');
    expect(problem(sheet, 'capacity.res.monthly_fee')).toContain('below 0');
  });
});

describe('cost lines', () => {
  const LINES = `
key     | category | repeat  | quantity | by_month                               | unit_cost | currency | currency_price | exchange_rate | start_date | end_date   | step_per_month | max_quantity
staff   | staff    | monthly | 1        | schedule(2027-01: 4, 2027-03: 6)       | 12000     |          |                |               | 2027-01-01 | 2027-04-30 |                |
storage | storage  | monthly | 100      |                                        | 20.005    |          |                |               | 2027-01-01 | 2027-04-30 | 50             | 220
euro    | staff    | monthly | 3        |                                        |           | EUR      | 14250          | =usd_per_eur  | 2027-01-01 | 2027-02-28 |                |
data    | data     |         | 2        |                                        | 250000    |          |                |               |            |            |                |`;
  const RATES = 'key | value\nusd_per_eur | schedule(2027-01: 1.0837, 2027-02: 1.0911)';

  test('people by month, stored data that grows, another currency at the rate of each month', () => {
    const sheet = sheetOf({ costs: LINES, assumptions: RATES });
    expect(show(sheet, 'costs.staff.amount')).toBe('240,000.00');
    // 100, 150, 200, 220 x 20.005: each month rounded once.
    expect(show(sheet, 'costs.storage.amount')).toBe('13,403.35');
    // 3 x 14,250 EUR at 1.0837, then 1.0911.
    expect(show(sheet, 'costs.euro.amount')).toBe('92,972.70');
    expect(show(sheet, 'costs.data.amount')).toBe('500,000.00');
    const amount = sheet.column('costs', 'amount')!;
    expect(explainText(explainCell(sheet, amount, 2))).toContain('2027-02: 3 at 1.0911');
  });

  test.each([
    ['costs.euro.exchange_rate', null, 'costs.euro.exchange_rate is empty'],
    ['costs.euro.exchange_rate', 'schedule(2027-02: 1.09)', 'there is no exchange rate for 2027-01'],
    ['costs.staff.end_date', '2026-12-31', 'the line ends before it starts'],
    ['costs.staff.unit_cost', '-3', 'the price is negative'],
    ['costs.staff.unit_cost', '14250 EUR', 'USD'],
  ])('%s = %s is refused in words', (address, text, says) => {
    const sheet = sheetOf({ costs: LINES, assumptions: RATES });
    type(sheet, address, text);
    const [, row] = address.split('.');
    const found = problem(sheet, address) || problem(sheet, `costs.${row}.amount`);
    expect(found || problem(sheet, `costs.${row}.amount`)).toContain(
      says.replace(/^costs.*is empty$/, 'exchange_rate'),
    );
    expect(programmeCost(sheet)).toBeNaN();
  });

  test('one number in a schedule column holds at all times', () => {
    const sheet = sheetOf({ costs: LINES, assumptions: RATES });
    type(sheet, 'costs.euro.exchange_rate', '1.1');
    expect(show(sheet, 'costs.euro.amount')).toBe('94,050.00');
  });
});
