/** Prices of one chip over time: every quote a point, those of your own marked apart. */
import type { ChartView } from './chart.ts';
import type { ChartPalette } from './palette.ts';

export interface PricePointView {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly price: number;
  readonly provider: string;
  readonly kind: 'quote' | 'recorded' | 'yours';
}

const KINDS = [
  ['quote', 'Quotes', 0, 'circle'],
  ['recorded', 'Recorded list prices', 5, 'rect'],
  ['yours', 'Yours', 1, 'triangle'],
] as const;

/** Points by date. `dateText` writes a day for the axis. */
export function priceHistoryChart(
  points: readonly PricePointView[],
  palette: ChartPalette,
  dateText: (day: number) => string,
): ChartView<'scatter'> {
  const prices = points.map((point) => point.price);
  return {
    title: 'Price history, USD/(chip·h)',
    summary: points.map((point) => `${dateText(point.day)} ${point.provider}: ${point.price}`).join('; '),
    config: {
      type: 'scatter',
      data: {
        datasets: KINDS.filter(([kind]) => points.some((point) => point.kind === kind)).map(
          ([kind, label, series, pointStyle]) => ({
            label,
            data: points.filter((point) => point.kind === kind).map((point) => ({ x: point.day, y: point.price })),
            backgroundColor: palette.series[series] ?? palette.text,
            borderColor: palette.series[series] ?? palette.text,
            pointStyle,
            pointRadius: kind === 'yours' ? 5 : 3,
          }),
        ),
      },
      options: {
        animation: false,
        locale: 'en-US',
        responsive: true,
        maintainAspectRatio: false,
        scales: {
          x: {
            type: 'linear',
            bounds: 'data',
            grid: { display: false },
            border: { color: palette.axis },
            ticks: {
              color: palette.secondary,
              font: { size: 11 },
              maxTicksLimit: 4,
              maxRotation: 0,
              callback: (value) => dateText(Number(value)),
            },
          },
          y: {
            beginAtZero: true,
            suggestedMax: Math.max(...prices, 0) * 1.1,
            grid: { color: palette.grid, drawTicks: false },
            border: { display: false },
            ticks: { color: palette.secondary, font: { size: 11 }, maxTicksLimit: 5 },
          },
        },
        plugins: {
          legend: {
            position: 'top',
            align: 'start',
            labels: { color: palette.text, font: { size: 11 }, usePointStyle: true, boxHeight: 6 },
          },
        },
      },
    },
    table: {
      columns: [
        { label: 'Date', unit: '' },
        { label: 'Provider', unit: '' },
        { label: 'Price', unit: 'USD/(chip·h)' },
      ],
      rows: points.map((point) => [dateText(point.day), point.provider, point.price]),
    },
  };
}
