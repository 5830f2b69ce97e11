/** Chart.js pictures of the serving lab; loaded with the screen. Colours are the page's tokens. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
  type Plugin,
} from 'chart.js';
import { clearPlace } from '../../charts/labels.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
);

export interface XY {
  readonly x: number;
  readonly y: number;
}

/** A line of a chart; `marks` are drawn as dots, the last label stands at the line's end. */
export interface Line {
  readonly label: string;
  readonly points: readonly XY[];
  readonly marks?: readonly XY[];
  /** What a point says under the pointer. */
  readonly tip?: (point: XY) => string;
}

export interface LineChart {
  readonly kind: 'lines';
  readonly x: string;
  readonly y: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly lines: readonly Line[];
  /** A pinned point. */
  readonly pinned?: XY | null;
  readonly limitX?: { readonly at: number; readonly label: string } | null;
  readonly limitY?: { readonly at: number; readonly label: string } | null;
}

export interface BarChart {
  readonly kind: 'bars';
  readonly y: string;
  readonly labels: readonly string[];
  readonly bars: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

export type LabChart = LineChart | BarChart;

const DASH = [[], [6, 3], [2, 3]] as const;
const COLOURS = ['--c1', '--c2', '--c3'] as const;

/** Round ticks on a log axis: 1, 3, 10, 30… where few decades, else powers of ten. */
function isRound(value: number): boolean {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const first = value / power;
  return Math.abs(first - 1) < 1e-6 || Math.abs(first - 3) < 1e-6;
}

const short = (value: number): string =>
  value >= 1e6
    ? `${value / 1e6} M`
    : value >= 10_000
      ? value.toLocaleString('en-US')
      : String(Number(value.toPrecision(3)));

/** Draws a chart and returns what takes it away. */
export function drawLab(canvas: HTMLCanvasElement, view: LabChart): () => void {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const font = { family: style.getPropertyValue('--font-ui'), size: 11 };
  const axis: Axis = (title, log, grid, extra = {}) => ({
    type: log ? 'logarithmic' : 'linear',
    border: { color: colour('--control') },
    grid: { display: grid, color: colour('--line') },
    ticks: {
      color: colour('--text-2'),
      font,
      maxRotation: 0,
      callback: (value: number | string) => (!log || isRound(Number(value)) ? short(Number(value)) : ''),
    },
    title: { display: title !== '', text: title, color: colour('--text-2'), font, align: 'end' },
    ...extra,
  });
  const config = view.kind === 'bars' ? bars(view, axis, colour, font) : lines(view, axis, colour, font);
  const chart = new Chart(canvas, config as ChartConfiguration);
  return () => chart.destroy();
}

/** A little more than the highest value, so that names have room; `undefined` without points. */
function roomAbove(view: LineChart): number | undefined {
  const highest = Math.max(...view.lines.flatMap((line) => line.points.map((p) => p.y)), view.limitY?.at ?? 0);
  return highest > 0 ? highest * (view.logY === true ? 2.2 : 1.1) : undefined;
}

/** The unit stands above the y axis, not turned. */
function unitAbove(text: string, colour: (name: string) => string, font: Font): Plugin {
  return {
    id: 'unit',
    afterDraw: ({ ctx }) => {
      ctx.save();
      ctx.font = `400 ${font.size}px ${font.family}`;
      ctx.fillStyle = colour('--text-2');
      ctx.textAlign = 'left';
      ctx.fillText(text, 0, 11);
      ctx.restore();
    },
  };
}

type Axis = (title: string, log: boolean, grid: boolean, extra?: object) => object;
type Font = { readonly family: string; readonly size: number };

function lines(view: LineChart, axis: Axis, colour: (name: string) => string, font: Font): object {
  const datasets: ChartDataset<'line', XY[]>[] = view.lines.flatMap((line, i) => {
    const paint = colour(COLOURS[i % 3] ?? '--c1');
    return [
      {
        label: line.label,
        data: [...line.points],
        borderColor: paint,
        backgroundColor: paint,
        borderWidth: 2,
        borderDash: [...(DASH[i % 3] ?? [])],
        pointRadius: 0,
        pointHitRadius: 8,
        tension: 0.2,
      },
      {
        label: line.label,
        data: [...(line.marks ?? [])],
        showLine: false,
        borderColor: paint,
        backgroundColor: paint,
        pointRadius: 3,
      },
    ];
  });
  if (view.pinned)
    datasets.push({
      label: 'operating point',
      data: [view.pinned],
      showLine: false,
      pointRadius: 6,
      borderWidth: 2,
      borderColor: colour('--surface'),
      backgroundColor: colour('--accent'),
    });
  return {
    type: 'line',
    data: { datasets },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      layout: { padding: { top: 18, right: 12 } },
      scales: {
        x: axis(view.x, view.logX === true, true, view.logX === true ? {} : { beginAtZero: true }),
        y: axis('', view.logY === true, true, { max: roomAbove(view) }),
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            label: (item: { datasetIndex: number; raw: unknown }) => {
              const line = view.lines[Math.floor(item.datasetIndex / 2)];
              const point = item.raw as XY;
              return `${line?.label ?? 'operating point'}: ${line?.tip?.(point) ?? `${short(Number(point.x.toPrecision(4)))}, ${short(Number(point.y.toPrecision(4)))}`}`;
            },
          },
        },
      },
    },
    plugins: [names(view, colour, font), unitAbove(view.y, colour, font)],
  };
}

