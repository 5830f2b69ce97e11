import type { HardwareSpec, Precision } from './hardware.ts';
import { peakFlopPerS } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { expertReplicas, microbatches } from './layout.ts';
import { microbatchMemory } from './memory.ts';
import type { LayerProfile, ModelProfile } from './profile.ts';

/**
 * Seconds of one microbatch on one chip at datasheet rates (FLOP / peak, bytes / bandwidth), for all layers: a pipeline
 * stage has its share of them. Source: the additive roofline of predictor-study.md §2.
 */
export interface MicrobatchFeatures {
  /** Tokens of one microbatch after context parallelism. */
  tokens: number;
  /** Forward products of layers, at the precision's peak, padded to tiles; and bytes they move. */
  gemm: number;
  gemmBytes: number;
  quantBytes: number;
  quantWeightBytes: number;
  /** Forward attention core at the 16-bit peak, exponentials, and one pass over the score matrix. */
  attention: number;
  exponentials: number;
  scoreBytes: number;
  elementwiseBytes: number;
  /** Recurrent mixers: passes over their inner width, scan FLOP. */
  mixerBytes: number;
  mixerFlop: number;
  /** Experts: grouped products, and the same weighted by how short and how narrow they are. */
  expertGemm: number;
  expertShort: number;
  expertNarrow: number;
  permuteBytes: number;
  routerBytes: number;
  epilogueBytes: number;
  allToAllNear: number;
  allToAllFar: number;
  /** Output head: training products, loss traffic. */
  head: number;
  headBytes: number;
  lossBytes: number;
  /** Tensor- and context-parallel exchange. */
  tensor: number;
  context: number;
  layers: number;
  moeLayers: number;
  /** Recurrent layers over tensor ranks: what a layer costs whatever its tokens is shared with its heads. */
  mixerLayers: number;
}

/** Seconds per step at datasheet rates of what happens between stages and between replicas. */
export interface StepFeatures {
  microbatches: number;
  /** Point-to-point per microbatch. */
  pipeline: number;
  /** Gather and scatter of sharded weights and trips to host memory, per microbatch; hides behind computation. */
  shard: number;
  /** Gradient exchange per step. */
  data: number;
  optimizer: number;
  offload: number;
  tokensPerChip: number;
}

/** Bytes of one element of a product's operand. */
export const OPERAND_BYTES: Readonly<Record<Precision, number>> = { bf16: 2, fp8: 1, mxfp8: 1.03, fp4: 0.56 };

/** Products are computed in tiles: a width of n costs as much as the next multiple of 256. */
function tile(n: number): number {
  return n > 0 ? (Math.ceil(n / 256) * 256) / n : 1;
}

/** Bytes moved per element of width by the activation function of a feed-forward (read, write, in 2-byte elements). */
const activationPasses = (gated: boolean): number => (gated ? 8 : 5);
const matrices = (gated: boolean): number => (gated ? 3 : 2);

/** Ranks of a group of `size` that share a fast domain of `domain` chips. */
const near = (size: number, domain: number): number => Math.min(size, domain);

