/** A recalculated sheet as views: what screens ask for, cell by cell, and the totals below. */
import type { TableId } from '../document/plan.ts';
import { describeType } from '../formula/types.ts';
import { unitLabel } from '../quantity/unit.ts';
import type { Computing } from './computing.ts';
import { aggregateNodeOf } from './totals.ts';
import { cellProblemOf } from './diagnose.ts';
import { formatCell, formatNumber } from './format-cell.ts';
import { markOf } from './marks.ts';
import type { AggregateNode } from './node.ts';
import { remarksOf } from './remarks.ts';
import type { Sheet } from './sheet.ts';
import { cellAddress, type ColumnState } from './state.ts';
import type { CellState, CellView, ColumnView, Spread } from './view.ts';

/** A column's header and editing facts. */
export function columnView(column: ColumnState): ColumnView {
  const { def, type, unit } = column;
  return {
    id: def.id,
    label: def.label,
    group: def.group,
    type: def.type,
    unit: type.is === 'number' ? (unit.text ? unitLabel(unit.text) : def.user ? undeclaredUnit(column) : '') : '',
    formula: def.formula ?? null,
    default: def.default ?? null,
    money: def.money ?? false,
    choices: def.choices ?? [],
    reference: def.reference ?? null,
    help: def.help,
    source: def.source ?? '',
    user: def.user ?? false,
    total: def.total ?? false,
    shown: def.shown ?? false,
    widthPx: def.widthPx ?? 96,
    format: def.format ?? '',
    marks: def.marks ?? '',
    own: def.own ?? null,
  };
}

function undeclaredUnit(column: ColumnState): string {
  const name = describeType(column.type);
  return name === 'plain number' ? '' : name;
}

/** How a cell stands: typed, computed, replaced … */
export function cellState(column: ColumnState, row: number): CellState {
  const entry = column.entries.get(row);
  if (entry) {
    if (column.def.formula !== undefined && column.def.typedIsInput !== true) return 'override';
    return entry.is === 'formula' && entry.offset > 0 ? 'formula' : 'input';
  }
  if (column.def.formula !== undefined) return 'computed';
  return column.def.default === undefined ? 'empty' : 'default';
}

/** Central value in the display unit, or the text, yes/no or ISO date it stands for; null when unknown. */
export function plainValue(sheet: Sheet, column: ColumnState, row: number): number | string | boolean | null {
  if (isHidden(sheet, column, row)) return HIDDEN;
  const value = column.values[row] as number;
  if (!Number.isFinite(value)) return null;
  const type = assumptionFact(sheet, column, row)?.type ?? column.type;
  if (type.is === 'boolean') return value === 1;
  if (type.is === 'number') return value / (assumptionFact(sheet, column, row)?.unit ?? column.unit).scale;
  return formatCell(column.def, type, column.unit, value, sheet.state.texts);
}

/** What stands in place of a value that must not leave the plan. */
export const HIDDEN = 'confidential';

/** Whether a cell is left out of what is being exported. */
export function isHidden(sheet: Sheet, column: ColumnState, row: number): boolean {
  const { id, keys } = column.table;
  return sheet.hidden.size > 0 && sheet.hidden.has(cellAddress(id, keys[row] ?? '', column.def.id));
}

/** Assumptions have a type and unit each. */
function assumptionFact(sheet: Sheet, column: ColumnState, row: number) {
  if (column.table.id !== 'assumptions' || column.def.id !== 'value') return undefined;
  return sheet.state.assumptions.get(column.table.keys[row] ?? '');
}

/** One cell as a screen shows it. `spread` comes from the sampler, in the display unit. */
export function cellView(
  sheet: Sheet,
  column: ColumnState,
  row: number,
  spread?: Spread,
  computing?: Computing,
): CellView {
  if (isHidden(sheet, column, row)) return { state: 'computed', text: '', display: HIDDEN, value: HIDDEN };
  const entry = column.entries.get(row);
  const value = column.values[row] as number;
  const fact = assumptionFact(sheet, column, row);
  const display = formatCell(
    column.def,
    fact?.type ?? column.type,
    fact?.unit ?? column.unit,
    value,
    sheet.state.texts,
  );
  const problem = Number.isFinite(value) && entry?.is !== 'problem' ? null : cellProblemOf(sheet, column, row);
  const warning = problem ? '' : warningOf(column, value);
  const mark = problem ? null : markOf(column, value, display);
  const { note, source } = remarksOf(sheet, column, row);
  return {
    state: cellState(column, row),
    text: entry?.text ?? '',
    display,
    value: plainValue(sheet, column, row),
    ...(spread && spread.p10 < spread.p90 ? { spread } : {}),
    ...(problem ? { problem } : {}),
    ...(warning ? { warning } : {}),
    ...(note ? { note } : {}),
    ...(source ? { source } : {}),
    ...(mark ? { mark: { tone: mark.tone, rule: `${mark.test} ${mark.value}` } } : {}),
    ...(computing?.cell(column, row) ? { computing: true } : {}),
  };
}

/** Values that are possible but unusual, or beyond what the column allows when computed. */
function warningOf(column: ColumnState, value: number): string {
  const { def, unit, type } = column;
  if (type.is !== 'number' || !Number.isFinite(value)) return '';
  const shown = value / unit.scale;
  const text = (bound: number): string => formatNumber(def, unit, bound);
  if (def.max !== undefined && shown > def.max)
    return `above ${text(def.max)}, which is not possible: check what goes in`;
  if (def.min !== undefined && shown < def.min)
    return `below ${text(def.min)}, which is not possible: check what goes in`;
  if (def.usual && (shown < def.usual[0] || shown > def.usual[1]))
    return `outside the usual ${text(def.usual[0])} to ${text(def.usual[1])}`;
  return '';
}

/** The total of a column, null when it has none. */
export function totalView(
  sheet: Sheet,
  table: TableId,
  column: ColumnState,
  spread?: Spread,
  computing?: Computing,
): CellView | null {
  if (!column.def.total) return null;
  const node = aggregateNodeOf(sheet, table, column);
  const { result } = node;
  const shown = result.value / column.unit.scale;
  const problem = Number.isFinite(result.value) ? null : unknownTotal(column, node, sheet);
  return {
    state: 'computed',
    text: '',
    display: formatNumber(column.def, column.unit, shown),
    value: Number.isFinite(shown) ? shown : null,
    ...(spread && spread.p10 < spread.p90 ? { spread } : {}),
    ...(problem ? { problem } : {}),
    ...(computing?.column(column) ? { computing: true } : {}),
  };
}

function unknownTotal(column: ColumnState, node: AggregateNode, sheet: Sheet): NonNullable<CellView['problem']> {
  const { table } = column;
  const included = table.byId.get('included')?.values;
  const row = table.keys.findIndex((_, i) => included?.[i] !== 0 && !Number.isFinite(column.values[i] as number));
  const cause = row < 0 ? null : cellProblemOf(sheet, column, row);
  const known = formatNumber(column.def, column.unit, node.result.known / column.unit.scale);
  return {
    code: cause?.code ?? 'UNKNOWN',
    message: `known part ${known}, ${node.result.unknown} unknown`,
    hint: cause ? `${cause.message}${cause.hint ? `: ${cause.hint}` : ''}` : '',
    root: cause?.root ?? cellAddress(table.id, '', column.def.id),
  };
}
