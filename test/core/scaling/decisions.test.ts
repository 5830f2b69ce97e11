import { describe, expect, it } from 'vitest';
import {
  batchTradeoff,
  computeEfficiency,
  computeMultiple,
  dataLimitedOptimum,
  findLaw,
  inferenceAwareOptimum,
  lossWithRepetition,
  marginalValue,
  overTraining,
  powerLaw,
  precisionLoss,
} from '../../../src/core/scaling/index.ts';
import { readCsv, within } from './read.ts';

const SARDANA_IDS: Record<string, string> = {
  hoffmann_A3_rounded: 'hoffmann2022-a3-rounded',
  hoffmann_A3_tex: 'hoffmann2022-a3',
  besiroglu2024_published: 'besiroglu2024',
};

describe('inference-aware optimum (Sardana 2023)', () => {
  it('reproduces val_sardana_inference_aware.csv, 90 rows', () => {
    for (const row of readCsv('val_sardana_inference_aware.csv')) {
      const law = findLaw(SARDANA_IDS[row.law!]!);
      const best = inferenceAwareOptimum(
        law,
        { likeOptimalParams: Number(row.N_chinchilla_equal_quality) },
        { inputTokens: 0, outputTokens: Number(row.D_inference) },
      );
      const what = `${law.id} ${row.N_chinchilla_equal_quality} ${row.D_inference}`;
      within(best.loss, Number(row.target_loss), 1e-5, `${what} loss`);
      within(best.chinchillaTokens, Number(row.D_chinchilla), 2e-5, `${what} D chinchilla`);
      within(best.params, Number(row.N_opt), 1e-4, `${what} N`);
      within(best.tokens, Number(row.D_train_opt), 1e-4, `${what} D`);
      expect(Math.abs(best.change - Number(row.total_flops_change_vs_chinchilla)), what).toBeLessThan(2e-6);
    }
  });

  it('matches the paper: 7B quality and 1e11 tokens want 6B on 1.18x the data (tolerance 2 %)', () => {
    const best = inferenceAwareOptimum(
      findLaw('hoffmann2022-a3'),
      { likeOptimalParams: 7e9 },
      { inputTokens: 0, outputTokens: 1e11 },
    );
    within(best.params, 6e9, 0.02, 'N');
    within(best.tokensRatio, 1.18, 0.02, 'data ratio');
  });

  it('satisfies the first-order condition eps_N / eps_D = 1 + D_inf / (3 D_train)', () => {
    const law = findLaw('besiroglu2024');
    const { A, B, alpha, beta } = law.constants as Record<'A' | 'B' | 'alpha' | 'beta', number>;
    for (const demand of [1e10, 1e12, 1e14]) {
      const best = inferenceAwareOptimum(law, { loss: 2.2 }, { inputTokens: demand / 2, outputTokens: demand / 2 });
      const ratio = (alpha * A * best.params ** -alpha) / (beta * B * best.tokens ** -beta);
      within(ratio, 1 + demand / (3 * best.tokens), 1e-4, `FOC at ${demand}`);
    }
  });

  it('prices in dollars: dearer serving wants smaller models; equal prices give the FLOP answer', () => {
    const law = findLaw('besiroglu2024');
    const quality = { likeOptimalParams: 13e9 };
    const demand = { inputTokens: 1e12, outputTokens: 1e12 };
    const flops = inferenceAwareOptimum(law, quality, demand);
    const same = inferenceAwareOptimum(law, quality, demand, {
      usdPerTrainFlop: 2e-18,
      usdPerInputFlop: 2e-18,
      usdPerOutputFlop: 2e-18,
    });
    within(same.params, flops.params, 1e-5, 'equal prices');
    const dear = inferenceAwareOptimum(law, quality, demand, {
      usdPerTrainFlop: 2e-18,
      usdPerInputFlop: 2e-18,
      usdPerOutputFlop: 2e-17,
    });
    expect(dear.params).toBeLessThan(flops.params);
  });

  it('says when a loss cannot be reached', () => {
    expect(() =>
      inferenceAwareOptimum(findLaw('besiroglu2024'), { loss: 1.8 }, { inputTokens: 0, outputTokens: 1 }),
    ).toThrow(/floor/);
  });
});

describe('data-limited optimum (Muennighoff 2023)', () => {
  it('gives the notebook check values', () => {
    const law = findLaw('muennighoff2023');
    expect(lossWithRepetition(law, 6.34e9, 242e9, 25e9)).toBeCloseTo(2.2256440889984477, 6);
    expect(lossWithRepetition(law, 8.67e9, 178e9, 25e9)).toBeCloseTo(2.2269634075087867, 6);
    const best = dataLimitedOptimum(law, 1e22, 25e9);
    within(best.params, 7.0262e9, 1e-4, 'N');
    within(best.epochs, 9.488, 1e-3, 'epochs');
    expect(best.loss).toBeCloseTo(2.22213, 5);
  });

  it('reproduces val_muennighoff_data_constrained.csv; on its flat tail (over 400 epochs) only the loss is defined', () => {
    for (const row of readCsv('val_muennighoff_data_constrained.csv')) {
      const best = dataLimitedOptimum(findLaw('muennighoff2023'), Number(row.C), Number(row.unique_tokens));
      const what = `C ${row.C}, U ${row.unique_tokens}`;
      within(best.loss, Number(row.loss), 1e-6, `${what} loss`);
      within(best.lossUnconstrained, Number(row.loss_unconstrained), 1e-6, `${what} unconstrained`);
      if (Number(row.epochs) < 400) {
        within(best.params, Number(row.N_opt), 1e-3, `${what} N`);
        within(best.epochs, Number(row.epochs), 1e-3, `${what} epochs`);
      } else expect(best.saturated, what).toBe(true);
    }
  });
});

