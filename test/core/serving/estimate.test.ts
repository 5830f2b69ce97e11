import { describe, expect, it } from 'vitest';
import { answerServing } from '../../../src/core/serving/answer.ts';
import { closedLoop, tokensPerStep } from '../../../src/core/serving/closed-loop.ts';
import type { Deployment } from '../../../src/core/serving/deployment.ts';
import { resolveDeployment } from '../../../src/core/serving/deployment.ts';
import { IDEAL } from '../../../src/core/serving/efficiency.ts';
import { estimateServing } from '../../../src/core/serving/estimate.ts';
import { servingPrecision, usualFormats } from '../../../src/core/serving/format.ts';
import { batchKnee, frontier } from '../../../src/core/serving/frontier.ts';
import { servingLayout } from '../../../src/core/serving/layout.ts';
import { servingLevers } from '../../../src/core/serving/levers.ts';
import { modelWeightBytes, servingMemory } from '../../../src/core/serving/memory.ts';
import { openLoop } from '../../../src/core/serving/open-loop.ts';
import { engineOf } from '../../../src/core/serving/parameters.ts';
import { distinctExperts, servingProfile } from '../../../src/core/serving/profile.ts';
import { SHIPPED_SERVING_FIT as FIT } from '../../../src/core/serving/shipped-fit.ts';
import { queueEstimate } from '../../../src/core/serving/queue-estimate.ts';
import { rateWithinLimits, searchWithinLimits } from '../../../src/core/serving/slo.ts';
import { prefillStep } from '../../../src/core/serving/step.ts';
import { plainDecoder } from '../../../src/core/model/architecture.ts';
import { context, known } from '../cluster/shipped-fit.ts';

const h100 = known(context.hardware('H100'));
const b200 = known(context.hardware('B200'));
const llama70 = known(context.architecture('Llama-3.1-70B'));
const deepseek = known(context.architecture('DeepSeek-V3'));
const deployment = (over: Partial<Deployment> = {}): Deployment => ({
  architecture: llama70,
  hardware: h100,
  chips: 8,
  engine: 'vllm',
  precision: 'fp8',
  request: { inputTokens: 1024, outputTokens: 1024 },
  ...over,
});
const fitting = (d: Deployment, concurrency: number) => {
  const e = estimateServing(d, FIT, concurrency);
  if (!e.fits) throw new Error(e.message);
  return e;
};

describe('rooflines at full efficiency (kipply 13B on A100-40GB, golden_tests_inference.csv)', () => {
  it('gives the ideal prefill of 43.7 ms and decode of 17.07 ms that the source derives, within 5 %', () => {
    const a100 = known(context.hardware('A100'));
    const model = plainDecoder({
      hiddenSize: 5120,
      layers: 40,
      heads: 40,
      intermediateSize: 20480,
      vocabSize: 50257,
      gated: false,
    });
    const r = {
      profile: servingProfile(model),
      hardware: { ...a100, memoryBandwidth: 1.555e12, bf16FlopPerS: 312e12 },
      formats: usualFormats('bf16', false),
      layout: servingLayout({ tp: 1 }),
    };
    const loop = closedLoop(r, IDEAL, { inputTokens: 512, outputTokens: 2 }, 1);
    expect(Math.abs(loop.tpot * 1000 - 17.07) / 17.07).toBeLessThan(0.05);
    expect(Math.abs(prefillStep(r, IDEAL, 512).total * 1000 - 43.7) / 43.7).toBeLessThan(0.05);
  });
});

describe('memory', () => {
  it('agrees with what people could run (Lambda): 70B FP8 on one 80 GB chip yes, BF16 no, 405B FP8 on eight yes', () => {
    const one = servingLayout({ tp: 1 });
    const p = servingProfile(llama70);
    expect(servingMemory(p, h100, usualFormats('fp8', false), one, 2048).cacheBytes).toBeLessThan(1e9);
    expect(servingMemory(p, h100, usualFormats('bf16', false), one, 2048).missingBytes).toBeGreaterThan(60e9);
    const big = servingProfile(known(context.architecture('Llama-3.1-405B')));
    expect(
      servingMemory(big, h100, usualFormats('fp8', false), servingLayout({ tp: 8 }), 8192).maxBatch,
    ).toBeGreaterThan(1);
  });

  it('keeps attention of a quantised model with experts at 16 bits', () => {
    expect(usualFormats('fp4', true).attention).toBe('bf16');
    expect(usualFormats('fp4', false).attention).toBe('fp4');
    const p = servingProfile(deepseek);
    expect(modelWeightBytes(p, usualFormats('fp8', true)) / 1e9).toBeGreaterThan(671);
  });

  it('says by how much a model does not fit and what would', () => {
    const e = estimateServing(deployment({ architecture: deepseek, precision: 'bf16' }), FIT, 8);
    if (e.fits) throw new Error('fits');
    expect(e.message).toMatch(/GiB more on each chip/);
    expect(e.remedies.join()).toMatch(/32 chips per replica/);
    expect(e.remedies.join()).toMatch(/fp4 weights/);
  });

  it('does not divide a latent cache by tensor parallelism', () => {
    const p = servingProfile(deepseek);
    const f = usualFormats('fp8', true);
    const one = servingMemory(p, b200, f, servingLayout({ tp: 1, dp: 8, ep: 8 }), 2048).cacheBytesPerSequence;
    expect(servingMemory(p, b200, f, servingLayout({ tp: 8 }), 2048).cacheBytesPerSequence).toBe(one);
  });
});

