/** Charts of the screen as vector pictures: the same Chart.js configuration on an SVG canvas, text as outlines. */
import { createCanvas, GlobalFonts, SvgExportFlag } from '@napi-rs/canvas';
import { Chart } from 'chart.js/auto';
import type { ChartView } from '../core/charts/chart.ts';
import { reportFonts } from './fonts.ts';

const FAMILY = 'Flopsheet Report';
let registered = false;

function registerFonts(): void {
  if (registered) return;
  for (const font of reportFonts().slice(0, 3)) GlobalFonts.register(font, FAMILY);
  // Legends and titles take their family from the defaults, not from the chart's own options.
  Chart.defaults.font.family = FAMILY;
  registered = true;
}

/** SVG text of a chart, `width` by `height` in CSS pixels. The same chart gives the same text. */
export function chartSvg(view: ChartView, width: number, height: number): string {
  registerFonts();
  const canvas = createCanvas(width, height, SvgExportFlag.ConvertTextToPaths);
  const options = (view.config.options ?? {}) as Record<string, unknown>;
  const chart = new Chart(
    canvas as unknown as HTMLCanvasElement,
    {
      ...view.config,
      options: {
        ...options,
        animation: false,
        responsive: false,
        devicePixelRatio: 1,
        events: [],
        font: { family: FAMILY, size: 11 },
        // Outlines are a little wider than the canvas measures: without room the first letter of an axis is cut.
        layout: { padding: { left: 6 } },
      },
    } as typeof view.config,
  );
  try {
    return renumbered(canvas.getContent().toString('utf8'));
  } finally {
    chart.destroy();
  }
}

/** The canvas numbers its clips through the life of the process: numbered anew, the same chart is the same text. */
function renumbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bcl_[0-9a-f]+\b/g, (name) => {
    const known = names.get(name) ?? `cl_${names.size}`;
    names.set(name, known);
    return known;
  });
}
