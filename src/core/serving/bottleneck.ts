import type { ClosedLoop } from './closed-loop.ts';
import { stepSeconds } from './step.ts';

/** What limits a deployment. */
export const SERVING_BOTTLENECKS = ['compute', 'memory_bandwidth', 'interconnect', 'capacity', 'overhead'] as const;
export type ServingBottleneck = (typeof SERVING_BOTTLENECKS)[number];

/** Seconds per output token by cause; they add up to TPOT. */
export interface TpotParts {
  readonly arithmetic: number;
  readonly weightRead: number;
  readonly cache: number;
  readonly communication: number;
  readonly overhead: number;
  /** Lost to prompts of other requests. */
  readonly prefill: number;
}

/** Splits a closed loop's TPOT by cause. */
export function partsOf(loop: ClosedLoop): TpotParts {
  const s = loop.step;
  const scale = (loop.tpot - loop.interference) / stepSeconds(s);
  const both = s.arithmetic + s.weightRead;
  return {
    arithmetic: (scale * s.products * s.arithmetic) / both,
    weightRead: (scale * s.products * s.weightRead) / both,
    cache: scale * s.cache,
    communication: scale * s.communication,
    overhead: scale * s.overhead,
    prefill: loop.interference,
  };
}

/** The largest cause by its name; `capacity` when memory holds fewer requests than are in flight. */
export function bottleneckOf(loop: ClosedLoop, concurrency: number): ServingBottleneck {
  if (concurrency > loop.resident * 1.001) return 'capacity';
  const parts = partsOf(loop);
  const by: Record<Exclude<ServingBottleneck, 'capacity'>, number> = {
    compute: parts.arithmetic + parts.prefill,
    memory_bandwidth: parts.weightRead + parts.cache,
    interconnect: parts.communication,
    overhead: parts.overhead,
  };
  return (Object.entries(by) as [Exclude<ServingBottleneck, 'capacity'>, number][]).reduce((a, b) =>
    b[1] > a[1] ? b : a,
  )[0];
}
