import type { Resolved } from './deployment.ts';
import type { LatencySummary, LengthKind, Simulation, StepModel } from './simulate.ts';
import { simulateServing } from './simulate.ts';
import { decodeStep, prefillStep, stepSeconds } from './step.ts';
import { tokensPerStep } from './closed-loop.ts';

/** Steps are tabulated up to this batch. */
const LARGEST_BATCH = 1024;

/** Step times of one replica for the event simulation, and what a request waits for outside the steps. */
export interface ReplicaSteps {
  readonly steps: StepModel;
  readonly outsideSeconds: number;
  /** Output tokens one simulated step stands for (more than 1 under speculative decoding). */
  readonly tokensPerStep: number;
}

/** Tabulates a replica's steps at the mean context of its requests. */
export function replicaSteps(r: Resolved): ReplicaSteps {
  const { request } = r.deployment;
  const spec = request.speculation;
  const queries = spec === undefined ? 1 : 1 + spec.draftTokens;
  const slower = spec === undefined ? 1 : 1 + spec.draftCost;
  const context = request.inputTokens + request.outputTokens / 2;
  const most = Math.max(0, Math.min(LARGEST_BATCH, r.memory.maxBatch));
  const at = (n: number): number => slower * stepSeconds(decodeStep(r.replica, r.efficiency, n, context, queries));
  const cached = Math.min(request.inputTokens - 1, request.inputTokens * (request.prefixHit ?? 0));
  const separate = r.prefillReplica;
  const prefill = prefillStep(separate ?? r.replica, r.efficiency, request.inputTokens, cached);
  return {
    steps: {
      decodeSeconds: Float64Array.from({ length: most + 1 }, (_, n) => at(Math.max(1, n))),
      secondsPerPromptToken:
        separate === null
          ? (r.efficiency.interference * prefill.work) / (request.inputTokens * r.replica.layout.dp)
          : 0,
    },
    outsideSeconds: separate === null ? prefill.overhead : prefill.total,
    tokensPerStep: spec === undefined ? 1 : tokensPerStep(spec.draftTokens, spec.acceptance),
  };
}

/** Open-loop answer of a whole deployment: requests arrive at a rate, whatever is still in flight. */
export type OpenLoop =
  | {
      readonly stable: true;
      readonly load: number;
      readonly capacityPerS: number;
      readonly ttft: LatencySummary;
      readonly tpot: LatencySummary;
      readonly endToEnd: LatencySummary;
      readonly meanBatch: number;
    }
  | { readonly stable: false; readonly load: number; readonly capacityPerS: number; readonly reason: string };

export interface OpenLoopOptions {
  readonly requests?: number;
  readonly seed?: number;
  readonly outputKind?: LengthKind;
  readonly onProgress?: (share: number) => boolean;
}

const shift = (s: LatencySummary, by: number): LatencySummary => ({
  mean: s.mean + by,
  p50: s.p50 + by,
  p95: s.p95 + by,
  p99: s.p99 + by,
});
const scale = (s: LatencySummary, by: number): LatencySummary => ({
  mean: s.mean * by,
  p50: s.p50 * by,
  p95: s.p95 * by,
  p99: s.p99 * by,
});

/** Simulates `requestsPerS` over the deployment, spread evenly over its replicas. Deterministic for a seed. */
export function openLoop(r: Resolved, requestsPerS: number, options: OpenLoopOptions = {}): OpenLoop {
  const table = replicaSteps(r);
  const { request } = r.deployment;
  const outputSteps = request.outputTokens / table.tokensPerStep;
  const run: Simulation = simulateServing(
    table.steps,
    {
      requestsPerS: requestsPerS / r.replicas,
      inputTokens: request.inputTokens,
      outputTokens: outputSteps,
      ...(options.outputKind === undefined ? {} : { outputKind: options.outputKind }),
    },
    {
      requests: options.requests ?? 20_000,
      seed: options.seed ?? 1,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    },
  );
  const capacity = run.capacityPerS * r.replicas;
  if (!run.stable)
    return {
      stable: false,
      load: run.load,
      capacityPerS: capacity,
      reason: `${requestsPerS.toPrecision(3)} requests/s arrive and the deployment serves at most ${capacity.toPrecision(3)}: the queue grows without end.`,
    };
  return {
    stable: true,
    load: run.load,
    capacityPerS: capacity,
    ttft: shift(run.ttft, table.outsideSeconds),
    tpot: scale(run.tpot, 1 / table.tokensPerStep),
    endToEnd: shift(run.endToEnd, table.outsideSeconds),
    meanBatch: run.meanBatch * r.replicas,
  };
}
