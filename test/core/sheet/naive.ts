/**
 * The judge: walks a checked formula and computes one number, one cell after the other, with nothing shared with the
 * vector engine but the checked expressions and the functions of the registry.
 */
import { Decimal } from 'decimal.js';
import { TABLE_IDS } from '../../../src/core/document/plan.ts';
import type { AggregateName, Expr } from '../../../src/core/formula/expr.ts';
import { scheduleText } from '../../../src/core/formula/schedule.ts';
import { distributionFrom } from '../../../src/core/uncertainty/distributions.ts';
import { median } from '../../../src/core/uncertainty/sampling.ts';
import { fieldValue } from '../../../src/core/sheet/catalog.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import type { ColumnState } from '../../../src/core/sheet/state.ts';

/** Halves to even, in decimal. */
function cents(amount: number): number {
  return Number.isFinite(amount) && Math.abs(amount) < 2 ** 53 / 100
    ? new Decimal(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toNumber()
    : amount;
}

function aggregateOf(name: AggregateName, values: readonly number[]): number {
  if (name === 'count') return values.length;
  if (!values.every(Number.isFinite)) return Number.NaN;
  const sum = values.reduce((a, b) => a + b, 0);
  if (name === 'sum') return sum;
  if (values.length === 0) return Number.NaN;
  if (name === 'mean') return sum / values.length;
  if (name === 'min') return Math.min(...values);
  if (name === 'max') return Math.max(...values);
  const sorted = [...values].sort((a, b) => a - b);
  const fraction = name === 'median' ? 0.5 : Number(name.slice(1)) / 100;
  const place = (sorted.length - 1) * fraction;
  const low = sorted[Math.floor(place)] as number;
  const high = sorted[Math.ceil(place)] as number;
  return low + (high - low) * (place - Math.floor(place));
}

class Judge {
  private readonly known = new Map<ColumnState, Map<number, number>>();
  private readonly open = new Set<string>();
  /** Cells that need themselves, be it in a branch that is not taken: refused. */
  private readonly circular = new Set<string>();
  private readonly sheet: Sheet;

  constructor(sheet: Sheet) {
    this.sheet = sheet;
  }

  cell(column: ColumnState, row: number): number {
    let known = this.known.get(column);
    if (!known) this.known.set(column, (known = new Map()));
    const value = known.get(row);
    if (value !== undefined) return value;
    const name = `${column.node} ${row}`;
    if (this.open.has(name)) {
      const open = [...this.open];
      for (const member of open.slice(open.indexOf(name))) this.circular.add(member);
      return Number.NaN;
    }
    this.open.add(name);
    const entry = column.entries.get(row);
    const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
    let result: number;
    if (entry?.is === 'value') result = entry.value;
    else if (compiled) result = compiled.error ? Number.NaN : this.expr(compiled.expr, column, row);
    else result = entry ? Number.NaN : column.defaultValue;
    if (column.def.money) result = cents(result);
    if (this.circular.has(name)) result = Number.NaN;
    this.open.delete(name);
    known.set(row, result);
    return result;
  }

  private expr(e: Expr, at: ColumnState, row: number, inner = -1): number {
    const { state } = this.sheet;
    const go = (child: Expr): number => this.expr(child, at, row, inner);
    const finite = (...values: number[]): boolean => values.every(Number.isFinite);
    switch (e.op) {
      case 'const':
        return e.value;
      case 'column':
        return this.cell(state.tables[e.table].columns[e.column] as ColumnState, inner >= 0 && !e.outer ? inner : row);
      case 'cell':
        return this.cell(
          state.tables[e.table].columns[e.column] as ColumnState,
          state.tables[e.table].rowNumber.get(e.row) ?? -1,
        );
      case 'catalog': {
        const value = fieldValue(this.sheet.options.catalog, e.kind, state.texts.text(go(e.reference)), e.field);
        return value === null ? Number.NaN : typeof value === 'string' ? state.texts.id(value) : value;
      }
      case 'lookup': {
        const target = state.tables[e.table].rowNumber.get(state.texts.text(go(e.reference)));
        return target === undefined
          ? Number.NaN
          : this.cell(state.tables[e.table].columns[e.column] as ColumnState, target);
      }
      case 'unary':
        return e.operator === '-' ? -go(e.operand) : 1 - go(e.operand);
      case 'binary': {
        const a = go(e.left);
        const b = go(e.right);
        if (e.operator === 'and') return a === 0 || b === 0 ? 0 : a * b;
        if (e.operator === 'or') return a === 1 || b === 1 ? 1 : a + b;
        if (!finite(a, b)) return Number.NaN;
        const yes = { '=': a === b, '<>': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[
          e.operator as string
        ];
        if (yes !== undefined) return yes ? 1 : 0;
        if (e.left.type.is === 'date' || e.right.type.is === 'date') {
          if (e.left.type.is === 'date' && e.right.type.is === 'date') return (a - b) * 86_400;
          return e.left.type.is === 'date' ? (e.operator === '+' ? a + b / 86_400 : a - b / 86_400) : b + a / 86_400;
        }
        return (
          { '+': a + b, '-': a - b, '*': a * b, '/': b === 0 ? Number.NaN : a / b, '^': a ** b }[
            e.operator as string
          ] ?? Number.NaN
        );
      }
      case 'if': {
        const test = go(e.condition);
        const [yes, no] = [go(e.yes), go(e.no)];
        return test === 1 ? yes : test === 0 ? no : Number.NaN;
      }
      case 'call': {
        const args = e.args.map(go);
        return e.fn.acceptsUnknown || finite(...args) ? e.fn.compute(args, this.sheet.evaluator.library) : Number.NaN;
      }
      case 'distribution':
        return median(distributionFrom(e.name, e.args.map(go), e.fraction));
      case 'aggregate': {
        const table = state.tables[e.table];
        const included = table.byId.get('included');
        const values: number[] = [];
        for (let r = 0; r < table.keys.length; r++) {
          // Rows that do not count are read too: an aggregate over a column needs every cell of it.
          const value = e.value ? this.expr(e.value, at, row, r) : 1;
          const pass = e.filter ? this.expr(e.filter, at, row, r) : 1;
          const own = e.keys.every((key) => this.expr(key.inner, at, row, r) === go(key.outer));
          if ((included && this.cell(included, r) === 0) || !own || pass === 0) continue;
          values.push(e.name === 'count' ? 1 : pass === 1 ? value : Number.NaN);
        }
        const money =
          e.value?.op === 'column' && (state.tables[e.table].columns[e.value.column] as ColumnState).def.money;
        const result = aggregateOf(e.name, values);
        return e.name === 'sum' && money ? cents(result) : result;
      }
      case 'schedule':
        return state.texts.id(
          scheduleText(
            e.steps.map((step) => step.from),
            e.steps.map((step) => go(step.value)),
          ),
        );
      default:
        throw new Error(`the judge does not know ${e.op}`);
    }
  }
}

/** Rows judged before the judge forgets what it knows: a million rows must not fill the memory. */
const ROWS_AT_ONCE = 50_000;
const MOST_NAMED = 100;

/** Calls `visit` for every cell that is a number, assumptions with their own types, with what the judge says, until it returns false. */
function judgeAll(sheet: Sheet, visit: (column: ColumnState, row: number, naive: number) => boolean): void {
  let judge = new Judge(sheet);
  for (const id of TABLE_IDS) {
    const table = sheet.state.tables[id];
    const columns = table.columns.filter((column) => !['text', 'reference', 'schedule'].includes(column.type.is));
    for (let start = 0; start < table.keys.length; start += ROWS_AT_ONCE) {
      if (start > 0) judge = new Judge(sheet);
      const end = Math.min(table.keys.length, start + ROWS_AT_ONCE);
      for (const column of columns)
        for (let row = start; row < end; row++) if (!visit(column, row, judge.cell(column, row))) return;
    }
  }
}

/** Cells in which the sheet and the judge differ by more than 12 digits, or in being known; the first hundred. */
export function disagreements(sheet: Sheet): string[] {
  const found: string[] = [];
  judgeAll(sheet, (column, row, naive) => {
    const ours = column.values[row] as number;
    const same = Number.isFinite(naive) ? Math.abs(ours - naive) <= 1e-12 * Math.abs(naive) : !Number.isFinite(ours);
    if (!same)
      found.push(`${column.table.id}.${column.table.keys[row]}.${column.def.id}: ${ours}, the judge says ${naive}`);
    return found.length < MOST_NAMED;
  });
  return found;
}
