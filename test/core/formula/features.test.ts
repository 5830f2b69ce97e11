/** The formula language, feature by feature, as pictures of sheets: what is typed, and what the cells then show. */
import { describe, expect, test } from 'vitest';
import { FormulaError } from '../../../src/core/formula/formula-error.ts';
import { describeType } from '../../../src/core/formula/types.ts';
import { REGISTRY } from '../../../src/core/plan/planner.ts';
import { evaluateFormula } from '../../../src/core/sheet/ask.ts';
import { unitNames, parseUnit } from '../../../src/core/quantity/unit.ts';
import { look, problem, sheetOf, show, type, value } from '../sheet/picture.ts';

const NOWHERE = { table: null, row: null, column: null } as const;
const empty = sheetOf({ runs: 'key | tokens\nr1 | 1T' });

function answer(text: string): { value: number; type: string } {
  const found = evaluateFormula(empty, text, NOWHERE);
  return { value: found.value, type: describeType(found.type) };
}

describe('units', () => {
  test('every unit may follow a number and is shown by "in"', () => {
    for (const name of unitNames()) {
      if (!/^[A-Za-zµ]/.test(name)) continue;
      const unit = parseUnit(name);
      expect(answer(`3 ${name}`).value, name).toBeCloseTo(3 * unit.scale, 12);
      expect(answer(`3 ${name} in ${name}`).value, name).toBeCloseTo(3 * unit.scale, 12);
    }
  });

  test.each([
    ['1 PFLOP/s', 1e15, 'FLOP/s'],
    ['3.35 TB/s', 3.35e12, 'byte/s'],
    ['1 MiB', 1_048_576, 'byte'],
    ['8 Gbit/s', 1e9, 'byte/s'],
    ['1 GMAC', 2e9, 'FLOP'],
    ['1 MWh', 3.6e9, 'J'],
    ['0.38 kg/kWh * 1 MWh', 380_000, 'gCO2e'],
    ['2 USD/(chip·h) * 3 chip * 1 day', 144, 'USD'],
    ['6 FLOP * 70e9 * 15e12', 6.3e24, 'FLOP'],
    ['6.3e24 FLOP / (1024 chip * 989.4 TFLOP/s/chip * 0.40)', 6.3e24 / (1024 * 989.4e12 * 0.4), 's'],
    ['1 week', 604_800, 's'],
    ['(2 m3)/(1 kWh)', 2000 / 3.6e6, 'litre/J'],
    ['1 token * 3 param', 3, 'plain number'],
    ['5 token / 2 s', 2.5, 'token/s'],
    ['(3 m3)^2', 9e6, 'litre^2'],
  ])('%s', (text, wanted, kind) => {
    const found = answer(text);
    expect(found.value / wanted).toBeCloseTo(1, 12);
    expect(found.type).toBe(kind);
  });
});

describe('columns, overrides and formulas of single cells', () => {
  test('a formula column fills every row; a cell replaces it until it is cleared', () => {
    const sheet = sheetOf({
      runs: `
key | count | epochs | both := count + epochs | twice := both * 2
a   | 2     | 3      |                        |
b   | 4     | 1      | 100                    |
c   | 5     |        | =count * 10            |`,
    });
    expect(look(sheet, 'runs', 'count epochs both twice')).toBe(
      ['a | 2 | 3 | 5 | 10', 'b | 4 | 1 | 100 | 200', 'c | 5 | 1 | 50 | 100'].join('\n'),
    );
    type(sheet, 'runs.b.both', null);
    type(sheet, 'runs.a.count', '20');
    expect(look(sheet, 'runs', 'both twice')).toBe(['a | 23 | 46', 'b | 5 | 10', 'c | 50 | 100'].join('\n'));
  });

  test('a whole column takes another formula, and rows with their own keep it', () => {
    const sheet = sheetOf({ runs: 'key | count | x := count\na | 2 |\nb | 3 | 9' });
    sheet.apply([{ column: ['runs', 'x'], to: { formula: 'count * 7' } }]);
    sheet.recalculate();
    expect(look(sheet, 'runs', 'x')).toBe('a | 14\nb | 9');
  });
});

