import { FlopsheetError } from '../errors.ts';
import type { Architecture } from './architecture.ts';
import type { AttentionConvention } from './attention-span.ts';
import { visibleTokensMean } from './attention-span.ts';
import type { FlopConvention, RecomputeMode } from './flops.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from './flops.ts';
import type { Part, Weight } from './shapes.ts';
import { blockShapes } from './shapes.ts';

/** Low-rank adapters: matrices of these names get two factors of the given rank; everything else is frozen. */
export interface Adapters {
  readonly rank: number;
  /** Names of matrices as in `shapes.ts` (`query`, `value`, `up`…); empty: every matrix of every layer. */
  readonly targets: readonly string[];
}

function adapted(weight: Weight, adapters: Adapters): boolean {
  return weight.part !== 'router' && (adapters.targets.length === 0 || adapters.targets.includes(weight.name));
}

/** Parameters of the adapters: rank x (inputs + outputs) per adapted matrix, experts each (LoRA, Hu et al. 2021); `used`: those one token passes. */
export function adapterParameters(
  architecture: Architecture,
  adapters: Adapters,
  which: 'stored' | 'used' = 'stored',
): number {
  if (!(adapters.rank > 0) || !Number.isInteger(adapters.rank)) {
    throw new FlopsheetError('adapter-rank', `The adapter rank is ${adapters.rank}, not a positive whole number.`, {
      where: 'rank',
      hint: 'Ranks are usually 8 to 256.',
    });
  }
  let params = 0;
  for (const { count, block } of architecture.blocks) {
    for (const weight of blockShapes(block, architecture.hiddenSize, architecture.norm).weights) {
      if (adapted(weight, adapters)) params += count * weight[which] * adapters.rank * (weight.inputs + weight.outputs);
    }
  }
  return params;
}

/**
 * Training FLOP per token with adapters: frozen matrices cost forward and data gradient (2x their forward), the
 * attention core both gradients (3x), adapters 3x. Quantised bases (QLoRA) cost the same FLOPs at other bytes.
 */
export function adapterTrainFlopPerToken(
  architecture: Architecture,
  seq: number,
  adapters: Adapters,
  attention: AttentionConvention = 'causal',
): number {
  const forward = forwardFlopPerToken(architecture, seq, { attention, multiTokenPrediction: false });
  let frozen = 0;
  let core = 0;
  for (const part of forward.parts) {
    frozen += part.weightFlop;
    core += part.coreFlop;
  }
  return 2 * frozen + 3 * core + 6 * adapterParameters(architecture, adapters, 'used');
}

/**
 * Training FLOP per token with whole parts frozen: their matrices need no weight gradient (2x forward), and no gradient
 * at all (1x) when nothing before them is trained, as for a frozen embedding side or tower (`forwardOnly`).
 */
export function frozenTrainFlopPerToken(
  architecture: Architecture,
  seq: number,
  frozen: ReadonlySet<Part>,
  forwardOnly: ReadonlySet<Part> = new Set(),
): number {
  let flop = 0;
  for (const { part, weightFlop, coreFlop } of forwardFlopPerToken(architecture, seq).parts) {
    if (forwardOnly.has(part)) flop += weightFlop + coreFlop;
    else flop += (frozen.has(part) ? 2 : 3) * weightFlop + 3 * coreFlop;
  }
  return flop;
}

/** Training FLOP per token of a student beside a teacher whose logits are computed in the same run: 3x student + 1x teacher forward. */
export function distillationFlopPerToken(
  student: Architecture,
  teacher: Architecture,
  seq: number,
  convention: FlopConvention,
): number {
  const teacherForward = trainFlopPerToken(teacher, seq, convention, { multiTokenPrediction: false }) / 3;
  return trainFlopPerToken(student, seq, convention) + teacherForward;
}

/** One phase of a run: tokens trained at one sequence length. */
export interface TrainingPhase {
  readonly tokens: number;
  readonly seq: number;
  readonly recompute?: RecomputeMode;
}

