/** Walks the parts of a formula that decide its value at one row: of branches only the one that is taken. */
import { children, type Expr } from '../formula/expr.ts';
import { valueOf, type Evaluated, type RowPlace } from './interpret.ts';
import { linkerAt } from './link.ts';
import type { AggregateNode, GraphNode, SheetState } from './node.ts';
import type { ColumnState } from './state.ts';

/** What reads values from elsewhere, or draws them. */
export type Leaf = Extract<Expr, { op: 'column' | 'cell' | 'lookup' | 'aggregate' | 'percentile' | 'distribution' }>;

/** True when `test` is true of any leaf that decides the value. The sheet's other values must be up to date. */
export function someTaken(sheet: Evaluated, expr: Expr, place: RowPlace, test: (leaf: Leaf) => boolean): boolean {
  const inner = (child: Expr): boolean => someTaken(sheet, child, place, test);
  switch (expr.op) {
    case 'column':
    case 'cell':
    case 'percentile':
    case 'distribution':
      return test(expr);
    case 'lookup':
      return test(expr) || inner(expr.reference);
    case 'aggregate':
      return test(expr) || expr.keys.some((key) => inner(key.outer));
    case 'if':
      return inner(expr.condition) || inner(valueOf(sheet, expr.condition, place) === 1 ? expr.yes : expr.no);
    default:
      return children(expr).some(inner);
  }
}

/** The shared node behind a leaf. */
export function nodeOf(
  state: SheetState,
  leaf: Leaf & { op: 'cell' | 'aggregate' | 'percentile' },
  place: RowPlace,
): GraphNode {
  const linker = linkerAt(state, place);
  const number =
    leaf.op === 'cell' ? linker.cell(leaf) : leaf.op === 'aggregate' ? linker.aggregate(leaf) : linker.percentile(leaf);
  return state.nodes[number] as GraphNode;
}

/** Whether an expression's value differs between samples at a place. */
export function varies(sheet: Evaluated, expr: Expr, place: RowPlace): boolean {
  const { state, evaluator } = sheet;
  return someTaken(sheet, expr, place, (leaf) => {
    switch (leaf.op) {
      case 'column':
      case 'lookup': {
        const column = state.tables[leaf.table].columns[leaf.column] as ColumnState;
        return leaf.op === 'column' && leaf.table === place.table
          ? column.uncertain[place.row] === 1
          : column.anyUncertain;
      }
      case 'cell':
        return evaluator.nodeUncertain(nodeOf(state, leaf, place));
      case 'aggregate':
        return (nodeOf(state, leaf, place) as AggregateNode).uncertain;
      case 'percentile':
        return false;
      case 'distribution':
        return true;
    }
  });
}
