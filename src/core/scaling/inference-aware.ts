import { FlopsheetError } from '../errors.ts';
import { additiveConstants, additiveOptimum, requirePositive, wrongLaw } from './equations.ts';
import { minimizeScalar } from './minimize.ts';
import type { Law } from './types.ts';

/** Tokens served over the model's life. */
export interface LifetimeDemand {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Price of a delivered FLOP in each regime: chip-hour price / (3600 x peak x utilisation). Relative prices suffice. */
export interface ComputePrices {
  readonly usdPerTrainFlop: number;
  readonly usdPerInputFlop: number;
  readonly usdPerOutputFlop: number;
}

/** The quality to reach: a loss, or that of a compute-optimal model of a given size. */
export type Quality = { readonly loss: number } | { readonly likeOptimalParams: number };

export interface InferenceAwareOptimum {
  readonly params: number;
  readonly tokens: number;
  readonly loss: number;
  readonly trainFlop: number;
  readonly inferenceFlop: number;
  /** Training plus inference: FLOP, or dollars when prices were given. */
  readonly total: number;
  /** The compute-optimal model of the same quality and its total for the same demand. */
  readonly chinchillaParams: number;
  readonly chinchillaTokens: number;
  readonly chinchillaTotal: number;
  /** tokens / chinchillaTokens. */
  readonly tokensRatio: number;
  /** total / chinchillaTotal - 1 (negative: saved). */
  readonly change: number;
}

/**
 * Size and tokens that reach a quality at least lifetime cost: minimise 6 N D_train p_train + 2 N (D_in p_in + D_out p_out)
 * subject to L(N, D_train) = loss. Without prices every FLOP costs the same, which gives the FLOP form.
 * At the optimum (alpha A N^-alpha) / (beta B D^-beta) = 1 + D_inf / (3 D_train).
 * @source Sardana et al. 2023, equations 2 and 3.
 */
export function inferenceAwareOptimum(
  law: Law,
  quality: Quality,
  demand: LifetimeDemand,
  prices?: ComputePrices,
): InferenceAwareOptimum {
  const c = additiveConstants(law);
  if (!c)
    throw wrongLaw(
      law,
      'predicts no loss as a function of size and tokens',
      'Pick an additive law such as besiroglu2024.',
    );
  for (const [name, value] of Object.entries(demand)) {
    if (!(value >= 0) || !Number.isFinite(value)) {
      throw new FlopsheetError('law_bad_input', `${name} must be zero or a positive number of tokens, not ${value}.`, {
        hint: 'Write a count such as 2e12.',
        where: name,
      });
    }
  }
  const price = prices ?? { usdPerTrainFlop: 1, usdPerInputFlop: 1, usdPerOutputFlop: 1 };
  requirePositive('usd_per_train_flop', price.usdPerTrainFlop, 'dollars');
  const sum = c.alpha + c.beta;
  const g = ((c.alpha * c.A) / (c.beta * c.B)) ** (1 / sum);
  let params: number;
  if ('likeOptimalParams' in quality) {
    requirePositive('params', quality.likeOptimalParams, 'parameters');
    params = quality.likeOptimalParams;
  } else {
    if (!(quality.loss > c.E)) {
      throw new FlopsheetError(
        'law_unreachable_loss',
        `A loss of ${quality.loss} is at or below the floor ${c.E.toPrecision(5)} of ${law.id}: no size reaches it.`,
        {
          hint: 'Ask for a higher loss, or for the quality of a model size.',
          where: 'loss',
        },
      );
    }
    // Along the frontier beta B D^-beta = alpha A N^-alpha, so L - E = A N^-alpha (1 + alpha / beta).
    params = ((c.A * (1 + c.alpha / c.beta)) / (quality.loss - c.E)) ** (1 / c.alpha);
  }
  const chinchillaTokens = additiveOptimum(c, 6 * (params / g) ** (sum / c.beta)).tokens;
  const chinchillaParams = params;
  const loss = c.E + c.A * params ** -c.alpha + c.B * chinchillaTokens ** -c.beta;
  const gap = loss - c.E;
  const serve = 2 * (demand.inputTokens * price.usdPerInputFlop + demand.outputTokens * price.usdPerOutputFlop);
  const total = (n: number, d: number) => n * (6 * d * price.usdPerTrainFlop + serve);
  const tokensFor = (n: number) => (c.B / (gap - c.A * n ** -c.alpha)) ** (1 / c.beta);
  // The smallest size that can reach the loss at all, with endless data.
  const least = (c.A / gap) ** (1 / c.alpha);
  let best = chinchillaParams;
  if (serve > 0) {
    const x = minimizeScalar(
      (t) => Math.log(total(least + Math.exp(t), tokensFor(least + Math.exp(t)))),
      Math.log(least) - 20,
      Math.log(chinchillaParams),
      200,
      1e-12,
    );
    best = least + Math.exp(x);
  }
  const tokens = serve > 0 ? tokensFor(best) : chinchillaTokens;
  const here = total(best, tokens);
  const chinchillaTotal = total(chinchillaParams, chinchillaTokens);
  return {
    params: best,
    tokens,
    loss,
    trainFlop: 6 * best * tokens,
    inferenceFlop: 2 * best * (demand.inputTokens + demand.outputTokens),
    total: here,
    chinchillaParams,
    chinchillaTokens,
    chinchillaTotal,
    tokensRatio: tokens / chinchillaTokens,
    change: here / chinchillaTotal - 1,
  };
}
