import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adviseDimensions } from '../../../src/core/model/advisor.ts';
import { anatomy, sequentialDepth } from '../../../src/core/model/anatomy.ts';
import type { Architecture } from '../../../src/core/model/architecture.ts';
import { architectureFromCatalogRow } from '../../../src/core/model/catalog-row.ts';
import { compareModels } from '../../../src/core/model/compare.ts';
import { elementwiseFlopPerToken } from '../../../src/core/model/elementwise.ts';
import { forwardFlopPerToken, trainFlopPerToken } from '../../../src/core/model/flops.ts';
import { architectureFromConfig } from '../../../src/core/model/hf-config.ts';
import { layerTotals } from '../../../src/core/model/layers.ts';
import {
  atResolution,
  paretoFront,
  pruned,
  prunedLayers,
  scaled,
  storageLever,
} from '../../../src/core/model/levers.ts';
import { countParameters } from '../../../src/core/model/parameters.ts';
import {
  adapterParameters,
  adapterTrainFlopPerToken,
  decodeFlopPerToken,
  distillationFlopPerToken,
  frozenTrainFlopPerToken,
  phasesFlop,
  rolloutFlop,
  visionFlopPerImage,
} from '../../../src/core/model/training.ts';
import { FAMILIES } from '../../../src/import/model/families.ts';
import { layerListsFromCsv } from '../../../src/import/model/layer-csv.ts';
import { csvRows } from './catalog.ts';

const catalog = new Map(
  [...csvRows('assets/catalog/model_configs_dense.csv'), ...csvRows('assets/catalog/model_configs_moe.csv')].map(
    (row) => [row.model ?? '', row],
  ),
);
const row = (name: string): Architecture => architectureFromCatalogRow(catalog.get(name) ?? {});
const config = (name: string): Architecture =>
  architectureFromConfig(
    JSON.parse(
      readFileSync(new URL(`../../data/hf_configs/${name}.json`, import.meta.url), 'utf8').replaceAll(
        'Infinity',
        '1e999',
      ),
    ),
    FAMILIES,
  ).architecture;
const l8 = row('Llama-3-8B');
const tables = layerListsFromCsv(readFileSync(new URL('../../data/cnn_vit_layers.csv', import.meta.url), 'utf8'));

describe('other ways to train', () => {
  it('LoRA of rank 8 on queries and values of a 32-layer model: 3,407,872 parameters', () => {
    expect(adapterParameters(l8, { rank: 8, targets: ['query', 'value'] })).toBe(32 * 8 * (4096 + 4096 + 4096 + 1024));
    const full = trainFlopPerToken(l8, 4096, 'exact_causal');
    const lora = adapterTrainFlopPerToken(l8, 4096, { rank: 8, targets: ['query', 'value'] });
    expect(lora / full).toBeGreaterThan(2 / 3);
    expect(lora / full).toBeLessThan(0.72);
  });

  it('frozen parts need no weight gradient, or none at all', () => {
    const forward = forwardFlopPerToken(l8, 2048);
    const mlp = forward.parts.find((part) => part.part === 'mlp')?.weightFlop ?? 0;
    expect(frozenTrainFlopPerToken(l8, 2048, new Set())).toBeCloseTo(3 * forward.total, 0);
    expect(frozenTrainFlopPerToken(l8, 2048, new Set(['mlp']))).toBeCloseTo(3 * forward.total - mlp, 0);
    expect(frozenTrainFlopPerToken(l8, 2048, new Set(), new Set(['mlp']))).toBeCloseTo(3 * forward.total - 2 * mlp, 0);
  });

  it('distillation adds the teacher forward (2 N per token under 6ND)', () => {
    expect(distillationFlopPerToken(row('Llama-3.2-1B'), l8, 2048, '6nd')).toBe(6 * 1_235_814_400 + 2 * 8_030_261_248);
  });

  it('phases add up, each at its own length', () => {
    const phases = [
      { tokens: 1e12, seq: 8192 },
      { tokens: 1e11, seq: 131_072, recompute: 'full' as const },
    ];
    const { model, hardware } = phasesFlop(l8, phases, 'exact_causal');
    expect(model).toBeCloseTo(
      1e12 * trainFlopPerToken(l8, 8192, 'exact_causal') + 1e11 * trainFlopPerToken(l8, 131_072, 'exact_causal'),
      -10,
    );
    expect(hardware).toBeGreaterThan(model);
  });

  it('an RL iteration is generation, scoring and update', () => {
    const flop = rolloutFlop(l8, {
      prompts: 2,
      samplesPerPrompt: 4,
      promptTokens: 512,
      answerTokens: 1024,
      updateEpochs: 1,
      scorers: [l8],
      sharedPrefix: true,
    });
    expect(flop.total).toBe(flop.prefill + flop.decode + flop.scoring + flop.update);
    expect(flop.update / flop.scoring).toBeCloseTo(3, 12);
    let decode = 0;
    for (let at = 0; at < 1024; at += 1) decode += decodeFlopPerToken(l8, 512 + at + 0.5);
    expect((8 * decode) / flop.decode).toBeCloseTo(1, 9);
  });

  it('a vision tower costs FLOPs per image', () => {
    const model = config('Qwen--Qwen3-VL-30B-A3B-Instruct');
    const flop = visionFlopPerImage(model, 1024);
    expect(flop).toBeGreaterThan(2 * 1024 * 27 * 15e6);
    expect(visionFlopPerImage(l8, 1024)).toBe(0);
  });
});

