import { describe, expect, it } from 'vitest';
import type { Workbook } from '../../../src/report/xlsx/model.ts';
import { planWorkbook, planWorkbookModel } from '../../../src/report/xlsx/plan-workbook.ts';
import { columnName } from '../../../src/report/xlsx/xml.ts';
import { INFO, scenarioSheets, sheetOf, template } from '../plans.ts';
import { HAS_LIBREOFFICE, recalculated, typedInto } from './libreoffice.ts';

/** Cells of formulas whose number in LibreOffice is not the one we wrote, to 1e-9; and how many were compared. */
function compared(ours: Workbook, theirs: ReadonlyMap<string, string[][]>): { cells: number; found: string[] } {
  const found: string[] = [];
  let cells = 0;
  for (const sheet of ours.sheets)
    sheet.rows.forEach((row, r) =>
      row.forEach((cell, c) => {
        if (cell?.formula === undefined) return;
        cells++;
        const want = cell.value;
        const got = theirs.get(sheet.name)?.[r]?.[c] ?? '(no cell)';
        const same =
          want === null
            ? got === '#N/A'
            : typeof want === 'number'
              ? got !== '' && Math.abs(numberOf(got) - want) <= 1e-9 * Math.max(1, Math.abs(want))
              : typeof want === 'boolean'
                ? got.toUpperCase() === String(want).toUpperCase()
                : got === want;
        if (!same)
          found.push(`${sheet.name}!${columnName(c)}${r + 1} =${cell.formula}: ${String(want)}, LibreOffice ${got}`);
      }),
    );
  return { cells, found };
}

/** LibreOffice writes percentages and dates as such also in full precision; dates are days since 1899-12-30. */
function numberOf(field: string): number {
  if (field.endsWith('%')) return Number(field.slice(0, -1)) / 100;
  return /^\d{4}-\d\d-\d\d$/.test(field) ? (Date.parse(field) - Date.UTC(1899, 11, 30)) / 86_400_000 : Number(field);
}

function columnOf(workbook: Workbook, id: string): number {
  const runs = workbook.sheets.find((sheet) => sheet.name === 'Runs');
  return runs?.rows[2]?.findIndex((cell) => cell?.value === id) ?? -1;
}

/** What an edit changes in cells that stand as kept values: those are ours to say. */
const KEPT = ['tokens_per_s_predicted', 'memory_per_chip_gib', 'tokens_per_s', 'step_s'];

describe.runIf(HAS_LIBREOFFICE)('LibreOffice', () => {
  it('opens the workbook and recalculates an edit as we do, to 1e-9', () => {
    const plan = template('02-7b-1t-rented-h100');
    const info = { ...INFO, scenarios: scenarioSheets(plan) };
    const sheet = sheetOf(plan);
    const before = planWorkbookModel(sheet, info);
    const bytes = planWorkbook(sheet, info);
    const untouched = compared(before, recalculated(bytes));
    expect(untouched.cells).toBeGreaterThan(35);
    expect(untouched.found).toEqual([]);

    const key = sheet.state.tables.runs.keys[0] as string;
    const edit = { mfu: 0.33, tokens: 3.3e12, chips: 768 };
    sheet.apply(
      Object.entries(edit).map(([column, value]) => ({
        set: ['runs', key, column] as ['runs', string, string],
        to: String(value),
      })),
    );
    sheet.recalculate();
    const after = planWorkbookModel(sheet, info);
    const typed = new Map<string, number>();
    for (const [column, value] of Object.entries(edit)) typed.set(`${columnName(columnOf(before, column))}4`, value);
    const runs = (book: Workbook) => book.sheets.find((own) => own.name === 'Runs')?.rows[3] ?? [];
    for (const column of KEPT) {
      const at = columnOf(before, column);
      if (at < 0) continue;
      const [was, is] = [runs(before)[at], runs(after)[at]];
      if (was && is && was.formula === undefined && typeof was.value === 'number' && typeof is.value === 'number')
        typed.set(`${columnName(at)}4`, is.value);
    }
    const part = before.sheets.findIndex((own) => own.name === 'Runs') + 1;
    const edited = recalculated(typedInto(bytes, part, typed));
    expect(compared(before, edited).found.length, 'the edit changes results').toBeGreaterThan(5);
    expect(compared(after, edited).found).toEqual([]);
  }, 120_000);
});
