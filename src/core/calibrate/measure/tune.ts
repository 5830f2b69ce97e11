/** Hill-climb over configurations of the matrix product within a time budget: the portable starts first, then neighbours. */
import { configName, fits, MATMUL_STARTS, neighbours, type MatmulConfig, type MatmulData } from '../kernels/matmul.ts';
import { medianOf } from '../quantile.ts';
import { DeviceLost, type GpuBench } from './bench.ts';
import type { Tuning } from './report.ts';

export interface Tuned {
  /** Best first, at most three; every one agreed with its reference. */
  readonly winners: readonly MatmulConfig[];
  readonly tuning: Tuning;
  readonly refused: readonly { readonly name: string; readonly why: string }[];
}

/** The starts, with one of the subgroup family where the device has subgroups of one known size. */
export function startsFor(subgroupSize: readonly [number, number] | null): MatmulConfig[] {
  const [least, most] = subgroupSize ?? [0, 1];
  if (least !== most || least < 4 || least > 64) return [...MATMUL_STARTS];
  return [
    ...MATMUL_STARTS,
    { family: 'subgroup', rows: 4, columns: 4, across: least, down: Math.max(1, 64 / least), depth: 4 },
  ];
}

/** Searches until nothing near the best is better, or the deadline (ms of the bench's clock). */
export async function tune(
  bench: GpuBench,
  data: MatmulData,
  starts: readonly MatmulConfig[],
  deadline: number,
  go: () => boolean,
  tell: (explored: number) => void,
): Promise<Tuned> {
  const seconds = new Map<string, { config: MatmulConfig; s: number }>();
  const tried = new Set<string>();
  const refused: { name: string; why: string }[] = [];
  const late = (): boolean => bench.now() >= deadline || !go();

  const measure = async (config: MatmulConfig): Promise<void> => {
    const name = configName(config);
    if (tried.has(name) || !fits(data.shape, config)) return;
    tried.add(name);
    const problem = data.problem(config);
    if (bench.refusal(problem.kernel) !== '') return;
    try {
      const ready = await bench.ready(problem);
      try {
        const verdict = await bench.verify(ready, problem);
        if (verdict.mismatches > 0)
          refused.push({
            name: `${problem.kernel.name} ${name}`,
            why: `${verdict.mismatches} of ${verdict.checked} results are wrong`,
          });
        else seconds.set(name, { config, s: await bench.quick(ready, 2) });
      } finally {
        ready.release();
      }
    } catch (error) {
      if (error instanceof DeviceLost) throw error;
      refused.push({ name: `${problem.kernel.name} ${name}`, why: (error as Error).message });
    }
    tell(seconds.size);
  };
  const best = (): { config: MatmulConfig; s: number }[] => [...seconds.values()].sort((a, b) => a.s - b.s);

  for (const config of starts) {
    // One working kernel is needed whatever the budget.
    if (late() && seconds.size > 0) break;
    await measure(config);
  }
  for (let climbing = true; climbing && !late();) {
    const from = best()[0];
    if (!from) break;
    for (const config of neighbours(from.config)) {
      if (late()) break;
      await measure(config);
    }
    climbing = best()[0] !== from;
  }
  const order = best();
  const rates = order.map(({ s }) => (2 * data.shape.m * data.shape.n * data.shape.k) / s);
  return {
    winners: order.slice(0, 3).map(({ config }) => config),
    tuning: {
      explored: order.length,
      budgetHit: bench.now() >= deadline,
      best: rates[0] ?? NaN,
      median: rates.length > 0 ? medianOf(rates) : NaN,
      worst: rates.at(-1) ?? NaN,
    },
    refused,
  };
}
