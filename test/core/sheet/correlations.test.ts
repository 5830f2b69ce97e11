import { describe, expect, test } from 'vitest';
import { applyCommands, invertCommands } from '../../../src/core/document/apply.ts';
import { parsePlanFile, writePlanFile } from '../../../src/core/document/plan-file.ts';
import type { Correlation, Plan } from '../../../src/core/document/plan.ts';
import { checkPlanCorrelations, nearestPossible } from '../../../src/core/sheet/correlations.ts';
import { distributionOf } from '../../../src/core/sheet/distribution.ts';
import { Sampler } from '../../../src/core/sheet/sample.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { totalNode } from '../../../src/core/sheet/totals.ts';
import { planOf, sheetOf } from './picture.ts';

const START = planOf({
  assumptions: 'key | value | unit\npower | 0.05 to 0.2 | USD/kWh',
  runs: `
key | mfu        | goodput      | storage_cost
a   | 0.3 to 0.5 | 0.8 to 0.95  | 100 to 300
b   | 0.2 to 0.4 | 0.85 to 0.99 | 100 to 300
c   | 0.2 to 0.4 |              | 100 to 300`,
});

function withCorrelations(...list: [string, string, number][]): Plan {
  return applyCommands(
    START,
    list.map(([a, b, to]) => ({ correlation: [a, b] as const, to })),
  ).plan;
}

function samples(sheet: Sheet, address: string, columnCorrelation?: number): Float64Array {
  const [table, row, column] = address.split('.') as ['runs', string, string];
  const sampler = new Sampler(sheet, {
    samples: 8192,
    seed: 5,
    ...(columnCorrelation === undefined ? {} : { columnCorrelation }),
  });
  return (sampler.cell(table, row, column) as Float64Array).slice();
}

function ranks(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  [...values.keys()].sort((i, j) => (values[i] as number) - (values[j] as number)).forEach((at, i) => (out[at] = i));
  return out;
}

/** Spearman's rank correlation of two cells. */
function rank(sheet: Sheet, a: string, b: string, columnCorrelation?: number): number {
  const [x, y] = [ranks(samples(sheet, a, columnCorrelation)), ranks(samples(sheet, b, columnCorrelation))];
  let top = 0;
  let size = 0;
  const middle = (x.length - 1) / 2;
  for (let i = 0; i < x.length; i++) {
    top += ((x[i] as number) - middle) * ((y[i] as number) - middle);
    size += ((x[i] as number) - middle) ** 2;
  }
  return top / size;
}

describe('as set', () => {
  test('two cells have the rank correlation that is typed, also when it is negative; the others keep theirs', () => {
    const sheet = sheetOf(
      withCorrelations(['runs.a.mfu', 'runs.a.goodput', -0.7], ['assumptions.power', 'runs.b.mfu', 0.4]),
    );
    expect(rank(sheet, 'runs.a.mfu', 'runs.a.goodput')).toBeCloseTo(-0.7, 1);
    expect(rank(sheet, 'assumptions.power.value', 'runs.b.mfu')).toBeCloseTo(0.4, 1);
    // Two cells that must move against each other cannot follow their columns as far as before.
    expect(rank(sheet, 'runs.a.mfu', 'runs.b.mfu')).toBeGreaterThan(0.2);
    expect(rank(sheet, 'runs.b.mfu', 'runs.c.mfu')).toBeGreaterThan(0.2);
    expect(rank(sheet, 'runs.a.storage_cost', 'runs.b.storage_cost')).toBeCloseTo(0.5, 1);
    expect(Math.abs(rank(sheet, 'runs.b.mfu', 'runs.b.goodput'))).toBeLessThan(0.05);
  });

  test('two columns are correlated through their factors; a column with itself sets how much its cells share', () => {
    const sheet = sheetOf(
      withCorrelations(['runs.*.mfu', 'runs.*.goodput', 0.9], ['runs.*.storage_cost', 'runs.*.storage_cost', 0.8]),
    );
    // Factors: 2 sin(π·0.9/6); each cell holds √(2 sin(π/12)) of its factor: 0.9080 · 0.5176 = 0.470, rank 0.453.
    expect(rank(sheet, 'runs.a.mfu', 'runs.b.goodput')).toBeCloseTo(0.453, 1);
    expect(rank(sheet, 'runs.a.storage_cost', 'runs.c.storage_cost')).toBeCloseTo(0.8, 1);
  });

  test('every single source keeps its own distribution', () => {
    const sheet = sheetOf(withCorrelations(['runs.a.mfu', 'runs.a.goodput', 0.8]));
    const sampler = new Sampler(sheet, { samples: 16_384, seed: 1 });
    const spread = sampler.spread(sampler.cell('runs', 'a', 'goodput') as Float64Array, 1);
    expect(spread.p5).toBeCloseTo(0.8, 2);
    expect(spread.p95).toBeCloseTo(0.95, 2);
  });
});

