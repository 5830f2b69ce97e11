/** Where a value comes from: the tree of cells, catalog fields and functions behind it, with values, units and sources. */
import type { PlanRow, TableId } from '../document/plan.ts';
import { children, type Expr } from '../formula/expr.ts';
import { describeType } from '../formula/types.ts';
import { catalogRow } from './catalog.ts';
import { exprProblem } from './diagnose.ts';
import { formatWithUnit } from './format-cell.ts';
import { valueOf, type RowPlace } from './interpret.ts';
import { cellState, cellView, isHidden } from './render.ts';
import type { Sheet } from './sheet.ts';
import { cellAddress, type ColumnState } from './state.ts';
import type { ExplainNode } from './view.ts';

const DEEPEST = 40;
/** Rows named below an aggregate; the rest is counted. */
const ROWS_SHOWN = 50;

/** Derivation of a cell. `path` guards against circles, which are shown where they close. */
export function explainCell(sheet: Sheet, column: ColumnState, row: number, path: readonly string[] = []): ExplainNode {
  const { table, def } = column;
  const key = table.keys[row] ?? '';
  const id = cellAddress(table.id, key, def.id);
  const view = cellView(sheet, column, row);
  const entry = column.entries.get(row);
  const compiled = entry ? (entry.is === 'formula' ? entry.compiled : null) : column.compiled;
  const formula = entry ? (entry.is === 'formula' ? entry.formula.trim() : null) : (def.formula ?? null);
  const fact = table.id === 'assumptions' && def.id === 'value' ? sheet.state.assumptions.get(key) : undefined;
  const deep = path.length < DEEPEST && !path.includes(id);
  if (isHidden(sheet, column, row))
    return {
      id,
      label: table.id === 'assumptions' ? key : def.label,
      kind: table.id === 'assumptions' ? 'assumption' : 'column',
      state: 'computed',
      formula: null,
      value: view.value,
      display: view.display,
      unit: '',
      source: 'left out of this copy',
      inputs: [],
    };
  return {
    id,
    label: table.id === 'assumptions' ? key : def.label,
    kind: table.id === 'assumptions' ? 'assumption' : 'column',
    state: cellState(column, row),
    formula,
    value: view.value,
    display: view.display,
    unit: fact ? fact.unit.text : column.unit.text,
    source: sourceOf(sheet, column, row),
    ...(view.problem ? { problem: view.problem } : {}),
    inputs:
      compiled && !compiled.error && deep
        ? explainInputs(sheet, compiled.expr, { table: table.id, row }, [...path, id])
        : [],
  };
}

/** Source of a cell: what was typed with its source cell, the column's source, or who typed it. */
function sourceOf(sheet: Sheet, column: ColumnState, row: number): string {
  const { table, def } = column;
  const cells = (sheet.plan.tables[table.id][row] as PlanRow | undefined)?.cells ?? {};
  if (table.id === 'assumptions')
    return (
      [cells['source'], cells['as_of'], cells['note']].filter(Boolean).join(', ') ||
      'typed in this plan, no source given'
    );
  if (column.entries.has(row)) return cells[`${def.id}_source`] ?? 'typed in this plan';
  return def.source ?? (def.formula === undefined && def.default !== undefined ? 'default of this column' : '');
}

/** What a formula reads, in the order of the text, each once. */
function explainInputs(sheet: Sheet, expr: Expr, place: RowPlace, path: readonly string[]): ExplainNode[] {
  const nodes: ExplainNode[] = [];
  const seen = new Set<string>();
  const add = (node: ExplainNode): void => {
    if (seen.has(node.id)) return;
    seen.add(node.id);
    nodes.push(node);
  };
  const visit = (part: Expr): void => {
    switch (part.op) {
      case 'column':
        add(explainCell(sheet, sheet.state.tables[part.table].columns[part.column] as ColumnState, place.row, path));
        return;
      case 'cell': {
        const table = sheet.state.tables[part.table];
        const row = table.rowNumber.get(part.row);
        if (row !== undefined) add(explainCell(sheet, table.columns[part.column] as ColumnState, row, path));
        return;
      }
      case 'lookup': {
        visit(part.reference);
        const table = sheet.state.tables[part.table];
        const row = table.rowNumber.get(sheet.state.texts.text(valueOf(sheet, part.reference, place)));
        if (row !== undefined) add(explainCell(sheet, table.columns[part.column] as ColumnState, row, path));
        return;
      }
      case 'catalog':
        visit(part.reference);
        add(explainField(sheet, part, place));
        return;
      case 'aggregate':
        add(explainAggregate(sheet, part, place, path));
        return;
      case 'if': {
        visit(part.condition);
        const yes = valueOf(sheet, part.condition, place);
        if (yes === 1 || !Number.isFinite(yes)) visit(part.yes);
        if (yes === 0 || !Number.isFinite(yes)) visit(part.no);
        return;
      }
      case 'call':
        part.args.forEach(visit);
        if (part.fn.group !== 'math' && part.fn.group !== 'logic') add(explainFunction(sheet, part, place));
        return;
      default:
        for (const child of children(part)) visit(child);
    }
  };
  visit(expr);
  return nodes;
}

