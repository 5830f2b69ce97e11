import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plainDecoder, LAYER_NORM } from '../../../src/core/model/architecture.ts';
import type { CatalogRow } from '../../../src/core/model/catalog-row.ts';
import { architectureFromCatalogRow } from '../../../src/core/model/catalog-row.ts';
import { forwardFlopPerToken, hardwareFlopPerToken, trainFlopPerToken } from '../../../src/core/model/flops.ts';
import { architectureFromConfig } from '../../../src/core/model/hf-config.ts';
import { countParameters } from '../../../src/core/model/parameters.ts';
import { FAMILIES } from '../../../src/import/model/families.ts';
import { csvRows } from './catalog.ts';

const catalog = new Map(
  [...csvRows('assets/catalog/model_configs_dense.csv'), ...csvRows('assets/catalog/model_configs_moe.csv')].map(
    (row) => [row.model ?? '', row],
  ),
);
const config = (name: string) =>
  architectureFromConfig(
    JSON.parse(readFileSync(new URL(`../../data/hf_configs/${name}.json`, import.meta.url), 'utf8')),
    FAMILIES,
  ).architecture;
const perturbed = (name: string, changes: object) =>
  architectureFromConfig(
    { ...JSON.parse(readFileSync(new URL(`../../data/hf_configs/${name}.json`, import.meta.url), 'utf8')), ...changes },
    FAMILIES,
  ).architecture;
const row = (name: string) => architectureFromCatalogRow(catalog.get(name) ?? {});

const bridgeModels: Record<string, ReturnType<typeof row>> = {
  DeepSeekV3: row('DeepSeek-V3'),
  'DeepSeekV3 (w/ MTP)': row('DeepSeek-V3'),
  LLAMA3_70B: row('Llama-3-70B'),
  'LLAMA3.1_405B': row('Llama-3.1-405B'),
  Qwen3_30B_a3B: row('Qwen3-30B-A3B'),
  Qwen3_235B_a22B: perturbed('Qwen--Qwen3-30B-A3B', {
    hidden_size: 4096,
    num_hidden_layers: 94,
    num_attention_heads: 64,
    moe_intermediate_size: 1536,
  }),
  'GPT OSS 120B': perturbed('openai--gpt-oss-20b', { num_hidden_layers: 36, num_local_experts: 128 }),
};

