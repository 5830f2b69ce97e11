/**
 * What a scaling law is: plain data (JSON), so that laws ship, are fitted, saved and compared in one shape.
 * Units throughout the folder: params in parameters, tokens in tokens, flop in FLOP, loss in the law's own loss unit.
 */

/** Which formula the constants feed; see equations.ts (dense) and moe-equations.ts (mixture of experts). */
export type EquationKind =
  | 'additive'
  | 'kaplan'
  | 'allocation'
  | 'data_limited'
  | 'clark'
  | 'krajewski'
  | 'abnar'
  | 'hossain'
  | 'ludziejewski'
  | 'efficiency_leverage'
  | 'precision'
  | 'power';

/** What one asks the law: a dense size, a mixture of experts, number formats, or batch size and learning rate. */
export type LawTask = 'dense' | 'moe' | 'precision' | 'batch';

/** Which parameters the law counts. Mixing conventions moves the size exponent by 0.2 to 0.3 (Porian 2024). */
export type ParamsConvention = 'total' | 'non_embedding' | 'flop_per_token_over_6' | 'active' | 'as_given';

/**
 * A: refit or replicated by others on open data; B: published and reproduced here from the stated constants;
 * C: published, taken from a secondary source or a narrow range; D: unverified constants, use for orientation only.
 */
export type TrustGrade = 'A' | 'B' | 'C' | 'D';

export type Range = readonly [number, number];

/** Where the law was fitted. Outside, it still answers, with a warning. */
export interface LawDomain {
  readonly flop?: Range;
  readonly params?: Range;
  readonly tokens?: Range;
  readonly tokensPerParam?: Range;
  readonly sparsity?: Range;
  readonly note?: string;
}

/**
 * How sure the constants are. `covariance`: joint normal of the named parameters (lnA, lnB, lnE, alpha, beta), published or
 * recomputed. `draws`: bootstrap refits, one row each. `exponent`: an interval of the size exponent; it widens away from the
 * middle of the fitted range (`pivotFlop`), where the fit is best known.
 */
export type LawUncertainty =
  | {
      readonly kind: 'covariance';
      readonly parameters: readonly string[];
      readonly covariance: readonly (readonly number[])[];
    }
  | { readonly kind: 'draws'; readonly parameters: readonly string[]; readonly draws: readonly (readonly number[])[] }
  | {
      readonly kind: 'exponent';
      readonly low: number;
      readonly high: number;
      readonly level: number;
      readonly pivotFlop: number;
    };

export interface LawSource {
  readonly title: string;
  readonly reference: string;
  readonly section: string;
}

export interface Law {
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly task: LawTask;
  readonly equation: EquationKind;
  readonly formula: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly uncertainty: LawUncertainty | null;
  readonly uncertaintyNote: string;
  readonly domain: LawDomain;
  readonly paramsConvention: ParamsConvention;
  readonly lossUnit: string;
  readonly source: LawSource;
  readonly trust: TrustGrade;
  readonly verified: boolean;
  readonly cautions: readonly string[];
}

/** A remark that belongs beside an answer; `code` is stable. */
export interface LawWarning {
  readonly code: string;
  readonly message: string;
}

/** An interval at a stated level (0.8 = P10 to P90). */
export interface Interval {
  readonly low: number;
  readonly high: number;
}
