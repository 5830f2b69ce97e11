import { describe, expect, test } from 'vitest';
import { invertCommands } from '../../../src/core/document/apply.ts';
import { allProblems } from '../../../src/core/sheet/diagnose.ts';
import { planOf, problem, sheetOf, show, type, value } from './picture.ts';

const LLAMA = `
key | name           | params_total | tokens | hardware | chips | chip_hour_price
r1  | Llama 3.1 405B | 405B         | 15.6T  | h100-sxm | 16384 | 2 USD/h`;

describe('the planner’s chain', () => {
  test('Llama 3.1 405B: 6·405e9·15.6e12 FLOP, 2.66e7 chip-hours and 67.7 days at MFU 0.40', () => {
    const sheet = sheetOf({ runs: LLAMA });
    expect(value(sheet, 'runs.r1.train_flop')).toBe(6 * 405e9 * 15.6e12);
    expect(value(sheet, 'runs.r1.chip_hours')).toBeCloseTo(2.661e7, -4);
    expect(value(sheet, 'runs.r1.train_days')).toBeCloseTo(67.67, 2);
    expect(show(sheet, 'runs.r1.total_cost')).toBe('53,214,069.13');
  });

  test('GPT-3: 6·174.6e9·300e9 = 3.143e23 FLOP', () => {
    const sheet = sheetOf({ runs: 'key | params_total | tokens\ng | 174.6B | 300B' });
    expect(value(sheet, 'runs.g.train_flop')).toBeCloseTo(3.1428e23, -18);
  });

  test('goodput divides the chip-hours and leaves the MFU alone', () => {
    const sheet = sheetOf({ runs: LLAMA });
    const ideal = value(sheet, 'runs.r1.chip_hours');
    type(sheet, 'runs.r1.goodput', '0.9');
    expect(value(sheet, 'runs.r1.chip_hours')).toBeCloseTo(ideal / 0.9, 0);
    expect(show(sheet, 'runs.r1.mfu')).toBe('40.0%');
  });
});

describe('cells', () => {
  test('an override replaces the formula and clearing it brings the formula back', () => {
    const sheet = sheetOf({ runs: LLAMA });
    type(sheet, 'runs.r1.train_flop', '5e25');
    expect(value(sheet, 'runs.r1.train_flop')).toBe(5e25);
    type(sheet, 'runs.r1.train_flop', null);
    expect(value(sheet, 'runs.r1.train_flop')).toBe(6 * 405e9 * 15.6e12);
  });

  test.each([
    ['runs.r1.chips', '-3', '-3 is below 1, the least this column allows'],
    ['runs.r1.mfu', '1.4', '1.4 is above 1'],
    ['runs.r1.mfu', '40', 'write 40% for 40 percent'],
    ['runs.r1.chip_hour_price', '2 USD/token', 'expected USD/(chip·s), found USD'],
    ['runs.r1.tokens', 'many', '"many" is not a number'],
    ['runs.r1.tokens', '1e400', 'too large'],
    ['runs.r1.status', 'aproved', 'did you mean "approved"?'],
    ['runs.r1.start_date', '2027-02-30', 'is not a date'],
    ['runs.r1.total_cost', '=chip_hours * train_days', 'this column is USD'],
    ['runs.r1.hardware', 'h100', 'there is no chip "h100" in the catalog'],
  ])('%s = %s says what is wrong, keeps the text, and the rest computes', (address, text, says) => {
    const sheet = sheetOf({ runs: LLAMA });
    type(sheet, address, text);
    const root = address === 'runs.r1.hardware' ? 'runs.r1.peak_flop_per_s' : address;
    expect(problem(sheet, root)).toContain(says);
    expect(sheet.text('runs', 'r1', address.split('.')[2] ?? '')).toBe(text);
    expect(value(sheet, 'runs.r1.params_active')).toBe(405e9);
  });

  test('an empty numeric cell is unknown, with its name, and never 0', () => {
    const sheet = sheetOf({ runs: 'key | params_total | hardware | chips\nr1 | 7B | h100-sxm | 8' });
    expect(show(sheet, 'runs.r1.total_cost')).toBe('#EMPTY');
    expect(problem(sheet, 'runs.r1.total_cost')).toContain('Dataset is empty');
  });

  test('a chip without that peak is unknown, not another peak', () => {
    const sheet = sheetOf({ runs: 'key | hardware | precision\nr1 | a100-80gb-sxm | fp8' });
    expect(problem(sheet, 'runs.r1.peak_flop_per_s')).toContain('a100-80gb-sxm has no fp8 peak');
  });

  test('datasheet units leave the chip out in cells, never in formulas', () => {
    const sheet = sheetOf({ runs: LLAMA });
    type(sheet, 'runs.r1.peak_flop_per_s', '989.4 TFLOP/s');
    expect(value(sheet, 'runs.r1.peak_flop_per_s')).toBe(989.4e12);
    type(sheet, 'runs.r1.peak_flop_per_s', '=989.4 TFLOP/s');
    expect(problem(sheet, 'runs.r1.peak_flop_per_s')).toContain('found FLOP/s'.replace('found ', ''));
  });
});

