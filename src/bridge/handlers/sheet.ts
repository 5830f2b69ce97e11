/** What a sheet shows and answers. */
import { checkText, completionsAt } from '../../core/sheet/ask.ts';
import { explainCell } from '../../core/sheet/explain.ts';
import { goalSeek } from '../../core/sheet/solve.ts';
import { withRemarks } from '../cell-remarks.ts';
import type { HandlersOf } from '../contract.ts';
import type { sheetMethods, SheetResults } from '../contract/sheet.ts';
import { checkList, correlationList } from '../correlation-views.ts';
import { distributionView, sheetView } from '../plan-views.ts';
import { solveLargest, solveTable, typedValue } from '../solve-views.ts';
import { cellOf, type HandlerContext } from './context.ts';

export function sheetHandlers(context: HandlerContext): HandlersOf<typeof sheetMethods, SheetResults> {
  return {
    'sheet.view': (params) => {
      const session = context.session(params.plan);
      const view = sheetView(session, params, () =>
        context.options.emit('plan.changed', { plan: params.plan, revision: context.session(params.plan).revision }),
      );
      const today = new Date(context.options.now()).toISOString().slice(0, 10);
      return withRemarks(view, session.open(params.scenario).sheet, context.store.db, params.plan, today);
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
      const { text, display, iterations } = goalSeek(sheet, target, typedValue(sheet, target, value), by);
      return { text, display, iterations };
    },
    'solve.table': ({ plan, scenario, target, first, second }) =>
      solveTable(context.session(plan).open(scenario).sheet, target, first, second),
    'solve.largest': ({ plan, scenario, by, low, high, limits }) =>
      solveLargest(context.session(plan).open(scenario).sheet, by, low, high, limits),
  };
}
