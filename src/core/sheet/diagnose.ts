/**
 * Why a value is unknown: walks from the cell to its cause. Nothing of this is stored while computing; unknown is NaN,
 * and the reason is found when somebody looks.
 */
import type { TableId } from '../document/plan.ts';
import type { Expr } from '../formula/expr.ts';
import { distributionFrom, distributionProblem } from '../uncertainty/distributions.ts';
import { catalogRow } from './catalog.ts';
import { valueOf, type RowPlace } from './interpret.ts';
import type { Sheet } from './sheet.ts';
import { cellAddress, cellProblem, type ColumnState } from './state.ts';
import type { CellProblem } from './view.ts';

/** Cells that are followed within one another; a longer way is taken up again from where it stopped. */
const DEEPEST = 60;

/** The problem of a cell that must be found first, because the way to it is long. */
class FurtherOn {
  readonly column: ColumnState;
  readonly row: number;
  constructor(column: ColumnState, row: number) {
    this.column = column;
    this.row = row;
  }
}

interface KnownProblems {
  readonly version: number;
  readonly cells: Map<ColumnState, Map<number, CellProblem | null>>;
}

const known = new WeakMap<Sheet, KnownProblems>();

function knownOf(sheet: Sheet, column: ColumnState): Map<number, CellProblem | null> {
  let own = known.get(sheet);
  if (!own || own.version !== sheet.version) known.set(sheet, (own = { version: sheet.version, cells: new Map() }));
  let rows = own.cells.get(column);
  if (!rows) own.cells.set(column, (rows = new Map()));
  return rows;
}

/**
 * The problem of a cell; null when its value is known. Causes are followed however far away they are: problems found on
 * the way are remembered until values change. `depth` is for the walk itself.
 */
export function cellProblemOf(sheet: Sheet, column: ColumnState, row: number, depth = 0): CellProblem | null {
  const found = knownOf(sheet, column).get(row);
  if (found !== undefined) return found;
  if (depth > DEEPEST) throw new FurtherOn(column, row);
  if (depth > 0) return remember(sheet, column, row, depth);
  const way: { column: ColumnState; row: number }[] = [{ column, row }];
  while (way.length > 0) {
    const at = way[way.length - 1] as { column: ColumnState; row: number };
    try {
      remember(sheet, at.column, at.row, 1);
      way.pop();
    } catch (further) {
      if (!(further instanceof FurtherOn)) throw further;
      const circle = way.some((cell) => cell.column === further.column && cell.row === further.row);
      if (circle) knownOf(sheet, further.column).set(further.row, tooFar(further));
      else way.push(further);
    }
  }
  return knownOf(sheet, column).get(row) ?? null;
}

function tooFar({ column, row }: FurtherOn): CellProblem {
  const address = cellAddress(column.table.id, column.table.keys[row] ?? '', column.def.id);
  return cellProblem('UNKNOWN', 'the cause leads back to this cell', '', address);
}

function remember(sheet: Sheet, column: ColumnState, row: number, depth: number): CellProblem | null {
  const problem = problemAt(sheet, column, row, depth);
  knownOf(sheet, column).set(row, problem);
  return problem;
}

function problemAt(sheet: Sheet, column: ColumnState, row: number, depth: number): CellProblem | null {
  const value = column.values[row] as number;
  const { table } = column;
  const address = cellAddress(table.id, table.keys[row] ?? '', column.def.id);
  const cycle = sheet.state.cycles.get(address);
  if (cycle !== undefined)
    return cellProblem(
      'CYCLE',
      `this cell needs itself: ${cycle}`,
      'break the circle, or use goal seek to find the value that fits',
      address,
    );
  const entry = column.entries.get(row);
  if (entry?.is === 'problem') return cellProblem(entry.code, entry.message, entry.hint, address);
  const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
  if (compiled?.error) return compiled.error.problem(address);
  if (Number.isFinite(value)) return null;
  if (column.waiting.has(row)) return cellProblem('COMPUTING', `${column.def.label} is being computed`, '', address);
  if (compiled)
    return (
      expressionProblem(sheet, compiled.expr, { table: table.id, row }, address, depth) ??
      cellProblem('OVERFLOW', 'the result is too large a number', 'check the units and sizes of what goes in', address)
    );
  return cellProblem('EMPTY', `${column.def.label} is empty`, 'type a value', address);
}

