/** The checked form of a formula: every name resolved, every type known. Evaluator, explainer and exporters read this. */
import type { BinaryOperator, Span } from './ast.ts';
import type { FunctionDef } from './function.ts';
import type { TableId } from '../document/plan.ts';
import type { ValueType } from './types.ts';

export type AggregateName =
  'sum' | 'count' | 'min' | 'max' | 'mean' | 'median' | 'p10' | 'p25' | 'p50' | 'p75' | 'p90' | 'p95';

export type DistributionName =
  'range' | 'normal' | 'lognormal' | 'uniform' | 'triangular' | 'pert' | 'beta' | 'discrete';

export type Expr = Span & { readonly type: ValueType } & (
    | { readonly op: 'const'; readonly value: number }
    /** A column of the same row; of the aggregate's table inside an aggregate unless `outer`. */
    | {
        readonly op: 'column';
        readonly table: TableId;
        readonly column: number;
        readonly id: string;
        readonly outer: boolean;
      }
    /** One cell named by its row key. Assumptions are cells of column `value`. */
    | {
        readonly op: 'cell';
        readonly table: TableId;
        readonly row: string;
        readonly column: number;
        readonly id: string;
      }
    /** A field of the catalog row that a reference names. */
    | { readonly op: 'catalog'; readonly kind: string; readonly field: string; readonly reference: Expr }
    /** A column of the row of another table that a reference names. */
    | {
        readonly op: 'lookup';
        readonly table: TableId;
        readonly column: number;
        readonly id: string;
        readonly reference: Expr;
      }
    | { readonly op: 'unary'; readonly operator: '-' | 'not'; readonly operand: Expr }
    | { readonly op: 'binary'; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
    | { readonly op: 'if'; readonly condition: Expr; readonly yes: Expr; readonly no: Expr }
    | { readonly op: 'call'; readonly fn: FunctionDef; readonly args: readonly Expr[] }
    | {
        readonly op: 'distribution';
        readonly name: DistributionName;
        readonly fraction: boolean;
        readonly args: readonly Expr[];
        readonly ordinal: number;
      }
    | {
        readonly op: 'aggregate';
        readonly name: AggregateName;
        readonly table: TableId;
        readonly value: Expr | null;
        readonly filter: Expr | null;
        /** Equalities between the aggregated table (inner) and the formula's own row (outer). */
        readonly keys: readonly { readonly inner: Expr; readonly outer: Expr }[];
      }
    /** Percentile, mean or standard deviation over the samples of one value. */
    | { readonly op: 'percentile'; readonly name: string; readonly fraction: number; readonly value: Expr }
    | { readonly op: 'schedule'; readonly steps: readonly { readonly from: number; readonly value: Expr }[] }
  );

/** Calls `visit` for the expression and all below it, parents first. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const child of children(expr)) walk(child, visit);
}

/** Direct sub-expressions in reading order. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case 'catalog':
    case 'lookup':
      return [expr.reference];
    case 'unary':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'if':
      return [expr.condition, expr.yes, expr.no];
    case 'call':
    case 'distribution':
      return expr.args;
    case 'aggregate':
      return [
        ...(expr.value ? [expr.value] : []),
        ...(expr.filter ? [expr.filter] : []),
        ...expr.keys.flatMap((key) => [key.inner, key.outer]),
      ];
    case 'percentile':
      return [expr.value];
    case 'schedule':
      return expr.steps.map((step) => step.value);
    default:
      return [];
  }
}

/** Text that is equal for expressions that compute the same thing: shared parts are computed once. */
export function expressionKey(expr: Expr): string {
  const below = (): string => children(expr).map(expressionKey).join(',');
  switch (expr.op) {
    case 'const':
      return `${expr.value}:${expr.type.is}`;
    case 'column':
      return `${expr.outer ? '^' : ''}${expr.table}.${expr.id}`;
    case 'cell':
      return `${expr.table}[${JSON.stringify(expr.row)}].${expr.id}`;
    case 'catalog':
      return `${below()}@${expr.kind}.${expr.field}`;
    case 'lookup':
      return `${below()}@${expr.table}.${expr.id}`;
    case 'unary':
    case 'binary':
      return `(${expr.operator} ${below()})`;
    case 'call':
      return `${expr.fn.name}(${below()})`;
    case 'distribution':
      return `${expr.name}#${expr.ordinal}(${below()})`;
    case 'aggregate':
      return `${expr.name}{${expr.table}|${expr.value ? expressionKey(expr.value) : ''}|${expr.filter ? expressionKey(expr.filter) : ''}|${expr.keys.map((key) => expressionKey(key.inner)).join(',')}}`;
    case 'percentile':
      return `${expr.name}~(${below()})`;
    case 'schedule':
      return `schedule(${expr.steps.map((step) => `${step.from}:${expressionKey(step.value)}`).join(',')})`;
    default:
      return `${expr.op}(${below()})`;
  }
}
