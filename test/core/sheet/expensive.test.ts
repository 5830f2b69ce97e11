/** Functions that take long: asked once, waited for without holding anything up, sampled by their elasticities. */
import { beforeEach, describe, expect, test } from 'vitest';
import { FlopsheetError } from '../../../src/core/errors.ts';
import {
  identity,
  outcomeOf,
  type Answers,
  type Computation,
  type Question,
} from '../../../src/core/formula/answers.ts';
import { createRegistry, type FunctionDef } from '../../../src/core/formula/function.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../../src/core/plan/planner.ts';
import { Computing } from '../../../src/core/sheet/computing.ts';
import { cellProblemOf } from '../../../src/core/sheet/diagnose.ts';
import { percentileOf } from '../../../src/core/sheet/percentile.ts';
import { Sampler } from '../../../src/core/sheet/sample.ts';
import { Sheet } from '../../../src/core/sheet/sheet.ts';
import { Spreads } from '../../../src/core/sheet/spreads.ts';
import { planOf, SMALL_CATALOG } from './picture.ts';

/** x²/y: no answer for x above 100. */
const SLOW: Computation<readonly number[], number> = {
  name: 'slow',
  compute: ([x = 0, y = 0]) => {
    calls++;
    if (x > 100) throw new FlopsheetError('TOO_BIG', 'x is above 100', { hint: 'use less' });
    return x ** 2 / y;
  },
};
let calls = 0;

const ask = (args: readonly number[], context: Parameters<FunctionDef['compute']>[1]): number => {
  const outcome = context.answer({ computation: SLOW, key: `slow|${args.join('|')}`, data: args });
  if (outcome === null) return Number.NaN;
  if ('answer' in outcome) return outcome.answer as number;
  for (const reason of outcome.reasons) context.because(reason);
  return Number.NaN;
};

const slow: FunctionDef = {
  name: 'slow',
  group: 'math',
  params: [
    { name: 'x', type: '1' },
    { name: 'y', type: '1' },
    { name: 'way', type: 'text', optional: true },
  ],
  result: '1',
  doc: '',
  example: '',
  expensive: true,
  memo: true,
  compute: ([x, y, way], context) =>
    ask([x as number, y as number], context) * (way !== undefined && context.text(way) === 'twice' ? 2 : 1),
};
const large: FunctionDef = {
  ...slow,
  name: 'large',
  params: slow.params.slice(0, 2),
  result: 'boolean',
  compute: (args, context) => (ask(args, context) > 5 ? 1 : 0),
};

/** Answers that come when the test says so. */
class Desk implements Answers {
  readonly asked = new Map<string, Question>();
  private readonly known = new Map<string, ReturnType<typeof outcomeOf>>();
  ask(question: Question) {
    const outcome = this.known.get(question.key);
    if (!outcome) this.asked.set(question.key, question);
    return outcome ?? null;
  }
  now(question: Question) {
    const outcome = this.known.get(question.key) ?? outcomeOf(question);
    this.known.set(question.key, outcome);
    return outcome;
  }
  work(): void {
    for (const question of this.asked.values()) this.now(question);
    this.asked.clear();
  }
}

let desk: Desk;
beforeEach(() => {
  calls = 0;
  desk = new Desk();
});

function sheetOf(tables: Parameters<typeof planOf>[0], answers: Answers | null = desk): Sheet {
  const sheet = new Sheet(planOf(tables), {
    columns: BUILT_IN_COLUMNS,
    registry: new Map([...REGISTRY, ...createRegistry([slow, large])]),
    catalog: SMALL_CATALOG,
    ...(answers ? { answers } : {}),
  });
  sheet.percentile = percentileOf;
  sheet.recalculate();
  return sheet;
}

const PICTURE = {
  runs: `
key | a 1 := 3 + 0 | b 1 := slow(a, 2) | c 1 := b + 1 | d 1 := if(a > 50, b, 7)
r1  |              |                   |             |
r2  | 4            |                   |             |`,
};

