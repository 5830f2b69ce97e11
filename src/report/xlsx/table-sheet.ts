/** One table of a plan as a worksheet with live formulas. */
import type { TableId } from '../../core/document/plan.ts';
import { walk, type Expr } from '../../core/formula/expr.ts';
import { cellState, columnView, HIDDEN, isHidden, plainValue, totalView } from '../../core/sheet/render.ts';
import { cellProblemOf } from '../../core/sheet/diagnose.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import type { ColumnState } from '../../core/sheet/state.ts';
import { HEADER_ROWS, ROW_MARK, SHEET_NAMES, type PlanLayout } from './layout.ts';
import { HEADER, ID, look, numberFormat, UNIT, type Origin } from './looks.ts';
import type { WorkbookCell, Worksheet } from './model.ts';
import { EXCEL_EPOCH, translate, type Translation } from './translate.ts';

const NARROWEST = 9;
const WIDEST = 34;

/** The worksheet of a table; without rows of data when the table has none. */
export function tableSheet(sheet: Sheet, table: TableId, layout: PlanLayout): Worksheet {
  const columns = layout.columns(table);
  const { keys } = sheet.state.tables[table];
  const writers = columns.map((column) => new ColumnWriter(sheet, column, layout));
  const rows: (WorkbookCell | undefined)[][] = [
    writers.map((writer) => writer.header()),
    writers.map((writer) => writer.unit()),
    columns.map((column) => ({ value: column.def.id, style: ID })),
  ];
  for (let row = 0; row < keys.length; row++) rows.push(writers.map((writer) => writer.cell(row)));
  if (columns.some((column) => column.def.total) && keys.length > 0)
    rows.push(writers.map((writer, i) => (i === 0 ? { value: 'Total', style: look('total', '') } : writer.total())));
  const named = columns.findIndex((column) => column.def.id === 'name');
  return {
    name: SHEET_NAMES[table],
    rows,
    widths: writers.map((writer) => writer.width()),
    frozen: { rows: HEADER_ROWS, columns: named >= 0 && named < 3 ? named + 1 : 1 },
  };
}

/** Row of a table's totals, counted from 1; null when it has none. */
export function totalRow(sheet: Sheet, table: TableId, layout: PlanLayout): number | null {
  const { keys } = sheet.state.tables[table];
  return keys.length > 0 && layout.columns(table).some((column) => column.def.total)
    ? HEADER_ROWS + keys.length + 1
    : null;
}

class ColumnWriter {
  private readonly sheet: Sheet;
  private readonly column: ColumnState;
  private readonly layout: PlanLayout;
  private readonly format: string;
  /** The column's own formula, translated once when no row needs a value of its own. */
  private shared: Translation | null = null;

  constructor(sheet: Sheet, column: ColumnState, layout: PlanLayout) {
    this.sheet = sheet;
    this.column = column;
    this.layout = layout;
    this.format = numberFormat(column);
  }

  header(): WorkbookCell {
    const { help, formula, source } = columnView(this.column);
    const note = [help, formula ? `= ${formula}` : '', source ? `Source: ${source}` : ''].filter(Boolean).join('\n');
    return { value: this.column.def.label, style: HEADER, ...(note ? { note } : {}) };
  }

  unit(): WorkbookCell {
    return { value: columnView(this.column).unit, style: UNIT };
  }

  width(): number {
    const longest = this.column.type.is === 'text' ? 28 : this.column.def.money ? 18 : 12;
    return Math.min(WIDEST, Math.max(NARROWEST, this.column.def.label.length + 2, longest));
  }

  total(): WorkbookCell | undefined {
    const { column, sheet, layout } = this;
    const view = totalView(sheet, column.table.id, column);
    const range = layout.range(column.table.id, column.index);
    if (!view || !range) return undefined;
    const included = layout.included(column.table.id);
    const own = (text: string): string => text.slice(text.indexOf('!') + 1);
    return {
      value: typeof view.value === 'number' ? view.value : null,
      formula: included ? `SUMIFS(${own(range.text)},${own(included)},TRUE)` : `SUM(${own(range.text)})`,
      style: look('total', this.format),
      ...(view.problem ? { note: `${view.problem.message}\n${view.problem.hint}`.trim() } : {}),
    };
  }

