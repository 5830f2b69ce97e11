import { fitBudgets } from './fit-budgets.ts';
import { refuseUnfit } from './fit-checks.ts';
import { fitConstants } from './fit-constants.ts';
import type { BootstrapOptions } from './bootstrap.ts';
import { duplicateRows } from './diagnose.ts';
import type { ParameterSummary } from './fit-summary.ts';
import type { IsoflopFit } from './isoflop.ts';
import type { AdditiveConstants } from './parametric.ts';
import type { Finding, ScalingPoints } from './points.ts';
import type { Law } from './types.ts';

export type FitMethod = 'parametric' | 'isoflop' | 'vpnls';

/** The fitted points as columns. */
export interface FitColumns {
  readonly params: Float64Array;
  readonly tokens: Float64Array;
  readonly loss: Float64Array;
  readonly flop: Float64Array;
}

export interface FitOptions {
  readonly method?: FitMethod;
  /** Leaves out the K points of highest loss (Besiroglu drops 5 of Hoffmann's 245). */
  readonly dropHighestLoss?: number;
  /** Indices of points the user has switched off. */
  readonly exclude?: readonly number[];
  readonly dropDuplicates?: boolean;
  /** Width of the Huber loss in ln L; default 0.001 as published. */
  readonly delta?: number;
  /** alpha = beta; for points that share one ratio of tokens to parameters. */
  readonly tied?: boolean;
  /** Starting places of the parametric fit; default 300. */
  readonly starts?: number;
  readonly seed?: number;
  readonly bootstrap?: Omit<BootstrapOptions, 'seed'> & { readonly seed?: number };
  /** IsoFLOP: how far outside the sampled sizes a minimum may lie, in spans (default 0.5). */
  readonly overshoot?: number;
  /** The user has answered the questions of the diagnosis (swapped columns). */
  readonly confirmed?: boolean;
  readonly lawId?: string;
  readonly lawName?: string;
}

export interface FitResult {
  readonly method: FitMethod;
  /** Null for an IsoFLOP fit. */
  readonly constants: (AdditiveConstants & { readonly a: number; readonly b: number }) | null;
  readonly isoflop: IsoflopFit | null;
  /** Sum of Huber losses (parametric), residual sum of squares (vpnls), NaN (isoflop). */
  readonly objective: number;
  readonly nPoints: number;
  /** Indices into the given points that were fitted. */
  readonly used: Int32Array;
  /** ln(predicted / observed loss) of the fitted points, in the order of `used`; empty for an IsoFLOP fit. */
  readonly residuals: Float64Array;
  /** Indices (into the given points) more than 4.5 robust standard deviations off. */
  readonly outliers: readonly number[];
  /** Bootstrap summary per parameter, empty without a bootstrap. */
  readonly ci: Readonly<Record<string, ParameterSummary>>;
  readonly bootstrap: { readonly draws: number; readonly failed: number; readonly cancelled: boolean } | null;
  /** How the size exponent moves with the choice of points. */
  readonly sensitivity: readonly { readonly points: string; readonly n: number; readonly paramsExponent: number }[];
  readonly findings: readonly Finding[];
  /** The fit as a law: evaluates, draws and saves like a shipped one. */
  readonly law: Law;
}

function chosen(points: ScalingPoints, options: FitOptions, duplicates: readonly number[]): Int32Array {
  const off = new Set(options.exclude ?? []);
  if (options.dropDuplicates) for (const i of duplicates) off.add(i);
  let indices = Array.from(points.loss.keys()).filter((i) => !off.has(i));
  const drop = options.dropHighestLoss ?? 0;
  if (drop > 0) {
    const highest = new Set([...indices].sort((a, b) => points.loss[b]! - points.loss[a]!).slice(0, drop));
    indices = indices.filter((i) => !highest.has(i));
  }
  return Int32Array.from(indices);
}

function take(points: ScalingPoints, indices: ArrayLike<number>): FitColumns {
  const pick = (a: Float64Array) => Float64Array.from(indices, (i) => a[i]!);
  return { params: pick(points.params), tokens: pick(points.tokens), loss: pick(points.loss), flop: pick(points.flop) };
}

/**
 * Fits a law to training runs. Parametric: the sum of Huber losses of ln L by multi-start L-BFGS (Hoffmann approach 3).
 * Vpnls: least squares in L with the linear constants projected out. Isoflop: one parabola per budget (approach 2).
 * @throws FlopsheetError `fit_too_few_points`, `fit_one_budget`, `fit_columns_swapped`, `fit_no_minimum` … whose hint says what
 * can still be answered.
 */
export function fitLaw(points: ScalingPoints, options: FitOptions = {}): FitResult {
  const method = options.method ?? 'parametric';
  const findings: Finding[] = [...points.findings];
  const duplicates = options.dropDuplicates ? duplicateRows(points) : [];
  const used = chosen(points, options, duplicates);
  const data = take(points, used);
  refuseUnfit(data, method, findings, options.confirmed ?? false);
  return method === 'isoflop'
    ? fitBudgets(data, used, options, findings)
    : fitConstants(data, used, method, options, findings);
}
