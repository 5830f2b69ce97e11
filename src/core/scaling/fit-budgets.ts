import { FlopsheetError } from '../errors.ts';
import { bootstrap } from './bootstrap.ts';
import type { Bootstrap } from './bootstrap.ts';
import { lawFromAllocation } from './fit-law.ts';
import { summarise } from './fit-summary.ts';
import type { FitColumns, FitOptions, FitResult } from './fit.ts';
import { fitIsoflop, groupBudgets } from './isoflop.ts';
import type { Finding } from './points.ts';

/** IsoFLOP fit with the reasons why budgets were left out, and a bootstrap within budgets. */
export function fitBudgets(data: FitColumns, used: Int32Array, options: FitOptions, findings: Finding[]): FitResult {
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
