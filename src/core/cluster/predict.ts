import type { Architecture } from '../model/architecture.ts';
import { microbatchFeatures, stepFeatures } from './features.ts';
import { impliedShare } from './fit.ts';
import type { HardwareSpec } from './hardware.ts';
import { peakFlopPerS } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { chipsOf } from './layout.ts';
import type { MemoryEstimate } from './memory.ts';
import { PLANNABLE, fitsMemory, impliedRecompute, memoryPerChip } from './memory.ts';
import type { Family, PredictorFit } from './predictor-fit.ts';
import type { ModelProfile } from './profile.ts';
import { profileModel } from './profile.ts';
import type { RecomputeShare } from './step-time.ts';
import { stragglerShare } from './stragglers.ts';
import { assembleStep, layerSeconds, recomputeShare, stackFactor, stageSeconds } from './step-time.ts';

/** Parts a step's seconds are made of; they sum to the step. */
export const STEP_PARTS = [
  'gemm',
  'attention',
  'elementwise',
  'quantisation',
  'mixer',
  'experts',
  'expert_overhead',
  'all_to_all',
  'tensor_parallel',
  'context_parallel',
  'head',
  'host_wait',
  'shard_wait',
  'pipeline_transfer',
  'pipeline_bubble',
  'data_parallel',
  'optimizer',
  'fixed',
  'software',
  'stragglers',
] as const;
export type StepPart = (typeof STEP_PARTS)[number];

/** Chips of a node: what is slow, or fails, together. */
const CHIPS_PER_NODE = 8;

/** What limits a step, in words, by part. */
export const BOTTLENECKS: Readonly<Record<StepPart, string>> = {
  gemm: 'matrix products',
  attention: 'attention',
  elementwise: 'memory bandwidth (elementwise work)',
  quantisation: 'memory bandwidth (quantisation)',
  mixer: 'recurrent layers',
  experts: 'matrix products of experts',
  expert_overhead: 'routing of experts',
  all_to_all: 'exchange between experts',
  tensor_parallel: 'exchange under tensor parallelism',
  context_parallel: 'exchange under context parallelism',
  head: 'output head and loss',
  host_wait: 'the host launching work',
  shard_wait: 'gathering sharded weights',
  pipeline_transfer: 'transfer between pipeline stages',
  pipeline_bubble: 'pipeline bubble',
  data_parallel: 'gradient exchange',
  optimizer: 'optimizer',
  fixed: 'fixed cost of a step',
  software: 'software overhead',
  stragglers: 'the slowest node',
};

/** A predicted step. Seconds, FLOP, bytes and tokens; fractions 0..1. */
export interface StepPrediction {
  readonly stepSeconds: number;
  /** 10th and 90th percentile of the step's seconds by the residuals of rows the fit has not seen. */
  readonly p10: number;
  readonly p90: number;
  readonly tokensPerSecond: number;
  readonly tokensPerSecondPerChip: number;
  /** Model FLOP (no recomputation, causal attention halved) per second and chip, in TFLOP/s. */
  readonly modelTflopsPerChip: number;
  /** Against the dense peak of the precision. */
  readonly mfu: number;
  readonly hfu: number;
  readonly memory: MemoryEstimate;
  readonly fits: boolean;
  readonly bottleneck: string;
  readonly parts: Readonly<Record<StepPart, number>>;
  readonly family: Family;
  /** Share of the forward pass computed twice. */
  readonly recompute: number;
  readonly notes: readonly string[];
}

export interface PredictOptions {
  /** The layout's `recompute` is not known: take what memory forces. */
  readonly recomputeUnknown?: boolean;
}

/** Family of a model by its layers. */
export function familyOf(p: ModelProfile): Family {
  return p.maxExperts > 0 || p.groups.some((g) => g.innerWidth > 0) ? 'moe_hybrid' : 'dense';
}

/** Memory when nobody said what is recomputed: without recomputation if that fits, else as full as planned, else with full recomputation. */
function memoryUnknown(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, l: Layout): MemoryEstimate {
  const none = memoryPerChip(p, s, { ...l, recompute: 'none' });
  if (fitsMemory(none.total, h)) return none;
  const full = memoryPerChip(p, s, { ...l, recompute: 'full' });
  const planned = h.memoryBytes * PLANNABLE;
  if (full.total >= planned) return full;
  return { ...full, activations: full.activations + planned - full.total, total: planned };
}

