import { FlopsheetError } from '../errors.ts';
import {
  flopForLoss,
  frontierLoss,
  lossFunction,
  optimalAllocation,
  requirePositive,
  trainFlop,
  wrongLaw,
} from './equations.ts';
import type { LossFunction } from './equations.ts';
import type { Law } from './types.ts';

function lossOf(law: Law): LossFunction {
  const loss = lossFunction(law);
  if (!loss)
    throw wrongLaw(
      law,
      'predicts no loss as a function of size and tokens',
      'Pick a law with a loss, such as besiroglu2024.',
    );
  return loss;
}

export interface OverTraining {
  readonly params: number;
  readonly tokens: number;
  readonly tokensPerParam: number;
  readonly loss: number;
  readonly lossOpt: number;
  /** loss - lossOpt: what the smaller (or larger) model costs at equal compute. */
  readonly lossPenalty: number;
  /** Share of this run's compute a compute-optimal run would not have needed for the same loss. */
  readonly computeOverhead: number;
}

/**
 * The price of another size at the same budget (over-training for cheap inference, or under-training).
 * @param size parameters, or `{ factor }` times the optimal size.
 */
export function overTraining(law: Law, flop: number, size: number | { readonly factor: number }): OverTraining {
  requirePositive('flop', flop, 'FLOP');
  const loss = lossOf(law);
  const best = optimalAllocation(law, flop);
  const params = typeof size === 'number' ? size : size.factor * best.params;
  requirePositive('params', params, 'parameters');
  const tokens = flop / (6 * params);
  const here = loss(params, tokens);
  const lossOpt = loss(best.params, best.tokens);
  const equal = flopForLoss(law, here);
  return {
    params,
    tokens,
    tokensPerParam: tokens / params,
    loss: here,
    lossOpt,
    lossPenalty: here - lossOpt,
    computeOverhead: equal === null ? NaN : Math.max(flop / equal - 1, 0),
  };
}

export interface MarginalValue {
  /** Change of loss per FLOP on the frontier (negative: more compute lowers the loss). */
  readonly lossPerFlop: number;
  /** Change of loss per further dollar. */
  readonly lossPerUsd: number;
  /** Change of loss when compute doubles. */
  readonly lossPerDoubling: number;
  /** Dollars to lower the loss by 0.01; null when the floor of the law is nearer than that. */
  readonly usdForOneHundredth: number | null;
}

/** What the next unit of compute or dollar buys at a budget. `usdPerFlop`: price of a FLOP actually delivered. */
export function marginalValue(law: Law, flop: number, usdPerFlop: number): MarginalValue {
  requirePositive('flop', flop, 'FLOP');
  requirePositive('usd_per_flop', usdPerFlop, 'dollars per FLOP');
  const at = (c: number) => {
    const loss = frontierLoss(law, c);
    if (loss === null) throw wrongLaw(law, 'predicts no loss', 'Pick a law with a loss, such as besiroglu2024.');
    return loss;
  };
  const h = 1e-4;
  const lossPerFlop = (at(flop * (1 + h)) - at(flop * (1 - h))) / (2 * h * flop);
  const needed = flopForLoss(law, at(flop) - 0.01);
  return {
    lossPerFlop,
    lossPerUsd: lossPerFlop / usdPerFlop,
    lossPerDoubling: at(2 * flop) - at(flop),
    usdForOneHundredth: needed === null ? null : (needed - flop) * usdPerFlop,
  };
}

/** A run that others are measured against, with how sure its compute is. */
export interface ReferenceRun {
  readonly name: string;
  readonly flop: number;
  /** 90 % range of its compute; omit when published exactly. */
  readonly low?: number;
  readonly high?: number;
  readonly confidence: 'published' | 'confident' | 'likely' | 'speculative';
  readonly source: string;
}

/** Default 90 % range of a reference by confidence, as a factor each way (Epoch AI: confident 3, likely 10, speculative 30). */
const CONFIDENCE_FACTOR = { published: 1.05, confident: 3, likely: 10, speculative: 30 } as const;

export interface ComputeMultiple {
  readonly multiple: number;
  readonly low: number;
  readonly high: number;
  readonly reference: ReferenceRun;
}

/** "10x that model": compute over the reference's, with the range that the reference's own uncertainty implies. */
export function computeMultiple(flop: number, reference: ReferenceRun): ComputeMultiple {
  requirePositive('flop', flop, 'FLOP');
  requirePositive('reference flop', reference.flop, 'FLOP');
  const factor = CONFIDENCE_FACTOR[reference.confidence];
  const low = reference.low ?? reference.flop / factor;
  const high = reference.high ?? reference.flop * factor;
  if (!(low <= reference.flop && reference.flop <= high)) {
    throw new FlopsheetError(
      'law_bad_input',
      `The compute of ${reference.name} (${reference.flop}) is outside its own range ${low} to ${high}.`,
      {
        hint: 'Give low <= flop <= high.',
        where: reference.name,
      },
    );
  }
  return { multiple: flop / reference.flop, low: flop / high, high: flop / low, reference };
}

/** Compute-equivalent multiple of a run over its own compute: C_opt(L(N, D)) / (6 N D), at most 1. NaN without a loss. */
export function computeEfficiency(law: Law, params: number, tokens: number): number {
  requirePositive('params', params, 'parameters');
  requirePositive('tokens', tokens, 'tokens');
  const equal = flopForLoss(law, lossOf(law)(params, tokens));
  return equal === null ? NaN : Math.min(equal / trainFlop(params, tokens), 1);
}