describe('formulas', () => {
  it('counts distinct experts: all at a large batch, k at one token', () => {
    expect(distinctExperts(256, 8, 1)).toBeCloseTo(8, 12);
    expect(distinctExperts(256, 8, 64)).toBeCloseTo(256 * (1 - (1 - 8 / 256) ** 64), 9);
    expect(distinctExperts(256, 8, 1e6)).toBeCloseTo(256, 9);
    expect(distinctExperts(0, 0, 10)).toBe(0);
  });

  it('yields (1 - a^(g+1)) / (1 - a) tokens a step under speculative decoding', () => {
    expect(tokensPerStep(3, 0.7)).toBeCloseTo(2.533, 12);
    expect(tokensPerStep(4, 1)).toBe(5);
    expect(tokensPerStep(4, 0)).toBe(1);
  });

  it('keeps Little: concurrency = requests/s times end-to-end', () => {
    for (const concurrency of [1, 16, 128, 5000]) {
      const e = fitting(deployment(), concurrency);
      expect(e.requestsPerS * e.endToEnd).toBeCloseTo(concurrency, 6);
      expect(e.endToEnd).toBeCloseTo(e.ttft + 1023 * e.tpot, 6);
    }
  });

  it('adds the parts of TPOT up to TPOT', () => {
    const e = fitting(deployment(), 64);
    expect(Object.values(e.parts).reduce((a, b) => a + b)).toBeCloseTo(e.tpot, 9);
  });
});

describe('directions', () => {
  it('is slower per token and gives more in all with more in flight', () => {
    const a = fitting(deployment(), 4);
    const b = fitting(deployment(), 64);
    expect(b.tpot).toBeGreaterThan(a.tpot);
    expect(b.outputTokensPerS).toBeGreaterThan(a.outputTokensPerS);
  });

  it('computes less of a prompt that is cached, and decodes undisturbed beside separate prefill chips', () => {
    const d = deployment({ request: { inputTokens: 8192, outputTokens: 256 } });
    const cached = deployment({ request: { ...d.request, prefixHit: 0.8 } });
    expect(fitting(cached, 16).ttft).toBeLessThan(fitting(d, 16).ttft);
    const apart = deployment({ ...d, layout: { tp: 4 }, prefillChips: 4 });
    expect(fitting(apart, 16).parts.prefill).toBe(0);
    expect(fitting(d, 16).parts.prefill).toBeGreaterThan(0);
  });

  it('is bound by capacity when memory holds fewer than are in flight', () => {
    const e = fitting(deployment(), 100_000);
    expect(e.bottleneck).toBe('capacity');
  });

  it('stages add their exchange, not their time', () => {
    const flat = fitting(deployment({ layout: { tp: 4 }, chips: 4 }), 4);
    const staged = fitting(deployment({ layout: { tp: 4, pp: 2 } }), 4);
    expect(staged.tpot / flat.tpot).toBeGreaterThan(0.6);
    expect(staged.tpot / flat.tpot).toBeLessThan(1.3);
  });

  it('proposes quantising where reading memory binds, with what it would do', () => {
    const d = deployment({ precision: 'bf16', chips: 4, layout: { tp: 4 } });
    const now = fitting(d, 8);
    expect(now.bottleneck).toBe('memory_bandwidth');
    const levers = servingLevers(d, FIT, 8, now);
    const quantise = levers.find((l) => l.id === 'quantise');
    expect(quantise?.matches).toBe(true);
    expect(quantise?.tpotRatio).toBeLessThan(0.85);
    expect(levers[0]?.matches).toBe(true);
  });
});

