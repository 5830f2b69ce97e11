import type { HardwareSpec } from '../cluster/hardware.ts';
import { coreFlopPerToken } from '../model/flops.ts';
import type { Efficiency } from './efficiency.ts';
import type { ServingPrecision, WeightFormats } from './format.ts';
import { KV_BYTES, WEIGHT_BYTES, productPeak } from './format.ts';
import type { ServingLayout } from './layout.ts';
import { cacheShards } from './memory.ts';
import type { ServedLayers, ServingProfile } from './profile.ts';
import { distinctExperts } from './profile.ts';

/** A replica ready to be timed: model, chip, formats and layout. */
export interface Replica {
  readonly profile: ServingProfile;
  readonly hardware: HardwareSpec;
  readonly formats: WeightFormats;
  readonly layout: ServingLayout;
}

/** Seconds of one step by what they are spent on. Compute and weight reads overlap; `products` is their smooth maximum. */
export interface StepParts {
  /** Products with weights (the slower of arithmetic and reading, smoothed). */
  products: number;
  /** Of which arithmetic alone and reading alone would take (for the bottleneck). */
  arithmetic: number;
  weightRead: number;
  /** Attention against caches. */
  cache: number;
  communication: number;
  overhead: number;
}

/** Smooth maximum of two times that overlap. */
const overlap = (a: number, b: number): number => Math.cbrt(a * a * a + b * b * b);

function linkBandwidth(h: HardwareSpec, group: number): number {
  return group <= h.domainSize ? h.domainBandwidth : h.scaleOutBandwidth;
}

function allReduceSeconds(r: Replica, e: Efficiency, tokens: number): number {
  const { tp } = r.layout;
  if (tp <= 1) return 0;
  const bytes = tokens * r.profile.hidden * 2 * 2 * ((tp - 1) / tp);
  return e.allReduceSeconds * (1 + Math.log2(tp) / 3) + bytes / (linkBandwidth(r.hardware, tp) * e.allReduceRate);
}

/** Dispatch and combine of one expert layer for `tokens` tokens in the whole replica. */
function allToAllSeconds(r: Replica, e: Efficiency, layer: ServedLayers, tokens: number): number {
  const width = r.layout.tp * r.layout.dp;
  const sent = Math.min(layer.topK, r.layout.ep) * ((width - 1) / width);
  const bytes = (tokens / width) * sent * r.profile.hidden * 3;
  return 2 * e.allToAllSeconds + bytes / (linkBandwidth(r.hardware, width) * e.allToAllRate);
}

/** Share of the bandwidth at which weights of a format are read. */
const readShare = (e: Efficiency, format: ServingPrecision): number =>
  WEIGHT_BYTES[format] < 1 ? e.narrowRead : e.weightRead;

interface Work {
  arithmetic: number;
  read: number;
  products: number;
}

/** Products of `tokens` tokens (whole replica; `perGroup` of them in each attention group) with one layer's weights. */
function layerProducts(
  r: Replica,
  e: Efficiency,
  g: ServedLayers,
  tokens: number,
  perGroup: number,
  prefill: boolean,
): Work {
  const { hardware: h, layout: l, formats: f } = r;
  const flopShare = prefill ? e.prefillFlop : e.decodeFlop;
  const out = { arithmetic: 0, read: 0, products: 0 };
  const add = (arithmetic: number, read: number): void => {
    out.arithmetic += arithmetic;
    out.read += read;
    out.products += overlap(arithmetic, read);
  };
  const bandwidth = h.memoryBandwidth;
  const split = g.mixerParams / l.tp;
  add(
    (2 * split * perGroup) / (productPeak(h, f.attention) * flopShare),
    (split * WEIGHT_BYTES[f.attention]) / (bandwidth * readShare(e, f.attention)),
  );
  const dense = g.denseParams / l.tp;
  const wide = productPeak(h, f.feedForward);
  if (dense > 0)
    add(
      (2 * dense * perGroup) / (wide * flopShare),
      (dense * WEIGHT_BYTES[f.feedForward]) / (bandwidth * readShare(e, f.feedForward)),
    );
  if (g.routerParams > 0)
    add((2 * g.routerParams * perGroup) / (h.bf16FlopPerS * flopShare), (2 * g.routerParams) / bandwidth);
  if (g.experts > 0) {
    const imbalance = l.ep > 1 ? 1 + e.expertImbalance : 1;
    const chips = l.ep * l.moeTp;
    const touched = Math.min(g.experts, distinctExperts(g.experts, g.topK, tokens ** e.routingSpread) * imbalance);
    add(
      (2 * tokens * g.topK * g.expertParams * imbalance) /
        (chips * wide * (prefill ? e.prefillExpertFlop : e.decodeFlop)),
      (touched * g.expertParams * WEIGHT_BYTES[f.feedForward]) / (chips * bandwidth * e.expertRead),
    );
  }
  return out;
}

function layerOverhead(e: Efficiency, g: ServedLayers): number {
  return (
    e.layerSeconds +
    (g.kind === 'latent' ? e.latentLayerSeconds : g.kind === 'recurrent' ? e.recurrentLayerSeconds : 0) +
    (g.experts > 0 ? e.expertLayerSeconds : 0) +
    (g.indexElements > 0 ? e.indexLayerSeconds : 0)
  );
}

