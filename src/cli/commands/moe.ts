import { FlopsheetError } from '../../core/errors.ts';
import { findLaw, moeJson, moeTradeoff } from '../../core/scaling/index.ts';
import { textFlag, type Command } from '../command.ts';
import { numberFlag } from '../numbers.ts';

export const moeCommand: Command = {
  name: 'moe',
  usage: '--law ID --flops C [--sparsity 0,0.5,0.9] [--params-total N]',
  summary: 'shows the trade-off of a mixture of experts under a law',
  flags: {
    law: { type: 'string' },
    flops: { type: 'string' },
    sparsity: { type: 'string' },
    'params-total': { type: 'string' },
  },
  minPositionals: 0,
  async run(invocation) {
    const id = textFlag(invocation, 'law');
    const flop = numberFlag(invocation, 'flops');
    if (!id || flop === undefined)
      throw new FlopsheetError('ARG', 'moe needs a law and a budget', {
        hint: 'moe --law abnar2025 --flops 1e22; "law list" shows the laws',
      });
    const list = textFlag(invocation, 'sparsity')?.split(',').map(Number);
    if (list?.some((value) => !(value >= 0 && value < 1)))
      throw new FlopsheetError('ARG', '--sparsity lists fractions from 0 to below 1', {
        where: '--sparsity',
        hint: 'as in 0,0.5,0.9',
      });
    const paramsTotal = numberFlag(invocation, 'params-total');
    const json = moeJson(
      moeTradeoff(findLaw(id), {
        flop,
        ...(list ? { sparsities: list } : {}),
        ...(paramsTotal === undefined ? {} : { paramsTotal }),
      }),
    );
    invocation.print(JSON.stringify(json, null, invocation.json ? 0 : 2));
    return 0;
  },
};
