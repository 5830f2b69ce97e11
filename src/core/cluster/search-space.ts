import type { HardwareSpec } from './hardware.ts';
import type { Offload, Recompute, Schedule, TrainingSetup } from './layout.ts';
import type { ModelProfile } from './profile.ts';
import { divisors } from './validate-layout.ts';

/** Choices a search may make; what is left out is free. */
export interface SearchLimits {
  readonly tp?: readonly number[];
  readonly pp?: readonly number[];
  readonly cp?: readonly number[];
  readonly ep?: readonly number[];
  readonly expertTp?: readonly number[];
  readonly vp?: readonly number[];
  readonly microbatch?: readonly number[];
  readonly recompute?: readonly Recompute[];
  readonly zero?: readonly (0 | 1 | 2 | 3)[];
  readonly schedule?: readonly Schedule[];
  readonly sequenceParallel?: readonly boolean[];
  readonly offload?: readonly Offload[];
  /** Also shard state within one fast domain only (HSDP). */
  readonly hybridSharding?: boolean;
}

/** Degrees that split the model and the chips, in an order that tries the usual first. */
export interface Degrees {
  readonly tp: number;
  readonly pp: number;
  readonly cp: number;
  readonly dp: number;
}

const allowed = <T>(values: readonly T[] | undefined, value: T): boolean =>
  values === undefined || values.includes(value);

/** All (tp, pp, cp, dp) of `chips` that divide heads, layers, sequence and batch; small tp x pp first. */
export function degreesOf(p: ModelProfile, s: TrainingSetup, chips: number, limits: SearchLimits): Degrees[] {
  const found: Degrees[] = [];
  for (const tp of divisors(chips)) {
    if (!allowed(limits.tp, tp) || (p.attentionHeads > 0 && p.attentionHeads % tp !== 0)) continue;
    for (const pp of divisors(chips / tp)) {
      if (!allowed(limits.pp, pp) || pp > p.layers) continue;
      for (const cp of divisors(chips / tp / pp)) {
        if (!allowed(limits.cp, cp) || (cp > 1 && s.seqLen % (2 * cp) !== 0)) continue;
        const dp = chips / tp / pp / cp;
        if (dp <= s.batchSeqs && s.batchSeqs % dp === 0) found.push({ tp, pp, cp, dp });
      }
    }
  }
  return found.sort((a, b) => unusual(a) - unusual(b));
}

const unusual = (d: Degrees): number =>
  Math.abs(Math.log2(d.tp) - 2) + Math.abs(Math.log2(d.pp) - 2) + 3 * Math.log2(d.cp);

/** Expert degrees possible under some degrees: [ep, expertTp]. */
export function expertDegrees(p: ModelProfile, d: Degrees, limits: SearchLimits): (readonly [number, number])[] {
  if (p.maxExperts === 0) return [[1, 1]];
  const ranks = d.tp * d.cp * d.dp;
  return divisors(p.maxExperts).flatMap((ep) =>
    [1, 2, 4, 8]
      .filter((t) => t <= d.tp && allowed(limits.ep, ep) && allowed(limits.expertTp, t) && ranks % (ep * t) === 0)
      .map((t) => [ep, t] as const),
  );
}

/** Schedules with their chunks possible for a number of stages. */
export function schedulesOf(p: ModelProfile, pp: number, limits: SearchLimits): (readonly [Schedule, number])[] {
  if (pp === 1) return allowed(limits.schedule, '1f1b') && allowed(limits.vp, 1) ? [['1f1b', 1]] : [];
  const found: (readonly [Schedule, number])[] = [];
  const plain: readonly Schedule[] = ['1f1b', 'zero_bubble', 'zero_bubble_v', 'gpipe'];
  for (const schedule of plain)
    if (allowed(limits.schedule, schedule) && allowed(limits.vp, 1)) found.push([schedule, 1]);
  if (!allowed(limits.schedule, 'interleaved')) return found;
  const perStage = p.layers / pp;
  const chunks = Number.isInteger(perStage) ? divisors(perStage) : [2, 4].filter((v) => v <= perStage);
  for (const vp of chunks) if (vp > 1 && allowed(limits.vp, vp)) found.push(['interleaved', vp]);
  return found;
}

/** Every combination of state in host memory, none first. */
export const OFFLOADS: readonly Offload[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  optimizer: (bits & 1) > 0,
  activations: (bits & 2) > 0,
  weights: (bits & 4) > 0,
}));

/** Sharding choices: [zero, shardGroup]. */
export function shardings(d: Degrees, h: HardwareSpec, limits: SearchLimits): (readonly [0 | 1 | 2 | 3, number])[] {
  const replicas = d.dp * d.cp;
  const levels = ([1, 0, 2, 3] as const).filter((z) => allowed(limits.zero, z) && (replicas > 1 || z <= 1));
  const inside = Math.floor(h.domainSize / d.tp);
  const hybrid = limits.hybridSharding === true && inside > 1 && inside < replicas && replicas % inside === 0;
  return levels.flatMap((z) => (z > 0 && hybrid ? [[z, 0] as const, [z, inside] as const] : [[z, 0] as const]));
}
