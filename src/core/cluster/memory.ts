import type { HardwareSpec } from './hardware.ts';
import type { Layout, Optimizer, Stack, TrainingSetup } from './layout.ts';
import { expertReplicas, inFlight, microbatches } from './layout.ts';
import type { LayerProfile, ModelProfile } from './profile.ts';

/** Bytes on the fullest chip, by what holds them. */
export interface MemoryParts {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly logits: number;
  /** Gathered weights, exchange buffers, gradients of the layer being differentiated. */
  readonly buffers: number;
  /** Context of the driver, communicators, what the allocator cannot use. */
  readonly framework: number;
}

/** Parts with their sum and the pipeline stage they belong to. */
export interface MemoryEstimate extends MemoryParts {
  readonly total: number;
  readonly stage: 'first' | 'last' | 'only';
}

/** Bytes of one microbatch that do not depend on pipeline, replicas or sharding. */
export interface MicrobatchMemory {
  /** Saved for the backward pass, all layers together. */
  readonly saved: number;
  /** Moved to host memory and back per microbatch, all layers together. */
  readonly spill: number;
  /** Largest layer in full (what is rebuilt at once under recomputation), and its gradients. */
  readonly layer: number;
  readonly logits: number;
  readonly exchange: number;
  /** Parameters of the largest unit that is gathered at once (elements, per tensor rank). */
  readonly largestUnit: number;
}

/** Bytes per parameter of the optimizer's state beside working weights and gradients: master copy and moments. */
export const OPTIMIZER_BYTES: Readonly<Record<Optimizer, number>> = {
  adam: 12,
  adam_8bit: 6,
  adam_bf16_moments: 8,
  muon: 8,
  sgd_momentum: 8,
};

const GIB = 2 ** 30;
/** Driver context and communicators of a training process: 1 to 2 GiB on current stacks. */
const FRAMEWORK_BYTES = 1.25 * GIB;
/** Share of dynamic memory a caching allocator cannot reuse. */
const FRAGMENTATION = 0.03;

/**
 * Bytes per logit at the peak: 16-bit logits, a 32-bit copy, its gradient. A fused loss works in place (FSDP trainers'
 * default), vocabulary-parallel losses keep one 32-bit copy, plain PyTorch keeps all.
 */
const LOGIT_BYTES: Readonly<Record<Stack, number>> = {
  megatron: 6,
  fsdp: 4,
  torch_native: 12,
  xla: 8,
  early_megatron: 8,
  benchmark_race: 6,
};

/** Whether software saves operands of low-precision products in that precision (Transformer Engine does, PyTorch casts on the fly). */
function savesLow(s: TrainingSetup): boolean {
  return s.precision !== 'bf16' && s.stack !== 'torch_native' && s.stack !== 'fsdp';
}

/** Bytes per token one layer saves when nothing is recomputed: `split` divides by tensor ranks, `whole` only under sequence parallelism. */
function savedPerToken(
  g: LayerProfile,
  p: ModelProfile,
  s: TrainingSetup,
): { split: number; whole: number; core: number } {
  const operand = savesLow(s) ? 1 : 2;
  const modules = (g.softmax || g.innerWidth > 0 ? 1 : 0) + (g.mlpWidth > 0 || g.experts > 0 ? 1 : 0);
  const whole = modules * p.hidden * (2 + operand + (s.dropout ? 1 : 0));
  let split = 0;
  let core = 0;
  if (g.softmax) {
    split += 2 * g.qkvWidth + operand * g.mixedWidth;
    if (s.unfusedAttention) core += g.heads * p.seqLen * (s.dropout ? 5 : 2);
    else split += 2 * g.mixedWidth * (operand < 2 ? 1 : 0) + 4 * g.heads;
  }
  if (g.innerWidth > 0) split += 10 * g.innerWidth;
  const passes = g.gated ? 4 + operand : 2 + operand;
  split += passes * (g.mlpWidth + g.sharedWidth);
  if (g.experts > 0) {
    const inside = (g.expertGated ? 4 : 2) + operand;
    split += g.topK * ((2 + operand) * g.expertInput + inside * g.expertWidth) + 8 * g.experts;
  }
  return { split, whole, core };
}

/**
 * Bytes per token under a policy that keeps every second 16-bit product of a layer and the attention output. Products in
 * narrow formats are not among what it keeps: only attention's operands and output remain.
 */
