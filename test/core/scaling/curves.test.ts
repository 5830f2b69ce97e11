import { describe, expect, it } from 'vitest';
import {
  budgetsAround,
  findLaw,
  isoflopCurves,
  lawPoint,
  lossFunction,
  lossInterval,
  lossSurface,
} from '../../../src/core/scaling/index.ts';

describe('curves for drawing', () => {
  it('have their least loss at the optimum of the budget, inside a band', () => {
    const law = findLaw('besiroglu2024');
    const [curve] = isoflopCurves(law, [1e20], { span: 8, count: 41 })!;
    const least = curve!.loss.indexOf(Math.min(...curve!.loss));
    expect(least).toBe(20);
    expect(curve!.minimum.params).toBeCloseTo(lawPoint(law, { flop: 1e20 }).paramsOpt, -3);
    expect(curve!.extrapolated).toBe(false);
    const loss = lossFunction(law)!;
    for (const band of curve!.band!) {
      expect(band.low).toBeLessThan(loss(band.params, 1e20 / 6 / band.params));
      expect(band.high).toBeGreaterThan(loss(band.params, 1e20 / 6 / band.params));
    }
    expect(isoflopCurves(law, [1e25])![0]!.extrapolated).toBe(true);
  });

  it('follow the loss of Kaplan 2020, whose printed allocation is another fit', () => {
    const law = findLaw('kaplan2020');
    const [curve] = isoflopCurves(law, [1e19])!;
    expect(curve!.band).toBeNull();
    const loss = lossFunction(law)!;
    for (const factor of [0.9, 1.1])
      expect(loss(curve!.minimum.params * factor, curve!.minimum.tokens / factor)).toBeGreaterThan(curve!.minimum.loss);
  });

  it('are absent for a law without a loss', () => {
    expect(isoflopCurves(findLaw('hoffmann2022-a2'), [1e20])).toBeNull();
    expect(lossSurface(findLaw('hoffmann2022-a2'), [1e9], [1e10])).toBeNull();
    expect(lossInterval(findLaw('hoffmann2022-a2'), 1e9, 1e10)).toBeNull();
  });

  it('agree with the loss at every place of a surface, for an additive law and another', () => {
    for (const id of ['muennighoff2023', 'kaplan2020']) {
      const law = findLaw(id);
      const loss = lossFunction(law)!;
      const surface = lossSurface(law, [1e8, 1e9, 1e10], [1e9, 1e11])!;
      [1e9, 1e11].forEach((tokens, row) =>
        [1e8, 1e9, 1e10].forEach((params, column) =>
          expect(surface[row * 3 + column]).toBeCloseTo(loss(params, tokens), 12),
        ),
      );
    }
  });

  it('show four budgets below and one beyond', () => {
    expect(budgetsAround(1e22, 10, 6)).toEqual([1e18, 1e19, 1e20, 1e21, 1e22, 1e23]);
  });
});
