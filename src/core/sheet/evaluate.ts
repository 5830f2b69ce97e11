/** Evaluates nodes of the sheet over central values: columns in runs of rows, aggregates, single cells. */
import { distributionFrom } from '../uncertainty/distributions.ts';
import { median } from '../uncertainty/sampling.ts';
import { AT_ONCE, type Answers } from '../formula/answers.ts';
import type { FunctionDef, LibraryContext } from '../formula/function.ts';
import type { Binding, Frame, Operand, Operation, Program } from '../formula/program.ts';
import { Runner } from '../formula/run.ts';
import { scheduleText } from '../formula/schedule.ts';
import { AggregateGroup, emptyResult, sumOfColumn } from './aggregate.ts';
import { catalogRow, fieldValue, type CatalogRow } from './catalog.ts';
import type { AggregateNode, GraphNode, SheetState } from './node.ts';
import { roundToCents } from './round-money.ts';
import type { ColumnState, Compiled, TableState, TypedCells } from './state.ts';
import { varies } from './taken.ts';

type Known = Extract<Compiled, { readonly expr: unknown }>;

const NO_CATALOG_ROWS: ReadonlyMap<string, CatalogRow> = new Map();

/** Rows to evaluate: all of a column, or some row numbers. */
export type RowSet = 'all' | ReadonlySet<number>;

export class Evaluator implements Frame {
  readonly state: SheetState;
  readonly runner = new Runner();
  private table: TableState | null = null;
  private base = 0;
  private readonly one = new Float64Array(1);
  private readonly catalogCache = new Map<string, Map<number, number>>();
  private reasons: string[] | null = null;
  readonly library: LibraryContext;
  /** Rises with every question whose answer is not there yet. */
  unanswered = 0;
  /** Set while nothing may be left open: answers are then computed on the spot. */
  atOnce = false;

  readonly answers: Answers;

  constructor(state: SheetState) {
    this.state = state;
    this.answers = state.options.answers ?? AT_ONCE;
    this.library = {
      text: (id) => state.texts.text(id),
      textId: (text) => state.texts.id(text),
      catalog: (kind, key, field) => fieldValue(state.options.catalog, kind, key, field),
      payload: (kind, key) => catalogRow(state.options.catalog, kind, key)?.payload,
      rows: (kind) => state.options.catalog.get(kind)?.rows ?? NO_CATALOG_ROWS,
      laws: () => Object.values(state.plan.laws ?? {}),
      currency: () => state.plan.settings.currency,
      answer: (question) => {
        const outcome = this.atOnce ? this.answers.now(question) : this.answers.ask(question);
        if (outcome === null) this.unanswered++;
        return outcome;
      },
      because: (reason) => this.reasons?.push(reason),
    };
  }

  /** Runs a program for n rows of a table from row `base`. `table` is null for formulas outside tables. */
  rows(program: Program, table: TableState | null, base: number, n: number, out: Float64Array, o: number): void {
    this.table = table;
    this.base = base;
    this.runner.run(program, this, n, out, o);
  }

  /** Value of a program at one row. */
  at(program: Program, table: TableState | null, row: number): number {
    this.rows(program, table, row, 1, this.one, 0);
    return this.one[0] as number;
  }

  /** Central value of a scalar node. */
  scalar(node: number): number {
    const target = this.state.nodes[node] as GraphNode;
    switch (target.is) {
      case 'cell': {
        const table = this.state.tables[target.table];
        const row = table.rowNumber.get(target.row);
        return row === undefined ? Number.NaN : ((table.columns[target.column] as ColumnState).values[row] as number);
      }
      case 'aggregate':
        return target.result.value;
      case 'percentile':
        return target.value;
      default:
        return Number.NaN;
    }
  }

  bind(operand: Operand, i: number, binding: Binding): void {
    if (operand.from === 'column' && this.table) {
      binding.arrays[i] = (this.table.columns[operand.column] as ColumnState).values;
      binding.offsets[i] = this.base;
      binding.steps[i] = 1;
    } else if (operand.from === 'scalar') binding.scalar(i, this.scalar(operand.node));
    else binding.scalar(i, Number.NaN);
  }

