import { describe, expect, test } from 'vitest';
import { dataTable, goalSeek, largestWithin } from '../../../src/core/sheet/solve.ts';
import { sheetOf, value } from './picture.ts';

const LLAMA = `
key | name           | params_total | tokens | hardware | chips | chip_hour_price | start_date
r1  | Llama 3.1 405B | 405B         | 15.6T  | h100-sxm | 16384 | 2 USD/h         | 2027-01-01`;
const cell = (column: string) => ({ table: 'runs', row: 'r1', column }) as const;

describe('goal seek', () => {
  test('the MFU at which 405B on 15.6T takes 60 days on 16,384 H100', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const found = goalSeek(sheet, cell('train_days'), 60 * 86_400, cell('mfu'));
    // 3.7908e25 FLOP / (16,384 chips · 989.4e12 FLOP/s · 60 days).
    expect(found.value).toBeCloseTo((6 * 405e9 * 15.6e12) / (16_384 * 989.4e12 * 60 * 86_400), 10);
    expect(sheet.text('runs', 'r1', 'mfu')).toBe('');
  });
  test('no solution says what is reached', () => {
    const sheet = sheetOf({ runs: LLAMA });
    expect(() => goalSeek(sheet, cell('train_days'), 86_400, cell('mfu'))).toThrow(
      /no solution, because the target stays/,
    );
    expect(() => goalSeek(sheet, cell('train_flop'), 1e26, cell('chips'))).toThrow(/does not depend on this input/);
  });
});

describe('data tables', () => {
  test('one input, several targets: double the tokens, double the FLOP; the sheet is left as it was', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const table = dataTable(sheet, [cell('train_flop'), cell('total_cost')], {
      cell: cell('tokens'),
      texts: ['15T', '30T', 'many'],
    });
    expect(table.values.map(([targets]) => targets?.[0])).toEqual([6 * 405e9 * 15e12, 6 * 405e9 * 30e12, Number.NaN]);
    expect((table.values[1]?.[0]?.[1] ?? 0) / (table.values[0]?.[0]?.[1] ?? 1)).toBeCloseTo(2, 8);
    expect(sheet.text('runs', 'r1', 'tokens')).toBe('15.6T');
    expect(value(sheet, 'runs.r1.train_flop')).toBe(6 * 405e9 * 15.6e12);
  });
  test('two inputs: days fall with chips and with MFU', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const { values } = dataTable(
      sheet,
      [cell('train_days')],
      { cell: cell('chips'), texts: ['8192', '16384'] },
      { cell: cell('mfu'), texts: ['0.2', '0.4'] },
    );
    const days = values.map((row) => row.map(([seconds]) => (seconds as number) / 86_400));
    expect(days[1]?.[1]).toBeCloseTo(67.67, 2);
    expect(days[0]?.[0]).toBeCloseTo(4 * 67.6665, 1);
  });
});

describe('the largest input within limits', () => {
  test('the most tokens within a budget: the limit is met and not passed', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const budget = 30e6;
    const found = largestWithin(
      sheet,
      cell('tokens'),
      [
        { cell: cell('total_cost'), atMost: budget },
        { cell: cell('train_days'), atMost: 60 * 86_400 },
      ],
      1e9,
      1e15,
    );
    // Cost = 6·405e9·tokens / (989.4e12·0.40·3600) · 2 USD: 30 M USD buy 8.795e12 tokens.
    expect(found.value / ((budget * 989.4e12 * 0.4 * 3600) / (2 * 6 * 405e9))).toBeCloseTo(1, 8);
    expect(found.stoppedBy?.cell.column).toBe('total_cost');
    expect(sheet.text('runs', 'r1', 'tokens')).toBe('15.6T');
  });
  test('whole steps, an upper end that is free, and a window in the middle', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const days = { cell: cell('train_days'), atLeast: 80 * 86_400 };
    // 16,384 · 67.6665 / 80 = 13,858 chips; in nodes of 8: 13,856.
    expect(largestWithin(sheet, cell('chips'), [days], 8, 100_000, 8).value).toBe(13_856);
    expect(largestWithin(sheet, cell('chips'), [days], 8, 4096, 8)).toMatchObject({ value: 4096, stoppedBy: null });
  });
  test('a window of a ten-thousandth of the interval is found between the points that are probed', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const total = (6 * 405e9 * 15.6e12) / (989.4e12 * 0.4 * 86_400);
    for (const days of [3, 20, 80, 700, 9000]) {
      const limit = { cell: cell('train_days'), atLeast: days * 86_400, atMost: days * 1.0001 * 86_400 };
      const found = largestWithin(sheet, cell('chips'), [limit], 8, 1_000_000);
      expect(found.value / (total / days)).toBeCloseTo(1, 8);
    }
    const [apart, never] = [
      { cell: cell('train_days'), atLeast: 80 * 86_400 },
      { cell: cell('train_days'), atMost: 79.9 * 86_400 },
    ];
    expect(() => largestWithin(sheet, cell('chips'), [apart, never], 8, 1_000_000)).toThrow(/never kept together/);
  });
  test('no solution, because …', () => {
    const sheet = sheetOf({ runs: LLAMA });
    expect(() => largestWithin(sheet, cell('chips'), [{ cell: cell('total_cost'), atMost: 1000 }], 8, 100_000)).toThrow(
      /no solution, because Total.* is at least .*, above 1,000\.00, for every value tried/,
    );
    const open = sheetOf({ runs: 'key | params_total\nr1 | 7B' });
    expect(() => largestWithin(open, cell('chips'), [{ cell: cell('total_cost'), atMost: 1000 }], 8, 64)).toThrow(
      /is unknown for every value tried/,
    );
  });
});
