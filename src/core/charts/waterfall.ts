/** Waterfall: from one total to another through the changes between them. */
import { formatMoney } from '../format/number.ts';
import { axisPrefix, shortened, type ChartView } from './chart.ts';
import type { ChartPalette } from './palette.ts';

export interface WaterfallTotal {
  readonly label: string;
  /** In currency units; finite. */
  readonly value: number;
}

export interface WaterfallStep {
  readonly label: string;
  /** Change of the total in currency units; rises are positive; finite. */
  readonly amount: number;
}

interface Bar {
  readonly label: string;
  readonly text: string;
  readonly ends: readonly [start: number, end: number];
  readonly color: string | undefined;
}

/** Changes shown one by one; the rest is one bar. */
const BARS = 9;

/**
 * Builds the chart. Steps keep their order; those of 0 are left out, and beyond nine the smallest become "n others", so
 * that bars still lead from the first total to the last. Amounts stand beside the names: colour alone says too little.
 */
export function waterfallChart(
  from: WaterfallTotal,
  steps: readonly WaterfallStep[],
  to: WaterfallTotal,
  currency: string,
  palette: ChartPalette,
): ChartView<'bar'> {
  const [, rise, fall, , , whole] = palette.series;
  const total = ({ label, value }: WaterfallTotal): Bar => ({
    label,
    text: formatMoney(value),
    ends: [0, value],
    color: whole,
  });
  const listed = shownSteps(steps);
  let at = from.value;
  const changes = listed.map(({ label, amount }): Bar => {
    const start = at;
    at += amount;
    const text = `${amount > 0 ? '+' : ''}${formatMoney(amount)}`;
    return { label, text, ends: [start, at], color: amount > 0 ? rise : fall };
  });
  const bars = [total(from), ...changes, total(to)];
  const { scale, prefix } = axisPrefix(Math.max(...bars.flatMap((bar) => bar.ends.map(Math.abs))));
  const start = axisStart(bars.flatMap((bar) => bar.ends));
  const tick = { color: palette.secondary, font: { size: 11 } };
  return {
    title: `From ${from.label} to ${to.label}, ${`${prefix} ${currency}`.trim()}${start > 0 ? '; the axis does not start at 0' : ''}`,
    summary: `${bars.map((bar) => `${bar.label} ${bar.text}`).join('; ')} ${currency}`,
    config: {
      type: 'bar',
      data: {
        labels: bars.map((bar) => `${shortened(bar.label)}  ${bar.text}`),
        datasets: [
          {
            label: currency,
            data: bars.map((bar): [number, number] => [bar.ends[0] / scale, bar.ends[1] / scale]),
            backgroundColor: bars.map((bar) => bar.color ?? palette.text),
            barPercentage: 0.78,
            categoryPercentage: 0.9,
            maxBarThickness: 20,
            minBarLength: 1,
          },
        ],
      },
      options: {
        indexAxis: 'y',
        animation: false,
        locale: 'en-US',
        scales: {
          x: {
            ...(start > 0 ? { min: start / scale } : { beginAtZero: true }),
            grid: { color: palette.grid, drawTicks: false },
            border: { display: false },
            ticks: { ...tick, maxTicksLimit: 7 },
          },
          y: { grid: { display: false }, border: { color: palette.axis }, ticks: { ...tick, color: palette.text } },
        },
        plugins: { legend: { display: false } },
      },
    },
    table: {
      columns: [
        { label: 'Step', unit: '' },
        { label: 'Change', unit: currency },
        { label: 'Total', unit: currency },
      ],
      rows: [
        [from.label, null, from.value],
        ...listed.map(({ label, amount }): [string, number, null] => [label, amount, null]),
        [to.label, null, to.value],
      ],
    },
  };
}

/** Changes that are small beside the totals would be slivers on an axis from 0: it then starts below the lowest end. */
function axisStart(ends: readonly number[]): number {
  const inner = ends.filter((end) => end !== 0);
  const [low, high] = [Math.min(...inner), Math.max(...inner)];
  if (!(low > 0) || high - low > 0.25 * high) return 0;
  const unit = 10 ** Math.floor(Math.log10(Math.max(high - low, 1)));
  return Math.max(0, Math.floor((low - (high - low)) / unit) * unit);
}

/** Steps that change something; the smallest together when there are too many, in whole cents so that nothing is lost. */
function shownSteps(steps: readonly WaterfallStep[]): WaterfallStep[] {
  const changing = steps.filter((step) => step.amount !== 0);
  if (changing.length <= BARS + 1) return changing;
  const kept = new Set([...changing].sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount)).slice(0, BARS));
  const rest = changing.filter((step) => !kept.has(step));
  const cents = rest.reduce((sum, step) => sum + Math.round(step.amount * 100), 0);
  return [...changing.filter((step) => kept.has(step)), { label: `${rest.length} others`, amount: cents / 100 }];
}
