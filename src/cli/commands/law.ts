import { formatScientific, formatSignificant } from '../../core/format/number.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { findLaw, LAWS, lawJson, lawPoint, lawPointJson } from '../../core/scaling/index.ts';
import type { Command } from '../command.ts';
import { numberFlag } from '../numbers.ts';
import { table } from '../table.ts';

export const lawCommand: Command = {
  name: 'law',
  usage: 'list | ID --flops C | ID --params N --tokens D',
  summary: 'asks a scaling law for the optimum of a budget, or the loss of a run',
  flags: { flops: { type: 'string' }, params: { type: 'string' }, tokens: { type: 'string' } },
  minPositionals: 1,
  async run(invocation) {
    const [id = ''] = invocation.positionals;
    if (id === 'list') {
      if (invocation.json) invocation.print(JSON.stringify({ laws: LAWS.map(lawJson) }));
      else
        invocation.print(
          table(
            ['Id', 'Law', 'Task', 'Trust'],
            LAWS.map((law) => [law.id, law.name, law.task, law.trust]),
          ),
        );
      return 0;
    }
    const law = findLaw(id);
    const flop = numberFlag(invocation, 'flops');
    const params = numberFlag(invocation, 'params');
    const tokens = numberFlag(invocation, 'tokens');
    if (flop === undefined && (params === undefined || tokens === undefined))
      throw new FlopsheetError('ARG', 'give a budget, or a size and its tokens', {
        hint: `law ${id} --flops 1e24, or --params 70B --tokens 1.4T`,
      });
    const point = lawPoint(law, flop === undefined ? { params: params as number, tokens: tokens as number } : { flop });
    const json = lawPointJson(point);
    if (invocation.json) invocation.print(JSON.stringify(json));
    else
      invocation.print(
        Object.entries(json as Record<string, unknown>)
          .map(([key, value]) => `${key.padEnd(18)} ${readable(value)}`)
          .join('\n'),
      );
    for (const warning of point.warnings) invocation.warn(warning.message);
    return 0;
  },
};

function readable(value: unknown): string {
  if (typeof value === 'number') return value >= 1e15 ? formatScientific(value, 4) : formatSignificant(value, 6);
  if (value === null) return 'unknown';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