describe('conditions and unknown', () => {
  test('if, and, or and not over known and unknown values', () => {
    const sheet = sheetOf({
      runs: `
key | count | x := if(count > 0, 1, tokens / 1 token) | both := if(count > 0 and tokens > 1T token, 1, 0) | either := if(count > 0 or tokens > 1T token, 1, 0) | neither := if(not (count > 0), 1, 0)
yes | 2     |   |   |  |
no  | 0     |   |   |  |`,
    });
    // Tokens are unknown in both rows: only where they decide is the result unknown.
    expect(look(sheet, 'runs', 'x both either neither')).toBe(
      ['yes | 1 | #EMPTY | 1 | 0', 'no | #EMPTY | 0 | #EMPTY | 1'].join('\n'),
    );
  });

  test('known and if_unknown ask about unknown values without spreading them', () => {
    const sheet = sheetOf({
      runs: 'key | tokens | has := if(known(tokens), 1, 0) | or_else := if_unknown(tokens, 5 token)\na | 3 | |\nb | | |',
    });
    expect(look(sheet, 'runs', 'has or_else')).toBe('a | 1 | 3\nb | 0 | 5');
  });

  test('comparisons with an unknown are unknown, also in conditions', () => {
    const sheet = sheetOf({ runs: 'key | tokens | x := if(tokens > 1 token, 1, 2)\na | |' });
    expect(show(sheet, 'runs.a.x')).toBe('#EMPTY');
    expect(problem(sheet, 'runs.a.x')).toContain('@ runs.a.dataset');
  });
});

describe('texts', () => {
  test('compare, join and search', () => {
    const sheet = sheetOf({
      runs: 'key | name | status | x := if(contains(name & "!", "SXM!") and status <> "draft", 1, 0)\na | H100 sxm | approved |\nb | H100 sxm | draft |',
    });
    expect(look(sheet, 'runs', 'x')).toBe('a | 1\nb | 0');
  });
});

describe('dates', () => {
  test('date arithmetic, parts and comparison', () => {
    const sheet = sheetOf({
      runs: `
key | start_date | end_date                  | x := if(end_date > 2027-03-01, year(end_date) * 100 + month(end_date), 0) | gap day := end_date - start_date
a   | 2027-01-15 | =start_date + 45 day      | |
b   | 2028-02-28 | =start_date + 1 day       | |
c   | 2027-01    | =date(2027, 1, 31)        | |`,
    });
    expect(look(sheet, 'runs', 'end_date x gap')).toBe(
      ['a | 2027-03-01 | 0 | 45', 'b | 2028-02-29 | 202,802 | 1', 'c | 2027-01-31 | 0 | 30'].join('\n'),
    );
  });
  test('a day that does not exist is unknown with the reason', () => {
    const sheet = sheetOf({ runs: 'key | start_date\na | =date(2027, 2, 30)' });
    expect(problem(sheet, 'runs.a.start_date')).toContain('there is no such date');
  });
});

