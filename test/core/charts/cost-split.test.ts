import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisPrefix } from '../../../src/core/charts/chart.ts';
import { costSplitChart } from '../../../src/core/charts/cost-split.ts';
import { PRINT_PALETTE } from '../../../src/core/charts/palette.ts';

const CATEGORIES = ['Compute', 'Energy', 'Storage'];

describe('cost split', () => {
  it('stacks the categories that cost something, dearest run first, in one unit', () => {
    const { title, config, table } = costSplitChart(
      [
        { label: 'Small', amounts: [1e6, 0, 5e5] },
        { label: 'Large', amounts: [66_123_456.78, 0, 1e6] },
      ],
      CATEGORIES,
      'USD',
      PRINT_PALETTE,
    );
    expect(title).toBe('Cost by run and category, M USD');
    expect(config.data.labels).toEqual(['Large', 'Small']);
    expect(config.data.datasets.map((set) => [set.label, set.data])).toEqual([
      ['Compute', [66.12345678, 1]],
      ['Storage', [1, 0.5]],
    ]);
    expect(table.rows[0]).toEqual(['Large', 66_123_456.78, 1e6]);
  });

  it('leaves an unknown amount blank and never counts it as 0 in the table', () => {
    const { config, table } = costSplitChart(
      [{ label: 'a', amounts: [Number.NaN, 2, 0] }],
      CATEGORIES,
      'USD',
      PRINT_PALETTE,
    );
    expect(config.data.datasets.map((set) => set.label)).toEqual(['Energy']);
    expect(table.rows).toEqual([['a', 2]]);
    const two = costSplitChart(
      [
        { label: 'a', amounts: [Number.NaN, 2, 0] },
        { label: 'b', amounts: [1, 1, 0] },
      ],
      CATEGORIES,
      'USD',
      PRINT_PALETTE,
    );
    expect(two.table.rows).toContainEqual(['a', null, 2]);
  });

  it('loses no money when many runs share a bar', () => {
    const seed = 20261125;
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 3, maxLength: 3 }), {
          minLength: 1,
          maxLength: 60,
        }),
        (amounts) => {
          const rows = amounts.map((list, i) => ({ label: `run ${i}`, amounts: list }));
          const { table } = costSplitChart(rows, CATEGORIES, 'USD', PRINT_PALETTE);
          const sum = (lists: readonly (readonly unknown[])[]): number =>
            lists.flat().reduce<number>((total, x) => total + (typeof x === 'number' ? x : 0), 0);
          expect(sum(table.rows)).toBe(sum(amounts));
          expect(table.rows.length).toBeLessThanOrEqual(8);
        },
      ),
      { seed, numRuns: 100 },
    );
  });

  it('is plain data', () => {
    const { config } = costSplitChart([{ label: 'a', amounts: [1, 2, 3] }], CATEGORIES, 'USD', PRINT_PALETTE);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});

it('an axis has one prefix', () => {
  expect(axisPrefix(999)).toEqual({ scale: 1, prefix: '' });
  expect(axisPrefix(1000)).toEqual({ scale: 1e3, prefix: 'K' });
  expect(axisPrefix(-2.5e9)).toEqual({ scale: 1e9, prefix: 'B' });
});