/**
 * Predicts one training step of `model` on `hardware` under a layout. Pure and closed form. The layout is taken as
 * given: check it with `validateLayout` first; nonsense in (zero microbatch) gives NaN, never another layout.
 */
export function predictStep(
  model: Architecture | ModelProfile,
  hardware: HardwareSpec,
  l: Layout,
  s: TrainingSetup,
  fit: PredictorFit,
  options: PredictOptions = {},
): StepPrediction {
  const p = 'groups' in model ? model : profileModel(model, s.seqLen, s.multiTokenPrediction);
  const { theta } = fit;
  const unknown = options.recomputeUnknown === true;
  const implied = unknown ? impliedShare(theta, impliedRecompute(p, hardware, s, l)) : 0;
  const share: RecomputeShare = unknown ? { layers: implied, attention: implied } : recomputeShare(theta, l.recompute);
  const t = stageSeconds(theta, microbatchFeatures(p, hardware, s, l), hardware, s, share);
  const features = stepFeatures(p, hardware, s, l);
  const stack = stackFactor(theta, hardware, s);
  const step = assembleStep(theta, layerSeconds(t), t.head, t.host, features, l, stack, s);
  const late = stragglerShare(s.nodeSpread, Math.ceil(chipsOf(l) / CHIPS_PER_NODE));
  const total = step.total * (1 + late);
  const m = features.microbatches;
  const perStep = m / l.pp;
  const parts: Record<StepPart, number> = {
    gemm: t.gemm * perStep,
    attention: t.attention * perStep,
    elementwise: t.elementwise * perStep,
    quantisation: t.quantisation * perStep,
    mixer: t.mixer * perStep,
    experts: t.experts * perStep,
    expert_overhead: t.expertOverhead * perStep,
    all_to_all: t.allToAll * perStep,
    tensor_parallel: t.tensor * perStep,
    context_parallel: t.context * perStep,
    head: t.head * step.headWeight * m,
    host_wait: step.hostWait * m,
    shard_wait: step.shardWait * m,
    pipeline_transfer: step.pipeline * m,
    pipeline_bubble: step.bubble,
    data_parallel: step.data,
    optimizer: step.optimizer,
    fixed: step.fixed,
    software: step.total * (1 - 1 / step.stack),
    stragglers: step.total * late,
  };
  const tokensPerSecondPerChip = features.tokensPerChip / total;
  const peak = peakFlopPerS(hardware, s.precision);
  const mfu = (p.trainFlop * tokensPerSecondPerChip) / peak;
  const headFlop = 2 * p.headParams * p.heads;
  const memory = unknown ? memoryUnknown(p, hardware, s, l) : memoryPerChip(p, s, l);
  const family = familyOf(p);
  const band = fit.bands[family];
  const notes: string[] = [];
  const highest = fit.highestMfu[s.precision];
  if (mfu > highest)
    notes.push(
      `The predicted MFU of ${(mfu * 100).toFixed(0)} % is above any that was measured in ${s.precision} (${(highest * 100).toFixed(0)} %).`,
    );
  if (hardware.matmulFraction === null)
    notes.push('The chip has no measured matrix-product rate: that of its class stands in.');
  const largest = STEP_PARTS.reduce((best, part) => (parts[part] > parts[best] ? part : best));
  return {
    stepSeconds: total,
    p10: total * Math.exp(-band.high),
    p90: total * Math.exp(-band.low),
    tokensPerSecond: tokensPerSecondPerChip * chipsOf(l),
    tokensPerSecondPerChip,
    modelTflopsPerChip: (p.trainFlop * tokensPerSecondPerChip) / 1e12,
    mfu,
    hfu: mfu * (1 + (share.layers * Math.max(0, p.trainFlop / 3 - headFlop)) / p.trainFlop),
    memory,
    fits: fitsMemory(memory.total, hardware),
    bottleneck: BOTTLENECKS[largest],
    parts,
    family,
    recompute: share.layers,
    notes,
  };
}
