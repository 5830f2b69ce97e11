/** Whether a formula's value differs between samples at one row: only the branch that is taken counts. */
import { children, type Expr } from '../formula/expr.ts';
import type { Evaluator } from './evaluate.ts';
import { valueOf, type RowPlace } from './interpret.ts';
import { linkerAt } from './link.ts';
import type { AggregateNode, GraphNode } from './node.ts';
import type { ColumnState } from './state.ts';

/** True when an expression's value differs between samples at a place. The sheet's other values must be up to date. */
export function varies(evaluator: Evaluator, expr: Expr, place: RowPlace): boolean {
  const { state } = evaluator;
  const inner = (child: Expr): boolean => varies(evaluator, child, place);
  const node = (number: number): GraphNode => state.nodes[number] as GraphNode;
  switch (expr.op) {
    case 'column': {
      const column = state.tables[expr.table].columns[expr.column] as ColumnState;
      return expr.table === place.table ? column.uncertain[place.row] === 1 : column.anyUncertain;
    }
    case 'cell':
      return evaluator.nodeUncertain(node(linkerAt(state, place).cell(expr)));
    case 'lookup':
      return (state.tables[expr.table].columns[expr.column] as ColumnState).anyUncertain || inner(expr.reference);
    case 'aggregate': {
      const target = node(linkerAt(state, place).aggregate(expr)) as AggregateNode;
      return target.uncertain || expr.keys.some((key) => inner(key.outer));
    }
    case 'percentile':
      return false;
    case 'distribution':
      return true;
    case 'if': {
      if (inner(expr.condition)) return true;
      return inner(valueOf({ state, evaluator }, expr.condition, place) === 1 ? expr.yes : expr.no);
    }
    default:
      return children(expr).some(inner);
  }
}
