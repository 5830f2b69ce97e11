import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictCase } from '../../../src/core/cluster/cases/predict-case.ts';
import type { HardwareSpec } from '../../../src/core/cluster/hardware.ts';
import { PRECISIONS } from '../../../src/core/cluster/hardware.ts';
import { RECOMPUTES, layout, trainingSetup } from '../../../src/core/cluster/layout.ts';
import { STEP_PARTS, predictStep } from '../../../src/core/cluster/predict.ts';
import { readPredictorFit } from '../../../src/core/cluster/predictor-fit.ts';
import { cases, context, known, shippedFit } from './shipped-fit.ts';

describe('predicted step time', () => {
  it("matches Calculon's eight A100 iteration times at least as well as its 3.65 % mean", () => {
    const runs = cases.filter((c) => c.table === 'korthikanti');
    expect(runs).toHaveLength(8);
    const errors = runs.map((c) =>
      Math.abs(known(predictCase(c, shippedFit).prediction).tokensPerSecondPerChip / known(c.measured) - 1),
    );
    expect(errors.reduce((a, b) => a + b, 0) / errors.length).toBeLessThanOrEqual(0.0365);
  });

  it('covers 70 to 90 % of the fitted tables by its band or more, and never reads what was measured', () => {
    let inside = 0;
    let n = 0;
    for (const c of cases) {
      if (c.excluded !== '' || c.measured === null || !['megatron_bridge', 'llm_foundry'].includes(c.table)) continue;
      const answer = predictCase(c, shippedFit);
      if (answer.prediction === null) continue;
      const { stepSeconds, p10, p90, tokensPerSecondPerChip } = answer.prediction;
      const measuredStep = (stepSeconds * tokensPerSecondPerChip) / c.measured;
      n++;
      if (measuredStep >= p10 && measuredStep <= p90) inside++;
      const blind = predictCase({ ...c, measured: null, measuredPeakBytes: null }, shippedFit);
      expect(blind.prediction).toEqual(answer.prediction);
    }
    expect(n).toBeGreaterThan(300);
    expect(inside / n).toBeGreaterThan(0.7);
  });

  it('answers null with the reason for an unknown model or chip, never another one', () => {
    const one = cases.find((c) => c.table === 'megatron_bridge');
    const base = known(one ?? null);
    const chip = predictCase({ ...base, chip: 'X9000', hardware: null }, shippedFit);
    expect(chip.prediction).toBeNull();
    expect(chip.notes[0]).toContain('X9000');
    expect(predictCase({ ...base, model: 'Secret-1T', architecture: null }, shippedFit).notes[0]).toContain(
      'Secret-1T',
    );
    expect(context.hardware('X9000')).toBeNull();
    expect(context.architecture('Secret-1T')).toBeNull();
  });

  const llama = known(context.architecture('Llama-3-8B'));
  const moe = known(context.architecture('Mixtral-8x7B'));
  const h100 = known(context.hardware('H100'));
  const gb200 = known(context.hardware('GB200'));

  it('is the sum of its parts, and hardware FLOP exceed model FLOP under recomputation', () => {
    const s = trainingSetup({ seqLen: 8192, batchSeqs: 128, precision: 'fp8' });
    for (const recompute of RECOMPUTES) {
      const p = predictStep(llama, h100, layout({ dp: 8, tp: 2, pp: 2, vp: 2, recompute }), s, shippedFit);
      expect(STEP_PARTS.reduce((sum, part) => sum + p.parts[part], 0)).toBeCloseTo(p.stepSeconds, 9);
      expect(p.p10).toBeLessThan(p.stepSeconds);
      expect(p.p90).toBeGreaterThan(p.stepSeconds);
      expect(p.mfu).toBeGreaterThan(0.05);
      expect(p.mfu).toBeLessThan(0.8);
      if (recompute === 'full') expect(p.hfu / p.mfu).toBeGreaterThan(1.25);
      if (recompute === 'none') expect(p.hfu).toBe(p.mfu);
    }
  });

  it('flags an MFU above any that was measured', () => {
    const dream: HardwareSpec = {
      ...h100,
      matmulFraction: 0.98,
      memoryBandwidth: 1e15,
      domainBandwidth: 1e15,
      exponentialsPerS: 1e18,
    };
    const s = trainingSetup({ seqLen: 2048, batchSeqs: 512 });
    const p = predictStep(known(context.architecture('GPT-3 175B')), dream, layout({ dp: 2, tp: 8, pp: 4 }), s, {
      ...shippedFit,
      highestMfu: { ...shippedFit.highestMfu, bf16: 0.5 },
    });
    expect(p.notes.join(' ')).toContain('above any that was measured');
  });

  it('is never faster with less bandwidth, fewer FLOP/s or less memory, nor with more layers or wider ones', () => {
    const power = (low: number, high: number): fc.Arbitrary<number> =>
      fc.integer({ min: low, max: high }).map((n) => 2 ** n);
    const arbitrary = fc.record({
      model: fc.constantFrom(llama, moe, known(context.architecture('DeepSeek-V3'))),
      hardware: fc.constantFrom(h100, gb200, known(context.hardware('A100')), known(context.hardware('MI300X'))),
      tp: power(0, 3),
      pp: power(0, 3),
      cp: power(0, 1),
      dp: power(0, 6),
      ep: power(0, 3),
      microbatch: power(0, 2),
      zero: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      recompute: fc.constantFrom(...RECOMPUTES),
      precision: fc.constantFrom(...PRECISIONS),
      field: fc.constantFrom(
        'bf16FlopPerS',
        'fp8FlopPerS',
        'fp4FlopPerS',
        'memoryBandwidth',
        'domainBandwidth',
        'scaleOutBandwidth',
        'memoryBytes' as const,
      ),
      factor: fc.double({ min: 0.2, max: 0.999, noNaN: true }),
      unknown: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, (a) => {
        const l = layout({
          tp: a.tp,
          pp: a.pp,
          cp: a.cp,
          dp: a.dp,
          ep: a.model === llama ? 1 : a.ep,
          microbatch: a.microbatch,
          zero: a.zero,
          recompute: a.recompute,
        });
        const s = trainingSetup({ seqLen: 4096, batchSeqs: a.dp * a.microbatch * 8, precision: a.precision });
        const options = { recomputeUnknown: a.unknown };
        const value = a.hardware[a.field as keyof HardwareSpec];
        if (typeof value !== 'number') return;
        const before = predictStep(a.model, a.hardware, l, s, shippedFit, options);
        const weaker = { ...a.hardware, [a.field]: value * a.factor } as HardwareSpec;
        expect(predictStep(a.model, weaker, l, s, shippedFit, options).stepSeconds).toBeGreaterThanOrEqual(
          before.stepSeconds * (1 - 1e-12),
        );
        const deeper = { ...a.model, blocks: a.model.blocks.map((b) => ({ ...b, count: b.count + 1 })) };
        expect(predictStep(deeper, a.hardware, l, s, shippedFit, options).stepSeconds).toBeGreaterThan(
          before.stepSeconds,
        );
        expect(
          predictStep({ ...a.model, vocabSize: 2 * a.model.vocabSize }, a.hardware, l, s, shippedFit, options)
            .stepSeconds,
        ).toBeGreaterThan(before.stepSeconds);
      }),
      { numRuns: 400, seed: 20261125, verbose: 1 },
    );
  });

  it('refuses a fit of another version by naming what differs', () => {
    expect(() => readPredictorFit({ format: 'flopsheet-predictor', parameters: [], bands: {} })).toThrow(
      /another version/,
    );
    expect(() => readPredictorFit({})).toThrow(/not a fit/);
  });
});
