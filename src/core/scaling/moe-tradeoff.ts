import { FlopsheetError } from '../errors.ts';
import { domainWarnings, trustWarnings } from './domain.ts';
import { requirePositive, wrongLaw } from './equations.ts';
import { minimizeScalar } from './minimize.ts';
import { efficiencyLeverage, expertsOf, moeLossFunction } from './moe-equations.ts';
import type { Law, LawWarning } from './types.ts';

export interface MoeRow {
  /** 1 - active / total experts. */
  readonly sparsity: number;
  readonly paramsTotal: number;
  readonly paramsActive: number;
  readonly tokens: number;
  /** null for a law that states only the leverage. */
  readonly loss: number | null;
  /** Compute a dense model would need for the same loss, over `flop`; null where the law cannot say. */
  readonly efficiencyLeverage: number | null;
  readonly granularity: number | null;
  /** Weights at `bytesPerParam`, all experts. */
  readonly weightBytes: number;
  /** Forward FLOP per token served (2 x active). */
  readonly serveFlopPerToken: number;
  readonly inDomain: boolean;
  readonly warnings: readonly LawWarning[];
}

export interface MoeOptions {
  readonly flop: number;
  /** Sparsities to list; default 0, 1/2, 3/4, 7/8, 15/16, 31/32, 0.98 within what the law can answer. */
  readonly sparsities?: readonly number[];
  /** Holds the total size fixed instead of optimising it. */
  readonly paramsTotal?: number;
  readonly granularity?: number;
  /** Share of a dense model's parameters that experts replace (feed-forward, default 2/3); for laws stated in active size. */
  readonly expertShare?: number;
  readonly bytesPerParam?: number;
  /**
   * Cost multiplier >= 1 of a row for what the law ignores (communication, imbalance), from a cluster model: the tokens
   * bought by the budget shrink by it.
   */
  readonly overhead?: (row: {
    readonly sparsity: number;
    readonly paramsTotal: number;
    readonly paramsActive: number;
  }) => number;
}

export interface MoeTradeoff {
  readonly lawId: string;
  readonly flop: number;
  readonly rows: readonly MoeRow[];
  /** Best sparsity searched continuously over the law's range, not only over the listed rows. */
  readonly best: MoeRow & { readonly atBoundary: boolean };
  readonly warnings: readonly LawWarning[];
}

const DEFAULT_SPARSITIES = [0, 0.5, 0.75, 0.875, 0.9375, 0.96875, 0.98];
const MAX_SPARSITY = 0.995;
/** Krajewski counts N = d^2 (8 E + 4) in total, of which 12 d^2 are active: their section 5. */
const KRAJEWSKI_ACTIVE = (experts: number) => 12 / (8 * experts + 4);

/** Total and active size from the size the law is stated in, and back. */
function sizes(law: Law, sparsity: number, expertShare: number): { total: number; active: number } {
  if (law.equation === 'krajewski')
    return { total: 1, active: law.constants.experts === 1 ? 1 : KRAJEWSKI_ACTIVE(law.constants.experts!) };
  if (law.paramsConvention === 'active') return { total: 1 + expertShare * (expertsOf(sparsity) - 1), active: 1 };
  return { total: 1, active: 1 - sparsity };
}

function checkSparsity(sparsity: number): void {
  if (sparsity >= 0 && sparsity < 1) return;
  throw new FlopsheetError(
    'moe_bad_sparsity',
    `Sparsity must be from 0 up to, but not including, 1; it is ${sparsity}.`,
    {
      hint: '8 active of 64 experts is a sparsity of 0.875.',
      where: 'sparsity',
    },
  );
}

type RowOptions = Omit<MoeOptions, 'flop' | 'sparsities'>;

/**
 * Best size and tokens at one sparsity and budget: the size is optimised, or fixed with `paramsTotal`.
 * C = 6 x active x tokens x overhead.
 */
export function moeOptimum(law: Law, flop: number, sparsity: number, options: RowOptions = {}): MoeRow {
  requirePositive('flop', flop, 'FLOP');
  checkSparsity(sparsity);
  const loss = moeLossFunction(law);
  const granularity = options.granularity ?? law.constants.granularity ?? null;
  const share = sizes(law, law.equation === 'krajewski' ? 0 : sparsity, options.expertShare ?? 2 / 3);
  const cost = (size: number) =>
    options.overhead?.({ sparsity, paramsTotal: size * share.total, paramsActive: size * share.active }) ?? 1;
  const tokensAt = (size: number) => flop / (6 * size * share.active * cost(size));
  const g = granularity ?? 1;
  let size: number;
  if (options.paramsTotal !== undefined) {
    requirePositive('params_total', options.paramsTotal, 'parameters');
    size = options.paramsTotal / share.total;
  } else if (law.equation === 'efficiency_leverage')
    size = law.constants.paramsCoef! * flop ** law.constants.paramsExponent!;
  else if (law.equation === 'clark') size = flop / (6 * law.constants.tokens!);
  else {
    const top = Math.log(flop / 6 / share.active) - Math.log(1e3);
    const ln = minimizeScalar(
      (x) => loss!(Math.exp(x), tokensAt(Math.exp(x)), sparsity, g),
      Math.log(1e3),
      Math.max(top, Math.log(1e4)),
      96,
      1e-12,
    );
    size = Math.exp(ln);
  }
  const tokens = tokensAt(size);
  const paramsTotal = size * share.total;
  const paramsActive = size * share.active;
  const warnings = domainWarnings(law, { flop, params: size, tokens, sparsity });
  return {
    sparsity,
    paramsTotal,
    paramsActive,
    tokens,
    loss: loss ? loss(size, tokens, sparsity, g) : null,
    efficiencyLeverage: law.equation === 'efficiency_leverage' ? efficiencyLeverage(law, flop, 1 - sparsity, g) : null,
    granularity,
    weightBytes: paramsTotal * (options.bytesPerParam ?? 2),
    serveFlopPerToken: 2 * paramsActive,
    inDomain: warnings.length === 0,
    warnings,
  };
}

