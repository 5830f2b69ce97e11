/** Functions over a model's architecture: FLOPs per token under each convention. */
import type { Model } from '../../model/architecture.ts';
import {
  FLOP_CONVENTIONS,
  hardwareFlopPerToken,
  RECOMPUTE_MODES,
  trainFlopPerToken,
  type FlopConvention,
  type RecomputeMode,
} from '../../model/flops.ts';
import { layerTotals } from '../../model/layers.ts';
import type { FunctionDef, LibraryContext } from '../../formula/function.ts';

/** The model a cell names; null, with the reason, when nothing is known of its layers. */
export function modelOf(context: LibraryContext, id: number): Model | null {
  const key = context.text(id);
  const model = context.payload('model', key) as Model | undefined;
  if (model) return model;
  context.because(`the architecture of "${key}" is not known`);
  context.because('choose a model from the catalog, drop its config.json on the app, or use flop_convention 6nd');
  return null;
}

export const CONVENTION = { name: 'convention', type: `choice:${FLOP_CONVENTIONS.join('|')}` } as const;
export const SEQ = { name: 'seq_len', type: 'token' } as const;
export const MODEL = { name: 'model', type: 'reference:model' } as const;

export const MODEL_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'train_flop_per_token',
    group: 'model',
    params: [MODEL, SEQ, CONVENTION],
    result: 'FLOP',
    doc: 'Training FLOP per token of a model: 6 per active parameter (6nd), or counted from its matrices with the attention core halved for causality (exact_causal) or in full (exact_full). A multiply-add is 2 FLOP. For a vision model counted layer by layer a sample stands for a token: 3 times its forward pass.',
    example: 'train_flop_per_token("llama-3.1-405b", 8192 token, "exact_causal")',
    source: 'Kaplan et al. 2020 (6ND); Megatron-LM num_floating_point_operations',
    memo: true,
    compute: ([model, seq, convention], context) => {
      const found = modelOf(context, model as number);
      if (found === null) return Number.NaN;
      if (found.kind === 'layers') return layerTotals(found).trainFlopPerSample;
      return trainFlopPerToken(found, seq as number, context.text(convention as number) as FlopConvention);
    },
  },
  {
    name: 'hardware_flop_per_token',
    group: 'model',
    params: [MODEL, SEQ, CONVENTION, { name: 'recompute', type: `choice:${RECOMPUTE_MODES.join('|')}` }],
    result: 'FLOP',
    doc: 'FLOP per token the chips really do, with activations computed again in the backward pass.',
    example: 'hardware_flop_per_token("llama-3.1-405b", 8192 token, "exact_causal", "full")',
    source: 'Korthikanti et al. 2022, equations 7 and 8',
    memo: true,
    compute: ([model, seq, convention, recompute], context) => {
      const found = modelOf(context, model as number);
      if (found === null) return Number.NaN;
      const mode = context.text(recompute as number) as RecomputeMode;
      if (found.kind === 'layers') return layerTotals(found).trainFlopPerSample * (mode === 'full' ? 4 / 3 : 1);
      return hardwareFlopPerToken(
        found,
        seq as number,
        mode,
        context.text(convention as number) === 'exact_full' ? { attention: 'full' } : {},
      );
    },
  },
  {
    name: 'recompute_factor',
    group: 'model',
    params: [{ name: 'recompute', type: `choice:${RECOMPUTE_MODES.join('|')}` }],
    result: '1',
    doc: 'Hardware FLOP over model FLOP when only 6ND is known: 4/3 with full recompute, 1 otherwise (selective recompute repeats only the attention core, which 6ND leaves out).',
    example: 'recompute_factor("full")',
    source: 'Narayanan et al. 2021 (factor 96 = 4/3 · 72)',
    compute: ([recompute], context) => (context.text(recompute as number) === 'full' ? 4 / 3 : 1),
  },
];
