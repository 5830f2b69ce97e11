import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  budgetLines,
  budgetState,
  netPresentValue,
  probabilityAbove,
  quantiles,
  splitCommitted,
  sumByPeriod,
} from '../../../src/core/finance/cash.ts';
import { costBridge } from '../../../src/core/finance/bridge.ts';
import { sumCents } from '../../../src/core/finance/money.ts';
import { evaluateProgramme, idealHours } from '../../../src/core/finance/programme.ts';
import type { CommittedSupply, OwnedSupply, ProgrammeInput } from '../../../src/core/finance/programme-types.ts';

const base = (): ProgrammeInput => ({
  currency: 'USD',
  firstMonth: '2027-01',
  months: 12,
  fiscalYearStartMonth: 4,
  runs: [{ key: 'r1', chips: 64, start: '2027-02-10', idealHours: 500, goodput: 0.9, supplies: ['res', 'own', 'od'] }],
  supplies: [
    { key: 'od', kind: 'metered', category: 'on_demand', site: 's', prices: [{ validFrom: '2026-01-01', price: 2.5 }] },
    {
      key: 'res',
      kind: 'committed',
      category: 'reservation',
      site: 's',
      tranches: [{ key: 't1', chips: 32, from: '2027-01-15', to: '2027-05-15', fee: { perChipHour: 1.9 } }],
    },
    {
      key: 'own',
      kind: 'owned',
      category: 'owned',
      site: 's',
      tranches: [
        {
          key: 'o1',
          chips: 16,
          capexPerChip: 40000.01,
          capexMonth: '2027-01',
          inServiceMonth: '2027-02',
          lifeMonths: 7,
          residualShare: 0.1,
        },
      ],
      coloPerKwMonth: 160,
      maintenanceShareOfCapexPerYear: 0.03,
      electricity: [{ validFrom: '2026-01-01', price: 0.08 }],
    },
  ],
  costs: [
    {
      key: 'team',
      category: 'staff',
      firstMonth: '2027-01',
      lastMonth: '2027-12',
      quantity: 3,
      unit: 'head',
      unitPrice: 15000,
      currency: 'EUR',
      committed: true,
    },
  ],
  rates: [
    { from: 'EUR', to: 'USD', date: '2026-12-31', rate: 1.1 },
    ...Array.from({ length: 12 }, (_, i) => ({
      from: 'EUR',
      to: 'USD',
      date: `2027-${String(i + 1).padStart(2, '0')}`,
      rate: 1.08 + i / 1000,
    })),
  ],
  contingency: { rate: 0.1, categories: ['on_demand', 'staff'] },
  sites: [{ key: 's', pue: 1.2, locationKgPerKwh: 0.3, marketKgPerKwh: 0.1, waterLPerKwh: 1.8 }],
  chip: { key: 'c', chipKw: 0.7, serverOverhead: 1.8, loadFactor: 0.75, idleLoadFactor: 0.1 },
  embodied: { kgPerChip: 462.5, lifeHours: 35064, fleetUtilisation: 0.8 },
});
const committed = (input: ProgrammeInput) => input.supplies[1] as CommittedSupply;
const owned = (input: ProgrammeInput) => input.supplies[2] as OwnedSupply;

