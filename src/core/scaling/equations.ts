import { FlopsheetError } from '../errors.ts';
import type { Law } from './types.ts';

/** Loss of a model of `params` parameters trained on `tokens` tokens, in the law's loss unit. */
export type LossFunction = (params: number, tokens: number) => number;

/** Compute-optimal size and tokens at a budget. */
export interface Allocation {
  readonly params: number;
  readonly tokens: number;
}

/** Training FLOP of the six-N-D convention every law here is stated in. */
export function trainFlop(params: number, tokens: number): number {
  return 6 * params * tokens;
}

/** The five constants of E + A / N^alpha + B / D^beta. */
interface Additive {
  readonly E: number;
  readonly A: number;
  readonly B: number;
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Closed-form optimum of E + A / N^alpha + B / D^beta at C = 6 N D: G = (alpha A / (beta B))^(1/(alpha+beta)),
 * N* = G (C/6)^(beta/(alpha+beta)), D* = C / (6 N*). Source: Hoffmann et al. 2022, equation 4.
 */
export function additiveOptimum(c: Additive, flop: number): Allocation {
  const sum = c.alpha + c.beta;
  const g = ((c.alpha * c.A) / (c.beta * c.B)) ** (1 / sum);
  const params = g * (flop / 6) ** (c.beta / sum);
  return { params, tokens: flop / (6 * params) };
}

/** The additive part of a law, or null when it has no such form. */
export function additiveConstants(law: Law): Additive | null {
  if (law.equation !== 'additive' && law.equation !== 'data_limited') return null;
  return law.constants as unknown as Additive;
}

/** Loss as a function of size and tokens; null when the law states no L(N, D). */
export function lossFunction(law: Law): LossFunction | null {
  const additive = additiveConstants(law);
  if (additive) {
    const { E, A, B, alpha, beta } = additive;
    return (params, tokens) => E + A * params ** -alpha + B * tokens ** -beta;
  }
  if (law.equation === 'kaplan') {
    const { Nc, aN, Dc, aD } = law.constants as { Nc: number; aN: number; Dc: number; aD: number };
    return (params, tokens) => ((Nc / params) ** (aN / aD) + Dc / tokens) ** aD;
  }
  return null;
}

/** Compute-optimal allocation of a dense law at `flop`. */
export function optimalAllocation(law: Law, flop: number): Allocation {
  const additive = additiveConstants(law);
  if (additive) return additiveOptimum(additive, flop);
  if (law.equation === 'allocation') {
    const c = law.constants as {
      paramsCoef: number;
      paramsExponent: number;
      tokensCoef: number;
      tokensExponent: number;
    };
    return { params: c.paramsCoef * flop ** c.paramsExponent, tokens: c.tokensCoef * flop ** c.tokensExponent };
  }
  if (law.equation === 'kaplan') {
    const c = law.constants as { paramsCoef: number; paramsExponent: number };
    const params = c.paramsCoef * flop ** c.paramsExponent;
    return { params, tokens: flop / (6 * params) };
  }
  throw wrongLaw(
    law,
    'has no optimal size at a budget',
    law.task === 'moe' ? 'Ask for its MoE trade-off instead.' : 'Pick a dense law such as besiroglu2024.',
  );
}

/** Loss along the compute-optimal frontier, or null when the law predicts only an allocation. */
export function frontierLoss(law: Law, flop: number): number | null {
  if (law.equation === 'kaplan') return (law.constants.lossFlop! / flop) ** law.constants.lossExponent!;
  const loss = lossFunction(law);
  if (!loss) return null;
  const best = optimalAllocation(law, flop);
  return loss(best.params, best.tokens);
}

/** Compute at which the frontier reaches `loss`; null when the law cannot (no loss, or at or below its floor). */
export function flopForLoss(law: Law, loss: number): number | null {
  const at = (lnFlop: number) => frontierLoss(law, Math.exp(lnFlop));
  let low = Math.log(1e6);
  let high = Math.log(1e60);
  const best = at(high);
  if (best === null || !(loss > best) || !(loss < at(low)!)) return null;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (at(middle)! > loss) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** The error for a law asked a question it was not made for. */
export function wrongLaw(law: Law, what: string, hint: string): FlopsheetError {
  return new FlopsheetError('law_wrong_kind', `The law ${law.id} ${what}.`, { hint, where: law.id });
}

/** Throws `law_bad_input` unless `value` is a positive finite number. */
export function requirePositive(name: string, value: number, unit: string): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new FlopsheetError('law_bad_input', `${name} must be a positive number of ${unit}, not ${value}.`, {
    hint: `Write a count such as 1e21 or 70e9.`,
    where: name,
  });
}
