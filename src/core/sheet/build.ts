/** Builds the evaluated state of a plan: tables, columns with their types, cells read, formulas compiled. */
import { TABLE_IDS, type Plan, type PlanRow, type TableId, type UserColumn } from '../document/plan.ts';
import { FlopsheetError } from '../errors.ts';
import { FormulaError } from '../formula/formula-error.ts';
import { ANY, type ValueType } from '../formula/types.ts';
import { parseUnit, PLAIN, type Unit } from '../quantity/unit.ts';
import { columnUnit, declaredType, isFraction, nameProblem, type ColumnDef } from './column.ts';
import { cellNode, compileAt, orderNodes, type TypeSource } from './link.ts';
import { readCell, type LiteralTarget } from './literal.ts';
import { linkTotals } from './totals.ts';
import type { AssumptionFact, SheetOptions, SheetState } from './node.ts';
import { cellAddress, TextPool, type ColumnState, type Compiled, type Entry, type TableState } from './state.ts';

/** The columns of a table in a plan: built-in ones with the user's formulas, then the user's own. */
export function columnsOf(plan: Plan, table: TableId, builtIn: readonly ColumnDef[]): ColumnDef[] {
  const user = plan.columns[table] ?? {};
  const columns = builtIn
    .filter((def) => def.table === table)
    .map((builtIn) => {
      const def = builtIn.formula?.includes('¤')
        ? { ...builtIn, formula: inCurrency(builtIn.formula, plan.settings.currency) }
        : builtIn;
      const own = Object.hasOwn(user, def.id) ? user[def.id] : undefined;
      return own ? { ...def, ...(own.formula === undefined ? {} : { formula: own.formula }), ...looksOf(own) } : def;
    });
  const known = new Set(columns.map((def) => def.id));
  for (const [id, own] of Object.entries(user))
    if (!known.has(id))
      columns.push({
        table,
        id,
        label: own.label ?? id,
        group: 'Own columns',
        type: 'number',
        ...(own.unit === undefined ? {} : { unit: own.unit }),
        ...(own.formula === undefined ? {} : { formula: own.formula }),
        ...looksOf(own),
        help: own.note ?? 'A column added to this plan.',
        user: true,
        shown: true,
        money: false,
      });
  return columns;
}

/** What the user changed of a column's looks, and the whole of what the plan says of it. */
function looksOf(own: UserColumn): Partial<ColumnDef> {
  return {
    own,
    ...(own.label ? { label: own.label } : {}),
    ...(own.format ? { format: own.format } : {}),
    ...(own.marks ? { marks: own.marks } : {}),
  };
}

/**
 * A built-in formula in the plan's currency: `¤` is its code; `¤fx` converts catalog prices, which are in USD, by the
 * assumption `usd_rate` (units of the plan's currency per USD, dated like every assumption).
 */
function inCurrency(formula: string, currency: string): string {
  return formula.replaceAll('¤fx', currency === 'USD' ? '' : ' * usd_rate').replaceAll('¤', currency);
}

