import { FlopsheetError } from '../errors.ts';
import type { Architecture, Block, FeedForward, Mixer, Mlp } from './architecture.ts';
import { LAYER_NORM, RMS_NORM, attention, groupBlocks, transformer } from './architecture.ts';

/** One row of a table of model hyperparameters: cells as text by column name. */
export type CatalogRow = Readonly<Record<string, string | undefined>>;

/** A whole number of a cell; empty or missing is `fallback`, anything else than a number is refused with the column named. */
function integer(row: CatalogRow, column: string, fallback?: number): number {
  const text = row[column]?.trim() ?? '';
  if (text === '') {
    if (fallback !== undefined) return fallback;
    throw new FlopsheetError('model-field-missing', `Column "${column}" is empty for "${row['model'] ?? 'the row'}".`, {
      where: column,
      hint: 'Fill in the number.',
    });
  }
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 1e9) {
    throw new FlopsheetError(
      'model-field',
      `Column "${column}" of "${row['model'] ?? 'the row'}" holds "${text}", not a whole number.`,
      {
        where: column,
        hint: 'Write a whole number from 0 to 1,000,000,000.',
      },
    );
  }
  return value;
}

const on = (row: CatalogRow, column: string): boolean => integer(row, column, 0) > 0;

/**
 * Architecture of a row of model hyperparameters (columns as in assets/catalog/model_configs_dense.csv and
 * model_configs_moe.csv: sizes in elements, flags 0 or 1, `qk_norm` head, full or 0). Dense layers of a mixture of
 * experts come first; the order does not change any count. Throws a FlopsheetError naming the column.
 */
export function architectureFromCatalogRow(row: CatalogRow): Architecture {
  const hiddenSize = integer(row, 'hidden_size');
  const layers = integer(row, 'num_hidden_layers');
  const gated = on(row, 'gated');
  const mlpBias = on(row, 'mlp_bias');
  const mixer = mixerOfRow(row, hiddenSize);
  const norms = integer(row, 'norms_per_layer', 2);
  const mlp: Mlp = { type: 'mlp', intermediateSize: integer(row, 'intermediate_size'), gated, bias: mlpBias };
  const experts = integer(row, 'num_experts', 0);
  const moeLayers = experts > 0 ? Math.min(layers, integer(row, 'num_moe_layers', layers)) : 0;
  const shared = integer(row, 'shared_expert_intermediate_total', 0);
  const moe: FeedForward | null =
    experts === 0
      ? null
      : {
          type: 'moe',
          experts,
          expertsPerToken: integer(row, 'num_experts_per_tok'),
          expertIntermediateSize: integer(row, 'moe_intermediate_size'),
          gated,
          bias: mlpBias,
          routerBias: on(row, 'router_bias'),
          routerCorrection: on(row, 'router_corr_bias'),
          routerExtraParams: 0,
          shared: shared > 0 ? { intermediateSize: shared, gated, bias: false, gate: on(row, 'shared_gate') } : null,
          latentSize: null,
          parallelMlp: null,
        };
  const block = (feedForward: FeedForward): Block => ({ mixer, feedForward, norms, extraParams: 0 });
  const plan = Array.from({ length: layers }, (_, layer) =>
    block(moe !== null && layer >= layers - moeLayers ? moe : mlp),
  );
  const { blocks, layerOrder } = groupBlocks(plan);
  const last = plan.at(-1);
  const modules = integer(row, 'num_mtp', 0);
  return transformer({
    name: row['model'] ?? '',
    hiddenSize,
    vocabSize: integer(row, 'vocab_size'),
    tiedEmbeddings: on(row, 'tied'),
    learnedPositions: integer(row, 'learned_pos', 0),
    norm: on(row, 'norm_bias') ? LAYER_NORM : RMS_NORM,
    finalNorm: !on(row, 'no_final_norm'),
    blocks,
    layerOrder,
    multiTokenPrediction:
      modules > 0 && last !== undefined
        ? { modules, block: last, blocksPerModule: 1, norms: 3, duplicatedEmbedding: true, sharedWeights: false }
        : null,
  });
}

function mixerOfRow(row: CatalogRow, hiddenSize: number): Mixer {
  const heads = integer(row, 'num_attention_heads');
  const kvRank = integer(row, 'kv_lora_rank', 0);
  if (kvRank > 0) {
    const queryRank = integer(row, 'q_lora_rank', 0);
    return {
      type: 'latent_attention',
      heads,
      queryRank: queryRank === 0 ? null : queryRank,
      kvRank,
      nopeHeadDim: integer(row, 'qk_nope_head_dim'),
      ropeHeadDim: integer(row, 'qk_rope_head_dim'),
      valueHeadDim: integer(row, 'v_head_dim'),
      bias: false,
      indexer: null,
    };
  }
  const qkNorm = row['qk_norm']?.trim() ?? '';
  const bias = on(row, 'qkv_bias');
  return attention({
    heads,
    kvHeads: integer(row, 'num_key_value_heads', heads),
    headDim: integer(row, 'head_dim', Math.floor(hiddenSize / heads)),
    queryBias: bias,
    keyBias: bias,
    valueBias: bias,
    outBias: on(row, 'o_bias'),
    qkNorm:
      qkNorm === 'head'
        ? { over: 'head', norm: RMS_NORM }
        : qkNorm === 'full'
          ? { over: 'all_heads', norm: RMS_NORM }
          : null,
    sinks: on(row, 'attn_sinks'),
    relativePositions: on(row, 'rel_pos'),
  });
}
