/**
 * How cost grows: time and memory over rows, samples and layouts, with the exponent of a straight line through the
 * logarithms. An exponent of 1 is linear.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { searchLayouts, trainingSetup } from '../../src/core/cluster/index.ts';
import { newPlan } from '../../src/core/document/new-plan.ts';
import { Spreads } from '../../src/core/sheet/spreads.ts';
import type { Sheet } from '../../src/core/sheet/sheet.ts';
import { context, known, shippedFit } from '../core/cluster/shipped-fit.ts';
import { chainData, chainSheet, changePasses } from './chain.ts';
import { figure, milliseconds, once, type BenchResult } from './measure.ts';
import { planOf10k, sheetOf10k } from './plan-10k.ts';

type Point = { readonly n: number; readonly ms: number; readonly mb?: number };

/** Least squares of ln y over ln n. */
function exponent(points: readonly { readonly n: number }[], y: (point: never) => number): number {
  const pairs = points.map((point) => [Math.log(point.n), Math.log(y(point as never))] as const);
  const mean = (k: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
  const [x, z] = [mean(0), mean(1)];
  const dot = (f: (pair: readonly [number, number]) => number): number => pairs.reduce((sum, pair) => sum + f(pair), 0);
  return dot((pair) => (pair[0] - x) * (pair[1] - z)) / dot((pair) => (pair[0] - x) ** 2);
}

/** Milliseconds of the fastest of several runs: what other programs take does not count as growth. */
function fastest(job: () => void, runs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) best = Math.min(best, once(job));
  return best;
}

function growth(name: string, points: readonly Point[], limit: number, target: string): BenchResult {
  // Flat is as good as it gets: a slope below is noise.
  const value = Math.max(
    exponent(points, (point: Point) => point.ms),
    0.1,
  );
  return { ...figure(name, value, 'exponent', limit, target, 'less'), points };
}

function megabytes(collect: () => void): number {
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** One assumption changed and all rows recalculated; heap of the sheet beside it. */
export function growthOfRows(): BenchResult[] {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const points: Point[] = [];
  for (const n of [100, 1_000, 10_000, 100_000]) {
    const before = megabytes(collect);
    const sheet = chainSheet(chainData(n));
    sheet.recalculate();
    const mb = megabytes(collect) - before;
    let passes = 1;
    const ms = fastest(() => changePasses(sheet, (passes = passes === 1 ? 2 : 1)), n > 10_000 ? 15 : 200);
    points.push({ n, ms, mb });
  }
  // A hundred rows cost what one does; the slope is that of the large plans.
  const large = points.slice(1);
  const memory = exponent(large, (point: Point) => point.mb as number);
  return [
    { ...growth('growth_rows', large, 1.2, 'time at most linear, with a fifth for caches'), points },
    { ...figure('growth_rows_memory', memory, 'exponent', 1.1, 'memory at most linear', 'less'), points },
  ];
}

/** A row typed into plans of growing size with all built-in columns: an edit must not grow with the plan. */
export async function growthOfEdits(): Promise<BenchResult[]> {
  const plan = planOf10k();
  const points: Point[] = [];
  for (const n of [100, 1_000, 10_000]) {
    const part = { ...plan, tables: { ...plan.tables, runs: plan.tables.runs.slice(0, n) } };
    const sheet = sheetOf10k(part);
    let edit = 0;
    const ms = await milliseconds(
      () => {
        edit++;
        sheet.apply([{ set: ['runs', `r${edit % n}`, 'mfu'], to: (0.3 + (edit % 100) / 1000).toFixed(3) }]);
        sheet.recalculate();
      },
      { runs: 50, seconds: 0.4 },
    );
    points.push({ n, ms });
  }
  return [growth('growth_edit', points, 1, 'an edit grows less than the plan')];
}

const VARYING = { params_total: '7B', tokens: '1T', chips: '512', hardware: 'h100-sxm', mfu: '0.3 to 0.5' };

/** P10 to P90 of the chip-hours of twenty uncertain runs, over samples. */
export function growthOfSamples(): BenchResult[] {
  const runs = Array.from({ length: 20 }, (_, i) => ({ key: `r${i}`, cells: VARYING }));
  const points = [100, 1_000, 10_000, 100_000, 1_000_000].map((n) => {
    const sheet = sheetOf10k(newPlan({ samples: n }, { runs }));
    return { n, ms: once(() => spreadOfTotal(sheet)) };
  });
  return [{ ...growth('growth_samples', points.slice(2), 1.1, 'time at most linear'), points }];
}

function spreadOfTotal(sheet: Sheet): void {
  const column = sheet.column('runs', 'chip_hours');
  if (!column || !new Spreads(sheet).ofTotal('runs', column)) throw new Error('the total does not vary');
}

/** The layout search over ever more chips; the exponent is over layouts considered. */
export function growthOfLayouts(): BenchResult[] {
  const model = known(context.architecture('GPT-3 175B'));
  const hardware = known(context.hardware('H100'));
  const setup = trainingSetup({ seqLen: 2048, batchSeqs: 1536 });
  const points = [64, 256, 1024].map((chips) => {
    let considered = 0;
    const ms = fastest(() => (considered = searchLayouts(model, hardware, setup, chips, shippedFit, {}).considered), 3);
    return { n: considered, ms };
  });
  return [
    growth('growth_layouts', points, 1.2, 'search time at most linear in layouts considered, with a fifth for caches'),
  ];
}