function perOpPerToken(g: LayerProfile, p: ModelProfile, s: TrainingSetup): number {
  if (s.precision !== 'bf16') return 2 * (g.mixedWidth + g.qkvWidth + g.innerWidth);
  const outputs =
    (g.softmax ? g.qkvWidth + p.hidden : 0) +
    (g.innerWidth > 0 ? 3 * g.innerWidth + p.hidden : 0) +
    (g.mlpWidth > 0 ? (g.gated ? 2 : 1) * g.mlpWidth + p.hidden : 0) +
    g.topK * ((g.expertGated ? 2 : 1) * g.expertWidth + p.hidden);
  return 2 * g.mixedWidth + outputs;
}

/**
 * Memory of one microbatch, in bytes per chip (Korthikanti 2022 §4 for dense layers with and without tensor and sequence
 * parallelism, generalised to any widths; experts as tokens x k x (2 inputs + inner widths)).
 */
export function microbatchMemory(p: ModelProfile, s: TrainingSetup, l: Layout): MicrobatchMemory {
  const tokens = (l.microbatch * s.seqLen) / l.cp;
  const spread = l.sequenceParallel ? l.tp : 1;
  let saved = 0;
  let layer = 0;
  let largestUnit = (p.headParams / l.tp) | 0;
  let widest = 0;
  for (const g of p.groups) {
    const per = savedPerToken(g, p, s);
    const full = tokens * (per.split / l.tp + per.whole / spread + per.core / l.tp);
    const input = (2 * tokens * p.hidden) / spread;
    let kept = full;
    if (l.recompute === 'full') kept = input;
    else if (l.recompute === 'selective') kept = full - (tokens * per.core) / l.tp;
    else if (l.recompute === 'per_op') kept = Math.min(full, input + (tokens * perOpPerToken(g, p, s)) / l.tp);
    saved += g.count * kept;
    layer = Math.max(layer, full);
    const dense = (g.attentionParams + g.mixerParams + g.mlpParams + g.sharedParams) / l.tp + g.replicatedParams;
    largestUnit = Math.max(largestUnit, dense + (g.expertParams * g.experts) / (l.ep * l.expertTp));
    if (g.experts > 0) widest = Math.max(widest, (g.topK * g.expertInput) / l.tp);
  }
  const perLogit = LOGIT_BYTES[s.stack ?? 'megatron'];
  return {
    saved: l.offload.activations ? Math.min(saved, 2 * layer) : saved,
    spill: l.offload.activations ? saved : 0,
    layer,
    logits: p.heads === 0 ? 0 : (tokens * p.vocab * perLogit) / l.tp,
    exchange: tokens * ((l.tp > 1 ? 4 * p.hidden : 0) + (l.ep > 1 ? 4 * widest : 0)),
    largestUnit,
  };
}

/** Parameters on a chip: of a stage's layers by kind, and of embedding and head. */
export interface HeldParams {
  readonly dense: number;
  readonly experts: number;
  readonly embedding: number;
  readonly head: number;
}

/** Parameters one chip holds before sharding (elements). */
export function heldParams(p: ModelProfile, l: Pick<Layout, 'tp' | 'pp' | 'ep' | 'expertTp'>): HeldParams {
  let dense = p.extraParams / l.pp;
  let experts = 0;
  // Stages hold whole layers: the fullest has the ceiling of the mean.
  const layers = Math.max(1, p.runs);
  const uneven = (Math.ceil(layers / l.pp) * l.pp) / layers;
  for (const g of p.groups) {
    const split = (g.attentionParams + g.mixerParams + g.mlpParams + g.sharedParams) / l.tp;
    dense += (g.count * (split + g.replicatedParams) * uneven) / l.pp;
    experts += (g.count * g.expertParams * g.experts * uneven) / (l.ep * l.expertTp * l.pp);
  }
  return { dense, experts, embedding: p.embeddingParams / l.tp, head: p.headParams / l.tp };
}

