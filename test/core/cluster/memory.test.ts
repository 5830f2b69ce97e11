import { describe, expect, it } from 'vitest';
import { plausibleLayout } from '../../../src/core/cluster/cases/plausible.ts';
import { NO_OFFLOAD, layout, trainingSetup } from '../../../src/core/cluster/layout.ts';
import { fitsMemory, memoryPerChip } from '../../../src/core/cluster/memory.ts';
import { profileModel } from '../../../src/core/cluster/profile.ts';
import { rowsOf } from '../../../scripts/predictor-data.ts';
import { cases, context, known } from './shipped-fit.ts';

const GIB = 2 ** 30;
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('memory per chip', () => {
  it('gives the activations of Korthikanti 2022 Fig. 1 (59.25 … 131.25 and 9.56 … 26.56 GiB) within 1 % each', () => {
    const rows = rowsOf('test/data/korthikanti2022_validation.csv');
    const runs = cases.filter((c) => c.table === 'korthikanti' && c.second);
    expect(runs).toHaveLength(rows.length);
    for (const run of runs) {
      const row = rows[run.row]!;
      const p = profileModel(known(run.architecture), run.setup.seqLen);
      const l = known(run.layout);
      const none = memoryPerChip(p, run.setup, { ...l, recompute: 'none', sequenceParallel: false });
      const selective = memoryPerChip(p, run.setup, { ...l, recompute: 'selective', sequenceParallel: true });
      expect(none.activations / GIB / Number(row['act_none_GiB_fig1'])).toBeCloseTo(1, 2);
      expect(selective.activations / GIB / Number(row['act_selective_sp_GiB_fig1'])).toBeCloseTo(1, 2);
    }
  });

  it('meets the measured peaks of torchtitan within 10 % mean', () => {
    const errors = cases
      .filter((c) => c.measuredPeakBytes !== null)
      .map((c) => {
        const p = profileModel(known(c.architecture), c.setup.seqLen);
        return Math.abs(memoryPerChip(p, c.setup, known(c.layout)).total / known(c.measuredPeakBytes) - 1);
      });
    expect(errors.length).toBeGreaterThanOrEqual(7);
    expect(mean(errors)).toBeLessThan(0.1);
  });

  const measured = cases.filter(
    (c) => c.layout !== null && c.architecture !== null && c.hardware !== null && c.excluded === '',
  );

  it('calls at most 2 % of the runs that did run out of memory', () => {
    const failing = measured.filter((c) => {
      const p = profileModel(known(c.architecture), c.setup.seqLen, c.setup.multiTokenPrediction);
      const h = known(c.hardware);
      const l = plausibleLayout(p, h, c.setup, known(c.layout));
      return !fitsMemory(memoryPerChip(p, c.setup, c.recomputeUnknown ? { ...l, recompute: 'full' } : l).total, h);
    });
    expect(failing.length / measured.length).toBeLessThanOrEqual(0.02);
  });

  it('calls them out of memory at four times the microbatch without recomputation where a lower bound exceeds the chip', () => {
    let exceeding = 0;
    let called = 0;
    for (const c of measured) {
      const p = profileModel(known(c.architecture), c.setup.seqLen, false);
      const h = known(c.hardware);
      const l = { ...known(c.layout), microbatch: known(c.layout).microbatch * 4, recompute: 'none' as const };
      // Lower bound by hand: 8 sixteen-bit values per hidden unit (inputs of norms, projections and feed-forward) plus
      // the feed-forward's own width, nothing for attention, state, logits or buffers.
      const width = p.groups.reduce(
        (sum, g) => sum + g.count * (8 * p.hidden + 2 * g.mlpWidth + 2 * g.topK * g.expertWidth),
        0,
      );
      const bound = ((l.microbatch * c.setup.seqLen) / l.cp / l.tp) * (width / l.pp);
      if (bound <= h.memoryBytes) continue;
      exceeding++;
      if (!fitsMemory(memoryPerChip(p, c.setup, l).total, h)) called++;
    }
    expect(exceeding).toBeGreaterThan(20);
    expect(called / exceeding).toBeGreaterThanOrEqual(0.9);
  });

  it('shrinks with every way of sharding, and counts experts', () => {
    const p = profileModel(known(context.architecture('Mixtral-8x7B')), 4096);
    const s = trainingSetup({ seqLen: 4096, batchSeqs: 256 });
    const base = layout({ dp: 64, ep: 8, zero: 0 });
    const total = (over: Partial<typeof base>): number => memoryPerChip(p, s, { ...base, ...over }).total;
    const [z0, z1, z2, z3] = [0, 1, 2, 3].map((zero) => total({ zero: zero as 0 | 1 | 2 | 3 })) as [
      number,
      number,
      number,
      number,
    ];
    expect(z0).toBeGreaterThan(z1);
    expect(z1).toBeGreaterThan(z2);
    expect(z2).toBeGreaterThan(z3);
    expect(total({ shardGroup: 8, zero: 3 })).toBeGreaterThan(z3);
    expect(total({ recompute: 'full' })).toBeLessThan(z0);
    expect(total({ offload: { ...NO_OFFLOAD, optimizer: true } })).toBeLessThan(z0);
    expect(total({ ep: 1 })).toBeGreaterThan(z0);
    expect(memoryPerChip(p, { ...s, optimizer: 'adam_8bit' }, base).total).toBeLessThan(z0);
    const dense = profileModel(known(context.architecture('Mistral-7B')), 4096);
    expect(memoryPerChip(p, s, base).activations).toBeGreaterThan(
      memoryPerChip(dense, s, { ...base, ep: 1 }).activations,
    );
  });
});
