/** Finance on the command line: months, cash, prices, and the two finance templates. */
import { afterAll, expect, test } from 'vitest';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

interface Cash {
  total_cost: number;
  total_cash: number;
  undated: number;
  npv: number;
  years: { period: string; cost: number }[];
  quarters: { cost: number }[];
  months: { cost: number; p50: number; p90: number }[];
  budget: { cap: number; headroom: number; probability_over: number };
}
const cents = (amount: number): number => Math.round(amount * 100);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

test('the yearly programme: months by category, quarters and years add up to the programme cost', async () => {
  const result = await terminal.json('plan', 'assets/templates/21-yearly-programme.json');
  const cash = result['cash'] as Cash;
  const total = cents(result['programme_cost'] as number);
  const months = result['months'] as Record<string, number | string>[];
  expect(
    sum(months.flatMap((month) => Object.values(month).map((value) => (typeof value === 'number' ? cents(value) : 0)))),
  ).toBe(total);
  expect(cents(cash.total_cost)).toBe(total);
  expect(sum(cash.quarters.map((own) => cents(own.cost)))).toBe(total);
  expect(cash.years.map((year) => [year.period, cents(year.cost)])).toEqual([['FY2027', total]]);
  expect(cents(cash.budget.headroom)).toBe(cents(cash.budget.cap) - total);
  expect(cash.budget.probability_over).toBeGreaterThan(0.05);
  expect(cash.budget.probability_over).toBeLessThan(0.5);
  expect(cash.npv).toBeLessThan(cash.total_cash);
  expect(cash.months.at(-1)!.p50).toBeLessThan(cash.months.at(-1)!.p90);
  for (const scenario of result['scenarios'] as { programme_cost: number | null }[])
    expect(scenario.programme_cost).toBeGreaterThan(0);
});

test('rent or buy: a break-even use, and both ways have a cost', async () => {
  const text = (
    await terminal.run('explain', 'assets/templates/20-rent-or-buy.json', 'assumptions.break_even_use.value', '--json')
  ).out;
  const use = (JSON.parse(text) as { value: number }).value;
  expect(use).toBeGreaterThan(0.5);
  expect(use).toBeLessThan(1);
  const bought = await terminal.json('plan', 'assets/templates/20-rent-or-buy.json', '--scenario', 'buy');
  const cash = bought['cash'] as Cash;
  // 1,024 chips at 45,826 USD (the middle of the range) are paid at once and written off over 37 months.
  expect(cash.total_cash - cash.total_cost).toBeGreaterThan(30e6);
  expect(bought['programme_cost']).toBeGreaterThan(10e6);
});

test('prices of a chip say their age; history holds what the catalog recorded; yours stand beside', async () => {
  const { prices } = (await terminal.json('catalog', 'price', 'h100-sxm', '--date', '2027-06-01')) as {
    prices: { age_days: number; stale: boolean; origin: string }[];
  };
  expect(prices.every((price) => price.stale === price.age_days > 90)).toBe(true);
  expect(prices.some((price) => price.stale)).toBe(true);
  const before = prices.length;
  const add = ['catalog', 'add', 'price', 'h100-sxm', '2.10', '--provider', 'Our contract', '--date', '2026-11-01'];
  expect((await terminal.run(...add)).status).toBe(0);
  const after = (await terminal.json('catalog', 'price', 'h100-sxm')) as { prices: { origin: string }[] };
  expect(after.prices.filter((price) => price.origin === 'user')).toHaveLength(1);
  expect(after.prices.length).toBeGreaterThanOrEqual(before);
  const { history } = (await terminal.json('catalog', 'price', 'h100-sxm', '--history')) as {
    history: { date: string; recorded: boolean }[];
  };
  expect(history.some((point) => point.recorded)).toBe(true);
  expect((await terminal.run('catalog', 'price', 'h100-sxm', '--date', '2027-02-29')).err).toContain('not a leap year');
  // A price that nobody quotes is no price of 0.
  expect(
    (
      await terminal.run(
        'catalog',
        'price',
        'h100-sxm',
        '--class',
        'neocloud',
        '--commitment',
        'reserved_3y',
        '--date',
        '2001-01-01',
      )
    ).status,
  ).toBe(1);
});

test('a plan that stands on an old quote says so', async () => {
  const price = ['1.01', '--provider', 'Old', '--class', 'marketplace', '--commitment', 'spot', '--date', '2020-01-01'];
  await terminal.run('catalog', 'add', 'price', 'h200-sxm', ...price);
  const plan = terminal.file('old.json', {
    format: 'flopsheet-plan',
    version: 1,
    name: 'Old',
    currency: 'USD',
    runs: [
      {
        key: 'r1',
        name: 'Run',
        params_total: '7B',
        tokens: '1T',
        hardware: 'h200-sxm',
        chips: '64',
        payment: 'spot',
        price_class: 'marketplace',
      },
    ],
  });
  const { notes } = (await terminal.json('plan', plan)) as { notes: string[] };
  expect(notes.join('\n')).toMatch(
    /The spot price of h200-sxm from Old is \d+ days old \(2020-01-01\)\. It prices Run\./,
  );
});

test('three-year reservations, capacity blocks and internal rates have prices of their own', async () => {
  const price = async (...args: string[]): Promise<number> => {
    const call = `rental_price(${args.map((arg) => JSON.stringify(arg)).join(', ')}) in USD/chip/h`;
    return ((await terminal.json('eval', call)) as { value: number }).value;
  };
  // The middle of three quotes: AWS 14.208 (2026-10-07), Google DWS 8.055 and 11.2775 (2026-09-19).
  expect(await price('b200', 'capacity_block', 'hyperscaler')).toBeCloseTo(11.2775, 9);
  const year = await price('h100-sxm', 'reserved', 'hyperscaler');
  expect(await price('h100-sxm', 'reserved_3y', 'hyperscaler')).toBeLessThan(year);
  const rate = ['1.37', '--provider', 'Own cluster', '--commitment', 'internal', '--date', '2026-11-01'];
  expect((await terminal.run('catalog', 'add', 'price', 'h100-sxm', ...rate)).status).toBe(0);
  expect(await price('h100-sxm', 'internal', 'neocloud')).toBeCloseTo(1.37, 9);
  expect(await price('h100-sxm', 'internal', 'hyperscaler')).toBeCloseTo(1.37, 9);
});
