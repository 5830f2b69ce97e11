import { describe, expect, it } from 'vitest';
import { costSplitChart } from '../../src/core/charts/cost-split.ts';
import { distributionChart } from '../../src/core/charts/distribution.ts';
import { PRINT_PALETTE } from '../../src/core/charts/palette.ts';
import { chartSvg } from '../../src/report/charts.ts';

const split = costSplitChart(
  [
    { label: 'Llama 3.1 405B', amounts: [53e6, 2e6] },
    { label: '<script>&"', amounts: [3e6, 0] },
  ],
  ['Compute', 'Storage'],
  'USD',
  PRINT_PALETTE,
);
const spread = distributionChart(
  'Total cost',
  { unit: 'USD', min: 40e6, max: 80e6, counts: [1, 5, 9, 5, 1], p10: 45e6, p50: 55e6, p90: 70e6, central: 54e6 },
  PRINT_PALETTE,
);

describe('charts of a report', () => {
  it.each([
    ['cost split', split],
    ['distribution', spread],
  ])('%s is vectors only: no pixels, no text that needs a font', (_, view) => {
    const svg = chartSvg(view, 600, 200);
    expect(svg).toMatch(/^<\?xml|^<svg/);
    expect(svg).not.toMatch(/<image|<text|<script|font-family/);
    expect((svg.match(/<path|<rect/g) ?? []).length).toBeGreaterThan(10);
    expect(svg.length).toBeLessThan(400_000);
  });

  it('is drawn in the colours of the palette', () => {
    const svg = chartSvg(split, 600, 200).toLowerCase();
    expect(svg).toContain('#2f6db5');
    expect(svg).toContain('#d0661a');
  });

  it('is the same twice', () => {
    expect(chartSvg(split, 600, 200)).toBe(chartSvg(split, 600, 200));
  });

  it('marks the 80 % interval of a distribution', () => {
    const bars = (spread.config.data.datasets as unknown as { backgroundColor: string[] }[]).at(-1);
    expect(bars?.backgroundColor).toEqual([
      PRINT_PALETTE.outside,
      PRINT_PALETTE.inside,
      PRINT_PALETTE.inside,
      PRINT_PALETTE.inside,
      PRINT_PALETTE.outside,
    ]);
    expect(spread.summary).toBe('P10 45, P50 55, P90 70 M USD; central 54 M USD');
  });
});