describe('sums', () => {
  const money = fc.integer({ min: 0, max: 10_000_000 }).map((cents) => cents / 100);
  const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
  const month = (at: number) => `${2027 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
  const randomPlan = fc
    .record({
      months: fc.integer({ min: 1, max: 30 }),
      runs: fc.array(
        fc.record({
          chips: fc.integer({ min: 1, max: 200 }),
          day: fc.integer({ min: 1, max: 28 }),
          at: fc.integer({ min: 0, max: 30 }),
          hours: fc.integer({ min: 1, max: 400_000 }),
          goodput: fc.integer({ min: 50, max: 100 }),
          allowance: share,
          supplies: fc.constantFrom(['od'], ['res', 'od'], ['own', 'res'], ['res', 'own', 'spot']),
          committed: fc.boolean(),
        }),
        { maxLength: 5 },
      ),
      price: fc.integer({ min: 1, max: 99999 }).map((x) => x / 10000),
      overhead: share,
      fee: fc.oneof(
        money.map((monthly) => ({ monthly })),
        money.map((upfront) => ({ upfront, paidIn: '2027-01' })),
        share.map((perChipHour) => ({ perChipHour })),
      ),
      resFrom: fc.integer({ min: 1, max: 28 }),
      capex: money,
      life: fc.integer({ min: 1, max: 40 }),
      residual: share,
      idle: share,
      costs: fc.array(
        fc.record({
          from: fc.integer({ min: 0, max: 20 }),
          length: fc.integer({ min: 0, max: 20 }),
          quantity: money,
          price: share,
          step: share,
          euro: fc.boolean(),
        }),
        { maxLength: 4 },
      ),
      contingency: share,
      policy: fc.constantFrom('fixed' as const, 'queue' as const),
    })
    .map((random): ProgrammeInput => {
      const input = base();
      const [metered, res, own] = input.supplies as [ProgrammeInput['supplies'][number], CommittedSupply, OwnedSupply];
      return {
        ...input,
        months: random.months,
        policy: random.policy,
        runs: random.runs.map((run, i) => ({
          key: `r${i}`,
          chips: run.chips,
          start: `${month(run.at)}-${String(run.day).padStart(2, '0')}`,
          idealHours: run.hours / 100,
          goodput: run.goodput / 100,
          failureAllowance: run.allowance,
          supplies: run.supplies,
          committed: run.committed,
        })),
        supplies: [
          metered,
          {
            ...res,
            tranches: [
              {
                ...res.tranches[0]!,
                from: `2027-01-${String(random.resFrom).padStart(2, '0')}`,
                to: '2028-07-04T05:00:00Z',
                fee: random.fee,
              },
            ],
          },
          {
            ...own,
            tranches: [
              {
                ...own.tranches[0]!,
                capexPerChip: random.capex,
                lifeMonths: random.life,
                residualShare: random.residual,
              },
            ],
          },
          {
            key: 'spot',
            kind: 'metered',
            category: 'spot',
            site: 's',
            overhead: random.overhead,
            prices: [
              { validFrom: '2026-01-01', price: random.price },
              { validFrom: '2027-06-11', price: random.price / 2 },
            ],
          },
        ],
        costs: random.costs.map((cost, i) => ({
          key: `c${i}`,
          category: `cat${i % 2}`,
          firstMonth: month(cost.from),
          lastMonth: month(cost.from + cost.length),
          quantity: cost.quantity,
          unit: 'unit',
          unitPrice: cost.price,
          stepPerMonth: cost.step,
          currency: cost.euro ? 'EUR' : 'USD',
        })),
        rates: Array.from({ length: 60 }, (_, i) => ({
          from: 'EUR',
          to: 'USD',
          date: month(i),
          rate: 1.05 + i / 1000,
        })),
        contingency: { rate: random.contingency, categories: ['on_demand', 'cat0', 'reservation'] },
        chip: { ...input.chip, idleLoadFactor: random.idle },
      };
    });

  test('shown lines add up to shown totals over random plans', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(randomPlan, (input) => {
        const result = evaluateProgramme(input);
        const total = (rows: Record<string, number[]>) => sumCents(Object.values(rows).flat());
        expect(result.lines.every((line) => Number.isSafeInteger(line.cents))).toBe(true);
        const inCost = result.lines.filter((line) => line.view !== 'cash');
        const inCash = result.lines.filter((line) => line.view !== 'cost');
        expect(sumCents(inCost.map((line) => line.cents))).toBe(result.totalCost);
        expect(sumCents(inCash.map((line) => line.cents))).toBe(result.totalCash);
        expect(total(result.byCategory)).toBe(result.totalCost);
        expect(total(result.byRun) + total(result.programmeLines)).toBe(result.totalCost);
        expect(sumCents(result.runs.map((run) => run.cents))).toBe(total(result.byRun));
        for (let i = 0; i < input.months; i++) {
          const column = (rows: Record<string, number[]>) => sumCents(Object.values(rows).map((row) => row[i]!));
          expect(column(result.byCategory)).toBe(result.cost[i]);
          expect(column(result.byRun) + column(result.programmeLines)).toBe(result.cost[i]);
        }
        for (const period of ['quarter', 'year'] as const) {
          const sums = sumByPeriod(result.cash, input.firstMonth, { startMonth: 4 }, period);
          expect(sumCents(sums.map((sum) => sum.cents))).toBe(result.totalCash);
        }
        const split = splitCommitted(result.cash, result.committedCash);
        expect(sumCents([...split.committed, ...split.open])).toBe(result.totalCash);
        const hours = result.runs.map(
          (run) =>
            Object.values(run.chipHoursBySupply).reduce((a, b) => a + b, 0) -
            run.preemptionChipHours +
            run.shortChipHours +
            run.outsideChipHours -
            run.wallChipHours,
        );
        for (const [i, difference] of hours.entries())
          expect(Math.abs(difference)).toBeLessThan(1e-7 * (1 + result.runs[i]!.wallChipHours));
        for (const line of result.lines) {
          // A last instalment takes the rounding difference of up to half a cent per month before it.
          const explained = line.quantity * line.unitPrice * line.rate * 100;
          expect(Math.abs(explained - line.cents)).toBeLessThanOrEqual(
            (line.view === 'cost' ? 21 : 0.5) + 1e-9 * Math.abs(explained) + 1e-6,
          );
        }
      }),
      { numRuns: 10_000, seed: 21 },
    );
  });

  test('the same input gives the same JSON, and the input is left as it was', () => {
    const input = base();
    const before = JSON.stringify(input);
    const first = JSON.stringify(evaluateProgramme(input));
    expect(JSON.stringify(evaluateProgramme(input))).toBe(first);
    expect(JSON.stringify(input)).toBe(before);
    expect(JSON.parse(first).totalCost).toBe(evaluateProgramme(input).totalCost);
  });
});

describe('supplies', () => {
  test('depreciation ends with the life, and its months add up to capex less residual', () => {
    const input = base();
    const result = evaluateProgramme(input);
    const months = result.byCategory['owned_depreciation']!;
    expect(months.filter((cents) => cents > 0)).toHaveLength(7);
    expect(sumCents(months)).toBe(Math.round(16 * 40000.01 * 0.9 * 100));
    expect(result.lines.find((line) => line.category === 'owned_capex')).toMatchObject({
      view: 'cash',
      cents: 64000016,
      month: 0,
    });
  });
  test('a committed chip-hour fee is due for the hours of the window, used or not', () => {
    const result = evaluateProgramme(base());
    const hours = result.lines.filter((line) => line.category === 'reservation').map((line) => line.quantity);
    expect(hours).toEqual([32 * 17 * 24, 32 * 672, 32 * 744, 32 * 720, 32 * 14 * 24]);
  });
  test('a block paid in advance is cash at once and cost over its window', () => {
    const input = base();
    committed(input).tranches[0]!.fee = { upfront: 100000.01, paidIn: '2027-01' };
    const result = evaluateProgramme(input);
    const lines = result.lines.filter((line) => line.category === 'reservation');
    expect(lines.filter((line) => line.view === 'cash').map((line) => line.cents)).toEqual([10000001]);
    expect(sumCents(lines.filter((line) => line.view === 'cost').map((line) => line.cents))).toBe(10000001);
  });
  test('a tranche that slips moves capacity and payment', () => {
    const input = base();
    owned(input).tranches[0]!.slipMonths = 2;
    const result = evaluateProgramme(input);
    expect(result.lines.find((line) => line.category === 'owned_capex')!.month).toBe(2);
    expect(result.pools.find((pool) => pool.key === 'own')!.capacityChipHours.findIndex((hours) => hours > 0)).toBe(3);
  });
  test('idle owned chips draw power where their load is above 0', () => {
    const result = evaluateProgramme(base());
    const idle = result.lines.filter((line) => line.category === 'owned_electricity' && line.run === null);
    const pool = result.pools.find((one) => one.key === 'own')!;
    const unused = sum(pool.capacityChipHours) - sum(pool.usedChipHours);
    expect(sum(idle.map((line) => line.quantity))).toBeCloseTo(unused * 0.7 * 1.8 * 0.1 * 1.2, 6);
    expect(sum(result.programmeLines['owned_idle']!)).toBeGreaterThanOrEqual(sum(idle.map((line) => line.cents)));
  });
  test('hours outside the horizon and chips that are missing are said, not dropped', () => {
    const input = base();
    input.runs[0]!.start = '2027-12-20';
    expect(evaluateProgramme(input).notices).toContainEqual(
      expect.objectContaining({ code: 'outside_horizon', where: 'r1' }),
    );
    input.runs[0]!.start = '2027-02-10';
    input.runs[0]!.supplies = ['res'];
    const short = evaluateProgramme(input);
    expect(short.notices).toContainEqual(expect.objectContaining({ code: 'over_committed', where: 'r1' }));
    expect(short.runs[0]!.shortChipHours).toBeCloseTo((32 * 500) / 0.9, 6);
  });
  test('a run that waits for chips starts later and says how long', () => {
    const input = base();
    input.policy = 'queue';
    input.runs = ['a', 'b'].map((key) => ({ key, chips: 32, start: '2027-02-01', idealHours: 240, supplies: ['res'] }));
    expect(evaluateProgramme(input).runs.map((run) => run.waitedDays)).toEqual([0, 10]);
  });
});

describe('what counts where', () => {
  test('contingency is a share of costs, not of purchases', () => {
    const input = base();
    input.contingency = { rate: 0.1, categories: ['owned_capex', 'staff'] };
    const result = evaluateProgramme(input);
    const staff = result.byCategory['staff']!;
    result.byCategory['contingency']!.forEach((cents, i) =>
      expect(Math.abs(cents - staff[i]! / 10)).toBeLessThanOrEqual(0.5),
    );
  });
  test('committed cash: commitments, purchases and what is marked so; open runs and contingency are not', () => {
    const result = evaluateProgramme(base());
    const open = splitCommitted(result.cash, result.committedCash).open;
    const idle = result.lines.filter((line) => line.category === 'owned_electricity' && line.run === null);
    const inOpen = ['on_demand', 'contingency', 'owned_electricity'].flatMap(
      (category) => result.byCategory[category]!,
    );
    expect(sumCents(open)).toBe(sumCents(inOpen) - sumCents(idle.map((line) => line.cents)));
    const approved = base();
    approved.runs[0]!.committed = true;
    expect(sumCents(splitCommitted(result.cash, evaluateProgramme(approved).committedCash).open)).toBe(
      sumCents(result.byCategory['contingency']!),
    );
  });
  test('water is kWh x litres per kWh, and unknown when one site has no factor', () => {
    const [run] = evaluateProgramme(base()).runs;
    expect(run!.waterL).toBeCloseTo(run!.kwh * 1.8, 6);
    const input = base();
    delete input.sites[0]!.waterLPerKwh;
    expect(evaluateProgramme(input).runs[0]!.waterL).toBeNull();
  });
  test('a commitment may start on the day its predecessor ends', () => {
    const input = base();
    const [first] = committed(input).tranches;
    first!.contract = 'C-1';
    committed(input).tranches.push({ ...first!, key: 't2', from: first!.to, to: '2027-08-01' });
    expect(evaluateProgramme(input).notices).toEqual([]);
  });
  test('a run that ends a rounding error before the horizon does stays inside it', () => {
    const input = base();
    input.runs[0] = { key: 'r1', chips: 8, start: '2027-12-31T23:59:59.9999999Z', idealHours: 3e-11, supplies: ['od'] };
    const result = evaluateProgramme(input);
    expect(result.totalCost).toBe(sumCents(result.cost));
    expect(Number.isSafeInteger(result.totalCost)).toBe(true);
  });
});

describe('bad input is refused in words finance uses', () => {
  test.each<[string, string, (input: ProgrammeInput) => void]>([
    [
      'overlapping commitments of one contract',
      'commitment_overlap',
      (input) => {
        const [first] = committed(input).tranches;
        first!.contract = 'C-1';
        committed(input).tranches.push({ ...first!, key: 't2', from: '2027-05-14', to: '2027-08-01' });
      },
    ],
    [
      'a commitment that ends before it starts',
      'end_before_start',
      (input) => (committed(input).tranches[0]!.to = '2027-01-15'),
    ],
    ['a cost row that ends before it starts', 'end_before_start', (input) => (input.costs[0]!.lastMonth = '2026-12')],
    [
      'a negative price',
      'negative',
      (input) => ((input.supplies[0] as { prices: { price: number }[] }).prices[0]!.price = -1),
    ],
    ['a negative fee', 'negative', (input) => (committed(input).tranches[0]!.fee = { monthly: -5 })],
    ['an unknown quantity', 'money_unknown', (input) => (input.costs[0]!.quantity = NaN)],
    ['a currency without a rate', 'rate_missing', (input) => (input.costs[0]!.currency = 'GBP')],
    [
      'a month without a rate',
      'rate_missing',
      (input) => (input.rates = input.rates.filter((rate) => rate.date < '2027-01')),
    ],
    [
      'use before the first price',
      'price_unknown',
      (input) => ((input.supplies[0] as { prices: { validFrom: string }[] }).prices[0]!.validFrom = '2027-02-20'),
    ],
    [
      'two prices from one day',
      'price_twice',
      (input) => owned(input).electricity.push({ validFrom: '2026-01-01', price: 9 }),
    ],
    ['a start without a time zone', 'time_zone', (input) => (input.runs[0]!.start = '2027-02-10T09:00')],
    ['a day that does not exist', 'date_text', (input) => (input.runs[0]!.start = '2027-02-29')],
    ['a supply that does not exist', 'supply_missing', (input) => (input.runs[0]!.supplies = ['moon'])],
    ['a cost charged to no run', 'run_missing', (input) => (input.costs[0]!.run = 'moon')],
    ['a PUE below 1', 'negative', (input) => (input.sites[0]!.pue = 0.9)],
    ['a goodput above 1', 'goodput', (input) => (input.runs[0]!.goodput = 1.1)],
    ['two runs with one key', 'key_twice', (input) => input.runs.push({ ...input.runs[0]! })],
    ['no months', 'horizon', (input) => (input.months = 0)],
  ])('%s', (_name, code, change) => {
    const input = base();
    change(input);
    expect(() => evaluateProgramme(input)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(/\.$/),
        hint: expect.stringMatching(/./),
        where: expect.stringMatching(/./),
      }),
    );
  });
  test('commitments that overlap without a contract are asked about', () => {
    const input = base();
    committed(input).tranches.push({
      ...committed(input).tranches[0]!,
      key: 't2',
      from: '2027-05-14',
      to: '2027-08-01',
    });
    expect(evaluateProgramme(input).notices).toContainEqual(
      expect.objectContaining({ code: 'commitment_overlap', severity: 'ask' }),
    );
  });
  test('keys that are names of object properties are only names', () => {
    const input = base();
    input.costs.push({ ...input.costs[0]!, key: 'constructor', category: '__proto__' });
    input.runs.push({ ...input.runs[0]!, key: 'toString' });
    const result = evaluateProgramme(input);
    expect(sumCents(Object.values(result.byCategory).flat())).toBe(result.totalCost);
  });
  test('hours need an MFU up to 1', () =>
    expect(() => idealHours(1e20, 8, 1e15, 1.2)).toThrow(expect.objectContaining({ code: 'hours_input' })));
});

describe('bridge between two versions of a programme', () => {
  test('bars by driver group add up to the difference of the totals to the cent', () => {
    const drivers: Record<string, (input: ProgrammeInput) => void> = {
      price: (input) => ((input.supplies[0] as { prices: { price: number }[] }).prices[0]!.price = 2.113),
      goodput: (input) => (input.runs[0]!.goodput = 0.81),
      scope: (input) => (input.runs[0]!.count = 3),
      people: (input) => (input.costs[0]!.quantity = 4.5),
      supply: (input) => (committed(input).tranches[0]!.chips = 48),
    };
    const groups = Object.keys(drivers);
    const bridge = costBridge(groups, (changed) => {
      const input = base();
      groups.forEach((group, i) => changed[i] && drivers[group]!(input));
      return evaluateProgramme(input).totalCost;
    });
    expect(bridge.from).toBe(evaluateProgramme(base()).totalCost);
    expect(sumCents(bridge.bars.map((bar) => bar.delta))).toBe(bridge.to - bridge.from);
    expect(bridge.bars.map((bar) => Math.sign(bar.delta))).toEqual([-1, 1, 1, 1, 1]);
  });
});

describe('budget and risk', () => {
  test('cap, headroom, month it is exceeded, probability', () => {
    const state = budgetState([100, 200, 300], '2027-01', 350, [2, 3, 4, 5]);
    expect(state).toMatchObject({
      planned: 600,
      headroom: -250,
      exceededIn: '2027-03',
      byMonth: [250, 50, -250],
      probabilityOver: 0.5,
    });
    expect(budgetState([1], '2027-01', 5).probabilityOver).toBeNull();
    expect(() => budgetState([1], '2027-01', -5)).toThrow(expect.objectContaining({ code: 'budget_cap' }));
  });
  test('an unknown sample makes the probability unknown', () => expect(probabilityAbove([1, NaN], 0)).toBeNaN());
  test('quantiles as numpy (type 7): P50 and P90 of 1..5 are 3 and 4.6', () => {
    expect(quantiles([5, 1, 3, 2, 4], [0, 0.5, 0.9, 1])).toEqual([1, 3, 4.6, 5]);
    expect(budgetLines([[1, 2, 3]])).toEqual([{ p50: 2, p80: 2.6, p90: 2.8 }]);
  });
  test('NPV at 0 % is the sum, and a discount of -100 % is refused', () => {
    expect(netPresentValue([100, 200], { rate: 0 }).cents).toBe(300);
    expect(() => netPresentValue([1], { rate: -1 })).toThrow(expect.objectContaining({ code: 'discount_rate' }));
  });
  test('a horizon that cuts a quarter marks it partial', () => {
    expect(sumByPeriod([1, 2, 3, 4], '2027-03', { startMonth: 4 }, 'quarter').map((one) => one.partial)).toEqual([
      true,
      false,
    ]);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
