import type { HardwareSpec } from './hardware.ts';
import { peakFlopPerS } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { bubbleFraction } from './layout.ts';
import type { MicrobatchFeatures, StepFeatures } from './features.ts';
import { classIndex, designAge, matmulFraction, parameterIndex, relativePower, DESIGN_CLASSES } from './parameters.ts';

/**
 * Step time from features and parameters: seconds add up along a stage (predictor-study.md §2), weights gathered while
 * computing hide behind it (smooth maximum), the pipeline idles by its schedule, replicas exchange gradients.
 */

const at = parameterIndex;
const I = {
  power: at('power exponent'),
  fp8: [at('fp8 nvidia/fp8'), at('fp8 nvidia/fp4'), at('fp8 other')] as const,
  fp4: at('fp4'),
  gemmBytes: at('gemm bytes'),
  quant: at('quantisation'),
  quantMx: at('quantisation mxfp8'),
  quantFp4: at('quantisation fp4'),
  elementwise: at('elementwise'),
  loss: at('loss'),
  attention: [
    at('attention nvidia/bf16'),
    at('attention nvidia/fp8'),
    at('attention nvidia/fp4'),
    at('attention other'),
  ] as const,
  tuned: at('attention tuned for its chip'),
  exponentials: at('exponentials'),
  scores: at('score passes'),
  expert: at('expert gemm'),
  expertLow: at('expert gemm low precision'),
  expertShort: at('expert short'),
  expertNarrow: at('expert narrow'),
  epilogue: at('expert epilogue'),
  permute: at('permute'),
  router: at('router'),
  near: at('all-to-all near'),
  far: at('all-to-all far'),
  moe: at('moe layer seconds'),
  moeHost: at('moe layer separate host'),
  moeDrop: at('moe layer token drop'),
  mixer: at('mixer layer seconds'),
  mixerBytes: at('mixer bytes'),
  mixerFlop: at('mixer flop'),
  host: at('host layer seconds'),
  tensor: at('tensor'),
  context: at('context'),
  pipeline: at('pipeline'),
  data: at('data'),
  shard: at('shard'),
  shardFlat: at('shard flat parameters'),
  bubble: at('bubble'),
  head: at('head imbalance'),
  fixed: at('fixed seconds'),
  trend: at('software per year'),
  moeTrend: at('moe software per year'),
  moe2026: at('moe software 2026'),
  perOp: at('per-op recompute'),
  young: at('young chip'),
  youngVendor: at('young chip vendor'),
  fsdpElementwise: at('fsdp elementwise'),
  stack: {
    megatron: at('stack megatron'),
    fsdp: at('stack fsdp'),
    torch_native: at('stack torch_native'),
    xla: at('stack xla'),
    early_megatron: at('stack early_megatron'),
    benchmark_race: at('stack benchmark_race'),
  },
} as const;

/** Seconds of one microbatch by part, for all layers (a stage has 1/pp of them), and of the output head. */
export interface StageSeconds {
  gemm: number;
  attention: number;
  elementwise: number;
  quantisation: number;
  mixer: number;
  experts: number;
  expertOverhead: number;
  allToAll: number;
  tensor: number;
  context: number;
  head: number;
  /** Time the host needs to launch the layers. */
  host: number;
}

/** Share of the forward pass computed again: layers, and the attention core (at least as much). */
export interface RecomputeShare {
  readonly layers: number;
  readonly attention: number;
}

/** Share repeated under a policy; `implied` is what memory forces when the policy is unknown (0..1). */
export function recomputeShare(theta: Float64Array, recompute: Layout['recompute']): RecomputeShare {
  if (recompute === 'full') return { layers: 1, attention: 1 };
  if (recompute === 'per_op') {
    const share = Math.min(1, Math.exp(theta[I.perOp]!));
    return { layers: share, attention: 0 };
  }
  return { layers: 0, attention: recompute === 'selective' ? 1 : 0 };
}

/** Attention kernels that use the asynchronous units of FP8-class chips (FlashAttention-3, cuDNN 9) came into stacks in mid 2024. */
const TUNED_YEAR = 2024;

/** Share (0..1) of asynchronous attention kernels: those of vendor stacks, on chips that have FP8 units. */
function tunedShare(h: HardwareSpec, s: TrainingSetup): number {
  if (s.stack === 'fsdp' || h.fp8FlopPerS === null) return 0;
  return 1 / (1 + Math.exp(-(s.stackYear - TUNED_YEAR) / 0.1));
}

/** Products and exponentials of attention: one after the other, or overlapped by asynchronous kernels. */
function attentionCore(products: number, exponentials: number, overlapped: number): number {
  return overlapped * Math.hypot(products, exponentials) + (1 - overlapped) * (products + exponentials);
}

const clip = (value: number, low: number, high: number): number => (value < low ? low : value > high ? high : value);