/** What a literal in a column must be. */
export function literalTarget(column: ColumnState): LiteralTarget {
  const { min, max } = column.def;
  return {
    type: column.type,
    unit: column.unit,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

/**
 * State of a plan before anything is computed. `previous`, a state with the same options, gives what was read of rows
 * that are still the same: adding a row to a long table then reads one row.
 */
export function buildState(plan: Plan, options: SheetOptions, previous?: SheetState): SheetState {
  const tables = Object.fromEntries(
    TABLE_IDS.map((id) => [id, { id, keys: [], rowNumber: new Map(), columns: [], byId: new Map() } as TableState]),
  ) as Record<TableId, TableState>;
  const state: SheetState = {
    plan,
    options,
    texts: previous?.texts ?? new TextPool(),
    tables,
    nodes: [],
    nodeByKey: new Map(),
    needs: [],
    order: [],
    dependents: [],
    looped: new Set(),
    across: new Set(),
    assumptions: new Map(),
    cycles: new Map(),
    sourceKeys: [],
    sourceByKey: new Map(),
  };
  for (const id of TABLE_IDS) buildTable(state, tables[id]);
  new Builder(state, previous).compileAll();
  linkTotals(state);
  orderNodes(state);
  return state;
}

function buildTable(state: SheetState, table: TableState): void {
  const rows = state.plan.tables[table.id];
  table.keys = rows.map((row) => row.key);
  table.rowNumber = new Map(table.keys.map((key, row) => [key, row]));
  for (const def of columnsOf(state.plan, table.id, state.options.columns)) {
    const column: ColumnState = {
      def,
      table,
      index: table.columns.length,
      node: state.nodes.length,
      type: ANY,
      unit: unitOf(def, state.plan.settings.currency),
      compiled: null,
      defaultValue: Number.NaN,
      values: new Float64Array(Math.max(16, rows.length)).fill(Number.NaN),
      uncertain: new Uint8Array(Math.max(16, rows.length)),
      anyUncertain: false,
      entries: new Map(),
      typed: null,
      waiting: new Set(),
    };
    state.nodes.push({ is: 'column', column });
    state.nodeByKey.set(`column ${table.id} ${def.id}`, column.node);
    table.columns.push(column);
    table.byId.set(def.id, column);
  }
}

/** True when a literal means the same in both columns. */
function readsAlike(a: ColumnState, b: ColumnState): boolean {
  if (a.unit.text !== b.unit.text || a.def.min !== b.def.min || a.def.max !== b.def.max) return false;
  if (a.type.is === 'number' && b.type.is === 'number')
    return a.type.dimension === b.type.dimension && a.type.kind === b.type.kind;
  if (a.type.is === 'text' && b.type.is === 'text') return a.type.choices?.join('|') === b.type.choices?.join('|');
  return a.type.is === b.type.is;
}

function unitOf(def: ColumnDef, currency: string): Unit {
  try {
    return columnUnit(def, currency);
  } catch {
    return PLAIN;
  }
}

/** Reads cells and compiles formulas; finds types of user columns and assumptions on demand. */
export class Builder implements TypeSource {
  private readonly state: SheetState;
  private readonly previous: SheetState | undefined;
  private readonly typed = new Set<ColumnState>();
  private readonly busy = new Set<ColumnState | string>();

  constructor(state: SheetState, previous?: SheetState) {
    this.state = state;
    this.previous = previous;
  }

  compileAll(): void {
    const { state } = this;
    for (const id of TABLE_IDS) for (const column of state.tables[id].columns) this.columnType(column);
    for (const key of state.tables.assumptions.keys) {
      this.assumptionType(key);
      const value = state.tables.assumptions.byId.get('value');
      if (value) cellNode(state, 'assumptions', key, value.index);
    }
    for (const id of TABLE_IDS) for (const row of state.plan.tables[id]) this.readRow(state.tables[id], row);
  }

  private readRow(table: TableState, row: PlanRow): void {
    const number = table.rowNumber.get(row.key) as number;
    const { previous } = this;
    const before = previous?.tables[table.id].rowNumber.get(row.key);
    const same = previous && before !== undefined && previous.plan.tables[table.id][before] === row;
    for (const id in row.cells) {
      const column = table.byId.get(id);
      if (!column || (table.id === 'assumptions' && id === 'value')) continue;
      const old = same ? previous.tables[table.id].byId.get(id) : undefined;
      const known = old && this.alike(old, column) ? old.entries.get(before as number) : undefined;
      column.entries.set(
        number,
        known?.is === 'value' ? known : this.readEntry(column, row.key, number, row.cells[id] as string),
      );
    }
    const key = table.byId.get('key');
    if (!key) return;
    const known = same ? previous.tables[table.id].byId.get('key')?.entries.get(before as number) : undefined;
    key.entries.set(number, known ?? { is: 'value', text: row.key, value: this.state.texts.id(row.key) });
  }

  /** Reads a row that came to a sheet that is already built: types are known. */
  readPlacedRow(table: TableState, row: PlanRow): void {
    for (const id of TABLE_IDS) for (const known of this.state.tables[id].columns) this.typed.add(known);
    this.readRow(table, row);
    for (const column of table.columns) column.typed = null;
  }

  private readonly readAlike = new Map<ColumnState, boolean>();

  private alike(old: ColumnState, column: ColumnState): boolean {
    let alike = this.readAlike.get(column);
    if (alike === undefined) this.readAlike.set(column, (alike = readsAlike(old, column)));
    return alike;
  }

  /** What a cell's text means in a sheet that is already built: types are known. */
  knownEntry(column: ColumnState, key: string, row: number, text: string): Entry {
    for (const table of TABLE_IDS) for (const known of this.state.tables[table].columns) this.typed.add(known);
    return this.readEntry(column, key, row, text);
  }

  /** What a cell's text means in its column. */
  private readEntry(column: ColumnState, key: string, row: number, text: string): Entry {
    const { state } = this;
    const { def } = column;
    const target = literalTarget(column);
    const content = readCell(text, target);
    if (content.is === 'problem')
      return { is: 'problem', text, code: content.code, message: content.message, hint: content.hint };
    if (content.is === 'value')
      return { is: 'value', text, value: content.text === undefined ? content.value : state.texts.id(content.text) };
    const compiled = compileAt(
      state,
      content.formula,
      {
        table: column.table.id,
        row,
        sourceKey: cellAddress(column.table.id, key, def.id),
        fraction: isFraction(def),
        expected: column.type,
        what: 'this column',
        ...(content.literal ? { literal: target } : {}),
      },
      this,
    );
    return { is: 'formula', text, formula: content.formula, offset: content.offset, compiled };
  }

  columnType(column: ColumnState): ValueType {
    if (this.typed.has(column)) return column.type;
    if (this.busy.has(column)) return ANY;
    this.busy.add(column);
    try {
      const { def } = column;
      const declared = this.declared(def);
      if (declared) {
        column.type = declared;
        this.typed.add(column);
      }
      if (def.formula !== undefined) column.compiled = this.compileColumn(column, def.formula, declared);
      else if (def.default !== undefined) this.readDefault(column, def.default);
      if (!declared) {
        column.type = column.compiled && !column.compiled.error ? column.compiled.expr.type : ANY;
        this.typed.add(column);
      }
      if (def.user && nameProblem(def.id))
        column.compiled = {
          error: new FormulaError('NAME', `"${def.id}" cannot be a column id`, { from: 0, to: 0 }, nameProblem(def.id)),
        };
    } finally {
      this.busy.delete(column);
    }
    return column.type;
  }

  private declared(def: ColumnDef): ValueType | null {
    try {
      return declaredType(def, this.state.plan.settings.currency);
    } catch (error) {
      if (error instanceof FlopsheetError) return ANY;
      throw error;
    }
  }

  private compileColumn(
    column: ColumnState,
    formula: string,
    expected: ValueType | null,
    literal?: LiteralTarget,
  ): Compiled {
    const { def, table } = column;
    return compileAt(
      this.state,
      formula,
      {
        table: table.id,
        row: -1,
        sourceKey: `${table.id}.*.${def.id}#`,
        fraction: isFraction(def),
        expected,
        what: 'this column',
        ...(literal ? { literal } : {}),
      },
      this,
    );
  }

  private readDefault(column: ColumnState, text: string): void {
    const content = readCell(text, { type: column.type, unit: column.unit });
    if (content.is === 'problem') throw new Error(`default of ${column.table.id}.${column.def.id}: ${content.message}`);
    if (content.is === 'value')
      column.defaultValue = content.text === undefined ? content.value : this.state.texts.id(content.text);
    else
      column.compiled = this.compileColumn(
        column,
        content.formula,
        column.type,
        content.literal ? literalTarget(column) : undefined,
      );
  }

  assumptionType(key: string): ValueType | undefined {
    const { state } = this;
    const known = state.assumptions.get(key);
    if (known) return known.type;
    const table = state.tables.assumptions;
    const row = table.rowNumber.get(key);
    const value = table.byId.get('value');
    if (row === undefined || !value) return undefined;
    if (this.busy.has(key)) return ANY;
    this.busy.add(key);
    try {
      const cells = (state.plan.tables.assumptions[row] as PlanRow).cells;
      const { fact, entry } = this.readAssumption(key, row, cells['value'] ?? '', cells['unit'] ?? '');
      state.assumptions.set(key, fact);
      value.typed = null;
      if (entry) value.entries.set(row, entry);
      else value.entries.delete(row);
      return fact.type;
    } finally {
      this.busy.delete(key);
    }
  }

  /** An assumption's type comes from its unit, or from its value when there is no unit. */
  private readAssumption(
    key: string,
    row: number,
    text: string,
    unitText: string,
  ): { fact: AssumptionFact; entry: Entry | null } {
    const { state } = this;
    const problem = (code: string, message: string, hint: string): { fact: AssumptionFact; entry: Entry } => ({
      fact: { type: ANY, unit: PLAIN },
      entry: { is: 'problem', text, code, message, hint },
    });
    const badName = nameProblem(key);
    if (badName) return problem('NAME', `"${key}" cannot be the key of an assumption`, badName);
    let unit: Unit | null;
    try {
      unit = unitText.trim() === '' ? null : parseUnit(unitText.trim());
    } catch (error) {
      if (!(error instanceof FlopsheetError)) throw error;
      return problem('UNIT', error.message, error.hint);
    }
    const declared: ValueType | null = unit && { is: 'number', dimension: unit.dimension, kind: unit.kind };
    if (text.trim() === '') return { fact: { type: declared ?? ANY, unit: unit ?? PLAIN }, entry: null };
    const target = { type: declared ?? guessType(text), unit: unit ?? ownUnit(text) };
    const content = readCell(text, target);
    const fact = (type: ValueType): AssumptionFact => ({ type, unit: target.unit });
    if (content.is === 'problem')
      return {
        fact: fact(declared ?? ANY),
        entry: { is: 'problem', text, code: content.code, message: content.message, hint: content.hint },
      };
    if (content.is === 'value')
      return {
        fact: fact(target.type),
        entry: { is: 'value', text, value: content.text === undefined ? content.value : state.texts.id(content.text) },
      };
    const compiled = compileAt(
      state,
      content.formula,
      {
        table: 'assumptions',
        row,
        sourceKey: cellAddress('assumptions', key, 'value'),
        fraction: false,
        expected: declared,
        schedules: true,
        what: 'this assumption',
        ...(content.literal ? { literal: target } : {}),
      },
      this,
    );
    return {
      fact: fact(
        !compiled.error && compiled.expr.type.is === 'schedule'
          ? compiled.expr.type
          : (declared ?? (compiled.error ? ANY : compiled.expr.type)),
      ),
      entry: { is: 'formula', text, formula: content.formula, offset: content.offset, compiled },
    };
  }
}

/** Type of a literal that says it itself. */
function guessType(text: string): ValueType {
  const trimmed = text.trim();
  if (trimmed.startsWith('=') || /\bto\b|\(/.test(trimmed)) return ANY;
  if (/^\d{4}-\d{2}(-\d{2})?$/.test(trimmed)) return { is: 'date' };
  if (/^(yes|no|true|false)$/i.test(trimmed)) return { is: 'boolean' };
  if (!/^[-+−.\d]/.test(trimmed)) return { is: 'text' };
  const unit = ownUnit(trimmed);
  return { is: 'number', dimension: unit.dimension, kind: unit.kind };
}

/** The unit written after a literal number; plain when there is none or it is not a unit. */
function ownUnit(text: string): Unit {
  const found = /^[-+−]?[\d.,]+(?:[eE][-+]?\d+)?[kKMBT]?\s*([A-Za-z%µ].*)$/.exec(text.trim());
  if (!found) return PLAIN;
  try {
    const unit = parseUnit(found[1] as string);
    return unit.text === '%' ? PLAIN : unit;
  } catch {
    return PLAIN;
  }
}
