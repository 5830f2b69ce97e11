import { describe, expect, it } from 'vitest';
import {
  efficiencyLeverage,
  findLaw,
  moeJson,
  moeLossFunction,
  moeOptimum,
  moeSurface,
  moeTradeoff,
  optimalGranularity,
  optimalSparsity,
} from '../../../src/core/scaling/index.ts';
import { readCsv, within } from './read.ts';

describe('Abnar 2025', () => {
  const law = findLaw('abnar2025');

  it('reproduces val_moe_abnar_isoflop.csv: best size at each sparsity and budget', () => {
    const rows = readCsv('val_moe_abnar_isoflop.csv');
    expect(rows.length).toBe(42);
    for (const row of rows) {
      const best = moeOptimum(law, Number(row.C), Number(row.S));
      const what = `C ${row.C}, S ${row.S}`;
      within(best.paramsTotal, Number(row.N_total_opt), 1e-4, `${what} total`);
      within(best.paramsActive, Number(row['N_active_opt(=(1-S)N)']), 1e-4, `${what} active`);
      within(best.tokens, Number(row.D_opt), 1e-4, `${what} tokens`);
      within(best.loss!, Number(row.loss), 1e-6, `${what} loss`);
    }
  });

  it('reproduces val_moe_abnar_opt_sparsity_fixedN.csv: an interior optimum at fixed total size', () => {
    for (const row of readCsv('val_moe_abnar_opt_sparsity_fixedN.csv')) {
      const best = optimalSparsity(law, Number(row.C), { paramsTotal: Number(row.N_total) });
      const what = `C ${row.C}, N ${row.N_total}`;
      expect(Math.abs(best.sparsity - Number(row.S_opt)), what).toBeLessThan(2e-4);
      within(best.loss!, Number(row.loss), 2e-6, what);
      expect(best.atBoundary, what).toBe(row.at_boundary === '1');
    }
  });

  it('wants ever more experts when the size is free, and says that the law sets no optimum', () => {
    const result = moeTradeoff(law, { flop: 1e21 });
    const losses = result.rows.map((r) => r.loss!);
    expect([...losses].sort((a, b) => b - a)).toEqual(losses);
    expect(result.best.atBoundary).toBe(true);
    expect(result.warnings.map((w) => w.code)).toContain('no_interior_optimum');
    expect(result.warnings.map((w) => w.code)).toContain('overhead_ignored');
    expect(result.best.inDomain).toBe(false);
  });

  it('finds an interior optimum once the cluster prices communication', () => {
    const result = moeTradeoff(law, {
      flop: 1e21,
      overhead: (row) => 1 + (row.paramsTotal / row.paramsActive - 1) * 0.08,
    });
    expect(result.best.atBoundary).toBe(false);
    expect(result.best.sparsity).toBeGreaterThan(0.3);
    expect(result.best.sparsity).toBeLessThan(0.99);
  });

  it('draws the same surface as the rows, without allocating when given a place', () => {
    const out = new Float64Array(4);
    const surface = moeSurface(law, 1e21, [0, 0.875], [1e9, 1e10], out);
    expect(surface).toBe(out);
    within(surface[3]!, moeOptimum(law, 1e21, 0.875, { paramsTotal: 1e10 }).loss!, 1e-12, 'S .875, N 1e10');
  });
});

describe('Ling 2025 efficiency leverage', () => {
  const law = findLaw('ling2025');

  it('reproduces val_moe_efficiency_leverage.csv, 175 rows', () => {
    for (const row of readCsv('val_moe_efficiency_leverage.csv')) {
      const value = efficiencyLeverage(law, Number(row.C), Number(row.activation_ratio), Number(row.granularity));
      within(value, Number(row['EL(log10 C, log2 G)']), 1e-5, `${row.C} ${row.activation_ratio} ${row.granularity}`);
    }
  });

  it('matches both published anchors: more than 7x at 3.1 % and 1e22, best granularity 8 to 12', () => {
    within(efficiencyLeverage(law, 1e22, 0.031, 12), 7.245, 1e-4, 'EL');
    within(optimalGranularity(law, 1e22, 0.969).granularity, 11.3, 0.01, 'G*');
  });
});

describe('the other MoE laws', () => {
  it('Ludziejewski: reproduces val_moe_joint_ludziejewski.csv, and says it is unverified', () => {
    const law = findLaw('ludziejewski2025');
    for (const row of readCsv('val_moe_joint_ludziejewski.csv')) {
      const best = moeOptimum(law, Number(row.C), 1 - 1 / Number(row.E));
      const what = `C ${row.C}, E ${row.E}`;
      within(best.paramsActive, Number(row.N_act_opt), 1e-4, `${what} N`);
      within(best.tokens, Number(row.D_opt), 1e-4, `${what} D`);
      within(best.loss!, Number(row.loss), 1e-6, `${what} loss`);
    }
    expect(moeTradeoff(law, { flop: 1e20 }).warnings.some((w) => w.code === 'unverified')).toBe(true);
  });

  it('Clark: one expert is the dense model through E_start, and more experts help a small model more', () => {
    const law = findLaw('clark2022-sbase');
    const loss = moeLossFunction(law)!;
    const gain = (n: number) => loss(n, 130e9, 0, 1) - loss(n, 130e9, 1 - 1 / 64, 1);
    expect(gain(1e8)).toBeGreaterThan(gain(1e9));
    // 10^(-b/c) is where experts stop helping: 1e12 from the rounded constants.
    within(10 ** (-law.constants.b! / law.constants.c!), 1e12, 1e-9, 'cut-off');
  });

  it('Krajewski: finer experts lower the loss; sparsity is not its variable', () => {
    const law = findLaw('krajewski2024');
    const coarse = moeOptimum(law, 1e20, 0, { granularity: 1 });
    const fine = moeOptimum(law, 1e20, 0, { granularity: 16 });
    expect(fine.loss!).toBeLessThan(coarse.loss!);
    expect(
      moeTradeoff(law, { flop: 1e20, sparsities: [0, 0.5] }).warnings.some((w) => w.code === 'sparsity_fixed'),
    ).toBe(true);
  });

  it('Hossain equals the rounded Hoffmann law at no sparsity', () => {
    const dense = findLaw('hoffmann2022-a3-rounded').constants as Record<'E' | 'A' | 'B' | 'alpha' | 'beta', number>;
    within(
      moeLossFunction(findLaw('hossain2025'))!(1e9, 2e10, 0, 1),
      dense.E + dense.A * 1e9 ** -0.34 + dense.B * 2e10 ** -0.28,
      1e-12,
      'loss',
    );
  });

  it('produces the command-line document and refuses bad input', () => {
    const json = moeJson(moeTradeoff(findLaw('abnar2025'), { flop: 1e21, sparsities: [0.5] })) as {
      rows: Record<string, unknown>[];
      best: Record<string, unknown>;
    };
    expect(Object.keys(json.rows[0]!)).toEqual(
      expect.arrayContaining(['sparsity', 'params_total', 'params_active', 'tokens', 'loss']),
    );
    expect(() => moeTradeoff(findLaw('abnar2025'), { flop: 1e21, sparsities: [1] })).toThrow(/Sparsity/);
    expect(() => moeTradeoff(findLaw('besiroglu2024'), { flop: 1e21 })).toThrow(/not a mixture/);
    expect(() => moeTradeoff(findLaw('abnar2025'), { flop: -1 })).toThrow(/positive/);
  });
});
