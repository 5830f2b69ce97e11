import { FlopsheetError } from '../errors.ts';

/** What a queue says: a steady state, or that there is none. Times in multiples of the mean service time. */
export type QueueAnswer =
  | { readonly stable: true; readonly waitProbability: number; readonly meanWait: number; readonly p99Wait: number }
  | { readonly stable: false; readonly reason: string };

const unstable = (rho: number): QueueAnswer => ({
  stable: false,
  reason: `Work arrives at ${(100 * rho).toFixed(0)} % of what can be served: the queue grows without end.`,
});

function checkLoad(rho: number): void {
  if (!(rho >= 0) || !Number.isFinite(rho))
    throw new FlopsheetError(
      'queue-load',
      `The load is ${rho}: it is arrival rate times service time over servers, from 0.`,
      {
        where: 'load',
        hint: 'Give a rate and a service time above zero.',
      },
    );
}

/**
 * Mean wait of a single server with Poisson arrivals (Pollaczek-Khinchine): rho (1 + cv2) / (2 (1 - rho)) service times.
 * `cv2` is the squared coefficient of variation of the service time; 0 constant, 1 exponential. `null` when unstable.
 */
export function mg1MeanWait(rho: number, cv2: number): number | null {
  checkLoad(rho);
  return rho >= 1 ? null : (rho * (1 + cv2)) / (2 * (1 - rho));
}

/** Chance that an arrival finds all `servers` busy (Erlang C), at load `rho` per server below 1; by Erlang B's recursion. */
export function erlangC(servers: number, rho: number): number {
  const offered = servers * rho;
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (offered * blocked) / (k + offered * blocked);
  return blocked / (1 - rho * (1 - blocked));
}

/** M/M/c: chance to wait, mean wait, and the wait exceeded by 1 %: ln(C / 0.01) / (c (1 - rho)), 0 when fewer than 1 % wait. */
export function mmcWait(servers: number, rho: number): QueueAnswer {
  checkLoad(rho);
  if (rho >= 1) return unstable(rho);
  const waits = erlangC(servers, rho);
  const rate = servers * (1 - rho);
  return {
    stable: true,
    waitProbability: waits,
    meanWait: waits / rate,
    p99Wait: Math.max(0, Math.log(waits / 0.01) / rate),
  };
}