  catalog(kind: string, field: string, n: number, out: Float64Array, o: number, ids: Float64Array, p: number): void {
    const name = `${kind}.${field}`;
    let known = this.catalogCache.get(name);
    if (!known) this.catalogCache.set(name, (known = new Map()));
    for (let i = 0; i < n; i++) {
      const id = ids[p + i] as number;
      let value = known.get(id);
      if (value === undefined) {
        const found = fieldValue(this.state.options.catalog, kind, this.state.texts.text(id), field);
        value = found === null ? Number.NaN : typeof found === 'string' ? this.state.texts.id(found) : found;
        known.set(id, value);
      }
      out[o + i] = value;
    }
  }

  /** The column behind a lookup: its number counts over all tables. */
  static lookupColumn(state: SheetState, column: number): ColumnState {
    return (state.nodes[column] as GraphNode & { is: 'column' }).column;
  }

  lookup(column: number, _start: number, n: number, out: Float64Array, o: number, ids: Float64Array, p: number): void {
    const target = Evaluator.lookupColumn(this.state, column);
    for (let i = 0; i < n; i++) {
      const row = target.table.rowNumber.get(this.state.texts.text(ids[p + i] as number));
      out[o + i] = row === undefined ? Number.NaN : (target.values[row] as number);
    }
  }

  keyed(
    node: number,
    _start: number,
    n: number,
    out: Float64Array,
    o: number,
    keys: readonly Float64Array[],
    offsets: readonly number[],
  ): void {
    const aggregate = this.state.nodes[node] as AggregateNode;
    for (let i = 0; i < n; i++) {
      const key = keys.map((array, k) => array[(offsets[k] as number) + i]).join('|');
      out[o + i] = (aggregate.groups?.get(key) ?? emptyResult(aggregate.expr.name)).value;
    }
  }

  distribution(
    operation: Operation & { code: 'distribution' },
    _start: number,
    n: number,
    out: Float64Array,
    o: number,
    args: readonly Float64Array[],
    offsets: readonly number[],
  ): void {
    for (let i = 0; i < n; i++) {
      const values = args.map((array, k) => array[(offsets[k] as number) + i] as number);
      out[o + i] = median(distributionFrom(operation.name, values, operation.fraction));
    }
  }

  schedule(starts: readonly number[], values: readonly number[]): number {
    return this.state.texts.id(scheduleText(starts, values));
  }

  join(a: number, b: number): number {
    if (a !== a || b !== b) return Number.NaN;
    return this.state.texts.id(this.state.texts.text(a) + this.state.texts.text(b));
  }

  call(fn: FunctionDef, memo: Map<string, number>, args: number[]): number {
    if (!fn.memo) return fn.compute(args, this.library);
    const key = args.join('|');
    const known = memo.get(key);
    if (known !== undefined) return known;
    const before = this.unanswered;
    const value = fn.compute(args, this.library);
    if (this.unanswered === before) {
      if (memo.size > 100_000) memo.clear();
      memo.set(key, value);
    }
    return value;
  }

  /** Central values are computed one by one. */
  callExpensive(): boolean {
    return false;
  }

  /** Runs `compute` and says whether what it gave waits for an answer. */
  waits(compute: () => void): boolean {
    const before = this.unanswered;
    compute();
    return this.unanswered > before;
  }

  /** Calls a library function and collects why its result is unknown. */
  explainCall(fn: FunctionDef, args: readonly number[]): { value: number; reasons: readonly string[] } {
    const reasons: string[] = [];
    this.reasons = reasons;
    try {
      return { value: fn.compute(args, this.library), reasons };
    } finally {
      this.reasons = null;
    }
  }