function addLayer(
  f: MicrobatchFeatures,
  g: LayerProfile,
  p: ModelProfile,
  h: HardwareSpec,
  s: TrainingSetup,
  l: Layout,
): void {
  const tokens = f.tokens;
  const shard = tokens / l.tp;
  const hidden = p.hidden;
  const n = g.count;
  const peak = peakFlopPerS(h, s.precision);
  const bandwidth = h.memoryBandwidth;
  const bytes = OPERAND_BYTES[s.precision];
  const low = s.precision !== 'bf16';
  const padHidden = Math.sqrt(tile(hidden));
  const plain = g.attentionParams + g.mixerParams + g.sharedParams + g.routerParams;
  const flop = plain + g.mlpParams * Math.sqrt(tile(g.mlpWidth / l.tp));
  f.gemm += (2 * shard * n * flop * padHidden) / peak;
  const wide = matrices(g.gated);
  let io = 0;
  if (g.softmax) io += 2 * hidden * l.tp + g.trafficWidth + g.mixedWidth;
  if (g.innerWidth > 0) io += 2 * hidden * l.tp + 3 * g.innerWidth;
  if (g.mlpWidth > 0) io += 2 * hidden * l.tp + wide * g.mlpWidth;
  if (g.sharedWidth > 0) io += 2 * hidden * l.tp + wide * g.sharedWidth;
  const elements = shard * io * n;
  const weights = ((plain + g.mlpParams) * n) / l.tp;
  f.gemmBytes += ((elements * (bytes + 2)) / 2 + weights * bytes) / bandwidth;
  if (low) {
    f.quantBytes += (elements * (2 + 2 * bytes)) / bandwidth;
    f.quantWeightBytes += (weights * (2 + 2 * bytes)) / bandwidth;
  }
  if (g.softmax) {
    f.attention += (shard * n * g.coreFlop) / h.bf16FlopPerS;
    f.exponentials += (shard * n * g.visible * g.heads) / (h.exponentialsPerS ?? h.bf16FlopPerS / 270);
    f.scoreBytes += (shard * n * p.seqLen * g.heads * 2) / bandwidth;
  }
  const replicated = l.sequenceParallel ? 1 : Math.sqrt(l.tp);
  const passes = activationPasses(g.gated);
  f.elementwiseBytes +=
    (shard * n * 2 * (20 * hidden * replicated + 6 * g.trafficWidth + passes * (g.mlpWidth + g.sharedWidth))) /
    bandwidth;
  if (g.innerWidth > 0) {
    f.mixerBytes += (shard * n * g.innerWidth * 2 * 24) / bandwidth;
    f.mixerFlop += (shard * n * (0.86 * g.recurrentFlop + g.innerWidth * 256)) / h.bf16FlopPerS;
    f.mixerLayers += n / l.tp;
  }
  if (g.experts > 0) addExperts(f, g, h, s, l);
  f.tensor += tensorSeconds(tokens, hidden, n, (2 + bytes) / 4, h, l);
  if (l.cp > 1 && g.softmax) {
    const volume = (3 * 2 * tokens * g.kvWidth * (l.cp - 1) * n) / l.tp;
    f.context +=
      volume / (l.tp * l.cp <= h.domainSize ? h.domainBandwidth : Math.min(h.domainBandwidth, h.scaleOutBandwidth));
  }
  f.layers += n;
}

function tensorSeconds(
  tokens: number,
  hidden: number,
  layers: number,
  narrow: number,
  h: HardwareSpec,
  l: Layout,
): number {
  if (l.tp === 1) return 0;
  const volume = 8 * tokens * hidden * 2 * layers * narrow;
  return l.tp <= h.domainSize
    ? (volume * (l.tp - 1)) / l.tp / h.domainBandwidth
    : volume / Math.min(h.domainBandwidth, h.scaleOutBandwidth);
}

