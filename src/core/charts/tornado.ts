/** Tornado: how far each uncertain input moves a result from its central value, the strongest on top. */
import { formatSignificant } from '../format/number.ts';
import { axisPrefix, shortened, type ChartView } from './chart.ts';
import type { ChartPalette } from './palette.ts';

export interface TornadoBar {
  readonly label: string;
  /** The result with this input at its P10 and P90, all others at their median. */
  readonly low: number;
  readonly high: number;
}

export interface TornadoData {
  readonly unit: string;
  /** The result with every input at its median. */
  readonly central: number;
  readonly bars: readonly TornadoBar[];
}

/**
 * Builds the chart in the unit of `data`, with a prefix when large. Bars keep the order they come in and start at the
 * central value; bars with a value that is not finite are left out.
 */
export function tornadoChart(what: string, data: TornadoData, palette: ChartPalette): ChartView<'bar'> {
  const bars = data.bars.filter((bar) => Number.isFinite(bar.low) && Number.isFinite(bar.high));
  const ends = bars.flatMap((bar) => [bar.low, bar.high]);
  const { scale, prefix } = axisPrefix(Math.max(Math.abs(data.central), ...ends.map(Math.abs)));
  const unit = `${prefix} ${data.unit}`.trim();
  const shown = (value: number): string => formatSignificant(value / scale, 4);
  const least = Math.min(data.central, ...ends) / scale;
  const most = Math.max(data.central, ...ends) / scale;
  const room = (most - least) * 0.06;
  const side = (label: string, color: string | undefined, end: (bar: TornadoBar) => number) => ({
    label,
    data: bars.map((bar): [number, number] => [data.central / scale, end(bar) / scale]),
    backgroundColor: color ?? palette.text,
    grouped: false,
    barPercentage: 0.78,
    categoryPercentage: 0.9,
    maxBarThickness: 20,
  });
  const tick = { color: palette.secondary, font: { size: 11 } };
  return {
    title: `${what} with one input at its P10 or P90, ${unit}; central ${shown(data.central)}`,
    summary: bars.map((bar) => `${bar.label}: ${shown(bar.low)} to ${shown(bar.high)} ${unit}`).join('; '),
    config: {
      type: 'bar',
      data: {
        labels: bars.map((bar) => shortened(bar.label)),
        datasets: [
          side('Input at its P10', palette.series[0], (bar) => bar.low),
          side('Input at its P90', palette.series[1], (bar) => bar.high),
        ],
      },
      options: {
        indexAxis: 'y',
        animation: false,
        locale: 'en-US',
        scales: {
          x: {
            min: least - room,
            max: most + room,
            grid: { color: palette.grid, drawTicks: false },
            border: { display: false },
            ticks: { ...tick, maxTicksLimit: 7, includeBounds: false },
          },
          y: { grid: { display: false }, border: { color: palette.axis }, ticks: { ...tick, color: palette.text } },
        },
        plugins: {
          legend: {
            display: true,
            position: 'top',
            align: 'start',
            labels: { color: palette.text, font: { size: 11 }, boxWidth: 10, boxHeight: 10 },
          },
        },
      },
    },
    table: {
      columns: [
        { label: 'Input', unit: '' },
        { label: 'At its P10', unit: data.unit },
        { label: 'At its P90', unit: data.unit },
      ],
      rows: bars.map((bar) => [bar.label, bar.low, bar.high]),
    },
  };
}