describe('aggregates', () => {
  const sheet = sheetOf({
    runs: `
key | status   | included | count | epochs
a   | approved | yes      | 1     | 10
b   | approved | yes      | 2     | 30
c   | draft    | yes      | 4     | 20
d   | approved | no       | 8     | 90`,
    costs: `
key | quantity
sum | =sum(runs.count)
cnt | =count(runs, runs.status = "approved")
one | =sum(runs.count * runs.epochs, runs.status = "approved")
min | =min(runs.epochs)
max | =max(runs.epochs, runs.status = "approved")
avg | =mean(runs.epochs)
mid | =median(runs.epochs)
p10 | =p10(runs.epochs)
p90 | =p90(runs.epochs)
non | =sum(runs.count, runs.count > 100)
nil | =mean(runs.count, runs.count > 100)`,
  });
  test('over included rows, with conditions; percentiles interpolate as spreadsheets do', () =>
    expect(look(sheet, 'costs', 'quantity')).toBe(
      [
        'sum | 7',
        'cnt | 2',
        'one | 70',
        'min | 10',
        'max | 30',
        'avg | 20',
        'mid | 20',
        'p10 | 12',
        'p90 | 28',
        'non | 0',
        'nil | #EMPTY',
      ].join('\n'),
    ));

  test('by key: rows of a child table that belong to this row, also with a condition and for every aggregate', () => {
    const own = sheetOf({
      runs: `
key | epochs | total := sum(phases.tokens, phases.run = key) | most := max(phases.tokens, phases.run = key) | long := count(phases, phases.run = key and phases.seq_len > 8192 token)
a   | 1      |  |  |
b   | 1      |  |  |
c   | 1      |  |  |`,
      phases: `
key | run | tokens | seq_len
p1  | a   | 5      | 8192
p2  | a   | 7      | 131072
p3  | b   | 2      | 131072`,
    });
    expect(look(own, 'runs', 'total most long')).toBe(
      ['a | 12 | 7 | 1', 'b | 2 | 2 | 1', 'c | 0 | #EMPTY | 0'].join('\n'),
    );
    type(own, 'phases.p3.run', 'c');
    expect(look(own, 'runs', 'total most long')).toBe(
      ['a | 12 | 7 | 1', 'b | 0 | #EMPTY | 0', 'c | 2 | 2 | 1'].join('\n'),
    );
  });

  test('one unknown row makes the sum unknown and names the row; excluding it brings the sum back', () => {
    const own = sheetOf({
      runs: 'key | tokens\na | 1T\nb |',
      costs: 'key | quantity\nx | =sum(runs.tokens) / 1 token',
    });
    expect(problem(own, 'costs.x.quantity')).toContain('@ runs.b.dataset');
    type(own, 'runs.b.included', 'no');
    expect(value(own, 'costs.x.quantity')).toBe(1e12);
  });

  test('a formula typed into a cell of an evaluated sheet reads what nothing has read before', () => {
    const own = sheetOf({ runs: 'key | count\na | 2\nb | 3', costs: 'key | quantity\nx | 1' });
    type(own, 'costs.x.quantity', '=sum(runs.count) + max(runs.count)');
    expect(value(own, 'costs.x.quantity')).toBe(8);
    type(own, 'runs.a.count', '10');
    expect(value(own, 'costs.x.quantity')).toBe(23);
  });

  test('money totals are exact to the cent: ten thousand times 0.10 is 1000.00', () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => `r${i} | 0.10`).join('\n');
    const own = sheetOf({ runs: 'key | count\na | =sum(costs.amount) / 1 USD', costs: `key | amount\n${rows}` });
    expect(value(own, 'runs.a.count')).toBe(1000);
  });
});

describe('references and lookups', () => {
  test('rows by key with any spelling, fields of references, assumptions behind columns of the same name', () => {
    const sheet = sheetOf({
      assumptions: 'key | value | unit\nepochs | 7 |\nshare | 0.5 |',
      runs: `
key    | hardware | seq_len | count                   | epochs | x := hardware.tdp_w * 2 | y := assumptions.epochs * share
r1     | h100-sxm | 4096    | 3                       | 2      |  |
my run | h100-sxm | 8192    | =runs.r1.count * 2      | 2      |  |
r3     | h100-sxm | 8192    | =runs."my run".count    | 2      |  |`,
      phases: 'key | run\np1 | r1\np2 | my run\np3 | nobody',
    });
    expect(look(sheet, 'runs', 'count x y')).toBe(
      ['r1 | 3 | 1,400 | 3.5', 'my run | 6 | 1,400 | 3.5', 'r3 | 6 | 1,400 | 3.5'].join('\n'),
    );
    expect(look(sheet, 'phases', 'seq_len')).toBe(['p1 | 4,096', 'p2 | 8,192', 'p3 | #NAME'].join('\n'));
    type(sheet, 'runs.r1.seq_len', '1024');
    expect(show(sheet, 'phases.p1.seq_len')).toBe('1,024');
  });
});