describe('references across rows and tables', () => {
  test('another row, an assumption, an aggregate with a condition', () => {
    const sheet = sheetOf({
      assumptions: 'key | value | unit\nmarket | 2.10 | USD/(chip·h)\nhalf | =market / 2 |',
      runs: `
key | status   | params_total            | tokens | hardware | chips | chip_hour_price
r1  | approved | 7B                      | 1T     | h100-sxm | 64    | =market
r2  | draft    | =runs.r1.params_total*2 | 1T     | h100-sxm | 64    | =half`,
      costs: 'key | quantity | unit_cost\nc1 | 1 | =sum(runs.total_cost, runs.status = "approved") / 10',
    });
    expect(value(sheet, 'runs.r2.params_total')).toBe(14e9);
    expect(value(sheet, 'costs.c1.amount')).toBeCloseTo(value(sheet, 'runs.r1.total_cost') / 10, 2);
    type(sheet, 'assumptions.market.value', '4.20');
    expect(value(sheet, 'runs.r2.chip_hour_price')).toBeCloseTo(2.1, 12);
    type(sheet, 'runs.r2.status', 'approved');
    expect(value(sheet, 'costs.c1.amount')).toBeCloseTo(
      (value(sheet, 'runs.r1.total_cost') + value(sheet, 'runs.r2.total_cost')) / 10,
      2,
    );
    type(sheet, 'runs.r1.included', 'no');
    expect(value(sheet, 'costs.c1.amount')).toBeCloseTo(value(sheet, 'runs.r2.total_cost') / 10, 2);
  });

  test('phases know their run, and a run sums its phases by key', () => {
    const sheet = sheetOf({
      runs: 'key | params_total | tokens\nr1 | 7B | =sum(phases.tokens, phases.run = key)\nr2 | 7B | =sum(phases.tokens, phases.run = key)',
      phases: 'key | run | tokens\np1 | r1 | 1T\np2 | r1 | 0.5T\np3 | r2 | 2T',
    });
    expect(value(sheet, 'runs.r1.tokens')).toBe(1.5e12);
    expect(value(sheet, 'runs.r2.tokens')).toBe(2e12);
    expect(value(sheet, 'phases.p1.train_flop')).toBe(6 * 7e9 * 1e12);
  });

  test('a chain along rows of one column is no cycle; a circle over three tables is named with its path', () => {
    const chain = sheetOf({ runs: 'key | tokens\nr1 | 1T\nr2 | =runs.r1.tokens * 2\nr3 | =runs.r2.tokens * 2' });
    expect(value(chain, 'runs.r3.tokens')).toBe(4e12);
    const circle = sheetOf({
      assumptions: 'key | value\na | =costs.c1.quantity',
      runs: 'key | count | params_total\nr1 | =a | 7B\nr2 | 1 | 1B',
      costs: 'key | quantity\nc1 | =runs.r1.count',
    });
    expect(show(circle, 'runs.r1.count')).toBe('#CYCLE');
    expect(problem(circle, 'runs.r1.count')).toMatch(
      /assumptions\.a\.value → .*costs\.c1\.quantity|costs\.c1\.quantity → .*/,
    );
    expect(value(circle, 'runs.r2.params_active')).toBe(1e9);
    type(circle, 'costs.c1.quantity', '3');
    expect(value(circle, 'runs.r1.count')).toBe(3);
  });

  test('totals of unknown rows say what is known; excluded rows do not count', () => {
    const sheet = sheetOf({ runs: `${LLAMA}\nr2 | Open | | 1T | h100-sxm | 8 | 2` });
    expect(allProblems(sheet)).toEqual([]);
    type(sheet, 'runs.r2.included', 'no');
    expect(show(sheet, 'runs.r1.total_cost')).toBe('53,214,069.13');
  });
});