describe('refused', () => {
  test('a table no quantities can have, with the nearest that they can', () => {
    const impossible = () =>
      withCorrelations(
        ['assumptions.power', 'runs.a.mfu', 0.95],
        ['assumptions.power', 'runs.a.goodput', 0.95],
        ['runs.a.mfu', 'runs.a.goodput', -0.9],
      );
    expect(impossible).toThrow(
      expect.objectContaining({
        code: 'CORRELATION',
        hint: expect.stringMatching(/nearest possible table changes .* to -?0\.\d+/),
      }),
    );
  });
  test('among hundreds of pairs only the ones that contradict give way; a hundred quantities in one knot are lowered alike', () => {
    const fine = Array.from({ length: 60 }, (_, i) => ({ a: `runs.x${i}.mfu`, b: `runs.x${i}.goodput`, rank: 0.9 }));
    const knot = [
      { a: 'runs.a.mfu', b: 'runs.b.tokens', rank: 0.9 },
      { a: 'runs.b.tokens', b: 'runs.c.chips', rank: 0.9 },
      { a: 'runs.a.mfu', b: 'runs.c.chips', rank: -0.9 },
    ];
    const near = nearestPossible([...fine, ...knot]);
    expect(near.slice(0, 60)).toEqual(fine);
    // By symmetry ±1/2 on the Gaussian scale, rank 6/π·asin(1/4).
    expect(near.slice(60).map(({ rank }) => Math.abs(rank))).toEqual(
      [0.483, 0.483, 0.483].map((rank) => expect.closeTo(rank, 2)),
    );
    expect(() => checkPlanCorrelations({ correlations: near })).not.toThrow();
    const large = Array.from({ length: 99 }, (_, i) => ({ a: 'runs.x0.mfu', b: `runs.x${i + 1}.tokens`, rank: 0.5 }));
    const lowered = nearestPossible(large);
    expect(() => checkPlanCorrelations({ correlations: lowered })).not.toThrow();
    expect(new Set(lowered.map(({ rank }) => rank)).size).toBe(1);
  });
  test.each([
    [{ a: 'runs.a.mfu', b: 'mfu', rank: 0.5 }, /neither a cell nor a column/],
    [{ a: 'runs.a.mfu', b: 'runs.b.mfu', rank: 1.5 }, /is 1\.5/],
    [{ a: 'runs.a.mfu', b: 'runs.a.mfu', rank: 0.5 }, /with itself/],
  ] as [Correlation, RegExp][])('%o', (correlation, message) => {
    const file = JSON.stringify({ format: 'flopsheet-plan', version: 1, correlations: [correlation] });
    expect(() => parsePlanFile(file)).toThrow(
      expect.objectContaining({ code: 'PLAN_FILE', message: expect.stringMatching(message) }),
    );
  });
});

test('commands carry their undo, and plan files keep the list', () => {
  const { plan, commands } = applyCommands(START, [{ correlation: ['runs.*.mfu', 'runs.*.goodput'], to: 0.3 }]);
  expect(applyCommands(plan, invertCommands(commands)).plan).toEqual(START);
  const file = writePlanFile(plan);
  expect(JSON.parse(file)).toMatchObject({ correlations: [{ a: 'runs.*.mfu', b: 'runs.*.goodput', rank: 0.3 }] });
  expect(parsePlanFile(file).plan.correlations).toEqual(plan.correlations);
});

test('the P90 of a total: independent rows look safest, rows that move together least', () => {
  const sheet = sheetOf(START);
  const node = totalNode(sheet, 'runs', sheet.column('runs', 'storage_cost')!);
  const view = distributionOf(sheet, { node }, 1, 'USD')!;
  const { independent, asSet, together } = view.totalP90!;
  expect(independent).toBeLessThan(asSet);
  expect(asSet).toBeLessThan(together);
  // Together, percentiles add: 3 · √(100·300) · 3^(1.2816/3.2897).
  expect(together).toBeCloseTo(3 * Math.sqrt(30_000) * 3 ** (1.2815515655 / 3.289707253), 0);
  expect(rank(sheet, 'runs.a.storage_cost', 'runs.b.storage_cost', 0)).toBeCloseTo(0, 1);
  expect(rank(sheet, 'runs.a.storage_cost', 'runs.b.storage_cost', 1)).toBeCloseTo(1, 6);
});