describe('circles', () => {
  const circle = () =>
    sheetOf({
      assumptions: 'key | value\na | =costs.c1.quantity + 1',
      runs: 'key | count\nr1 | =a * 2\nr2 | =runs.r1.count\nr3 | 4',
      costs: 'key | quantity\nc1 | =sum(phases.tokens) / 1 token\nc2 | =runs.r3.count',
      phases: 'key | run | tokens\np1 | r1 | =run.count * 1 token',
    });
  test('over three tables: named with the path, and the rest computes', () => {
    const sheet = circle();
    for (const cell of ['assumptions.a.value', 'costs.c1.quantity', 'runs.r1.count', 'phases.p1.tokens']) {
      expect(show(sheet, cell), cell).toBe('#CYCLE');
      for (const part of ['assumptions.a.value', 'costs.c1.quantity', 'runs.r1.count', 'phases.p1.tokens'])
        expect(problem(sheet, cell)).toContain(part);
    }
    expect(show(sheet, 'runs.r2.count')).toBe('#CYCLE');
    expect(show(sheet, 'costs.c2.quantity')).toBe('4');
  });

  test('editing elsewhere keeps the path; breaking it gives numbers; closing it again names it again', () => {
    const sheet = circle();
    type(sheet, 'runs.r3.count', '5');
    expect(problem(sheet, 'runs.r1.count')).toContain('→');
    expect(show(sheet, 'costs.c2.quantity')).toBe('5');
    type(sheet, 'phases.p1.tokens', '10');
    expect(['runs.r1.count', 'costs.c1.quantity', 'runs.r2.count'].map((cell) => show(sheet, cell))).toEqual([
      '22',
      '10',
      '22',
    ]);
    type(sheet, 'phases.p1.tokens', '=run.count * 1 token');
    expect(show(sheet, 'costs.c1.quantity')).toBe('#CYCLE');
  });

  test('a cell that needs itself, and a loop through a percentile', () => {
    const sheet = sheetOf({
      runs: 'key | count | epochs\nr1 | =runs.r1.count + 1 | 1\nr2 | =p90(sum(runs.count)) | 1\nr3 | 1 to 2 | 1',
    });
    expect(show(sheet, 'runs.r1.count')).toBe('#CYCLE');
    expect(show(sheet, 'runs.r2.count')).toBe('#CYCLE');
    expect(show(sheet, 'runs.r3.count')).not.toBe('#CYCLE');
  });
});

describe('percentiles over samples', () => {
  test('of a range: P5 and P95 are its ends, the median its middle; no circle where rows differ', () => {
    const sheet = sheetOf({
      runs: 'key | count | epochs\nr1 | 2 to 8 | =p95(runs.r1.count)\nr2 | =p5(runs.r1.count) | =p50(count * 2)\nr3 | =median(runs.r1.count) + runs.r2.count |',
    });
    expect(value(sheet, 'runs.r1.epochs')).toBeCloseTo(8, 1);
    expect(value(sheet, 'runs.r2.count')).toBeCloseTo(2, 2);
    expect(value(sheet, 'runs.r2.epochs')).toBeCloseTo(4, 2);
    expect(value(sheet, 'runs.r3.count')).toBeCloseTo(6, 2);
    type(sheet, 'runs.r1.count', '20 to 80');
    expect(value(sheet, 'runs.r3.count')).toBeCloseTo(60, 1);
  });
});

