/** Each term of memory and step time that no table isolates, against a number derived by hand. */
import { describe, expect, it } from 'vitest';
import { microbatchFeatures, stepFeatures } from '../../../src/core/cluster/features.ts';
import { NO_OFFLOAD, layout, trainingSetup } from '../../../src/core/cluster/layout.ts';
import { heldParams, memoryPerChip } from '../../../src/core/cluster/memory.ts';
import { predictStep } from '../../../src/core/cluster/predict.ts';
import { profileModel } from '../../../src/core/cluster/profile.ts';
import { roofline } from '../../../src/core/cluster/roofline.ts';
import { sensitivities } from '../../../src/core/cluster/sensitivity.ts';
import { expectedMaximum } from '../../../src/core/cluster/stragglers.ts';
import { plainDecoder } from '../../../src/core/model/architecture.ts';
import { context, known, shippedFit } from './shipped-fit.ts';

const h100 = known(context.hardware('H100'));
const GIB = 2 ** 30;

/** 4 layers of hidden 1,024: 12 x 1,024² = 12,582,912 parameters each, norms of 2 x 1,024, 1,000 words in and out. */
const small = profileModel(
  plainDecoder({
    name: 'small',
    hiddenSize: 1024,
    layers: 4,
    heads: 16,
    intermediateSize: 4096,
    vocabSize: 1000,
    gated: false,
  }),
  1024,
);
const LAYERS = 4 * 12_582_912;
/** The last norm is not counted: 1,024 of 52 million. */
const NORMS = 4 * 2 * 1024;
const TABLES = 2 * 1000 * 1024;

describe('memory', () => {
  const s = trainingSetup({ seqLen: 1024, batchSeqs: 8 });
  it('holds 2 bytes of weights, 4 of gradients and the optimizer’s own per parameter', () => {
    const params = LAYERS + NORMS + TABLES;
    const plain = layout({ zero: 0 });
    const of = (optimizer: typeof s.optimizer): number => memoryPerChip(small, { ...s, optimizer }, plain).optimizer;
    const e = memoryPerChip(small, s, plain);
    expect(e.weights).toBeCloseTo(2 * params, -3);
    expect(e.gradients).toBeCloseTo(4 * params, -3);
    // fp32 master, two moments; two 1-byte moments; two bf16 moments; one momentum.
    expect(of('adam') / params).toBeCloseTo(12, 3);
    expect(of('adam_8bit') / params).toBeCloseTo(6, 3);
    expect(of('adam_bf16_moments') / params).toBeCloseTo(8, 3);
    expect(of('muon') / params).toBeCloseTo(8, 3);
  });

  it('spreads experts over expert ranks and inside experts: Mixtral 8x7B has 45.1e9 in experts, 5.64e9 at ep 4 x etp 2', () => {
    const mixtral = profileModel(known(context.architecture('Mixtral-8x7B')), 4096);
    const experts = 32 * 8 * 3 * 4096 * 14336;
    expect(heldParams(mixtral, { tp: 1, pp: 1, ep: 1, expertTp: 1 }).experts).toBe(experts);
    expect(heldParams(mixtral, { tp: 2, pp: 1, ep: 4, expertTp: 2 }).experts).toBe(experts / 8);
  });

  it('keeps nothing of what is offloaded on the chip', () => {
    const l = layout({ zero: 0 });
    const off = (over: Partial<typeof NO_OFFLOAD>): ReturnType<typeof memoryPerChip> =>
      memoryPerChip(small, s, { ...l, offload: { ...NO_OFFLOAD, ...over } });
    expect(off({ optimizer: true }).optimizer).toBe(0);
    expect(off({ activations: true }).activations).toBeLessThan(off({}).activations);
    expect(off({ weights: true }).weights).toBeLessThan(off({}).weights);
  });

  it('a zero-bubble schedule holds what 1F1B holds on the first stage; GPipe every microbatch', () => {
    const at = (schedule: '1f1b' | 'zero_bubble' | 'gpipe'): number =>
      memoryPerChip(small, s, layout({ pp: 2, schedule })).activations;
    expect(at('zero_bubble')).toBe(at('1f1b'));
    // 8 microbatches against pp = 2.
    expect(at('gpipe') / at('1f1b')).toBeCloseTo(4, 1);
  });
});

