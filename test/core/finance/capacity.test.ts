import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  capacityChipSeconds,
  compareCodePoints,
  schedule,
  slipSteps,
  waitingCost,
  type PoolCapacity,
  type RunDemand,
} from '../../../src/core/finance/capacity.ts';

const day = 86_400;
const pools: PoolCapacity[] = [
  { key: 'own', steps: [{ fromS: 0, toS: 100 * day, chips: 8 }] },
  { key: 'cloud', steps: null },
];
const run = (
  key: string,
  start: number,
  days: number,
  chips: number,
  supplies: readonly number[] = [0],
): RunDemand => ({
  key,
  startS: start * day,
  durationS: days * day,
  chips,
  supplies,
});

describe('fixed starts', () => {
  test('what the pool lacks comes from the next supply, and shows as a shortage without one', () => {
    const overflow = schedule([run('a', 0, 10, 6), run('b', 5, 10, 6, [0, 1])], pools);
    expect(overflow.pieces).toContainEqual({ run: 1, pool: 0, fromS: 5 * day, toS: 10 * day, chips: 2 });
    expect(overflow.pieces).toContainEqual({ run: 1, pool: 1, fromS: 5 * day, toS: 10 * day, chips: 4 });
    expect(overflow.shortages).toEqual([]);
    const short = schedule([run('a', 0, 10, 6), run('b', 5, 10, 6)], pools);
    expect(short.shortages).toEqual([{ run: 1, pool: -1, fromS: 5 * day, toS: 10 * day, chips: 4 }]);
  });

  test('agrees at every instant with a plain greedy hand-out (500 random calendars)', () => {
    const oneRun = fc.record({
      start: fc.integer({ min: 0, max: 12 }),
      days: fc.integer({ min: 1, max: 9 }),
      chips: fc.integer({ min: 1, max: 9 }),
      supplies: fc.constantFrom([0], [0, 1], [1, 0], [1, 2], [0, 1, 2]),
    });
    const step = fc.record({
      from: fc.integer({ min: 0, max: 12 }),
      days: fc.integer({ min: 1, max: 9 }),
      chips: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.array(oneRun, { maxLength: 6 }),
        fc.array(step, { maxLength: 3 }),
        fc.array(step, { maxLength: 3 }),
        (rows, first, second) => {
          const steps = (list: { from: number; days: number; chips: number }[]) =>
            list.map((one) => ({ fromS: one.from * day, toS: (one.from + one.days) * day, chips: one.chips }));
          const supply: PoolCapacity[] = [
            { key: 'x', steps: steps(first) },
            { key: 'y', steps: steps(second) },
            { key: 'z', steps: null },
          ];
          const runs = rows.map((row, i) => run(`r${i}`, row.start, row.days, row.chips, row.supplies));
          const result = schedule(runs, supply);
          const order = runs.map((_, i) => i).sort((a, b) => runs[a]!.startS - runs[b]!.startS || a - b);
          for (let at = 0.5; at < 25; at++) {
            const s = at * day;
            const free = supply.map((pool) => (pool.steps ? capacityChipSeconds(pool.steps, s, s + 1) : Infinity));
            for (const i of order) {
              const one = runs[i]!;
              if (s < one.startS || s >= one.startS + one.durationS) continue;
              let need = one.chips;
              for (const pool of [...one.supplies, -1]) {
                const take = pool < 0 ? need : Math.min(need, free[pool]!);
                if (pool >= 0) free[pool]! -= take;
                need -= take;
                const pieces = pool < 0 ? result.shortages : result.pieces;
                const found = pieces.filter((p) => p.run === i && p.pool === pool && p.fromS <= s && s < p.toS);
                expect(found.reduce((sum, p) => sum + p.chips, 0)).toBe(take);
              }
            }
          }
        },
      ),
      { numRuns: 500, seed: 5 },
    );
  });
});

describe('queue', () => {
  test('a run waits until all its chips are free to its end; a small one slips into the gap', () => {
    const runs = [run('a', 0, 10, 6), run('b', 2, 5, 6), run('c', 3, 4, 2)];
    const result = schedule(runs, pools, 'queue');
    expect(result.runs.map((one) => one.startS / day)).toEqual([0, 10, 3]);
    expect(waitingCost(runs, result, 1000)).toEqual([{ run: 'b', delayDays: 8, amount: 8000 }]);
    expect(result.shortages).toEqual([]);
  });
  test('priority goes before start', () => {
    const result = schedule([run('a', 0, 10, 6), { ...run('b', 0, 5, 6), priority: -1 }], pools, 'queue');
    expect(result.runs.map((one) => one.startS / day)).toEqual([5, 0]);
  });
  test('a run no pool can hold is said not to fit and left short', () => {
    const result = schedule([run('a', 0, 10, 9)], pools, 'queue');
    expect(result.runs[0]).toMatchObject({ fits: false, waitedS: 0 });
    expect(result.shortages).toHaveLength(1);
  });
  test('a tranche that slips makes the run wait, and the wait has a price', () => {
    const steps = slipSteps([{ fromS: 0, toS: 100 * day, chips: 8, slipDays: 30, endFixed: true }]);
    expect(steps).toEqual([{ fromS: 30 * day, toS: 100 * day, chips: 8 }]);
    const runs = [run('a', 5, 10, 8)];
    const result = schedule(runs, [{ key: 'own', steps }], 'queue');
    expect(waitingCost(runs, result, 2500)).toEqual([{ run: 'a', delayDays: 25, amount: 62_500 }]);
  });
  test('never over-commits and never starts early (300 random calendars)', () => {
    const oneRun = fc.record({
      start: fc.integer({ min: 0, max: 30 }),
      days: fc.integer({ min: 1, max: 9 }),
      chips: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(oneRun, { maxLength: 8 }), (rows) => {
        const runs = rows.map((row, i) => run(`r${i}`, row.start, row.days, row.chips));
        const result = schedule(runs, [{ key: 'own', steps: [{ fromS: 0, toS: 1000 * day, chips: 8 }] }], 'queue');
        expect(result.shortages).toEqual([]);
        expect(result.runs.every((one) => one.fits && one.waitedS >= 0)).toBe(true);
        for (let at = 0.5; at < 120; at++) {
          const held = result.pieces.filter((p) => p.fromS <= at * day && at * day < p.toS);
          expect(held.reduce((sum, p) => sum + p.chips, 0)).toBeLessThanOrEqual(8);
        }
      }),
      { numRuns: 300, seed: 6 },
    );
  });
});

test('order is by code point, not by language', () => {
  expect(['é', 'z', 'Z', 'a', '😀', '\uffee'].sort(compareCodePoints)).toEqual(['Z', 'a', 'z', 'é', '\uffee', '😀']);
});
