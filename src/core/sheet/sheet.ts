/**
 * A plan, evaluated: the engine's face to everything else. Commands change the plan and mark what depends on them;
 * `recalculate` brings values up to date. Central values only; samples are drawn by `core/sheet/sample.ts` on request.
 */
import { applyCommands, type Applied } from '../document/apply.ts';
import { TABLE_IDS, type Command, type Plan, type PlanRow, type TableId } from '../document/plan.ts';
import { Builder, buildState, columnsOf } from './build.ts';
import { evaluateGroup } from './cyclic.ts';
import { Evaluator } from './evaluate.ts';
import { crossing, orderNodes } from './link.ts';
import { looksOnly } from './look.ts';
import type { GraphNode, PercentileNode, SheetOptions, SheetState } from './node.ts';
import { isRemark } from './remarks.ts';
import { canPlace, closeRow, openRow, type RowCommand } from './place-row.ts';
import { planDifference } from './plan-difference.ts';
import { cellAddress, type ColumnState, type Entry, type TableState } from './state.ts';

/** More rows at once are quicker to build anew than to move one by one. */
const MOST_ROWS_IN_PLACE = 20;
const NO_ROWS: ReadonlySet<number> = new Set();

export class Sheet {
  readonly options: SheetOptions;
  state: SheetState;
  evaluator: Evaluator;
  /** Rises with every change of values, so that caches know when to forget. */
  version = 0;
  /** Addresses of cells that must not be shown: what is exported says so in their place. Empty on screen. */
  hidden: ReadonlySet<string> = new Set();
  private dirty = new Map<number, 'all' | Set<number>>();
  /** Computes a percentile over samples; set by the sampler so that the engine itself stays free of it. */
  percentile: ((sheet: Sheet, node: GraphNode & { is: 'percentile' }) => number) | null = null;

  constructor(plan: Plan, options: SheetOptions) {
    this.options = options;
    this.state = buildState(plan, options);
    this.evaluator = new Evaluator(this.state);
    this.markAll();
  }

  get plan(): Plan {
    return this.state.plan;
  }

  /** Changes the plan. Values are stale until `recalculate`. Throws what `applyCommands` throws and then changes nothing. */
  apply(commands: readonly Command[]): Applied {
    const applied = applyCommands(this.plan, commands);
    if (this.isInPlace(applied.commands)) this.editInPlace(applied.plan, applied.commands);
    else if (applied.commands.every((command) => this.changesNoValue(command))) this.takeLooks(applied.plan);
    else if (applied.commands.some((command) => 'law' in command)) this.reload(applied.plan, false);
    else if (applied.commands.some((command) => !('scenario' in command))) this.reload(applied.plan);
    else this.state.plan = applied.plan;
    return applied;
  }

  /**
   * Becomes the sheet of another plan, keeping what is the same: rows that are the same object hold the same cells. For
   * scenarios, whose plan follows from the base.
   */
  follow(plan: Plan): void {
    const commands = planDifference(this.plan, plan);
    if (this.plan.correlations !== plan.correlations) this.version++;
    if (commands && this.isInPlace(commands)) this.editInPlace(plan, commands);
    else if (commands?.every((command) => this.changesNoValue(command))) this.takeLooks(plan);
    else this.reload(plan, this.plan.laws === plan.laws);
  }

  /** True when every command changes a cell, a row that comes or goes, a remark or a correlation. */
  private isInPlace(commands: readonly Command[]): boolean {
    const rows = commands.filter((command) => 'row' in command);
    return (
      rows.length <= MOST_ROWS_IN_PLACE &&
      rows.every((command) => canPlace(this.state, command)) &&
      commands.every(
        (command) =>
          'row' in command ||
          'correlation' in command ||
          this.isCellEdit(command) ||
          ('set' in command && this.changesNoValue(command)),
      )
    );
  }

  private editInPlace(plan: Plan, commands: readonly Command[]): void {
    const { state } = this;
    state.plan = plan;
    const known = state.nodes.length;
    let relink = false;
    for (const command of commands) {
      if ('row' in command) relink = this.placeRow(command) || relink;
      else if ('set' in command && this.state.tables[command.set[0]].byId.has(command.set[2]))
        relink = this.editCell(command.set[0], command.set[1], command.set[2], command.to) || relink;
      // An assumption of another type has rebuilt the sheet of the whole plan.
      if (this.state !== state) return;
    }
    if (relink) this.relink(known);
    // Correlations move samples alone.
    if (commands.some((command) => 'correlation' in command)) this.version++;
  }

