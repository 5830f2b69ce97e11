/** Functions over the scaling-law library. */
import type { FunctionDef, LibraryContext } from '../../formula/function.ts';
import type { Law } from '../../scaling/types.ts';
import { findLaw } from '../../scaling/laws.ts';
import { lossFunction, optimalAllocation, type Allocation } from '../../scaling/equations.ts';
import { FlopsheetError } from '../../errors.ts';

function ask(context: LibraryContext, law: number, use: (law: Law) => number): number {
  try {
    return use(findLaw(context.text(law)));
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    context.because(error.message);
    context.because(error.hint);
    return Number.NaN;
  }
}

const LAW = { name: 'law', type: 'text', doc: 'id of a law, see `law list`' } as const;

function optimum(name: string, result: string, doc: string, pick: (best: Allocation) => number): FunctionDef {
  return {
    name,
    group: 'scaling',
    params: [{ name: 'budget', type: 'FLOP' }, LAW],
    result,
    doc,
    example: `${name}(1e24 FLOP, "besiroglu2024")`,
    memo: true,
    compute: ([budget, law], context) =>
      ask(context, law as number, (found) => pick(optimalAllocation(found, budget as number))),
  };
}

export const SCALING_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'loss_at',
    group: 'scaling',
    params: [LAW, { name: 'params', type: 'param' }, { name: 'tokens', type: 'token' }],
    result: '1',
    doc: 'Loss a scaling law predicts for a model of that many parameters trained on that many tokens.',
    example: 'loss_at("besiroglu2024", 70e9 param, 1.4e12 token)',
    memo: true,
    compute: ([law, params, tokens], context) =>
      ask(context, law as number, (found) => {
        const loss = lossFunction(found);
        if (!loss) context.because(`${found.name} predicts no loss from size and tokens`);
        return loss ? loss(params as number, tokens as number) : Number.NaN;
      }),
  },
  optimum(
    'optimal_params',
    'param',
    'Parameters of the compute-optimal model for a training budget under a scaling law.',
    (best) => best.params,
  ),
  optimum(
    'optimal_tokens',
    'token',
    'Tokens that the compute-optimal model trains on for a budget under a scaling law.',
    (best) => best.tokens,
  ),
];
