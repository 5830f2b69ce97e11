/** Resolves names: columns of the row, assumptions, fields of references, cells of other rows, columns of tables. */
import { TABLE_IDS, type TableId } from '../document/plan.ts';
import { isUnitName } from '../quantity/unit.ts';
import { nearest } from '../quantity/nearest.ts';
import type { Node, Span } from './ast.ts';
import type { Checker } from './check.ts';
import type { Expr } from './expr.ts';
import { FormulaError } from './formula-error.ts';
import { ANY, describeType } from './types.ts';

/** A bare name: a column of the row wins over an assumption of the same key. */
export function checkName(c: Checker, name: string, span: Span): Expr {
  const { scope } = c;
  const own = scope.table ? scope.column(scope.table, name) : undefined;
  if (own)
    return {
      op: 'column',
      table: own.table,
      column: own.index,
      id: own.id,
      outer: c.inner !== null,
      type: own.type,
      ...span,
    };
  return checkAssumption(c, name, span);
}

function checkAssumption(c: Checker, key: string, span: Span): Expr {
  const type = c.scope.assumption(key);
  const value = c.scope.column('assumptions', 'value');
  if (type && value)
    return { op: 'cell', table: 'assumptions', row: key, column: value.index, id: 'value', type, ...span };
  throw unknownName(c, key, span);
}

function unknownName(c: Checker, name: string, span: Span): FormulaError {
  const { scope } = c;
  if (c.inner && scope.column(c.inner, name))
    return new FormulaError(
      'NAME',
      `"${name}" is not a name here`,
      span,
      `inside the aggregate write "${c.inner}.${name}"`,
    );
  if ((TABLE_IDS as readonly string[]).includes(name))
    return new FormulaError(
      'NAME',
      `"${name}" is a table`,
      span,
      `name a column of it in an aggregate, as in sum(${name}.…), or a row, as in ${name}.KEY.…`,
    );
  const own = scope.table ? scope.columnIds(scope.table) : [];
  const guess = nearest(name, [...own, ...scope.rowKeys('assumptions')]);
  if (guess) return new FormulaError('NAME', `unknown name "${name}"`, span, `did you mean "${guess}"?`);
  if (isUnitName(name)) return new FormulaError('NAME', `"${name}" is a unit, not a name`, span, `write "1 ${name}"`);
  if (c.registry.has(name)) return new FormulaError('NAME', `"${name}" is a function`, span, `write "${name}(…)"`);
  return new FormulaError(
    'NAME',
    `unknown name "${name}"`,
    span,
    'names are columns of this table and keys of assumptions',
  );
}

/** A name with a dot: a field, a cell, a column inside an aggregate. */
export function checkMember(c: Checker, node: Node & { type: 'member' }): Expr {
  const { scope } = c;
  const span = { from: node.from, to: node.to };
  const place = { from: node.memberFrom, to: node.to };
  const { object } = node;
  if (
    object.type === 'member' &&
    object.object.type === 'name' &&
    (TABLE_IDS as readonly string[]).includes(object.object.name)
  ) {
    return checkCell(
      c,
      object.object.name as TableId,
      object.member,
      node.member,
      span,
      { from: object.memberFrom, to: object.to },
      place,
    );
  }
  if (object.type === 'name') {
    const own = scope.table ? scope.column(scope.table, object.name) : undefined;
    if (own && own.type.is === 'reference')
      return checkField(c, c.check(object), own.type.to, node.member, span, place);
    if (object.name === 'assumptions') return checkAssumption(c, node.member, place);
    if ((TABLE_IDS as readonly string[]).includes(object.name))
      return checkTableColumn(c, object.name as TableId, node.member, span, place);
  }
  const owner = c.check(object);
  if (owner.type.is === 'reference') return checkField(c, owner, owner.type.to, node.member, span, place);
  throw new FormulaError(
    'TYPE',
    `a ${describeType(owner.type)} has no fields`,
    place,
    'fields belong to references such as hardware.tdp_w',
  );
}

function checkTableColumn(c: Checker, table: TableId, column: string, span: Span, place: Span): Expr {
  const fact = c.scope.column(table, column);
  if (!fact) {
    const guess = nearest(column, c.scope.columnIds(table));
    throw new FormulaError(
      'NAME',
      `${table} has no column "${column}"`,
      place,
      guess ? `did you mean "${guess}"?` : '',
    );
  }
  if (c.inner !== table)
    throw new FormulaError(
      'TYPE',
      `"${table}.${column}" is a whole column`,
      span,
      c.inner
        ? `this aggregate is over ${c.inner}`
        : `write sum(${table}.${column}) or name a row, as in ${table}.KEY.${column}`,
    );
  return { op: 'column', table, column: fact.index, id: fact.id, outer: false, type: fact.type, ...span };
}

function checkCell(
  c: Checker,
  table: TableId,
  row: string,
  column: string,
  span: Span,
  rowSpan: Span,
  columnSpan: Span,
): Expr {
  if (c.scope.row(table, row) < 0) {
    const guess = nearest(row, c.scope.rowKeys(table));
    throw new FormulaError('NAME', `${table} has no row "${row}"`, rowSpan, guess ? `did you mean "${guess}"?` : '');
  }
  const fact = c.scope.column(table, column);
  if (!fact) {
    const guess = nearest(column, c.scope.columnIds(table));
    throw new FormulaError(
      'NAME',
      `${table} has no column "${column}"`,
      columnSpan,
      guess ? `did you mean "${guess}"?` : '',
    );
  }
  const type = table === 'assumptions' && column === 'value' ? (c.scope.assumption(row) ?? ANY) : fact.type;
  return { op: 'cell', table, row, column: fact.index, id: fact.id, type, ...span };
}

function checkField(c: Checker, reference: Expr, to: string, field: string, span: Span, place: Span): Expr {
  if ((TABLE_IDS as readonly string[]).includes(to)) {
    const fact = c.scope.column(to as TableId, field);
    if (fact)
      return { op: 'lookup', table: fact.table, column: fact.index, id: fact.id, reference, type: fact.type, ...span };
    const guess = nearest(field, c.scope.columnIds(to as TableId));
    throw new FormulaError('NAME', `${to} has no column "${field}"`, place, guess ? `did you mean "${guess}"?` : '');
  }
  const type = c.scope.catalogField(to, field);
  if (type) return { op: 'catalog', kind: to, field, reference, type, ...span };
  const guess = nearest(field, c.scope.catalogFields(to));
  throw new FormulaError(
    'NAME',
    `${to} has no field "${field}"`,
    place,
    guess ? `did you mean "${guess}"?` : `fields: ${c.scope.catalogFields(to).slice(0, 8).join(', ')}`,
  );
}
