import { describe, expect, test } from 'vitest';
import { createRateTable, rateInMonth } from '../../../src/core/finance/exchange.ts';
import { parseMonth } from '../../../src/core/finance/calendar.ts';
import { createPriceBook, lookUpPrice, priceHistory, type Quote } from '../../../src/core/finance/price-book.ts';
import { quotesFromRows } from '../../../src/core/finance/price-rows.ts';
import { csvRows } from './csv-rows.ts';

const quote = (key: string, price: number, asOf: string, more: Partial<Quote> = {}): Quote => ({
  key,
  chip: 'chip-a',
  provider: 'north',
  region: 'r1',
  providerClass: 'neocloud',
  commitment: 'on_demand',
  price,
  currency: 'USD',
  asOf,
  origin: 'shipped',
  source: 'list',
  flags: [],
  ...more,
});

describe('price book', () => {
  const book = createPriceBook([
    quote('a1', 3, '2027-01-01'),
    quote('a2', 2.5, '2027-06-01'),
    quote('b', 2.8, '2027-02-01', { provider: 'south' }),
    quote('h', 7, '2027-02-01', { provider: 'big', providerClass: 'hyperscaler' }),
    quote('s', 1, '2027-03-01', { commitment: 'spot', flags: ['third-party list'] }),
  ]);
  test('the latest price not after the date is in force', () => {
    const at = (on: string) => lookUpPrice(book, { chip: 'chip-a', commitment: 'on_demand', provider: 'north', on });
    expect(at('2027-05-31')).toMatchObject({ ok: true, price: 3, ageDays: 150, stale: false });
    expect(at('2027-06-01')).toMatchObject({ ok: true, price: 2.5, ageDays: 0 });
    expect(at('2028-06-01')).toMatchObject({ stale: true, warnings: [{ code: 'price_stale' }] });
  });
  test('before the first price the answer is unknown, with the nearest quotes; never 0', () => {
    const answer = lookUpPrice(book, { chip: 'chip-a', commitment: 'spot', on: '2027-01-01' });
    expect(answer).toMatchObject({ ok: false, code: 'price_unknown' });
    expect(JSON.stringify(answer)).toContain('2027-03-01');
    const other = lookUpPrice(book, { chip: 'chip-a', commitment: 'reserved_3y', on: '2027-07-01' });
    expect(other).toMatchObject({ ok: false, hint: expect.stringContaining('on_demand, spot') });
    expect(lookUpPrice(book, { chip: 'none', commitment: 'spot', on: '2027-07-01' }).ok).toBe(false);
  });
  test('several providers: the median that exists, with all considered and the spread said', () => {
    const answer = lookUpPrice(book, { chip: 'chip-a', commitment: 'on_demand', on: '2027-07-01' });
    expect(answer).toMatchObject({ ok: true, price: 2.8, warnings: [{ code: 'price_spread' }] });
    expect(answer.ok && answer.considered.map((one) => one.key)).toEqual(['a2', 'b', 'h']);
    const lowest = lookUpPrice(book, { chip: 'chip-a', commitment: 'on_demand', on: '2027-07-01', choose: 'lowest' });
    expect(lowest).toMatchObject({ price: 2.5 });
  });
  test('a user price goes before shipped ones and overwrites none', () => {
    const both = createPriceBook([...book.quotes, quote('a1', 2.2, '2027-03-01', { origin: 'user' })]);
    expect(lookUpPrice(both, { chip: 'chip-a', commitment: 'on_demand', on: '2027-07-01' })).toMatchObject({
      price: 2.2,
    });
    expect(
      priceHistory(both, { chip: 'chip-a', provider: 'north', commitment: 'on_demand' }).map((one) => one.price),
    ).toEqual([3, 2.2, 2.5]);
    expect(
      lookUpPrice(both, { chip: 'chip-a', commitment: 'on_demand', on: '2027-02-15', provider: 'north' }),
    ).toMatchObject({ price: 3 });
  });
  test('a flagged price is used only when nothing better is there, and says so', () => {
    expect(lookUpPrice(book, { chip: 'chip-a', commitment: 'spot', on: '2027-04-01' })).toMatchObject({
      price: 1,
      warnings: [{ code: 'price_flagged', message: 'third-party list' }],
    });
  });
  test.each([0, -1, NaN])('a price of %d is refused', (price) => {
    expect(() => createPriceBook([quote('x', price, '2027-01-01')])).toThrow(
      expect.objectContaining({ code: 'price_invalid' }),
    );
  });
  test('prices in two currencies are not compared', () => {
    const mixed = createPriceBook([
      quote('a', 3, '2027-01-01'),
      quote('b', 3, '2027-01-01', { provider: 'x', currency: 'EUR' }),
    ]);
    expect(() => lookUpPrice(mixed, { chip: 'chip-a', commitment: 'on_demand', on: '2027-02-01' })).toThrow(
      /USD and EUR/,
    );
  });
});

