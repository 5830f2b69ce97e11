/**
 * Connects formulas: gives every thing a formula reads a node, checks and compiles formulas in the scope of their table,
 * and keeps the evaluation order. Types of user columns and assumptions come from their own formulas, found on demand.
 */
import type { TableId } from '../document/plan.ts';
import { checkFormula } from '../formula/check.ts';
import { compileExpression, type Linker } from '../formula/compile.ts';
import { expressionKey, type Expr } from '../formula/expr.ts';
import { FormulaError } from '../formula/formula-error.ts';
import { parseFormula } from '../formula/parser.ts';
import { agrees, ANY, describeType, type ColumnFact, type Scope, type ValueType } from '../formula/types.ts';
import { emptyResult } from './aggregate.ts';
import { fieldType } from './catalog.ts';
import { evaluationOrder } from './graph.ts';
import { inColumnUnit, type LiteralTarget } from './literal.ts';
import { sourceNumber, type AggregateNode, type GraphNode, type SheetState } from './node.ts';
import type { ColumnState, Compiled } from './state.ts';

/** Types of columns and assumptions whose own formula must be checked first. */
export interface TypeSource {
  columnType(column: ColumnState): ValueType;
  assumptionType(key: string): ValueType | undefined;
}

/** The scope of formulas in a table (null: outside any table). */
export function scopeOf(state: SheetState, table: TableId | null, fraction: boolean, types: TypeSource): Scope {
  return {
    table,
    fraction,
    column(tableId, id): ColumnFact | undefined {
      const column = state.tables[tableId].byId.get(id);
      return (
        column && { table: tableId, id, index: column.index, type: types.columnType(column), label: column.def.label }
      );
    },
    columnIds: (tableId) => [...state.tables[tableId].byId.keys()],
    row: (tableId, key) => state.tables[tableId].rowNumber.get(key) ?? -1,
    rowKeys: (tableId) => state.tables[tableId].keys,
    assumption: (key) => types.assumptionType(key),
    catalogField: (kind, field) => fieldType(state.options.catalog, kind, field),
    catalogFields: (kind) => Object.keys(state.options.catalog.get(kind)?.fields ?? {}),
    textId: (text) => state.texts.id(text),
  };
}

function nodeFor(state: SheetState, key: string, make: () => GraphNode): number {
  let at = state.nodeByKey.get(key);
  if (at === undefined) {
    at = state.nodes.push(make()) - 1;
    state.nodeByKey.set(key, at);
  }
  return at;
}

/** Node of a cell read from elsewhere, or of an assumption. */
export function cellNode(state: SheetState, table: TableId, row: string, column: number): number {
  return nodeFor(state, `cell ${table} ${column} ${row}`, () => ({ is: 'cell', table, row, column }));
}

/** Node of an aggregate; equal aggregates share one. */
export function aggregateNode(state: SheetState, expr: Expr & { op: 'aggregate' }): number {
  return nodeFor(state, `aggregate ${expressionKey(expr)}`, () => {
    const linker = linkerFor(state, null, () => sourceNumber(state, `aggregate ${expressionKey(expr)}`));
    const aggregate: AggregateNode = {
      is: 'aggregate',
      expr,
      value: expr.value && compileExpression(expr.value, linker),
      filter: expr.filter && compileExpression(expr.filter, linker),
      keys: expr.keys.map((key) => compileExpression(key.inner, linker)),
      result: emptyResult(expr.name),
      groups: null,
      uncertain: false,
      waiting: false,
    };
    return aggregate;
  });
}

/** `where` is the formula's own cell, for percentiles of this row; `source` names its distributions. */
function linkerFor(
  state: SheetState,
  where: { table: TableId; row: number } | null,
  source: (ordinal: number) => number,
): Linker {
  const column = (table: TableId, index: number): ColumnState => state.tables[table].columns[index] as ColumnState;
  return {
    column: (expr) => ({ column: expr.column, node: column(expr.table, expr.column).node }),
    cell: (expr) => cellNode(state, expr.table, expr.row, expr.column),
    lookup: (expr) => {
      const target = column(expr.table, expr.column).node;
      return { column: target, node: target };
    },
    aggregate: (expr) => aggregateNode(state, expr),
    percentile: (expr) => {
      const own = usesOwnRow(expr.value);
      if (own && (where === null || where.row < 0))
        throw new FormulaError(
          'ARG',
          `${expr.name} of this row's values cannot be a column formula`,
          expr,
          'write it in single cells, or take the percentile of a total',
        );
      const address = own && where ? `${where.table} ${state.tables[where.table].keys[where.row]}` : '';
      return nodeFor(state, `percentile ${address} ${expr.name} ${expressionKey(expr.value)}`, () => ({
        is: 'percentile',
        expr,
        program: compileExpression(expr.value, linkerFor(state, where, source)),
        table: own ? (where?.table ?? null) : null,
        row: own ? (where?.row ?? -1) : -1,
        value: Number.NaN,
        waiting: false,
      }));
    },
    source,
  };
}

/** Linker for parts of formulas that are already linked: their nodes exist. */
export function linkerAt(state: SheetState, place: { table: TableId | null; row: number }): Linker {
  return linkerFor(state, place.table === null ? null : { table: place.table, row: place.row }, () => 0);
}

function usesOwnRow(expr: Expr): boolean {
  if (expr.op === 'column') return true;
  if (expr.op === 'aggregate') return expr.keys.length > 0;
  return (
    ('reference' in expr && usesOwnRow(expr.reference)) ||
    (expr.op === 'binary' && (usesOwnRow(expr.left) || usesOwnRow(expr.right))) ||
    (expr.op === 'unary' && usesOwnRow(expr.operand)) ||
    (expr.op === 'if' && [expr.condition, expr.yes, expr.no].some(usesOwnRow)) ||
    ((expr.op === 'call' || expr.op === 'distribution') && expr.args.some(usesOwnRow)) ||
    (expr.op === 'percentile' && usesOwnRow(expr.value)) ||
    (expr.op === 'schedule' && expr.steps.some((step) => usesOwnRow(step.value)))
  );
}