/**
 * One decoding step of `batch` sequences with `context` tokens each (whole replica). `queries` tokens of each sequence
 * are verified at once under speculative decoding. Seconds by part; with pipeline stages the batch is cut into as many
 * pieces and a token passes all stages. Source: serving-and-import.md §3 (decode).
 */
export function decodeStep(r: Replica, e: Efficiency, batch: number, context: number, queries = 1): StepParts {
  const { profile: p, hardware: h, layout: l, formats: f } = r;
  const sequences = batch / l.pp;
  const tokens = sequences * queries;
  const perGroup = tokens / l.dp;
  const parts: StepParts = { products: 0, arithmetic: 0, weightRead: 0, cache: 0, communication: 0, overhead: 0 };
  const take = (work: Work, count: number): void => {
    parts.products += count * work.products;
    parts.arithmetic += count * work.arithmetic;
    parts.weightRead += count * work.read;
  };
  for (const g of p.layers) {
    take(layerProducts(r, e, g, tokens, perGroup, false), g.count);
    const visible = Math.min(g.window, context);
    const groupSequences = sequences / l.dp;
    const bytes =
      (groupSequences * (visible * g.kvElements + context * g.indexElements) * KV_BYTES[f.kv]) /
        cacheShards(g.kvHeads, l.tp) +
      (2 * groupSequences * g.stateElements * 4) / l.tp;
    const flop =
      (perGroup * (visible * g.decodeFlopPerVisible + context * g.indexFlopPerToken + g.recurrentFlop)) / l.tp;
    parts.cache +=
      g.count * overlap(bytes / (h.memoryBandwidth * e.cacheRead), flop / (h.bf16FlopPerS * e.decodeAttentionFlop));
    parts.communication += g.count * allReduceSeconds(r, e, perGroup);
    if (g.experts > 0 && l.dp > 1) parts.communication += g.count * allToAllSeconds(r, e, g, tokens);
    else if (g.experts > 0 || g.denseParams > 0) parts.communication += g.count * allReduceSeconds(r, e, perGroup);
    parts.overhead += g.count * layerOverhead(e, g);
  }
  const head = p.headParams / l.tp;
  const arithmetic = (2 * head * perGroup) / (h.bf16FlopPerS * e.decodeFlop);
  const read = (head * WEIGHT_BYTES[f.rest]) / (h.memoryBandwidth * e.weightRead);
  take({ arithmetic, read, products: overlap(arithmetic, read) }, 1);
  if (l.pp > 1)
    parts.communication +=
      (l.pp - 1) * (e.allReduceSeconds + (tokens * p.hidden * 2) / (linkBandwidth(h, l.tp * l.pp) * e.allReduceRate));
  parts.overhead += e.stepSeconds + batch * e.sequenceSeconds;
  return parts;
}

/** Seconds of a step. */
export const stepSeconds = (s: StepParts): number => s.products + s.cache + s.communication + s.overhead;

const coreShare = (e: Efficiency, g: ServedLayers): number =>
  g.kind === 'latent' ? e.prefillLatentFlop : g.kind === 'recurrent' ? e.prefillRecurrentFlop : e.prefillAttentionFlop;

/** Prefill of one request: work that competes with decoding, and time that only the request itself waits for. */
export interface PrefillParts extends StepParts {
  /** Seconds of products, attention and exchanges. */
  readonly work: number;
  readonly total: number;
}

/**
 * Prefill of a prompt of `prompt` tokens of which `cached` stand in the prefix cache (their keys and values are read,
 * not computed). The head is computed for the last token only. Source: serving-and-import.md §3 (prefill).
 */
export function prefillStep(r: Replica, e: Efficiency, prompt: number, cached = 0): PrefillParts {
  const { profile: p, hardware: h, layout: l } = r;
  const tokens = Math.max(1, prompt - cached);
  const parts: StepParts = { products: 0, arithmetic: 0, weightRead: 0, cache: 0, communication: 0, overhead: 0 };
  for (const g of p.layers) {
    const work = layerProducts(r, e, g, tokens, tokens, true);
    parts.products += g.count * work.products;
    parts.arithmetic += g.count * work.arithmetic;
    parts.weightRead += g.count * work.read;
    if (g.mixer !== null) {
      // The whole square less the square of what was cached: new tokens attend to all earlier ones.
      const whole = prompt * coreFlopPerToken(g.mixer, prompt, p.architecture.causal, 'causal');
      const before = cached > 0 ? cached * coreFlopPerToken(g.mixer, cached, p.architecture.causal, 'causal') : 0;
      parts.cache += (g.count * Math.max(0, whole - before)) / (l.tp * h.bf16FlopPerS * coreShare(e, g));
    }
    parts.communication += 2 * g.count * allReduceSeconds(r, e, tokens);
    if (g.experts > 0 && l.dp > 1) parts.communication += g.count * allToAllSeconds(r, e, g, tokens * l.dp);
  }
  parts.overhead = e.requestSeconds + p.layerCount * e.prefillLayerSeconds;
  const work = parts.products + parts.cache + parts.communication;
  return { ...parts, work, total: work + parts.overhead };
}