describe('price rows of the seed catalog', () => {
  const now = quotesFromRows(csvRows('assets/catalog/gpu_rental_prices.csv'), 'shipped');
  const past = quotesFromRows(csvRows('assets/catalog/gpu_rental_price_history.csv'), 'shipped');
  test('every row becomes a quote or a named problem, and all keys differ', () => {
    expect(now.quotes.length).toBeGreaterThan(300);
    expect(now.quotes.length + now.problems.length).toBe(csvRows('assets/catalog/gpu_rental_prices.csv').length);
    expect(past.quotes.length).toBeGreaterThan(100);
    expect(() => createPriceBook(now.quotes)).not.toThrow();
  });
  test('the catalog knows an H100 at hyperscalers and at neoclouds, and the classes differ by more than 1.5x', () => {
    const book = createPriceBook(now.quotes);
    const of = (providerClass: string) =>
      lookUpPrice(book, { chip: 'H100 SXM5 80GB', commitment: 'on_demand', providerClass, on: '2026-12-01' });
    const [big, neo] = [of('hyperscaler'), of('neocloud')];
    expect(big.ok && neo.ok && big.price / neo.price).toBeGreaterThan(1.5);
  });
  test('bad rows name row, fault and remedy', () => {
    const { quotes, problems } = quotesFromRows(
      [
        { chip: 'c', usd_per_chip_hour: '0', as_of_date: '2027-01-01' },
        { chip: 'c', usd_per_chip_hour: '2', as_of_date: 'soon' },
        { usd_per_chip_hour: '2', as_of_date: '2027-01-01' },
        { chip: 'c', usd_per_chip_hour: '', as_of_date: '2027-01-01' },
      ],
      'user',
    );
    expect(quotes).toEqual([]);
    expect(problems.map((problem) => problem.row)).toEqual([1, 2, 3, 4]);
  });
});

describe('exchange rates', () => {
  const table = createRateTable([
    { from: 'EUR', to: 'USD', date: '2027-01', rate: 1.085 },
    { from: 'GBP', to: 'USD', date: '2027-01-15', rate: 1.27 },
  ]);
  test('the month average, a day row, and the opposite pair', () => {
    expect(rateInMonth(table, 'EUR', 'USD', parseMonth('2027-01'))).toMatchObject({ multiply: 1.085, divide: 1 });
    expect(rateInMonth(table, 'USD', 'EUR', parseMonth('2027-01'))).toMatchObject({ multiply: 1, divide: 1.085 });
    expect(rateInMonth(table, 'GBP', 'USD', parseMonth('2027-02'))).toMatchObject({ multiply: 1.27 });
    expect(rateInMonth(table, 'USD', 'USD', parseMonth('2031-01'))).toMatchObject({ multiply: 1, divide: 1 });
  });
  test('a day rate after the month is not used for it', () => {
    const later = createRateTable([
      { from: 'EUR', to: 'USD', date: '2027-01-31', rate: 1.1 },
      { from: 'EUR', to: 'USD', date: '2027-03-01', rate: 1.3 },
    ]);
    expect(rateInMonth(later, 'EUR', 'USD', parseMonth('2027-02'))).toMatchObject({ multiply: 1.1 });
  });
  test('a missing or old rate is an error that names pair and month', () => {
    expect(() => rateInMonth(table, 'EUR', 'USD', parseMonth('2027-02'))).toThrow(
      /no EUR to USD exchange rate for 2027-02/,
    );
    expect(() => rateInMonth(table, 'GBP', 'USD', parseMonth('2027-12'))).toThrow(/2027-12/);
  });
  test('two rates for one date and rates that are not positive are refused', () => {
    const row = { from: 'EUR', to: 'USD', date: '2027-01', rate: 1.1 };
    expect(() => createRateTable([row, { ...row, rate: 1.2 }])).toThrow(
      expect.objectContaining({ code: 'rate_twice' }),
    );
    expect(() => createRateTable([{ ...row, rate: 0 }])).toThrow(expect.objectContaining({ code: 'rate_invalid' }));
  });
});
