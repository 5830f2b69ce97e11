import { describe, expect, it } from 'vitest';
import { FlopsheetError } from '../../../src/core/errors.ts';
import {
  findLaw,
  frontier,
  frontierLoss,
  LAWS,
  lawPoint,
  lawPointJson,
  optimalAllocation,
} from '../../../src/core/scaling/index.ts';
import { readCsv, within } from './read.ts';

const FRONTIER_IDS: Record<string, string> = {
  hoffmann_A3_rounded: 'hoffmann2022-a3-rounded',
  hoffmann_A3_tex: 'hoffmann2022-a3',
  besiroglu2024_published: 'besiroglu2024',
  besiroglu2024_huber_optimum: 'besiroglu2024-huber',
  muennighoff2023_C4: 'muennighoff2023',
  sardana2023_all_data: 'sardana2023',
  'kaplan2020_headline(N=1.3e9*C_PFday^.73, nonemb)': 'kaplan2020',
  'llama3_D=0.299*C^0.537': 'llama3',
  'deepseek2024(M=FLOPs/token nonemb; N~M/6)': 'deepseek2024',
};

describe('the law library', () => {
  it('gives every law an id, a source, a domain and cautions, and unique names', () => {
    const names = LAWS.flatMap((law) => [law.id, ...(law.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
    for (const law of LAWS) {
      expect(law.source.title.length, law.id).toBeGreaterThan(10);
      expect(law.uncertainty === null ? law.uncertaintyNote.length : 1, law.id).toBeGreaterThan(0);
      expect(Object.values(law.constants).every(Number.isFinite), law.id).toBe(true);
      expect(JSON.parse(JSON.stringify(law)), law.id).toEqual(law);
    }
    expect(LAWS.length).toBeGreaterThan(40);
  });

  it('finds laws by alias in any spelling and suggests when it cannot', () => {
    expect(findLaw('Hoffmann_A3_tex').id).toBe('hoffmann2022-a3');
    expect(() => findLaw('besirogluu')).toThrow(FlopsheetError);
    try {
      findLaw('porian1999');
    } catch (error) {
      expect((error as FlopsheetError).hint).toContain('porian2024');
    }
  });

  it('reproduces val_dense_frontier.csv: 9 laws at 12 budgets to 0.02 %', () => {
    const rows = readCsv('val_dense_frontier.csv');
    expect(rows.length).toBe(108);
    for (const row of rows) {
      const law = findLaw(FRONTIER_IDS[row.law!]!);
      const flop = Number(row.C);
      const best = optimalAllocation(law, flop);
      within(best.params, Number(row.N_opt), 2e-4, `${law.id} N at ${flop}`);
      within(best.tokens, Number(row.D_opt), 2e-4, `${law.id} D at ${flop}`);
      if (row.loss) within(frontierLoss(law, flop)!, Number(row.loss), 2e-6, `${law.id} loss at ${flop}`);
    }
  });

  it('reproduces Hoffmann Table 3 and Table A3, approaches 1 and 2, within 3.5 % (the 67B row of approach 2 lies 3.3 % off its own line)', () => {
    for (const row of readCsv('hoffmann2022_table3_tableA3.csv')) {
      for (const [id, column] of [
        ['hoffmann2022-a1', 'A1'],
        ['hoffmann2022-a2', 'A2'],
      ] as const) {
        const best = optimalAllocation(findLaw(id), Number(row[`${column}_FLOPs`]));
        within(best.params, Number(row.N), 0.035, `${id} N`);
        within(best.tokens, Number(row[`${column}_tokens`]), 0.06, `${id} D`);
      }
    }
  });

  it('matches published anchors', () => {
    const chinchilla = lawPoint(findLaw('besiroglu2024'), { flop: 5.76e23 });
    within(chinchilla.paramsOpt, 7.2e10, 0.01, 'Besiroglu N at the Chinchilla budget');
    within(chinchilla.tokensPerParam, 18.4, 0.01, 'Besiroglu D/N at the Chinchilla budget');
    within(lawPoint(findLaw('hoffmann-a3-tex'), { flop: 5.76e23 }).tokensPerParam, 59, 0.01, 'Hoffmann A3 D/N');
    const llama = lawPoint(findLaw('llama3'), { flop: 3.8e25 });
    within(llama.tokensOpt, 16.55e12, 0.02, 'Llama 3 tokens');
    within(llama.paramsOpt, 402e9, 0.04, 'Llama 3 size (paper rounds the coefficients)');
    within(lawPoint(findLaw('porian2024'), { flop: 5.88e23 }).paramsOpt, 77e9, 1e-9, 'Porian N at 5.88e23');
  });
});

describe('intervals and warnings', () => {
  it('gives the published Besiroglu intervals: a 0.4914 to 0.5428, D/N at 5.76e23 9.9 to 29.0, at 1e26 6.4 to 31.5 (80 %)', () => {
    const law = findLaw('besiroglu2024-huber');
    const ci = lawPoint(law, { flop: 5.76e23 }).ci!;
    expect(ci.level).toBe(0.8);
    within(ci.paramsExponent.low, 0.4914, 0.01, 'a P10');
    within(ci.paramsExponent.high, 0.5428, 0.01, 'a P90');
    within(ci.tokensPerParam.low, 9.9, 0.1, 'D/N P10');
    within(ci.tokensPerParam.high, 29.0, 0.1, 'D/N P90');
    const far = lawPoint(law, { flop: 1e26 }).ci!;
    within(far.tokensPerParam.low, 6.4, 0.15, 'D/N P10 at 1e26');
    within(far.tokensPerParam.high, 31.5, 0.15, 'D/N P90 at 1e26');
  });

  it('fans an exponent interval out from the fitted budgets', () => {
    const law = findLaw('hoffmann2022-a2');
    const near = lawPoint(law, { flop: 1.34e20 }).ci!.paramsOpt;
    const far = lawPoint(law, { flop: 1e25 }).ci!.paramsOpt;
    expect(near.high / near.low).toBeLessThan(1.01);
    expect(far.high / far.low).toBeGreaterThan(1.5);
  });

  it('warns outside the domain and stays silent inside', () => {
    const law = findLaw('besiroglu2024');
    expect(lawPoint(law, { flop: 1e20 }).inDomain).toBe(true);
    const outside = lawPoint(law, { flop: 1e26 });
    expect(outside.inDomain).toBe(false);
    expect(outside.warnings[0]!.message).toContain('extrapolation');
    expect(lawPoint(findLaw('deepseek2024'), { flop: 1e19 }).loss).toBeNull();
    expect(
      lawPoint(findLaw('ludziejewski2025'), { flop: 1e20, sparsity: 0.5 }).warnings.some(
        (w) => w.code === 'unverified',
      ),
    ).toBe(true);
  });

  it('answers a size and token count, with the optimum of the same compute beside it', () => {
    const point = lawPoint(findLaw('besiroglu2024'), { params: 8e9, tokens: 15e12 });
    expect(point.flop).toBe(6 * 8e9 * 15e12);
    expect(point.loss!).toBeGreaterThan(point.lossOpt!);
    expect(lawPointJson(point)).toMatchObject({
      params_opt: point.paramsOpt,
      tokens_opt: point.tokensOpt,
      loss: point.loss,
      in_domain: false,
    });
  });

  it('refuses nonsense with a code', () => {
    for (const flop of [0, -1, NaN, Infinity]) expect(() => lawPoint(findLaw('llama3'), { flop })).toThrow(/positive/);
    expect(() => lawPoint(findLaw('deepseek2024-batch'), { flop: 1e20 })).toThrow(/not about size/);
  });

  it('marks the frontier beyond the data', () => {
    const points = frontier(findLaw('besiroglu2024'), 1e19, 1e26, 8);
    expect(points[0]!.extrapolated).toBe(false);
    expect(points[7]!.extrapolated).toBe(true);
    expect(points[7]!.flop).toBeCloseTo(1e26, -20);
  });
});
