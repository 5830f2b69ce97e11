import type { Bootstrap } from './bootstrap.ts';
import type { IsoflopFit } from './isoflop.ts';
import type { AdditiveConstants } from './parametric.ts';
import { ADDITIVE_PARAMETERS } from './published-errors.ts';
import type { Law, LawDomain, LawUncertainty, Range } from './types.ts';

interface Columns {
  readonly params: Float64Array;
  readonly tokens: Float64Array;
  readonly flop: Float64Array;
}

/** Draws kept with a saved law: enough for P10 and P90 to about 2 % of a standard deviation. */
const KEPT_DRAWS = 1000;

function range(values: Float64Array): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}

function domain(data: Columns): LawDomain {
  const ratio = Float64Array.from(data.params, (p, i) => data.tokens[i]! / p);
  return {
    flop: range(data.flop),
    params: range(data.params),
    tokens: range(data.tokens),
    tokensPerParam: range(ratio),
    note: 'Range of the fitted points',
  };
}

function keep(rows: Float64Array, width: number): number[][] {
  const n = rows.length / width;
  const count = Math.min(n, KEPT_DRAWS);
  return Array.from({ length: count }, (_, k) => {
    const i = Math.floor((k * n) / count);
    return Array.from(rows.subarray(i * width, (i + 1) * width));
  });
}

function fitted(
  id: string,
  name: string,
  method: string,
): Pick<Law, 'id' | 'name' | 'task' | 'paramsConvention' | 'lossUnit' | 'source' | 'trust' | 'verified' | 'cautions'> {
  return {
    id,
    name,
    task: 'dense',
    paramsConvention: 'as_given',
    lossUnit: 'as given',
    source: { title: 'Fitted to your points', reference: '', section: method },
    trust: 'C',
    verified: true,
    cautions: [
      'Holds for the data, tokenizer and recipe of the fitted runs. The interval covers scatter of the points, not a wrong form of the law.',
    ],
  };
}

/** The fitted constants as a law with its domain and bootstrap draws. */
export function lawFromConstants(
  c: AdditiveConstants,
  data: Columns,
  draws: Float64Array | null,
  id: string,
  name: string,
  method: string,
): Law {
  const uncertainty: LawUncertainty | null =
    draws && draws.length > 0 ? { kind: 'draws', parameters: ADDITIVE_PARAMETERS, draws: keep(draws, 5) } : null;
  return {
    ...fitted(id, name, method),
    equation: 'additive',
    formula: 'L = E + A / N^alpha + B / D^beta',
    constants: { E: c.E, A: c.A, B: c.B, alpha: c.alpha, beta: c.beta },
    uncertainty,
    uncertaintyNote: uncertainty ? 'Bootstrap refits of the points.' : 'Fitted without a bootstrap: no interval.',
    domain: domain(data),
  };
}

/** An IsoFLOP fit as an allocation law. */
export function lawFromAllocation(
  fit: IsoflopFit,
  data: Columns,
  draws: Bootstrap | null,
  id: string,
  name: string,
): Law {
  const uncertainty: LawUncertainty | null =
    draws && draws.count > 0
      ? {
          kind: 'draws',
          parameters: ['lnParamsCoef', 'paramsExponent', 'lnTokensCoef', 'tokensExponent'],
          draws: keep(draws.rows, 4),
        }
      : null;
  return {
    ...fitted(id, name, 'IsoFLOP parabolas'),
    equation: 'allocation',
    formula: 'N* = k C^a, D* = m C^b',
    constants: {
      paramsCoef: fit.paramsCoef,
      paramsExponent: fit.paramsExponent,
      tokensCoef: fit.tokensCoef,
      tokensExponent: fit.tokensExponent,
    },
    uncertainty,
    uncertaintyNote: uncertainty ? 'Bootstrap refits within each budget.' : 'Fitted without a bootstrap: no interval.',
    domain: domain(data),
  };
}