describe('anatomy', () => {
  it.each([
    'deepseek-ai--DeepSeek-V3',
    'google--gemma-4-26B-A4B',
    'nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16',
    'Qwen--Qwen3.5-35B-A3B',
    'openai--gpt-oss-20b',
  ])('%s: rows sum to the totals', (name) => {
    const model = config(name);
    const rows = anatomy(model, 4096);
    expect(rows.reduce((sum, entry) => sum + entry.params, 0)).toBe(countParameters(model).total);
    const flop = rows.reduce((sum, entry) => sum + entry.forwardFlopPerToken, 0);
    expect(flop / forwardFlopPerToken(model, 4096, { multiTokenPrediction: false }).total).toBeCloseTo(1, 12);
  });

  it('shows shapes and dependent steps', () => {
    expect(anatomy(l8, 4096).find((entry) => entry.name === 'down')?.shape).toBe('14336 x 4096');
    expect(sequentialDepth(l8)).toBe(32 * 6 + 1);
  });

  it('elementwise work is a small share, and off everywhere else', () => {
    const { share } = elementwiseFlopPerToken(l8, 2048);
    expect(share).toBeGreaterThan(0.0005);
    expect(share).toBeLessThan(0.02);
  });

  it('compares language and vision models in one table', () => {
    const [text, image] = compareModels([l8, tables[0] as never], 4096, 2, {
      peakFlopPerSecond: 989.4e12,
      memoryBytesPerSecond: 3.35e12,
      flopEfficiency: 0.5,
      memoryEfficiency: 0.9,
      secondsPerStep: 3e-6,
    });
    expect(text).toMatchObject({ per: 'token', params: 8_030_261_248, kvBytesPerToken: 131_072 });
    expect(text?.latencySeconds).toBeCloseTo((2 * 8_030_261_248) / (3.35e12 * 0.9) + 193 * 3e-6, 9);
    expect(image).toMatchObject({ per: 'sample', params: 11_689_512, kvBytesPerToken: null });
  });
});

describe('levers', () => {
  it('pruning keeps the kept', () => {
    const half = pruned(l8, { feedForward: 0.5 });
    expect(countParameters(l8).total - countParameters(half).total).toBe(32 * 3 * 4096 * 7168);
    expect(() => pruned(l8, { heads: 1.5 })).toThrow(expect.objectContaining({ code: 'lever-fraction' }));
    const net = tables.find((list) => list.name === 'ResNet50');
    if (net === undefined) throw new Error('no table');
    const ratio = layerTotals(prunedLayers(net, 0.5)).forwardMacs / layerTotals(net).forwardMacs;
    expect(ratio).toBeGreaterThan(0.25);
    expect(ratio).toBeLessThan(0.3);
  });

  it('depth doubles the layers; width scales about quadratically', () => {
    const deep = scaled(l8, { depth: 2 });
    expect(countParameters(deep).total - countParameters(l8).total).toBe(
      32 * (41_943_040 + 3 * 4096 * 14_336 + 2 * 4096),
    );
    const wide = scaled(l8, { width: 2 });
    expect(wide.hiddenSize).toBe(8192);
    expect(countParameters(wide).nonEmbedding / countParameters(l8).nonEmbedding).toBeCloseTo(4, 1);
  });

  it('resolution: ViT-B/16 from 224 to 384 nears the published 55.484 GMAC', () => {
    const small = tables.find((list) => list.name === 'ViT_B_16');
    const large = tables.find((list) => list.name === 'ViT_B_16@384');
    if (small === undefined || large === undefined) throw new Error('no table');
    expect(layerTotals(atResolution(small, 384 / 224)).forwardMacs / layerTotals(large).forwardMacs).toBeCloseTo(1, 1);
  });

  it('quantisation changes bytes, sparsity what may be skipped', () => {
    expect(storageLever(1e9, 'q4_k').weightBytes).toBe(0.5625e9);
    expect(storageLever(1e9, 'bf16', true)).toEqual({ weightBytes: 1.125e9, skippableFraction: 0.5 });
    expect(() => storageLever(1, 'fp3')).toThrow(expect.objectContaining({ code: 'lever-format' }));
  });

  it('Pareto front of accuracy over GMAC in the timm table, under a budget', () => {
    const points = csvRows('test/data/timm_gmacs_throughput.csv').map((entry) => ({
      cost: Number(entry.gmacs || Number.NaN),
      value: Number(entry.top1 || Number.NaN),
    }));
    const front = paretoFront(points, 5);
    expect(front.length).toBeGreaterThan(5);
    for (const index of front) {
      const point = points[index] as { cost: number; value: number };
      expect(points.some((other) => other.cost <= 5 && other.cost <= point.cost && other.value > point.value)).toBe(
        false,
      );
    }
  });

  it('advises on dimensions that do not fill tiles', () => {
    const advice = adviseDimensions(row('GPT-2'));
    expect(advice[0]).toMatchObject({ dimension: 'vocab_size', size: 50257, level: 'poor', higher: 50304 });
    expect(adviseDimensions(l8).every((entry) => entry.level === 'good')).toBe(true);
  });
});