  /** Returns true when the dependency graph changed. */
  private placeRow({ row: [tableId, key], from, to }: RowCommand): boolean {
    const { state } = this;
    const table = state.tables[tableId];
    if (from) {
      const at = table.rowNumber.get(key) as number;
      closeRow(state, table, at);
      this.moveMarks(table, (row) => (row > at ? row - 1 : row === at ? null : row));
      for (const address of state.cycles.keys())
        if (address.startsWith(`${tableId}.${key}.`)) state.cycles.delete(address);
    }
    let relink = false;
    if (to) {
      const at = Math.min(to.at, table.keys.length);
      openRow(state, table, key, at);
      this.moveMarks(table, (row) => (row >= at ? row + 1 : row));
      const builder = new Builder(state);
      builder.readPlacedRow(table, { key, cells: to.cells });
      for (const column of table.columns) {
        this.mark(column.node, at);
        relink = this.needsRelink(column.node, undefined, column.entries.get(at)) || relink;
      }
    }
    // What reads the table across rows: lookups by their columns, aggregates whatever they read.
    for (const column of table.columns) this.spread(column.node, NO_ROWS);
    state.nodes.forEach((node, number) => {
      if (node.is === 'aggregate' && node.expr.table === tableId) this.dirty.set(number, 'all');
    });
    return relink;
  }

  /** Marks of a table's rows when rows move. */
  private moveMarks(table: TableState, to: (row: number) => number | null): void {
    for (const column of table.columns) {
      const rows = this.dirty.get(column.node);
      if (rows && rows !== 'all') this.dirty.set(column.node, new Set([...rows].flatMap((row) => to(row) ?? [])));
    }
  }

  /** New formulas: puts the graph in order. What they read for the first time (nodes from `known` on) has no value yet. */
  private relink(known: number): void {
    const { state } = this;
    orderNodes(state);
    for (let node = known; node < state.nodes.length; node++) this.dirty.set(node, 'all');
    // Circles are named again by evaluating every group that may hold one.
    state.cycles.clear();
    for (const node of state.looped) this.dirty.set(node, 'all');
  }

  /** Replaces the whole plan. With `keep` formulas read before keep what they remember of functions. */
  reload(plan: Plan, keep = true): void {
    const { atOnce } = this.evaluator;
    const before = this.state;
    this.state = buildState(plan, this.options, keep ? before : undefined);
    keepLastValues(before, this.state);
    this.evaluator = new Evaluator(this.state);
    this.evaluator.atOnce = atOnce;
    this.seenUnanswered = 0;
    this.dirty.clear();
    this.markAll();
  }

  /** Looks of a column that stays, and remarks on cells: nothing is computed anew. */
  private changesNoValue(command: Command): boolean {
    if ('set' in command)
      return isRemark(command.set[2]) && !this.state.tables[command.set[0]].byId.has(command.set[2]);
    if (!('column' in command)) return false;
    const { from = null, to } = command;
    const [table, id] = command.column;
    // A column of the user's own comes and goes with its description; a built-in one stays.
    const known = this.state.tables[table].byId.get(id);
    const stays = known !== undefined && (!known.def.user || (from !== null && to !== null));
    return stays && looksOnly(from, to);
  }

  private takeLooks(plan: Plan): void {
    this.state.plan = plan;
    for (const table of TABLE_IDS)
      columnsOf(plan, table, this.options.columns).forEach((def, i) => {
        const column = this.state.tables[table].columns[i];
        if (column) column.def = def;
      });
  }

  /** Cells of known columns outside `assumptions` change in place; everything else rebuilds. */
  private isCellEdit(command: Command): boolean {
    if (!('set' in command)) return false;
    const [table, , column] = command.set;
    return table === 'assumptions' ? this.isPlainAssumption(command.set) : this.state.tables[table].byId.has(column);
  }

  /** An assumption's value may change in place when its type stays: its unit is given. */
  private isPlainAssumption([table, key, column]: readonly [TableId, string, string]): boolean {
    if (table !== 'assumptions') return false;
    if (column !== 'value') return column !== 'unit' && this.state.tables.assumptions.byId.has(column);
    return this.state.assumptions.has(key);
  }

  /** Returns true when the dependency graph changed. */
  private editCell(tableId: TableId, key: string, columnId: string, text: string | null): boolean {
    const { state } = this;
    const table = state.tables[tableId];
    const column = table.byId.get(columnId) as ColumnState;
    const row = table.rowNumber.get(key) as number;
    const before = column.entries.get(row);
    if (tableId === 'assumptions' && columnId === 'value') return this.editAssumption(column, key, row);
    column.typed = null;
    if (text === null) column.entries.delete(row);
    else column.entries.set(row, new Builder(state).knownEntry(column, key, row, text));
    this.mark(column.node, row);
    return this.needsRelink(column.node, before, column.entries.get(row));
  }