describe('step time', () => {
  it('moves 4 bytes a parameter over a 50 GB/s host link when the optimizer is in host memory', () => {
    const s = trainingSetup({ seqLen: 1024, batchSeqs: 8 });
    const l = layout({ zero: 0, offload: { ...NO_OFFLOAD, optimizer: true } });
    const seconds = stepFeatures(small, h100, s, l).offload;
    expect(seconds).toBeCloseTo((4 * (LAYERS + NORMS + TABLES)) / 50e9, 5);
  });

  it('sends keys and values round the ring of context parallelism: 3 passes of 2·s/c·g·d·2 bytes to c - 1 ranks', () => {
    const llama = profileModel(known(context.architecture('Llama-3-70B')), 8192);
    const s = trainingSetup({ seqLen: 8192, batchSeqs: 8 });
    const perLayer = 3 * (2 * (8192 / 4) * 8 * 128 * 2) * 3;
    const f = microbatchFeatures(llama, h100, s, layout({ cp: 4 }));
    expect(f.context).toBeCloseTo((80 * perLayer) / h100.domainBandwidth, 9);
    expect(microbatchFeatures(llama, h100, s, layout()).context).toBe(0);
  });

  it('idles (p-1)/m, a third and a sixth of it under the schedules', () => {
    const gpt3 = profileModel(known(context.architecture('GPT-3 175B')), 2048);
    const s = trainingSetup({ seqLen: 2048, batchSeqs: 64 });
    const bubble = (schedule: '1f1b' | 'zero_bubble' | 'zero_bubble_v'): number =>
      predictStep(gpt3, h100, layout({ tp: 8, pp: 8, schedule }), s, shippedFit).parts.pipeline_bubble;
    expect(bubble('1f1b') / bubble('zero_bubble')).toBeCloseTo(3, 9);
    expect(bubble('1f1b') / bubble('zero_bubble_v')).toBeCloseTo(6, 9);
  });

  it('exchanges tokens of latent experts at their latent width, and projects down and up', () => {
    const mixtral = known(context.architecture('Mixtral-8x7B'));
    const latent = {
      ...mixtral,
      blocks: mixtral.blocks.map((g) => ({
        ...g,
        block: {
          ...g.block,
          feedForward:
            g.block.feedForward?.type === 'moe' ? { ...g.block.feedForward, latentSize: 1024 } : g.block.feedForward,
        },
      })),
    };
    const [wide, narrow] = [mixtral, latent].map((a) => profileModel(a, 4096)) as [
      ReturnType<typeof profileModel>,
      ReturnType<typeof profileModel>,
    ];
    // 3 matrices of 1,024 x 14,336 an expert, and 2 x 4,096 x 1,024 of projections a layer.
    expect(narrow.groups[0]?.expertParams).toBe(3 * 1024 * 14336);
    expect((narrow.groups[0]?.routerParams ?? 0) - (wide.groups[0]?.routerParams ?? 0)).toBe(2 * 4096 * 1024);
    const s = trainingSetup({ seqLen: 4096, batchSeqs: 64 });
    const l = layout({ dp: 8, ep: 8 });
    const sent = (p: typeof wide): number => microbatchFeatures(p, h100, s, l).allToAllNear;
    expect(sent(wide) / sent(narrow)).toBeCloseTo(4, 9);
  });

  it('attends to the 2,048 tokens an indexer chooses and scores all of them: DeepSeek-V3.2 at 131,072', () => {
    const p = profileModel(known(context.architecture('DeepSeek-V3.2')), 131_072, false);
    const g = p.groups[0];
    // Causal mean of what is visible: W - W(W-1)/2s. 128 heads of 192 (queries, keys) and 128 (values); 64 index heads of 128.
    const visible = 2048 - (2048 * 2047) / (2 * 131_072);
    const byHand = 2 * 128 * (192 + 128) * visible + 2 * 64 * 128 * (131_072 / 2);
    expect((g?.coreFlop ?? 0) / byHand).toBeCloseTo(1, 3);
    const dense = profileModel(known(context.architecture('DeepSeek-V3')), 131_072, false);
    expect(dense.groups[0]?.coreFlop).toBeGreaterThan(4 * (g?.coreFlop ?? 0));
  });

  it('waits for the slowest node: expected maxima of 10, 100 and 1,000 normal times (Harter 1961)', () => {
    expect(expectedMaximum(1)).toBe(0);
    for (const [nodes, exact] of [
      [10, 1.53875],
      [100, 2.50759],
      [1000, 3.24144],
    ] as const)
      expect(Math.abs(expectedMaximum(nodes) / exact - 1)).toBeLessThan(0.01);
    const gpt3 = profileModel(known(context.architecture('GPT-3 175B')), 2048);
    const s = trainingSetup({ seqLen: 2048, batchSeqs: 800 });
    const l = layout({ tp: 8, dp: 100 });
    const even = predictStep(gpt3, h100, l, s, shippedFit);
    const uneven = predictStep(gpt3, h100, l, { ...s, nodeSpread: 0.02 }, shippedFit);
    // 100 nodes, 2 %: 5.0 % longer; MFU falls with it, and the part says so.
    expect(uneven.stepSeconds / even.stepSeconds).toBeCloseTo(1 + 0.02 * 2.50759, 3);
    expect(uneven.mfu / even.mfu).toBeCloseTo(even.stepSeconds / uneven.stepSeconds, 9);
    expect(Object.values(uneven.parts).reduce((a, b) => a + b)).toBeCloseTo(uneven.stepSeconds, 6);
  });
});

