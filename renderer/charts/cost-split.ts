/** Draws the cost split with Chart.js; loaded when the screen is first opened. */
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from 'chart.js';
import { formatNumber, formatShort } from '../lib/format.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Legend, Tooltip);

export interface CostRow {
  readonly name: string;
  readonly parts: readonly (number | string | boolean | null)[];
}

/** Draws the bars and returns what takes them away again. Colours are the page's tokens. */
export function drawCostSplit(
  canvas: HTMLCanvasElement,
  rows: readonly CostRow[],
  parts: readonly { readonly label: string; readonly colour: string }[],
  currency: string,
): () => void {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const font = { family: style.getPropertyValue('--font-ui'), size: 11 };
  const chart = new Chart(canvas, {
    type: 'bar',
    data: {
      labels: rows.map((row) => row.name),
      datasets: parts
        .map((part, i) => ({
          label: part.label,
          data: rows.map((row) => (typeof row.parts[i] === 'number' ? (row.parts[i] as number) : 0)),
          backgroundColor: colour(part.colour),
          maxBarThickness: 24,
        }))
        .filter((set) => set.data.some((value) => value !== 0)),
    },
    options: {
      indexAxis: 'y',
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      scales: {
        x: {
          stacked: true,
          beginAtZero: true,
          border: { color: colour('--control') },
          grid: { color: colour('--line') },
          ticks: { color: colour('--text-2'), font, callback: (value) => formatShort(Number(value)) },
          title: { display: true, text: currency, color: colour('--text-2'), font },
        },
        y: {
          stacked: true,
          border: { color: colour('--control') },
          grid: { display: false },
          ticks: { color: colour('--text'), font: { ...font, size: 12 } },
        },
      },
      plugins: {
        legend: {
          position: 'top',
          align: 'start',
          labels: { color: colour('--text'), font, boxWidth: 10, boxHeight: 10 },
        },
        tooltip: {
          callbacks: { label: (item) => `${item.dataset.label}: ${formatNumber(Number(item.raw), 2)} ${currency}` },
        },
      },
    },
  });
  return () => chart.destroy();
}
