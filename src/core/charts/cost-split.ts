/** Cost by run and category: horizontal stacked bars, largest first. */
import { formatMoney } from '../format/number.ts';
import { axisPrefix, shortened, type ChartView } from './chart.ts';
import type { ChartPalette } from './palette.ts';

export interface CostSplitRow {
  readonly label: string;
  /** One amount a category, in currency units; NaN is unknown and drawn as nothing. */
  readonly amounts: readonly number[];
}

/** Bars shown one by one; the rest is one bar. */
const BARS = 7;

/**
 * Builds the chart. Categories without any amount are left out. Rows beyond the largest seven become "n others"; nothing
 * is dropped, so bars add up to the total. Unknown amounts are left blank and named in the table as null.
 */
export function costSplitChart(
  rows: readonly CostSplitRow[],
  categories: readonly string[],
  currency: string,
  palette: ChartPalette,
): ChartView<'bar'> {
  const sum = (row: CostSplitRow): number =>
    row.amounts.reduce((total, amount) => total + (Number.isFinite(amount) ? amount : 0), 0);
  const sorted = [...rows].sort((a, b) => sum(b) - sum(a));
  const bars =
    sorted.length > BARS + 1 ? [...sorted.slice(0, BARS), others(sorted.slice(BARS), categories.length)] : sorted;
  const used = categories
    .map((_, i) => i)
    .filter((i) => bars.some((row) => Number.isFinite(row.amounts[i]) && row.amounts[i] !== 0));
  const { scale, prefix } = axisPrefix(Math.max(0, ...bars.map(sum)));
  const unit = `${prefix} ${currency}`.trim();
  const tick = { color: palette.secondary, font: { size: 11 } };
  return {
    title: `Cost by run${used.length > 1 ? ' and category' : ''}, ${unit}`,
    summary: bars.map((row) => `${row.label}: ${formatMoney(sum(row))} ${currency}`).join('; '),
    config: {
      type: 'bar',
      data: {
        labels: bars.map((row) => shortened(row.label)),
        datasets: used.map((category, i) => ({
          label: categories[category] ?? '',
          data: bars.map((row) => {
            const amount = row.amounts[category] ?? Number.NaN;
            return Number.isFinite(amount) ? amount / scale : null;
          }),
          backgroundColor: palette.series[i % palette.series.length] ?? palette.text,
          borderColor: palette.surface,
          borderWidth: { left: 0, top: 0, bottom: 0, right: 1 },
          barPercentage: 0.78,
          categoryPercentage: 0.9,
          maxBarThickness: 22,
        })),
      },
      options: {
        indexAxis: 'y',
        animation: false,
        locale: 'en-US',
        scales: {
          x: {
            stacked: true,
            beginAtZero: true,
            grid: { color: palette.grid, drawTicks: false },
            border: { display: false },
            ticks: { ...tick, maxTicksLimit: 7 },
          },
          y: {
            stacked: true,
            grid: { display: false },
            border: { color: palette.axis },
            ticks: { ...tick, color: palette.text },
          },
        },
        plugins: {
          legend: {
            display: used.length > 1,
            position: 'top',
            align: 'start',
            labels: { color: palette.text, font: { size: 11 }, boxWidth: 10, boxHeight: 10 },
          },
          tooltip: { enabled: true },
        },
      },
    },
    table: {
      columns: [{ label: 'Run', unit: '' }, ...used.map((i) => ({ label: categories[i] ?? '', unit: currency }))],
      rows: bars.map((row) => [
        row.label,
        ...used.map((i) => (Number.isFinite(row.amounts[i]) ? (row.amounts[i] as number) : null)),
      ]),
    },
  };
}

function others(rows: readonly CostSplitRow[], categories: number): CostSplitRow {
  const amounts = Array.from({ length: categories }, (_, i) =>
    rows.reduce((total, row) => total + (Number.isFinite(row.amounts[i]) ? (row.amounts[i] as number) : 0), 0),
  );
  return { label: `${rows.length} others`, amounts };
}