describe('unknown', () => {
  test('division by zero, overflow and 0/0 are errors with their cause, and do not turn into numbers', () => {
    const sheet = sheetOf({
      runs: 'key | epochs | tokens\nr1 | =1 / 0 | 1T\nr2 | =0 / 0 | 1T\nr3 | =1e308 * 10 | 1T\nr4 | =1 / (1e308 * 10) | 1T',
    });
    expect(['r1', 'r2', 'r3', 'r4'].map((row) => show(sheet, `runs.${row}.epochs`))).toEqual([
      '#DIV0',
      '#DIV0',
      '#OVERFLOW',
      '#OVERFLOW',
    ]);
    expect(show(sheet, 'runs.r1.tokens_seen')).toBe('#DIV0');
  });

  test('if masks the branch not taken; and/or know when the other side decides', () => {
    const sheet = sheetOf({
      runs: 'key | tokens | epochs\nr1 | 1T | =if(tokens > 0, 2, dataset.tokens_billion / tokens)\nr2 | | =if(known(tokens) and tokens > 0, 1, 3)',
    });
    expect(value(sheet, 'runs.r1.epochs')).toBe(2);
    expect(value(sheet, 'runs.r2.epochs')).toBe(3);
  });
});

test('rounded money lines add up to the cent, and a third of a cent is not lost twice', () => {
  const sheet = sheetOf({ costs: 'key | quantity | unit_cost\na | 1 | 0.125\nb | 3 | 0.335\nc | 1 | 1.005' });
  // Half to even: 0.125 -> 0.12; 1.005 (a double below it) -> 1.00; 3 x 0.335 = 1.005 -> 1.00 or 1.01 by its double.
  expect(['a', 'c'].map((row) => value(sheet, `costs.${row}.amount`))).toEqual([0.12, 1]);
});

test('commands carry their own undo', () => {
  const sheet = sheetOf({ runs: LLAMA });
  const before = JSON.stringify(sheet.plan.tables);
  const { commands } = sheet.apply([
    { set: ['runs', 'r1', 'chips'], to: '8' },
    { row: ['runs', 'r2'], to: { at: 0, cells: { name: 'Two' } } },
    { set: ['runs', 'r1', 'mfu'], to: '0.5' },
  ]);
  sheet.apply(invertCommands(commands));
  expect(JSON.stringify(sheet.plan.tables)).toBe(before);
});

test('user columns: a formula decides the unit, a bad id is refused, formulas may use each other', () => {
  const plan = {
    ...planOf({ runs: LLAMA }),
    columns: {
      runs: {
        cost_per_day: { formula: 'total_cost / train_days' },
        twice: { formula: 'cost_per_day * 2' },
        chip: { formula: '1' },
      },
    },
  };
  const sheet = sheetOf(plan);
  expect(sheet.column('runs', 'twice')?.type).toMatchObject({ is: 'number', dimension: { key: 'USD·s^-1' } });
  expect(problem(sheet, 'runs.r1.chip')).toContain('is a unit');
});

test('the cause of an unknown is found fifteen hundred rows away, asked for from the far end first', () => {
  const rows = Array.from(
    { length: 1500 },
    (_, i) => `r${i} | ${i === 0 ? '= 1T / epochs' : `=runs.r${i - 1}.tokens`}`,
  );
  const sheet = sheetOf({ runs: ['key | tokens', ...rows].join('\n') });
  sheet.apply([{ set: ['runs', 'r0', 'epochs'], to: '0 to' }]);
  sheet.recalculate();
  expect(problem(sheet, 'runs.r1499.tokens')).toMatch(/@ runs\.r0\.epochs$/);
  const problems = allProblems(sheet);
  expect(new Set(problems.map((found) => found.root))).toEqual(new Set(['runs.r0.epochs']));
});