describe('schedules', () => {
  const SCHEDULE = 'schedule(2027-01: 4, 2027-07: 9)';
  test.each([
    [`at(${SCHEDULE}, 2027-01-01)`, 4, 'plain number'],
    [`at(${SCHEDULE}, 2027-06-30)`, 4, 'plain number'],
    [`at(${SCHEDULE}, 2027-07-01)`, 9, 'plain number'],
    [`at(schedule(2027-01: 2 USD/h), 2030-01-01)`, 2 / 3600, 'USD/s'],
    // 181 days of 4 and 184 days of 9.
    [`over(${SCHEDULE}, 2027-01-01, 2028-01-01)`, (181 * 4 + 184 * 9) * 86_400, 's'],
    [`over(schedule(2027-01: 4 chip, 2027-07: 9 chip), 2027-06-01, 2027-08-01)`, (30 * 4 + 31 * 9) * 86_400, 'chip·s'],
    [`over(${SCHEDULE}, 2027-03-01, 2027-02-01)`, -28 * 4 * 86_400, 's'],
    [`over(${SCHEDULE}, 2027-03-01, 2027-03-01)`, 0, 's'],
  ])('%s', (text, wanted, kind) => expect(answer(text)).toEqual({ value: wanted, type: kind }));

  test('before its first step a schedule is unknown, not 0', () => {
    const sheet = sheetOf({
      runs: `key | count\na | =at(${SCHEDULE}, 2026-12-31)\nb | =over(${SCHEDULE}, 2026-12-31, 2027-02-01) / 1 s`,
    });
    expect(problem(sheet, 'runs.a.count')).toContain('the schedule starts on 2027-01-01, after 2026-12-31');
    expect(show(sheet, 'runs.b.count')).toBe('#UNKNOWN');
  });

  test('as an assumption, in its unit, read by rows; values may be formulas and ranges', () => {
    const sheet = sheetOf({
      assumptions: `
key    | value                                   | unit
price  | schedule(2027-01: 2.50, 2027-07: 2)     | USD/(chip·h)
half   | schedule(2027-01: 1 USD/h, 2028-01: 4 USD/h) |
grow   | =schedule(2027-01: pue, 2028-01: pue * 2) |
pue    | 1.5                                     |
unsure | schedule(2027-01: 1 to 3)               |`,
      runs: `
key | start_date | chip_hour_price        | count                | epochs
a   | 2027-02-01 | =at(price, start_date) | =at(grow, start_date) | =at(unsure, start_date)
b   | 2028-02-01 | =at(price, start_date) | =at(grow, start_date) | 1`,
    });
    expect(look(sheet, 'runs', 'chip_hour_price count')).toBe(['a | 2.50 | 1.5', 'b | 2.00 | 3'].join('\n'));
    expect(show(sheet, 'assumptions.price.value')).toBe('2027-01-01: 2.5, 2027-07-01: 2');
    expect(value(sheet, 'runs.a.epochs')).toBeCloseTo(Math.sqrt(3), 12);
    type(sheet, 'assumptions.pue.value', '2');
    expect(show(sheet, 'runs.b.count')).toBe('4');
    expect(evaluateFormula(sheet, 'p95(at(unsure, 2027-02-01))', NOWHERE).value).toBeCloseTo(3, 2);
  });

  test('typed: not a schedule, the wrong unit, a schedule where a number is meant', () => {
    expect(() => answer('at(3, 2027-01-01)')).toThrow(FormulaError);
    expect(() => answer('schedule(2027-01: 1) + 2')).toThrow(/expected plain number, found schedule/);
    const sheet = sheetOf({ assumptions: 'key | value | unit\na | schedule(2027-01: 2 USD/h) | chip' });
    expect(show(sheet, 'assumptions.a.value')).toBe('#UNIT');
  });
});

describe('ranges in cells', () => {
  test('take the unit of the column, of one end, and may be negative', () => {
    const sheet = sheetOf({
      runs: `
key | chip_hour_price      | other_cost
a   | 2 to 8               | -10 to 30
b   | 2 to 8 USD/h         | 1,000 to 4,000
c   | 3 USD/h              | normal(100, 10)`,
    });
    expect(look(sheet, 'runs', 'chip_hour_price other_cost')).toBe(
      ['a | 4.00 | 10.00', 'b | 4.00 | 2,000.00', 'c | 3.00 | 100.00'].join('\n'),
    );
  });
});

test('every example of the registry is accepted in a row of runs', () => {
  const sheet = sheetOf({ assumptions: 'key | value | unit\nprice | 2 | USD', runs: 'key | tokens\nr1 | 1T' });
  for (const fn of REGISTRY.values())
    expect(
      () => evaluateFormula(sheet, fn.example, { table: 'runs', row: 'r1', column: null }),
      fn.example,
    ).not.toThrow();
});
