import { readFileSync } from 'node:fs';
import { FlopsheetError } from '../../core/errors.ts';
import { formatCount, formatScientific } from '../../core/format/number.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from '../../core/model/flops.ts';
import { layerTotals } from '../../core/model/layers.ts';
import type { Command, Invocation } from '../command.ts';
import { assertFile, readModelArgument } from '../models.ts';
import { wholeFlag } from '../numbers.ts';
import { table } from '../table.ts';

const LARGEST_TABLE = 64_000_000;

export const flopsCommand: Command = {
  name: 'flops',
  usage: 'FILE|KEY --seq N | LAYERS.csv',
  summary: 'counts FLOP per token under every convention; for a layer table, MACs per sample',
  flags: { seq: { type: 'string' } },
  minPositionals: 1,
  async run(invocation) {
    const [file = ''] = invocation.positionals;
    return /\.csv$/i.test(file) ? ofLayers(file, invocation) : ofModel(file, invocation);
  },
};

async function ofModel(file: string, invocation: Invocation): Promise<number> {
  const seq = wholeFlag(invocation, 'seq', 1, 100_000_000);
  if (seq === undefined)
    throw new FlopsheetError('ARG', 'flops needs a sequence length', { where: '--seq', hint: 'as in --seq 8192' });
  const { name, architecture, published, approximate, notes } = await readModelArgument(file, invocation);
  const active = published?.active ?? published?.total ?? null;
  const result = {
    name,
    seq_len: seq,
    forward_flop_per_token: architecture && forwardFlopPerToken(architecture, seq).total,
    train_flop_per_token: architecture && trainFlopPerToken(architecture, seq, 'exact_causal'),
    train_flop_per_token_full_attention: architecture && trainFlopPerToken(architecture, seq, 'exact_full'),
    train_flop_per_token_6n: architecture ? trainFlopPerToken(architecture, seq, '6nd') : active && 6 * active,
    hardware_flop_per_token_full_recompute: architecture && hardwareFlopPerToken(architecture, seq, 'full'),
    approximate,
    notes,
  };
  if (invocation.json) invocation.print(JSON.stringify(result));
  else {
    const lines: readonly (readonly [string, number | null])[] = [
      ['forward', result.forward_flop_per_token],
      ['training, causal attention halved', result.train_flop_per_token],
      ['training, full attention', result.train_flop_per_token_full_attention],
      ['training, 6 per active parameter', result.train_flop_per_token_6n],
      ['hardware, full recompute', result.hardware_flop_per_token_full_recompute],
    ];
    invocation.print(
      `${name}, ${seq.toLocaleString('en-US')} tokens per sequence${approximate ? ' (approximate)' : ''}`,
    );
    invocation.print(
      table(
        ['Convention', 'FLOP/token'],
        lines.map(([label, value]) => [label, value === null ? 'unknown' : formatScientific(value, 6)]),
      ),
    );
    for (const note of notes) invocation.print(`note: ${note}`);
  }
  return 0;
}

async function ofLayers(file: string, invocation: Invocation): Promise<number> {
  assertFile(file, LARGEST_TABLE, 'give a table of layers as CSV');
  const { layerListsFromCsv } = await import('../../import/model/layer-csv.ts');
  const models = layerListsFromCsv(readFileSync(file, 'utf8')).map((list) => {
    const totals = layerTotals(list);
    return {
      model: list.name,
      forward_macs: totals.forwardMacs,
      forward_flop: totals.forwardFlop,
      train_flop_per_sample: totals.trainFlopPerSample,
      params_total: totals.params,
    };
  });
  if (invocation.json) invocation.print(JSON.stringify({ models }));
  else
    invocation.print(
      table(
        ['Model', 'Forward MAC', 'Training FLOP/sample', 'Parameters'],
        models.map((model) => [
          model.model,
          formatCount(model.forward_macs, 4),
          formatScientific(model.train_flop_per_sample, 4),
          model.params_total.toLocaleString('en-US'),
        ]),
      ),
    );
  return 0;
}
