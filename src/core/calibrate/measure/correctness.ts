/** Every family of kernels on small, ragged shapes, compared with its reference: what a CI job runs where there is no GPU. */
import { attentionProblem } from '../kernels/attention.ts';
import { dot4Problem } from '../kernels/dot4.ts';
import { fmaProblem } from '../kernels/fma.ts';
import type { Problem, Verdict } from '../kernels/kernel.ts';
import { configName, fits, MatmulData, neighbours, type MatmulConfig } from '../kernels/matmul.ts';
import { rowProblem } from '../kernels/rows.ts';
import { streamProblem } from '../kernels/stream.ts';
import type { GpuBench } from './bench.ts';
import { startsFor } from './tune.ts';

export interface CorrectnessRow {
  readonly name: string;
  /** Null: the device cannot run it, and why. */
  readonly verdict: Verdict | null;
  readonly why: string;
}

/** All matmul configurations the search starts from and their neighbours, each once. */
export function allConfigs(subgroupSize: readonly [number, number] | null): MatmulConfig[] {
  const found = new Map<string, MatmulConfig>();
  for (const start of startsFor(subgroupSize))
    for (const config of [start, ...neighbours(start)]) found.set(configName(config), config);
  return [...found.values()];
}

/** The problems, with names that say the configuration. */
export function correctnessProblems(
  subgroupSize: readonly [number, number] | null,
): { readonly name: string; readonly problem: Problem }[] {
  // 100 rows and 68 columns fill no tile; 512 deep is where half-precision sums go wrong.
  const shapes = [
    { m: 100, n: 68, k: 96 },
    { m: 64, n: 64, k: 512 },
  ];
  const products = (['f32', 'f16'] as const).flatMap((dtype) =>
    shapes.flatMap((shape) => {
      const data = new MatmulData(shape, dtype);
      return startsFor(subgroupSize)
        .filter((config) => fits(shape, config))
        .map((config) => {
          const problem = data.problem(config);
          return { name: `${problem.kernel.name} ${configName(config)}`, problem };
        });
    }),
  );
  const others = [
    dot4Problem({ m: 70, n: 50, k: 132 }),
    ...(['copy', 'triad', 'read'] as const).map((kind) => streamProblem(kind, 3 * 4096)),
    fmaProblem(1000, 64, 4),
    fmaProblem(1000, 2, 1),
    attentionProblem({ heads: 2, sequence: 96, head: 64 }),
    rowProblem('softmax', 3, 1000),
    rowProblem('rmsnorm', 3, 1000),
  ].map((problem) => ({ name: problem.kernel.name, problem }));
  return [...products, ...others];
}

/** Verdicts of all problems on a device. */
export async function correctness(
  bench: GpuBench,
  subgroupSize: readonly [number, number] | null,
): Promise<CorrectnessRow[]> {
  const rows: CorrectnessRow[] = [];
  for (const { name, problem } of correctnessProblems(subgroupSize)) {
    const why = bench.refusal(problem.kernel);
    if (why !== '') {
      rows.push({ name, verdict: null, why });
      continue;
    }
    const ready = await bench.ready(problem);
    rows.push({ name, verdict: await bench.verify(ready, problem), why: '' });
    ready.release();
  }
  return rows;
}
