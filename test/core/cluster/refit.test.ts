import { describe, expect, it } from 'vitest';
import type { PredictionCase } from '../../../src/core/cluster/cases/case.ts';
import { predictCase } from '../../../src/core/cluster/cases/predict-case.ts';
import { readCases } from '../../../src/core/cluster/cases/read.ts';
import { readPredictorFit, writePredictorFit } from '../../../src/core/cluster/predictor-fit.ts';
import { refitPredictor } from '../../../src/core/cluster/refit.ts';
import { halves, ranked, scalingCurve } from '../../../src/core/cluster/scaling-curve.ts';
import { NO_OFFLOAD, trainingSetup } from '../../../src/core/cluster/layout.ts';
import { context, known, shippedFit } from './shipped-fit.ts';

const row = (over: Record<string, string>): Record<string, string> => ({
  model: 'Llama-3-8B',
  hardware: 'H100',
  chips: '64',
  precision: 'bf16',
  seq_len: '8192',
  batch_seqs: '512',
  tp: '2',
  software_date: '2025-06',
  tokens_per_s_per_chip: '1',
  ...over,
});
const rows = [
  row({}),
  row({ model: 'Llama-3-70B', tp: '8' }),
  row({ model: 'Llama-3-70B', tp: '4', pp: '4', vp: '5' }),
  row({ seq_len: '4096', batch_seqs: '1024' }),
  row({ precision: 'fp8' }),
  row({ model: 'Mistral-7B' }),
];

/** The rows as a cluster would measure them that reaches `factor` of what is predicted. */
function measured(factor: (i: number) => number): PredictionCase[] {
  return (readCases(rows, context) ?? []).map((c, i) => ({
    ...c,
    measured: factor(i) * known(predictCase(c, shippedFit).prediction).tokensPerSecondPerChip,
  }));
}

describe('a refit on one’s own runs', () => {
  it('is adopted when it predicts runs left out better: a cluster a fifth slower than published ones', () => {
    const refit = refitPredictor(
      shippedFit,
      measured(() => 0.8),
    );
    expect(refit.before).toBeCloseTo(0.25, 6);
    expect(refit.after).toBeLessThan(0.08);
    expect(refit.adopted).toBe(true);
    const again = readPredictorFit(JSON.parse(JSON.stringify(writePredictorFit(refit.fit))));
    const c = known(measured(() => 0.8)[0] ?? null);
    const ratio = known(predictCase(c, again).prediction).tokensPerSecondPerChip / known(c.measured);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });

  it('is not adopted when the runs contradict each other, or are too few; the fit before stands', () => {
    const noise = refitPredictor(
      shippedFit,
      measured((i) => (i % 2 === 0 ? 0.7 : 1.3)),
    );
    expect(noise.adopted).toBe(false);
    expect(noise.fit).toBe(shippedFit);
    expect(refitPredictor(shippedFit, measured(() => 0.8).slice(0, 2)).adopted).toBe(false);
  });

  it('lists rows it cannot use with the reason', () => {
    const odd = readCases(
      [
        row({ model: 'Unheard-of' }),
        row({ hardware: 'X9000' }),
        row({ tokens_per_s_per_chip: '' }),
        row({ tp: '5', chips: '60' }),
        row({ batch_seqs: '0' }),
      ],
      context,
    );
    const { unused, rows: used } = refitPredictor(shippedFit, odd ?? []);
    expect(used).toEqual([]);
    expect(unused.map((u) => u.reason)).toEqual([
      expect.stringContaining('Unheard-of'),
      expect.stringContaining('X9000'),
      expect.stringContaining('tokens_per_s_per_chip'),
      expect.stringContaining('tp 5 does not divide'),
      expect.stringContaining('batch_seqs'),
    ]);
  });

  it('takes step_s for the rate: 512 x 8,192 tokens in 10 s on 64 chips are 6,553.6 a second and chip', () => {
    const [c] = readCases([row({ tokens_per_s_per_chip: '', step_s: '10' })], context) ?? [];
    expect(c?.measured).toBeCloseTo(6553.6, 6);
  });
});

it('ranks chip counts by time, by cost and by chips', () => {
  const curve = scalingCurve(
    known(context.architecture('Llama-3-8B')),
    known(context.hardware('H100')),
    trainingSetup({ seqLen: 8192, batchSeqs: 64 }),
    halves(64),
    shippedFit,
    { search: { limits: { offload: [NO_OFFLOAD], schedule: ['1f1b'], recompute: ['none', 'full'] } } },
  );
  expect(halves(96)).toEqual([3, 6, 12, 24, 48, 96]);
  const [time, cost, chips] = (['time', 'cost', 'chips'] as const).map((by) => ranked(curve.points, by)) as [
    ReturnType<typeof ranked>,
    ReturnType<typeof ranked>,
    ReturnType<typeof ranked>,
  ];
  expect(time[0]?.best.prediction.stepSeconds).toBe(Math.min(...time.map((p) => p.best.prediction.stepSeconds)));
  expect(cost[0]?.chipSecondsPerToken).toBe(Math.min(...cost.map((p) => p.chipSecondsPerToken ?? Infinity)));
  expect(chips[0]?.chips).toBe(Math.min(...chips.map((p) => p.chips)));
  // More chips of one batch are never cheaper per token than the cheapest; both ends of the front are on it.
  expect(time[0]?.pareto).toBe(true);
  expect(cost[0]?.pareto).toBe(true);
});
