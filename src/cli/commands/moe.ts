import { formatCount, formatSignificant } from '../../core/format/number.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { findLaw, moeJson, moeTradeoff } from '../../core/scaling/index.ts';
import { textFlag, type Command } from '../command.ts';
import { numberFlag } from '../numbers.ts';
import { table } from '../table.ts';

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
    invocation.print(invocation.json ? JSON.stringify(json) : readable(json));
    return 0;
  },
};

interface MoeRow {
  readonly sparsity: number | null;
  readonly params_total: number | null;
  readonly params_active: number | null;
  readonly tokens: number | null;
  readonly loss: number | null;
  readonly in_domain: boolean;
}

function readable(json: object): string {
  const { rows, best } = json as { rows: readonly MoeRow[]; best: Partial<MoeRow> | null };
  const cell = (value: number | null, format: (value: number) => string): string =>
    value === null ? 'unknown' : format(value);
  const count = (value: number): string => formatCount(value, 4);
  return table(
    ['Sparsity', 'Total params', 'Active params', 'Tokens', 'Loss', 'Notes'],
    rows.map((row) => [
      cell(row.sparsity, (value) => formatSignificant(value, 4)),
      cell(row.params_total, count),
      cell(row.params_active, count),
      cell(row.tokens, count),
      cell(row.loss, (value) => formatSignificant(value, 5)),
      [row.sparsity === best?.sparsity ? 'best' : '', row.in_domain ? '' : 'outside the fitted range']
        .filter(Boolean)
        .join(', '),
    ]),
  );
}