/** Where a formula stands. */
export interface FormulaPlace {
  readonly table: TableId | null;
  /** Row number for a cell's formula, -1 for a column's. */
  readonly row: number;
  /** Key of its uncertain source: `runs.r1.mfu`, or `runs.*.mfu#` for a column's own distribution. */
  readonly sourceKey: string;
  readonly fraction: boolean;
  /** What the result must be; null when the formula decides. */
  readonly expected: ValueType | null;
  /** Set for a range or distribution typed without "=": its plain numbers are in this unit. */
  readonly literal?: LiteralTarget;
  /** True where a schedule of the expected dimension is welcome too. */
  readonly schedules?: boolean;
  /** What to call the place in a message: "this column", "this cell". */
  readonly what: string;
}

/** Parses, checks and compiles a formula. Mistakes become its `error`. */
export function compileAt(state: SheetState, formula: string, place: FormulaPlace, types: TypeSource): Compiled {
  try {
    const parsed = parseFormula(formula);
    const node = place.literal ? inColumnUnit(parsed, place.literal) : parsed;
    const expr = checkFormula(node, scopeOf(state, place.table, place.fraction, types), state.options.registry);
    if (place.expected && !agrees(place.expected, expr.type) && !isScheduleOf(place, expr.type)) {
      const numeric = expr.type.is === 'number' || (place.schedules === true && expr.type.is === 'schedule');
      const code = place.expected.is === 'number' && numeric ? 'UNIT' : 'TYPE';
      throw new FormulaError(
        code,
        `${place.what} is ${describeType(place.expected)}, the formula gives ${describeType(expr.type)}`,
        expr,
        hintFor(place.expected, expr.type),
      );
    }
    const source = (ordinal: number): number =>
      sourceNumber(state, ordinal === 0 ? place.sourceKey : `${place.sourceKey}#${ordinal}`);
    const where = place.table === null ? null : { table: place.table, row: place.row };
    return { expr, program: compileExpression(expr, linkerFor(state, where, source)) };
  } catch (error) {
    if (error instanceof FormulaError) return { error };
    throw error;
  }
}

/** An assumption with a unit may be a schedule of values in that unit. */
function isScheduleOf(place: FormulaPlace, type: ValueType): boolean {
  return (
    place.schedules === true && type.is === 'schedule' && agrees(place.expected as ValueType, { ...type, is: 'number' })
  );
}

function hintFor(expected: ValueType, found: ValueType): string {
  if (expected.is !== 'number' || found.is !== 'number') return '';
  const missing = (expected.dimension.powers['chip'] ?? 0) - (found.dimension.powers['chip'] ?? 0);
  if (missing > 0) return 'is a number of chips missing?';
  if (missing < 0) return 'is a number of chips counted twice?';
  return 'check which factor is missing or upside down';
}

/** Type source that trusts what is already known: for scopes used after the sheet is built. */
export function knownTypes(state: SheetState): TypeSource {
  return {
    columnType: (column) => column.type,
    assumptionType: (key) =>
      state.assumptions.get(key)?.type ?? (state.tables.assumptions.rowNumber.has(key) ? ANY : undefined),
  };
}

/** One number for a pair of nodes, reader first. */
export function crossing(reader: number, read: number): number {
  return reader * 2 ** 26 + read;
}

/** Recomputes who needs whom, and the evaluation order. */
export function orderNodes(state: SheetState): void {
  const { nodes } = state;
  state.across.clear();
  const needs: number[][] = nodes.map((target, node) => needsOf(state, target, node));
  state.needs = needs;
  state.order = evaluationOrder(needs);
  state.looped.clear();
  for (const group of state.order) {
    const first = group[0] as number;
    if (group.length > 1 || (needs[first] as number[]).includes(first))
      for (const node of group) state.looped.add(node);
  }
  state.dependents = nodes.map(() => []);
  needs.forEach((list, from) => {
    for (const to of list) (state.dependents[to] as number[]).push(from);
  });
}

function needsOf(state: SheetState, target: GraphNode, node: number): number[] {
  const needs = new Set<number>();
  const addProgram = (compiled: Compiled | null): void => {
    if (!compiled || compiled.error) return;
    for (const dependency of compiled.program.dependencies) needs.add(dependency);
    for (const operation of compiled.program.operations)
      if (operation.code === 'lookup') state.across.add(crossing(node, operation.column));
  };
  switch (target.is) {
    case 'column':
      if (target.column.table.id === 'assumptions' && target.column.def.id === 'value') break;
      addProgram(target.column.compiled);
      for (const entry of target.column.entries.values()) if (entry.is === 'formula') addProgram(entry.compiled);
      break;
    case 'cell': {
      const table = state.tables[target.table];
      const column = table.columns[target.column] as ColumnState;
      if (target.table !== 'assumptions' || column.def.id !== 'value') needs.add(column.node);
      else {
        const entry = column.entries.get(table.rowNumber.get(target.row) ?? -1);
        if (entry?.is === 'formula') addProgram(entry.compiled);
      }
      break;
    }
    case 'aggregate': {
      for (const program of [target.value, target.filter, ...target.keys])
        for (const dependency of program?.dependencies ?? []) needs.add(dependency);
      const included = state.tables[target.expr.table].byId.get('included');
      if (included) needs.add(included.node);
      break;
    }
    case 'percentile':
      for (const dependency of target.program.dependencies) needs.add(dependency);
  }
  return [...needs];
}
