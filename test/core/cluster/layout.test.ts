import { describe, expect, it } from 'vitest';
import { bubbleFraction, inFlight, layout, trainingSetup } from '../../../src/core/cluster/layout.ts';
import { readLayout, writeLayout } from '../../../src/core/cluster/layout-text.ts';
import { profileModel } from '../../../src/core/cluster/profile.ts';
import { divisors, nearestDivisor, validateLayout } from '../../../src/core/cluster/validate-layout.ts';
import { context, known } from './shipped-fit.ts';

const h100 = known(context.hardware('H100'));
const gpt3 = profileModel(known(context.architecture('GPT-3 175B')), 2048);
const mixtral = profileModel(known(context.architecture('Mixtral-8x7B')), 4096);
const setup = trainingSetup({ seqLen: 2048, batchSeqs: 64 });

describe('layouts', () => {
  const problem = (over: Parameters<typeof layout>[0], p = gpt3, s = setup, chips: number | null = null): string[] =>
    validateLayout(p, h100, s, layout(over), chips).map((x) => `${x.code} ${x.field} ${x.nearest}`);

  it('accepts what runs: GPT-3 175B on 64 chips as in Korthikanti 2022', () => {
    expect(problem({ tp: 8, pp: 8, vp: 3 }, gpt3, setup, 64)).toEqual([]);
  });

  it('names what is wrong and the nearest valid choice', () => {
    expect(problem({ tp: 7 })).toEqual(['layout-tp tp 8']);
    expect(problem({ pp: 97 })).toEqual(['layout-pp pp 96']);
    expect(problem({ pp: 8, vp: 13 })).toEqual(['layout-vp vp 12']);
    expect(problem({ microbatch: 0 })).toEqual(['layout-degree microbatch 1']);
    expect(problem({ dp: 2.5 })).toEqual(['layout-degree dp 3']);
    expect(problem({ dp: 4, microbatch: 3 })).toEqual(['layout-batch microbatch 4']);
    expect(problem({ dp: 128 })).toEqual(['layout-batch-small dp 64']);
    expect(problem({ tp: 8, pp: 4 }, gpt3, setup, 64)).toEqual(['layout-chips chips 2']);
    expect(problem({ ep: 2 })).toEqual(['layout-ep ep 1']);
    expect(problem({ ep: 3, dp: 12 }, mixtral, trainingSetup({ seqLen: 4096, batchSeqs: 12 }))).toEqual([
      'layout-ep ep 4',
    ]);
    expect(problem({ ep: 8, dp: 4 }, mixtral)).toEqual(['layout-expert-ranks ep 4']);
    expect(problem({}, { ...gpt3, maxPositions: 1024 })).toEqual(['layout-seq-long seqLen 1024']);
    expect(problem({}, gpt3, { ...setup, precision: 'fp4' })).toEqual(['layout-precision precision null']);
    expect(problem({ cp: 3 }, gpt3, trainingSetup({ seqLen: 2048, batchSeqs: 64 }))).toEqual(['layout-cp cp 4']);
  });

  it('is written as it may be typed, with nothing lost', () => {
    for (const over of [
      { tp: 8, pp: 16, vp: 7, dp: 128 },
      { tp: 2, dp: 32, ep: 8, expertTp: 2, zero: 3 as const, shardGroup: 8, sequenceParallel: false },
      { pp: 4, dp: 16, schedule: 'zero_bubble_v' as const, microbatch: 2 },
      { dp: 64, zero: 2 as const, offload: { optimizer: true, activations: true, weights: false } },
    ]) {
      const l = layout({ ...over, recompute: 'selective' });
      expect(readLayout(writeLayout(l), 16384, 'selective')).toEqual(l);
    }
    expect(() => readLayout('tp8 offload_everything', 64, 'none')).toThrow(/offload_everything/);
  });

  it('finds divisors', () => {
    expect(divisors(96)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96]);
    expect(nearestDivisor(96, 7)).toBe(8);
  });

  it('has the bubbles of the schedules: (p-1)/m, /v, /3, /6', () => {
    expect(bubbleFraction({ pp: 8, vp: 1, schedule: '1f1b' }, 64)).toBeCloseTo(7 / 64, 12);
    expect(bubbleFraction({ pp: 8, vp: 3, schedule: 'interleaved' }, 64)).toBeCloseTo(7 / 192, 12);
    expect(bubbleFraction({ pp: 8, vp: 1, schedule: 'zero_bubble' }, 64)).toBeCloseTo(7 / 192, 12);
    expect(bubbleFraction({ pp: 8, vp: 1, schedule: 'zero_bubble_v' }, 64)).toBeCloseTo(7 / 384, 12);
    expect(inFlight({ pp: 8, vp: 3, schedule: 'interleaved' }, 64)).toBeCloseTo(8 * (1 + 7 / 24), 12);
    expect(inFlight({ pp: 8, vp: 1, schedule: 'gpipe' }, 64)).toBe(64);
  });
});
