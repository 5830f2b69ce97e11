/** Who uses a column, and what a cell reads and is read by: for deleting columns and for tracing. */
import { TABLE_IDS, type TableId } from '../document/plan.ts';
import { children, type Expr } from '../formula/expr.ts';
import { FormulaError } from '../formula/formula-error.ts';
import { tokenize, type Token } from '../formula/lexer.ts';
import { shownText } from './arrange.ts';
import type { Sheet } from './sheet.ts';
import { cellAddress, type ColumnState } from './state.ts';

/** A formula that reads a column. */
export interface ColumnUser {
  readonly table: TableId;
  /** Row key when the formula stands in one cell; null when it is a column's. */
  readonly row: string | null;
  readonly column: string;
  readonly label: string;
  /** Without `=`. */
  readonly formula: string;
  /** Scenario whose commands hold the formula; empty for the plan itself. */
  readonly scenario: string;
  /** The formula with the column's own formula in its place; null when that cannot be. */
  readonly inlined: string | null;
}

/** Every formula of the plan that reads a column, in tables and in scenarios. */
export function columnUsers(sheet: Sheet, table: TableId, id: string): ColumnUser[] {
  const target = sheet.column(table, id);
  if (!target) return [];
  const users: ColumnUser[] = [];
  const { formula: own } = target.def;
  const add = (at: TableId, row: string | null, column: string, formula: string, scenario: string): void => {
    const label = sheet.column(at, column)?.def.label ?? column;
    users.push({
      table: at,
      row,
      column,
      label: row === null ? label : `${label} of ${row}`,
      formula,
      scenario,
      inlined: own === undefined || at !== table ? null : inline(formula, id, own),
    });
  };
  for (const tableId of TABLE_IDS)
    for (const column of sheet.state.tables[tableId].columns) {
      const { compiled, def } = column;
      if (compiled && !compiled.error && def.formula !== undefined && column !== target && reads(compiled.expr, target))
        add(tableId, null, def.id, def.formula, '');
      for (const [row, entry] of column.entries)
        if (column !== target && entry.is === 'formula' && !entry.compiled.error && reads(entry.compiled.expr, target))
          add(tableId, column.table.keys[row] ?? '', def.id, entry.formula, '');
    }
  for (const scenario of sheet.plan.scenarios)
    for (const command of scenario.commands) {
      if ('set' in command && command.to?.trim().startsWith('=') && command.set[2] !== id) {
        const formula = command.to.trim().slice(1);
        if (names(formula, id)) add(command.set[0], command.set[1], command.set[2], formula, scenario.name);
      } else if ('column' in command && command.to?.formula && command.column[1] !== id)
        if (names(command.to.formula, id))
          add(command.column[0], null, command.column[1], command.to.formula, scenario.name);
    }
  return users;
}

function reads(expr: Expr, target: ColumnState): boolean {
  if (
    (expr.op === 'column' || expr.op === 'cell' || expr.op === 'lookup') &&
    expr.table === target.table.id &&
    expr.column === target.index
  )
    return true;
  return children(expr).some((child) => reads(child, target));
}

function tokensOf(formula: string): readonly Token[] {
  try {
    return tokenize(formula);
  } catch (error) {
    if (error instanceof FormulaError) return [];
    throw error;
  }
}

function names(formula: string, id: string): boolean {
  return tokensOf(formula).some((token) => token.type === 'name' && token.value === id);
}

/** Puts a column's formula where its name stands alone; null when it also stands after a dot, as in `runs.r1.name`. */
function inline(formula: string, id: string, own: string): string | null {
  const tokens = tokensOf(formula);
  let text = '';
  let from = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.type !== 'name' || token.value !== id) continue;
    const before = tokens[i - 1];
    if (before?.type === 'operator' && before.value === '.') return null;
    text += `${formula.slice(from, token.from)}(${own})`;
    from = token.to;
  }
  return text + formula.slice(from);
}

