/** Functions over the scaling-law library and the laws a plan has fitted. */
import type { BreakdownItem, FunctionDef, LibraryContext, ParameterDef } from '../../formula/function.ts';
import { dataLimitedOptimum, lossWithRepetition } from '../../scaling/data-limited.ts';
import { domainWarnings } from '../../scaling/domain.ts';
import { flopForLoss, frontierLoss, lossFunction, optimalAllocation, wrongLaw } from '../../scaling/equations.ts';
import { pointIntervals } from '../../scaling/intervals.ts';
import { findLaw } from '../../scaling/laws.ts';
import { moeOptimum, type MoeRow } from '../../scaling/moe-tradeoff.ts';
import type { Law, LawWarning } from '../../scaling/types.ts';
import { FlopsheetError } from '../../errors.ts';

function ask(context: LibraryContext, law: number, use: (law: Law) => number | null): number {
  try {
    const found = findLaw(context.text(law), context.laws());
    const value = use(found);
    if (value === null) context.because(`${found.name} predicts size and tokens, not a loss`);
    return value ?? Number.NaN;
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    context.because(error.message);
    context.because(error.hint);
    return Number.NaN;
  }
}

/** Remarks as one part of a breakdown; none without remarks. */
function said(label: string, remarks: readonly LawWarning[]): BreakdownItem[] {
  return remarks.length === 0 ? [] : [{ label, value: remarks.map((remark) => remark.message).join(' '), unit: '' }];
}

/** Where the numbers of a law come from, and whether the question lies where it was fitted. */
function lawFacts(law: Law, at: Parameters<typeof domainWarnings>[1]): BreakdownItem[] {
  const { source } = law;
  const from = [source.title, source.reference, source.section].filter(Boolean).join(', ');
  return [
    { label: 'law', value: law.name, unit: '', source: from },
    { label: 'trust grade', value: law.trust, unit: '' },
    ...said('beyond the fit', domainWarnings(law, at)),
  ];
}

function explained(context: LibraryContext, law: number, use: (law: Law) => BreakdownItem[]): BreakdownItem[] {
  try {
    return use(findLaw(context.text(law), context.laws()));
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    return [];
  }
}

const BUDGET: ParameterDef = { name: 'budget', type: 'FLOP' };
const LAW: ParameterDef = { name: 'law', type: 'text', doc: 'id of a law, see `law list`, or of one you fitted' };
const PARAMS: ParameterDef = { name: 'params', type: 'param' };
const TOKENS: ParameterDef = { name: 'tokens', type: 'token' };
const UNIQUE: ParameterDef = { name: 'unique', type: 'token', doc: 'distinct tokens there are' };

function atBudget(
  name: string,
  result: string,
  doc: string,
  pick: (law: Law, budget: number) => number | null,
  interval: 'paramsOpt' | 'tokensOpt' | 'loss',
): FunctionDef {
  return {
    name,
    group: 'scaling',
    params: [BUDGET, LAW],
    result,
    doc,
    example: `${name}(1e24 FLOP, "besiroglu2024")`,
    source: 'C = 6 N D at least loss; the law’s own source is among the parts',
    memo: true,
    // The least loss is searched for; the rest is a formula.
    expensive: interval === 'loss',
    compute: ([budget, law], context) => ask(context, law as number, (found) => pick(found, budget as number)),
    breakdown: ([budget, law], context) =>
      explained(context, law as number, (found) => {
        const best = optimalAllocation(found, budget as number);
        const range = pointIntervals(found, budget as number)?.[interval] ?? null;
        return [
          ...lawFacts(found, { flop: budget as number, params: best.params, tokens: best.tokens }),
          ...(range
            ? [
                { label: 'P10 by the errors of its constants', value: Number(range.low.toPrecision(4)), unit: result },
                { label: 'P90 by the errors of its constants', value: Number(range.high.toPrecision(4)), unit: result },
              ]
            : [{ label: 'interval', value: found.uncertaintyNote, unit: '' }]),
        ];
      }),
  };
}

function ofRun(
  name: string,
  params: readonly ParameterDef[],
  example: string,
  order: readonly [number, number, number],
): FunctionDef {
  const [n, d, law] = order;
  return {
    name,
    group: 'scaling',
    params,
    result: '1',
    doc: 'Loss a scaling law predicts for a model of that many parameters trained on that many tokens.',
    example,
    memo: true,
    compute: (args, context) =>
      ask(context, args[law] as number, (found) => lossFunction(found)?.(args[n] as number, args[d] as number) ?? null),
    breakdown: (args, context) =>
      explained(context, args[law] as number, (found) =>
        lawFacts(found, { params: args[n] as number, tokens: args[d] as number }),
      ),
  };
}

function dataLimited(name: string, result: string, doc: string, pick: 'params' | 'tokens'): FunctionDef {
  return {
    name,
    group: 'scaling',
    params: [BUDGET, UNIQUE, LAW],
    result,
    doc,
    example: `${name}(1e22 FLOP, 25e9 token, "muennighoff2023")`,
    source: 'Muennighoff et al. 2023, equations 5 to 7',
    memo: true,
    compute: ([budget, unique, law], context) =>
      ask(context, law as number, (found) => dataLimitedOptimum(found, budget as number, unique as number)[pick]),
    breakdown: ([budget, unique, law], context) =>
      explained(context, law as number, (found) => {
        const best = dataLimitedOptimum(found, budget as number, unique as number);
        return [
          ...lawFacts(found, { flop: budget as number, params: best.params, tokens: best.tokens }),
          { label: 'epochs', value: Number(best.epochs.toPrecision(4)), unit: '' },
          ...said('remark', best.warnings),
        ];
      }),
  };
}

