/** Every family of kernels on small, ragged shapes, compared with its reference: what a CI job runs where there is no GPU. */
import { attentionProblem } from '../kernels/attention.ts';
import { dot4Problem } from '../kernels/dot4.ts';
import { fmaProblem } from '../kernels/fma.ts';
import type { Problem, Verdict } from '../kernels/kernel.ts';
import { configName, fits, MATMUL_STARTS, MatmulData, neighbours, type MatmulConfig } from '../kernels/matmul.ts';
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

export interface CorrectnessReport {
  readonly rows: readonly CorrectnessRow[];
  /** Kernels broken on purpose; each must show mismatches, or the check is worth nothing. */
  readonly planted: readonly CorrectnessRow[];
}

/** Kernels with a fault in their text: the last four terms of a sum dropped, the mask forgotten, a scale half a per mille off. */
export function plantedFaults(): { readonly name: string; readonly problem: Problem }[] {
  const product = new MatmulData({ m: 64, n: 64, k: 64 }, 'f32').problem(MATMUL_STARTS[0] as MatmulConfig);
  const attention = attentionProblem({ heads: 1, sequence: 64, head: 64 });
  const norm = rowProblem('rmsnorm', 2, 256);
  const copy = streamProblem('copy', 4096);
  const broken = (name: string, problem: Problem, from: string, to: string): { name: string; problem: Problem } => {
    const wgsl = problem.kernel.wgsl.replace(from, to);
    return { name, problem: { ...problem, kernel: { ...problem.kernel, wgsl } } };
  };
  return [
    broken('matmul without its last terms', product, 'q < 16u', 'q < 15u'),
    broken('attention that sees the future', attention, 'block * 32u + j <= row', 'block * 32u + j <= row + 1u'),
    broken('RMS norm at half precision', norm, 'let scale = ', 'let scale = 1.0005 * '),
    broken('copy that leaves one vector out', copy, 'i < 256u', 'i < 255u'),
  ];
}

/** Verdicts of all problems on a device, and of the planted faults. */
export async function correctness(
  bench: GpuBench,
  subgroupSize: readonly [number, number] | null,
): Promise<CorrectnessReport> {
  const judge = async ({ name, problem }: { name: string; problem: Problem }): Promise<CorrectnessRow> => {
    const why = bench.refusal(problem.kernel);
    if (why !== '') return { name, verdict: null, why };
    const ready = await bench.ready(problem);
    const verdict = await bench.verify(ready, problem);
    ready.release();
    return { name, verdict, why: '' };
  };
  const rows: CorrectnessRow[] = [];
  for (const own of correctnessProblems(subgroupSize)) rows.push(await judge(own));
  const planted: CorrectnessRow[] = [];
  for (const own of plantedFaults()) planted.push(await judge(own));
  return { rows, planted };
}