describe('waiting', () => {
  const state = (sheet: Sheet, row: string) => {
    const computing = new Computing(sheet);
    return ['b', 'c', 'd'].map((id) => [
      sheet.value('runs', row, id),
      computing.cell(sheet.column('runs', id)!, sheet.state.tables.runs.rowNumber.get(row)!),
    ]);
  };

  test('nothing is computed while the sheet recalculates; the cell says so, and what reads it, but no branch not taken', () => {
    const sheet = sheetOf(PICTURE);
    expect(calls).toBe(0);
    expect(state(sheet, 'r1')).toEqual([
      [Number.NaN, true],
      [Number.NaN, true],
      [7, false],
    ]);
    expect(cellProblemOf(sheet, sheet.column('runs', 'c')!, 0)).toMatchObject({
      code: 'COMPUTING',
      root: 'runs.r1.b',
    });
    desk.work();
    expect(sheet.answersArrived()).toBe(true);
    expect(state(sheet, 'r1')).toEqual([
      [4.5, false],
      [5.5, false],
      [7, false],
    ]);
    expect(sheet.answersArrived()).toBe(false);
  });

  test('the last result stays until the next is there, row by row, also when rows come', () => {
    const sheet = sheetOf(PICTURE);
    desk.work();
    sheet.answersArrived();
    sheet.apply([{ set: ['runs', 'r1', 'a'], to: '5' }]);
    sheet.recalculate();
    expect(state(sheet, 'r1').slice(0, 2)).toEqual([
      [4.5, true],
      [5.5, true],
    ]);
    expect(state(sheet, 'r2')[0]).toEqual([8, false]);
    sheet.apply([{ row: ['runs', 'r0'], to: { at: 0, cells: {} } }]);
    sheet.recalculate();
    expect(state(sheet, 'r1')[0]).toEqual([4.5, true]);
    expect(state(sheet, 'r0')[0]).toEqual([4.5, false]);
    desk.work();
    sheet.answersArrived();
    expect(state(sheet, 'r1')).toEqual([
      [12.5, false],
      [13.5, false],
      [7, false],
    ]);
    expect(sheet.waiting).toBe(false);
  });

  test('a value typed over it waits for nothing; an answer that says no gives its reason', () => {
    const sheet = sheetOf(PICTURE);
    sheet.apply([{ set: ['runs', 'r1', 'b'], to: '9' }]);
    sheet.recalculate();
    expect(state(sheet, 'r1')[1]).toEqual([10, false]);
    sheet.apply([{ set: ['runs', 'r2', 'a'], to: '101' }]);
    sheet.recalculate();
    desk.work();
    sheet.answersArrived();
    expect(cellProblemOf(sheet, sheet.column('runs', 'c')!, 1)).toMatchObject({
      code: 'UNKNOWN',
      message: 'x is above 100',
      hint: 'use less',
      root: 'runs.r2.b',
    });
  });

  test('assumptions, totals and percentiles wait as well', () => {
    const sheet = sheetOf({
      assumptions: 'key | value\none | =slow(2, 1)\ntail | =p90(slow(3 to 4, 1))\nall | =sum(runs.b)',
      ...PICTURE,
    });
    const value = (key: string) => sheet.value('assumptions', key, 'value');
    expect([value('one'), value('tail'), value('all')]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    for (let round = 0; round < 3; round++) {
      desk.work();
      sheet.answersArrived();
    }
    // x² of a range from 3 to 4: P90 is (√12 · (4/3)^(1.2816/3.2897))².
    expect(value('one')).toBe(4);
    expect(value('all')).toBe(12.5);
    expect(value('tail')).toBeCloseTo(12 * (4 / 3) ** ((2 * 1.2815515655) / 3.289707253), 1);
  });

  test('what cannot wait computes on the spot, and then nothing waits', () => {
    const sheet = sheetOf(PICTURE);
    expect(sheet.atOnce(() => sheet.value('runs', 'r1', 'c'))).toBe(5.5);
    expect(sheet.waiting).toBe(false);
    expect(calls).toBe(2);
  });

  test('scripts get the same numbers without waiting', () => {
    const sheet = sheetOf(PICTURE, null);
    expect(sheet.value('runs', 'r2', 'c')).toBe(9);
    expect(identity(PICTURE)).toBe(identity(PICTURE));
  });
});

describe('samples', () => {
  const spread = (sheet: Sheet, id: string, row = 'r1') => {
    const samples = new Sampler(sheet, { samples: 4096, seed: 1 }).cell('runs', row, id);
    return samples as Float64Array;
  };

  test('follow the elasticities: a power law is exact, with five computations instead of four thousand', () => {
    const sheet = sheetOf({
      runs: 'key | x 1 := 3 + 0 | y 1 := 2 + 0 | f 1 := slow(x, y) | exact 1 := x * x / y\nr1 | 2 to 4 | 1 to 3 | |',
    });
    desk.work();
    sheet.answersArrived();
    calls = 0;
    const [f, g] = [spread(sheet, 'f'), spread(sheet, 'exact')];
    expect(calls).toBeLessThanOrEqual(5);
    for (let i = 0; i < f.length; i += 97) expect(f[i]! / g[i]!).toBeCloseTo(1, 9);
  });

  test('where one side has no value the other side tells; texts are taken as they are', () => {
    const sheet = sheetOf({
      runs: `
key | x 1 := 3 + 0 | f 1 := slow(x, 1) | exact 1 := x * x | way 1 := slow(2, 1, if(x > 60, "twice", "once"))
r1  | 50 to 70     |                   |              |`,
    });
    sheet.atOnce(() => undefined);
    const [f, g, way] = [spread(sheet, 'f'), spread(sheet, 'exact'), spread(sheet, 'way')];
    for (let i = 0; i < f.length; i += 97) expect(f[i]! / g[i]!).toBeCloseTo(1, 9);
    expect(new Set(way)).toEqual(new Set([4, 8]));
  });

  test('yes or no comes from the nearest point that was computed', () => {
    const sheet = sheetOf({ runs: 'key | x 1 := 3 + 0 | f 1 := if(large(x, 1), 1, 0)\nr1 | 1 to 8 |' });
    sheet.atOnce(() => undefined);
    // The centre is √8, where x² = 8 is large; half of it is not: below three quarters of the centre it says no.
    const no = [...spread(sheet, 'f')].filter((value) => value === 0).length / 4096;
    expect(no).toBeGreaterThan(0.2);
    expect(no).toBeLessThan(0.45);
  });

  test('spreads on screen wait too, and are there when the answers are', () => {
    const sheet = sheetOf({ runs: 'key | x 1 := 3 + 0 | f 1 := slow(x, 1)\nr1 | 2 to 4 |' });
    desk.work();
    sheet.answersArrived();
    const spreads = new Spreads(sheet);
    expect(spreads.ofCell(sheet.column('runs', 'f')!, 0)?.p50).toBeNaN();
    desk.work();
    expect(sheet.answersArrived()).toBe(true);
    expect(spreads.ofCell(sheet.column('runs', 'f')!, 0)?.p50).toBeCloseTo(8, 1);
  });
});

test('a formula is as uncertain as the branch it takes', () => {
  const sheet = sheetOf({
    runs: `
key | x 1 := 3 + 0 | f 1 := if(name = "open", x, 2) | other 1 := if(name = "open", 2, 1 to 3)
r1  | 2 to 4       |                                |
r2  | 2 to 4       |                                |`,
  });
  sheet.apply([
    { set: ['runs', 'r1', 'name'], to: 'open' },
    { set: ['runs', 'r2', 'name'], to: 'shut' },
  ]);
  sheet.recalculate();
  expect(['f', 'other'].map((id) => [...sheet.column('runs', id)!.uncertain.subarray(0, 2)])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});
