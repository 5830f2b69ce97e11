import { FlopsheetError } from '../../core/errors.ts';
import { formatCount, formatScientific } from '../../core/format/number.ts';
import { sequentialDepth } from '../../core/model/anatomy.ts';
import { elementwiseFlopPerToken } from '../../core/model/elementwise.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from '../../core/model/flops.ts';
import type { Command, Invocation } from '../command.ts';
import { layerCounts, layerTable } from '../layer-table.ts';
import { readModelArgument, type NamedModel } from '../models.ts';
import { dimFlag, wholeFlag } from '../numbers.ts';
import { table } from '../table.ts';

export const flopsCommand: Command = {
  name: 'flops',
  usage: 'FILE|KEY --seq N | GRAPH.onnx [--dim NAME=SIZE] | LAYERS.csv',
  summary: 'counts FLOP per token under every convention; for graphs and layer tables, MACs per sample',
  flags: { seq: { type: 'string' }, dim: { type: 'string', multiple: true } },
  minPositionals: 1,
  async run(invocation) {
    const [file = ''] = invocation.positionals;
    const model = await readModelArgument(file, invocation, dimFlag(invocation));
    if (/\.(csv|tsv)$/i.test(file)) return layerTable(model, invocation);
    return model.layerLists.length > 0 ? perSample(model, invocation) : perToken(model, invocation);
  },
};

function perSample(model: NamedModel, invocation: Invocation): number {
  const [list] = model.layerLists;
  if (!list) return 0;
  const counts = layerCounts(model, list);
  const result = {
    name: model.name,
    ...counts,
    sequential_depth: counts.forward_macs === null ? null : sequentialDepth(list),
    approximate: model.approximate,
    notes: model.notes,
  };
  if (invocation.json) invocation.print(JSON.stringify(result));
  else {
    const flop = (value: number | null): string => (value === null ? 'unknown' : formatScientific(value, 6));
    invocation.print(`${model.name}, one sample${model.approximate ? ' (approximate)' : ''}`);
    invocation.print(
      table(
        ['Count', 'Value'],
        [
          ['forward, MAC', counts.forward_macs === null ? 'unknown' : formatCount(counts.forward_macs, 6)],
          ['forward, FLOP (2 per MAC)', flop(counts.forward_flop)],
          ['training, FLOP', flop(counts.train_flop_per_sample)],
          ['parameters', counts.params_total.toLocaleString('en-US')],
          ['steps one after the other', String(result.sequential_depth ?? 'unknown')],
        ],
      ),
    );
    for (const note of model.notes) invocation.print(`note: ${note}`);
  }
  return 0;
}

function perToken(model: NamedModel, invocation: Invocation): number {
  const seq = wholeFlag(invocation, 'seq', 1, 100_000_000);
  if (seq === undefined)
    throw new FlopsheetError('ARG', 'flops needs a sequence length', { where: '--seq', hint: 'as in --seq 8192' });
  const { name, architecture, published, approximate, notes } = model;
  const active = published?.active ?? published?.total ?? null;
  const elementwise = architecture && elementwiseFlopPerToken(architecture, seq);
  const result = {
    name,
    seq_len: seq,
    forward_flop_per_token: architecture && forwardFlopPerToken(architecture, seq).total,
    train_flop_per_token: architecture && trainFlopPerToken(architecture, seq, 'exact_causal'),
    train_flop_per_token_full_attention: architecture && trainFlopPerToken(architecture, seq, 'exact_full'),
    train_flop_per_token_6n: architecture ? trainFlopPerToken(architecture, seq, '6nd') : active && 6 * active,
    hardware_flop_per_token_full_recompute: architecture && hardwareFlopPerToken(architecture, seq, 'full'),
    elementwise_flop_per_token: elementwise && elementwise.total,
    elementwise_share: elementwise && elementwise.share,
    sequential_depth: architecture && sequentialDepth(architecture),
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
      ['norms, softmax, activations (forward, in none of the above)', result.elementwise_flop_per_token],
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
    if (result.sequential_depth !== null)
      invocation.print(`${result.sequential_depth} matrix products one after the other`);
    for (const note of notes) invocation.print(`note: ${note}`);
  }
  return 0;
}
