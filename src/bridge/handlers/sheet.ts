/** What a sheet shows and answers. */
import type { PlanRow } from '../../core/document/plan.ts';
import { checkText, completionsAt } from '../../core/sheet/ask.ts';
import { explainCell } from '../../core/sheet/explain.ts';
import { columnsById, findText, summarise, textsOf } from '../../core/sheet/selection.ts';
import { goalSeek } from '../../core/sheet/solve.ts';
import { columnUsers, traceCell } from '../../core/sheet/users.ts';
import { readSheetView, writeSheetView } from '../../store/sheet-views.ts';
import { arranged, rowsOf } from '../arrangements.ts';
import { withRemarks } from '../cell-remarks.ts';
import type { HandlersOf } from '../contract.ts';
import type { sheetMethods, SheetResults } from '../contract/sheet.ts';
import { checkList, correlationList } from '../correlation-views.ts';
import { distributionView, sheetView } from '../plan-views.ts';
import { solveLargest, solveTable, typedValue } from '../solve-views.ts';
import { cellOf, type HandlerContext } from './context.ts';

/** Cells a search answers with. */
const MOST_FOUND = 10_000;

export function sheetHandlers(context: HandlerContext): HandlersOf<typeof sheetMethods, SheetResults> {
  return {
    'sheet.view': (params) => {
      const session = context.session(params.plan);
      const view = sheetView(session, params, () =>
        context.options.emit('sheet.ready', { plan: params.plan, revision: context.session(params.plan).revision }),
      );
      const today = new Date(context.options.now()).toISOString().slice(0, 10);
      return withRemarks(view, session.open(params.scenario).sheet, context.store.db, params.plan, today);
    },
    'sheet.texts': ({ plan, scenario, table, columns, from, count, arrange }) => {
      const { sheet } = context.session(plan).open(scenario);
      return textsOf(sheet, columnsById(sheet, table, columns), rowsOf(sheet, table, arrange, from, count));
    },
    'sheet.rows': ({ plan, scenario, table, from, count, arrange }) => {
      const { sheet } = context.session(plan).open(scenario);
      const rows = sheet.plan.tables[table];
      return Array.from(rowsOf(sheet, table, arrange, from, count), (at) => ({ ...(rows[at] as PlanRow), at }));
    },
    'sheet.summary': ({ plan, scenario, table, columns, from, count, arrange }) => {
      const { sheet } = context.session(plan).open(scenario);
      return summarise(columnsById(sheet, table, columns), rowsOf(sheet, table, arrange, from, count));
    },
    'sheet.find': ({ plan, scenario, table, columns, from, count, arrange, ...search }) => {
      const { sheet } = context.session(plan).open(scenario);
      const rows = rowsOf(sheet, table, arrange, from, count);
      return findText(sheet, columnsById(sheet, table, columns), rows, search, MOST_FOUND);
    },
    'sheet.position': ({ plan, scenario, table, row, arrange }) => {
      const { sheet } = context.session(plan).open(scenario);
      const at = sheet.state.tables[table].rowNumber.get(row);
      const position = at === undefined ? -1 : (arranged(sheet, table, arrange)?.indexOf(at) ?? at);
      return { position: position < 0 ? null : position };
    },
    'layout.read': ({ plan, table }) => ({ layout: readSheetView(context.store.db, plan, table) }),
    'layout.write': ({ plan, table, layout }) => {
      // A layout is worth no error: a store that cannot be written shows it until the plan is closed.
      if (context.store.readOnly) return { kept: false };
      writeSheetView(context.writable(), plan, table, layout, context.options.now());
      return { kept: true };
    },
    'column.users': ({ plan, scenario, table, column }) =>
      columnUsers(context.session(plan).open(scenario).sheet, table, column),
    'cell.trace': ({ plan, scenario, cell }) => {
      const { sheet } = context.session(plan).open(scenario);
      const { column, row } = cellOf(sheet, cell);
      return traceCell(sheet, column, row);
    },
    'cell.explain': ({ plan, scenario, cell }) => {
      const { sheet } = context.session(plan).open(scenario);
      const { column, row } = cellOf(sheet, cell);
      return explainCell(sheet, column, row);
    },
    'cell.distribution': (params) => distributionView(context.session(params.plan), params),
    'formula.check': ({ plan, scenario, cell, text }) =>
      checkText(context.session(plan).open(scenario).sheet, cell, text),
    'formula.complete': ({ plan, scenario, cell, text, position }) =>
      completionsAt(context.session(plan).open(scenario).sheet, cell.table, text, position),
    'correlation.list': ({ plan, scenario }) => correlationList(context.session(plan).open(scenario).sheet),
    'correlation.check': ({ pairs }) => checkList(pairs),
    'solve.goal': ({ plan, scenario, target, value, by }) => {
      const { sheet } = context.session(plan).open(scenario);
      cellOf(sheet, target);
      cellOf(sheet, by);
      const wanted = typedValue(sheet, target, value);
      const { text, display, iterations } = sheet.atOnce(() => goalSeek(sheet, target, wanted, by));
      return { text, display, iterations };
    },
    'solve.table': ({ plan, scenario, target, first, second }) => {
      const { sheet } = context.session(plan).open(scenario);
      return sheet.atOnce(() => solveTable(sheet, target, first, second));
    },
    'solve.largest': ({ plan, scenario, by, low, high, limits }) => {
      const { sheet } = context.session(plan).open(scenario);
      return sheet.atOnce(() => solveLargest(sheet, by, low, high, limits));
    },
  };
}