  /** A formula may need what its node did not need before; one that goes leaves needs behind that do no harm. */
  private needsRelink(node: number, before: Entry | undefined, after: Entry | undefined): boolean {
    if (before?.is === 'formula' && this.state.looped.has(node)) return true;
    if (after?.is !== 'formula' || after.compiled.error) return false;
    const needs = this.state.needs[node] as readonly number[];
    const { dependencies, operations } = after.compiled.program;
    return (
      dependencies.some((dependency) => !needs.includes(dependency)) ||
      operations.some(
        (operation) => operation.code === 'lookup' && !this.state.across.has(crossing(node, operation.column)),
      )
    );
  }

  private editAssumption(column: ColumnState, key: string, row: number): boolean {
    const { state } = this;
    const before = column.entries.get(row);
    const type = state.assumptions.get(key)?.type;
    state.assumptions.delete(key);
    const after = new Builder(state).assumptionType(key);
    const sameType =
      type?.is === after?.is &&
      (type?.is !== 'number' ||
        (after?.is === 'number' && type.dimension === after.dimension && type.kind === after.kind));
    if (!sameType) {
      this.reload(state.plan);
      return false;
    }
    const node = state.nodeByKey.get(`cell assumptions ${column.index} ${key}`) as number;
    this.mark(node, 0);
    return this.needsRelink(node, before, column.entries.get(row));
  }

  private mark(node: number, row: number): void {
    const rows = this.dirty.get(node);
    if (rows === 'all') return;
    if (rows) rows.add(row);
    else this.dirty.set(node, new Set([row]));
  }

  private markAll(): void {
    for (let node = 0; node < this.state.nodes.length; node++) this.dirty.set(node, 'all');
  }

  /** Marks what reads catalog rows for recalculation after the catalog changed. */
  catalogChanged(): void {
    this.reload(this.plan);
  }

  /** Brings every stale value up to date; returns the number of cells computed. */
  recalculate(): number {
    if (this.dirty.size === 0) return 0;
    const { state } = this;
    let cells = 0;
    for (const group of state.order) {
      const first = group[0] as number;
      if (!state.looped.has(first)) {
        if (this.dirty.has(first)) cells += this.evaluateNode(first);
        continue;
      }
      if (!group.some((node) => this.dirty.has(node))) continue;
      this.forgetCyclesOf(group);
      cells += evaluateGroup(state, this.evaluator, group, (node) => this.takePercentile(node));
      for (const node of group) this.spread(node, 'all');
    }
    this.dirty.clear();
    this.version++;
    return cells;
  }

  private forgetCyclesOf(group: readonly number[]): void {
    const { cycles, nodes } = this.state;
    if (cycles.size === 0) return;
    for (const node of group) {
      const target = nodes[node] as GraphNode;
      if (target.is === 'cell') cycles.delete(cellAddress(target.table, target.row, 'value'));
      if (target.is === 'column')
        for (const key of target.column.table.keys)
          cycles.delete(cellAddress(target.column.table.id, key, target.column.def.id));
    }
  }

  /** Computes nodes that were added since the last recalculation, from number `from` on. */
  refresh(from: number): void {
    for (let node = from; node < this.state.nodes.length; node++) this.dirty.set(node, 'all');
    this.recalculate();
  }

  private evaluateNode(node: number): number {
    const target = this.state.nodes[node] as GraphNode;
    const rows = this.dirty.get(node) as 'all' | Set<number>;
    switch (target.is) {
      case 'column': {
        if (target.column.table.id === 'assumptions' && target.column.def.id === 'value') return 0;
        if (target.column.table.keys.length === 0) return 0;
        const cells = this.evaluator.column(target.column, rows);
        this.spread(node, rows);
        return cells;
      }
      case 'cell': {
        if (target.table === 'assumptions') {
          const table = this.state.tables.assumptions;
          const column = table.columns[target.column] as ColumnState;
          const row = table.rowNumber.get(target.row);
          if (row !== undefined) {
            if (column.entries.has(row)) this.evaluator.entry(column, row);
            else column.values[row] = Number.NaN;
          }
        }
        this.spread(node, 'all');
        return 1;
      }
      case 'aggregate': {
        if (target.groups && this.readByEmptyTables(node)) return 0;
        const before = target.groups ? Number.NaN : target.result.value;
        const wasUncertain = target.uncertain;
        this.evaluator.aggregate(target);
        if (rows === 'all' || !Object.is(before, target.result.value) || wasUncertain || target.uncertain)
          this.spread(node, 'all');
        return 1;
      }
      case 'percentile':
        target.value = this.takePercentile(target);
        this.spread(node, 'all');
        return 1;
    }
  }

  private takePercentile(node: PercentileNode): number {
    let value = Number.NaN;
    node.waiting = this.evaluator.waits(() => (value = this.percentile?.(this, node) ?? Number.NaN));
    return value;
  }