describe('load', () => {
  it('answers p99 below capacity and only says unstable above it', () => {
    const r = resolveDeployment(deployment({ request: { inputTokens: 1024, outputTokens: 256 } }), FIT);
    const calm = openLoop(r, 5, { requests: 3000 });
    if (!calm.stable) throw new Error(calm.reason);
    expect(calm.ttft.p99).toBeGreaterThan(calm.ttft.p50);
    const over = answerServing(r.deployment, { requestsPerS: calm.capacityPerS * 1.01 }, FIT);
    expect(over).toMatchObject({ stable: false, ttft_s: null, tpot_s_p99: null });
    expect(over.notes.join()).toMatch(/without end/);
  });

  it('agrees with queueing formulas on the mean TTFT at low load, and both call too much unstable', () => {
    const r = resolveDeployment(deployment({ request: { inputTokens: 1024, outputTokens: 256 } }), FIT);
    const run = openLoop(r, 2, { requests: 5000 });
    const quick = queueEstimate(r, FIT, 2);
    if (!run.stable || !quick.stable) throw new Error('unstable');
    expect(Math.abs(quick.ttft / run.ttft.mean - 1)).toBeLessThan(0.15);
    expect(queueEstimate(r, FIT, 1.01 * run.capacityPerS)).toMatchObject({ stable: false });
  });

  it('finds the cheapest way to hold p99 TTFT 2 s and 30 tok/s per user, reproducibly', () => {
    const d = deployment({ request: { inputTokens: 1024, outputTokens: 256 } });
    const level = { ttftP99: 2, tokensPerSPerUser: 30 };
    const found = searchWithinLimits(d, FIT, level, 2, ['fp8']);
    expect(found.length).toBeGreaterThan(1);
    for (const f of found) {
      expect(f.latencies.ttft.p99).toBeLessThanOrEqual(2);
      expect(1 / f.latencies.tpot.p99).toBeGreaterThanOrEqual(30);
    }
    expect(found.map((f) => f.usdPerMillionOutputTokens)).toEqual(
      [...found].map((f) => f.usdPerMillionOutputTokens).sort((a, b) => a - b),
    );
    expect(rateWithinLimits(found[0]!.resolved, level)?.requestsPerS).toBe(found[0]!.requestsPerSPerReplica);
    expect(rateWithinLimits(found[0]!.resolved, { ttftP99: 1e-6 })).toBeNull();
  });

  it('draws a frontier whose best points trade speed against throughput', () => {
    const best = frontier(deployment(), FIT, ['bf16', 'fp8'], 256).filter((p) => p.best);
    expect(best.length).toBeGreaterThan(4);
    for (let i = 1; i < best.length; i++) {
      expect(best[i]!.tokensPerSPerUser).toBeLessThanOrEqual(best[i - 1]!.tokensPerSPerUser);
      expect(best[i]!.tokensPerSPerChip).toBeGreaterThan(best[i - 1]!.tokensPerSPerChip);
    }
  });

  it('stops the batch at the limit that binds first', () => {
    const r = resolveDeployment(deployment(), FIT);
    const free = batchKnee(r, FIT);
    expect(free.recommended).toBe(Math.floor(Math.min(free.compute, free.memory)));
    const tight = batchKnee(r, FIT, { tokensPerSPerUser: 60 });
    expect(tight.binding).toBe('slo');
    expect(fitting(deployment(), tight.recommended).tokensPerSPerUser).toBeGreaterThanOrEqual(60);
    expect(fitting(deployment(), tight.recommended + 1).tokensPerSPerUser).toBeLessThan(60);
  });
});

describe('bad input', () => {
  it.each([
    ['no input', deployment({ request: { inputTokens: 0, outputTokens: 1 } }), /at least one/],
    ['no output', deployment({ request: { inputTokens: 1, outputTokens: Number.NaN } }), /at least one/],
    ['no chips', deployment({ chips: 0 }), /whole number/],
    ['too few chips', deployment({ chips: 4, layout: { tp: 8 } }), /takes 8 chips/],
    ['half a degree', deployment({ layout: { tp: 1.5 } }), /whole number/],
    ['all for prompts', deployment({ prefillChips: 8 }), /leave none/],
    ['hit above one', deployment({ request: { inputTokens: 9, outputTokens: 9, prefixHit: 2 } }), /between 0 and 1/],
  ])('refuses %s', (_, d, message) => expect(() => estimateServing(d, FIT, 1)).toThrow(message));

  it('refuses engines and precisions it does not know, naming those it does', () => {
    expect(() => engineOf('llama.cpp')).toThrow(/not a serving engine/);
    expect(() => servingPrecision('fp3')).toThrow(/not a precision/);
    expect(engineOf('TensorRT-LLM')).toBe('trtllm');
  });
});