function moe(name: string, result: string, doc: string, pick: (row: MoeRow) => number | null): FunctionDef {
  const answer = (law: Law, budget: number, sparsity: number): MoeRow => {
    if (law.task !== 'moe')
      throw wrongLaw(law, 'is not a mixture-of-experts law', 'Ask abnar2025 or ludziejewski2025.');
    return moeOptimum(law, budget, sparsity);
  };
  return {
    name,
    group: 'scaling',
    params: [BUDGET, { name: 'sparsity', type: '1', doc: 'share of experts that stay idle, 0 to below 1' }, LAW],
    result,
    doc,
    example: `${name}(1e22 FLOP, 0.9375, "abnar2025")`,
    source: 'C = 6 x active x tokens at least loss; communication and memory are not priced',
    memo: true,
    expensive: true,
    compute: ([budget, sparsity, law], context) =>
      ask(context, law as number, (found) => pick(answer(found, budget as number, sparsity as number))),
    breakdown: ([budget, sparsity, law], context) =>
      explained(context, law as number, (found) => {
        const row = answer(found, budget as number, sparsity as number);
        return [
          ...lawFacts(found, {}),
          ...said('beyond the fit', row.warnings),
          { label: 'keep in mind', value: found.cautions.join(' '), unit: '' },
        ];
      }),
  };
}

export const SCALING_FUNCTIONS: readonly FunctionDef[] = [
  ofRun('loss_at', [LAW, PARAMS, TOKENS], 'loss_at("besiroglu2024", 70e9 param, 1.4e12 token)', [1, 2, 0]),
  ofRun('loss', [PARAMS, TOKENS, LAW], 'loss(70e9 param, 1.4e12 token, "besiroglu2024")', [0, 1, 2]),
  atBudget(
    'optimal_params',
    'param',
    'Parameters of the compute-optimal model for a training budget under a scaling law.',
    (law, budget) => optimalAllocation(law, budget).params,
    'paramsOpt',
  ),
  atBudget(
    'optimal_tokens',
    'token',
    'Tokens that the compute-optimal model trains on for a budget under a scaling law.',
    (law, budget) => optimalAllocation(law, budget).tokens,
    'tokensOpt',
  ),
  atBudget(
    'optimal_loss',
    '1',
    'Loss of the compute-optimal model for a training budget under a scaling law.',
    frontierLoss,
    'loss',
  ),
  {
    name: 'budget_for_loss',
    group: 'scaling',
    params: [{ name: 'loss', type: '1' }, LAW],
    result: 'FLOP',
    doc: 'Training compute at which the compute-optimal model of a scaling law reaches a loss; unknown at or below the law’s floor.',
    example: 'budget_for_loss(2.0, "besiroglu2024")',
    memo: true,
    expensive: true,
    compute: ([loss, law], context) =>
      ask(context, law as number, (found) => {
        const flop = flopForLoss(found, loss as number);
        if (flop === null) context.because(`no budget reaches a loss of ${loss} under ${found.name}`);
        return flop ?? Number.NaN;
      }),
    breakdown: ([loss, law], context) =>
      explained(context, law as number, (found) => {
        const flop = flopForLoss(found, loss as number);
        return lawFacts(found, flop === null ? {} : { flop });
      }),
  },
  {
    name: 'loss_with_repeats',
    group: 'scaling',
    params: [PARAMS, TOKENS, UNIQUE, LAW],
    result: '1',
    doc: 'Loss when the tokens seen are passes over fewer distinct ones: repeats teach less and less.',
    example: 'loss_with_repeats(7e9 param, 237e9 token, 25e9 token, "muennighoff2023")',
    source: 'Muennighoff et al. 2023, equations 5 to 7',
    memo: true,
    expensive: true,
    compute: ([params, tokens, unique, law], context) =>
      ask(context, law as number, (found) =>
        lossWithRepetition(found, params as number, tokens as number, unique as number),
      ),
    breakdown: ([params, tokens, , law], context) =>
      explained(context, law as number, (found) =>
        lawFacts(found, { params: params as number, tokens: tokens as number }),
      ),
  },
  dataLimited(
    'data_limited_params',
    'param',
    'Best size for a training budget when only so many distinct tokens exist.',
    'params',
  ),
  dataLimited(
    'data_limited_tokens',
    'token',
    'Tokens to train on, repeats counted, for a training budget when only so many distinct tokens exist.',
    'tokens',
  ),
  moe(
    'moe_params',
    'param',
    'Total parameters of the best mixture of experts for a training budget at a sparsity, under a MoE law.',
    (row) => row.paramsTotal,
  ),
  moe(
    'moe_active_params',
    'param',
    'Parameters each token passes through in that mixture of experts.',
    (row) => row.paramsActive,
  ),
  moe('moe_tokens', 'token', 'Tokens that mixture of experts trains on.', (row) => row.tokens),
  moe('moe_loss', '1', 'Loss of that mixture of experts: compare it within one law only.', (row) => row.loss),
];
