/**
 * Value of any part of a formula at one row, from the values the sheet already holds: what diagnosis and explanation
 * show for sub-expressions. Central values in base units.
 */
import type { TableId } from '../document/plan.ts';
import type { Expr } from '../formula/expr.ts';
import { compileExpression } from '../formula/compile.ts';
import type { Program } from '../formula/program.ts';
import { linkerAt } from './link.ts';
import type { Evaluator } from './evaluate.ts';
import type { SheetState } from './node.ts';

/** A row of a table; table null and row -1 outside tables. */
export interface RowPlace {
  readonly table: TableId | null;
  readonly row: number;
}

/** An evaluated sheet: what its values are read from. */
export interface Evaluated {
  readonly state: SheetState;
  readonly evaluator: Evaluator;
}

const programs = new WeakMap<Expr, { readonly sheet: object; readonly program: Program }>();

/** Central value of an expression at a place; NaN is unknown. */
export function valueOf(sheet: Evaluated, expr: Expr, place: RowPlace): number {
  if (expr.op === 'const') return expr.value;
  let known = programs.get(expr);
  if (!known || known.sheet !== sheet.state) {
    known = { sheet: sheet.state, program: compileExpression(expr, linkerAt(sheet.state, place)) };
    programs.set(expr, known);
  }
  return sheet.evaluator.at(known.program, place.table === null ? null : sheet.state.tables[place.table], place.row);
}