  cell(row: number): WorkbookCell | undefined {
    const { column, sheet } = this;
    if (isHidden(sheet, column, row)) return { value: HIDDEN, style: look('held', this.format) };
    const entry = column.entries.get(row);
    const state = cellState(column, row);
    const value = this.value(row);
    const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
    const problem = entry?.is === 'problem' || compiled?.error ? cellProblemOf(sheet, column, row) : null;
    if (problem)
      return {
        value: null,
        formula: 'NA()',
        style: look('error', this.format),
        note: `${entry ? `Typed: ${entry.text}\n` : ''}${problem.message}${problem.hint ? `: ${problem.hint}` : ''}`,
      };
    const expr = compiled && !compiled.error ? compiled.expr : null;
    const typed = state === 'override' ? 'override' : 'input';
    const replaced = state === 'override' ? `Replaces the column’s formula: = ${column.def.formula ?? ''}` : '';
    if (expr && !isConstant(expr))
      return this.live(expr, row, value, !entry, entry && state === 'override' ? 'override' : null, replaced);
    if (!entry && state === 'empty') return this.unknown();
    const note = [entry && expr ? `Typed: ${entry.text}. The central value stands here.` : '', replaced]
      .filter(Boolean)
      .join('\n');
    if (value === null) return this.unknown();
    return {
      value,
      style: look(state === 'default' ? 'default' : state === 'computed' ? 'formula' : typed, this.formatAt(row)),
      ...(note ? { note } : {}),
    };
  }

  /** An empty cell counts as 0 in a spreadsheet; unknown must not. */
  private unknown(): WorkbookCell | undefined {
    return this.column.type.is === 'number' || this.column.type.is === 'date'
      ? { value: null, formula: 'NA()', style: look('default', this.format) }
      : undefined;
  }

  private live(
    expr: Expr,
    row: number,
    value: WorkbookCell['value'],
    own: boolean,
    origin: Origin | null,
    replaced: string,
  ): WorkbookCell {
    const { formula, held } = this.translated(expr, row, own);
    const note = [
      replaced,
      held.length > 0
        ? `${held.join(', ')}: computed by Flopsheet and kept at this value; it does not follow changes in this file.`
        : '',
    ]
      .filter(Boolean)
      .join('\n');
    const text = formula.replaceAll(ROW_MARK, String(HEADER_ROWS + 1 + row));
    const noted = note ? { note } : {};
    // Nothing of the formula is left but a value.
    if (
      held.length > 0 &&
      /^-?[\d.]+(?:E[+-]?\d+)?(?:[*/][\d.E+-]+)?$|^"[^"]*"$|^ROUND\([\d.]+,2\)$/.test(text) &&
      value !== null
    )
      return { value, style: look(origin ?? 'held', this.formatAt(row)), ...noted };
    return {
      value,
      formula: text,
      style: look(origin ?? (text.includes('!') ? 'link' : 'formula'), this.formatAt(row)),
      ...noted,
    };
  }

  private translated(expr: Expr, row: number, own: boolean): Translation {
    if (own && this.shared) return this.shared;
    const { column, layout } = this;
    const found = translate(expr, { table: column.table.id, row }, this.scale(row), column.def.money ?? false, layout);
    if (own && found.held.length === 0) this.shared = found;
    return found;
  }

  private scale(row: number): number {
    const fact = this.fact(row);
    if (fact) return fact.unit.scale;
    return this.column.type.is === 'number' ? this.column.unit.scale : 1;
  }

  private formatAt(row: number): string {
    return this.fact(row)?.type.is === 'date' ? 'yyyy-mm-dd' : this.format;
  }

  private fact(row: number) {
    const { table, def } = this.column;
    return table.id === 'assumptions' && def.id === 'value'
      ? this.sheet.state.assumptions.get(table.keys[row] ?? '')
      : undefined;
  }

  /** Value in the display unit; dates as Excel counts them. */
  private value(row: number): WorkbookCell['value'] {
    const { column, sheet } = this;
    const type = this.fact(row)?.type ?? column.type;
    if (type.is === 'date')
      return Number.isFinite(column.values[row]) ? (column.values[row] as number) + EXCEL_EPOCH : null;
    return plainValue(sheet, column, row);
  }
}

/** True when a formula reads nothing: a range, a distribution, arithmetic on numbers. */
function isConstant(expr: Expr): boolean {
  let reads = false;
  walk(expr, (part) => {
    if (['column', 'cell', 'catalog', 'lookup', 'aggregate', 'percentile', 'call', 'schedule'].includes(part.op))
      reads = true;
  });
  return !reads;
}
