import { formatCount } from '../../core/format/number.ts';
import { forwardFlopPerToken } from '../../core/model/flops.ts';
import { kvBytesPerToken } from '../../core/model/kv.ts';
import { countParameters } from '../../core/model/parameters.ts';
import type { Command } from '../command.ts';
import { readModelArgument } from '../models.ts';
import { wholeFlag } from '../numbers.ts';
import { table } from '../table.ts';

export const paramsCommand: Command = {
  name: 'params',
  usage: 'FILE|KEY [--seq N]',
  summary: 'counts the parameters of a model, by part',
  flags: { seq: { type: 'string' } },
  minPositionals: 1,
  async run(invocation) {
    const model = await readModelArgument(invocation.positionals[0] ?? '', invocation);
    const count = countParameters(model.architecture);
    const forward = forwardFlopPerToken(model.architecture, wholeFlag(invocation, 'seq', 1, 100_000_000) ?? 4096);
    const flopOf = new Map(forward.parts.map((part) => [part.part, part.weightFlop + part.coreFlop]));
    const parts = count.parts.map((part) => ({
      part: part.part,
      params: part.params,
      forward_flop_per_token: flopOf.get(part.part) ?? 0,
    }));
    const result = {
      name: model.name,
      params_total: count.total,
      params_active: count.active,
      params_embedding: count.embedding,
      approximate: model.approximate,
      kv_bytes_per_token: kvBytesPerToken(model.architecture),
      parts,
      notes: model.notes,
    };
    if (invocation.json) invocation.print(JSON.stringify(result));
    else {
      invocation.print(
        `${model.name}: ${count.total.toLocaleString('en-US')} parameters${count.active === count.total ? '' : `, ${count.active.toLocaleString('en-US')} active`}${model.approximate ? ' (approximate)' : ''}`,
      );
      invocation.print(
        table(
          ['Part', 'Parameters', 'Share', 'Forward FLOP/token'],
          parts.map((part) => [
            part.part,
            part.params.toLocaleString('en-US'),
            `${((100 * part.params) / count.total).toFixed(1)}%`,
            formatCount(part.forward_flop_per_token, 4),
          ]),
        ),
      );
      for (const note of model.notes) invocation.print(`note: ${note}`);
    }
    return 0;
  },
};
