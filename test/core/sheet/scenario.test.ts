import { describe, expect, test } from 'vitest';
import { applyCommands, scenarioPlan } from '../../../src/core/document/apply.ts';
import { bridgeBetween, changedCells, compareTotals, programmeCost } from '../../../src/core/sheet/compare.ts';
import { planOf, sheetOf } from './picture.ts';

const BASE = applyCommands(
  planOf({
    assumptions: 'key | value | unit\nmarket | 2 to 3 | USD/(chip·h)',
    runs: `
key | params_total | tokens | hardware | chips | chip_hour_price | storage_cost
r1  | 70B          | 15T    | h100-sxm | 2048  | =market         | 1000
r2  | 7B           | 2T     | h100-sxm | 256   | =market         | 500 to 900`,
    costs: 'key | amount\nteam | 250000',
  }),
  [
    {
      scenario: 'lean',
      to: {
        at: 0,
        scenario: {
          key: 'lean',
          name: 'Lean',
          on: 'base',
          commands: [
            { set: ['runs', 'r1', 'tokens'], to: '10T' },
            { set: ['runs', 'r2', 'included'], to: 'no' },
          ],
        },
      },
    },
    {
      scenario: 'leaner',
      to: {
        at: 1,
        scenario: {
          key: 'leaner',
          name: 'Leaner',
          on: 'lean',
          commands: [
            { set: ['assumptions', 'market', 'value'], to: '2' },
            { row: ['costs', 'data'], to: { at: 1, cells: { amount: '1000' } } },
          ],
        },
      },
    },
  ],
).plan;

describe('scenarios stand on each other', () => {
  const lean = scenarioPlan(BASE, 'lean');
  const leaner = scenarioPlan(BASE, 'leaner');
  test('commands add up; a base edit shows in all of them', () => {
    expect(leaner.tables.runs[0]?.cells).toMatchObject({ tokens: '10T', chips: '2048' });
    const edited = applyCommands(BASE, [{ set: ['runs', 'r1', 'chips'], to: '4096' }]).plan;
    expect(scenarioPlan(edited, 'leaner').tables.runs[0]?.cells).toMatchObject({ tokens: '10T', chips: '4096' });
    expect(
      changedCells(lean, leaner)
        .map((change) => change.cell)
        .sort(),
    ).toEqual(['assumptions.market.value', 'costs.data']);
  });

  test('the bridge splits the change of programme cost over what changed, to the cent', () => {
    const [a, b] = [sheetOf(BASE), sheetOf(leaner)];
    const bars = bridgeBetween(BASE, leaner, (plan) => sheetOf(plan));
    expect(bars.map((bar) => bar.label).sort()).toEqual(['included', 'market', 'rows of costs', 'tokens']);
    const change = Math.round((programmeCost(b) - programmeCost(a)) * 100);
    expect(bars.reduce((sum, bar) => sum + Math.round(bar.amount * 100), 0)).toBe(change);
    expect(bars.find((bar) => bar.label === 'rows of costs')?.amount).toBe(1000);
  });

  test('a total that varies on one side only has a spread of its difference', () => {
    const totals = compareTotals(sheetOf(lean), sheetOf(leaner));
    const compute = totals.find((total) => total.id === 'compute_cost')!;
    expect(compute.deltaP10).toBeLessThan(compute.deltaP50 as number);
    expect(compute.deltaP50).toBeCloseTo(compute.delta as number, -4);
    expect(totals.find((total) => total.id === 'train_flop')).toMatchObject({ delta: 0, deltaP10: null });
  });

  test('what cannot be a scenario is refused', () => {
    expect(() => scenarioPlan(BASE, 'nowhere')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => applyCommands(BASE, [{ scenario: 'lean', to: null }])).toThrow(/another scenario stands on "lean"/);
  });
});
