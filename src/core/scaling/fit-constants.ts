import { bootstrap } from './bootstrap.ts';
import type { Bootstrap } from './bootstrap.ts';
import { lawFromConstants } from './fit-law.ts';
import { outliers, summarise } from './fit-summary.ts';
import type { FitColumns, FitMethod, FitOptions, FitResult } from './fit.ts';
import { ParametricProblem } from './parametric.ts';
import type { AdditiveConstants } from './parametric.ts';
import type { Finding } from './points.ts';
import { randomGenerator } from './statistics.ts';
import { VpnlsProblem } from './vpnls.ts';

/** Points above which starts are searched on a sample and the bootstrap draws fewer than n. */
const LARGE = 4000;

/** A seeded random sample of the points (random, because tables are often sorted or cyclic). */
function sample(data: FitColumns, size: number, seed: number): FitColumns {
  const random = randomGenerator(seed);
  const at = Array.from({ length: Math.min(size, data.loss.length) }, () => Math.floor(random() * data.loss.length));
  const pick = (a: Float64Array) => Float64Array.from(at, (i) => a[i]!);
  return { params: pick(data.params), tokens: pick(data.tokens), loss: pick(data.loss), flop: pick(data.flop) };
}

interface Solution {
  readonly constants: AdditiveConstants;
  readonly objective: number;
  /** Refits with weights from the optimum; null restores equal weights. */
  readonly refit: (weights: Float64Array | null) => AdditiveConstants;
}

function solveVpnls(data: FitColumns, options: FitOptions): Solution {
  const tied = options.tied ?? false;
  const problem = new VpnlsProblem(data.params, data.tokens, data.loss, tied);
  let from: AdditiveConstants | null = null;
  if (data.loss.length > LARGE) {
    const part = sample(data, 2000, options.seed ?? 1);
    from = new VpnlsProblem(part.params, part.tokens, part.loss, tied).solve();
  }
  const constants = problem.solve(from);
  const objective = problem.rss;
  const refit = (weights: Float64Array | null) => {
    problem.setWeights(weights);
    return problem.solve(constants);
  };
  return { constants, objective, refit };
}

function solveParametric(data: FitColumns, options: FitOptions): Solution {
  const { delta = 1e-3, tied = false, starts = 300, seed = 1 } = options;
  const n = data.loss.length;
  const pose = (c: FitColumns) => new ParametricProblem(c.params, c.tokens, c.loss, delta, tied);
  const problem = pose(data);
  let p: Float64Array;
  let objective: number;
  if (n <= LARGE) ({ p, objective } = problem.solve(starts, seed));
  else {
    // Ever larger samples, so that the full set is only visited near its optimum.
    const small = pose(sample(data, 2000, seed));
    let constants = small.decode(small.solve(Math.min(starts, 100), seed, 6).p);
    if (n > 50_000) {
      const middle = pose(sample(data, 30_000, seed + 1));
      const q = middle.encode(constants);
      middle.polish(q, 200, 1e-10);
      constants = middle.decode(q);
    }
    p = problem.encode(constants);
    objective = problem.polish(p, n > 50_000 ? 40 : 300, 1e-12);
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

/** Parametric or variable-projection fit of the five constants, with sensitivity to the choice of points and a bootstrap. */
export function fitConstants(
  data: FitColumns,
  used: Int32Array,
  method: FitMethod,
  options: FitOptions,
  findings: Finding[],
): FitResult {
  const n = data.loss.length;
  const { constants, objective, refit } =
    method === 'vpnls' ? solveVpnls(data, options) : solveParametric(data, options);
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
  }
  const centre = [Math.log(constants.A), Math.log(constants.B), Math.log(constants.E), constants.alpha, constants.beta];
  const scaled = draws ? rescale(draws, centre, n, size, method === 'vpnls' ? (options.tied ? 4 : 5) : 0) : null;
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
 * Percentile intervals of a least-squares bootstrap are too narrow by sqrt((n - p) / n) for p fitted constants, those of an
 * m-out-of-n bootstrap too wide by sqrt(n / m): draws are moved away from or toward the estimate by both factors. A narrow Huber
 * loss behaves like absolute errors, whose bootstrap is slightly too wide already: pass `fitted` 0.
 */
function rescale(draws: Bootstrap, centre: readonly number[], n: number, size: number, fitted: number): Float64Array {
  const factor = Math.sqrt(n / Math.max(n - fitted, 1)) * Math.sqrt(size / n);
  const width = draws.width;
  return Float64Array.from(draws.rows, (value, k) => centre[k % width]! + (value - centre[k % width]!) * factor);
}

/** Findings about the fitted law itself: constants that the points do not determine. */
function describe(c: AdditiveConstants, data: FitColumns, findings: Finding[]): void {
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
