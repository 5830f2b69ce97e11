import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { architectureFromConfig } from '../../../src/core/model/hf-config.ts';
import { countParameters } from '../../../src/core/model/parameters.ts';
import { kvBytesPerToken, kvCacheBytes } from '../../../src/core/model/kv.ts';
import { FAMILIES } from '../../../src/import/model/families.ts';

const raw = (name: string): Record<string, unknown> =>
  JSON.parse(
    readFileSync(new URL(`../../data/hf_configs/${name}.json`, import.meta.url), 'utf8').replaceAll(
      'Infinity',
      '1e999',
    ),
  );
const read = (name: string) => architectureFromConfig(raw(name), FAMILIES);

/** Totals as published, or as counted by building the model's own modelling code without weights (plus stored router corrections). */
const TOTALS: [string, number][] = [
  ['MiniMaxAI--MiniMax-M2.5', 228_689_764_864],
  ['Qwen--Qwen3-0.6B', 596_049_920],
  ['Qwen--Qwen3-30B-A3B', 30_532_122_624],
  ['Qwen--Qwen3-8B', 8_190_735_360],
  ['Qwen--Qwen3-VL-30B-A3B-Instruct', 31_070_754_032],
  ['Qwen--Qwen3.5-35B-A3B', 35_107_181_936],
  ['XiaomiMiMo--MiMo-7B-Base', 7_622_619_136],
  ['deepseek-ai--DeepSeek-V3', 671_026_419_200],
  ['deepseek-ai--DeepSeek-V3.2', 671_877_944_064],
  ['google--gemma-4-26B-A4B', 25_805_933_872],
  ['meta-llama--Llama-4-Scout-17B-16E-Instruct', 107_769_861_120],
  ['meta-llama--Meta-Llama-3.1-70B', 70_553_706_496],
  ['meta-llama--Meta-Llama-3.1-8B', 8_030_261_248],
  ['mistralai--Mixtral-8x7B-v0.1', 46_702_792_704],
  ['moonshotai--Kimi-K2-Instruct', 1_026_408_232_448],
  ['nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', 31_577_940_288],
  ['nvidia--Nemotron-H-56B-Base-8K', 56_324_350_464],
  ['openai--gpt-oss-20b', 20_914_757_184],
  ['zai-org--GLM-5', 743_911_218_432],
];

describe('Hugging Face configurations', () => {
  it.each(TOTALS)('%s has %i parameters', (name, total) => {
    const { architecture, approximate } = read(name);
    expect(countParameters(architecture).total).toBe(total);
    expect(approximate).toBe(name.includes('Llama-4'));
  });

  it('counts MTP modules as the weight files store them (684,489,845,504 for the 671B model)', () => {
    expect(countParameters(read('deepseek-ai--DeepSeek-V3').architecture).totalStored).toBe(684_489_845_504);
    expect(countParameters(read('XiaomiMiMo--MiMo-7B-Base').architecture).totalWithMtp).toBe(7_833_409_536);
  });

  it('names what it does not know and marks the count approximate', () => {
    const strange = architectureFromConfig(
      { ...raw('Qwen--Qwen3-8B'), model_type: 'brand_new', bottleneck_rank: 64 },
      FAMILIES,
    );
    expect(strange.approximate).toBe(true);
    expect(strange.notes.join(' ')).toMatch(/brand_new/);
    expect(strange.notes.join(' ')).toMatch(/bottleneck_rank/);
  });

  it('says when a size is the default of the type', () => {
    const { hidden_size: _hidden, ...rest } = raw('meta-llama--Meta-Llama-3.1-8B');
    expect(architectureFromConfig(rest, FAMILIES).notes.join(' ')).toMatch(/hidden_size = 4096/);
  });

  it.each([
    ['hidden_size', -4096],
    ['hidden_size', 1e18],
    ['num_hidden_layers', 2_000_000],
    ['vocab_size', 'many'],
    ['num_attention_heads', 0],
  ])('refuses %s = %s with the field named', (field, value) => {
    expect(() => architectureFromConfig({ ...raw('meta-llama--Meta-Llama-3.1-8B'), [field]: value }, FAMILIES)).toThrow(
      expect.objectContaining({ code: 'model-field', where: field }),
    );
  });

  it('refuses a list and an encoder-decoder', () => {
    expect(() => architectureFromConfig([], FAMILIES)).toThrow(expect.objectContaining({ code: 'model-config' }));
    expect(() =>
      architectureFromConfig({ model_type: 't5', is_encoder_decoder: true, d_model: 512 }, FAMILIES),
    ).toThrow(expect.objectContaining({ code: 'model-unsupported' }));
  });
});

describe('perturbed configurations change totals by the derived amount', () => {
  const dense = raw('Qwen--Qwen3-8B') as Record<string, number>;
  const total = (config: object): number =>
    countParameters(architectureFromConfig(config, FAMILIES).architecture).total;

  it('layers, vocabulary, feed-forward width (seed 20260131)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 5000 }),
        (layers, vocab, width) => {
          const h = dense.hidden_size ?? 0;
          const base = total(dense);
          const perLayer = 2 * h * 4096 + 2 * h * 1024 + 3 * h * 12288 + 2 * h + 2 * 128;
          expect(total({ ...dense, num_hidden_layers: 36 + layers }) - base).toBe(layers * perLayer);
          expect(total({ ...dense, vocab_size: (dense.vocab_size ?? 0) + vocab }) - base).toBe(2 * h * vocab);
          expect(total({ ...dense, intermediate_size: 12288 + width }) - base).toBe(36 * 3 * h * width);
        },
      ),
      { seed: 20260131, numRuns: 50 },
    );
  });

  it('halving the experts', () => {
    const moe = raw('Qwen--Qwen3-30B-A3B') as Record<string, number>;
    const removed = total(moe) - total({ ...moe, num_experts: 64 });
    expect(removed).toBe(48 * 64 * (3 * 2048 * 768 + 2048));
  });
});

describe('KV cache', () => {
  it.each([
    ['meta-llama--Meta-Llama-3.1-8B', 131_072],
    ['meta-llama--Meta-Llama-3.1-70B', 327_680],
    ['mistralai--Mixtral-8x7B-v0.1', 131_072],
    ['deepseek-ai--DeepSeek-V3', 70_272],
  ])('%s stores %i bytes per token at 16 bits (kv_cache_bytes.csv)', (name, bytes) => {
    expect(kvBytesPerToken(read(name).architecture)).toBe(bytes);
  });

  it('is capped by windows and constant in recurrent layers', () => {
    const { architecture } = read('openai--gpt-oss-20b');
    expect(kvCacheBytes(architecture, 8192)).toBe(12 * 2 * 8 * 64 * 2 * (8192 + 128));
    const hybrid = read('Qwen--Qwen3.5-35B-A3B').architecture;
    expect(kvCacheBytes(hybrid, 2000) - kvCacheBytes(hybrid, 1000)).toBe(1000 * kvBytesPerToken(hybrid));
  });
});