/** A cell or a column beside the traced one. */
export interface TracedCell {
  /** `runs.r1.tokens`; `runs..total_cost` for a whole column. */
  readonly address: string;
  readonly label: string;
  readonly shown: string;
}

/** Cells a cell reads (precedents) and cells that read it (dependents); other rows and tables as whole columns. */
export function traceCell(
  sheet: Sheet,
  column: ColumnState,
  row: number,
): { readonly precedents: readonly TracedCell[]; readonly dependents: readonly TracedCell[] } {
  const precedents = new Map<string, TracedCell>();
  const dependents = new Map<string, TracedCell>();
  const expr = exprAt(column, row);
  if (expr) gather(sheet, expr, row, false, precedents);
  for (const id of TABLE_IDS)
    for (const other of sheet.state.tables[id].columns) {
      const own = id === column.table.id;
      const here = own ? exprAt(other, row) : null;
      if (here && readsHere(here, column)) note(dependents, sheet, other, row);
      else if (other.compiled && !other.compiled.error && readsElsewhere(other.compiled.expr, column, row))
        note(dependents, sheet, other, null);
      for (const [at, entry] of other.entries)
        if (
          entry.is === 'formula' &&
          !entry.compiled.error &&
          !(own && at === row) &&
          readsElsewhere(entry.compiled.expr, column, row)
        )
          note(dependents, sheet, other, at);
    }
  return { precedents: [...precedents.values()], dependents: [...dependents.values()] };
}

function exprAt(column: ColumnState, row: number): Expr | null {
  const entry = column.entries.get(row);
  const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
  return compiled && !compiled.error ? compiled.expr : null;
}

function note(into: Map<string, TracedCell>, sheet: Sheet, column: ColumnState, row: number | null): void {
  const { table, def } = column;
  const address = cellAddress(table.id, row === null ? '' : (table.keys[row] ?? ''), def.id);
  if (into.has(address)) return;
  into.set(address, {
    address,
    label: row === null ? `${def.label} (all ${table.id})` : def.label,
    shown: row === null ? '' : `${shownText(sheet, column, row)} ${column.unit.text}`.trim(),
  });
}

/** `inside`: within an aggregate a column means all its rows, unless it is the formula's own (`outer`). */
function gather(sheet: Sheet, expr: Expr, row: number, inside: boolean, into: Map<string, TracedCell>): void {
  const { tables } = sheet.state;
  if (expr.op === 'column')
    note(into, sheet, tables[expr.table].columns[expr.column] as ColumnState, inside && !expr.outer ? null : row);
  else if (expr.op === 'cell') {
    const at = tables[expr.table].rowNumber.get(expr.row);
    if (at !== undefined) note(into, sheet, tables[expr.table].columns[expr.column] as ColumnState, at);
  } else if (expr.op === 'lookup') note(into, sheet, tables[expr.table].columns[expr.column] as ColumnState, null);
  for (const child of children(expr)) gather(sheet, child, row, inside || expr.op === 'aggregate', into);
}

/** Reads the column at the formula's own row. */
function readsHere(expr: Expr, target: ColumnState): boolean {
  if (expr.op === 'aggregate') return false;
  if (expr.op === 'column') return expr.table === target.table.id && expr.column === target.index;
  return children(expr).some((child) => readsHere(child, target));
}

/** Reads the cell by its key, through a reference, or within an aggregate. */
function readsElsewhere(expr: Expr, target: ColumnState, row: number): boolean {
  const same = (own: { table: TableId; column: number }): boolean =>
    own.table === target.table.id && own.column === target.index;
  if (expr.op === 'cell') return same(expr) && expr.row === target.table.keys[row];
  if (expr.op === 'lookup') return same(expr) || readsElsewhere(expr.reference, target, row);
  if (expr.op === 'aggregate') return children(expr).some((child) => reads(child, target));
  return children(expr).some((child) => readsElsewhere(child, target, row));
}
