import { formatCount } from '../../core/format/number.ts';
import type { LayerList } from '../../core/model/architecture.ts';
import { forwardFlopPerToken } from '../../core/model/flops.ts';
import { kvBytesPerToken } from '../../core/model/kv.ts';
import { layerTotals } from '../../core/model/layers.ts';
import { countParameters } from '../../core/model/parameters.ts';
import type { Command } from '../command.ts';
import { layerTable } from '../layer-table.ts';
import { readModelArgument, type NamedModel } from '../models.ts';
import { dimFlag, wholeFlag } from '../numbers.ts';
import { table } from '../table.ts';

/** Sequence length of the FLOP beside the parts, in tokens. */
const DEFAULT_SEQ = 4096;

export const paramsCommand: Command = {
  name: 'params',
  usage: 'FILE|KEY [--seq N] [--dim NAME=SIZE]',
  summary: 'counts the parameters of a model, by part',
  flags: { seq: { type: 'string' }, dim: { type: 'string', multiple: true } },
  minPositionals: 1,
  async run(invocation) {
    const seq = wholeFlag(invocation, 'seq', 1, 100_000_000) ?? DEFAULT_SEQ;
    const model = await readModelArgument(invocation.positionals[0] ?? '', invocation, dimFlag(invocation));
    if (model.layerLists.length > 1) return layerTable(model, invocation);
    const result = countOf(model, seq);
    if (invocation.json) invocation.print(JSON.stringify(result));
    else invocation.print(readable(result, seq));
    return 0;
  },
};

interface ParamsResult {
  readonly name: string;
  readonly params_total: number | null;
  readonly params_active: number | null;
  readonly params_embedding: number | null;
  readonly params_active_without_input_embedding: number | null;
  readonly params_active_without_embeddings: number | null;
  readonly approximate: boolean;
  readonly kv_bytes_per_token: number | null;
  readonly parts: readonly {
    readonly part: string;
    readonly params: number;
    /** Null for models counted per sample. */
    readonly forward_flop_per_token: number | null;
  }[];
  readonly notes: readonly string[];
}

function countOf(model: NamedModel, seq: number): ParamsResult {
  const { name, architecture, published, approximate, notes } = model;
  if (model.layerLists[0]) return ofLayers(name, model.layerLists[0], approximate, notes);
  if (!architecture)
    return {
      name,
      params_total: published?.total ?? null,
      params_active: published?.active ?? null,
      params_embedding: null,
      params_active_without_input_embedding: null,
      params_active_without_embeddings: null,
      approximate,
      kv_bytes_per_token: null,
      parts: [],
      notes,
    };
  const count = countParameters(architecture);
  const forward = forwardFlopPerToken(architecture, seq);
  const flopOf = new Map(forward.parts.map((part) => [part.part, part.weightFlop + part.coreFlop]));
  return {
    name,
    params_total: count.total,
    params_active: count.active,
    params_embedding: count.embedding,
    params_active_without_input_embedding: count.activeWithoutInputEmbedding,
    params_active_without_embeddings: count.activeWithoutEmbeddings,
    approximate,
    kv_bytes_per_token: kvBytesPerToken(architecture),
    parts: count.parts.map(({ part, params }) => ({
      part,
      params,
      forward_flop_per_token: flopOf.get(part) ?? 0,
    })),
    notes,
  };
}

function ofLayers(name: string, list: LayerList, approximate: boolean, notes: readonly string[]): ParamsResult {
  const parts = new Map<string, number>();
  for (const layer of list.layers) parts.set(layer.type, (parts.get(layer.type) ?? 0) + layer.params);
  const total = layerTotals(list).params;
  return {
    name,
    params_total: total,
    params_active: total,
    params_embedding: null,
    params_active_without_input_embedding: null,
    params_active_without_embeddings: null,
    approximate,
    kv_bytes_per_token: null,
    parts: [...parts].map(([part, params]) => ({ part, params, forward_flop_per_token: null })),
    notes,
  };
}

function readable(result: ParamsResult, seq: number): string {
  const { params_total: total, params_active: active } = result;
  const whole = (value: number | null): string => (value === null ? 'unknown' : value.toLocaleString('en-US'));
  return [
    `${result.name}: ${whole(total)} parameters${active === total ? '' : `, ${whole(active)} active`}${result.approximate ? ' (approximate)' : ''}`,
    ...(active !== total && result.params_active_without_embeddings !== null
      ? [
          `active without the input embedding ${whole(result.params_active_without_input_embedding)}, without both embeddings ${whole(result.params_active_without_embeddings)}: vendors count in different ways`,
        ]
      : []),
    ...(result.parts.length > 0
      ? [
          table(
            ['Part', 'Parameters', 'Share', `Forward FLOP/token at ${seq.toLocaleString('en-US')} tokens`],
            result.parts.map((part) => [
              part.part,
              whole(part.params),
              `${((100 * part.params) / (total ?? 1)).toFixed(1)}%`,
              part.forward_flop_per_token === null ? '' : formatCount(part.forward_flop_per_token, 4),
            ]),
          ),
        ]
      : []),
    ...result.notes.map((note) => `note: ${note}`),
  ].join('\n');
}
