import { describe, expect, test } from 'vitest';
import { applyCommands } from '../../../src/core/document/apply.ts';
import { parsePlanFile, writePlanFile } from '../../../src/core/document/plan-file.ts';
import type { Plan } from '../../../src/core/document/plan.ts';
import { compareTotals } from '../../../src/core/sheet/compare.ts';
import { distributionOf } from '../../../src/core/sheet/distribution.ts';
import { Sampler } from '../../../src/core/sheet/sample.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import { totalNode } from '../../../src/core/sheet/totals.ts';
import { planOf, sheetOf, value } from './picture.ts';

/** A plan whose sources are numbered, as plans from files and edits are. */
function uncertain(runs: string): Plan {
  const empty = planOf({});
  return applyCommands(
    empty,
    planOf({ runs }).tables.runs.map((row, at) => ({ row: ['runs', row.key] as const, to: { at, cells: row.cells } })),
  ).plan;
}

const TWO = `
key | params_total | tokens | hardware | chips | mfu          | chip_hour_price
r1  | 7B           | 1T     | h100-sxm | 256   | 0.36 to 0.44 | 2.0 to 3.0
r2  | 70B          | 2T     | h100-sxm | 2048  | 0.30 to 0.45 | 2.0 to 3.0`;

function samples(sheet: Sheet, row: string, column: string, settings = { samples: 4096, seed: 1 }): Float64Array {
  const found = new Sampler(sheet, settings).cell('runs', row, column);
  if (typeof found === 'number') throw new Error(`${row}.${column} does not vary`);
  return found.slice();
}

function correlation(a: Float64Array, b: Float64Array): number {
  const rank = (values: Float64Array): Float64Array => {
    const order = [...values.keys()].sort((i, j) => (values[i] as number) - (values[j] as number));
    const ranks = new Float64Array(values.length);
    order.forEach((at, i) => (ranks[at] = i));
    return ranks;
  };
  const x = rank(a);
  const y = rank(b);
  const middle = (x.length - 1) / 2;
  let top = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    top += ((x[i] as number) - middle) * ((y[i] as number) - middle);
    size += ((x[i] as number) - middle) ** 2;
  }
  return top / size;
}

describe('ranges', () => {
  test('a to b is P5 to P95: lognormal for positive ends, logit-normal for fractions; central is the median', () => {
    const sheet = sheetOf(uncertain(TWO));
    const sampler = new Sampler(sheet, { samples: 16384, seed: 1 });
    const price = sampler.spread(sampler.cell('runs', 'r1', 'chip_hour_price') as Float64Array, 1 / 3600);
    expect(price.p5).toBeCloseTo(2, 2);
    expect(price.p95).toBeCloseTo(3, 2);
    expect(value(sheet, 'runs.r1.chip_hour_price')).toBeCloseTo(Math.sqrt(6), 12);
    const mfu = sampler.spread(sampler.cell('runs', 'r1', 'mfu') as Float64Array, 1);
    expect(mfu.p5).toBeCloseTo(0.36, 3);
    expect(mfu.p95).toBeCloseTo(0.44, 3);
  });

  test('cells of one column share half their rank, cells of two columns share none', () => {
    const sheet = sheetOf(uncertain(TWO));
    expect(correlation(samples(sheet, 'r1', 'chip_hour_price'), samples(sheet, 'r2', 'chip_hour_price'))).toBeCloseTo(
      0.5,
      1,
    );
    expect(Math.abs(correlation(samples(sheet, 'r1', 'mfu'), samples(sheet, 'r1', 'chip_hour_price')))).toBeLessThan(
      0.03,
    );
  });
});

describe('the same samples', () => {
  test('adding, editing and removing a row leaves every other sample as it was, to the bit', () => {
    const plan = uncertain(TWO);
    const before = samples(sheetOf(plan), 'r1', 'total_cost');
    const added = applyCommands(plan, [
      {
        row: ['runs', 'r0'],
        to: {
          at: 0,
          cells: {
            params_total: '1B',
            tokens: '1T',
            hardware: 'h100-sxm',
            chips: '8',
            mfu: '0.2 to 0.3',
            chip_hour_price: '1 to 2',
          },
        },
      },
    ]).plan;
    expect(samples(sheetOf(added), 'r1', 'total_cost')).toEqual(before);
    const removed = applyCommands(added, [
      { row: ['runs', 'r2'], to: null },
      { row: ['runs', 'r0'], to: null },
    ]).plan;
    expect(samples(sheetOf(removed), 'r1', 'total_cost')).toEqual(before);
    const again = applyCommands(removed, [{ row: ['runs', 'r9'], to: { at: 0, cells: { mfu: '0.1 to 0.2' } } }]).plan;
    expect(samples(sheetOf(again), 'r1', 'total_cost')).toEqual(before);
  });

  test('through a file and a structured clone', () => {
    const plan = uncertain(TWO);
    const before = samples(sheetOf(plan), 'r2', 'total_cost');
    expect(samples(sheetOf(parsePlanFile(writePlanFile(plan)).plan), 'r2', 'total_cost')).toEqual(before);
    expect(samples(sheetOf(structuredClone(plan)), 'r2', 'total_cost')).toEqual(before);
  });

  test('another seed, other samples', () => {
    const sheet = sheetOf(uncertain(TWO));
    expect(samples(sheet, 'r1', 'mfu', { samples: 64, seed: 1 })).not.toEqual(
      samples(sheet, 'r1', 'mfu', { samples: 64, seed: 2 }),
    );
  });
});

