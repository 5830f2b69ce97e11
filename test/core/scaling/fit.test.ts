import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findLaw,
  fitJson,
  fitLaw,
  fitRepetition,
  lawPoint,
  optimalAllocation,
  parsePoints,
  repetitionOfPoints,
} from '../../../src/core/scaling/index.ts';
import { fitIsoflop, groupBudgets } from '../../../src/core/scaling/isoflop.ts';
import { Lbfgs } from '../../../src/core/scaling/lbfgs.ts';
import { ParametricProblem } from '../../../src/core/scaling/parametric.ts';
import { VpnlsProblem } from '../../../src/core/scaling/vpnls.ts';
import { readCsv, within } from './read.ts';
import { randomTruth, syntheticPoints } from './synthetic.ts';

describe('L-BFGS', () => {
  it('solves Rosenbrock in two and ten variables', () => {
    for (const n of [2, 10]) {
      const f = (x: Float64Array, g: Float64Array) => {
        let value = 0;
        g.fill(0);
        for (let i = 0; i + 1 < n; i++) {
          const a = x[i + 1]! - x[i]! ** 2;
          const b = 1 - x[i]!;
          value += 100 * a * a + b * b;
          g[i] = g[i]! - 400 * x[i]! * a - 2 * b;
          g[i + 1] = g[i + 1]! + 200 * a;
        }
        return value;
      };
      const x = new Float64Array(n).fill(-1.2);
      expect(new Lbfgs(n).minimize(f, x, { maxIterations: 1000 })).toBeLessThan(1e-12);
      for (const v of x) expect(v).toBeCloseTo(1, 5);
    }
  });

  it('leaves x alone when the start is not finite', () => {
    const x = new Float64Array([3]);
    expect(new Lbfgs(1).minimize(() => NaN, x)).toBe(Infinity);
    expect(x[0]).toBe(3);
  });
});

describe('parametric fit', () => {
  it('has the analytic gradient of its objective', () => {
    const points = syntheticPoints(randomTruth(3), 40, 0.01, 4);
    const problem = new ParametricProblem(points.params, points.tokens, points.loss);
    const p = problem.encode({ E: 1.5, A: 300, B: 900, alpha: 0.3, beta: 0.33 });
    const g = new Float64Array(5);
    const scratch = new Float64Array(5);
    problem.evaluate(p, g);
    for (let k = 0; k < 5; k++) {
      const h = 1e-6;
      const up = p.slice();
      const down = p.slice();
      up[k] = up[k]! + h;
      down[k] = down[k]! - h;
      const slope = (problem.evaluate(up, scratch) - problem.evaluate(down, scratch)) / (2 * h);
      expect(Math.abs(slope - g[k]!)).toBeLessThan(1e-4 * (1 + Math.abs(slope)));
    }
  });

  it('recovers the truth of noise-free points, whatever the truth', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const truth = randomTruth(seed);
      const fit = fitLaw(syntheticPoints(truth, 120, 0, seed));
      within(fit.constants!.alpha, truth.alpha, 1e-3, `alpha of seed ${seed}`);
      within(fit.constants!.beta, truth.beta, 1e-3, `beta of seed ${seed}`);
      within(fit.constants!.E, truth.E, 1e-3, `E of seed ${seed}`);
    }
  });

  it('does not stop early: from a wrong start the mean objective with an absolute tolerance stays there, ours arrives', () => {
    const points = syntheticPoints({ E: 1.8172, A: 477.83, B: 2143.4, alpha: 0.3473, beta: 0.3672 }, 240, 0.006, 11);
    const problem = new ParametricProblem(points.params, points.tokens, points.loss);
    const start = problem.encode({ E: 1.6934, A: 406.4, B: 410.7, alpha: 0.33917, beta: 0.28491 });
    const best = problem.solve(100, 1);
    // The protection off: mean instead of sum, and scipy's rule "stop when the value falls by less than 2.2e-9 of max(1, f)".
    const early = start.slice();
    const lbfgs = new Lbfgs(5);
    let last = Infinity;
    for (let k = 0; k < 200; k++) {
      const value = lbfgs.minimize(
        (x, g) => {
          const f = problem.evaluate(x, g) / 240;
          for (let i = 0; i < 5; i++) g[i] = g[i]! / 240;
          return f;
        },
        early,
        { maxIterations: 1, relativeTolerance: 0 },
      );
      if (last - value <= 1e-7 * Math.max(1, value)) break;
      last = value;
    }
    const stopped = problem.objectiveAt(problem.decode(early));
    const arrived = start.slice();
    const reached = problem.polish(arrived);
    within(reached, best.objective, 1e-8, 'objective from the wrong start');
    expect(stopped).toBeGreaterThan(best.objective * 1.001);
  });

  it('finds the same optimum from different seeds and from 32 starts', () => {
    const points = syntheticPoints(randomTruth(5), 240, 0.01, 6);
    const one = fitLaw(points, { seed: 1 });
    const two = fitLaw(points, { seed: 99, starts: 32 });
    within(two.objective, one.objective, 1e-9, 'objective');
    within(two.constants!.alpha, one.constants!.alpha, 2e-5, 'alpha');
  });

  it('shows how the exponent moves with the choice of points', () => {
    const points = syntheticPoints(randomTruth(7), 100, 0.003, 8);
    const spoiled = { ...points, loss: points.loss.map((l, i) => (i % 25 === 0 ? l * 1.3 : l)) };
    const fit = fitLaw(spoiled);
    expect(fit.outliers).toEqual([0, 25, 50, 75]);
    expect(fit.sensitivity.map((s) => s.points)).toContain('without points far off the fit');
    expect(fitLaw(spoiled, { dropHighestLoss: 3 }).nPoints).toBe(97);
    expect(fitLaw(spoiled, { exclude: [0, 25] }).nPoints).toBe(98);
  });
});

