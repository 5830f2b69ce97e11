import type { Deployment, Resolved } from './deployment.ts';
import { resolveDeployment } from './deployment.ts';
import type { ServingEstimate } from './estimate.ts';
import { estimateResolved } from './estimate.ts';
import type { ServingPrecision } from './format.ts';
import { productPeak, WEIGHT_BYTES } from './format.ts';
import type { ServingLayout } from './layout.ts';
import { criticalBatch } from './ceilings.ts';
import type { ServingFit } from './serving-fit.ts';

/** One way to run: a layout and precision at a number of requests in flight. */
export interface FrontierPoint {
  readonly precision: ServingPrecision;
  readonly layout: ServingLayout;
  readonly concurrency: number;
  readonly tokensPerSPerUser: number;
  readonly tokensPerSPerChip: number;
  readonly ttft: number;
  readonly bottleneck: ServingEstimate['bottleneck'];
  /** No other point is better in both. */
  readonly best: boolean;
}

/** Layouts to try on `chips` chips: tensor-parallel widths that are powers of two inside the fast domain, and data-parallel attention for models with experts. */
export function layoutsToTry(d: Deployment): Partial<ServingLayout>[] {
  const most = Math.min(d.chips, d.hardware.domainSize, 64);
  const found: Partial<ServingLayout>[] = [];
  for (let tp = 1; tp <= Math.min(most, 16); tp *= 2) found.push({ tp });
  const experts = d.architecture.blocks.some((g) => g.block.feedForward?.type === 'moe');
  if (experts) for (let dp = 2; dp <= most; dp *= 2) found.push({ tp: 1, dp, ep: dp });
  return found;
}

/** Resolved deployments of every layout that the model allows and that fits, at each precision. */
export function candidates(d: Deployment, fit: ServingFit, precisions: readonly ServingPrecision[]): Resolved[] {
  const found: Resolved[] = [];
  for (const precision of precisions)
    for (const layout of layoutsToTry(d)) {
      try {
        const r = resolveDeployment({ ...d, precision, layout }, fit);
        if (r.memory.maxBatch >= 1) found.push(r);
      } catch {
        // Not a layout of this model.
      }
    }
  return found;
}

/** Throughput per chip against interactivity over layouts, precisions and requests in flight; the best points are marked. */
export function frontier(
  d: Deployment,
  fit: ServingFit,
  precisions: readonly ServingPrecision[],
  largest = 1024,
): FrontierPoint[] {
  const points: FrontierPoint[] = [];
  for (const r of candidates(d, fit, precisions))
    for (let perReplica = 1; perReplica <= largest; perReplica *= 2) {
      if (perReplica > 2 * r.memory.maxBatch) break;
      const e = estimateResolved(r, fit, perReplica * r.replicas);
      if (!e.fits) continue;
      points.push({
        precision: r.deployment.precision,
        layout: r.replica.layout,
        concurrency: perReplica * r.replicas,
        tokensPerSPerUser: e.tokensPerSPerUser,
        tokensPerSPerChip: e.outputTokensPerSPerChip,
        ttft: e.ttft,
        bottleneck: e.bottleneck,
        best: false,
      });
    }
  points.sort((a, b) => b.tokensPerSPerUser - a.tokensPerSPerUser);
  let highest = 0;
  return points.map((point) => {
    const best = point.tokensPerSPerChip > highest;
    if (best) highest = point.tokensPerSPerChip;
    return { ...point, best };
  });
}

/** The batch to stop at: where arithmetic takes over, where memory is full, where a limit is broken; the least of them binds. */
export interface BatchKnee {
  readonly compute: number;
  readonly memory: number;
  /** `null` when no limit was given; 0 when even one request breaks it. */
  readonly slo: number | null;
  readonly recommended: number;
  readonly binding: 'compute' | 'memory' | 'slo';
  readonly sweep: readonly {
    readonly batch: number;
    readonly tokensPerSPerUser: number;
    readonly tokensPerSPerChip: number;
    readonly ttft: number;
  }[];
}

/** Sweeps requests in flight per replica and finds the knee. Limits in seconds and tokens per second and user. */
export function batchKnee(
  r: Resolved,
  fit: ServingFit,
  limits: { readonly ttft?: number; readonly tokensPerSPerUser?: number } = {},
): BatchKnee {
  const sweep: BatchKnee['sweep'][number][] = [];
  const at = (batch: number): ServingEstimate | null => {
    const e = estimateResolved(r, fit, batch * r.replicas);
    return e.fits ? e : null;
  };
  const meets = (e: ServingEstimate | null): boolean =>
    e !== null && e.ttft <= (limits.ttft ?? Infinity) && e.tokensPerSPerUser >= (limits.tokensPerSPerUser ?? 0);
  const memory = Math.min(4096, r.memory.maxBatch);
  // Powers of two and three between each two of them, and the last that fits.
  const batches = [1, 2, 3];
  for (let power = 4; power <= memory; power *= 2) for (const part of [1, 1.25, 1.5, 1.75]) batches.push(power * part);
  for (const batch of [...batches.filter((b) => b < memory), ...(memory >= 1 ? [memory] : [])]) {
    const e = at(batch);
    if (e !== null)
      sweep.push({
        batch,
        tokensPerSPerUser: e.tokensPerSPerUser,
        tokensPerSPerChip: e.outputTokensPerSPerChip,
        ttft: e.ttft,
      });
  }
  const f = r.replica.formats.feedForward;
  const share = r.efficiency.decodeFlop / r.efficiency.weightRead;
  const dense = criticalBatch(
    productPeak(r.replica.hardware, f) * share,
    r.replica.hardware.memoryBandwidth,
    WEIGHT_BYTES[f],
  );
  // Each expert sees only its share of the tokens: the batch that fills them is larger by stored over used weights.
  const compute = dense * (r.profile.paramsTotal / r.profile.paramsActive);
  let slo: number | null = null;
  if (limits.ttft !== undefined || limits.tokensPerSPerUser !== undefined) {
    let low = 0;
    let high = memory + 1;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (meets(at(middle))) low = middle;
      else high = middle;
    }
    slo = low;
  }
  const bounds = [
    ['compute', compute],
    ['memory', r.memory.maxBatch],
    ['slo', slo ?? Infinity],
  ] as const;
  const [binding, recommended] = bounds.reduce((a, b) => (b[1] < a[1] ? b : a));
  return { compute, memory: r.memory.maxBatch, slo, recommended: Math.floor(recommended), binding, sweep };
}
