import { FlopsheetError } from '../errors.ts';
import { domainWarnings, trustWarnings } from './domain.ts';
import { requirePositive, wrongLaw } from './equations.ts';
import type { Law, LawWarning } from './types.ts';

/** What batch and learning-rate laws depend on; only the ones a law uses are needed. */
export interface BatchQuery {
  readonly flop?: number;
  readonly params?: number;
  readonly tokens?: number;
  readonly loss?: number;
}

/**
 * Batch in tokens, or learning rate, by a power law: coef x product of the law's inputs to its exponents.
 * @throws FlopsheetError `law_missing_input` that names the input the law needs.
 */
export function powerLaw(law: Law, query: BatchQuery): { value: number; warnings: readonly LawWarning[] } {
  if (law.equation !== 'power')
    throw wrongLaw(law, 'is not a batch or learning-rate law', 'Ask steplaw2025-batch or deepseek2024-batch.');
  let value = law.constants.coef!;
  for (const [name, exponent] of Object.entries(law.constants)) {
    if (name === 'coef') continue;
    const input = query[name as keyof BatchQuery];
    if (input === undefined) {
      throw new FlopsheetError('law_missing_input', `The law ${law.id} needs ${name}.`, {
        hint: law.formula,
        where: name,
      });
    }
    requirePositive(name, input, name === 'flop' ? 'FLOP' : name);
    value *= input ** exponent;
  }
  return { value, warnings: [...domainWarnings(law, query), ...trustWarnings(law)] };
}

/**
 * Extra steps and examples when training away from the critical batch: with x = batch / B_crit, steps / S_min = 1 + 1 / x and
 * examples / E_min = 1 + x, the hyperbola (S/S_min - 1)(E/E_min - 1) = 1. At x = 1 both double.
 * @source McCandlish et al. 2018, equation 2.11.
 */
export function batchTradeoff(
  batchTokens: number,
  criticalBatchTokens: number,
): { stepsOverMin: number; examplesOverMin: number } {
  requirePositive('batch_tokens', batchTokens, 'tokens');
  requirePositive('critical_batch_tokens', criticalBatchTokens, 'tokens');
  const x = batchTokens / criticalBatchTokens;
  return { stepsOverMin: 1 + 1 / x, examplesOverMin: 1 + x };
}