/** A user's own copy of the digitised Chinchilla points (not redistributable): columns Model Size, Training FLOP, loss. */
const chinchilla = process.env.FLOPSHEET_CHINCHILLA_CSV;
describe.runIf(chinchilla !== undefined && existsSync(chinchilla))('Besiroglu 2024 on the digitised points', () => {
  it('240 points: objective 0.0010182740178, A 477.83, B 2143.4, alpha 0.347310, beta 0.367172', () => {
    const points = parsePoints(readFileSync(chinchilla!, 'utf8'));
    const fit = fitLaw(points, { dropHighestLoss: 5, bootstrap: { draws: 2000, seed: 1 } });
    expect(Math.abs(fit.objective - 0.0010182740178)).toBeLessThan(1e-9);
    expect(Math.abs(fit.constants!.alpha - 0.34731)).toBeLessThan(2e-5);
    expect(Math.abs(fit.constants!.beta - 0.367172)).toBeLessThan(2e-5);
    within(fit.constants!.A, 477.83, 5e-4, 'A');
    within(fit.constants!.B, 2143.4, 1e-3, 'B');
    within(fit.ci.a!.sd, 0.02, 0.06, 'SD of a');
    const all = fitLaw(points).constants!;
    within(all.beta, 0.45305, 1e-4, 'beta with the five outliers');
  });
});

