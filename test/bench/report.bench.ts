import { spawnSync } from 'node:child_process';
import { planPdf } from '../../src/report/plan-report.ts';
import { writeWorkbook } from '../../src/report/xlsx/write.ts';
import { figure, type BenchResult } from './measure.ts';
import { poppler, HAS_POPPLER, INFO, planOf, sheetOf } from '../report/plans.ts';

/**
 * A report of about 20 pages through `planPdf`, as app and command line call it: the first in a process, with compiler and
 * fonts to load, and later ones; then a large workbook.
 */
const CHIPS = ['h100-sxm', 'h200-sxm', 'b200'];

/** A long report, the first and later ones. */
export async function reportPdf(): Promise<BenchResult[]> {
  const runs = Array.from({ length: 40 }, (_, i) => ({
    key: `r${i}`,
    name: `Run ${i}`,
    params_total: `${7 + i}B`,
    tokens: `${1 + (i % 9)}T`,
    seq_len: String(4096 * (1 + (i % 3))),
    hardware: CHIPS[i % 3],
    chips: String(256 * (1 + (i % 7))),
    // Ranges, so that percentiles, drivers and their charts are printed too.
    mfu: `${(0.3 + (i % 5) / 50).toFixed(2)} to ${(0.36 + (i % 5) / 50).toFixed(2)}`,
    storage_cost: String(1000 * i),
    status: i % 2 ? 'draft' : 'proposed',
  }));
  const sheet = sheetOf(
    planOf({ name: 'Bench', runs, costs: [{ key: 'c1', name: 'People', quantity: '12', unit_cost: '200000' }] }),
  );
  const times: number[] = [];
  let pdf = new Uint8Array();
  for (let i = 0; i < 6; i++) {
    const start = performance.now();
    pdf = await planPdf(sheet, { ...INFO, revision: i });
    times.push(performance.now() - start);
  }
  const later = times.slice(1).sort((a, b) => a - b);
  const pages = HAS_POPPLER ? Number(/Pages: +(\d+)/.exec(poppler('pdfinfo', pdf))?.[1]) : null;
  const what = pages === null ? 'a long report' : `${pages} pages`;
  return [
    figure('report_pdf_first', (times[0] as number) / 1000, 's', 2, `${what} in under 2 s`, 'less'),
    figure('report_pdf_later', (later[2] as number) / 1000, 's', 0.7, `${what} again in under 0.7 s`, 'less'),
  ];
}

/** A workbook of 200,000 cells, a quarter of them formulas, in a process of its own so that its memory is its own. */
export function workbook(): BenchResult[] {
  const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, 'workbook'], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const { seconds, megabytes } = JSON.parse(stdout) as { seconds: number; megabytes: number };
  return [
    figure('report_xlsx_200k_cells', seconds, 's', 3, '200,000 cells in under 3 s', 'less'),
    figure('report_xlsx_memory', megabytes, 'MB', 400, '200,000 cells in under 400 MB more', 'less'),
  ];
}

function writeLargeWorkbook(): { seconds: number; megabytes: number } {
  const money = { format: '#,##0.00' };
  const rows = Array.from({ length: 5000 }, (_, r) =>
    Array.from({ length: 40 }, (_, c) =>
      c % 4 === 3
        ? { value: r * c, formula: `ROUND(A${r + 1}*B${r + 1}/3600,2)`, style: money }
        : { value: c % 4 === 0 ? `text ${r % 50}` : (r * 1.37) / (c + 1), style: money },
    ),
  );
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const bytes = writeWorkbook({
    title: 'Bench',
    date: INFO.date,
    sheets: [{ name: 'Runs', rows, widths: [] }],
    names: [],
  });
  const seconds = (performance.now() - start) / 1000;
  if (bytes.length < 100_000) throw new Error('the workbook is too small to hold its cells');
  return { seconds, megabytes: Math.max(process.memoryUsage().rss - before, 1e6) / 1e6 };
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(writeLargeWorkbook()));
