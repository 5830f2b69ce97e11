/** A column is one object: sheet, explain tree, command line, PDF and workbook then know it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, strFromU8 } from 'fflate';
import { expect, test } from 'vitest';
import { parsePlanFile } from '../../../src/core/document/plan-file.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../../../src/core/plan/planner.ts';
import { planResult } from '../../../src/core/plan/result.ts';
import type { ColumnDef } from '../../../src/core/sheet/column.ts';
import { explainCell, explainText } from '../../../src/core/sheet/explain.ts';
import { cellView, columnView } from '../../../src/core/sheet/render.ts';
import { Sheet } from '../../../src/core/sheet/sheet.ts';
import { Spreads } from '../../../src/core/sheet/spreads.ts';
import { planReportModel } from '../../../src/report/plan-report.ts';
import { planWorkbook } from '../../../src/report/xlsx/plan-workbook.ts';
import { SMALL_CATALOG } from '../sheet/picture.ts';

const COLUMN: ColumnDef = {
  table: 'runs',
  id: 'cost_per_day',
  label: 'Cost per day',
  group: 'Cost',
  type: 'number',
  unit: '¤/day',
  formula: 'total_cost / train_days',
  decimals: 2,
  help: 'What a day of this run costs.',
  shown: true,
};

const LLAMA = readFileSync('assets/templates/03-llama-3.1-405b.json', 'utf8');
// 53,214,069.13 USD over 67.665… days.
const SHOWN = '786,431.97';

test('one object more, and everything knows the column', () => {
  const sheet = new Sheet(parsePlanFile(LLAMA).plan, {
    columns: [...BUILT_IN_COLUMNS, COLUMN],
    registry: REGISTRY,
    catalog: SMALL_CATALOG,
  });
  sheet.recalculate();
  const column = sheet.column('runs', 'cost_per_day')!;
  const shown = cellView(sheet, column, 0).display;
  expect(shown).toMatch(/^786,4\d\d\.\d\d$/);
  expect(columnView(column)).toMatchObject({
    label: 'Cost per day',
    unit: 'USD/day',
    formula: 'total_cost / train_days',
  });
  expect(explainText(explainCell(sheet, column, 0))).toContain('= total_cost / train_days');
  expect(planResult(sheet, new Spreads(sheet)).runs[0]).toHaveProperty('cost_per_day');
  const info = { version: '0', date: '2026-11-25', catalogAsOf: '2026-11', revision: 0, hash: '0'.repeat(64) };
  expect(JSON.stringify(planReportModel(sheet, info))).toContain(shown);
  const parts = Object.entries(unzipSync(planWorkbook(sheet, info))).filter(([name]) => name.endsWith('.xml'));
  expect(parts.some(([, bytes]) => strFromU8(bytes).includes('Cost per day'))).toBe(true);
  expect(SHOWN.slice(0, 5)).toBe(shown.slice(0, 5));
});

test('a column of the plan itself comes out of the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-'));
  try {
    const file = join(folder, 'plan.json');
    writeFileSync(
      file,
      JSON.stringify({
        ...JSON.parse(LLAMA),
        columns: [{ table: 'runs', id: 'cost_per_day', unit: 'USD/day', formula: 'total_cost / train_days' }],
      }),
    );
    const json = JSON.parse(
      execFileSync(process.execPath, ['src/cli/main.ts', 'plan', file, '--json', '--db', ':memory:'], {
        encoding: 'utf8',
      }),
    ) as { runs: { cost_per_day: number }[] };
    expect(json.runs[0]?.cost_per_day).toBeCloseTo(786_432, -2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
