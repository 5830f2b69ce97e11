/** Serving: events of the simulation per second of wall time on one core, and an SLO search as the screen asks it. */
import { linearSteps, simulateServing } from '../../src/core/serving/simulate.ts';
import { SHIPPED_SERVING_FIT } from '../../src/core/serving/shipped-fit.ts';
import { searchWithinLimits } from '../../src/core/serving/slo.ts';
import { context, known } from '../core/cluster/shipped-fit.ts';
import { figure, type BenchResult } from './measure.ts';

/** The event simulation of queueing_des_continuous_batching.csv at load 0.9: 200,000 requests, best of five runs. */
export function servingSimulation(): BenchResult[] {
  const steps = linearSteps(0.0165, 0.00018, 5.5e-5, 64);
  const traffic = { requestsPerS: 5.3444, inputTokens: 1024, outputTokens: 256 };
  const requests = 200_000;
  let best = Infinity;
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    simulateServing(steps, traffic, { requests, seed: run + 1 });
    best = Math.min(best, performance.now() - start);
  }
  const rate = (1000 * requests) / best;
  return [figure('serving_simulation', rate, 'requests/s', 200_000, 'at least 200,000 requests/s on one core', 'more')];
}

/** Cheapest way to hold p99 TTFT 2 s and 30 tok/s per user: Llama 70B on 8 H100, every layout at three precisions. */
export function servingSearch(): BenchResult[] {
  const d = {
    architecture: known(context.architecture('Llama-3.1-70B')),
    hardware: known(context.hardware('H100')),
    chips: 8,
    engine: null,
    precision: 'fp8',
    request: { inputTokens: 1024, outputTokens: 256 },
  } as const;
  const level = { ttftP99: 2, tokensPerSPerUser: 30 };
  const search = (): void => void searchWithinLimits(d, SHIPPED_SERVING_FIT, level, 2, ['bf16', 'fp8', 'fp4']);
  search();
  const start = performance.now();
  search();
  const seconds = (performance.now() - start) / 1000;
  return [figure('serving_slo_search', seconds, 's', 2, 'interactive: at most 2 s', 'less')];
}
