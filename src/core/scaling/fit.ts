import { FlopsheetError } from '../errors.ts';
import { bootstrap } from './bootstrap.ts';
import type { Bootstrap, BootstrapOptions } from './bootstrap.ts';
import { fitIsoflop, groupBudgets } from './isoflop.ts';
import type { IsoflopFit } from './isoflop.ts';
import { ParametricProblem } from './parametric.ts';
import type { AdditiveConstants } from './parametric.ts';
import type { Finding, ScalingPoints } from './points.ts';
import { outliers, summarise } from './fit-summary.ts';
import type { ParameterSummary } from './fit-summary.ts';
import { lawFromAllocation, lawFromConstants } from './fit-law.ts';
import { refuseUnfit } from './fit-checks.ts';
import { VpnlsProblem } from './vpnls.ts';
import type { Law } from './types.ts';

export type FitMethod = 'parametric' | 'isoflop' | 'vpnls';

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

/** Points above which starts are searched on a sample and the bootstrap draws fewer than n. */
const LARGE = 4000;

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

interface Columns {
  readonly params: Float64Array;
  readonly tokens: Float64Array;
  readonly loss: Float64Array;
  readonly flop: Float64Array;
}

function take(points: ScalingPoints, indices: ArrayLike<number>): Columns {
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
  const duplicates = options.dropDuplicates ? duplicateIndices(points) : [];
  const used = chosen(points, options, duplicates);
  const data = take(points, used);
  refuseUnfit(data, method, findings, options.confirmed ?? false);
  return method === 'isoflop'
    ? fitBudgets(points, data, used, options, findings)
    : fitConstants(points, data, used, method, options, findings);
}

function duplicateIndices(points: ScalingPoints): number[] {
  const seen = new Set<string>();
  return Array.from(points.loss.keys()).filter((i) => {
    const key = `${points.params[i]}|${points.tokens[i]}|${points.loss[i]}`;
    const again = seen.has(key);
    seen.add(key);
    return again;
  });
}

function solveConstants(data: Columns, method: FitMethod, options: FitOptions) {
  const n = data.loss.length;
  if (method === 'vpnls') {
    const problem = new VpnlsProblem(data.params, data.tokens, data.loss, options.tied ?? false);
    const constants = problem.solve();
    const objective = problem.rss;
    const refit = (weights: Float64Array | null) => {
      problem.setWeights(weights);
      return problem.solve(constants);
    };
    return { constants, objective, refit };
  }
  const delta = options.delta ?? 1e-3;
  const problem = new ParametricProblem(data.params, data.tokens, data.loss, delta, options.tied ?? false);
  const starts = options.starts ?? 300;
  const seed = options.seed ?? 1;
  let p: Float64Array;
  let objective: number;
  if (n <= LARGE) ({ p, objective } = problem.solve(starts, seed));
  else {
    const stride = n / 2000;
    const at = Array.from({ length: 2000 }, (_, k) => Math.floor(k * stride));
    const pick = (a: Float64Array) => Float64Array.from(at, (i) => a[i]!);
    const sample = new ParametricProblem(
      pick(data.params),
      pick(data.tokens),
      pick(data.loss),
      delta,
      options.tied ?? false,
    );
    p = problem.encode(sample.decode(sample.solve(Math.min(starts, 100), seed, 6).p));
    objective = problem.polish(p, n > 100_000 ? 60 : 300);
  }
  const optimum = p.slice();
  const refit = (weights: Float64Array | null) => {
    problem.setWeights(weights);
    p.set(optimum);
    problem.polish(p, 200, 1e-9);
    return problem.decode(p);
  };
  return { constants: problem.decode(optimum), objective, refit };
}