/**
 * Sparsity of least loss (greatest leverage for an efficiency law), searched over 0 to 0.995. With the size free most laws
 * ask for ever more experts: `atBoundary` says that the law sets no optimum and something it ignores must.
 */
export function optimalSparsity(
  law: Law,
  flop: number,
  options: RowOptions = {},
): MoeRow & { readonly atBoundary: boolean } {
  const score = (s: number) => {
    const row = moeOptimum(law, flop, s, options);
    return row.loss ?? -row.efficiencyLeverage!;
  };
  const top = Math.log(1 - MAX_SPARSITY);
  const t = minimizeScalar((x) => score(1 - Math.exp(x)), top, 0, 60, 1e-10);
  const sparsity = Math.min(Math.max(1 - Math.exp(t), 0), MAX_SPARSITY);
  const edge = sparsity < 1e-6 ? 0 : sparsity > MAX_SPARSITY - 1e-6 ? MAX_SPARSITY : null;
  return { ...moeOptimum(law, flop, edge ?? sparsity, options), atBoundary: edge !== null };
}

/** Granularity of greatest leverage (Ling) or least loss (Krajewski) over 1 to 64, size optimised. */
export function optimalGranularity(
  law: Law,
  flop: number,
  sparsity: number,
): { granularity: number; atBoundary: boolean } {
  if (law.equation !== 'efficiency_leverage' && law.equation !== 'krajewski') {
    throw wrongLaw(law, 'says nothing about granularity', 'Ask ling2025 or krajewski2024.');
  }
  const x = minimizeScalar(
    (t) => {
      const row = moeOptimum(law, flop, sparsity, { granularity: Math.exp(t) });
      return row.loss ?? -row.efficiencyLeverage!;
    },
    0,
    Math.log(64),
    40,
  );
  const granularity = Math.exp(x);
  return { granularity, atBoundary: granularity < 1.001 || granularity > 63.9 };
}

/** The MoE trade-off at a budget: one row per sparsity, the best one, and what the law leaves out. */
export function moeTradeoff(law: Law, options: MoeOptions): MoeTradeoff {
  if (law.task !== 'moe')
    throw wrongLaw(
      law,
      'is not a mixture-of-experts law',
      'Pick abnar2025, ling2025, krajewski2024, clark2022-sbase or ludziejewski2025.',
    );
  requirePositive('flop', options.flop, 'FLOP');
  const { flop, sparsities, ...rest } = options;
  const fixed = law.equation === 'krajewski' ? 1 - 1 / law.constants.experts! : null;
  const listed = fixed !== null ? [fixed] : (sparsities ?? DEFAULT_SPARSITIES);
  const rows = listed.map((s) => moeOptimum(law, flop, s, rest));
  const best = fixed !== null ? { ...rows[0]!, atBoundary: false } : optimalSparsity(law, flop, rest);
  const warnings: LawWarning[] = [...trustWarnings(law)];
  for (const caution of law.cautions) warnings.push({ code: 'caution', message: caution });
  if (rest.overhead === undefined) {
    warnings.push({
      code: 'overhead_ignored',
      message:
        'Communication and load imbalance are not priced: pass an overhead from the cluster model to include them.',
    });
  }
  if (fixed !== null && sparsities)
    warnings.push({
      code: 'sparsity_fixed',
      message: `${law.name} holds the number of experts fixed: the listed sparsities are not used.`,
    });
  if (best.atBoundary) {
    warnings.push({
      code: 'no_interior_optimum',
      message: `The best sparsity lies at the edge of the search (${best.sparsity}): this law alone does not stop adding ${best.sparsity > 0.5 ? 'experts' : 'density'}.`,
    });
  }
  if (law.paramsConvention === 'active') {
    warnings.push({
      code: 'total_estimated',
      message:
        'The law is stated in active size; total size assumes that experts replace the feed-forward share of the model.',
    });
  }
  return { lawId: law.id, flop, rows, best, warnings };
}

/**
 * IsoFLOP surface for charts: loss on a grid of sparsities (rows) and total sizes (columns), row-major, tokens set by the
 * budget. `out` may be passed to avoid allocation while a slider moves.
 */
export function moeSurface(
  law: Law,
  flop: number,
  sparsities: ArrayLike<number>,
  paramsTotals: ArrayLike<number>,
  out?: Float64Array,
): Float64Array {
  const loss = moeLossFunction(law);
  if (!loss) throw wrongLaw(law, 'has no loss surface', 'Pick abnar2025, krajewski2024 or ludziejewski2025.');
  requirePositive('flop', flop, 'FLOP');
  const columns = paramsTotals.length;
  const surface = out ?? new Float64Array(sparsities.length * columns);
  const granularity = law.constants.granularity ?? 1;
  for (let i = 0; i < sparsities.length; i++) {
    const s = sparsities[i]!;
    const share = sizes(law, law.equation === 'krajewski' ? 0 : s, 2 / 3);
    for (let j = 0; j < columns; j++) {
      const size = paramsTotals[j]! / share.total;
      surface[i * columns + j] = loss(size, flop / (6 * size * share.active), s, granularity);
    }
  }
  return surface;
}
