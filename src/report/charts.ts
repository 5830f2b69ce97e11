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
      },
    } as typeof view.config,
  );
  try {
    return canvas.getContent().toString('utf8');
  } finally {
    chart.destroy();
  }
}