/** Efficiency of 16-bit products, and of those in the setup's precision, relative to the respective peak. */
export function efficiencies(
  theta: Float64Array,
  h: HardwareSpec,
  s: TrainingSetup,
): { wide: number; low: number; attention: number } {
  const index = classIndex(h.designClass);
  const exponent = clip(theta[I.power]!, 0, 0.95);
  const trend = Math.exp(theta[I.trend]! * clip(s.stackYear - 2026, -2, 2));
  const base = matmulFraction(h) * 0.97 * Math.exp(theta[index]!) * trend;
  const power = relativePower(h, h.bf16FlopPerS, 1);
  const wide = clip(base * power ** exponent, 0.02, 0.98);
  const kind = index === 0 ? 0 : index === 1 ? 1 : index === 2 ? 2 : 3;
  const tuned = kind === 1 ? theta[I.tuned]! * tunedShare(h, s) : 0;
  const attention = clip(Math.exp(theta[I.attention[kind]]! + tuned) * power ** (0.5 * exponent), 0.02, 0.9);
  if (s.precision === 'bf16') return { wide, low: wide, attention };
  const peak = peakFlopPerS(h, s.precision);
  // By what the chip has, not by its rates: a faster 16-bit unit must not change how narrow ones are judged.
  const ratio = s.precision === 'fp4' && h.fp4FlopPerS !== null ? 4 : h.fp8FlopPerS !== null ? 2 : 1;
  const kind8 = DESIGN_CLASSES[index] === 'nvidia/fp8' ? 0 : DESIGN_CLASSES[index] === 'nvidia/fp4' ? 1 : 2;
  const step = ratio === 1 ? 0 : ratio === 4 ? theta[I.fp4]! : theta[I.fp8[kind8]]!;
  const low = clip(base * (ratio === 4 ? 1 : relativePower(h, peak, ratio) ** exponent) * Math.exp(step), 0.02, 0.98);
  return { wide, low, attention };
}

/** Factor on the overheads of expert layers: software has improved from year to year. */
function moeTrend(theta: Float64Array, h: HardwareSpec, s: TrainingSetup): number {
  const years = clip(s.stackYear - 2026, -3, 1.5);
  const newest = h.fp4FlopPerS === null ? 0 : 1 / (1 + Math.exp(-(s.stackYear - 2026.4) / 0.015));
  return Math.exp(-theta[I.moeTrend]! * years - theta[I.moe2026]! * newest);
}

/** Seconds of one microbatch by part under the parameters `theta` (see `PRIORS`). */
export function stageSeconds(
  theta: Float64Array,
  f: MicrobatchFeatures,
  h: HardwareSpec,
  s: TrainingSetup,
  share: RecomputeShare,
  e: { wide: number; low: number; attention: number } = efficiencies(theta, h, s),
): StageSeconds {
  const low = s.precision !== 'bf16';
  const multiplier = (s.task === 'lora' ? 2.05 : 3) + share.layers;
  const relative = multiplier / 3;
  const trend = f.moeLayers > 0 ? moeTrend(theta, h, s) : 1;
  let quantisation = 0;
  if (low) {
    const kind = s.precision === 'mxfp8' ? theta[I.quantMx]! : s.precision === 'fp4' ? theta[I.quantFp4]! : 0;
    quantisation = Math.exp(theta[I.quant]! + kind) * (f.quantBytes * multiplier + f.quantWeightBytes);
  }
  const core = s.unfusedAttention
    ? ((3 + share.attention) * f.attention * 2) / (e.wide * 0.6) +
      Math.exp(theta[I.scores]!) * f.scoreBytes * (1 + share.attention / 3)
    : (3.5 + Math.max(share.layers, share.attention)) *
      attentionCore(
        f.attention / e.attention,
        (Math.exp(theta[I.exponentials]!) * f.exponentials * 2) / 3.5,
        tunedShare(h, s),
      );
  const plainSoftware = s.stack === 'fsdp' ? theta[I.fsdpElementwise]! : 0;
  let experts = 0;
  let overhead = 0;
  let allToAll = 0;
  if (f.moeLayers > 0) {
    experts =
      ((multiplier *
        Math.exp(theta[I.expert]!) *
        (f.expertGemm +
          Math.exp(theta[I.expertShort]!) * f.expertShort +
          Math.exp(theta[I.expertNarrow]!) * f.expertNarrow)) /
        (e.low * (low ? Math.exp(theta[I.expertLow]!) : 1))) *
      trend ** 0.3;
    const constant = theta[I.moe]! + (h.superchip ? 0 : theta[I.moeHost]!) + (s.tokenDrop ? theta[I.moeDrop]! : 0);
    overhead =
      (Math.exp(constant) * f.moeLayers +
        Math.exp(theta[I.permute]!) * f.permuteBytes +
        Math.exp(theta[I.router]!) * f.routerBytes +
        Math.exp(theta[I.epilogue]!) * f.epilogueBytes * relative) *
      trend;
    allToAll =
      (Math.exp(theta[I.near]!) * f.allToAllNear + Math.exp(theta[I.far]!) * f.allToAllFar) *
      trend *
      (1 + share.layers / 2);
  }
  return {
    gemm: (multiplier * f.gemm) / e.low + Math.exp(theta[I.gemmBytes]!) * f.gemmBytes * multiplier,
    attention: core,
    elementwise: Math.exp(theta[I.elementwise]! + plainSoftware) * f.elementwiseBytes * relative,
    quantisation,
    mixer:
      f.mixerLayers === 0
        ? 0
        : Math.exp(theta[I.mixer]!) * f.mixerLayers +
          Math.exp(theta[I.mixerBytes]!) * f.mixerBytes * relative +
          Math.exp(theta[I.mixerFlop]! - theta[I.moeTrend]! * clip(s.stackYear - 2026, -3, 1.5)) * f.mixerFlop * 3,
    experts,
    expertOverhead: overhead,
    allToAll,
    tensor: Math.exp(theta[I.tensor]!) * f.tensor * (1 + share.layers / 2),
    context: Math.exp(theta[I.context]!) * f.context * (1 + share.layers / 3),
    head: f.head / e.wide + Math.exp(theta[I.loss]!) * f.lossBytes + 3 * Math.exp(theta[I.gemmBytes]!) * f.headBytes,
    host: Math.exp(theta[I.host]!) * f.layers,
  };
}

