/**
 * A report laid out by typst with our template, our fonts and the report as JSON: as PDF, and as a picture for the preview.
 * The same report and paper give the same bytes.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { FlopsheetError } from '../core/errors.ts';
import type { ReportModel } from './model.ts';
import { printData } from './print-data.ts';
import { typstFor } from './typst.ts';

export type Paper = 'a4' | 'letter';

/** All pages below each other in one SVG, all of one size (in points). */
export interface ReportPreview {
  readonly svg: string;
  readonly pages: number;
  readonly pageWidth: number;
  readonly pageHeight: number;
}

const TEMPLATE = fileURLToPath(new URL('../../assets/report/plan.typ', import.meta.url));
/** Compilations for which the compiler keeps intermediate results. */
const CACHE_AGE = 4;

type Document = NonNullable<ReturnType<NodeCompiler['compile']>['result']>;

/** Renders the report. Throws FlopsheetError `REPORT_FAILED`, `FONTS_MISSING` or, for a bad date, `ARG`. */
export async function renderPdf(model: ReportModel, paper: Paper = 'a4'): Promise<Uint8Array> {
  const { typst, document } = await laidOut(model, paper);
  const pdf = typst.pdf(document, { creationTimestamp: Math.floor(Date.parse(`${model.date}T00:00:00Z`) / 1000) });
  typst.evictCache(CACHE_AGE);
  return pdf;
}

/** The pages as they will be printed. Throws as `renderPdf`. */
export async function renderPreview(model: ReportModel, paper: Paper = 'a4'): Promise<ReportPreview> {
  const { typst, document } = await laidOut(model, paper);
  const svg = typst.svg(document);
  typst.evictCache(CACHE_AGE);
  const [, width, height] = /data-page-width="([\d.]+)" data-page-height="([\d.]+)"/.exec(svg) ?? [];
  return { svg, pages: document.numOfPages, pageWidth: Number(width), pageHeight: Number(height) };
}

async function laidOut(model: ReportModel, paper: Paper): Promise<{ typst: NodeCompiler; document: Document }> {
  const data = JSON.stringify(printData(model));
  const typst = await typstFor(JSON.stringify({ ...model, charts: [] }));
  const compiled = typst.compile({ mainFileContent: readFileSync(TEMPLATE, 'utf8'), inputs: { data, paper } });
  if (compiled.result) return { typst, document: compiled.result };
  const error = compiled.takeError();
  const detail = error ? JSON.stringify(typst.fetchDiagnostics(error)).slice(0, 500) : 'no reason given';
  throw new FlopsheetError('REPORT_FAILED', `the report could not be laid out: ${detail}`, {
    where: 'report',
    hint: 'this is a mistake in Flopsheet: please report it with the plan',
  });
}
