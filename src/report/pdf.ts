/**
 * PDF of a report: typst with our template, our fonts and the report as JSON. The same report and paper give the same
 * bytes. Loaded on first use: the compiler is a native binary of 50 MB.
 */
import type { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChartView } from '../core/charts/chart.ts';
import { FlopsheetError } from '../core/errors.ts';
import { chartSvg } from './charts.ts';
import { reportFonts } from './fonts.ts';
import type { ReportCell, ReportModel, ReportTable } from './model.ts';

export type Paper = 'a4' | 'letter';

const TEMPLATE = fileURLToPath(new URL('../../assets/report/plan.typ', import.meta.url));
/** Open points printed on the first page; all of them stand in their own section. */
const OPEN_SHOWN = 4;
/** Results of earlier compilations kept by the compiler. */
const CACHE_AGE = 4;

let compiler: NodeCompiler | null = null;

async function loadCompiler(): Promise<NodeCompiler> {
  if (compiler) return compiler;
  const { NodeCompiler: Compiler } = await import('@myriaddreamin/typst-ts-node-compiler');
  // The file root is an empty folder: nothing on the machine can be read from the template.
  const root = mkdtempSync(join(tmpdir(), 'flopsheet-report-'));
  compiler = Compiler.create({ workspace: root, fontArgs: [{ fontBlobs: [...reportFonts()] }] });
  process.once('exit', () => {
    try {
      rmdirSync(root);
    } catch {
      // Gone already.
    }
  });
  return compiler;
}

/** Renders the report. Throws FlopsheetError `REPORT_FAILED` or `FONTS_MISSING`. */
export async function renderPdf(model: ReportModel, paper: Paper = 'a4'): Promise<Uint8Array> {
  const typst = await loadCompiler();
  const document = typst.compile({
    mainFileContent: readFileSync(TEMPLATE, 'utf8'),
    inputs: { data: JSON.stringify(printData(model)), paper },
  });
  const result = document.result;
  if (!result) {
    const detail = JSON.stringify(typst.fetchDiagnostics(document.takeError() as never)).slice(0, 500);
    throw new FlopsheetError('REPORT_FAILED', `the report could not be laid out: ${detail}`, {
      where: 'report',
      hint: 'this is a mistake in Flopsheet: please report it with the plan',
    });
  }
  const pdf = typst.pdf(result, { creationTimestamp: Math.floor(Date.parse(`${model.date}T00:00:00Z`) / 1000) });
  typst.evictCache(CACHE_AGE);
  return pdf;
}

/** What the template reads: every optional field filled, charts as pictures, words that could not be broken made breakable. */
export function printData(model: ReportModel): unknown {
  const [year, month, day] = model.date.split('-').map(Number);
  if (!Number.isFinite(Date.parse(`${model.date}T00:00:00Z`)))
    throw new FlopsheetError('ARG', `"${model.date}" is not a date`, { where: 'date', hint: 'write it as 2026-11-25' });
  const more = model.openPoints.length - OPEN_SHOWN;
  return {
    title: breakable(model.title),
    header: breakable([model.title, model.scenario].filter(Boolean).join(' · ')),
    footer: `Plan ${model.hash.slice(0, 12)}, revision ${model.revision} · ${model.date} · catalog ${model.catalogAsOf} · seed ${model.seed}, ${model.samples} samples · Flopsheet ${model.version}`,
    day: { year, month, day },
    hash: model.hash,
    answer: model.answer.map(breakable),
    figures: model.figures.map((figure) => ({
      ...figure,
      value: breakable(figure.value),
      detail: breakable(figure.detail),
    })),
    charts: model.charts.map((chart) => picture(chart, model.charts.length > 1 ? 330 : 680)),
    scenarios: model.scenarios ? printTable(model.scenarios) : null,
    largest: printTable(model.largest),
    open: model.openPoints
      .slice(0, OPEN_SHOWN)
      .map((point) => ({
        ...point,
        where: breakable(point.where),
        message: breakable(point.message),
        hint: breakable(point.hint),
      })),
    more: more > 0 ? `${more} more in the section on open points.` : '',
    sections: model.sections.map((section) => ({
      id: section.id,
      title: section.title,
      paragraphs: section.paragraphs.map(breakable),
      charts: section.charts.map((chart) => picture(chart, 680)),
      tables: section.tables.map(printTable),
    })),
  };
}

function picture(chart: ChartView, width: number): { title: string; summary: string; svg: string } {
  return { title: chart.title, summary: chart.summary, svg: chartSvg(chart, width, chartHeight(chart)) };
}

/** Bar charts are as high as they have bars. */
function chartHeight(chart: ChartView): number {
  const bars = chart.config.data.labels?.length ?? 0;
  return bars > 0 ? 56 + bars * 22 : 190;
}

function printTable(table: ReportTable): unknown {
  return {
    title: breakable(table.title),
    columns: table.columns,
    rows: table.rows.map((row) => row.map(printCell)),
    totals: table.totals?.map(printCell) ?? null,
    note: breakable(table.note),
  };
}

function printCell(cell: ReportCell): unknown {
  return {
    text: breakable(cell.text),
    tone: cell.tone ?? '',
    mono: cell.mono ?? false,
    indent: Math.min(cell.indent ?? 0, 14),
  };
}

/** Control characters go; words longer than a column may break anywhere. */
export function breakable(text: string): string {
  // eslint-disable-next-line no-control-regex
  const clean = text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029]/g, ' ')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return clean.replace(/\S{25,}/gu, (word) =>
    word.replace(/([._/\-:,)(])(?=\S)/g, '$1\u200b').replace(/[^\s\u200b]{24}(?=[^\s\u200b])/gu, '$&\u200b'),
  );
}
