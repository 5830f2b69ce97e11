import { describe, expect, test } from 'vitest';
import { findLaw, fitLaw, lawPoint, lossFunction, overTraining, parsePoints } from '../../src/core/scaling/index.ts';
import { scale } from '../../renderer/charts/scale.ts';
import { answers } from '../../renderer/labs/scaling/answers.ts';
import { exampleRuns } from '../../renderer/labs/scaling/example.ts';
import { drawFit } from '../../renderer/labs/scaling/fit-curves.ts';
import { fitPoints, type FitTold } from '../../renderer/labs/scaling/fit-jobs.ts';
import { plain, stride } from '../../renderer/labs/scaling/numbers.ts';
import { chipRate } from '../../renderer/labs/scaling/pricing.ts';

const FORM = {
  law: 'besiroglu2024',
  budget: '1e24',
  unit: 'flop',
  priced: '',
  mfu: 40,
  chips: 1024,
  price: 0,
  sizePower: -1,
  unique: 0.5,
  readTokens: 5,
  writtenTokens: 1,
  serveMfu: 10,
} as const;

describe('answers of a budget', () => {
  const law = findLaw('besiroglu2024');
  const point = lawPoint(law, { flop: 1e24 });
  const list = answers(law, point, '1e24 FLOP', FORM, null, null, lossFunction(law));

  test('are the optimum, another size, few data and a long life, each with formulas to pin', () => {
    expect(list.map((answer) => answer.id)).toEqual(['optimum', 'size', 'data', 'life']);
    for (const answer of list) {
      if ('why' in answer) throw new Error(answer.why);
      expect(answer.pin.cells['params_total']).toMatch(/^=.*"besiroglu2024"/);
      expect(answer.pin.cells['params_total']).toContain('1e24 FLOP');
      expect(6 * answer.params * answer.tokens).toBeCloseTo(answer.flop, -12);
    }
    const half = list[1] as { loss: number };
    expect(half.loss).toBeCloseTo(overTraining(law, 1e24, { factor: 0.5 }).loss, 12);
  });

  test('say why a law without a loss cannot give them', () => {
    const other = findLaw('deepseek2024');
    const few = answers(other, lawPoint(other, { flop: 1e20 }), '1e20 FLOP', FORM, null, null, null);
    expect(few.filter((answer) => 'why' in answer).map((answer) => answer.id)).toEqual(['size', 'data', 'life']);
  });
});

describe('fitting step by step', () => {
  const steps = (text: string, draws: number): FitTold[] => {
    const told: FitTold[] = [];
    fitPoints({ text, columns: {}, fit: { starts: 40 }, draws }, (step) => told.push(step));
    return told;
  };

  test('tells points and fit together, then progress, then the fit with intervals', () => {
    const told = steps(exampleRuns(), 200);
    const first = told.find((step) => step.result);
    expect(first!.points!.loss).toHaveLength(42);
    expect(first!.result!.bootstrap).toBeNull();
    expect(told.some((step) => step.progress !== null && step.progress > 0 && step.progress < 1)).toBe(true);
    expect(told.at(-1)!).toMatchObject({ progress: null });
    expect(told.at(-1)!.result!.bootstrap!.draws).toBe(200);
    // The example is drawn from alpha 0.348, beta 0.366 with scatter of 0.2 %.
    expect(told.at(-1)!.result!.constants!.a).toBeCloseTo(0.366 / (0.348 + 0.366), 1);
  });

  test('tells the points of a table that cannot be fitted, so that they can be mended', () => {
    const told: FitTold[] = [];
    const run = () =>
      fitPoints({ text: 'params,tokens,loss\n1e8,2e9,3.4\n2e8,2e9,3.2', columns: {}, fit: {}, draws: 10 }, (step) =>
        told.push(step),
      );
    expect(run).toThrow(/at least 6/);
    expect(told.at(-1)).toMatchObject({ result: null });
    expect(told.at(-1)!.points!.loss).toHaveLength(2);
  });
});

describe('curves through own runs', () => {
  const points = parsePoints(exampleRuns());

  test('are solid among the runs only, with the minimum of the law', () => {
    const fit = fitLaw(points, { starts: 40 });
    const drawing = drawFit(points, fit);
    expect(drawing.curves).toHaveLength(6);
    for (const curve of drawing.curves) {
      const own = drawing.points.filter((p) => drawing.curves[p.curve] === curve).map((p) => p.params);
      for (const at of curve.line)
        expect(at.inside).toBe(at.params >= Math.min(...own) * 0.999 && at.params <= Math.max(...own) * 1.001);
      expect(curve.minimum!.loss).toBeLessThanOrEqual(Math.min(...curve.line.map((at) => at.loss)) + 1e-6);
    }
  });

  test('say why a budget has no minimum', () => {
    const rows = ['flop,params,loss'];
    for (const [flop, bend] of [
      [1e18, 0.4],
      [3e18, -0.3],
      [1e19, 0.4],
    ] as const)
      for (let x = -0.6; x < 0.7; x += 0.2)
        rows.push(`${flop},${0.1 * Math.sqrt(flop) * 10 ** x},${3.3 + bend * x * x}`);
    const runs = parsePoints(rows.join('\n'));
    const drawing = drawFit(runs, fitLaw(runs, { method: 'isoflop' }));
    expect(drawing.curves.map((curve) => curve.why)).toEqual(['', 'upside-down parabola', '']);
    expect(drawing.curves[1]!.minimum).toBeNull();
  });
});

test('a chip-hour is peak times share times an hour, at the price given or the catalog’s', () => {
  const chip = {
    key: 'x',
    name: 'X',
    peakFlopPerS: 1e15,
    memoryBytes: 8e10,
    usdPerChipHour: 2,
    priceAsOf: '2026-10-06',
    wattsPerChip: 1300,
  };
  expect(chipRate(chip, 0.4, 0)).toMatchObject({
    flopPerChipHour: 1.44e18,
    costPerFlop: 2 / 1.44e18,
    kwhPerChipHour: 1.3,
  });
  expect(chipRate(chip, 0.4, 3)!.costPerFlop).toBe(3 / 1.44e18);
  expect(chipRate({ ...chip, usdPerChipHour: null }, 0.4, 0)!.costPerFlop).toBeNull();
  expect(chipRate(chip, 1.4, 0)).toBeNull();
});

test('numbers are written as formulas read them, and thinning is not in step with tables', () => {
  expect([0.5, 7e9, 1.2345e12, 5.76e23, 12].map((value) => plain(value))).toEqual([
    '0.5',
    '7e9',
    '1.235e12',
    '5.76e23',
    '12',
  ]);
  expect(stride(1000, 2000)).toBe(1);
  for (const every of [stride(1e6, 1500), stride(1e5, 2000)])
    for (const by of [2, 3, 5]) expect(every % by).not.toBe(0);
});

test('a logarithmic axis goes there and back, with round ticks', () => {
  const axis = scale({ low: 1e18, high: 1e26, log: true, label: '', format: String }, 0, 800, 72);
  expect(axis.at(1e22)).toBeCloseTo(400, 9);
  expect(axis.invert(400)).toBeCloseTo(1e22, -12);
  expect(axis.ticks.every((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9))).toBe(true);
  const line = scale({ low: 1.9, high: 2.3, log: false, label: '', format: String }, 200, 0, 32);
  expect(line.ticks[0]).toBeCloseTo(1.9, 9);
});
