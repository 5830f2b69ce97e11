import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PRINT_PALETTE } from '../../../src/core/charts/palette.ts';
import { waterfallChart } from '../../../src/core/charts/waterfall.ts';

const bars = (chart: ReturnType<typeof waterfallChart>): [number, number][] =>
  (chart.config.data.datasets[0]?.data as unknown as [number, number][]).map(([low, high]) => [
    low,
    Number(high.toFixed(9)),
  ]);

it('a bridge starts at one total, steps up and down, and ends at the other', () => {
  const chart = waterfallChart(
    { label: 'Base', value: 121.7e6 },
    [
      { label: 'Price', amount: -51.1e6 },
      { label: 'Goodput', amount: 9.8e6 },
    ],
    { label: 'Spot', value: 80.4e6 },
    'USD',
    PRINT_PALETTE,
  );
  const { title, config, table, summary } = chart;
  expect(title).toBe('From Base to Spot, M USD');
  expect(bars(chart)).toEqual([
    [0, 121.7],
    [121.7, 70.6],
    [70.6, 80.4],
    [0, 80.4],
  ]);
  const [, rise, fall, , , total] = PRINT_PALETTE.series;
  expect(config.data.datasets[0]?.backgroundColor).toEqual([total, fall, rise, total]);
  expect(table.rows.at(-1)).toEqual(['Spot', null, 80.4e6]);
  expect(summary).toContain('Price −51,100,000.00');
  expect(summary).toContain('Goodput +9,800,000.00');
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
});

it('many changes still lead from the first total to the last, to the cent', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 40 }), (cents) => {
      const steps = cents.map((amount, i) => ({ label: `step ${i}`, amount: amount / 100 }));
      const to = 5e9 + cents.reduce((sum, amount) => sum + amount, 0);
      const { table } = waterfallChart(
        { label: 'A', value: 5e7 },
        steps,
        { label: 'B', value: to / 100 },
        'USD',
        PRINT_PALETTE,
      );
      const changes = table.rows.slice(1, -1).map((row) => Math.round((row[1] as number) * 100));
      expect(changes.length).toBeLessThanOrEqual(10);
      expect(changes.every((change, i) => change !== 0 || String(table.rows[i + 1]?.[0]).endsWith('others'))).toBe(
        true,
      );
      expect(changes.reduce((sum, change) => sum + change, 5e9)).toBe(to);
    }),
    { seed: 20261125, numRuns: 100 },
  );
});