describe('variable projection', () => {
  it('recovers noise-free truth to six digits, tied and untied', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const truth = randomTruth(seed);
      const points = syntheticPoints(truth, 60, 0, seed);
      const c = new VpnlsProblem(points.params, points.tokens, points.loss).solve();
      within(c.alpha, truth.alpha, 1e-5, 'alpha');
      within(c.beta, truth.beta, 1e-5, 'beta');
      within(c.E, truth.E, 1e-6, 'E');
    }
    const tied = { E: 1.6, A: 200, B: 500, alpha: 0.3, beta: 0.3 };
    const points = syntheticPoints(tied, 60, 0, 1);
    within(new VpnlsProblem(points.params, points.tokens, points.loss, true).solve().alpha, 0.3, 1e-6, 'tied');
  });

  it('Gadre 2024: five small runs predict 6.9B at M = 20 to 0.7320 % and 1.4B at M = 640 to 0.7103 %', () => {
    const rows = readCsv('gadre2024_testbed_104.csv').filter((r) => r.train_set === 'rpj');
    const fitted = rows.filter(
      (r) =>
        (Number(r.mult) === 1 && !r.model!.startsWith('open_lm')) ||
        (Number(r.mult) === 16 && r.model!.startsWith('d=96')),
    );
    const column = (list: typeof rows, key: string) => list.map((r) => Number(r[key]));
    expect(fitted.length).toBe(5);
    const c = new VpnlsProblem(column(fitted, 'N'), column(fitted, 'D'), column(fitted, 'loss_c4_val'), true).solve();
    const error = (model: string, ratio: number) => {
      const row = rows.find((r) => r.model === model && Number(r.tok_mult) === ratio)!;
      const predicted = c.E + c.A * Number(row.N) ** -c.alpha + c.B * Number(row.D) ** -c.beta;
      return 100 * Math.abs(predicted / Number(row.loss_c4_val) - 1);
    };
    expect(error('open_lm_7b', 20)).toBeCloseTo(0.732, 4);
    expect(error('open_lm_1b', 640)).toBeCloseTo(0.7103, 4);
    within(c.alpha, 0.272851, 1e-5, 'exponent');
    within(c.E, 1.836648, 1e-5, 'E');
    within(findLaw('gadre2024-rpj').constants.B!, c.B, 1e-4, 'the shipped law');
  });
});

describe('Muennighoff 2023 repetition constants', () => {
  it('R_D* 15.37 and R_N* 5.315 on the 182 published runs (flat: tolerance 0.2 %), and names the deeper place elsewhere', () => {
    const rows = readCsv('muennighoff2023_fit182.csv');
    const column = (key: string) => rows.map((r) => Number(r[key]));
    const text = readFileSync(join(import.meta.dirname, '../../data/muennighoff2023_fit182.csv'), 'utf8');
    within(repetitionOfPoints(parsePoints(text))!.RD, 15.3718, 2e-3, 'R_D from the file as dropped');
    const fit = fitRepetition(findLaw('muennighoff2023'), {
      params: column('params'),
      tokens: column('tokens'),
      unique: column('unique_tokens'),
      loss: column('val_loss_c4'),
    });
    within(fit.RD, 15.3718, 2e-3, 'R_D');
    within(fit.RN, 5.3151, 2e-3, 'R_N');
    within(fit.objective, 0.015825932, 1e-6, 'objective');
    expect(fit.elsewhere!.objective).toBeLessThan(fit.objective);
  });
});

describe('IsoFLOP fit', () => {
  it('finds the exponents of a symmetric law from its budgets', () => {
    const truth = { E: 1.7, A: 400, B: 400, alpha: 0.34, beta: 0.34 };
    const params: number[] = [];
    const tokens: number[] = [];
    const loss: number[] = [];
    const flop: number[] = [];
    for (const c of [1e19, 1e20, 1e21]) {
      for (let k = -4; k <= 4; k++) {
        const n = Math.sqrt(c / 6) * 2 ** (k / 2);
        params.push(n);
        tokens.push(c / 6 / n);
        flop.push(c);
        loss.push(truth.E + truth.A * n ** -0.34 + truth.B * (c / 6 / n) ** -0.34);
      }
    }
    const fit = fitIsoflop(params, tokens, loss, groupBudgets(flop));
    within(fit.paramsExponent, 0.5, 1e-6, 'a');
    within(fit.tokensExponent, 0.5, 1e-6, 'b');
    expect(fit.accepted).toBe(3);
  });

  it('keeps rounded budgets together and separate ones apart', () => {
    const { group, flop } = groupBudgets([1e19, 1.03e19, 0.98e19, 3e19, 3.05e19]);
    expect([...group]).toEqual([0, 0, 0, 1, 1]);
    expect(flop.length).toBe(2);
  });

  it('leaves out concave budgets and says so', () => {
    const points = syntheticPoints({ E: 1.7, A: 400, B: 400, alpha: 0.34, beta: 0.34 }, 100, 0, 2);
    const first = points.flop[0]!;
    const bent = { ...points, loss: points.loss.map((l, i) => (points.flop[i] === first ? 8 - l : l)) };
    const fit = fitLaw(bent, { method: 'isoflop' });
    expect(fit.isoflop!.minima[0]!.rejected).toBe('concave');
    expect(fit.findings.map((f) => f.code)).toContain('budget_concave');
    within(fit.isoflop!.paramsExponent, 0.5, 0.05, 'a from the others');
    expect(fitJson(fit)).toMatchObject({ params_exponent: fit.isoflop!.paramsExponent, n_points: 100 });
  });
});