  /** True while a value waits for the answer of a long computation. */
  get waiting(): boolean {
    return (
      this.state.nodes.some((node) => (node.is === 'aggregate' || node.is === 'percentile') && node.waiting) ||
      Object.values(this.state.tables).some((table) => table.columns.some((column) => column.waiting.size > 0))
    );
  }

  private seenUnanswered = 0;

  /**
   * Asks again for every value that waits, and computes what follows from those that are there now. False when nothing
   * waited since the last time.
   */
  answersArrived(): boolean {
    const { state } = this;
    if (this.evaluator.unanswered === this.seenUnanswered && !this.waiting) return false;
    this.seenUnanswered = this.evaluator.unanswered;
    state.nodes.forEach((target, node) => {
      if (target.is === 'column') for (const row of target.column.waiting) this.markWaiting(target.column, row);
      else if (target.is !== 'cell' && target.waiting) this.dirty.set(node, 'all');
    });
    this.recalculate();
    // Samples may have waited although no central value did.
    this.version++;
    return true;
  }

  private markWaiting(column: ColumnState, row: number): void {
    const { table, node, index } = column;
    if (table.id !== 'assumptions' || column.def.id !== 'value') return this.mark(node, row);
    const cell = this.state.nodeByKey.get(`cell assumptions ${index} ${table.keys[row]}`);
    if (cell !== undefined) this.dirty.set(cell, 'all');
  }

  /** Runs `work` with every answer computed on the spot: nothing that it sees is waited for. */
  atOnce<T>(work: () => T): T {
    const { evaluator } = this;
    const before = evaluator.atOnce;
    evaluator.atOnce = true;
    try {
      if (this.waiting) this.answersArrived();
      return work();
    } finally {
      evaluator.atOnce = before;
    }
  }

  /** An aggregate by key that only tables without rows read; a row that comes builds the sheet anew. */
  private readByEmptyTables(node: number): boolean {
    return (this.state.dependents[node] as number[]).every((dependent) => {
      const reader = this.state.nodes[dependent] as GraphNode;
      return reader.is === 'column' && reader.column.table.keys.length === 0;
    });
  }

  /** Marks the dependents of changed rows: same rows along a row, everything across rows. */
  private spread(node: number, rows: 'all' | ReadonlySet<number>): void {
    const source = this.state.nodes[node] as GraphNode;
    for (const dependent of this.state.dependents[node] as number[]) {
      const target = this.state.nodes[dependent] as GraphNode;
      if (
        rows !== 'all' &&
        source.is === 'column' &&
        target.is === 'column' &&
        target.column.table === source.column.table &&
        !this.state.across.has(crossing(dependent, node))
      ) {
        for (const row of rows) this.mark(dependent, row);
      } else if (rows !== 'all' && source.is === 'column' && target.is === 'cell') {
        const row = this.state.tables[target.table].rowNumber.get(target.row);
        if (row !== undefined && rows.has(row)) this.dirty.set(dependent, 'all');
      } else this.dirty.set(dependent, 'all');
    }
  }

  /** The column of that id; undefined when the table has none. */
  column(table: TableId, id: string): ColumnState | undefined {
    return this.state.tables[table].byId.get(id);
  }

  /** Central value of a cell in base units; NaN is unknown, also for rows and columns that do not exist. */
  value(table: TableId, key: string, id: string): number {
    const column = this.column(table, id);
    const row = this.state.tables[table].rowNumber.get(key);
    return column && row !== undefined ? (column.values[row] as number) : Number.NaN;
  }

  /** Text of a cell as typed; empty when it holds nothing. */
  text(table: TableId, key: string, id: string): string {
    const row = this.state.tables[table].rowNumber.get(key);
    return row === undefined ? '' : ((this.plan.tables[table][row] as PlanRow).cells[id] ?? '');
  }

  /** Number of cells the plan shows, for messages. */
  get cellCount(): number {
    return TABLE_IDS.reduce(
      (sum, id) => sum + this.state.tables[id].keys.length * this.state.tables[id].columns.length,
      0,
    );
  }
}

/** Values of expensive columns stay on screen while they are computed anew in a sheet that was rebuilt. */
function keepLastValues(before: SheetState, after: SheetState): void {
  for (const table of Object.values(after.tables))
    for (const column of table.columns) {
      const last = before.tables[table.id].byId.get(column.def.id);
      if (!last || !column.compiled || column.compiled.error || !column.compiled.program.expensive) continue;
      if (column.type.is !== 'number' && column.type.is !== 'boolean') continue;
      table.keys.forEach((key, row) => {
        const old = last.table.rowNumber.get(key);
        if (old !== undefined) column.values[row] = last.values[old] as number;
      });
    }
}