describe('FLOP per token against the figures NVIDIA reports (Megatron-Bridge performance summaries)', () => {
  const rows = csvRows('test/data/megatron_bridge_performance.csv').filter(
    (r) =>
      Number(r.implied_flops_per_token) > 0 &&
      Math.abs(Number(r.formula_minus_implied_pct)) <= 1 &&
      r.formula_minus_implied_pct !== '',
  );

  it('has the rows where the reference formula holds', () => {
    expect(rows.length).toBeGreaterThan(90);
  });

  it.each(
    rows.map((r): CatalogRow => ({
      ...r,
      name: `${r.container} ${r.model} ${r.system} ${r.precision} ${r.seq_len_tokens}`,
    })),
  )('$name within 1 %', (r) => {
    const architecture = bridgeModels[(r.model ?? '').replace(/ \(.*/, '')];
    if (architecture === undefined) throw new Error(`no architecture for ${r.model}`);
    const flop = trainFlopPerToken(architecture, Number(r.seq_len_tokens), 'exact_causal');
    expect(Math.abs(flop / Number(r.implied_flops_per_token) - 1)).toBeLessThan(0.01);
  });

  it('explains the hybrid rows: NVIDIA counts a state-space width of twice the hidden size where the model has heads x head width', () => {
    const nano = csvRows('test/data/megatron_bridge_performance.csv').filter(
      (r) => r.model === 'Nemotron_3_Nano' && r.seq_len_tokens === '8192' && Number(r.implied_flops_per_token) > 0,
    );
    const own = config('nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16');
    const widened = {
      ...own,
      blocks: own.blocks.map((group) =>
        group.block.mixer?.type === 'mamba2'
          ? { ...group, block: { ...group.block, mixer: { ...group.block.mixer, headDim: (2 * 2688) / 64 } } }
          : group,
      ),
    };
    const reported = nano.map((r) => Number(r.implied_flops_per_token)).sort((a, b) => a - b);
    const median = reported[Math.floor(reported.length / 2)] ?? Number.NaN;
    expect(Math.abs(trainFlopPerToken(widened, 8192, 'exact_causal') / median - 1)).toBeLessThan(0.01);
    expect(trainFlopPerToken(own, 8192, 'exact_causal') / median - 1).toBeCloseTo(-0.067, 2);
  });
});

describe('siblings of the given files', () => {
  it('has the totals published for them', () => {
    expect(countParameters(bridgeModels.Qwen3_235B_a22B as never).total).toBe(235_093_634_560);
    expect(countParameters(bridgeModels['GPT OSS 120B'] as never).total).toBe(116_829_156_672);
  });
});

describe('MFU of the llm-foundry benchmark tables', () => {
  const rows = csvRows('test/data/mpt_llmfoundry_benchmarks.csv');

  it.each(rows.map((r, at): CatalogRow => ({ ...r, name: `${r.section} ${r.model} ${r.seq_len_tokens} #${at}` })))(
    '$name within 0.02 points',
    (r) => {
      const architecture = plainDecoder({
        hiddenSize: Number(r.d_model),
        layers: Number(r.n_layers),
        heads: Number(r.n_heads),
        intermediateSize: Number(r.ffn_dim),
        vocabSize: Number(r.vocab_size),
        gated: false,
        tiedEmbeddings: true,
      });
      const core = 3 * forwardFlopPerToken(architecture, Number(r.seq_len_tokens), { attention: 'full' }).core;
      const flopPerToken = 6 * Number(r.n_params) + core;
      const mfu =
        (100 * flopPerToken * Number(r.throughput_tokens_per_s)) /
        Number(r.n_gpus) /
        (Number(r.peak_tflops_per_gpu_assumed) * 1e12);
      expect(Math.abs(mfu - Number(r.mfu_pct))).toBeLessThan(0.02);
    },
  );
});

describe('MFU and HFU of Korthikanti et al. 2022, Table 5', () => {
  it.each(csvRows('test/data/korthikanti2022_validation.csv'))('$model within 0.2 points', (r) => {
    const hidden = Number(r.hidden_size);
    const architecture = plainDecoder({
      hiddenSize: hidden,
      layers: Number(r.n_layers),
      heads: Number(r.n_heads),
      intermediateSize: 4 * hidden,
      vocabSize: Number(r.vocab_size),
      gated: false,
      tiedEmbeddings: true,
      norm: LAYER_NORM,
    });
    const seq = Number(r.seq_len_tokens);
    const tokens = seq * Number(r.global_batch_size_seqs);
    const achieved = (flopPerToken: number): number =>
      (100 * flopPerToken * tokens) / (Number(r.iter_time_selective_plus_sp_s) * Number(r.n_gpus) * 312e12);
    expect(Math.abs(achieved(trainFlopPerToken(architecture, seq, 'exact_full')) - Number(r.mfu_pct))).toBeLessThan(
      0.2,
    );
    const hardware = hardwareFlopPerToken(architecture, seq, 'selective', {
      attention: 'full',
      selectiveCoreFactor: 2,
    });
    expect(Math.abs(achieved(hardware) - Number(r.hfu_pct))).toBeLessThan(0.2);
  });
});

describe('conventions', () => {
  it('gives 3.79e25 FLOP for a 405B dense model on 15.6T tokens under 6ND', () => {
    expect(trainFlopPerToken(row('Llama-3.1-405B'), 8192, '6nd') * 15.6e12).toBeCloseTo(3.7988e25, -22);
  });

  it('is the closed form 96·B·s·L·h²(1 + s/6h + V/16Lh) of SC21 under full recompute and full attention', () => {
    const [h, layers, vocab, seq] = [12288, 96, 51200, 2048];
    const architecture = plainDecoder({
      hiddenSize: h,
      layers,
      heads: 96,
      intermediateSize: 4 * h,
      vocabSize: vocab,
      gated: false,
      tiedEmbeddings: true,
    });
    const closed = 96 * layers * h * h * (1 + seq / (6 * h) + vocab / (16 * layers * h));
    expect(hardwareFlopPerToken(architecture, seq, 'full', { attention: 'full' }) / closed).toBeCloseTo(1, 12);
  });

  it('halves only the attention core between exact_full and exact_causal', () => {
    const architecture = row('Llama-3-8B');
    const full = trainFlopPerToken(architecture, 8192, 'exact_full');
    const causal = trainFlopPerToken(architecture, 8192, 'exact_causal');
    expect(full - causal).toBe(6 * 32 * 8192 * 4096);
    expect(full / causal - 1).toBeCloseTo(0.12, 1);
    expect(countParameters(architecture).total).toBe(8030261248);
  });
});
