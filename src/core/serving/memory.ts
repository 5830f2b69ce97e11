import type { HardwareSpec } from '../cluster/hardware.ts';
import type { ServingPrecision, WeightFormats } from './format.ts';
import { KV_BYTES, WEIGHT_BYTES } from './format.ts';
import type { ServingLayout } from './layout.ts';
import { chipsOfReplica } from './layout.ts';
import type { ServingProfile } from './profile.ts';

/** Share of a chip's memory an engine hands out (vLLM `gpu_memory_utilization`, TensorRT-LLM cache fraction). */
export const MEMORY_UTILISATION = 0.9;
/** Communication buffers, activations, graphs per chip (aiconfigurator: 0.35 GB NCCL, 3.5 GiB other). */
export const OVERHEAD_BYTES = 4.1e9;

/** Where a chip's memory goes, in bytes of the fullest chip. */
export interface ServingMemory {
  readonly weightBytes: number;
  readonly overheadBytes: number;
  /** Left for caches; negative when the weights alone do not fit. */
  readonly cacheBytes: number;
  readonly cacheBytesPerSequence: number;
  /** Sequences whose caches fit in the replica, whole (0 when not even one). */
  readonly maxBatch: number;
  /** Bytes missing on each chip for one sequence; 0 when it fits. */
  readonly missingBytes: number;
}

/** Bytes of all weights in a format of their own per part (tables, head and routers at 16 bits). */
export function modelWeightBytes(p: ServingProfile, f: WeightFormats): number {
  let bytes = (p.headParams + p.tableParams) * WEIGHT_BYTES[f.rest];
  for (const l of p.layers)
    bytes +=
      l.count *
      (l.mixerParams * WEIGHT_BYTES[f.attention] +
        (l.denseParams + l.experts * l.expertParams) * WEIGHT_BYTES[f.feedForward] +
        l.routerParams * WEIGHT_BYTES[f.rest]);
  return bytes;
}

/** Weight bytes on one chip. Attention copies stand in every data-parallel group. */
export function weightBytesPerChip(p: ServingProfile, f: WeightFormats, l: ServingLayout): number {
  let bytes = ((p.headParams + p.tableParams) * WEIGHT_BYTES[f.rest]) / l.tp;
  for (const g of p.layers)
    bytes +=
      (g.count / l.pp) *
      ((g.mixerParams * WEIGHT_BYTES[f.attention]) / l.tp +
        (g.denseParams * WEIGHT_BYTES[f.feedForward]) / l.tp +
        (Math.ceil(g.experts / l.ep) * g.expertParams * WEIGHT_BYTES[f.feedForward]) / l.moeTp +
        g.routerParams * WEIGHT_BYTES[f.rest]);
  return bytes;
}

/** Ranks of a tensor-parallel group among which a layer's cache is divided: at most its key-value heads, a latent not at all. */
export const cacheShards = (kvHeads: number, tp: number): number => Math.min(kvHeads, tp);

/** Cache bytes one sequence of `tokens` tokens takes on each chip of its attention group. */
export function cacheBytesPerChip(p: ServingProfile, f: WeightFormats, l: ServingLayout, tokens: number): number {
  let bytes = 0;
  for (const g of p.layers) {
    const kept = Math.min(g.keptWindow, tokens);
    bytes +=
      (g.count / l.pp) *
      ((kept * (g.kvElements + g.indexElements) * KV_BYTES[f.kv]) / cacheShards(g.kvHeads, l.tp) +
        (g.stateElements * 4) / l.tp);
  }
  return bytes;
}

/** Memory of a replica serving sequences of `tokens` tokens (input and output together), and the batch that fits. */
export function servingMemory(
  p: ServingProfile,
  h: HardwareSpec,
  f: WeightFormats,
  l: ServingLayout,
  tokens: number,
  utilisation = MEMORY_UTILISATION,
): ServingMemory {
  const weightBytes = weightBytesPerChip(p, f, l);
  const perSequence = cacheBytesPerChip(p, f, l, tokens);
  const cacheBytes = h.memoryBytes * utilisation - weightBytes - OVERHEAD_BYTES;
  const perGroup = perSequence > 0 ? Math.floor(cacheBytes / perSequence) : cacheBytes > 0 ? 1e9 : 0;
  return {
    weightBytes,
    overheadBytes: OVERHEAD_BYTES,
    cacheBytes,
    cacheBytesPerSequence: perSequence,
    maxBatch: Math.max(0, perGroup) * l.dp,
    missingBytes: Math.max(0, perSequence - cacheBytes),
  };
}

/** Something that would make a model fit. */
export interface FitRemedy {
  readonly change: 'chips' | 'precision' | 'context';
  readonly to: number | ServingPrecision;
}

/** What would make one sequence fit: more chips (next power of two), a narrower format, a shorter context. */
export function remedies(
  p: ServingProfile,
  h: HardwareSpec,
  l: ServingLayout,
  tokens: number,
  formats: (precision: ServingPrecision) => WeightFormats,
  precision: ServingPrecision,
): FitRemedy[] {
  const fits = (f: WeightFormats, layout: ServingLayout, length: number): boolean =>
    servingMemory(p, h, f, layout, length).missingBytes === 0;
  const found: FitRemedy[] = [];
  const own = formats(precision);
  for (let factor = 2; factor <= 256; factor *= 2) {
    const wider = { ...l, tp: l.tp * factor, moeTp: l.moeTp * factor };
    if (!fits(own, wider, tokens)) continue;
    found.push({ change: 'chips', to: chipsOfReplica(wider) });
    break;
  }
  for (const narrower of ['fp8', 'fp4'] as const) {
    if (WEIGHT_BYTES[narrower] >= WEIGHT_BYTES[precision]) continue;
    if (fits(formats(narrower), l, tokens)) {
      found.push({ change: 'precision', to: narrower });
      break;
    }
  }
  for (let length = tokens / 2; length >= 256; length /= 2)
    if (fits(own, l, length)) {
      found.push({ change: 'context', to: Math.floor(length) });
      break;
    }
  return found;
}
