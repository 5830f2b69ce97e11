import { expect, it } from 'vitest';
import { PRINT_PALETTE } from '../../../src/core/charts/palette.ts';
import { tornadoChart } from '../../../src/core/charts/tornado.ts';

const chart = tornadoChart(
  'Total cost',
  {
    unit: 'USD',
    central: 66e6,
    bars: [
      { label: 'Price', low: 55e6, high: 80e6 },
      { label: 'MFU, all runs', low: 72e6, high: 61e6 },
      { label: 'Unknown', low: Number.NaN, high: 1 },
    ],
  },
  PRINT_PALETTE,
);

it('bars start at the central value and keep their order', () => {
  expect(chart.title).toBe('Total cost with one input at its P10 or P90, M USD; central 66');
  expect(chart.config.data.labels).toEqual(['Price', 'MFU, all runs']);
  expect(chart.config.data.datasets.map((set) => [set.label, set.data])).toEqual([
    [
      'Input at its P10',
      [
        [66, 55],
        [66, 72],
      ],
    ],
    [
      'Input at its P90',
      [
        [66, 80],
        [66, 61],
      ],
    ],
  ]);
  const axis = chart.config.options?.scales?.['x'] as { min: number; max: number };
  expect(axis.min).toBeLessThan(55);
  expect(axis.max).toBeGreaterThan(80);
});

it('says the same in words, as a table and as plain data', () => {
  expect(chart.summary).toBe('Price: 55 to 80 M USD; MFU, all runs: 72 to 61 M USD');
  expect(chart.table.rows).toEqual([
    ['Price', 55e6, 80e6],
    ['MFU, all runs', 72e6, 61e6],
  ]);
  expect(JSON.parse(JSON.stringify(chart.config))).toEqual(chart.config);
});
