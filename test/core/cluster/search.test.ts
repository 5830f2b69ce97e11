import { describe, expect, it } from 'vitest';
import type { Layout } from '../../../src/core/cluster/layout.ts';
import { NO_OFFLOAD, layout, trainingSetup } from '../../../src/core/cluster/layout.ts';
import { fitsMemory, memoryPerChip } from '../../../src/core/cluster/memory.ts';
import { predictStep } from '../../../src/core/cluster/predict.ts';
import { profileModel } from '../../../src/core/cluster/profile.ts';
import { scalingCurve } from '../../../src/core/cluster/scaling-curve.ts';
import type { SearchLimits } from '../../../src/core/cluster/search-space.ts';
import { searchLayouts, slowerBecause } from '../../../src/core/cluster/search.ts';
import { divisors, validateLayout } from '../../../src/core/cluster/validate-layout.ts';
import { context, known, shippedFit } from './shipped-fit.ts';

const gpt3 = known(context.architecture('GPT-3 175B'));
const h100 = known(context.hardware('H100'));
const setup = trainingSetup({ seqLen: 2048, batchSeqs: 64 });

describe('layout search', () => {
  it('equals brute force over more than 20,000 layouts', () => {
    const limits: SearchLimits = {
      offload: [NO_OFFLOAD, { optimizer: true, activations: true, weights: false }],
      recompute: ['none', 'selective', 'full'],
    };
    const p = profileModel(gpt3, setup.seqLen);
    let best = Infinity;
    let count = 0;
    let fitting = 0;
    for (const tp of divisors(64))
      for (const pp of divisors(64 / tp))
        for (const cp of divisors(64 / tp / pp)) {
          const dp = 64 / tp / pp / cp;
          for (const microbatch of divisors(64 / dp))
            for (const recompute of limits.recompute!)
              for (const sequenceParallel of tp > 1 ? [true, false] : [true])
                for (const zero of [0, 1, 2, 3] as const)
                  for (const offload of limits.offload!)
                    for (const [schedule, vps] of [
                      ['1f1b', [1]],
                      ['gpipe', [1]],
                      ['zero_bubble', [1]],
                      ['zero_bubble_v', [1]],
                      ['interleaved', divisors(Math.floor(96 / pp)).slice(1)],
                    ] as const)
                      for (const vp of vps) {
                        if (pp === 1 && schedule !== '1f1b') continue;
                        if (schedule === 'interleaved' && 96 % pp !== 0 && vp !== 2 && vp !== 4) continue;
                        if (dp * cp === 1 && zero > 1) continue;
                        const l: Layout = layout({
                          tp,
                          pp,
                          cp,
                          dp,
                          microbatch,
                          recompute,
                          sequenceParallel,
                          zero,
                          offload,
                          schedule,
                          vp,
                        });
                        if (validateLayout(p, h100, setup, l, 64).length > 0) continue;
                        count++;
                        if (!fitsMemory(memoryPerChip(p, setup, l).total, h100)) continue;
                        fitting++;
                        best = Math.min(best, predictStep(p, h100, l, setup, shippedFit).stepSeconds);
                      }
        }
    const found = searchLayouts(gpt3, h100, setup, 64, shippedFit, { limits });
    expect(count).toBeGreaterThan(20_000);
    expect(found.considered).toBe(count);
    expect(found.evaluated).toBe(fitting);
    expect(found.layouts[0]?.prediction.stepSeconds).toBe(best);
  });

  it('orders what it finds, all of it valid and fitting, and says why the second loses', () => {
    const found = searchLayouts(gpt3, h100, setup, 64, shippedFit, { top: 20 });
    expect(found.layouts).toHaveLength(20);
    const p = profileModel(gpt3, setup.seqLen);
    let before = 0;
    for (const { layout: l, prediction } of found.layouts) {
      expect(validateLayout(p, h100, setup, l, 64)).toEqual([]);
      expect(prediction.fits).toBe(true);
      expect(prediction.stepSeconds).toBeGreaterThanOrEqual(before);
      before = prediction.stepSeconds;
    }
    const [first, last] = [found.layouts[0]!, found.layouts.at(-1)!];
    const because = slowerBecause(first.prediction, last.prediction);
    expect(because[0]!.seconds).toBeGreaterThan(0);
  });

  it('tells what memory rules out: without its limit layouts may be faster, and say that they do not fit', () => {
    const limits: SearchLimits = { offload: [NO_OFFLOAD], recompute: ['none'], schedule: ['1f1b'], zero: [1] };
    const large = trainingSetup({ seqLen: 2048, batchSeqs: 256 });
    const within = searchLayouts(gpt3, h100, large, 64, shippedFit, { limits, top: 1 }).layouts[0];
    const beyond = searchLayouts(gpt3, h100, large, 64, shippedFit, { limits, top: 1, anyMemory: true }).layouts[0];
    expect(within?.prediction.fits).toBe(true);
    expect(beyond?.prediction.fits).toBe(false);
    expect(beyond?.prediction.stepSeconds).toBeLessThan(within?.prediction.stepSeconds ?? 0);
  });

  it('reports progress with a first answer early, and stops when asked', () => {
    const seen: number[] = [];
    const cancelled = searchLayouts(gpt3, h100, setup, 64, shippedFit, {
      onProgress: (progress) => {
        seen.push(progress.done);
        return progress.best === null;
      },
    });
    expect(cancelled.cancelled).toBe(true);
    expect(cancelled.layouts.length).toBeGreaterThan(0);
    expect(seen.at(-1)).toBeLessThan(0.2);
  });

  it('spreads experts, and gives no layout where none fits', () => {
    const moe = known(context.architecture('DeepSeek-V3'));
    const s = trainingSetup({ seqLen: 4096, batchSeqs: 2048, precision: 'fp8' });
    const limits: SearchLimits = { offload: [NO_OFFLOAD], schedule: ['1f1b', 'interleaved'], zero: [1], expertTp: [1] };
    expect(searchLayouts(moe, h100, s, 256, shippedFit, { limits }).layouts[0]?.layout.ep).toBeGreaterThan(1);
    expect(searchLayouts(moe, h100, s, 8, shippedFit, { limits }).layouts).toEqual([]);
  });

  it('curves over chips: efficiency falls, the knee and the Pareto front are marked', () => {
    const curve = scalingCurve(
      gpt3,
      h100,
      trainingSetup({ seqLen: 2048, batchSeqs: 1536 }),
      [64, 128, 256, 512, 1024, 32],
      shippedFit,
      {
        search: { limits: { offload: [NO_OFFLOAD], schedule: ['1f1b', 'interleaved'], recompute: ['none', 'full'] } },
        criticalBatchTokens: 1e6,
      },
    );
    expect(curve.points.map((p) => p.chips)).toEqual([32, 64, 128, 256, 512, 1024]);
    const fastest = curve.points.at(-1)!;
    expect(fastest.pareto).toBe(true);
    expect(curve.knee).toBeGreaterThanOrEqual(64);
    expect(curve.beyondCriticalBatch).toBe(true);
  });
});