function fitConstants(
  points: ScalingPoints,
  data: Columns,
  used: Int32Array,
  method: FitMethod,
  options: FitOptions,
  findings: Finding[],
): FitResult {
  const n = data.loss.length;
  const { constants, objective, refit } = solveConstants(data, method, options);
  const residuals = Float64Array.from(data.loss, (loss, i) =>
    Math.log(
      (constants.E +
        constants.A * data.params[i]! ** -constants.alpha +
        constants.B * data.tokens[i]! ** -constants.beta) /
        loss,
    ),
  );
  const off = outliers(residuals);
  const exponent = (c: AdditiveConstants) => c.beta / (c.alpha + c.beta);
  const sensitivity = [{ points: 'as chosen', n, paramsExponent: exponent(constants) }];
  if (n <= LARGE) {
    const without = (label: string, drop: ReadonlySet<number>) => {
      if (drop.size === 0 || n - drop.size < 8) return;
      const weights = Float64Array.from(data.loss, (_, i) => (drop.has(i) ? 0 : 1));
      sensitivity.push({ points: label, n: n - drop.size, paramsExponent: exponent(refit(weights)) });
    };
    without('without points far off the fit', new Set(off));
    const byLoss = Array.from(data.loss.keys()).sort((a, b) => data.loss[b]! - data.loss[a]!);
    without('without the 5 % of highest loss', new Set(byLoss.slice(0, Math.max(1, Math.round(n * 0.05)))));
    refit(null);
  }
  describe(constants, data, findings);
  let draws: Bootstrap | null = null;
  const size = n > LARGE ? LARGE : n;
  if (options.bootstrap) {
    draws = bootstrap(
      n,
      5,
      (weights, out) => {
        const c = refit(weights);
        out[0] = Math.log(c.A);
        out[1] = Math.log(c.B);
        out[2] = Math.log(c.E);
        out[3] = c.alpha;
        out[4] = c.beta;
        return Number.isFinite(out[0]! + out[1]!) && c.alpha > 0 && c.beta > 0;
      },
      { ...options.bootstrap, seed: options.bootstrap.seed ?? options.seed ?? 1, size },
    );
    refit(null);
  }
  const centre = [Math.log(constants.A), Math.log(constants.B), Math.log(constants.E), constants.alpha, constants.beta];
  const scaled = draws ? rescale(draws, centre, n, size, options.tied ? 4 : 5) : null;
  const ci = scaled
    ? summarise(scaled, 5, {
        E: (r) => Math.exp(r[2]!),
        A: (r) => Math.exp(r[0]!),
        B: (r) => Math.exp(r[1]!),
        alpha: (r) => r[3]!,
        beta: (r) => r[4]!,
        a: (r) => r[4]! / (r[3]! + r[4]!),
        b: (r) => r[3]! / (r[3]! + r[4]!),
      })
    : {};
  return {
    method,
    constants: { ...constants, a: exponent(constants), b: 1 - exponent(constants) },
    isoflop: null,
    objective,
    nPoints: n,
    used,
    residuals,
    outliers: off.map((i) => used[i]!),
    ci,
    bootstrap: draws ? { draws: draws.count, failed: draws.failed, cancelled: draws.cancelled } : null,
    sensitivity,
    findings,
    law: lawFromConstants(
      constants,
      data,
      scaled,
      options.lawId ?? 'fit',
      options.lawName ?? 'Fit to your points',
      method,
    ),
  };
}

/**
 * Percentile intervals of a bootstrap are too narrow by sqrt((n - p) / n) for p fitted constants, and those of an m-out-of-n
 * bootstrap too wide by sqrt(n / m): draws are moved toward or away from the estimate by both factors.
 */
function rescale(draws: Bootstrap, centre: readonly number[], n: number, size: number, fitted: number): Float64Array {
  const factor = Math.sqrt(n / Math.max(n - fitted, 1)) * Math.sqrt(size / n);
  const width = draws.width;
  return Float64Array.from(draws.rows, (value, k) => centre[k % width]! + (value - centre[k % width]!) * factor);
}

/** Findings about the fitted law itself: constants that the points do not determine. */
function describe(c: AdditiveConstants, data: Columns, findings: Finding[]): void {
  let least = Infinity;
  for (const loss of data.loss) least = Math.min(least, loss);
  const weak = (code: string, message: string, hint: string) =>
    findings.push({ severity: 'warning', code, message, hint, lines: [] });
  if (c.E < 1e-3 * least)
    weak(
      'floor_unidentified',
      'The fitted floor E is practically zero: these points do not show where the loss levels off.',
      'Losses far beyond the largest run are not to be trusted; add longer or larger runs.',
    );
  if (c.alpha < 0.02 || c.beta < 0.02 || c.alpha > 2.5 || c.beta > 2.5 || !(c.A > 0) || !(c.B > 0)) {
    weak(
      'exponent_unidentified',
      `The exponents (alpha ${c.alpha.toPrecision(3)}, beta ${c.beta.toPrecision(3)}) are outside anything published: one of the terms is not determined.`,
      'Vary params and tokens independently of each other.',
    );
  }
}

