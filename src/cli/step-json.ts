/** A predicted step as the commands print it. */
import type { Layout, StepPrediction } from '../core/cluster/index.ts';

const GIB = 2 ** 30;

/** Degrees and choices of a layout under their JSON keys. */
export function layoutJson(l: Layout): Record<string, unknown> {
  return {
    tp: l.tp,
    pp: l.pp,
    cp: l.cp,
    ep: l.ep,
    dp: l.dp,
    vp: l.vp,
    expert_tp: l.expertTp,
    microbatch: l.microbatch,
    recompute: l.recompute,
    zero: l.zero,
    shard_group: l.shardGroup,
    schedule: l.schedule,
    sequence_parallel: l.sequenceParallel,
    offload: l.offload,
  };
}

/** Seconds of a step by part, bytes of memory by part (GiB). */
export function partsJson(p: StepPrediction): {
  parts: Record<string, number>;
  memory_parts_gib: Record<string, number>;
} {
  const { weights, gradients, optimizer, activations, logits, buffers, framework } = p.memory;
  const memory = { weights, gradients, optimizer, activations, logits, buffers, framework };
  return {
    parts: { ...p.parts },
    memory_parts_gib: Object.fromEntries(Object.entries(memory).map(([part, bytes]) => [part, bytes / GIB])),
  };
}

/** Every key of a prediction. */
export function predictionJson(p: StepPrediction): Record<string, unknown> {
  return {
    step_s: p.stepSeconds,
    step_s_p10: p.p10,
    step_s_p90: p.p90,
    tokens_per_s: p.tokensPerSecond,
    tokens_per_s_per_chip: p.tokensPerSecondPerChip,
    model_tflops_per_chip: p.modelTflopsPerChip,
    mfu: p.mfu,
    hfu: p.hfu,
    memory_gib: p.memory.total / GIB,
    fits: p.fits,
    bottleneck: p.bottleneck,
    ...partsJson(p),
  };
}

/** The same keys for a row that cannot be answered. */
export const UNANSWERED: Record<string, null> = {
  step_s: null,
  step_s_p10: null,
  step_s_p90: null,
  tokens_per_s: null,
  tokens_per_s_per_chip: null,
  model_tflops_per_chip: null,
  mfu: null,
  hfu: null,
  memory_gib: null,
  fits: null,
  bottleneck: null,
  parts: null,
  memory_parts_gib: null,
};
