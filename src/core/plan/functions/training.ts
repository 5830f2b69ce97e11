/** Functions for other ways to train: adapters, frozen parts, distillation, rollouts, vision runs. */
import type { Architecture, Model } from '../../model/architecture.ts';
import type { FlopConvention } from '../../model/flops.ts';
import { visionTrainFlop } from '../../model/layers.ts';
import { PARTS, type Part } from '../../model/shapes.ts';
import {
  adapterParameters,
  adapterTrainFlopPerToken,
  distillationFlopPerToken,
  frozenTrainFlopPerToken,
  rolloutFlop,
} from '../../model/training.ts';
import type { BreakdownItem, FunctionDef, LibraryContext } from '../../formula/function.ts';
import { countParameters } from '../../model/parameters.ts';
import { CONVENTION, MODEL, modelOf, SEQ } from './model.ts';

/** The language model a cell names; null, with the reason, when it is none or not known. */
function languageModel(context: LibraryContext, id: number): Architecture | null {
  const model = modelOf(context, id);
  if (model === null || model.kind === 'transformer') return model;
  context.because(`${context.text(id)} is counted layer by layer: it has no tokens to train on`);
  return null;
}

/** Runs `work`, turning a refused argument into unknown with its reason. */
function knownOr(context: LibraryContext, work: () => number): number {
  try {
    return work();
  } catch (error) {
    context.because((error as Error).message);
    return Number.NaN;
  }
}

/** Part names in a text, or null with the reason when one is no part. */
function partsOf(context: LibraryContext, text: string): ReadonlySet<Part> | null {
  const names = text
    .split(/[,;]/)
    .map((name) => name.trim().replaceAll(' ', '_'))
    .filter((name) => name !== '');
  const strange = names.find((name) => !(PARTS as readonly string[]).includes(name));
  if (strange === undefined) return new Set(names as Part[]);
  context.because(`"${strange}" is no part of a model`);
  context.because(`parts are ${PARTS.join(', ')}`);
  return null;
}

const RANK = { name: 'rank', type: '1' } as const;