  /** Recomputes rows of a column: formula or default first, then the cells that hold text. */
  column(column: ColumnState, rows: RowSet): number {
    const { table, waiting } = column;
    const n = table.keys.length;
    if (column.values.length < n) grow(column, n);
    if (waiting.size > 0) {
      if (rows === 'all') waiting.clear();
      else for (const row of rows) waiting.delete(row);
    }
    if (rows === 'all') {
      let uncertain = this.plain(column, 0, n);
      const { rows: typed, values: given, formulas } = (column.typed ??= typedCells(column));
      const { values, uncertain: flags } = column;
      for (let i = 0; i < typed.length; i++) values[typed[i] as number] = given[i] as number;
      if (uncertain) for (let i = 0; i < typed.length; i++) flags[typed[i] as number] = 0;
      for (let i = 0; i < formulas.length; i++) {
        this.entry(column, formulas[i] as number);
        uncertain ||= flags[formulas[i] as number] === 1;
      }
      this.finish(column, 0, n);
      column.anyUncertain = uncertain && flags.subarray(0, n).includes(1);
      return n;
    }
    for (const row of rows) {
      if (row >= n) continue;
      if (column.entries.has(row)) this.entry(column, row);
      else this.plain(column, row, 1);
      this.finish(column, row, 1);
      if (column.uncertain[row]) column.anyUncertain = true;
    }
    return rows.size;
  }

  /** Formula or default for n rows. Returns true when a row may differ between samples. */
  private plain(column: ColumnState, from: number, n: number): boolean {
    const { compiled } = column;
    if (compiled && !compiled.error) {
      if (compiled.program.expensive)
        for (let row = from; row < from + n; row++) {
          if (!column.entries.has(row)) this.patient(column, row, compiled.program);
        }
      else this.rows(compiled.program, column.table, from, n, column.values, from);
      return this.flag(column, compiled, from, n);
    }
    column.values.fill(compiled ? Number.NaN : column.defaultValue, from, from + n);
    column.uncertain.fill(0, from, from + n);
    return false;
  }

  /** Computes one cell whose formula is expensive: while the answer is awaited, the last value stays. */
  private patient(column: ColumnState, row: number, program: Program): void {
    const last = column.values[row] as number;
    if (!this.waits(() => this.rows(program, column.table, row, 1, column.values, row))) return;
    column.values[row] = last;
    column.waiting.add(row);
  }

  /** Recomputes one cell that holds text. */
  entry(column: ColumnState, row: number): void {
    const entry = column.entries.get(row);
    if (!entry) return;
    column.uncertain[row] = 0;
    column.waiting.delete(row);
    if (entry.is === 'value') column.values[row] = entry.value;
    else if (entry.is === 'formula' && !entry.compiled.error) {
      this.patient(column, row, entry.compiled.program);
      this.flag(column, entry.compiled, row, 1);
    } else column.values[row] = Number.NaN;
  }

  private finish(column: ColumnState, from: number, n: number): void {
    if (column.def.money) roundToCents(column.values, from, n);
  }

  /**
   * Marks the rows whose value differs between samples. Returns false when none can. A formula that chooses between
   * values is as uncertain as the one it takes; what is unknown is unknown in all samples.
   */
  private flag(column: ColumnState, compiled: Known, from: number, n: number): boolean {
    const { program, expr } = compiled;
    if (!this.mayVary(column, program, from, n)) return false;
    const { uncertain: flags, values } = column;
    for (let i = from; i < from + n; i++)
      if (flags[i] === 1 && Number.isNaN(values[i])) flags[i] = 0;
      else if (flags[i] === 1 && program.chooses)
        flags[i] = varies({ state: this.state, evaluator: this }, expr, { table: column.table.id, row: i }) ? 1 : 0;
    return true;
  }

  /** Marks the rows that read something uncertain, be it in a branch that is not taken. */
  private mayVary(column: ColumnState, program: Program, from: number, n: number): boolean {
    const flags = column.uncertain;
    if (program.sources.length > 0) {
      flags.fill(1, from, from + n);
      return true;
    }
    flags.fill(0, from, from + n);
    let any = false;
    for (const dependency of program.dependencies) {
      const node = this.state.nodes[dependency] as GraphNode;
      if (node.is === 'column') {
        if (!node.column.anyUncertain) continue;
        any = true;
        if (node.column.table === column.table && node.column.uncertain.length >= from + n) {
          const other = node.column.uncertain;
          for (let i = from; i < from + n; i++) flags[i] = (flags[i] as number) | (other[i] as number);
        } else flags.fill(1, from, from + n);
      } else if (this.nodeUncertain(node)) {
        any = true;
        flags.fill(1, from, from + n);
      }
    }
    return any;
  }

