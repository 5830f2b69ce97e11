import { planPdf, planReportModel } from '../../src/report/plan-report.ts';
import { writeWorkbook } from '../../src/report/xlsx/write.ts';
import { poppler, HAS_POPPLER, INFO, planOf, sheetOf } from '../report/plans.ts';

/**
 * A report of about 20 pages through `planPdf`, as app and command line call it: the first in a process, with compiler and
 * fonts to load, and later ones. Prints one JSON document.
 */
interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const CHIPS = ['h100-sxm', 'h200-sxm', 'b200'];

/** Results of this part of the suite. */
export async function run(): Promise<BenchResult[]> {
  const runs = Array.from({ length: 40 }, (_, i) => ({
    key: `r${i}`,
    name: `Run ${i}`,
    params_total: `${7 + i}B`,
    tokens: `${1 + (i % 9)}T`,
    seq_len: String(4096 * (1 + (i % 3))),
    hardware: CHIPS[i % 3],
    chips: String(256 * (1 + (i % 7))),
    mfu: `${(0.3 + (i % 5) / 50).toFixed(2)}`,
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
  const start = performance.now();
  planReportModel(sheet, INFO);
  const results = [
    { name: 'report_pdf_first', value: times[0] ?? 0, unit: 'ms' },
    { name: 'report_pdf_later_median', value: later[2] ?? 0, unit: 'ms' },
    { name: 'report_model', value: performance.now() - start, unit: 'ms' },
    { name: 'report_pdf_size', value: pdf.length, unit: 'byte' },
  ];
  if (HAS_POPPLER)
    results.push({
      name: 'report_pdf_pages',
      value: Number(/Pages: +(\d+)/.exec(poppler('pdfinfo', pdf))?.[1]),
      unit: 'pages',
    });
  return [...results, ...workbook()];
}

/** A workbook of 200,000 cells, a quarter of them formulas. */
function workbook(): BenchResult[] {
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
  return [
    { name: 'report_xlsx_200k_cells', value: performance.now() - start, unit: 'ms' },
    { name: 'report_xlsx_200k_cells_memory', value: process.memoryUsage().rss - before, unit: 'byte' },
    { name: 'report_xlsx_200k_cells_size', value: bytes.length, unit: 'byte' },
  ];
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify({ results: await run() }, null, 2));
