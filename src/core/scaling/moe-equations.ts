import { wrongLaw } from './equations.ts';
import type { Law } from './types.ts';

/**
 * Loss of a mixture of experts: `params` as the law counts them (total for Abnar, Krajewski and Hossain; active for Clark and
 * Ludziejewski), sparsity S = 1 - active / total experts, granularity G = d_ff / d_expert.
 */
export type MoeLossFunction = (params: number, tokens: number, sparsity: number, granularity: number) => number;

/**
 * Clark's saturating number of experts: 1/E' = 1 / (E - 1 + (1/Es - 1/Em)^-1) + 1/Em.
 * Source: Clark et al. 2022, equation 4.
 */
export function saturate(experts: number, start: number, max: number): number {
  return 1 / (1 / (experts - 1 + 1 / (1 / start - 1 / max)) + 1 / max);
}

/** Number of experts per active expert at a sparsity. */
export function expertsOf(sparsity: number): number {
  return 1 / (1 - sparsity);
}

/** The law's loss; null for a law that gives only a ratio of computes (efficiency leverage). */
export function moeLossFunction(law: Law): MoeLossFunction | null {
  const c = law.constants as Record<string, number>;
  switch (law.equation) {
    case 'abnar': {
      const {
        a,
        b,
        c: k,
        d,
        e,
        alpha,
        beta,
        lambda,
        delta,
        gamma,
      } = c as Record<'a' | 'b' | 'c' | 'd' | 'e' | 'alpha' | 'beta' | 'lambda' | 'delta' | 'gamma', number>;
      return (n, t, s) =>
        a * n ** -alpha + b * t ** -beta + k * (1 - s) ** -lambda + d * (1 - s) ** -delta * n ** -gamma + e;
    }
    case 'hossain': {
      const {
        a,
        b,
        c: k,
        e,
        alpha,
        beta,
        gamma,
      } = c as Record<'a' | 'b' | 'c' | 'e' | 'alpha' | 'beta' | 'gamma', number>;
      return (n, t, s) => e * (1 - s) ** gamma + (a * (1 - s) ** alpha + k * s) * n ** -alpha + b * t ** -beta;
    }
    case 'krajewski': {
      const {
        a,
        b,
        c: k,
        g,
        alpha,
        beta,
        gamma,
      } = c as Record<'a' | 'b' | 'c' | 'g' | 'alpha' | 'beta' | 'gamma', number>;
      return (n, t, _s, granularity) => k + (g * granularity ** -gamma + a) * n ** -alpha + b * t ** -beta;
    }
    case 'ludziejewski': {
      const {
        a,
        b,
        c: k,
        del,
        al,
        gam,
        om,
        be,
        zet,
        eStart,
        eMax,
      } = c as Record<'a' | 'b' | 'c' | 'del' | 'al' | 'gam' | 'om' | 'be' | 'zet' | 'eStart' | 'eMax', number>;
      return (n, t, s) => {
        const lnE = Math.log(saturate(expertsOf(s), eStart, eMax));
        return a * Math.exp(del * lnE) * n ** (al + gam * lnE) + b * Math.exp(om * lnE) * t ** (be + zet * lnE) + k;
      };
    }
    case 'clark': {
      const { a, b, c: k, d, eStart, eMax } = c as Record<'a' | 'b' | 'c' | 'd' | 'eStart' | 'eMax', number>;
      return (n, _t, s) => {
        const e = Math.log10(saturate(expertsOf(s), eStart, eMax));
        const size = Math.log10(n);
        return 10 ** (a * size + b * e + k * size * e + d);
      };
    }
    case 'efficiency_leverage':
      return null;
    default:
      throw wrongLaw(
        law,
        'is not a mixture-of-experts law',
        'Pick abnar2025, ling2025, krajewski2024, clark2022-sbase or ludziejewski2025.',
      );
  }
}

/**
 * Efficiency leverage: how many times more compute a dense model needs for the same loss.
 * EL = A'^(alpha + gamma (log2 G)^2 + beta log2 G), alpha = a + d log10 C, 1/A' = 1 / (A + (1/As - 1/Am)^-1) + 1/Am.
 * @param flop budget in FLOP @param activation active / total share (0, 1] @param granularity expert granularity G
 * @source Ling team 2025, equation 13; bases of the logarithms inferred from both published anchors.
 */
export function efficiencyLeverage(law: Law, flop: number, activation: number, granularity: number): number {
  const { a, d, gamma, beta, aStart, aMax } = law.constants as Record<
    'a' | 'd' | 'gamma' | 'beta' | 'aStart' | 'aMax',
    number
  >;
  const ratio = saturate(activation + 1, aStart, aMax);
  const log2G = Math.log2(granularity);
  return ratio ** (a + d * Math.log10(flop) + gamma * log2G * log2G + beta * log2G);
}
