import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  costOfFactors,
  estimateAtCompletion,
  factorsFromActuals,
  forecastFinish,
  planVersusActual,
  postMortem,
} from '../../../src/core/finance/actuals.ts';
import { costBridge } from '../../../src/core/finance/bridge.ts';
import { compareRegions } from '../../../src/core/finance/carbon.ts';
import { explainKwh, siteKw, wallKwh } from '../../../src/core/finance/energy.ts';
import {
  capitalRecoveryFactor,
  financingPayment,
  ownershipCost,
  rentOrBuy,
  type OwnedChip,
} from '../../../src/core/finance/ownership.ts';
import { capacityBlock, commitmentVerdict, effectivePrice, internalRate } from '../../../src/core/finance/payment.ts';

describe('cost bridge', () => {
  test('bars add up to the difference exactly for any totals (1,000 random games)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 64, maxLength: 64 }),
        (n, totals) => {
          const groups = Array.from({ length: n }, (_, i) => `g${i}`);
          const bridge = costBridge(
            groups,
            (changed) => totals[changed.reduce((mask, on, i) => mask + (on ? 1 << i : 0), 0)]!,
          );
          expect(bridge.bars.reduce((sum, bar) => sum + bar.delta, 0)).toBe(bridge.to - bridge.from);
          expect(bridge.bars.every((bar) => Number.isInteger(bar.delta))).toBe(true);
        },
      ),
      { numRuns: 1000, seed: 9 },
    );
  });
  test('price 2 -> 3 and hours 10 -> 20: each bears half of what they do together', () => {
    const bridge = costBridge(['price', 'hours'], ([price, hours]) => (price ? 3 : 2) * (hours ? 20 : 10));
    expect(bridge).toMatchObject({ from: 20, to: 60, method: 'exact', bars: [{ delta: 15 }, { delta: 25 }] });
  });
  test('a group that changes nothing has no bar, and equal groups have equal bars', () => {
    const bridge = costBridge(['a', 'b', 'idle'], ([a, b]) => (a && b ? 100 : 0));
    expect(bridge.bars.map((bar) => bar.delta)).toEqual([50, 50, 0]);
  });
  test('twelve groups are sampled: still exact in sum, the same for the same seed, near the additive answer', () => {
    const groups = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const evaluate = (changed: readonly boolean[]) => changed.reduce((sum, on, i) => sum + (on ? 100 * (i + 1) : 0), 7);
    const bridge = costBridge(groups, evaluate, { seed: 4 });
    expect(bridge.method).toBe('sampled');
    expect(bridge.bars.map((bar) => bar.delta)).toEqual(groups.map((_, i) => 100 * (i + 1)));
    expect(costBridge(groups, evaluate, { seed: 4 })).toEqual(bridge);
  });
  test('an unknown total is named', () => {
    expect(() => costBridge(['price', 'hours'], ([price]) => (price ? NaN : 1))).toThrow(/price/);
  });
});

describe('actuals', () => {
  const row = (month: string, cents: number | null) => ({ month, run: 'r1', chipHours: null, tokens: null, cents });
  test('a month without an invoice is unknown, not 0; a month outside the plan still shows', () => {
    const months = planVersusActual([100, 100], '2027-01', [
      row('2027-01', 80),
      row('2027-01', 30),
      row('2027-02', null),
      row('2027-04', 5),
    ]);
    expect(months.map((one) => [one.month, one.planned, one.actual, one.variance])).toEqual([
      ['2027-01', 100, 110, 10],
      ['2027-02', 100, null, null],
      ['2027-03', 0, null, null],
      ['2027-04', 0, 5, 5],
    ]);
    expect(months[3]!.varianceShare).toBeNull();
  });
  test('estimate at completion: 40 % done for 50 % of budget ends at 125 %', () => {
    expect(estimateAtCompletion(100_000, 50_000, 0.4)).toMatchObject({
      earned: 40_000,
      costIndex: 0.8,
      estimate: 125_000,
      toComplete: 75_000,
      variance: -25_000,
    });
    expect(estimateAtCompletion(100_000, 50_000, 0.4, 'plan')).toMatchObject({ estimate: 110_000 });
    expect(estimateAtCompletion(100_000, 5_000, 0)).toMatchObject({ estimate: null, toComplete: null });
    expect(() => estimateAtCompletion(1, 1, 1.2)).toThrow(expect.objectContaining({ code: 'actuals_input' }));
  });
  test('forecast finish by the pace of the last week; unknown when nothing moved', () => {
    expect(forecastFinish(0, 100, 40, 10)).toBe(6 * 7 * 86_400);
    expect(forecastFinish(5, 100, 100, 0)).toBe(5);
    expect(forecastFinish(0, 100, 40, 0)).toBeNull();
  });
  test('post-mortem: the parts add up to the error to the cent, and one cause alone bears it all', () => {
    const planned = { flop: 1e24, peakFlopPerS: 989.4e12, mfu: 0.42, goodput: 0.95, pricePerChipHour: 2.5 };
    const actual = { flop: 1.1e24, peakFlopPerS: 989.4e12, mfu: 0.38, goodput: 0.9, pricePerChipHour: 2.4 };
    const result = postMortem(planned, actual);
    expect(result.error).toBe(result.actual - result.planned);
    expect(result.parts.map((part) => Math.sign(part.cents))).toEqual([1, 1, -1, 1]);
    const alone = postMortem(planned, { ...planned, mfu: 0.38 });
    expect(alone.parts.map((part) => part.cents)).toEqual([alone.error, 0, 0, 0]);
  });
  test('factors from hours and an invoice give the invoice back', () => {
    const factors = factorsFromActuals({
      flop: 1e24,
      peakFlopPerS: 1e15,
      chipHours: 800_000,
      productiveChipHours: 720_000,
      cents: 200_000_000,
    });
    expect(factors.goodput).toBeCloseTo(0.9, 12);
    expect(costOfFactors(factors)).toBeCloseTo(2_000_000, 6);
  });
});

