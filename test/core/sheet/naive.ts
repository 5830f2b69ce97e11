/**
 * The judge: walks a checked formula and computes one number, one cell after the other, with nothing shared with the
 * vector engine but the checked expressions and the functions of the registry.
 */
import type { Expr } from '../../../src/core/formula/expr.ts';
import { distributionFrom } from '../../../src/core/uncertainty/distributions.ts';
import { median } from '../../../src/core/uncertainty/sampling.ts';
import { fieldValue } from '../../../src/core/sheet/catalog.ts';
import type { Sheet } from '../../../src/core/sheet/sheet.ts';
import type { ColumnState } from '../../../src/core/sheet/state.ts';

class Judge {
  private readonly known = new Map<string, number>();
  private readonly open = new Set<string>();
  private readonly sheet: Sheet;

  constructor(sheet: Sheet) {
    this.sheet = sheet;
  }

  cell(column: ColumnState, row: number): number {
    const name = `${column.node} ${row}`;
    const value = this.known.get(name);
    if (value !== undefined) return value;
    if (this.open.has(name)) return Number.NaN;
    this.open.add(name);
    const entry = column.entries.get(row);
    const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
    let result: number;
    if (entry?.is === 'value') result = entry.value;
    else if (compiled) result = compiled.error ? Number.NaN : this.expr(compiled.expr, column, row);
    else result = entry ? Number.NaN : column.defaultValue;
    if (column.def.money && Number.isFinite(result)) result = Math.round(result * 100) / 100;
    this.open.delete(name);
    this.known.set(name, result);
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
        return test === 1 ? go(e.yes) : test === 0 ? go(e.no) : Number.NaN;
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
        let total = 0;
        for (let r = 0; r < table.keys.length; r++) {
          if (included && this.cell(included, r) === 0) continue;
          if (e.keys.some((key) => this.expr(key.inner, at, row, r) !== go(key.outer))) continue;
          if (e.filter && this.expr(e.filter, at, row, r) === 0) continue;
          total += e.name === 'count' || !e.value ? 1 : this.expr(e.value, at, row, r);
        }
        return total;
      }
      default:
        throw new Error(`the judge does not know ${e.op}`);
    }
  }
}

/** Every number of `runs`, by address. */
export function naiveValues(sheet: Sheet): [address: string, value: number][] {
  const judge = new Judge(sheet);
  const { runs } = sheet.state.tables;
  return runs.columns
    .filter((column) => column.type.is === 'number')
    .flatMap((column) =>
      runs.keys.map((key, row): [string, number] => [`runs.${key}.${column.def.id}`, judge.cell(column, row)]),
    );
}