/** Why an expression has no value; null when it has one. `address` is the cell the expression stands in. */
export function exprProblem(sheet: Sheet, expr: Expr, place: RowPlace, address: string): CellProblem | null {
  for (;;)
    try {
      return expressionProblem(sheet, expr, place, address, 1);
    } catch (further) {
      if (!(further instanceof FurtherOn)) throw further;
      cellProblemOf(sheet, further.column, further.row);
    }
}

function expressionProblem(
  sheet: Sheet,
  expr: Expr,
  place: RowPlace,
  address: string,
  depth: number,
): CellProblem | null {
  const { state } = sheet;
  const at = (code: string, message: string, hint = ''): CellProblem => ({
    ...cellProblem(code, message, hint, address),
    from: expr.from,
    to: expr.to,
  });
  if (Number.isFinite(valueOf(sheet, expr, place))) return null;
  const inner = (child: Expr): CellProblem | null => expressionProblem(sheet, child, place, address, depth + 1);
  switch (expr.op) {
    case 'const':
      return at('OVERFLOW', 'this number is too large');
    case 'column':
      return cellProblemOf(sheet, state.tables[expr.table].columns[expr.column] as ColumnState, place.row, depth + 1);
    case 'cell': {
      const row = state.tables[expr.table].rowNumber.get(expr.row);
      if (row === undefined) return at('NAME', `${expr.table} has no row "${expr.row}" any more`);
      return cellProblemOf(sheet, state.tables[expr.table].columns[expr.column] as ColumnState, row, depth + 1);
    }
    case 'catalog': {
      const problem = inner(expr.reference);
      if (problem) return problem;
      const key = state.texts.text(valueOf(sheet, expr.reference, place));
      if (!catalogRow(state.options.catalog, expr.kind, key))
        return at(
          'UNKNOWN',
          `there is no ${expr.kind.replace('_', ' ')} "${key}" in the catalog`,
          'choose one from the catalog, or add it there',
        );
      return at(
        'UNKNOWN',
        `the catalog does not know ${expr.field} of ${key}`,
        'type the value here, or add it to the catalog with its source',
      );
    }
    case 'lookup': {
      const problem = inner(expr.reference);
      if (problem) return problem;
      const key = state.texts.text(valueOf(sheet, expr.reference, place));
      const row = state.tables[expr.table].rowNumber.get(key);
      if (row === undefined) return at('NAME', `${expr.table} has no row "${key}"`, '');
      return cellProblemOf(sheet, state.tables[expr.table].columns[expr.column] as ColumnState, row, depth + 1);
    }
    case 'unary':
      return inner(expr.operand);
    case 'binary': {
      const problem = inner(expr.left) ?? inner(expr.right);
      if (problem) return problem;
      if (expr.operator === '/' && valueOf(sheet, expr.right, place) === 0)
        return at('DIV0', 'division by zero', 'the divisor must not be 0');
      if (expr.operator === '^') return at('RANGE', 'this power has no value');
      return at('OVERFLOW', 'the result is too large a number', 'check the units and sizes of what goes in');
    }
    case 'if': {
      const problem = inner(expr.condition);
      if (problem) return problem;
      return inner(valueOf(sheet, expr.condition, place) === 1 ? expr.yes : expr.no);
    }
    case 'call': {
      if (!expr.fn.acceptsUnknown)
        for (const argument of expr.args) {
          const problem = inner(argument);
          if (problem) return problem;
        }
      const args = expr.args.map((argument) => valueOf(sheet, argument, place));
      const { reasons } = sheet.evaluator.explainCall(expr.fn, args);
      if (reasons[0]) return at('UNKNOWN', reasons[0], reasons[1] ?? '');
      for (const argument of expr.args) {
        const problem = inner(argument);
        if (problem) return problem;
      }
      return at('RANGE', `${expr.fn.name} has no value here`);
    }
    case 'distribution': {
      for (const argument of expr.args) {
        const problem = inner(argument);
        if (problem) return problem;
      }
      const problem = distributionProblem(
        distributionFrom(
          expr.name,
          expr.args.map((argument) => valueOf(sheet, argument, place)),
          expr.fraction,
        ),
      );
      return at('RANGE', problem?.message ?? 'this distribution has no median', problem?.hint ?? '');
    }
    case 'aggregate':
      return aggregateProblem(sheet, expr, place, address, depth);
    case 'percentile':
      return inner(expr.value) ?? at('UNKNOWN', 'the percentile is not computed yet');
    case 'schedule':
      return expr.steps.reduce<CellProblem | null>((found, step) => found ?? inner(step.value), null);
  }
}

