/** Sheets for report tests: plan files over the seeded catalog. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSheet } from '../../src/bridge/session.ts';
import { scenarioPlan } from '../../src/core/document/apply.ts';
import { readPlan } from '../../src/core/document/plan-file.ts';
import type { Plan } from '../../src/core/document/plan.ts';
import type { Catalog } from '../../src/core/sheet/catalog.ts';
import type { Sheet } from '../../src/core/sheet/sheet.ts';
import type { ReportInfo } from '../../src/report/plan-report.ts';
import { engineCatalog } from '../../src/store/engine-catalog.ts';
import { openStore } from '../../src/store/open.ts';
import { seedCatalog } from '../../src/store/seed.ts';

export const INFO: ReportInfo = {
  version: '0.1.0',
  date: '2026-11-25',
  catalogAsOf: '2026-11-20',
  revision: 3,
  hash: '0123456789abcdef'.repeat(4),
};

let catalog: Catalog | null = null;

export function seededCatalog(): Catalog {
  if (catalog) return catalog;
  const now = Date.UTC(2026, 10, 20);
  const store = openStore(':memory:', { now, version: '0.1.0' });
  seedCatalog(store.db as Parameters<typeof seedCatalog>[0], now);
  catalog = engineCatalog(store.db);
  store.close();
  return catalog;
}

export function sheetOf(plan: Plan): Sheet {
  return openSheet(plan, seededCatalog(), () => 0).sheet;
}

export function template(id: string): Plan {
  return readPlan(JSON.parse(readFileSync(new URL(`../../assets/templates/${id}.json`, import.meta.url), 'utf8'))).plan;
}

export function planOf(content: Record<string, unknown>): Plan {
  return readPlan({
    format: 'flopsheet-plan',
    version: 1,
    name: 'Test',
    currency: 'USD',
    seed: 1,
    samples: 1024,
    ...content,
  }).plan;
}

export function scenarioSheets(plan: Plan): { name: string; sheet: Sheet }[] {
  return plan.scenarios.map(({ key, name }) => ({ name, sheet: sheetOf(scenarioPlan(plan, key)) }));
}

/** False, with a line saying so, where poppler is not installed. */
export const HAS_POPPLER = spawnSync('pdftotext', ['-v']).error === undefined;
if (!HAS_POPPLER) console.warn('poppler (pdftotext, pdffonts, pdfimages) is not installed: reports are not read back');

/** Output of a poppler tool on PDF bytes; `-` in the arguments is the file. */
export function poppler(
  tool: string,
  pdf: Uint8Array,
  before: readonly string[] = [],
  after: readonly string[] = [],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-pdf-'));
  try {
    const file = join(folder, 'report.pdf');
    writeFileSync(file, pdf);
    return execFileSync(tool, [...before, file, ...after], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Text of a PDF in reading order, break marks inside words taken out. */
export function pdfText(pdf: Uint8Array, pages?: readonly [first: number, last: number]): string {
  const range = pages ? ['-f', String(pages[0]), '-l', String(pages[1])] : [];
  return poppler('pdftotext', pdf, ['-layout', ...range], ['-']).replaceAll('\u200b', '');
}