function explainField(sheet: Sheet, expr: Expr & { op: 'catalog' }, place: RowPlace): ExplainNode {
  const key = sheet.state.texts.text(valueOf(sheet, expr.reference, place));
  const row = catalogRow(sheet.options.catalog, expr.kind, key);
  const unit = sheet.options.catalog.get(expr.kind)?.fields[expr.field] ?? '';
  const raw = row?.fields[expr.field] ?? null;
  const value = valueOf(sheet, expr, place);
  const problem = Number.isFinite(value) ? null : exprProblem(sheet, expr, place, `${expr.kind}.${key}.${expr.field}`);
  return {
    id: key === '' ? `${expr.kind}.${expr.field}` : `${expr.kind}.${key}.${expr.field}`,
    label: `${(row?.name ?? key) || expr.kind}: ${expr.field}`,
    kind: 'catalog',
    state: 'catalog',
    formula: null,
    value: raw,
    display: formatWithUnit(expr.type, value, sheet.state.texts),
    unit: unit === 'text' ? '' : unit,
    source: row ? [row.source, row.asOf, row.confidence, row.sourceUrl].filter(Boolean).join(', ') : '',
    ...(problem ? { problem } : {}),
    inputs: [],
  };
}

function explainFunction(sheet: Sheet, expr: Expr & { op: 'call' }, place: RowPlace): ExplainNode {
  const args = expr.args.map((argument) => valueOf(sheet, argument, place));
  const value = valueOf(sheet, expr, place);
  const { fn } = expr;
  const items =
    fn.breakdown && args.every((argument) => Number.isFinite(argument))
      ? fn.breakdown(args, sheet.evaluator.library)
      : [];
  return {
    id: `${fn.name}(${expr.args.map((argument, i) => formatWithUnit(argument.type, args[i] as number, sheet.state.texts) || '?').join(', ')})`,
    label: fn.name,
    kind: 'function',
    state: 'function',
    formula: null,
    value: Number.isFinite(value)
      ? expr.type.is === 'number'
        ? value
        : formatWithUnit(expr.type, value, sheet.state.texts)
      : null,
    display: formatWithUnit(expr.type, value, sheet.state.texts),
    unit: expr.type.is === 'number' ? describeType(expr.type) : '',
    source: fn.source ?? '',
    inputs: items.map((item) => ({
      id: `${fn.name}: ${item.label}`,
      label: item.label,
      kind: 'literal',
      state: 'function',
      formula: null,
      value: item.value,
      display: typeof item.value === 'number' ? `${item.value} ${item.unit}`.trim() : item.value,
      unit: item.unit,
      source: item.source ?? '',
      inputs: [],
    })),
  };
}

function explainAggregate(
  sheet: Sheet,
  expr: Expr & { op: 'aggregate' },
  place: RowPlace,
  path: readonly string[],
): ExplainNode {
  const table = sheet.state.tables[expr.table];
  const included = table.byId.get('included')?.values;
  const inputs: ExplainNode[] = [];
  let more = 0;
  for (let row = 0; row < table.keys.length; row++) {
    if (included && included[row] === 0) continue;
    const inner: RowPlace = { table: expr.table, row };
    if (expr.keys.some((key) => valueOf(sheet, key.inner, inner) !== valueOf(sheet, key.outer, place))) continue;
    if (expr.filter && valueOf(sheet, expr.filter, inner) === 0) continue;
    if (inputs.length >= ROWS_SHOWN) more++;
    else if (expr.value?.op === 'column')
      inputs.push({
        ...explainCell(
          sheet,
          table.columns[expr.value.column] as ColumnState,
          row,
          path.length > 3 ? [...path, ...Array<string>(DEEPEST).fill('')] : path,
        ),
        label: rowLabel(sheet, expr.table, row),
      });
  }
  const value = valueOf(sheet, expr, place);
  return {
    id: `${expr.name}(${expr.table}${expr.value?.op === 'column' ? `.${expr.value.id}` : ''})`,
    label: `${expr.name} over included ${expr.table}${more > 0 ? `, ${more} more rows` : ''}`,
    kind: 'aggregate',
    state: 'computed',
    formula: null,
    value: Number.isFinite(value) ? value : null,
    display: formatWithUnit(expr.type, value, sheet.state.texts),
    unit: describeType(expr.type),
    source: '',
    inputs,
  };
}

function rowLabel(sheet: Sheet, table: TableId, row: number): string {
  const name = sheet.plan.tables[table][row]?.cells['name'];
  return name ?? sheet.state.tables[table].keys[row] ?? '';
}

/** The tree as indented text, for terminals and files. */
export function explainText(node: ExplainNode, indent = 0): string {
  const pad = '  '.repeat(indent);
  const value =
    node.display === ''
      ? node.problem
        ? `unknown: ${node.problem.message}`
        : 'empty'
      : `${node.display}${node.unit && !node.display.endsWith(node.unit) && node.kind !== 'function' && node.kind !== 'catalog' && node.kind !== 'aggregate' ? ` ${node.unit}` : ''}`;
  const lines = [`${pad}${node.id} = ${value}`];
  if (node.formula) lines.push(`${pad}  = ${node.formula}`);
  if (node.source) lines.push(`${pad}  source: ${node.source}`);
  for (const input of node.inputs) lines.push(explainText(input, indent + 1));
  return lines.join('\n');
}
