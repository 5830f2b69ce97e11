import { additiveConstants, additiveOptimum, requirePositive, wrongLaw } from './equations.ts';
import { minimizeScalar } from './minimize.ts';
import type { Law, LawWarning } from './types.ts';

/** Decay constants of repeated data and of surplus parameters (Muennighoff: 15.39 and 5.31). */
export interface RepetitionConstants {
  readonly RD: number;
  readonly RN: number;
}

type Base = NonNullable<ReturnType<typeof additiveConstants>>;

/**
 * Loss with repeated data: D' = U + U RD (1 - exp(-(D/U - 1)/RD)) and N' likewise above the size that the unique tokens
 * support, U_N = min(N, (U G)^(beta/alpha) G).
 * @param unique unique tokens available @source Muennighoff et al. 2023, equations 5 to 7.
 */
export function dataLimitedLoss(
  base: Base,
  repetition: RepetitionConstants,
  params: number,
  tokens: number,
  unique: number,
): number {
  const { E, A, B, alpha, beta } = base;
  const u = Math.min(unique, tokens);
  const g = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta));
  const supported = Math.min(params, (u * g) ** (beta / alpha) * g);
  const { RD, RN } = repetition;
  const effectiveTokens = u + u * RD * -Math.expm1(-(tokens / u - 1) / RD);
  const effectiveParams = supported + supported * RN * -Math.expm1(-(params / supported - 1) / RN);
  return E + A * effectiveParams ** -alpha + B * effectiveTokens ** -beta;
}

function parts(law: Law): { base: Base; repetition: RepetitionConstants } {
  const base = additiveConstants(law);
  if (!base) throw wrongLaw(law, 'has no additive loss to extend to repeated data', 'Ask muennighoff2023.');
  const { RD, RN } = law.constants;
  // Other additive laws borrow the decay constants: the only ones published.
  return { base, repetition: { RD: RD ?? 15.387756, RN: RN ?? 5.309743 } };
}

/** Loss of `params` parameters on `tokens` tokens of which `unique` are distinct. */
export function lossWithRepetition(law: Law, params: number, tokens: number, unique: number): number {
  requirePositive('params', params, 'parameters');
  requirePositive('tokens', tokens, 'tokens');
  requirePositive('unique_tokens', unique, 'tokens');
  const { base, repetition } = parts(law);
  return dataLimitedLoss(base, repetition, params, tokens, unique);
}

export interface DataLimitedOptimum {
  readonly params: number;
  readonly tokens: number;
  readonly epochs: number;
  readonly loss: number;
  /** Loss if data were unlimited. */
  readonly lossUnconstrained: number;
  /** No further compute lowers the loss by more than 0.1 %: data is all that is missing. */
  readonly saturated: boolean;
  readonly warnings: readonly LawWarning[];
}

/** Best size, tokens and epochs at a budget when only `unique` tokens exist. */
export function dataLimitedOptimum(law: Law, flop: number, unique: number): DataLimitedOptimum {
  requirePositive('flop', flop, 'FLOP');
  requirePositive('unique_tokens', unique, 'tokens');
  const { base, repetition } = parts(law);
  const free = additiveOptimum(base, flop);
  const lossUnconstrained = base.E + base.A * free.params ** -base.alpha + base.B * free.tokens ** -base.beta;
  const warnings: LawWarning[] = [];
  if (law.constants.RD === undefined) {
    warnings.push({
      code: 'borrowed_constants',
      message: 'The decay of repeated data is taken from Muennighoff 2023: this law has none of its own.',
    });
  }
  if (free.tokens <= unique) {
    return { ...free, epochs: 1, loss: lossUnconstrained, lossUnconstrained, saturated: false, warnings };
  }
  const at = (lnParams: number, c: number) =>
    dataLimitedLoss(base, repetition, Math.exp(lnParams), c / 6 / Math.exp(lnParams), unique);
  const best = (c: number) => {
    const centre = Math.log(additiveOptimum(base, c).params);
    return minimizeScalar((x) => at(x, c), centre - 12, centre + 6, 120, 1e-12);
  };
  const lnParams = best(flop);
  const loss = at(lnParams, flop);
  const params = Math.exp(lnParams);
  const tokens = flop / (6 * params);
  const epochs = tokens / unique;
  const saturated = loss - at(best(flop * 1e6), flop * 1e6) < 1e-3 * loss;
  if (epochs > 4) {
    warnings.push({
      code: 'repetition',
      message: `${epochs.toFixed(1)} epochs: up to about 4 cost next to nothing, beyond about 16 repeats are worth little, and past 40 the law is optimistic.`,
    });
  }
  if (saturated)
    warnings.push({ code: 'saturated', message: 'More compute hardly helps: only more unique data lowers this loss.' });
  return { params, tokens, epochs, loss, lossUnconstrained, saturated, warnings };
}
