import { existsSync } from 'node:fs';
import { formatScientific, formatSignificant } from '../../core/format/number.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { findLaw, LAWS, lawJson, lawPoint, lawPointJson, type Law } from '../../core/scaling/index.ts';
import type { Command, Invocation } from '../command.ts';
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
      const laws = [...(await ownLaws(invocation)), ...LAWS];
      if (invocation.json) invocation.print(JSON.stringify({ laws: laws.map(lawJson) }));
      else
        invocation.print(
          table(
            ['Id', 'Law', 'Task', 'Trust'],
            laws.map((law) => [law.id, law.name, law.task, law.trust]),
          ),
        );
      return 0;
    }
    const law = LAWS.some((own) => own.id === id) ? findLaw(id) : findLaw(id, await ownLaws(invocation));
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

/** Laws fitted and saved in the store; none when there is no store yet. */
async function ownLaws(invocation: Invocation): Promise<Law[]> {
  const { openForReading, storePath } = await import('../store.ts');
  if (!existsSync(storePath(invocation))) return [];
  const { listLaws } = await import('../../store/laws.ts');
  const store = openForReading(invocation);
  try {
    return listLaws(store.db).map((stored) => stored.law);
  } finally {
    store.close();
  }
}

function readable(value: unknown): string {
  if (typeof value === 'number') return value >= 1e15 ? formatScientific(value, 4) : formatSignificant(value, 6);
  if (value === null) return 'unknown';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
