import type { Architecture } from '../model/architecture.ts';
import { countParameters } from '../model/parameters.ts';
import type { Deployment } from './deployment.ts';
import type { ServingPrecision } from './format.ts';
import type { ServiceLevel, WithinLimits } from './slo.ts';
import { searchWithinLimits } from './slo.ts';
import type { ServingFit } from './serving-fit.ts';

/**
 * Least total parameters people start from for a kind of task. A rule of thumb to be edited, not a measure of quality:
 * nothing about a model's answers follows from its size.
 */
export const TASK_TIERS = {
  classify: { label: 'Classify, extract, route', leastParams: 1e9 },
  chat: { label: 'Simple chat, summaries', leastParams: 7e9 },
  assistant: { label: 'Assistant with tools, code help', leastParams: 27e9 },
  expert: { label: 'Hard reasoning, agents', leastParams: 200e9 },
} as const;
export type TaskTier = keyof typeof TASK_TIERS;

/** A model that could be served. */
export interface ModelChoice {
  readonly name: string;
  readonly architecture: Architecture;
}

export interface ChooserAnswer {
  /** Models of the tier from small to large: the first that meets limits and budget is the choice. */
  readonly tried: readonly {
    readonly name: string;
    readonly params: number;
    readonly best: WithinLimits | null;
    readonly verdict: 'chosen' | 'meets' | 'too_dear' | 'too_slow';
  }[];
  readonly chosen: string | null;
}

/** Smallest model of a tier that keeps the limits at no more than `usdPerMillionOutputTokens`. `largest` bounds how many are tried. */
export function chooseModel(
  models: readonly ModelChoice[],
  tier: { readonly leastParams: number },
  d: Omit<Deployment, 'architecture'>,
  fit: ServingFit,
  level: ServiceLevel,
  budget: { readonly usdPerChipHour: number; readonly usdPerMillionOutputTokens?: number },
  precisions: readonly ServingPrecision[],
  largest = 6,
): ChooserAnswer {
  const sized = models
    .map((model) => ({ ...model, params: countParameters(model.architecture).total }))
    .filter((model) => model.params >= tier.leastParams)
    .sort((a, b) => a.params - b.params)
    .slice(0, largest);
  let chosen: string | null = null;
  const tried = sized.map((model) => {
    const best =
      searchWithinLimits(
        { ...d, architecture: model.architecture },
        fit,
        level,
        budget.usdPerChipHour,
        precisions,
      )[0] ?? null;
    const affordable =
      best !== null && best.usdPerMillionOutputTokens <= (budget.usdPerMillionOutputTokens ?? Infinity);
    const verdict =
      best === null
        ? ('too_slow' as const)
        : !affordable
          ? ('too_dear' as const)
          : chosen === null
            ? ('chosen' as const)
            : ('meets' as const);
    if (verdict === 'chosen') chosen = model.name;
    return { name: model.name, params: model.params, best, verdict };
  });
  return { tried, chosen };
}