function addExperts(f: MicrobatchFeatures, g: LayerProfile, h: HardwareSpec, s: TrainingSetup, l: Layout): void {
  const shard = f.tokens / l.tp;
  const n = g.count;
  const bandwidth = h.memoryBandwidth;
  const bytes = OPERAND_BYTES[s.precision];
  const copies = shard * g.topK;
  const pad = Math.cbrt(tile(g.expertWidth / l.expertTp) * tile(g.expertInput)) ** 2;
  const gemm = ((2 * copies * g.expertParams * n) / peakFlopPerS(h, s.precision)) * pad;
  const perExpert = Math.max(1, (copies * l.ep * l.expertTp) / g.experts);
  f.expertGemm += gemm;
  f.expertShort += (gemm * 128) / perExpert;
  f.expertNarrow += gemm * ((512 * l.expertTp) / g.expertWidth + 512 / g.expertInput);
  const local = g.experts / l.ep / l.expertTp;
  const io = copies * (2 * g.expertInput + matrices(g.expertGated) * g.expertWidth) * n;
  const weights = local * g.expertParams * n;
  f.gemmBytes += (weights * bytes + (io * (bytes + 2)) / 2) / bandwidth;
  if (s.precision !== 'bf16') {
    f.quantBytes += (io * (2 + 2 * bytes)) / bandwidth;
    f.quantWeightBytes += (weights * (2 + 2 * bytes)) / bandwidth;
  }
  f.elementwiseBytes += (copies * 2 * activationPasses(g.expertGated) * g.expertWidth * n) / bandwidth;
  f.permuteBytes += (copies * g.expertInput * 2 * 12 * n) / bandwidth;
  f.routerBytes += (shard * g.experts * 4 * 12 * n) / bandwidth;
  if (g.expertBias) f.epilogueBytes += (copies * g.expertWidth * 8 * 12 * n) / bandwidth;
  if (l.ep * l.expertTp > 1) {
    const group = l.ep * l.expertTp;
    const inside = near(group, h.domainSize);
    f.allToAllNear += (4 * copies * g.expertInput * 2 * n * (inside - 1)) / inside / h.domainBandwidth;
    const nodes = group / inside;
    if (nodes > 1) {
      // A token goes once to every domain that holds one of its experts: the mean number of distinct domains.
      const sent = s.tokenDrop ? g.topK : nodes * (1 - (1 - 1 / nodes) ** g.topK);
      f.allToAllFar +=
        (4 * shard * g.expertInput * 2 * n * sent * (1 - 1 / nodes)) / Math.min(h.domainBandwidth, h.scaleOutBandwidth);
    }
  }
  f.moeLayers += n;
}

/** Features of one microbatch; `pp`, `dp` and `zero` of the layout do not enter. */
export function microbatchFeatures(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, l: Layout): MicrobatchFeatures {
  const tokens = (l.microbatch * s.seqLen) / l.cp;
  const f: MicrobatchFeatures = {
    tokens,
    gemm: 0,
    gemmBytes: 0,
    quantBytes: 0,
    quantWeightBytes: 0,
    attention: 0,
    exponentials: 0,
    scoreBytes: 0,
    elementwiseBytes: 0,
    mixerBytes: 0,
    mixerFlop: 0,
    expertGemm: 0,
    expertShort: 0,
    expertNarrow: 0,
    permuteBytes: 0,
    routerBytes: 0,
    epilogueBytes: 0,
    allToAllNear: 0,
    allToAllFar: 0,
    head: 0,
    headBytes: 0,
    lossBytes: 0,
    tensor: 0,
    context: 0,
    layers: 0,
    moeLayers: 0,
    mixerLayers: 0,
  };
  for (const group of p.groups) addLayer(f, group, p, h, s, l);
  const multiplier = s.task === 'lora' ? 2.05 : 3;
  f.head = (multiplier * 2 * (tokens / l.tp) * p.headParams * p.heads) / h.bf16FlopPerS;
  f.headBytes =
    p.heads === 0 ? 0 : (tokens * (p.hidden + p.vocab / l.tp) * 2 + (p.headParams / l.tp) * 2) / h.memoryBandwidth;
  f.lossBytes = (tokens * p.vocab * 2 * 8 * p.heads) / l.tp / h.memoryBandwidth;
  return f;
}

/** Parameters one chip of a pipeline stage holds: dense (split by tensor ranks) and experts. */
export function stageParams(p: ModelProfile, l: Layout): { dense: number; experts: number; replicated: number } {
  let dense = 0;
  let experts = 0;
  let replicated = p.extraParams / l.pp;
  for (const g of p.groups) {
    dense += (g.count * (g.attentionParams + g.mixerParams + g.mlpParams + g.sharedParams)) / (l.tp * l.pp);
    replicated += (g.count * g.replicatedParams) / l.pp;
    experts += (g.count * g.expertParams * g.experts) / (l.ep * l.expertTp * l.pp);
  }
  return { dense, experts, replicated };
}