/** Model and hardware FLOP of a run of several phases (long-context extension, annealing), each at its own sequence length. */
export function phasesFlop(
  architecture: Architecture,
  phases: readonly TrainingPhase[],
  convention: FlopConvention,
): { model: number; hardware: number } {
  let model = 0;
  let hardware = 0;
  for (const { tokens, seq, recompute = 'none' } of phases) {
    const perToken = trainFlopPerToken(architecture, seq, convention);
    model += tokens * perToken;
    const attention = convention === 'exact_full' ? 'full' : 'causal';
    const extra =
      convention === '6nd'
        ? recompute === 'full'
          ? perToken / 3
          : 0
        : hardwareFlopPerToken(architecture, seq, recompute, { attention }) - perToken;
    hardware += tokens * (perToken + extra);
  }
  return { model, hardware };
}

/** A reinforcement-learning iteration on generated answers. Counts are tokens and samples; models beside the policy are optional. */
export interface RolloutIteration {
  readonly prompts: number;
  readonly samplesPerPrompt: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Passes over the generated data in the update (1 for on-policy). */
  readonly updateEpochs: number;
  /** Scores every answer with a forward pass: reference policy, reward and value models. */
  readonly scorers: readonly Architecture[];
  /** Whether samples of a prompt share its prefill. */
  readonly sharedPrefix: boolean;
}

/** FLOP of one iteration by what it does: prefill and decode of the rollouts, scoring, update. */
export interface RolloutFlop {
  readonly prefill: number;
  readonly decode: number;
  readonly scoring: number;
  readonly update: number;
  readonly total: number;
}

/** Forward FLOP per generated token at a context of `context` tokens: matrices once, attention over the whole context. */
export function decodeFlopPerToken(architecture: Architecture, context: number): number {
  const forward = forwardFlopPerToken(architecture, context, { attention: 'full', multiTokenPrediction: false });
  return forward.total;
}

/** FLOP of a reinforcement-learning iteration: generation (forward only), scoring (forward only), update (forward and both gradients). */
export function rolloutFlop(policy: Architecture, r: RolloutIteration): RolloutFlop {
  const samples = r.prompts * r.samplesPerPrompt;
  const sequence = r.promptTokens + r.answerTokens;
  const forwardTokens = (model: Architecture, tokens: number): number =>
    tokens * forwardFlopPerToken(model, tokens, { multiTokenPrediction: false }).total;
  const prefill = (r.sharedPrefix ? r.prompts : samples) * forwardTokens(policy, r.promptTokens);
  // The attention term is linear in the context, so its mean over an answer is its value at the middle.
  const decode = samples * r.answerTokens * decodeFlopPerToken(policy, r.promptTokens + r.answerTokens / 2);
  let scoring = 0;
  for (const scorer of r.scorers) scoring += samples * forwardTokens(scorer, sequence);
  const update = 3 * r.updateEpochs * samples * forwardTokens(policy, sequence);
  return { prefill, decode, scoring, update, total: prefill + decode + scoring + update };
}

/** Forward FLOP of an image through a vision tower of `patches` patches (attention over all of them), projectors included. */
export function visionFlopPerImage(architecture: Architecture, patches: number): number {
  const vision = architecture.vision;
  if (vision === null) return 0;
  let perPatch = 2 * vision.patchInputs * vision.hiddenSize;
  for (const { count, block } of vision.blocks) {
    for (const weight of blockShapes(block, vision.hiddenSize, vision.norm).weights)
      perPatch += 2 * count * weight.used * weight.inputs * weight.outputs;
    if (block.mixer?.type === 'attention') {
      perPatch +=
        count *
        2 *
        block.mixer.heads *
        (block.mixer.headDim + block.mixer.valueHeadDim) *
        visibleTokensMean(block.mixer, patches, false, 'full');
    }
  }
  let projectors = 0;
  for (const projector of vision.projectors) {
    for (const layer of projector.layers)
      projectors += (2 * layer.inputs * layer.outputs * patches) / projector.patchesPerToken;
  }
  return patches * perPatch + projectors;
}