describe('what else the money could do', () => {
  const law = findLaw('besiroglu2024');

  it('prices over-training: nothing at the optimum, more the further away, and a size may be given outright', () => {
    expect(overTraining(law, 1e22, { factor: 1 }).lossPenalty).toBeLessThan(1e-12);
    const half = overTraining(law, 1e22, { factor: 0.5 });
    const quarter = overTraining(law, 1e22, { factor: 0.25 });
    expect(half.lossPenalty).toBeGreaterThan(0);
    expect(quarter.lossPenalty).toBeGreaterThan(half.lossPenalty);
    expect(half.computeOverhead).toBeGreaterThan(0.05);
    within(overTraining(law, 1e22, half.params).loss, half.loss, 1e-12, 'same size');
    within(computeEfficiency(law, half.params, half.tokens), 1 / (1 + half.computeOverhead), 1e-9, 'efficiency');
  });

  it('values the next dollar: slope of L*(C) = E + k C^-(alpha beta / (alpha + beta))', () => {
    const { alpha, beta, E } = law.constants as Record<'alpha' | 'beta' | 'E', number>;
    const value = marginalValue(law, 1e22, 2e-18);
    const point = overTraining(law, 1e22, { factor: 1 });
    const slope = (-(alpha * beta) / (alpha + beta)) * ((point.loss - E) / 1e22);
    within(value.lossPerFlop, slope, 1e-6, 'dL/dC');
    within(value.lossPerUsd, slope / 2e-18, 1e-6, 'dL/d$');
    expect(value.lossPerDoubling).toBeLessThan(0);
    expect(value.usdForOneHundredth!).toBeGreaterThan(0);
  });

  it('states compute multiples with the range of the reference run', () => {
    const multiple = computeMultiple(2.1e26, {
      name: 'reference',
      flop: 2.1e25,
      confidence: 'likely',
      source: 'estimate',
    });
    within(multiple.multiple, 10, 1e-12, 'multiple');
    within(multiple.low, 1, 1e-9, 'low');
    within(multiple.high, 100, 1e-9, 'high');
    expect(() => computeMultiple(1, { name: 'r', flop: 1, low: 2, confidence: 'likely', source: '' })).toThrow(
      /outside its own range/,
    );
  });
});

describe('number formats and batch sizes', () => {
  it('critical batch of Kaplan at a loss of 2 is 2e8 / 2^(1/0.21) tokens; at the critical batch steps and examples double', () => {
    within(powerLaw(findLaw('kaplan2020-critical-batch'), { loss: 2 }).value, 2e8 / 2 ** (1 / 0.21), 1e-12, 'B_crit');
    expect(batchTradeoff(1e6, 1e6)).toEqual({ stepsOverMin: 2, examplesOverMin: 2 });
    expect(() => powerLaw(findLaw('steplaw2025-lr'), { params: 1e9 })).toThrow(/needs tokens/);
    expect(powerLaw(findLaw('zhang2024-tokens'), { tokens: 1e11 }).warnings.some((w) => w.code === 'unverified')).toBe(
      true,
    );
  });

  it('DeepSeek at 1e19 FLOP: a batch near 0.49M tokens, a learning rate near 1.3e-3', () => {
    within(powerLaw(findLaw('deepseek2024-batch'), { flop: 1e19 }).value, 0.292 * 1e19 ** 0.3271, 1e-12, 'batch');
    within(powerLaw(findLaw('deepseek2024-lr'), { flop: 1e19 }).value, 0.3118 * 1e19 ** -0.125, 1e-12, 'learning rate');
  });

  it('fewer bits act like fewer parameters, and quantising hurts over-trained models more', () => {
    const law = findLaw('kumar2024');
    const low = precisionLoss(law, { params: 1e9, tokens: 2e10, trainBits: 4 });
    const high = precisionLoss(law, { params: 1e9, tokens: 2e10, trainBits: 16 });
    expect(low.effectiveParams).toBeLessThan(high.effectiveParams);
    expect(low.loss).toBeGreaterThan(high.loss);
    const short = precisionLoss(law, { params: 1e9, tokens: 2e10, trainBits: 16, serveBits: 3 });
    const long = precisionLoss(law, { params: 1e9, tokens: 2e12, trainBits: 16, serveBits: 3 });
    expect(long.quantisationPenalty).toBeGreaterThan(short.quantisationPenalty);
  });
});