/**
 * Features of one step beyond its microbatches. Ring exchange over the replicas of dense and of expert weights. `spill`:
 * bytes of activations one microbatch moves to host memory (all layers), as `microbatchMemory` says.
 */
export function stepFeatures(
  p: ModelProfile,
  h: HardwareSpec,
  s: TrainingSetup,
  l: Layout,
  spill = l.offload.activations ? microbatchMemory(p, s, l).spill : 0,
): StepFeatures {
  const m = Math.max(1, microbatches(l, s.batchSeqs));
  const tokens = (l.microbatch * s.seqLen) / l.cp;
  const held = stageParams(p, l);
  const tables = (p.headParams + p.embeddingParams) / (l.pp === 1 ? 1 : 2) / (l.tp * l.pp);
  const dense = held.dense + held.replicated + tables;
  const { experts } = held;
  const replicas = l.dp * l.cp;
  const inside = Math.max(1, Math.min(replicas, h.domainSize / l.tp));
  const slow = Math.min(h.domainBandwidth, h.scaleOutBandwidth * inside);
  const bandwidth = replicas <= inside + 0.5 ? h.domainBandwidth : slow;
  const expertCopies = expertReplicas(l);
  const expertGroup = l.ep * l.expertTp;
  const expertBandwidth =
    expertGroup * expertCopies <= h.domainSize
      ? h.domainBandwidth
      : Math.min(h.domainBandwidth, h.scaleOutBandwidth * Math.max(1, h.domainSize / expertGroup));
  const trained = s.task === 'lora' ? 0.02 : 1;
  const expertPass = (experts * (1 - 1 / expertCopies)) / expertBandwidth;
  const passes = (dense * (1 - 1 / replicas)) / bandwidth + expertPass;
  // Hybrid sharding gathers within its group and reduces gradients across groups once per step.
  const group = l.shardGroup > 0 ? Math.min(l.shardGroup, replicas) : replicas;
  const gather = (dense * (1 - 1 / group)) / (group <= inside + 0.5 ? h.domainBandwidth : slow) + expertPass;
  const across = group < replicas ? (((4 * dense) / group) * (1 - group / replicas)) / slow : 0;
  const reach =
    l.tp * l.cp * l.pp <= h.domainSize ? h.domainBandwidth : Math.min(h.domainBandwidth, h.scaleOutBandwidth);
  const sharded = l.zero === 0 ? 1 : group;
  const expertSharded = l.zero === 0 ? 1 : expertCopies;
  return {
    microbatches: m,
    pipeline: l.pp > 1 ? (4 * tokens * p.hidden * l.vp) / l.tp / reach : 0,
    shard: (l.zero === 3 ? 6 * gather : 0) + hostSeconds(dense + experts, spill / l.pp, l),
    // Sharded gradients cannot wait for the last microbatch: they are reduced after each.
    data: l.zero === 3 ? across * trained : passes * trained * (l.zero === 2 ? 2 + 4 * m : 6),
    optimizer: ((dense / sharded + experts / expertSharded) * 30 * trained) / h.memoryBandwidth,
    offload: offloadSeconds(dense / sharded + experts / expertSharded, l),
    tokensPerChip: (s.batchSeqs * s.seqLen) / (l.tp * l.pp * l.cp * l.dp),
  };
}

/** Host link of an accelerator (byte/s, one direction): PCIe 5 x16 as a floor every server class reaches today. */
const HOST_BYTES_PER_S = 50e9;

/** Time of a microbatch's trips over the host link: activations out and in, weights in for forward and backward. */
function hostSeconds(params: number, spill: number, l: Layout): number {
  return (2 * spill + (l.offload.weights ? 4 * params : 0)) / HOST_BYTES_PER_S;
}

/** Time to move optimizer state over the host link and back once per step. */
function offloadSeconds(params: number, l: Layout): number {
  return l.offload.optimizer ? (params * 4) / HOST_BYTES_PER_S : 0; // 2-byte gradients out, 2-byte weights in
}