describe('what the layout lab draws', () => {
  const p = profileModel(known(context.architecture('Llama-3-70B')), 8192);
  const s = trainingSetup({ seqLen: 8192, batchSeqs: 512 });
  const l = layout({ tp: 4, pp: 4, dp: 16, vp: 5 });

  it('a roofline: ridge of an H100 at 989.4 / 3.35 = 295 FLOP per byte; nothing above its ceiling', () => {
    const r = roofline(p, h100, s, l, shippedFit);
    expect(r.ridge).toBeCloseTo(295.3, 1);
    expect(r.points.map((x) => x.name)).toContain('Whole step per byte sent');
    for (const x of r.points) expect(x.flopPerS, x.name).toBeLessThanOrEqual(x.ceiling);
    expect(r.points.find((x) => x.name === 'Matrix products')?.bound).toBe('compute');
    expect(r.points.find((x) => x.name === 'Elementwise')?.bound).toBe('memory');
    // 15 operations on 30 bytes.
    expect(r.points.find((x) => x.name === 'Optimizer')?.flopPerByte).toBeCloseTo(0.5, 9);
  });

  it('sensitivities: what predicting the changed run says, largest first, impossible changes left out', () => {
    const found = sensitivities(p, { hardware: h100, setup: s, layout: l }, shippedFit);
    const base = predictStep(p, h100, l, s, shippedFit);
    const slower = found.find((x) => x.change.startsWith('Links inside'));
    const by = predictStep(p, { ...h100, domainBandwidth: 0.8 * h100.domainBandwidth }, l, s, shippedFit);
    expect(slower?.seconds).toBeCloseTo(by.stepSeconds - base.stepSeconds, 9);
    const fp8 = found.find((x) => x.change.startsWith('fp8'));
    expect(fp8?.seconds).toBeLessThan(0);
    const full = found.find((x) => x.change === 'Full recomputation');
    expect((full?.bytes ?? 0) / GIB).toBeLessThan(-1);
    const effects = found.map((x) => Math.abs(x.rate));
    expect(effects).toEqual([...effects].sort((a, b) => b - a));
    const odd = sensitivities(p, { hardware: h100, setup: { ...s, batchSeqs: 16 }, layout: l }, shippedFit);
    expect(odd.map((x) => x.change)).not.toContain('Microbatch × 2');
  });
});
