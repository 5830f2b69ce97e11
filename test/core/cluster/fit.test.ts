import { describe, expect, it } from 'vitest';
import { anomaly, prepare } from '../../../scripts/predictor-study.ts';
import { fitParameters, predictLog } from '../../../src/core/cluster/fit.ts';
import { PRIORS, parameterIndex, priorMeans } from '../../../src/core/cluster/parameters.ts';
import { cases, context, shippedFit } from './shipped-fit.ts';

const rows = prepare(cases, context.chipKey, shippedFit.theta).filter((r) => anomaly(r) === '');

describe('fit of the predictor', () => {
  it('is what the tables give: fitting on from the shipped parameters moves none by a tenth of its spread', () => {
    expect(rows.length).toBe(shippedFit.rows);
    const again = fitParameters(
      rows.map((r) => r.fit),
      { start: shippedFit.theta, iterations: 4 },
    );
    PRIORS.forEach((p, j) => {
      const moved = Math.abs(again.theta[j]! - shippedFit.theta[j]!);
      expect(moved, p.name).toBeLessThan(0.1 * shippedFit.sd[j]! + 1e-6);
    });
  });

  it('gives the priors back without measurements, and recovers parameters from made-up ones', () => {
    expect([...fitParameters([]).theta]).toEqual([...priorMeans()]);
    const truth = Float64Array.from(shippedFit.theta);
    const efficiency = parameterIndex('efficiency nvidia/fp8');
    truth[efficiency] = truth[efficiency]! - 0.25;
    const made = rows.map((r) => ({ ...r.fit, logMeasured: predictLog(truth, r.fit) }));
    const fit = fitParameters(made, { sigma: 0.01 });
    const errors = made.map((c) => Math.abs(predictLog(fit.theta, c) - c.logMeasured));
    expect(Math.max(...errors)).toBeLessThan(0.05);
  });
});
