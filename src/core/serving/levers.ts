import type { Deployment } from './deployment.ts';
import type { ServingBottleneck } from './bottleneck.ts';
import type { ServingEstimate } from './estimate.ts';
import { estimateServing } from './estimate.ts';
import type { ServingPrecision } from './format.ts';
import type { ServingFit } from './serving-fit.ts';

/** A change that is proposed, with what it would do. Ratios are after over before; below 1 is less. */
export interface ServingLever {
  readonly id:
    | 'quantise'
    | 'quantise_cache'
    | 'batch'
    | 'smaller_batch'
    | 'shard'
    | 'unshard'
    | 'speculate'
    | 'cache_prefixes'
    | 'disaggregate'
    | 'sparsify';
  readonly label: string;
  /** Whether it answers the bottleneck. */
  readonly matches: boolean;
  readonly tpotRatio: number | null;
  readonly throughputRatio: number | null;
  readonly note: string;
}

const MATCH: Readonly<Record<ServingBottleneck, readonly ServingLever['id'][]>> = {
  compute: ['quantise', 'cache_prefixes', 'disaggregate', 'sparsify'],
  memory_bandwidth: ['quantise', 'batch', 'quantise_cache', 'speculate', 'shard'],
  interconnect: ['unshard', 'batch'],
  capacity: ['quantise', 'quantise_cache', 'shard'],
  overhead: ['batch', 'speculate', 'unshard'],
};

const NARROWER: Readonly<Partial<Record<ServingPrecision, ServingPrecision>>> = {
  bf16: 'fp8',
  int8: 'int4',
  fp8: 'fp4',
};

/**
 * Changes worth trying, each estimated by the same model: those that answer the bottleneck first, then by their gain in
 * tokens per second and chip. A change that would not fit or is not possible is left out.
 */
export function servingLevers(
  d: Deployment,
  fit: ServingFit,
  concurrency: number,
  now: ServingEstimate,
): ServingLever[] {
  const found: ServingLever[] = [];
  const layout = now.resolved.replica.layout;
  const matching = MATCH[now.bottleneck];
  const tried = (
    id: ServingLever['id'],
    label: string,
    change: Partial<Deployment>,
    inFlight = concurrency,
    note = '',
  ): void => {
    try {
      const then = estimateServing({ ...d, ...change }, fit, inFlight);
      if (!then.fits) return;
      found.push({
        id,
        label,
        matches: matching.includes(id),
        tpotRatio: then.tpot / now.tpot,
        throughputRatio: then.outputTokensPerSPerChip / now.outputTokensPerSPerChip,
        note,
      });
    } catch {
      // A layout the model or the chips do not allow is no lever.
    }
  };
  const narrower = NARROWER[d.precision];
  if (narrower !== undefined) {
    const native = narrower !== 'fp4' || d.hardware.fp4FlopPerS !== null;
    tried(
      'quantise',
      `Weights in ${narrower}`,
      { precision: narrower },
      concurrency,
      native ? 'Check quality after quantising.' : 'The chip has no 4-bit units: storage only.',
    );
  }
  if (now.resolved.replica.formats.kv === 'bf16') tried('quantise_cache', 'Key-value cache in 8 bits', { kv: 'fp8' });
  tried('batch', 'Twice as many requests in flight', {}, concurrency * 2, 'Each user waits longer per token.');
  if (concurrency >= 2) tried('smaller_batch', 'Half as many requests in flight', {}, concurrency / 2);
  const { tp } = layout;
  if (layout.dp === 1 && layout.pp === 1) {
    if (tp * 2 <= d.chips) tried('shard', `Tensor parallelism over ${tp * 2} chips`, { layout: { tp: tp * 2 } });
    if (tp >= 2) tried('unshard', `Tensor parallelism over ${tp / 2} chips, more replicas`, { layout: { tp: tp / 2 } });
  }
  if (d.request.speculation === undefined)
    tried(
      'speculate',
      'Speculative decoding, 3 draft tokens',
      { request: { ...d.request, speculation: { draftTokens: 3, acceptance: 0.7, draftCost: 0.1 } } },
      concurrency,
      'Assumes 70 % of draft tokens accepted and a draft of 10 % of a step.',
    );
  if ((d.request.prefixHit ?? 0) === 0)
    tried(
      'cache_prefixes',
      'Half of the input tokens from the prefix cache',
      { request: { ...d.request, prefixHit: 0.5 } },
      concurrency,
      'Only where prompts share beginnings.',
    );
  if ((d.prefillChips ?? 0) === 0 && d.chips >= 2 * tp * layout.dp)
    tried('disaggregate', 'Prompts on chips of their own', { prefillChips: tp * layout.dp, layout }, concurrency);
  if (!now.resolved.profile.hasExperts && now.bottleneck === 'compute')
    found.push({
      id: 'sparsify',
      label: 'A model with experts of the same quality',
      matches: true,
      tpotRatio: null,
      throughputRatio: null,
      note: 'Fewer active parameters per token; another model has to be trained: see the mixture-of-experts trade-off.',
    });
  return found
    .filter((l) => l.tpotRatio === null || l.tpotRatio < 0.98 || (l.throughputRatio ?? 0) > 1.02)
    .sort((a, b) => Number(b.matches) - Number(a.matches) || (b.throughputRatio ?? 0) - (a.throughputRatio ?? 0));
}