describe('bootstrap', () => {
  const points = syntheticPoints(randomTruth(21), 80, 0.01, 22);

  it('repeats with the seed and differs without', () => {
    const one = fitLaw(points, { starts: 60, bootstrap: { draws: 50, seed: 3 } });
    const two = fitLaw(points, { starts: 60, bootstrap: { draws: 50, seed: 3 } });
    const three = fitLaw(points, { starts: 60, bootstrap: { draws: 50, seed: 4 } });
    expect(one.ci).toEqual(two.ci);
    expect(one.ci.alpha).not.toEqual(three.ci.alpha);
  });

  it('reports progress and keeps what it has when cancelled', () => {
    const seen: number[] = [];
    const fit = fitLaw(points, {
      starts: 60,
      bootstrap: { draws: 1000, seed: 1, onProgress: (done) => seen.push(done), isCancelled: () => seen.length >= 3 },
    });
    expect(fit.bootstrap).toEqual({ draws: 30, failed: 0, cancelled: true });
    expect(seen).toEqual([10, 20, 30]);
  });

  it(
    '80 % intervals of a, N* and loss at ten times the largest budget cover the truth in 70 to 90 % of 50 random data sets',
    { timeout: 120_000 },
    () => {
      let a = 0;
      let size = 0;
      let loss = 0;
      for (let seed = 1; seed <= 50; seed++) {
        const truth = randomTruth(1000 + seed);
        const fit = fitLaw(syntheticPoints(truth, 160, 0.008, seed), { starts: 60, bootstrap: { draws: 200, seed } });
        const flop = 3e22;
        const ci = lawPoint(fit.law, { flop }).ci!;
        const law = { ...fit.law, constants: { ...truth }, uncertainty: null };
        const true_ = lawPoint(law, { flop });
        const exponent = truth.beta / (truth.alpha + truth.beta);
        if (ci.paramsExponent.low <= exponent && exponent <= ci.paramsExponent.high) a++;
        if (ci.paramsOpt.low <= true_.paramsOpt && true_.paramsOpt <= ci.paramsOpt.high) size++;
        if (ci.loss!.low <= true_.loss! && true_.loss! <= ci.loss!.high) loss++;
      }
      for (const [what, count] of Object.entries({ a, size, loss })) {
        expect(count, `${what} covered ${count} of 50`).toBeGreaterThanOrEqual(35);
        expect(count, `${what} covered ${count} of 50`).toBeLessThanOrEqual(45);
      }
    },
  );
});

describe('a fitted law', () => {
  it('evaluates like a shipped one, survives JSON and warns beyond its points', () => {
    const points = syntheticPoints(randomTruth(31), 120, 0.005, 32);
    const fit = fitLaw(points, { starts: 60, bootstrap: { draws: 100, seed: 1 }, lawId: 'mine' });
    const law = JSON.parse(JSON.stringify(fit.law)) as typeof fit.law;
    expect(optimalAllocation(law, 1e20)).toEqual(optimalAllocation(fit.law, 1e20));
    expect(findLaw('mine', [law])).toBe(law);
    expect(lawPoint(law, { flop: 1e20 }).ci).not.toBeNull();
    expect(lawPoint(law, { flop: 1e25 }).inDomain).toBe(false);
    expect(Object.keys(fitJson(fit))).toEqual(
      expect.arrayContaining(['E', 'A', 'B', 'alpha', 'beta', 'a', 'b', 'objective', 'n_points', 'ci']),
    );
  });
});
