import type { Efficiency } from './efficiency.ts';
import type { Replica, StepParts } from './step.ts';
import { decodeStep, prefillStep, stepSeconds } from './step.ts';

/** What each request looks like, and what speeds it up. */
export interface Request {
  /** Mean input and output length (tokens). */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Share of input tokens found in the prefix cache. */
  readonly prefixHit?: number;
  /** Draft tokens per step and the chance each is accepted; `draftCost` is the draft's share of a step. */
  readonly speculation?: { readonly draftTokens: number; readonly acceptance: number; readonly draftCost: number };
}

/** Tokens one step yields under speculative decoding: (1 - a^(g+1)) / (1 - a), Leviathan et al. 2023. */
export function tokensPerStep(draftTokens: number, acceptance: number): number {
  return acceptance >= 1 ? draftTokens + 1 : (1 - acceptance ** (draftTokens + 1)) / (1 - acceptance);
}

/** Steady state of a fixed number of requests in flight. Seconds; tokens per second of the whole replica. */
export interface ClosedLoop {
  readonly ttft: number;
  readonly tpot: number;
  readonly endToEnd: number;
  /** Requests that decode at a time, and that the replica holds (memory may hold fewer than asked). */
  readonly decoding: number;
  readonly resident: number;
  readonly requestsPerS: number;
  readonly outputTokensPerS: number;
  readonly step: StepParts;
  /** Seconds per output token lost to prefills of others. */
  readonly interference: number;
  readonly prefillSeconds: number;
}

/**
 * Closed loop of `concurrency` requests on a replica whose memory holds `maxBatch` of them. TPOT and the number of
 * requests that decode depend on each other; the fixed point is found by iteration. `separatePrefill`: prompts are
 * computed on other chips (disaggregated), so nothing interferes.
 */
export function closedLoop(
  r: Replica,
  e: Efficiency,
  q: Request,
  concurrency: number,
  maxBatch = Infinity,
  separatePrefill = false,
): ClosedLoop {
  const cached = Math.min(q.inputTokens - 1, q.inputTokens * (q.prefixHit ?? 0));
  const prefill = prefillStep(r, e, q.inputTokens, Math.max(0, cached));
  const context = q.inputTokens + q.outputTokens / 2;
  const spec = q.speculation;
  const queries = spec === undefined ? 1 : 1 + spec.draftTokens;
  const yielded = spec === undefined ? 1 : tokensPerStep(spec.draftTokens, spec.acceptance);
  const slower = spec === undefined ? 1 : 1 + spec.draftCost;
  const resident = Math.max(Math.min(concurrency, maxBatch), Math.min(1, concurrency));
  const groups = r.layout.dp;
  let decoding = resident;
  let step = decodeStep(r, e, decoding, context, queries);
  let lost = 0;
  let tpot = 0;
  let waiting = 0;
  for (let i = 0; i < 12; i++) {
    step = decodeStep(r, e, decoding, context, queries);
    const others = separatePrefill ? 0 : Math.max(0, resident - 1) * (decoding / resident);
    lost = (e.interference * (others / groups) * prefill.work) / q.outputTokens;
    tpot = (stepSeconds(step) * slower) / yielded + lost;
    waiting = (e.prefillQueue * Math.max(0, resident - 1) * prefill.work) / groups;
    const decodeTime = q.outputTokens * tpot;
    const next = Math.max(Math.min(1, resident), (resident * decodeTime) / (decodeTime + prefill.total + waiting));
    if (Math.abs(next - decoding) < 1e-6 * resident) break;
    decoding = 0.5 * (decoding + next);
  }
  const inService = prefill.total + waiting + (q.outputTokens - 1) * tpot + stepSeconds(step);
  // Requests beyond the memory wait outside for a place: Little's law on the places.
  const queued = concurrency > resident ? ((concurrency - resident) / resident) * inService : 0;
  const ttft = prefill.total + waiting + stepSeconds(step) + queued;
  const endToEnd = ttft + (q.outputTokens - 1) * tpot;
  const requestsPerS = concurrency / endToEnd;
  return {
    ttft,
    tpot,
    endToEnd,
    decoding,
    resident,
    requestsPerS,
    outputTokensPerS: requestsPerS * q.outputTokens,
    step,
    interference: lost,
    prefillSeconds: prefill.total,
  };
}