  /** True when a scalar node differs between samples. */
  nodeUncertain(node: GraphNode): boolean {
    if (node.is === 'aggregate') return node.uncertain;
    if (node.is !== 'cell') return false;
    const table = this.state.tables[node.table];
    const row = table.rowNumber.get(node.row);
    return row !== undefined && (table.columns[node.column] as ColumnState).uncertain[row] === 1;
  }

  /** Recomputes an aggregate from its table's current values. */
  aggregate(node: AggregateNode): void {
    node.waiting = this.waits(() => this.aggregateNow(node));
  }

  private aggregateNow(node: AggregateNode): void {
    const table = this.state.tables[node.expr.table];
    const n = table.keys.length;
    const values = this.vector(node.value, table, n);
    const filter = this.vector(node.filter, table, n);
    const keys = node.keys.map((program) => this.vector(program, table, n) as Float64Array);
    const included = table.byId.get('included')?.values;
    node.uncertain = [node.value, node.filter, ...node.keys].some(
      (program) => program !== null && this.programUncertain(program),
    );
    const { value: of } = node.expr;
    const cents = of?.op === 'column' && table.columns[of.column]?.def.money === true;
    if (node.expr.name === 'sum' && values && !filter && node.keys.length === 0) {
      node.result = sumOfColumn(values, included, n, cents);
      return;
    }
    const whole = new AggregateGroup(node.expr.name, cents);
    const groups = node.keys.length > 0 ? new Map<string, AggregateGroup>() : null;
    for (let i = 0; i < n; i++) {
      if (included && included[i] === 0) continue;
      const pass = filter ? (filter[i] as number) : 1;
      if (pass === 0) continue;
      const value = pass === 1 ? (values ? (values[i] as number) : 1) : Number.NaN;
      if (!groups) whole.add(value);
      else {
        const key = keys.map((array) => array[i]).join('|');
        let group = groups.get(key);
        if (!group) groups.set(key, (group = new AggregateGroup(node.expr.name, cents)));
        group.add(value);
      }
    }
    node.result = whole.result();
    node.groups = groups ? new Map([...groups].map(([key, group]) => [key, group.result()])) : null;
  }

  private programUncertain(program: Program): boolean {
    return (
      program.sources.length > 0 ||
      program.dependencies.some((dependency) => {
        const node = this.state.nodes[dependency] as GraphNode;
        return node.is === 'column' ? node.column.anyUncertain : this.nodeUncertain(node);
      })
    );
  }

  private vector(program: Program | null, table: TableState, n: number): Float64Array | null {
    if (!program) return null;
    const single = program.operations.length === 0 ? program.operands[program.result] : undefined;
    if (single?.from === 'column') return (table.columns[single.column] as ColumnState).values;
    const out = new Float64Array(n);
    this.rows(program, table, 0, n, out, 0);
    return out;
  }
}

/** The cells of a column that hold text, formulas apart. */
function typedCells(column: ColumnState): TypedCells {
  const rows: number[] = [];
  const values: number[] = [];
  const formulas: number[] = [];
  for (const [row, entry] of column.entries) {
    if (entry.is === 'formula') formulas.push(row);
    else {
      rows.push(row);
      values.push(entry.is === 'value' ? entry.value : Number.NaN);
    }
  }
  return { rows: Int32Array.from(rows), values: Float64Array.from(values), formulas: Int32Array.from(formulas) };
}

/** Makes room for n rows, with some to spare. */
export function grow(column: ColumnState, n: number): void {
  const room = Math.max(16, Math.ceil(n * 1.25));
  const values = new Float64Array(room).fill(Number.NaN);
  values.set(column.values);
  column.values = values;
  const uncertain = new Uint8Array(room);
  uncertain.set(column.uncertain);
  column.uncertain = uncertain;
}
