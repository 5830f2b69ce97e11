/** Cash by month: stacked bars by category, and the running total with its percentiles and the budget cap. */
import { formatMoney } from '../format/number.ts';
import { axisPrefix, type ChartView } from './chart.ts';
import type { ChartPalette } from './palette.ts';

export interface FlowSeries {
  readonly label: string;
  /** One amount a period, in currency units. */
  readonly amounts: readonly number[];
}

/** Categories drawn apart; the smallest together are "other". */
const SERIES = 5;

/**
 * Stacked bars of what is spent in each period; bars add up to the period's total. `against` is another plan's total,
 * drawn as a dashed line.
 */
export function cashFlowChart(
  periods: readonly string[],
  series: readonly FlowSeries[],
  currency: string,
  palette: ChartPalette,
  against?: FlowSeries,
): ChartView<'bar' | 'line'> {
  const size = (own: FlowSeries): number => own.amounts.reduce((sum, amount) => sum + Math.abs(amount), 0);
  const used = series.filter((own) => size(own) > 0);
  const kept = new Set(
    [...used].sort((a, b) => size(b) - size(a)).slice(0, used.length > SERIES + 1 ? SERIES : SERIES + 1),
  );
  const rest = used.filter((own) => !kept.has(own));
  const shown = used.filter((own) => kept.has(own));
  if (rest.length > 0)
    shown.push({
      label: 'everything else',
      amounts: periods.map((_, i) => rest.reduce((sum, own) => sum + (own.amounts[i] ?? 0), 0)),
    });
  const totals = periods.map((_, i) => shown.reduce((sum, own) => sum + (own.amounts[i] ?? 0), 0));
  const { scale, prefix } = axisPrefix(Math.max(0, ...totals, ...(against?.amounts ?? [])));
  const unit = `${prefix} ${currency}`.trim();
  return {
    title: `Spending by period, ${unit}`,
    summary: periods.map((period, i) => `${period}: ${formatMoney(totals[i] ?? 0)}`).join('; '),
    config: {
      type: 'bar',
      data: {
        labels: [...periods],
        datasets: [
          ...shown.map((own, i) => ({
            type: 'bar' as const,
            label: own.label,
            data: own.amounts.map((amount) => amount / scale),
            backgroundColor: palette.series[i % palette.series.length] ?? palette.text,
            borderColor: palette.surface,
            borderWidth: { top: 1, right: 0, bottom: 0, left: 0 },
            maxBarThickness: 34,
            categoryPercentage: 0.86,
            barPercentage: 0.9,
          })),
          ...(against
            ? [
                {
                  type: 'line' as const,
                  label: against.label,
                  data: against.amounts.map((amount) => amount / scale),
                  stepped: 'middle' as const,
                  borderColor: palette.text,
                  backgroundColor: palette.text,
                  borderWidth: 1.5,
                  borderDash: [5, 3],
                  pointRadius: 0,
                },
              ]
            : []),
        ],
      },
      options: {
        animation: false,
        locale: 'en-US',
        responsive: true,
        maintainAspectRatio: false,
        scales: {
          x: {
            stacked: true,
            grid: { display: false },
            border: { color: palette.axis },
            ticks: { color: palette.secondary, font: { size: 11 }, maxRotation: 0, autoSkip: true },
          },
          y: {
            stacked: true,
            beginAtZero: true,
            grid: { color: palette.grid, drawTicks: false },
            border: { display: false },
            ticks: { color: palette.secondary, font: { size: 11 }, maxTicksLimit: 6 },
            title: { display: true, text: unit, color: palette.secondary, font: { size: 11 } },
          },
        },
        plugins: {
          legend: {
            display: shown.length > 1 || against !== undefined,
            position: 'top',
            align: 'start',
            labels: { color: palette.text, font: { size: 11 }, boxWidth: 10, boxHeight: 10 },
          },
        },
      },
    },
    table: {
      columns: [{ label: 'Period', unit: '' }, ...shown.map((own) => ({ label: own.label, unit: currency }))],
      rows: periods.map((period, i) => [period, ...shown.map((own) => own.amounts[i] ?? 0)]),
    },
  };
}

export interface RunningTotal {
  readonly label: string;
  /** One running total a month, in currency units. */
  readonly amounts: readonly number[];
  readonly dashed?: boolean;
}

/** Lines of running totals; a cap is a labelled line. */
export function runningTotalChart(
  months: readonly string[],
  lines: readonly RunningTotal[],
  cap: number | null,
  currency: string,
  palette: ChartPalette,
): ChartView<'line'> {
  const all = cap === null ? lines : [...lines, { label: 'Budget cap', amounts: months.map(() => cap), dashed: true }];
  const { scale, prefix } = axisPrefix(Math.max(0, ...all.flatMap((line) => line.amounts)));
  const unit = `${prefix} ${currency}`.trim();
  return {
    title: `Running total of cash, ${unit}`,
    summary: all.map((line) => `${line.label} ends at ${formatMoney(line.amounts.at(-1) ?? 0)}`).join('; '),
    config: {
      type: 'line',
      data: {
        labels: [...months],
        datasets: all.map((line, i) => {
          const isCap = cap !== null && i === all.length - 1;
          const color = (isCap ? palette.series[5] : palette.series[i % 5]) ?? palette.text;
          return {
            label: line.label,
            data: line.amounts.map((amount) => amount / scale),
            borderColor: color,
            backgroundColor: color,
            borderWidth: isCap ? 1 : 2,
            borderDash: isCap ? [2, 3] : line.dashed ? [6, 4] : [],
            pointRadius: 0,
          };
        }),
      },
      options: {
        animation: false,
        locale: 'en-US',
        responsive: true,
        maintainAspectRatio: false,
        scales: {
          x: {
            grid: { display: false },
            border: { color: palette.axis },
            ticks: { color: palette.secondary, font: { size: 11 }, maxRotation: 0, autoSkip: true },
          },
          y: {
            beginAtZero: true,
            grid: { color: palette.grid, drawTicks: false },
            border: { display: false },
            ticks: { color: palette.secondary, font: { size: 11 }, maxTicksLimit: 6 },
            title: { display: true, text: unit, color: palette.secondary, font: { size: 11 } },
          },
        },
        plugins: {
          legend: {
            position: 'top',
            align: 'start',
            labels: { color: palette.text, font: { size: 11 }, boxWidth: 18, boxHeight: 2 },
          },
        },
      },
    },
    table: {
      columns: [{ label: 'Month', unit: '' }, ...all.map((line) => ({ label: line.label, unit: currency }))],
      rows: months.map((month, i) => [month, ...all.map((line) => line.amounts[i] ?? null)]),
    },
  };
}
