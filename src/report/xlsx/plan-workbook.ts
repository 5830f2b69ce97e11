/** A plan as an .xlsx workbook with live formulas. */
import { TABLE_IDS } from '../../core/document/plan.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import { Spreads } from '../../core/sheet/spreads.ts';
import type { ReportInfo } from '../plan-report.ts';
import { cashSheet, sourceSheet } from './cash-sheet.ts';
import {
  catalogSheet,
  columnSheet,
  openPointSheet,
  percentileSheet,
  scenarioSheet,
  summarySheet,
} from './extra-sheets.ts';
import { planLayout } from './layout.ts';
import type { Workbook, WorkbookCell } from './model.ts';
import { tableSheet } from './table-sheet.ts';
import { writeWorkbook } from './write.ts';

/** The workbook as data. `sheet` is recalculated. */
export function planWorkbookModel(sheet: Sheet, info: ReportInfo): Workbook {
  const layout = planLayout(sheet);
  const spreads = new Spreads(sheet);
  const tables = TABLE_IDS.filter(
    (table) => sheet.state.tables[table].keys.length > 0 || table === 'runs' || table === 'assumptions',
  );
  const optional = [
    cashSheet(sheet),
    percentileSheet(sheet, spreads),
    scenarioSheet(sheet, info),
    openPointSheet(sheet, info),
    sourceSheet(sheet),
  ].filter((extra) => extra.rows.length > 1);
  const workbook: Workbook = {
    title: sheet.plan.settings.name || 'Plan without a name',
    date: info.date,
    sheets: [
      summarySheet(sheet, spreads, layout, info),
      ...tables.map((table) => tableSheet(sheet, table, layout)),
      ...layout.catalogs.map((catalog) => catalogSheet(sheet, catalog)),
      ...optional,
      columnSheet(sheet, layout),
    ],
    names: layout.names,
  };
  return sheet.hidden.size > 0 ? withoutFormulas(workbook) : workbook;
}

/** Formulas over cells that are left out would show an error: such a copy holds values, as they are in the full plan. */
function withoutFormulas(workbook: Workbook): Workbook {
  const plain = (cell: WorkbookCell | undefined): WorkbookCell | undefined => {
    if (cell?.formula === undefined || cell.value === null) return cell;
    const { formula, ...rest } = cell;
    void formula;
    return rest;
  };
  return {
    ...workbook,
    sheets: workbook.sheets.map((sheet) => ({ ...sheet, rows: sheet.rows.map((row) => row.map(plain)) })),
  };
}

/** The bytes of the workbook: the same sheet and info give the same bytes. */
export function planWorkbook(sheet: Sheet, info: ReportInfo): Uint8Array {
  return writeWorkbook(planWorkbookModel(sheet, info));
}