const chip: OwnedChip = {
  chipPrice: 25000,
  serverPrice: 12000,
  networkPrice: 6000,
  storagePrice: 1500,
  installationPrice: 1500,
  economicLifeYears: 4,
  accountingLifeYears: 6,
  residualShare: 0.1,
  rate: 0.09,
  utilisation: 0.8,
  chipW: 700,
  serverOverhead: 1.82,
  loadFactor: 0.75,
  pue: 1.25,
  electricityPerKwh: 0.08,
  coloPerKwMonth: 150,
  facilityPerW: 0,
  facilityLifeYears: 15,
  maintenanceShare: 0.03,
  staffPerYear: 400,
  otherPerYear: 200,
};

describe('ownership', () => {
  test('CRF at 9.5 % over 4 years is 0.31206; 1/n at 0 %; tiny rates keep their digits', () => {
    expect(capitalRecoveryFactor(0.095, 4)).toBeCloseTo(0.312063002455064, 14);
    expect(capitalRecoveryFactor(0, 4)).toBe(0.25);
    expect(capitalRecoveryFactor(1e-12, 4)).toBeCloseTo(0.25, 11);
    expect(() => capitalRecoveryFactor(0.05, 0)).toThrow(expect.objectContaining({ code: 'crf_input' }));
  });
  test('payments repay capital less residual: their present value is capex - residual / (1+r)^n', () => {
    const payment = financingPayment(1000, 200, 0.07, 5);
    const present = [1, 2, 3, 4, 5].reduce((sum, n) => sum + payment / 1.07 ** n, 0);
    expect(present + 200 / 1.07 ** 5).toBeCloseTo(1000, 9);
  });
  test('the parts add up and the books differ from the economics', () => {
    const cost = ownershipCost(chip);
    expect(cost.capexPerChip).toBe(46000);
    expect(cost.parts.reduce((sum, part) => sum + part.perChipHour, 0)).toBeCloseTo(cost.perChipHour, 12);
    expect(cost.accountingPerChipHour).toBeLessThan(cost.perChipHour);
  });
  test('at the break-even utilisation owning costs the rent', () => {
    const answer = rentOrBuy(chip, 2.6);
    if (answer.verdict !== 'break_even') throw new Error(answer.verdict);
    expect(ownershipCost({ ...chip, utilisation: answer.utilisation }).perChipHour).toBeCloseTo(2.6, 9);
    expect(rentOrBuy(chip, 1).verdict).toBe('always_rent');
    expect(rentOrBuy(chip, 0.05).verdict).toBe('always_rent');
  });
  test.each([{ chipPrice: -1 }, { utilisation: 0 }, { utilisation: 1.2 }, { pue: 0.5 }, { rate: NaN }])(
    '%j is refused',
    (change) => {
      expect(() => ownershipCost({ ...chip, ...change })).toThrow(expect.objectContaining({ code: 'ownership_input' }));
    },
  );
});

describe('ways to pay', () => {
  test('unused committed hours are waste; hours above it are bought on demand', () => {
    expect(commitmentVerdict(1000, 600, 2, 3)).toMatchObject({
      wasteHours: 400,
      wasteCost: 800,
      cost: 2000,
      onDemandCost: 1800,
      saving: -200,
    });
    expect(commitmentVerdict(1000, 1200, 2, 3)).toMatchObject({ wasteHours: 0, cost: 2600, utilisation: 1 });
    expect(commitmentVerdict(1000, 0, 2, 3).effectivePrice).toBeNull();
  });
  test('an internal rate recovers the yearly cost at the expected use', () => {
    expect(internalRate(1e6, 100, 0.7) * 100 * 8766 * 0.7).toBeCloseTo(1e6, 6);
  });
  test.each([() => effectivePrice(0, 0.9), () => effectivePrice(2, 0), () => capacityBlock(1, 8, 24, 39, 30)])(
    'bad input %# is refused',
    (call) => {
      expect(call).toThrow(expect.objectContaining({ code: 'payment_input' }));
    },
  );
});

describe('energy and regions', () => {
  const power = { chipW: 700, serverOverhead: 1.82, loadFactor: 0.75, pue: 1.2 };
  test('the last part of the explanation is the answer; peak power leaves the load factor out', () => {
    expect(explainKwh(1000, power).at(-1)!.kwh).toBeCloseTo(wallKwh(1000, power), 9);
    expect(siteKw(1000, power)).toBeCloseTo(1528.8, 9);
  });
  test('regions in order of location-based carbon; what is not published stays unknown', () => {
    const regions = compareRegions(1e6, power, [
      { key: 'coal', pue: 1.1, locationGPerKwh: 800, marketGPerKwh: null },
      { key: 'hydro', pue: 1.3, locationGPerKwh: 25, marketGPerKwh: 0, waterLPerKwh: 2 },
    ]);
    expect(regions.map((one) => one.key)).toEqual(['hydro', 'coal']);
    expect(regions[1]).toMatchObject({ tco2eMarket: null, waterM3: null });
    expect(regions[0]!.waterM3).toBeCloseTo(regions[0]!.mwh * 2, 6);
  });
  test('a PUE below 1 or an unknown factor is refused', () => {
    expect(() => wallKwh(1, { ...power, pue: 0.9 })).toThrow(expect.objectContaining({ code: 'energy_input' }));
    expect(() => wallKwh(NaN, power)).toThrow(expect.objectContaining({ code: 'energy_input' }));
  });
});