/** Sum of a stage's parts without the head. */
export function layerSeconds(t: StageSeconds): number {
  return (
    t.gemm +
    t.attention +
    t.elementwise +
    t.quantisation +
    t.mixer +
    t.experts +
    t.expertOverhead +
    t.allToAll +
    t.tensor +
    t.context
  );
}

/** A step's seconds and what they consist of beside the stage's parts. */
export interface StepSeconds {
  readonly total: number;
  /** One microbatch on the slowest stage. */
  readonly microbatch: number;
  /** Weight of the head in a microbatch (the slowest stage has it, others do not). */
  readonly headWeight: number;
  readonly hostWait: number;
  readonly shardWait: number;
  readonly pipeline: number;
  readonly bubble: number;
  readonly data: number;
  readonly optimizer: number;
  readonly fixed: number;
  /** Factor of the software family on everything. */
  readonly stack: number;
}

/** Factor of a software family, and of software written for a design that was new then. */
export function stackFactor(theta: Float64Array, h: HardwareSpec, s: TrainingSetup): number {
  const own = s.stack === null ? 0 : theta[I.stack[s.stack]]!;
  const vendor =
    s.stack === 'megatron' || s.stack === 'early_megatron' || s.stack === 'benchmark_race' || s.stack === 'xla';
  const age = designAge(h, s.stackYear);
  const young = vendor
    ? Math.max(0, theta[I.youngVendor]!) * Math.max(0, 1 - age)
    : Math.max(0, theta[I.young]!) * Math.max(0, 2 - age);
  return Math.exp(own + young);
}

/**
 * Assembles a step: `layers` and `head` are seconds of one microbatch (`layerSeconds`, `StageSeconds.head`), `host` the
 * launch time of all layers. Returns seconds.
 */
export function assembleStep(
  theta: Float64Array,
  layers: number,
  head: number,
  host: number,
  step: StepFeatures,
  l: Pick<Layout, 'pp' | 'vp' | 'schedule' | 'zero'>,
  stack: number,
  s: Pick<TrainingSetup, 'task' | 'stack'>,
): StepSeconds {
  const flat = s.stack === 'fsdp';
  const imbalance = clip(Math.exp(theta[I.head]!), 0, 1);
  const headWeight = 1 / l.pp + (imbalance * (1 - 1 / l.pp)) / Math.sqrt(Math.max(1, l.vp));
  const pipeline = Math.exp(theta[I.pipeline]!) * step.pipeline;
  const busy = layers / l.pp + head * headWeight + pipeline;
  const launch = host / l.pp;
  const both = Math.sqrt(Math.sqrt(busy ** 4 + launch ** 4));
  const gather = Math.exp(theta[I.shard]! + (flat ? theta[I.shardFlat]! : 0)) * step.shard;
  const microbatch = gather === 0 ? both : Math.cbrt(both ** 3 + gather ** 3);
  const m = step.microbatches;
  const bubble = m * microbatch * Math.exp(theta[I.bubble]!) * bubbleFraction(l, m);
  const data = Math.exp(theta[I.data]!) * step.data;
  const optimizer = step.optimizer / 0.7 + step.offload;
  const fixed = Math.exp(theta[I.fixed]!) * (s.task === 'lora' ? 0.3 : 1);
  return {
    total: (m * microbatch + bubble + data + optimizer + fixed) * stack,
    microbatch,
    headWeight,
    hostWait: both - busy,
    shardWait: microbatch - both,
    pipeline,
    bubble,
    data,
    optimizer,
    fixed,
    stack,
  };
}
