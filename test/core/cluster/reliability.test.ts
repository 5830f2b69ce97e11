import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dalyInterval,
  effectiveTrainingTimeRatio,
  exactWallTime,
  failureRate,
  interruptionMttfHours,
  jobMttfHours,
  lostShares,
  spareNodes,
  wastedChipHours,
  youngInterval,
} from '../../../src/core/cluster/reliability.ts';

describe('job mean time to failure', () => {
  test('RSC-1, 6.5 failures per 1,000 node-days: 1.8 h at 16,384 GPUs, 0.23 h at 131,072 (Kokolis et al. 2024)', () => {
    expect(jobMttfHours(2048, 6.5e-3)).toBeCloseTo(1.8, 1);
    expect(jobMttfHours(16384, 6.5e-3)).toBeCloseTo(0.23, 2);
    expect(jobMttfHours(128, 6.5e-3)).toBeCloseTo(28.8, 1);
  });
  test('Llama 3: 419 interruptions in 54 days on 16,384 GPUs are 3.79 per 1,000 node-days and an MTTF of 3.09 h', () => {
    const rate = failureRate(419, 2048, 54);
    expect(rate).toBeCloseTo(3.79e-3, 5);
    expect(jobMttfHours(2048, rate)).toBeCloseTo(3.093, 3);
  });
  test('preemptions add to failures: rates add', () => {
    expect(interruptionMttfHours(10, 0.1)).toBeCloseTo(5, 12);
    expect(interruptionMttfHours(Infinity, 0)).toBe(Infinity);
  });
});

describe('checkpoint interval and ETTR', () => {
  const llama = { checkpointS: 30, recoveryS: 600, mttfS: 3.09 * 3600 };
  test('16,384 H100, M = 3.09 h, d = 30 s, R = 10 min: tau = 13.6 min, ETTR = 0.89', () => {
    expect(youngInterval(30, llama.mttfS) / 60).toBeCloseTo(13.6, 1);
    expect(effectiveTrainingTimeRatio(llama)).toBeCloseTo(0.89, 2);
  });
  test('the same with d = 5 s, R = 5 min: 0.95', () => {
    expect(effectiveTrainingTimeRatio({ ...llama, checkpointS: 5, recoveryS: 300 })).toBeCloseTo(0.95, 2);
  });
  test('Daly: sqrt(2dM)(1 + sqrt(d/2M)/3 + (d/2M)/9) - d, and M from d = 2M on', () => {
    const [d, m] = [30, 11124];
    const young = Math.sqrt(2 * d * m);
    expect(dalyInterval(d, m)).toBeCloseTo(young * (1 + Math.sqrt(d / (2 * m)) / 3 + d / (2 * m) / 9) - d, 9);
    expect(dalyInterval(30, 10)).toBe(10);
  });
  test('lost shares add up to 1 / ETTR - 1', () => {
    const { checkpoint, recovery, rework } = lostShares(llama);
    expect(1 + checkpoint + recovery + rework).toBeCloseTo(1 / effectiveTrainingTimeRatio(llama), 12);
  });
  test('wasted GPU-hours = ideal / ETTR - ideal', () => {
    expect(wastedChipHours(900, 0.9)).toBeCloseTo(100, 9);
  });
  test('no failures: only checkpoints cost time', () => {
    const job = { checkpointS: 10, recoveryS: 60, mttfS: Infinity, intervalS: 990 };
    expect(effectiveTrainingTimeRatio(job)).toBeCloseTo(0.99, 3);
    expect(exactWallTime(990, job)).toBeCloseTo(1000, 9);
    expect(effectiveTrainingTimeRatio({ checkpointS: 10, recoveryS: 60, mttfS: Infinity })).toBe(1);
  });
  test('the exact expectation is close to 1 / ETTR for reliable jobs and Daly’s interval is near its minimum', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 60, noNaN: true }),
        fc.double({ min: 5e4, max: 5e6, noNaN: true }),
        (d, m) => {
          const job = { checkpointS: d, recoveryS: 300, mttfS: m };
          const exact = exactWallTime(1e6, { ...job, intervalS: youngInterval(d, m) }) / 1e6;
          expect(exact * effectiveTrainingTimeRatio(job)).toBeCloseTo(1, 2);
          const best = exactWallTime(1e6, { ...job, intervalS: dalyInterval(d, m) });
          for (const factor of [0.8, 1.25]) {
            expect(exactWallTime(1e6, { ...job, intervalS: dalyInterval(d, m) * factor })).toBeGreaterThanOrEqual(best);
          }
        },
      ),
      { seed: 7 },
    );
  });
});

describe('spares', () => {
  test('smallest k with Poisson(mean) <= k at 99 %: mean 1 needs 4, mean 10 needs 18', () => {
    expect(spareNodes(100, 0.01, 1)).toBe(4);
    expect(spareNodes(1000, 0.01, 1)).toBe(18);
  });
  test('a mean beyond the range of e^-mean still ends', () => {
    const spares = spareNodes(1e6, 0.001, 2);
    expect(spares).toBeGreaterThan(2000);
    expect(spares).toBeLessThan(2000 + 4 * Math.sqrt(2000));
  });
  test('no failures, no spares', () => expect(spareNodes(100, 0, 1)).toBe(0));
});

test.each([
  () => jobMttfHours(0, 0.01),
  () => effectiveTrainingTimeRatio({ checkpointS: -1, recoveryS: 0, mttfS: 1 }),
  () => effectiveTrainingTimeRatio({ checkpointS: 1, recoveryS: 0, mttfS: NaN }),
  () => wastedChipHours(1, 0),
  () => spareNodes(1, 1, 1, 1),
])('bad input %# is a typed error with a hint', (call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'reliability_input', hint: expect.stringMatching(/./) }));
});