/** Names at the ends of lines, limits as labelled lines. */
function names(view: LineChart, colour: (name: string) => string, font: Font): Plugin {
  return {
    id: 'names',
    afterDatasetsDraw: (chart) => {
      const { ctx, chartArea } = chart;
      const x = chart.scales['x'];
      const y = chart.scales['y'];
      if (!x || !y) return;
      ctx.save();
      ctx.font = `600 ${font.size}px ${font.family}`;
      ctx.fillStyle = colour('--text');
      ctx.strokeStyle = colour('--c2');
      ctx.lineWidth = 1.5;
      if (view.limitX) {
        const at = x.getPixelForValue(view.limitX.at);
        if (at > chartArea.left && at < chartArea.right) {
          ctx.beginPath();
          ctx.moveTo(at, chartArea.top);
          ctx.lineTo(at, chartArea.bottom);
          ctx.stroke();
          ctx.textAlign = 'right';
          ctx.fillText(view.limitX.label, at - 5, chartArea.bottom - 6);
        }
      }
      if (view.limitY) {
        const at = y.getPixelForValue(view.limitY.at);
        if (at > chartArea.top && at < chartArea.bottom) {
          ctx.beginPath();
          ctx.moveTo(chartArea.left, at);
          ctx.lineTo(chartArea.right, at);
          ctx.stroke();
          ctx.textAlign = 'left';
          ctx.fillText(view.limitY.label, chartArea.left + 6, at - 5);
        }
      }
      const taken: number[] = [];
      for (const line of view.lines) {
        const last = line.points.at(-1);
        if (!last) continue;
        const top = clearPlace(y.getPixelForValue(last.y) - 8, taken, 14, chartArea.top + 10);
        taken.push(top);
        const at = x.getPixelForValue(last.x);
        const right = at > (chartArea.left + chartArea.right) / 2;
        ctx.textAlign = right ? 'right' : 'left';
        const write = (text: string, left: number, low: number): void => {
          ctx.lineWidth = 4;
          ctx.strokeStyle = colour('--surface');
          ctx.lineJoin = 'round';
          ctx.strokeText(text, left, low);
          ctx.fillText(text, left, low);
        };
        write(
          line.label,
          right ? Math.min(at, chartArea.right - 2) : Math.max(at, chartArea.left + 4),
          Math.max(chartArea.top + 10, top),
        );
      }
      ctx.restore();
    },
  };
}

function bars(view: BarChart, axis: Axis, colour: (name: string) => string, font: Font): object {
  return {
    type: 'bar',
    data: {
      labels: [...view.labels],
      datasets: view.bars.map((bar, i) => ({
        label: bar.label,
        data: bar.values.map((value) => (value === null || value <= 0 ? null : value)),
        backgroundColor: colour(COLOURS[i % 3] ?? '--c1'),
        maxBarThickness: 22,
      })),
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      layout: { padding: { top: 30 } },
      scales: {
        x: {
          border: { color: colour('--control') },
          grid: { display: false },
          ticks: { color: colour('--text'), font },
        },
        y: axis('', true, true, { min: 1 }),
      },
      plugins: { legend: { display: false } },
    },
    plugins: [
      unitAbove(view.y, colour, font),
      {
        id: 'values',
        afterDatasetsDraw: (chart: Chart) => {
          const { ctx } = chart;
          ctx.save();
          ctx.font = `400 10px ${font.family}`;
          ctx.fillStyle = colour('--text');
          ctx.textAlign = 'center';
          chart.data.datasets.forEach((set, i) => {
            chart.getDatasetMeta(i).data.forEach((element, j) => {
              const value = set.data[j];
              if (typeof value === 'number')
                ctx.fillText(
                  value >= 10_000 ? `${Math.round(value / 1000)}k` : String(value),
                  element.x,
                  element.y - 4,
                );
            });
          });
          ctx.restore();
        },
      },
    ],
  };
}