function fitBudgets(
  points: ScalingPoints,
  data: Columns,
  used: Int32Array,
  options: FitOptions,
  findings: Finding[],
): FitResult {
  const budgets = groupBudgets(data.flop);
  const overshoot = options.overshoot ?? 0.5;
  const fit = fitIsoflop(data.params, data.tokens, data.loss, budgets, null, overshoot);
  const why = {
    too_few_points: 'fewer than four sizes',
    concave: 'an upside-down parabola',
    outside_sampled_range: 'a minimum far outside the sampled sizes',
  };
  for (const m of fit.minima) {
    const budget = m.flop.toExponential(2).replace('e+', 'e');
    if (m.rejected)
      findings.push({
        severity: 'warning',
        code: `budget_${m.rejected}`,
        message: `Budget ${budget} FLOP is left out: ${why[m.rejected]} (${m.points} points).`,
        hint: 'Add sizes on both sides of the best one.',
        lines: [],
      });
    else if (m.extrapolated)
      findings.push({
        severity: 'warning',
        code: 'budget_extrapolated',
        message: `At ${budget} FLOP the minimum lies outside the sampled sizes.`,
        hint: 'Add sizes beyond it, or leave such budgets out.',
        lines: [],
      });
  }
  if (fit.accepted < 2) {
    const good = fit.minima.find((m) => m.rejected === null);
    throw new FlopsheetError(
      'fit_no_minimum',
      `Only ${fit.accepted} of ${fit.minima.length} budgets show a minimum; two are needed for exponents.`,
      {
        hint: good
          ? `What can be said: at ${good.flop.toExponential(2)} FLOP the best size is about ${good.params.toPrecision(3)} parameters on ${good.tokens.toPrecision(3)} tokens. A parametric fit may use all points.`
          : 'Try the parametric method, which needs no budgets, or add sizes around the best one of each budget.',
      },
    );
  }
  const sensitivity = [{ points: 'as chosen', n: data.loss.length, paramsExponent: fit.paramsExponent }];
  if (fit.minima.some((m) => m.extrapolated && !m.rejected)) {
    const strict = fitIsoflop(data.params, data.tokens, data.loss, budgets, null, 0);
    if (strict.accepted >= 2)
      sensitivity.push({
        points: 'only minima inside the sampled sizes',
        n: data.loss.length,
        paramsExponent: strict.paramsExponent,
      });
  }
  let draws: Bootstrap | null = null;
  if (options.bootstrap) {
    draws = bootstrap(
      data.loss.length,
      4,
      (weights, out) => {
        const f = fitIsoflop(data.params, data.tokens, data.loss, budgets, weights, overshoot);
        out[0] = Math.log(f.paramsCoef);
        out[1] = f.paramsExponent;
        out[2] = Math.log(f.tokensCoef);
        out[3] = f.tokensExponent;
        return f.accepted >= 2;
      },
      { ...options.bootstrap, seed: options.bootstrap.seed ?? options.seed ?? 1, strata: budgets.group },
    );
  }
  const ci = draws
    ? summarise(draws.rows, 4, {
        params_coef: (r) => Math.exp(r[0]!),
        params_exponent: (r) => r[1]!,
        tokens_coef: (r) => Math.exp(r[2]!),
        tokens_exponent: (r) => r[3]!,
      })
    : {};
  return {
    method: 'isoflop',
    constants: null,
    isoflop: fit,
    objective: NaN,
    nPoints: data.loss.length,
    used,
    residuals: new Float64Array(0),
    outliers: [],
    ci,
    bootstrap: draws ? { draws: draws.count, failed: draws.failed, cancelled: draws.cancelled } : null,
    sensitivity,
    findings,
    law: lawFromAllocation(fit, data, draws, options.lawId ?? 'fit', options.lawName ?? 'IsoFLOP fit to your points'),
  };
}