/** "Known part X, n unknown": names the first unknown row of an aggregate. */
function aggregateProblem(
  sheet: Sheet,
  expr: Expr & { op: 'aggregate' },
  place: RowPlace,
  address: string,
  depth: number,
): CellProblem {
  const { state } = sheet;
  const table = state.tables[expr.table];
  const included = table.byId.get('included')?.values;
  let unknown = 0;
  let first: CellProblem | null = null;
  for (let row = 0; row < table.keys.length; row++) {
    if (included && included[row] === 0) continue;
    const inner: RowPlace = { table: expr.table, row };
    if (expr.keys.some((key) => valueOf(sheet, key.inner, inner) !== valueOf(sheet, key.outer, place))) continue;
    if (expr.filter && valueOf(sheet, expr.filter, inner) === 0) continue;
    const target = expr.filter && !Number.isFinite(valueOf(sheet, expr.filter, inner)) ? expr.filter : expr.value;
    if (!target || Number.isFinite(valueOf(sheet, target, inner))) continue;
    unknown++;
    first ??= expressionProblem(sheet, target, inner, address, depth + 1);
  }
  if (!first)
    return {
      ...cellProblem('EMPTY', `there are no rows to take the ${expr.name} of`, '', address),
      from: expr.from,
      to: expr.to,
    };
  return {
    ...first,
    message: unknown > 1 ? `${unknown} rows are unknown, the first because ${first.message}` : first.message,
  };
}

/** Cells looked at before the search for problems stops: a plan in that much trouble does not need the rest. */
const MOST_LOOKS = 20_000;

const found = new WeakMap<Sheet, { readonly version: number; readonly problems: readonly CellProblem[] }>();

/**
 * Every problem of the plan, each cause once, in the order of tables and rows; at most `limit`. Remembered until values
 * change. Cells that are merely empty are none.
 */
export function allProblems(sheet: Sheet, limit = 500): readonly CellProblem[] {
  let known = found.get(sheet);
  if (!known || known.version !== sheet.version) {
    known = { version: sheet.version, problems: findProblems(sheet) };
    found.set(sheet, known);
  }
  return known.problems.length <= limit ? known.problems : known.problems.slice(0, limit);
}

/** The problems as they were last found, whatever has changed since: for answers that must not wait. */
export function lastProblems(sheet: Sheet, limit = 500): readonly CellProblem[] {
  return found.get(sheet)?.problems.slice(0, limit) ?? allProblems(sheet, limit);
}

function findProblems(sheet: Sheet): CellProblem[] {
  const problems = new Map<string, CellProblem>();
  let looks = 0;
  for (const { columns } of Object.values(sheet.state.tables)) {
    const suspects = columns.flatMap((column) => suspectRows(column).map((row) => ({ column, row })));
    suspects.sort((a, b) => a.row - b.row || a.column.index - b.column.index);
    for (const { column, row } of suspects) {
      if (++looks > MOST_LOOKS) return [...problems.values()];
      const problem = cellProblemOf(sheet, column, row);
      if (problem && problem.code !== 'EMPTY' && problem.code !== 'COMPUTING')
        problems.set(`${problem.root} ${problem.code}`, problems.get(`${problem.root} ${problem.code}`) ?? problem);
    }
  }
  return [...problems.values()];
}

/**
 * Rows of a column worth looking at: unknown values, and texts that are a mistake. Column by column, because a long table
 * is searched after every edit; at most as many as are looked at in all.
 */
function suspectRows({ values, entries, def, compiled, table }: ColumnState): number[] {
  const rows: number[] = [];
  const computed = compiled !== null && !def.quiet;
  if (computed)
    for (let row = 0; row < table.keys.length && rows.length < MOST_LOOKS; row++)
      if (!Number.isFinite(values[row])) rows.push(row);
  for (const [row, entry] of entries) {
    if (rows.length >= 2 * MOST_LOOKS) break;
    if (Number.isFinite(values[row]) ? entry.is === 'problem' : !computed) rows.push(row);
  }
  return rows;
}

/** Narrow help for tables by id, used with addresses such as `runs.r1.mfu`. */
export function splitAddress(address: string): { table: TableId; row: string; column: string } | null {
  const first = address.indexOf('.');
  const last = address.lastIndexOf('.');
  if (first < 0 || last <= first) return null;
  return {
    table: address.slice(0, first) as TableId,
    row: address.slice(first + 1, last),
    column: address.slice(last + 1),
  };
}