export const TRAINING_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'adapter_params',
    group: 'model',
    params: [MODEL, RANK],
    result: 'param',
    doc: 'Parameters of low-rank adapters (LoRA) on every matrix of every layer: rank x (inputs + outputs) each.',
    example: 'adapter_params("llama-3.1-8b", 16)',
    source: 'Hu et al. 2021, LoRA',
    memo: true,
    compute: ([model, rank], context) => {
      const found = languageModel(context, model as number);
      return found === null
        ? Number.NaN
        : knownOr(context, () => adapterParameters(found, { rank: rank as number, targets: [] }));
    },
  },
  {
    name: 'adapter_flop_per_token',
    group: 'model',
    params: [MODEL, SEQ, CONVENTION, RANK],
    result: 'FLOP',
    doc: 'Training FLOP per token with adapters (LoRA, QLoRA): frozen matrices cost their forward twice, the attention core and the adapters three times. Under 6nd: 4 per active parameter and 6 per adapter parameter a token uses.',
    example: 'adapter_flop_per_token("llama-3.1-8b", 8192 token, "exact_causal", 16)',
    source: 'Hu et al. 2021; backward pass without weight gradients',
    memo: true,
    compute: ([model, seq, convention, rank], context) => {
      const found = languageModel(context, model as number);
      if (found === null) return Number.NaN;
      const adapters = { rank: rank as number, targets: [] };
      const how = context.text(convention as number) as FlopConvention;
      return knownOr(context, () =>
        how === '6nd'
          ? 4 * countParameters(found).active + 6 * adapterParameters(found, adapters, 'used')
          : adapterTrainFlopPerToken(found, seq as number, adapters, how === 'exact_full' ? 'full' : 'causal'),
      );
    },
  },
  {
    name: 'frozen_flop_per_token',
    group: 'model',
    params: [MODEL, SEQ, { name: 'parts', type: 'text', doc: 'frozen parts, such as "attention, experts"' }],
    result: 'FLOP',
    doc: 'Training FLOP per token (exact, causal) with parts frozen: they pass the gradient on, but get none of their own.',
    example: 'frozen_flop_per_token("deepseek-v3", 4096 token, "experts, router")',
    memo: true,
    compute: ([model, seq, parts], context) => {
      const found = languageModel(context, model as number);
      const frozen = partsOf(context, context.text(parts as number));
      return found === null || frozen === null ? Number.NaN : frozenTrainFlopPerToken(found, seq as number, frozen);
    },
  },
  {
    name: 'distillation_flop_per_token',
    group: 'model',
    params: [MODEL, { name: 'teacher', type: 'reference:model' }, SEQ, CONVENTION],
    result: 'FLOP',
    doc: 'Training FLOP per token of a student with the forward pass of its teacher.',
    example: 'distillation_flop_per_token("llama-3.2-1b", "llama-3.1-8b", 8192 token, "exact_causal")',
    source: 'Hinton et al. 2015',
    memo: true,
    compute: ([model, teacher, seq, convention], context) => {
      const student = languageModel(context, model as number);
      const from = languageModel(context, teacher as number);
      return student === null || from === null
        ? Number.NaN
        : distillationFlopPerToken(student, from, seq as number, context.text(convention as number) as FlopConvention);
    },
  },
  {
    name: 'rollout_flop',
    group: 'model',
    params: [
      MODEL,
      { name: 'prompts', type: '1' },
      { name: 'answers', type: '1', doc: 'answers per prompt' },
      { name: 'prompt_tokens', type: 'token' },
      { name: 'answer_tokens', type: 'token' },
      { name: 'scorers', type: '1', doc: 'models of the same size that score every answer' },
    ],
    result: 'FLOP',
    doc: 'FLOP of one iteration of reinforcement learning: prompts read once each, answers written, scored by forward passes, one update over all of them.',
    example: 'rollout_flop("llama-3.1-8b", 512, 16, 512 token, 4096 token, 1)',
    memo: true,
    compute: (args, context) => {
      const policy = languageModel(context, args[0] as number);
      return policy === null ? Number.NaN : rollout(policy, args).total;
    },
    breakdown: (args, context) => {
      const policy = languageModel(context, args[0] as number);
      if (policy === null) return [];
      const { prefill, decode, scoring, update } = rollout(policy, args);
      return [
        ['prompts read', prefill],
        ['answers written', decode],
        ['answers scored', scoring],
        ['update', update],
      ].map(([label, value]) => ({ label, value, unit: 'FLOP' }) as BreakdownItem);
    },
  },
  {
    name: 'vision_train_flop',
    group: 'model',
    params: [MODEL, { name: 'samples', type: '1' }, { name: 'epochs', type: '1' }],
    result: 'FLOP',
    doc: 'Training FLOP of a vision model counted layer by layer: samples x epochs x 3 x forward.',
    example: 'vision_train_flop("resnet50", 1281167, 90)',
    memo: true,
    compute: ([model, samples, epochs], context) => {
      const found: Model | null = modelOf(context, model as number);
      if (found?.kind === 'layers') return visionTrainFlop(found, samples as number, epochs as number);
      if (found !== null) context.because(`${context.text(model as number)} is a language model: use tokens`);
      return Number.NaN;
    },
  },
];

function rollout(policy: Architecture, args: readonly number[]) {
  const [, prompts = 0, samplesPerPrompt = 0, promptTokens = 0, answerTokens = 0, scorers = 0] = args;
  return rolloutFlop(policy, {
    prompts,
    samplesPerPrompt,
    promptTokens,
    answerTokens,
    updateEpochs: 1,
    scorers: Array.from({ length: Math.min(16, Math.round(scorers)) }, () => policy),
    sharedPrefix: true,
  });
}
