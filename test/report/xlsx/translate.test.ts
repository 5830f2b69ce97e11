/** Where Excel's rules differ from those of a plan's formulas, the text of the Excel formula makes up for it. */
import { describe, expect, it } from 'vitest';
import type { WorkbookCell } from '../../../src/report/xlsx/model.ts';
import { planWorkbookModel } from '../../../src/report/xlsx/plan-workbook.ts';
import { INFO, planOf, sheetOf } from '../plans.ts';

/** Cells of a user column of runs with a formula, by row: r1 names a data set, r2 names none. */
function cellsOf(formula: string): readonly (WorkbookCell | undefined)[] {
  const run = { model: 'llama-3.1-70b', tokens: '1T', hardware: 'h100-sxm', chips: '512' };
  const plan = planOf({
    runs: [
      { key: 'r1', name: 'Alpha', dataset: 'fineweb', count: '3', payment: 'spot', ...run },
      { key: 'r2', name: 'beta', ...run },
    ],
    columns: [{ table: 'runs', id: 'x', label: 'X', unit: '', formula }],
  });
  const runs = planWorkbookModel(sheetOf(plan), INFO).sheets.find((sheet) => sheet.name === 'Runs');
  const at = runs?.rows[2]?.findIndex((cell) => cell?.value === 'x') ?? -1;
  expect(at).toBeGreaterThan(0);
  return [runs?.rows[3]?.[at], runs?.rows[4]?.[at]];
}

const values = (formula: string): unknown[] => cellsOf(formula).map((cell) => cell?.value);
const text = (formula: string): string | undefined => cellsOf(formula)[0]?.formula;

it('keeps a column of the user that is unknown in every row, as a live formula', () => {
  const cells = cellsOf('known_nowhere / count');
  expect(cells[0]?.formula).toBe('NA()');
  expect(cells[0]?.note).toContain('known_nowhere');
  expect(values('tco2e_market / tco2e_market')).toEqual([null, null]);
});

describe('Excel', () => {
  it('compares from the left: a comparison inside another has parentheses', () => {
    expect(text('if((count > 1) = (chips > 100 chip), 1, 0)')).toMatch(/^IF\(\([A-Z]+4>1\)=\([A-Z]+4>100\),1,0\)$/);
  });

  it('takes no notice of case: texts are compared with EXACT, choices are not', () => {
    expect(text('if(name = "ALPHA", 1, 0)')).toBe('IF(EXACT(B4,"ALPHA"),1,0)');
    expect(values('if(name = "ALPHA", 1, 0)')).toEqual([0, 0]);
    expect(text('if(name <> "Alpha", 1, 0)')).toBe('IF(NOT(EXACT(B4,"Alpha")),1,0)');
    expect(text('if(payment = "spot", 1, 0)')).toMatch(/^IF\([A-Z]+4="spot",1,0\)$/);
  });

  it('has no error in an empty cell: an unknown text is one without letters', () => {
    expect(values('if(known(dataset), 1, 0)')).toEqual([1, 0]);
    expect(text('if(known(dataset), 1, 0)')).toMatch(/^IF\(IFERROR\(LEN\([A-Z]+4\)>0,FALSE\),1,0\)$/);
    expect(text('if(if_unknown(dataset, name) = name, 1, 0)')).toMatch(
      /^IF\(EXACT\(IF\(IFERROR\(LEN\(([A-Z]+4)\)>0,FALSE\),\1,B4\),B4\),1,0\)$/,
    );
    expect(text('if(known(mfu), 1, 0)')).toMatch(/^IF\(NOT\(ISERROR\([A-Z]+4\)\),1,0\)$/);
  });
});
