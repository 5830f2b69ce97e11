import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bandwidthCeiling,
  cacheChurn,
  criticalBatch,
  decodeUtilisation,
  denseCeilings,
  plainDecodeSeconds,
  plainPrefillSeconds,
  prefillPerDecode,
} from '../../../src/core/serving/ceilings.ts';
import { joulePerToken, usdPerMillionTokens } from '../../../src/core/serving/economics.ts';
import { kvBytesPerToken } from '../../../src/core/model/kv.ts';
import { attention, plainDecoder, transformer } from '../../../src/core/model/architecture.ts';
import { parseCsv } from '../../../src/store/csv.ts';

const records = (name: string): readonly Readonly<Record<string, string>>[] =>
  parseCsv(readFileSync(join(import.meta.dirname, '../../data', `${name}.csv`), 'utf8')).records;
const golden = new Map(records('golden_tests_inference').map((row) => [row['id'] ?? '', Number(row['value'])]));

/** What the functions give for each published value of golden_tests_inference.csv. */
const COMPUTED: Readonly<Record<string, () => number>> = {
  scalingbook_quiz_b4: () =>
    1000 *
    plainDecodeSeconds({
      weightBytes: 30e9,
      paramsActive: 30e9,
      cacheBytesPerSequence: 100e3 * 8192,
      batch: 4,
      chips: 16,
      bytesPerS: 8.1e11,
      flopPerS: 1.97e14,
    }),
  scalingbook_quiz_b256: () =>
    1000 *
    plainDecodeSeconds({
      weightBytes: 30e9,
      paramsActive: 30e9,
      cacheBytesPerSequence: 100e3 * 8192,
      batch: 256,
      chips: 16,
      bytesPerS: 8.1e11,
      flopPerS: 1.97e14,
    }),
  bcrit_v5e_bf16: () => criticalBatch(1.97e14, 8.2e11, 2),
  kv_llama2_13b_8k_bf16: () =>
    (kvBytesPerToken(
      plainDecoder({ hiddenSize: 5120, layers: 40, heads: 40, intermediateSize: 13824, vocabSize: 32000 }),
    ) *
      8192) /
    1e9,
  kv_llama3_70b_int8_per_tok: () =>
    kvBytesPerToken(
      plainDecoder({
        hiddenSize: 8192,
        layers: 80,
        heads: 64,
        kvHeads: 8,
        headDim: 128,
        intermediateSize: 28672,
        vocabSize: 128256,
      }),
      1,
    ),
  llama70b_b32_8k_int8_8xv5e_step: () =>
    1000 *
    plainDecodeSeconds({
      weightBytes: 70e9,
      paramsActive: 70e9,
      cacheBytesPerSequence: 163840 * 8192,
      batch: 32,
      chips: 8,
      bytesPerS: 8.1e11,
      flopPerS: 1.97e14,
    }),
  llama70b_prefill8k_16xv5e_40pct: () => plainPrefillSeconds(70e9, 8192, 16, 1.97e14, 0.4),
  disagg_ratio: () => prefillPerDecode(32, 0.91, 0.019, 512),
  kv_evict_per_step: () => cacheChurn(32, 8192, 4096),
  seed_1T_flops_util_20tok: () => 100 * decodeUtilisation(1e12, 20, 8, 989.4e12),
  seed_1T_bw_fp16: () => bandwidthCeiling(8, 3.35e12, 2e12),
  seed_1T_bw_fp8: () => bandwidthCeiling(8, 3.35e12, 1e12),
  seed_1T_bw_int4: () => bandwidthCeiling(8, 3.35e12, 0.5e12),
  h100_opsbyte_bf16: () => criticalBatch(989.4e12, 3.35e12, 2),
  h200_opsbyte_bf16: () => criticalBatch(989.4e12, 4.8e12, 2),
  b200_opsbyte_bf16: () => criticalBatch(2250e12, 8e12, 2),
  cost_per_Mtok: () => usdPerMillionTokens(1.3, 1000),
  joule_per_tok: () => joulePerToken(1730, 1000),
};

describe('golden values of serving (golden_tests_inference.csv)', () => {
  it.each(Object.entries(COMPUTED))('%s', (id, compute) => {
    const published = golden.get(id);
    if (published === undefined) throw new Error(`no row ${id}`);
    expect(Math.abs(compute() / published - 1)).toBeLessThan(2e-5);
  });

  it('shows the 2023 claim about 1T dense on 8 H100: 13.4 / 26.8 / 53.6 tok/s, what is missing, 0.51 %', () => {
    const rows = denseCeilings(1e12, 8, { bytesPerS: 3.35e12, memoryBytes: 80e9, flopPerS: 989.4e12 });
    expect(rows.map((row) => Number(row.tokensPerS.toFixed(1)))).toEqual([13.4, 26.8, 53.6]);
    expect(rows.map((row) => row.fits)).toEqual([false, false, true]);
    expect(rows.map((row) => row.missingBytes)).toEqual([1.36e12, 0.36e12, 0]);
    expect((100 * rows[0]!.utilisationAt20TokensPerS).toFixed(2)).toBe('0.51');
  });
});

describe('cache bytes per token (kv_cache_bytes.csv)', () => {
  it.each(records('kv_cache_bytes').map((row) => [row['model'] ?? '', row] as const))('%s', (_, row) => {
    const layers = Number(row['layers']);
    const [rank, rope] = (row['mla_latent_dims'] ?? '').split('+').map(Number);
    const mixer =
      row['attn'] === 'MLA'
        ? ({
            type: 'latent_attention',
            heads: 128,
            queryRank: 1536,
            kvRank: rank ?? 0,
            nopeHeadDim: 128,
            ropeHeadDim: rope ?? 0,
            valueHeadDim: 128,
            bias: false,
            indexer: null,
          } as const)
        : attention({ heads: 128, kvHeads: Number(row['kv_heads']), headDim: Number(row['head_dim']) });
    const model = transformer({
      hiddenSize: Number(row['d_model']),
      vocabSize: 1000,
      blocks: [{ count: layers, block: { mixer, feedForward: null, norms: 1, extraParams: 0 } }],
    });
    expect(kvBytesPerToken(model, 2)).toBe(Number(row['bytes_per_token_fp16']));
    expect(kvBytesPerToken(model, 1)).toBe(Number(row['bytes_per_token_fp8']));
  });
});
