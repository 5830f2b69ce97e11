/** Distribution of an uncertain value: a histogram with its 80 % interval marked. */
import { formatSignificant } from '../format/number.ts';
import { axisPrefix, type ChartView } from './chart.ts';
import type { ChartPalette } from './palette.ts';

export interface DistributionData {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** Samples in each of the equally wide bins between `min` and `max`. */
  readonly counts: readonly number[];
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** Value with every input at its median. */
  readonly central: number;
}

/** Builds the histogram of `data`, in its unit with a prefix when large. Bins whose centre lies between P10 and P90 are darker. */
export function distributionChart(what: string, data: DistributionData, palette: ChartPalette): ChartView<'bar'> {
  const { scale, prefix } = axisPrefix(Math.max(Math.abs(data.min), Math.abs(data.max)));
  const unit = `${prefix} ${data.unit}`.trim();
  const width = (data.max - data.min) / data.counts.length;
  const centres = data.counts.map((_, i) => data.min + (i + 0.5) * width);
  const highest = Math.max(...data.counts);
  const shown = (value: number): string => formatSignificant(value / scale, 4);
  const mark = (name: string, at: number, dash: number[]) => ({
    type: 'line' as const,
    label: `${name} ${shown(at)}`,
    data: [
      { x: at / scale, y: 0 },
      { x: at / scale, y: highest * 1.04 },
    ],
    borderColor: palette.text,
    borderWidth: 1.2,
    borderDash: dash,
    pointRadius: 0,
  });
  const histogram = {
    // Marks are named in the legend, bars by the title.
    label: '',
    data: centres.map((x, i) => ({ x: x / scale, y: data.counts[i] ?? 0 })),
    backgroundColor: centres.map((x) => (x >= data.p10 && x <= data.p90 ? palette.inside : palette.outside)),
    barPercentage: 0.94,
    categoryPercentage: 1,
    grouped: false,
    order: 1,
  };
  const config = {
    type: 'bar' as const,
    data: {
      datasets: [mark('P10', data.p10, [3, 3]), mark('P50', data.p50, []), mark('P90', data.p90, [3, 3]), histogram],
    },
    options: {
      animation: false as const,
      locale: 'en-US',
      scales: {
        x: {
          type: 'linear' as const,
          min: data.min / scale,
          max: data.max / scale,
          offset: false,
          grid: { display: false },
          border: { color: palette.axis },
          ticks: { color: palette.secondary, font: { size: 11 }, maxTicksLimit: 6, includeBounds: false },
        },
        y: { display: false, beginAtZero: true },
      },
      plugins: {
        legend: {
          display: true,
          position: 'top' as const,
          align: 'start' as const,
          labels: { color: palette.text, font: { size: 11 }, boxWidth: 14, boxHeight: 0 },
        },
      },
    },
  };
  return {
    title: `${what}, ${unit}; P10 to P90 darker`,
    summary: `P10 ${shown(data.p10)}, P50 ${shown(data.p50)}, P90 ${shown(data.p90)} ${unit}; central ${shown(data.central)} ${unit}`,
    // Mixed charts have no type of their own in Chart.js: marks are lines over bars.
    config: config as unknown as ChartView<'bar'>['config'],
    table: {
      columns: [
        { label: 'From', unit: data.unit },
        { label: 'To', unit: data.unit },
        { label: 'Samples', unit: '' },
      ],
      rows: data.counts.map((count, i) => [data.min + i * width, data.min + (i + 1) * width, count]),
    },
  };
}
