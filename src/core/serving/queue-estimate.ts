import type { Resolved } from './deployment.ts';
import { estimateResolved } from './estimate.ts';
import { mg1MeanWait, mmcWait } from './queueing.ts';
import { replicaSteps } from './open-loop.ts';
import type { ServingFit } from './serving-fit.ts';
import { capacityPerS } from './simulate.ts';

/** Waits by formula: prompts queue for the chips that compute them, requests queue for a place in the batch. */
export type QueueEstimate =
  | {
      readonly stable: true;
      /** Mean wait of a prompt behind others (M/G/1, Pollaczek-Khinchine), seconds. */
      readonly promptWait: number;
      /** Mean and p99 wait for a place (M/M/c with the batch as servers), seconds. */
      readonly placeWait: number;
      readonly placeWaitP99: number;
      /** Mean time to first token by formula, seconds. */
      readonly ttft: number;
    }
  | { readonly stable: false; readonly reason: string };

/**
 * Quick estimate of waits at an arrival rate, to judge the simulation by: prompts are of equal length (cv2 = 0), places are
 * held for the time an answer takes at the batch that rate keeps in flight. It knows nothing of steps: near capacity the
 * simulation is right and this is not.
 */
export function queueEstimate(r: Resolved, fit: ServingFit, requestsPerS: number): QueueEstimate {
  const table = replicaSteps(r);
  const { request } = r.deployment;
  const perReplica = requestsPerS / r.replicas;
  const capacity = capacityPerS(table.steps, request.inputTokens, request.outputTokens / table.tokensPerStep);
  const unstable = {
    stable: false,
    reason: `${requestsPerS.toPrecision(3)} requests/s arrive and at most ${(capacity * r.replicas).toPrecision(3)} can be served: the queue grows without end.`,
  } as const;
  if (!(perReplica < capacity)) return unstable;
  const most = table.steps.decodeSeconds.length - 1;
  // Requests in flight whose closed loop finishes at this rate.
  let low = 0;
  let high = most;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    const e = estimateResolved(r, fit, Math.max(1e-6, middle) * r.replicas);
    if (!e.fits) return { stable: false, reason: e.message };
    if (e.requestsPerS / r.replicas < perReplica) low = middle;
    else high = middle;
  }
  const e = estimateResolved(r, fit, Math.max(1e-6, high) * r.replicas);
  if (!e.fits) return { stable: false, reason: e.message };
  const work = table.steps.secondsPerPromptToken * request.inputTokens;
  const wait = mg1MeanWait(Math.min(0.999, perReplica * work), 0);
  const places = mmcWait(most, Math.min(0.999, (perReplica * e.endToEnd) / most));
  if (wait === null || !places.stable) return unstable;
  return {
    stable: true,
    promptWait: wait * work,
    placeWait: places.meanWait * e.endToEnd,
    placeWaitP99: places.p99Wait * e.endToEnd,
    ttft:
      wait * work +
      places.meanWait * e.endToEnd +
      work +
      table.outsideSeconds +
      table.steps.decodeSeconds[Math.max(1, Math.round(high))]!,
  };
}
