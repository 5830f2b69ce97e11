/**
 * Aggregates over the rows of a table: `sum(runs.total_cost, runs.status = "approved")`. Inside, `runs.x` is the column of
 * the aggregated row and a bare name is the formula's own row, which may only be compared with `=`: that makes an index.
 */
import { TABLE_IDS, type TableId } from '../document/plan.ts';
import type { Node } from './ast.ts';
import { mismatch, type Checker } from './check.ts';
import { walk, type AggregateName, type Expr } from './expr.ts';
import { FormulaError } from './formula-error.ts';
import { BOOLEAN, PLAIN_NUMBER } from './types.ts';

export const AGGREGATES: readonly AggregateName[] = [
  'sum',
  'count',
  'min',
  'max',
  'mean',
  'median',
  'p10',
  'p25',
  'p50',
  'p75',
  'p90',
  'p95',
];

/** Percentiles over samples of one value, by the fraction they name. */
export const PERCENTILES: Readonly<Record<string, number>> = {
  p5: 0.05,
  p10: 0.1,
  p25: 0.25,
  median: 0.5,
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  mean: -1,
};

function isTable(name: string): name is TableId {
  return name !== 'assumptions' && (TABLE_IDS as readonly string[]).includes(name);
}

/** The table whose columns a node names outside nested aggregates; null when it names none. */
function tableIn(node: Node): TableId | null {
  switch (node.type) {
    case 'name':
      return isTable(node.name) ? node.name : null;
    case 'member':
      return node.object.type === 'name' && isTable(node.object.name)
        ? node.object.name
        : node.object.type === 'member' && node.object.object.type === 'name'
          ? null
          : tableIn(node.object);
    case 'unary':
      return tableIn(node.operand);
    case 'binary':
      return tableIn(node.left) ?? tableIn(node.right);
    case 'range':
      return tableIn(node.low) ?? tableIn(node.high);
    case 'in':
      return tableIn(node.value);
    case 'call': {
      if (isAggregateCall(node)) return null;
      for (const argument of node.args) {
        const table = tableIn(argument);
        if (table) return table;
      }
      return null;
    }
    default:
      return null;
  }
}

/** True when a call aggregates rows: its name is an aggregate's and its first argument names a table. */
export function isAggregateCall(node: Node & { type: 'call' }): boolean {
  if (!(AGGREGATES as readonly string[]).includes(node.name)) return false;
  if (node.name === 'sum' || node.name === 'count') return true;
  const first = node.args[0];
  return first !== undefined && tableIn(first) !== null;
}

/** Checks an aggregate call. */
export function checkAggregate(c: Checker, node: Node & { type: 'call' }): Expr {
  const name = node.name as AggregateName;
  const [subject, condition] = node.args;
  if (!subject || node.args.length > 2)
    throw new FormulaError(
      'ARG',
      `${name} takes a table column and, if wanted, a condition`,
      node,
      `${name}(runs.total_cost, runs.status = "approved")`,
    );
  const table = tableIn(subject);
  if (!table)
    throw new FormulaError('ARG', `${name} needs a column of a table`, subject, `as in ${name}(runs.total_cost)`);
  if (c.inner)
    throw new FormulaError(
      'ARG',
      'an aggregate inside an aggregate is not possible',
      node,
      'put the inner one in a column of its own',
    );
  c.inner = table;
  try {
    const whole = subject.type === 'name';
    if (whole && name !== 'count')
      throw new FormulaError(
        'ARG',
        `${name} needs a column, not the whole table`,
        subject,
        `as in ${name}(${table}.…)`,
      );
    const value = whole ? null : c.check(subject);
    if (
      value &&
      name !== 'count' &&
      value.type.is !== 'number' &&
      value.type.is !== 'any' &&
      !(value.type.is === 'date' && (name === 'min' || name === 'max'))
    )
      throw mismatch(name, PLAIN_NUMBER, value.type, subject);
    if (value) refuseOuter(value, 'the aggregated value');
    const { filter, keys } = condition
      ? splitCondition(c.expect(condition, BOOLEAN, `condition of ${name}`))
      : { filter: null, keys: [] };
    const type = name === 'count' ? PLAIN_NUMBER : (value as Expr).type;
    return { op: 'aggregate', name, table, value, filter, keys, type, from: node.from, to: node.to };
  } finally {
    c.inner = null;
  }
}

function usesOuter(expr: Expr): boolean {
  let found = false;
  walk(expr, (e) => {
    if (e.op === 'column' && e.outer) found = true;
  });
  return found;
}

function usesInner(expr: Expr): boolean {
  let found = false;
  walk(expr, (e) => {
    if (e.op === 'column' && !e.outer) found = true;
  });
  return found;
}

function refuseOuter(expr: Expr, what: string): void {
  walk(expr, (e) => {
    if (e.op === 'column' && e.outer)
      throw new FormulaError('ARG', `${what} may not use "${e.id}" of this row`, e, 'multiply the result instead');
  });
}

/** Splits a condition into equalities with the formula's row (an index) and a filter on the aggregated rows. */
function splitCondition(condition: Expr): { filter: Expr | null; keys: { inner: Expr; outer: Expr }[] } {
  const keys: { inner: Expr; outer: Expr }[] = [];
  let filter: Expr | null = null;
  const visit = (expr: Expr): void => {
    if (expr.op === 'binary' && expr.operator === 'and') {
      visit(expr.left);
      visit(expr.right);
      return;
    }
    if (!usesOuter(expr)) {
      filter = filter
        ? { op: 'binary', operator: 'and', left: filter, right: expr, type: BOOLEAN, from: filter.from, to: expr.to }
        : expr;
      return;
    }
    if (expr.op === 'binary' && expr.operator === '=') {
      const { left, right } = expr;
      if (!usesOuter(left) && !usesInner(right)) keys.push({ inner: left, outer: right });
      else if (!usesOuter(right) && !usesInner(left)) keys.push({ inner: right, outer: left });
      else throw new FormulaError('ARG', 'one side of "=" must be this row, the other the aggregated table', expr);
      return;
    }
    throw new FormulaError('ARG', 'a condition may compare this row with the table only by "=", joined by "and"', expr);
  };
  visit(condition);
  return { filter, keys };
}
