import type { HardwareSpec } from '../cluster/hardware.ts';
import { usdPerMillionTokens } from './economics.ts';
import type { Deployment, Resolved } from './deployment.ts';
import { resolveDeployment } from './deployment.ts';
import type { ServingEstimate } from './estimate.ts';
import { estimateResolved } from './estimate.ts';
import { batchKnee, type BatchKnee } from './frontier.ts';
import { servingMemory } from './memory.ts';
import type { OpenLoop } from './open-loop.ts';
import { openLoop, replicaSteps } from './open-loop.ts';
import type { ServingFit } from './serving-fit.ts';
import { capacityPerS } from './simulate.ts';

/** A chip compared with others: its numbers and what an hour of it costs. */
export interface StudiedChip {
  readonly key: string;
  readonly name: string;
  readonly hardware: HardwareSpec;
  readonly usdPerChipHour: number | null;
  readonly priceAsOf: string;
  readonly wattsPerChip: number | null;
}

/** One batch of a chip's curve. */
export interface CurvePoint {
  readonly batch: number;
  readonly tokensPerSPerUser: number;
  readonly tokensPerSPerChip: number;
  readonly ttft: number;
  readonly usdPerMillionOutput: number | null;
}

/** How one chip serves: its curve, its knee and the point people would run it at. */
export interface ChipStudy {
  readonly chip: StudiedChip;
  /** Why there is no curve; empty when there is. */
  readonly refused: string;
  readonly curve: readonly CurvePoint[];
  readonly knee: BatchKnee | null;
  readonly operating: (CurvePoint & { readonly estimate: ServingEstimate }) | null;
  readonly boundBy: string;
}

/** Limits a user sets: least speed and longest wait for the first token. */
export interface StudyLimits {
  readonly tokensPerSPerUser?: number;
  readonly ttft?: number;
}

/**
 * Curves of one deployment over chips. `batch` pins the operating point; left out, it is the knee. What cannot be served on
 * a chip is said in words instead of a curve.
 */
export function studyChips(
  d: Omit<Deployment, 'hardware'>,
  chips: readonly StudiedChip[],
  fit: ServingFit,
  limits: StudyLimits,
  batch: number | null,
): ChipStudy[] {
  return chips.map((chip) => {
    const empty = { chip, curve: [], knee: null, operating: null, boundBy: '' };
    let resolved: Resolved;
    try {
      resolved = resolveDeployment({ ...d, hardware: chip.hardware }, fit);
    } catch (error) {
      return { ...empty, refused: (error as Error).message };
    }
    const first = estimateResolved(resolved, fit, resolved.replicas);
    if (!first.fits)
      return {
        ...empty,
        refused: `${first.message}${first.remedies.length > 0 ? ` It would fit with ${first.remedies.join(', or ')}.` : ''}`,
      };
    const knee = batchKnee(resolved, fit, limits);
    const priced = (point: Omit<CurvePoint, 'usdPerMillionOutput'>): CurvePoint => ({
      ...point,
      usdPerMillionOutput:
        chip.usdPerChipHour === null ? null : usdPerMillionTokens(chip.usdPerChipHour, point.tokensPerSPerChip),
    });
    const chosen = Math.max(1, Math.min(batch ?? knee.recommended, resolved.memory.maxBatch));
    const e = estimateResolved(resolved, fit, chosen * resolved.replicas);
    const operating = e.fits
      ? {
          ...priced({
            batch: chosen,
            tokensPerSPerUser: e.tokensPerSPerUser,
            tokensPerSPerChip: e.outputTokensPerSPerChip,
            ttft: e.ttft,
          }),
          estimate: e,
        }
      : null;
    const boundBy =
      batch !== null
        ? 'pinned batch'
        : knee.slo === 0
          ? 'limit cannot be kept'
          : knee.binding === 'slo'
            ? 'limits'
            : knee.binding === 'memory'
              ? 'cache capacity'
              : 'compute';
    return { chip, refused: '', curve: knee.sweep.map(priced), knee, operating, boundBy };
  });
}

/** Latency at one share of capacity. */
export interface LoadPoint {
  readonly load: number;
  readonly requestsPerS: number;
  readonly run: Extract<OpenLoop, { stable: true }>;
}

/** Arrival rates of a replica from idle to nearly full, simulated with one seed; `onProgress` false stops. */
export function loadCurve(
  r: Resolved,
  loads: readonly number[],
  seed: number,
  requests: number,
  onProgress?: (share: number) => boolean,
): LoadPoint[] {
  const table = replicaSteps(r);
  const { request } = r.deployment;
  const capacity =
    r.replicas * capacityPerS(table.steps, request.inputTokens, request.outputTokens / table.tokensPerStep);
  const found: LoadPoint[] = [];
  for (const [i, load] of loads.entries()) {
    const run = openLoop(r, load * capacity, {
      requests,
      seed,
      onProgress: (share) => onProgress?.((i + share) / loads.length) !== false,
    });
    if (run.stable) found.push({ load, requestsPerS: load * capacity, run });
    if (onProgress?.((i + 1) / loads.length) === false) break;
  }
  return found;
}

/** Sequences that fit by context length on each chip. */
export function cacheLimits(
  d: Omit<Deployment, 'hardware'>,
  chips: readonly StudiedChip[],
  fit: ServingFit,
  contexts: readonly number[],
): { readonly chip: string; readonly fits: readonly (number | null)[] }[] {
  return chips.map((chip) => {
    try {
      const r = resolveDeployment({ ...d, hardware: chip.hardware }, fit);
      return {
        chip: chip.name,
        fits: contexts.map(
          (tokens) =>
            servingMemory(r.profile, chip.hardware, r.replica.formats, r.replica.layout, tokens).maxBatch * r.replicas,
        ),
      };
    } catch {
      return { chip: chip.name, fits: contexts.map(() => null) };
    }
  });
}
