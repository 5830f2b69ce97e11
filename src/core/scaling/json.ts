import type { FitResult } from './fit.ts';
import type { Interval, Law } from './types.ts';
import type { LawPoint } from './point.ts';
import type { MoeRow, MoeTradeoff } from './moe-tradeoff.ts';

type Json = Record<string, unknown>;

const pair = (interval: Interval | null) => (interval ? [interval.low, interval.high] : null);
const known = (value: number) => (Number.isFinite(value) ? value : null);

/** The document of `law ID`: snake_case keys with units as the command line promises; unknown is null with a note. */
export function lawPointJson(point: LawPoint): Json {
  return {
    law: point.lawId,
    flop: point.flop,
    params_opt: point.paramsOpt,
    tokens_opt: point.tokensOpt,
    tokens_per_param: point.tokensPerParam,
    loss: point.loss,
    loss_opt: point.lossOpt,
    ci: point.ci
      ? {
          level: point.ci.level,
          params_opt: pair(point.ci.paramsOpt),
          tokens_opt: pair(point.ci.tokensOpt),
          tokens_per_param: pair(point.ci.tokensPerParam),
          loss: pair(point.ci.loss),
          params_exponent: pair(point.ci.paramsExponent),
        }
      : {},
    in_domain: point.inDomain,
    notes: point.warnings.map((w) => w.message),
  };
}

/** One line of `law list`. */
export function lawJson(law: Law): Json {
  return {
    id: law.id,
    name: law.name,
    task: law.task,
    formula: law.formula,
    constants: law.constants,
    trust: law.trust,
    verified: law.verified,
    params_convention: law.paramsConvention,
    domain: law.domain,
    source: law.source,
    cautions: law.cautions,
  };
}

/** The document of `fit FILE.csv`. */
export function fitJson(fit: FitResult): Json {
  const shared = {
    method: fit.method,
    n_points: fit.nPoints,
    ci: fit.ci,
    bootstrap: fit.bootstrap,
    sensitivity: fit.sensitivity.map((s) => ({ points: s.points, n: s.n, params_exponent: s.paramsExponent })),
    notes: fit.findings.map((f) => ({
      severity: f.severity,
      code: f.code,
      message: f.message,
      hint: f.hint,
      lines: f.lines,
    })),
  };
  if (fit.isoflop) {
    return {
      params_coef: fit.isoflop.paramsCoef,
      params_exponent: fit.isoflop.paramsExponent,
      tokens_coef: fit.isoflop.tokensCoef,
      tokens_exponent: fit.isoflop.tokensExponent,
      minima: fit.isoflop.minima.map((m) => ({
        flop: m.flop,
        points: m.points,
        params: known(m.params),
        tokens: known(m.tokens),
        loss: known(m.loss),
        rejected: m.rejected,
        extrapolated: m.extrapolated,
      })),
      ...shared,
    };
  }
  const c = fit.constants!;
  return { E: c.E, A: c.A, B: c.B, alpha: c.alpha, beta: c.beta, a: c.a, b: c.b, objective: fit.objective, ...shared };
}

function moeRow(row: MoeRow): Json {
  return {
    sparsity: row.sparsity,
    params_total: row.paramsTotal,
    params_active: row.paramsActive,
    tokens: row.tokens,
    loss: row.loss,
    efficiency_leverage: row.efficiencyLeverage,
    granularity: row.granularity,
    weight_bytes: row.weightBytes,
    serve_flop_per_token: row.serveFlopPerToken,
    in_domain: row.inDomain,
  };
}

/** The document of `moe --law ID`. */
export function moeJson(result: MoeTradeoff): Json {
  return {
    law: result.lawId,
    flop: result.flop,
    rows: result.rows.map(moeRow),
    best: { ...moeRow(result.best), at_boundary: result.best.atBoundary },
    notes: [...new Set([...result.warnings, ...result.rows.flatMap((r) => r.warnings)].map((w) => w.message))],
  };
}
