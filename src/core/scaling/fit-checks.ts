import { FlopsheetError } from '../errors.ts';
import type { FitColumns, FitMethod } from './fit.ts';
import { fitIsoflop, groupBudgets } from './isoflop.ts';
import type { Finding } from './points.ts';

const distinct = (values: Float64Array) =>
  new Set(Array.from(values.subarray(0, 5000), (v) => Number(v.toPrecision(6)))).size;

/** Correlation of the logarithms of two columns. */
function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let sa = 0;
  let sb = 0;
  for (let i = 0; i < n; i++) {
    sa += Math.log(a[i]!);
    sb += Math.log(b[i]!);
  }
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < n; i++) {
    const x = Math.log(a[i]!) - sa / n;
    const y = Math.log(b[i]!) - sb / n;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/**
 * Stops a fit that cannot be answered and adds warnings for one that can only be answered in part.
 * @throws FlopsheetError with a hint that says what the points can still tell.
 */
export function refuseUnfit(data: FitColumns, method: FitMethod, findings: Finding[], confirmed: boolean): void {
  const refused = findings.find((f) => f.severity === 'refuse');
  if (refused && !confirmed) throw new FlopsheetError(`fit_${refused.code}`, refused.message, { hint: refused.hint });
  const n = data.loss.length;
  const need = method === 'isoflop' ? 8 : 6;
  const budgets = n > 0 ? groupBudgets(data.flop.subarray(0, 20_000)) : { group: new Int32Array(0), flop: [] };
  if (n < need) {
    const lowest = n > 0 ? data.loss.indexOf(Math.min(...data.loss)) : -1;
    throw new FlopsheetError(
      'fit_too_few_points',
      `There are ${n} usable points; a ${method} fit needs at least ${need}.`,
      {
        hint:
          lowest >= 0
            ? `What can be said: the lowest loss, ${data.loss[lowest]}, is at ${data.params[lowest]!.toPrecision(3)} parameters and ${data.tokens[lowest]!.toPrecision(3)} tokens. Add runs, or take a published law.`
            : 'Add runs with params, tokens (or FLOP) and loss.',
      },
    );
  }
  if (budgets.flop.length === 1) {
    const m = budgets.group.length;
    const [only] = fitIsoflop(
      data.params.subarray(0, m),
      data.tokens.subarray(0, m),
      data.loss.subarray(0, m),
      budgets,
    ).minima;
    throw new FlopsheetError(
      'fit_one_budget',
      `All ${n} points have one budget (${budgets.flop[0]!.toExponential(2)} FLOP): nothing shows how size and tokens grow with compute.`,
      {
        hint:
          only && only.rejected === null
            ? `What can be said: at this budget the best size is about ${only.params.toPrecision(3)} parameters on ${only.tokens.toPrecision(3)} tokens, loss ${only.loss.toPrecision(4)}. Add a second budget at least three times larger.`
            : 'Add runs at a second budget at least three times larger.',
      },
    );
  }
  if (method === 'isoflop') return;
  const sizes = distinct(data.params);
  const lengths = distinct(data.tokens);
  if (sizes < 3 || lengths < 3) {
    const what = sizes < 3 ? `${sizes} size${sizes > 1 ? 's' : ''}` : `${lengths} token count${lengths > 1 ? 's' : ''}`;
    throw new FlopsheetError(
      'fit_no_variation',
      `The points hold only ${what}: the ${sizes < 3 ? 'size' : 'token'} term of the law cannot be fitted.`,
      {
        hint: 'At least three sizes and three token counts are needed. A published law can stand in for the missing term.',
      },
    );
  }
  if (n < 15) {
    findings.push({
      severity: 'warning',
      code: 'few_points',
      message: `${n} points for five constants: intervals will be wide and may be too optimistic.`,
      hint: 'Thirty or more runs over four budgets make a fit worth extrapolating.',
      lines: [],
    });
  }
  if (Math.abs(correlation(data.params, data.tokens)) > 0.995) {
    findings.push({
      severity: 'warning',
      code: 'one_ratio',
      message:
        'Params and tokens grow in step in these points: alpha and beta can hardly be told apart, so the optimal ratio is not determined.',
      hint: 'Tie the exponents, or add runs at other ratios of tokens to parameters.',
      lines: [],
    });
  }
  let low = Infinity;
  let high = 0;
  for (const c of data.flop) {
    low = Math.min(low, c);
    high = Math.max(high, c);
  }
  if (high / low < 30) {
    findings.push({
      severity: 'warning',
      code: 'narrow_budgets',
      message: `The budgets span a factor of ${(high / low).toPrecision(2)} only.`,
      hint: 'Extrapolating further than the points span is a guess; the interval does not cover a wrong form of the law.',
      lines: [],
    });
  }
}
