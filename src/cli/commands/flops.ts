import { formatScientific } from '../../core/format/number.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from '../../core/model/flops.ts';
import { FlopsheetError } from '../../core/errors.ts';
import type { Command } from '../command.ts';
import { readModelArgument } from '../models.ts';
import { wholeFlag } from '../numbers.ts';

export const flopsCommand: Command = {
  name: 'flops',
  usage: 'FILE|KEY --seq N',
  summary: 'counts FLOP per token under every convention',
  flags: { seq: { type: 'string' } },
  minPositionals: 1,
  async run(invocation) {
    const seq = wholeFlag(invocation, 'seq', 1, 100_000_000);
    if (seq === undefined)
      throw new FlopsheetError('ARG', 'flops needs a sequence length', { where: '--seq', hint: 'as in --seq 8192' });
    const { name, architecture, approximate, notes } = await readModelArgument(
      invocation.positionals[0] ?? '',
      invocation,
    );
    const result = {
      name,
      seq_len: seq,
      forward_flop_per_token: forwardFlopPerToken(architecture, seq).total,
      train_flop_per_token: trainFlopPerToken(architecture, seq, 'exact_causal'),
      train_flop_per_token_full_attention: trainFlopPerToken(architecture, seq, 'exact_full'),
      train_flop_per_token_6n: trainFlopPerToken(architecture, seq, '6nd'),
      hardware_flop_per_token_full_recompute: hardwareFlopPerToken(architecture, seq, 'full'),
      approximate,
      notes,
    };
    if (invocation.json) invocation.print(JSON.stringify(result));
    else
      for (const [key, value] of Object.entries(result))
        invocation.print(
          `${key}: ${typeof value === 'number' && value > 1e6 ? formatScientific(value, 6) : JSON.stringify(value)}`,
        );
    return 0;
  },
};
