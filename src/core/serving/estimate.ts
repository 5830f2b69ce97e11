import type { ServingBottleneck, TpotParts } from './bottleneck.ts';
import { bottleneckOf, partsOf } from './bottleneck.ts';
import type { ClosedLoop } from './closed-loop.ts';
import { closedLoop } from './closed-loop.ts';
import type { Deployment, Resolved } from './deployment.ts';
import { resolveDeployment } from './deployment.ts';
import { usualFormats } from './format.ts';
import { remedies } from './memory.ts';
import type { ServingFit } from './serving-fit.ts';
import { prefillStep, stepSeconds } from './step.ts';

/** Closed-loop answer of a whole deployment. */
export interface ServingEstimate {
  readonly fits: true;
  readonly resolved: Resolved;
  readonly ttft: number;
  readonly tpot: number;
  /** p10 and p90 by the errors on models the fit had not seen. */
  readonly tpotLow: number;
  readonly tpotHigh: number;
  readonly endToEnd: number;
  readonly outputTokensPerS: number;
  readonly outputTokensPerSPerChip: number;
  readonly requestsPerS: number;
  readonly tokensPerSPerUser: number;
  /** Sequences the deployment's memory holds. */
  readonly maxBatch: number;
  readonly bottleneck: ServingBottleneck;
  readonly parts: TpotParts;
  /** Share of chip time spent on prompts. */
  readonly prefillShare: number;
  /** Share of the dense peak used for model FLOP (prompts and answers), and of memory bandwidth while decoding. */
  readonly mfu: number;
  readonly bandwidthShare: number;
  readonly notes: readonly string[];
}

/** A deployment that does not fit: by how much, and what would. */
export interface DoesNotFit {
  readonly fits: false;
  readonly resolved: Resolved;
  readonly missingBytesPerChip: number;
  readonly message: string;
  readonly remedies: readonly string[];
}

const GIB = 2 ** 30;

function doesNotFit(r: Resolved): DoesNotFit {
  const d = r.deployment;
  const tokens = d.request.inputTokens + d.request.outputTokens;
  const found = remedies(
    r.profile,
    d.hardware,
    r.replica.layout,
    tokens,
    (precision) => usualFormats(precision, r.profile.hasExperts, d.kv),
    d.precision,
  );
  const text = found.map((x) =>
    x.change === 'chips'
      ? `${x.to} chips per replica`
      : x.change === 'precision'
        ? `${String(x.to)} weights`
        : `at most ${x.to} tokens per request`,
  );
  return {
    fits: false,
    resolved: r,
    missingBytesPerChip: r.memory.missingBytes,
    message: `The model and one request of ${Math.round(tokens)} tokens need ${(r.memory.missingBytes / GIB).toFixed(1)} GiB more on each chip than there is.`,
    remedies: text,
  };
}

/** Closed-loop estimate of `concurrency` requests in flight over the whole deployment (not per replica). */
export function estimateServing(d: Deployment, fit: ServingFit, concurrency: number): ServingEstimate | DoesNotFit {
  return estimateResolved(resolveDeployment(d, fit), fit, concurrency);
}

/** The same for a deployment already resolved. */
export function estimateResolved(r: Resolved, fit: ServingFit, concurrency: number): ServingEstimate | DoesNotFit {
  if (r.memory.maxBatch < 1) return doesNotFit(r);
  const d = r.deployment;
  const separate = r.prefillReplica !== null;
  const perReplica = concurrency / r.replicas;
  const own = closedLoop(r.replica, r.efficiency, d.request, perReplica, r.memory.maxBatch, separate);
  const loop = r.prefillReplica === null ? own : disaggregated(r, own, perReplica);
  const parts = partsOf(loop);
  const chips = d.chips;
  const requestsPerS = loop.requestsPerS * r.replicas;
  const outputTokensPerS = requestsPerS * d.request.outputTokens;
  const band = fit.bands[r.profile.hasExperts ? 'moe' : 'dense'];
  const busyPrefill = (loop.requestsPerS * loop.prefillSeconds) / Math.max(1, r.replica.layout.dp);
  const peak = d.hardware.bf16FlopPerS;
  const modelFlop =
    2 *
    r.profile.paramsActive *
    requestsPerS *
    (d.request.inputTokens * (1 - (d.request.prefixHit ?? 0)) + d.request.outputTokens);
  return {
    fits: true,
    resolved: r,
    ttft: loop.ttft,
    tpot: loop.tpot,
    tpotLow: loop.tpot * Math.exp(band.low),
    tpotHigh: loop.tpot * Math.exp(band.high),
    endToEnd: loop.endToEnd,
    outputTokensPerS,
    outputTokensPerSPerChip: outputTokensPerS / chips,
    requestsPerS,
    tokensPerSPerUser: 1 / loop.tpot,
    maxBatch: r.memory.maxBatch * r.replicas,
    bottleneck: bottleneckOf(loop, perReplica),
    parts,
    prefillShare: separate ? (d.prefillChips ?? 0) / chips : Math.min(1, busyPrefill),
    mfu: modelFlop / (chips * peak),
    bandwidthShare: Math.min(
      1,
      (loop.step.weightRead * r.efficiency.weightRead + loop.step.cache * r.efficiency.cacheRead) /
        stepSeconds(loop.step),
    ),
    notes: r.notes,
  };
}

/** Prompts on chips of their own: their seconds, a queue before them, and the transfer of the cache. */
function disaggregated(r: Resolved, own: ClosedLoop, concurrency: number): ClosedLoop {
  const d = r.deployment;
  const replica = r.prefillReplica;
  if (replica === null) return own;
  const cached = d.request.inputTokens * (d.request.prefixHit ?? 0);
  const prefill = prefillStep(
    replica,
    r.efficiency,
    d.request.inputTokens,
    Math.min(cached, d.request.inputTokens - 1),
  );
  const workers = (d.prefillChips ?? 0) / replica.layout.tp / r.replicas;
  const transfer = r.memory.cacheBytesPerSequence / d.hardware.scaleOutBandwidth;
  const decodeSeconds = (d.request.outputTokens - 1) * own.tpot;
  const limit = workers / prefill.work;
  const unqueued = concurrency / (prefill.total + transfer + decodeSeconds);
  const requestsPerS = Math.min(unqueued, limit);
  const endToEnd = concurrency / requestsPerS;
  return { ...own, requestsPerS, endToEnd, ttft: endToEnd - decodeSeconds, prefillSeconds: prefill.total };
}