test('the total’s samples are the sum of the rows’ samples', () => {
  const sheet = sheetOf(uncertain(TWO));
  const sampler = new Sampler(sheet, { samples: 512, seed: 3 });
  const column = sheet.column('runs', 'total_cost')!;
  const total = sampler.node(totalNode(sheet, 'runs', column)) as Float64Array;
  const a = samples(sheet, 'r1', 'total_cost', { samples: 512, seed: 3 });
  const b = samples(sheet, 'r2', 'total_cost', { samples: 512, seed: 3 });
  for (let i = 0; i < total.length; i++) expect(total[i]).toBeCloseTo((a[i] as number) + (b[i] as number), 6);
});

test('a scenario that scales a cost by a constant differs by exactly that in every sample: deltas are paired', () => {
  const plan = uncertain(TWO);
  const base = sheetOf(plan);
  const other = sheetOf(applyCommands(plan, [{ set: ['runs', 'r2', 'included'], to: 'no' }]).plan);
  const row = compareTotals(base, other).find((own) => own.id === 'total_cost')!;
  const r2 = new Sampler(base, { samples: plan.settings.samples, seed: plan.settings.seed });
  const spread = r2.spread(r2.cell('runs', 'r2', 'total_cost') as Float64Array, 1);
  expect(row.deltaP90).toBeCloseTo(-spread.p10, 3);
  expect(row.deltaP10).toBeCloseTo(-spread.p90, 3);
});

test('percentiles in formulas are evaluated in stages', () => {
  const plan = uncertain(TWO);
  const sheet = sheetOf({
    ...plan,
    tables: {
      ...plan.tables,
      costs: [
        {
          key: 'reserve',
          cells: { quantity: '1', unit_cost: '=p90(sum(runs.total_cost)) - median(sum(runs.total_cost))' },
        },
      ],
    },
  });
  const sampler = new Sampler(sheet, { samples: plan.settings.samples, seed: plan.settings.seed });
  const spread = sampler.spread(
    sampler.node(totalNode(sheet, 'runs', sheet.column('runs', 'total_cost')!)) as Float64Array,
    1,
  );
  expect(value(sheet, 'costs.reserve.amount')).toBeCloseTo(spread.p90 - spread.p50, 1);
});

test('drivers are ordered by their swing and name what varies', () => {
  const sheet = sheetOf(uncertain(TWO));
  const view = distributionOf(sheet, { cell: { table: 'runs', row: 'r1', column: 'total_cost' } }, 1, 'USD')!;
  expect(view.drivers.map((driver) => driver.id)).toEqual(['runs.r1.chip_hour_price', 'runs.r1.mfu']);
  // Price alone at its P10 and P90: central cost times exp(∓1.2816·ln(1.5)/2/1.6449).
  const swing = Math.exp((1.2815515655 * Math.log(1.5)) / 2 / 1.6448536);
  expect((view.drivers[0]?.high ?? 0) / view.central).toBeCloseTo(swing, 4);
  expect(view.histogram.counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(16_000);
});

test('drivers: of a product of two inputs, each total index is its first-order share and what they do together', () => {
  const sheet = sheetOf({ assumptions: 'key | value\nx | uniform(0, 2)\ny | uniform(0, 2)\nz | =x * y' });
  const { drivers } = distributionOf(sheet, { cell: { table: 'assumptions', row: 'z', column: 'value' } }, 1, '')!;
  // Var x = 1/3, mean 1: Var(xy) = 1/9 + 2/3; first order (1/3)/(7/9) = 3/7, total 4/7.
  for (const driver of drivers) {
    expect(driver.share).toBeCloseTo(3 / 7, 1);
    expect(driver.total).toBeCloseTo(4 / 7, 1);
  }
  expect(drivers).toHaveLength(2);
});
