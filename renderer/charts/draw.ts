/** Draws the core's charts with Chart.js, in the page's colours. Loaded when a chart is first shown. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  ScatterController,
  Tooltip,
  type ChartConfiguration,
} from 'chart.js';
import type { ChartView } from '../../src/core/charts/chart.ts';
import type { ChartPalette } from '../../src/core/charts/palette.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  ScatterController,
  Tooltip,
);

/** The page's tokens as a chart palette. */
function pagePalette(): ChartPalette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    series: ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'].map(colour),
    text: colour('--text'),
    secondary: colour('--text-2'),
    grid: colour('--line'),
    axis: colour('--control'),
    surface: colour('--surface'),
    inside: colour('--c1'),
    outside: colour('--line-strong'),
  };
}

/** Draws a chart and returns what takes it away again. */
export function drawChart(canvas: HTMLCanvasElement, make: (palette: ChartPalette) => ChartView): () => void {
  Chart.defaults.font.family = getComputedStyle(document.documentElement).getPropertyValue('--font-ui');
  const { config } = make(pagePalette());
  const options = { ...config.options, responsive: true, maintainAspectRatio: false, animation: false };
  const chart = new Chart(canvas, { ...config, options } as ChartConfiguration);
  return () => chart.destroy();
}
