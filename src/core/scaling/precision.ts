import { requirePositive, wrongLaw } from './equations.ts';
import type { Law } from './types.ts';

export interface PrecisionQuery {
  readonly params: number;
  readonly tokens: number;
  /** Bits of the weights in training. */
  readonly trainBits: number;
  /** Bits after post-training quantisation; omit when served as trained. */
  readonly serveBits?: number;
}

export interface PrecisionAnswer {
  /** Size of a full-precision model of the same loss. */
  readonly effectiveParams: number;
  readonly loss: number;
  /** Loss added by quantising after training: grows with tokens per parameter. */
  readonly quantisationPenalty: number;
}

/**
 * Loss of a model trained in low precision and optionally quantised afterwards.
 * @source Kumar et al. 2024, section 6 (constants unverified; weights only).
 */
export function precisionLoss(law: Law, query: PrecisionQuery): PrecisionAnswer {
  if (law.equation !== 'precision') throw wrongLaw(law, 'is not about number formats', 'Ask kumar2024.');
  requirePositive('params', query.params, 'parameters');
  requirePositive('tokens', query.tokens, 'tokens');
  requirePositive('train_bits', query.trainBits, 'bits');
  if (query.serveBits !== undefined) requirePositive('serve_bits', query.serveBits, 'bits');
  type Names = 'A' | 'alpha' | 'B' | 'beta' | 'E' | 'gammaWeights' | 'CT' | 'gammaD' | 'gammaN' | 'gammaPost';
  const c = law.constants as Record<Names, number>;
  const effectiveParams = query.params * -Math.expm1(-query.trainBits / c.gammaWeights);
  const penalty =
    query.serveBits === undefined
      ? 0
      : ((c.CT * query.tokens ** c.gammaD) / query.params ** c.gammaN) * Math.exp(-query.serveBits / c.gammaPost);
  return {
    effectiveParams,
    quantisationPenalty: penalty,
    loss: c.E + c.A * effectiveParams ** -c.alpha + c.B * query.tokens ** -c.beta + penalty,
  };
}
