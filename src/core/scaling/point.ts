import { FlopsheetError } from '../errors.ts';
import { domainWarnings, trustWarnings } from './domain.ts';
import { frontierLoss, lossFunction, optimalAllocation, requirePositive, trainFlop, wrongLaw } from './equations.ts';
import { pointIntervals } from './intervals.ts';
import type { PointIntervals } from './intervals.ts';
import { moeOptimum } from './moe-tradeoff.ts';
import type { Law, LawWarning } from './types.ts';

/** A budget, or a size and a token count. `sparsity` is for MoE laws (default: dense). */
export type LawQuery = ({ readonly flop: number } | { readonly params: number; readonly tokens: number }) & {
  readonly sparsity?: number;
};

export interface LawPoint {
  readonly lawId: string;
  readonly flop: number;
  /** Compute-optimal size (in the law's own convention), tokens and ratio at `flop`. */
  readonly paramsOpt: number;
  readonly tokensOpt: number;
  readonly tokensPerParam: number;
  /** Loss of the given size and tokens, or at the optimum when a budget was given. null: the law predicts no loss. */
  readonly loss: number | null;
  /** Loss at the optimum of the same compute. */
  readonly lossOpt: number | null;
  readonly ci: PointIntervals | null;
  readonly inDomain: boolean;
  readonly warnings: readonly LawWarning[];
}

/**
 * What a law says at a budget (FLOP) or at a size and token count (C = 6 N D). The answer is always given; outside the fitted
 * range `inDomain` is false and `warnings` say by how much.
 * @throws FlopsheetError `law_bad_input` for a non-positive number, `law_wrong_kind` for a law that has no optimum.
 */
export function lawPoint(law: Law, query: LawQuery, level = 0.8): LawPoint {
  const given = 'params' in query ? query : null;
  if (given) {
    requirePositive('params', given.params, 'parameters');
    requirePositive('tokens', given.tokens, 'tokens');
  } else requirePositive('flop', (query as { flop: number }).flop, 'FLOP');
  if (law.task === 'moe') return moePoint(law, query);
  if (law.task !== 'dense')
    throw wrongLaw(
      law,
      'is not about size and tokens',
      'Use it for number formats or batch sizes; for an optimum pick besiroglu2024.',
    );
  const flop = given ? trainFlop(given.params, given.tokens) : (query as { flop: number }).flop;
  const best = optimalAllocation(law, flop);
  const lossOpt = frontierLoss(law, flop);
  const at = given ?? best;
  const loss = given ? (lossFunction(law)?.(given.params, given.tokens) ?? null) : lossOpt;
  const outside = domainWarnings(law, {
    flop,
    params: at.params,
    tokens: at.tokens,
    tokensPerParam: at.tokens / at.params,
  });
  const warnings = [...outside, ...trustWarnings(law)];
  if (loss === null) warnings.push({ code: 'no_loss', message: `${law.name} predicts size and tokens, not a loss.` });
  const ci = pointIntervals(law, flop, level);
  if (ci === null) warnings.push({ code: 'no_interval', message: `${law.name}: ${law.uncertaintyNote}` });
  return {
    lawId: law.id,
    flop,
    paramsOpt: best.params,
    tokensOpt: best.tokens,
    tokensPerParam: best.tokens / best.params,
    loss,
    lossOpt,
    ci,
    inDomain: outside.length === 0,
    warnings,
  };
}

function moePoint(law: Law, query: LawQuery): LawPoint {
  const sparsity = query.sparsity ?? 0;
  if (!(sparsity >= 0 && sparsity < 1)) {
    throw new FlopsheetError(
      'law_bad_input',
      `Sparsity must be from 0 up to, but not including, 1; it is ${sparsity}.`,
      {
        hint: 'Sparsity is the share of experts that stay idle: 1 - active / total experts.',
        where: 'sparsity',
      },
    );
  }
  const flop = 'flop' in query ? query.flop : trainFlop(query.params, query.tokens);
  const row = moeOptimum(law, flop, sparsity);
  const warnings = [...row.warnings, ...trustWarnings(law)];
  if (query.sparsity === undefined)
    warnings.push({
      code: 'sparsity_assumed',
      message: 'No sparsity was given: the dense end (0) of the law is shown.',
    });
  warnings.push({ code: 'no_interval', message: `${law.name}: ${law.uncertaintyNote}` });
  return {
    lawId: law.id,
    flop,
    paramsOpt: row.paramsTotal,
    tokensOpt: row.tokens,
    tokensPerParam: row.tokens / row.paramsTotal,
    loss: row.loss,
    lossOpt: row.loss,
    ci: null,
    inDomain: row.inDomain,
    warnings,
  };
}

/** One point of the compute-optimal frontier. */
export interface FrontierPoint {
  readonly flop: number;
  readonly params: number;
  readonly tokens: number;
  readonly loss: number | null;
  readonly ci: PointIntervals | null;
  /** Beyond the fitted budgets: to be drawn as such. */
  readonly extrapolated: boolean;
}

/** The frontier on `count` budgets spaced evenly in log C, for charts. */
export function frontier(law: Law, flopLow: number, flopHigh: number, count = 60, level = 0.8): FrontierPoint[] {
  requirePositive('flop', flopLow, 'FLOP');
  requirePositive('flop', flopHigh, 'FLOP');
  return Array.from({ length: count }, (_, i) => {
    const flop = flopLow * (flopHigh / flopLow) ** (count > 1 ? i / (count - 1) : 0);
    const best = optimalAllocation(law, flop);
    const at = { flop, params: best.params, tokens: best.tokens, tokensPerParam: best.tokens / best.params };
    return {
      flop,
      ...best,
      loss: frontierLoss(law, flop),
      ci: pointIntervals(law, flop, level),
      extrapolated: domainWarnings(law, at).length > 0,
    };
  });
}