/** Bytes of weights, gradients, optimizer and gathered weights of `dense` and `experts` parameters under the layout's sharding. */
function stateBytes(
  dense: number,
  experts: number,
  unit: number,
  s: TrainingSetup,
  l: Layout,
): Omit<MemoryParts, 'activations' | 'logits' | 'framework'> {
  const replicas = l.shardGroup > 0 ? l.shardGroup : l.dp * l.cp;
  const copies = expertReplicas(l);
  const cut = (level: number): number => (l.zero >= level ? dense / replicas + experts / copies : dense + experts);
  const state = OPTIMIZER_BYTES[s.optimizer];
  const trained = s.task === 'lora' ? 0.02 : 1;
  const eager = s.stack === 'torch_native' || s.stack === 'fsdp';
  // Sharded PyTorch weights are the 4-byte master copy itself.
  const master = l.zero === 3 && eager ? 2 : 0;
  let gathered = 0;
  if (l.zero === 3) gathered = l.pp === 1 ? 2 * 2 * unit + 2 * unit : (2 + 4) * (dense + experts);
  return {
    weights: l.offload.weights ? 2 * 2 * unit : cut(3) * (2 + master),
    gradients: cut(2) * 4 * trained,
    optimizer: l.offload.optimizer ? 0 : cut(1) * (state - 2 * master) * trained,
    buffers: gathered,
  };
}

/** Assembles the estimate of one stage. `held` as from `heldParams`, `m` microbatches per step. */
export function stageMemory(
  b: MicrobatchMemory,
  held: HeldParams,
  p: ModelProfile,
  s: TrainingSetup,
  l: Layout,
  m: number,
  stage: 'first' | 'last' | 'only',
): MemoryEstimate {
  const tables =
    stage === 'only' ? held.head + held.embedding : stage === 'last' ? held.head : p.tied ? held.head : held.embedding;
  const state = stateBytes(held.dense + tables, held.experts, b.largestUnit, s, l);
  const alive = stage === 'last' ? lastInFlight(l, m) : inFlight(l, m);
  const layers = Math.max(1, p.runs);
  const share = stage === 'only' ? 1 : Math.ceil(layers / l.pp) / layers;
  const rebuilt = l.recompute === 'full' || l.recompute === 'per_op' ? b.layer : 0;
  const activations = b.saved * share * alive + rebuilt;
  const logits = stage === 'first' ? 0 : b.logits;
  const buffers = state.buffers + b.exchange + b.layer;
  const framework = FRAMEWORK_BYTES + FRAGMENTATION * (activations + logits + buffers);
  return {
    ...state,
    activations,
    logits,
    buffers,
    framework,
    total: state.weights + state.gradients + state.optimizer + activations + logits + buffers + framework,
    stage,
  };
}

/** Microbatches alive on the last stage, in units of its layers. */
function lastInFlight(l: Layout, m: number): number {
  if (l.schedule === 'gpipe') return Math.max(1, m);
  if (l.schedule === 'interleaved' && l.vp > 1) return Math.min(Math.max(1, m), (l.pp * (l.vp - 1) + 1) / l.vp);
  return l.schedule === 'zero_bubble' || l.schedule === 'zero_bubble_v' ? Math.min(Math.max(1, m), l.pp) : 1;
}

/** Memory of the fullest chip, by part (bytes). */
export function memoryPerChip(p: ModelProfile, s: TrainingSetup, l: Layout): MemoryEstimate {
  const b = microbatchMemory(p, s, l);
  const held = heldParams(p, l);
  const m = microbatches(l, s.batchSeqs);
  if (l.pp === 1) return stageMemory(b, held, p, s, l, m, 'only');
  const first = stageMemory(b, held, p, s, l, m, 'first');
  const last = stageMemory(b, held, p, s, l, m, 'last');
  return first.total >= last.total ? first : last;
}

/** Share of a chip's memory a run may plan to fill: allocators fail before the last byte. */
export const PLANNABLE = 0.985;

/** Whether an estimate fits the chip. */
export function fitsMemory(total: number, hardware: HardwareSpec): boolean {
  return total <= hardware.memoryBytes * PLANNABLE;
}

/**
 * Share (0..1) of the activations that must be recomputed for a layout to fit when nothing says what is recomputed:
 * 1 - free / activations without recomputation.
 */
export function impliedRecompute(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, l: Layout): number {
  const e = memoryPerChip(p, s, { ...l, recompute: 'none' });
  if (e.activations <= 0) return 0;
  const free = h.memoryBytes * PLANNABLE - (e.total - e.activations);
  return Math.min(1, Math.max(0, 1 - free / e.activations));
}

/** The least recomputation under which the layout fits; `full` when none does. */
export function leastRecompute(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, l: Layout): 'none' | 'full' {
  return fitsMemory(memoryPerChip(p, s, { ...l, recompute: 'none' }).total, h) ? 'none' : 'full';
}
