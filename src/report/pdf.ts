/** PDF of a report: typst with our template, our fonts and the report as JSON. The same report and paper give the same bytes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FlopsheetError } from '../core/errors.ts';
import type { ReportModel } from './model.ts';
import { printData } from './print-data.ts';
import { typstFor } from './typst.ts';

export type Paper = 'a4' | 'letter';

const TEMPLATE = fileURLToPath(new URL('../../assets/report/plan.typ', import.meta.url));
/** Compilations for which the compiler keeps intermediate results. */
const CACHE_AGE = 4;

/** Renders the report. Throws FlopsheetError `REPORT_FAILED`, `FONTS_MISSING` or, for a bad date, `ARG`. */
export async function renderPdf(model: ReportModel, paper: Paper = 'a4'): Promise<Uint8Array> {
  const data = JSON.stringify(printData(model));
  const typst = await typstFor(JSON.stringify({ ...model, charts: [] }));
  const document = typst.compile({ mainFileContent: readFileSync(TEMPLATE, 'utf8'), inputs: { data, paper } });
  const result = document.result;
  if (!result) {
    const error = document.takeError();
    const detail = error ? JSON.stringify(typst.fetchDiagnostics(error)).slice(0, 500) : 'no reason given';
    throw new FlopsheetError('REPORT_FAILED', `the report could not be laid out: ${detail}`, {
      where: 'report',
      hint: 'this is a mistake in Flopsheet: please report it with the plan',
    });
  }
  const pdf = typst.pdf(result, { creationTimestamp: Math.floor(Date.parse(`${model.date}T00:00:00Z`) / 1000) });
  typst.evictCache(CACHE_AGE);
  return pdf;
}
