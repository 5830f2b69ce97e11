import type { Precision } from './hardware.ts';

/** How much of the forward pass is computed again in the backward pass. */
export const RECOMPUTES = ['none', 'selective', 'per_op', 'full'] as const;
/**
 * `selective` repeats the attention core; `per_op` keeps every second product of a layer (a policy of PyTorch stacks);
 * `full` repeats whole layers.
 */
export type Recompute = (typeof RECOMPUTES)[number];

export const SCHEDULES = ['gpipe', '1f1b', 'interleaved', 'zero_bubble', 'zero_bubble_v'] as const;
export type Schedule = (typeof SCHEDULES)[number];

export const OPTIMIZERS = ['adam', 'adam_8bit', 'adam_bf16_moments', 'muon', 'sgd_momentum'] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

/** What lives in host memory instead of on the chip. */
export interface Offload {
  readonly optimizer: boolean;
  readonly activations: boolean;
  readonly weights: boolean;
}

export const NO_OFFLOAD: Offload = { optimizer: false, activations: false, weights: false };

/** How a model is spread over chips. `tp * pp * cp * dp` is the number of chips; experts reuse the ranks of tp, cp and dp. */
export interface Layout {
  readonly tp: number;
  readonly pp: number;
  readonly cp: number;
  readonly dp: number;
  /** Expert parallelism: ranks the experts of a layer are spread over. */
  readonly ep: number;
  /** Tensor parallelism inside one expert. */
  readonly expertTp: number;
  /** Model chunks per pipeline rank (interleaving). */
  readonly vp: number;
  /** Sequences of one microbatch. */
  readonly microbatch: number;
  readonly recompute: Recompute;
  /** 0 replicated, 1 optimizer sharded, 2 and gradients, 3 and weights (FSDP). */
  readonly zero: 0 | 1 | 2 | 3;
  /** Ranks one copy of the sharded state is spread over (HSDP: fewer than dp * cp); 0 is all of them. */
  readonly shardGroup: number;
  readonly sequenceParallel: boolean;
  readonly schedule: Schedule;
  readonly offload: Offload;
}

/** What is trained, apart from the layout. */
export interface TrainingSetup {
  readonly seqLen: number;
  /** Global batch in sequences. */
  readonly batchSeqs: number;
  readonly precision: Precision;
  readonly optimizer: Optimizer;
  /** Date of the software as a decimal year. */
  readonly stackYear: number;
  /** Software family, whose fixed overheads the fit knows; `null`: none in particular. */
  readonly stack: Stack | null;
  /** `lora` trains adapters: no weight gradients of the base. */
  readonly task: 'pretrain' | 'finetune' | 'lora';
  /** Experts drop tokens beyond a fixed capacity. */
  readonly tokenDrop: boolean;
  /** Scores of attention are written to memory (software before fused attention kernels). */
  readonly unfusedAttention: boolean;
  /** Dropout masks are kept. */
  readonly dropout: boolean;
  /** MTP modules are trained. */
  readonly multiTokenPrediction: boolean;
  /** Spread of the nodes' speeds (standard deviation over mean) beyond what measured runs have already; 0: none. */
  readonly nodeSpread: number;
}

export const STACKS = ['megatron', 'fsdp', 'torch_native', 'xla', 'early_megatron', 'benchmark_race'] as const;
export type Stack = (typeof STACKS)[number];

/** A layout with the common choices for everything left out. */
export function layout(over: Partial<Layout> = {}): Layout {
  const pp = over.pp ?? 1;
  const vp = over.vp ?? 1;
  return {
    tp: 1,
    pp,
    cp: 1,
    dp: 1,
    ep: 1,
    expertTp: 1,
    vp,
    microbatch: 1,
    recompute: 'none',
    zero: 1,
    shardGroup: 0,
    sequenceParallel: true,
    schedule: pp > 1 && vp > 1 ? 'interleaved' : '1f1b',
    offload: NO_OFFLOAD,
    ...over,
  };
}

/** A setup with the common choices for everything left out. */
export function trainingSetup(
  over: Partial<TrainingSetup> & Pick<TrainingSetup, 'seqLen' | 'batchSeqs'>,
): TrainingSetup {
  return {
    precision: 'bf16',
    optimizer: 'adam',
    stackYear: 2026,
    stack: null,
    task: 'pretrain',
    tokenDrop: false,
    unfusedAttention: false,
    dropout: false,
    multiTokenPrediction: true,
    nodeSpread: 0,
    ...over,
  };
}

/** Chips a layout occupies. */
export function chipsOf(l: Layout): number {
  return l.tp * l.pp * l.cp * l.dp;
}

/** Microbatches of one pipeline per step; fractional when they do not divide (the batch of a case may be an average). */
export function microbatches(l: Layout, batchSeqs: number): number {
  return batchSeqs / (l.dp * l.microbatch);
}

/** Ranks the expert weights are replicated (and their optimizer sharded) over. */
export function expertReplicas(l: Layout): number {
  return Math.max(1, (l.tp * l.cp * l.dp) / (l.ep * l.expertTp));
}

/** Idle share of a pipeline relative to its busy time. Sources: Narayanan 2021 (1F1B, interleaved), Qi 2023 (zero bubble). */
export function bubbleFraction(l: Pick<Layout, 'pp' | 'vp' | 'schedule'>, microbatchCount: number): number {
  const idle = l.pp - 1;
  switch (l.schedule) {
    case 'gpipe':
    case '1f1b':
      return idle / microbatchCount;
    case 'interleaved':
      return idle / (microbatchCount * l.vp);
    case 'zero_bubble':
      return idle / (3 * microbatchCount);
    case 'zero_bubble_v':
      return idle / (6 * microbatchCount);
  }
}

/** Microbatches whose activations the first stage holds at once, in units of the stage's layers. */
export function inFlight(l: Pick<Layout, 'pp' | 'vp' | 'schedule'>, microbatchCount: number): number {
  const m = Math.max(1, microbatchCount);
  if (l.pp === 1) return 1;
  if (l.schedule === 'gpipe') return m;
  const base = Math.min(m, l.pp);
  if (l.schedule === 'interleaved' && l.vp > 1) return base * (1 + (l.pp - 1) / (l.pp * l.vp));
  return base;
}
