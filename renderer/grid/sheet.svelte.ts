/** What the grid shows of one table: a window of rows, the selection, and the cell being edited. */
import type { ClientCommand, OpenPlan } from '../app/plan.svelte.ts';
import type { SelectionSummary } from '../../src/core/sheet/selection.ts';
import type { CellProblem, CellView, ColumnView, RowView, SheetView } from '../../src/core/sheet/view.ts';
import type { TableId } from '../../src/core/document/plan.ts';
import { failureOf, type Failure } from '../lib/client.ts';
import { formatNumber } from '../lib/format.ts';
import { CellsWindow, type Wish } from './cells-window.svelte.ts';
import { EMPTY_LAYOUT, readLayout, visibleColumns, withColumn, type Layout } from './layout.ts';
import type { Pasted } from './pasted.ts';
import { neverArrived, PendingCells, type CellName, type PendingCell } from './pending.ts';
import { inRange, moved, rangeOf, type Position, type Range } from './range.ts';

/** The panels of the sheet that ask or show something; the grid goes on behind them. */
export type SheetPanel =
  | { readonly is: 'find' }
  | { readonly is: 'trace'; readonly first: 'precedents' | 'dependents' }
  | { readonly is: 'note' }
  | { readonly is: 'filter'; readonly column: string }
  | { readonly is: 'column'; readonly column: string }
  | { readonly is: 'remove-column'; readonly column: string }
  | { readonly is: 'paste'; readonly pasted: Pasted }
  | {
      readonly is: 'menu';
      readonly at: { readonly x: number; readonly y: number };
      readonly of: 'cell' | 'column' | 'row';
    }
  | null;

/** Marks in words, for titles and the screen reader. */
export const MARK_WORDS = { good: 'good', warn: 'look at this', bad: 'over the line' } as const;

export interface Editing {
  readonly row: number;
  readonly column: number;
  /** What is being edited, by name: rows may move meanwhile. */
  readonly cell: CellName;
  text: string;
  /** Typing replaced the cell: arrows leave it. F2 edits inside: arrows move the caret. */
  readonly replace: boolean;
  /** Which editor has the caret. */
  readonly where: 'cell' | 'bar';
}

export class SheetState {
  readonly plan: OpenPlan;
  layout = $state.raw<Layout>(EMPTY_LAYOUT);
  /** Rises when sort or filter are set or applied again: rows keep their places in between. */
  private stamp = $state(1);
  active = $state.raw<Position>({ row: 0, column: 0 });
  anchor = $state.raw<Position>({ row: 0, column: 0 });
  editing = $state<Editing | null>(null);
  failure = $state.raw<Failure | null>(null);
  panel = $state.raw<SheetPanel>(null);
  /** Long work on cells, with a way to stop it. */
  working = $state.raw<{ readonly label: string; readonly fraction: number; readonly stop: () => void } | null>(null);
  /** Column whose total the inspector shows; null while it shows the active cell. */
  inspectedTotal = $state<number | null>(null);
  /** What the screen reader says after a move or an edit. */
  spoken = $state('');
  /** Column ids that the formula under the cursor reads, in order: outlined in the grid. */
  precedents = $state.raw<readonly string[]>([]);
  /** The newest answer to `refresh`, or its failure, has been taken in. */
  refreshed: Promise<void> = Promise.resolve();
  private readonly window: CellsWindow;
  private readonly layouts = new Map<TableId, Layout>();
  private readonly pending: PendingCells;
  /** Rises with every change of `pending`: what reads it follows. */
  private pendingVersion = $state(0);
  private disposed = false;

  constructor(plan: OpenPlan) {
    this.plan = plan;
    this.pending = new PendingCells(
      async (cell, text) => {
        const command: ClientCommand = { set: [cell.table, cell.row, cell.column], to: text === '' ? null : text };
        return (await plan.setCell(cell.scenario, command)).revision;
      },
      failureOf,
      () => this.pendingVersion++,
    );
    this.window = new CellsWindow({
      ask: (request) =>
        plan.client.call('sheet.view', {
          ...this.area(),
          ...request,
          columns: [...request.columns],
        }),
      order: () => this.columns.map((column) => column.id),
      seen: (view) => this.took(view),
      failed: (error) => {
        if (!this.disposed) this.failure = failureOf(error);
      },
    });
    void this.openTable();
  }

  get view(): SheetView | null {
    return this.window.view;
  }

  readonly allColumns = $derived.by((): readonly ColumnView[] => this.plan.tableInfo?.columns ?? []);

  /** Visible columns: the row's name first, frozen. */
  readonly columns = $derived.by((): readonly ColumnView[] =>
    visibleColumns(this.allColumns, this.layout, this.plan.table === 'assumptions' ? 'key' : 'name'),
  );

  /** Where each visible column's cells stand in a row of the view; -1 while they are not held. */
  private readonly places = $derived.by((): readonly number[] => {
    const ids = this.view?.columns ?? [];
    return this.columns.map((column) => ids.indexOf(column.id));
  });

  readonly rowCount = $derived.by((): number => this.view?.rowCount ?? this.plan.tableInfo?.rowCount ?? 0);
  /** Rows of the document, whatever the view leaves out. */
  readonly tableRows = $derived.by((): number => this.view?.tableRows ?? this.rowCount);
  readonly problems = $derived.by((): readonly CellProblem[] => this.view?.problems ?? []);
  readonly recalculatedCells = $derived(this.view?.recalculatedCells ?? 0);
  readonly recalculationMs = $derived(this.view?.recalculationMs ?? 0);
  /** Whole rows or columns that are selected while the active cell stays where it is. */
  private whole = $state.raw<Range | null>(null);
  readonly range = $derived(this.whole ?? rangeOf(this.anchor, this.active));
  readonly activeColumn = $derived(this.columns[this.active.column]);
  readonly activeRow = $derived(this.rowAt(this.active.row));
  /** True while a sort or a filter makes the view differ from the document. */
  readonly isArranged = $derived(this.layout.sort.length > 0 || this.layout.filter.length > 0);
  readonly activeCell = $derived.by(() => this.cellAt(this.active.row, this.active.column));

  /** The same text as long as the same cell is active: what depends on the cell alone does not run with every view. */
  private readonly activeName = $derived.by(() =>
    this.activeRow && this.activeColumn ? `${this.plan.table}\n${this.activeRow.key}\n${this.activeColumn.id}` : null,
  );

  /** Address of the active cell for calls; null while there is none. */
  readonly activeRef = $derived.by(() => {
    if (this.activeName === null) return null;
    const [table, row, column] = this.activeName.split('\n') as [TableId, string, string];
    return { table, row, column };
  });

  dispose(): void {
    this.disposed = true;
  }

  /** What every question about cells names. */
  area() {
    const { sort, filter } = this.layout;
    return {
      plan: this.plan.id,
      scenario: this.plan.scenario,
      table: this.plan.table,
      ...(this.isArranged ? { arrange: { sort: [...sort], filter: [...filter], stamp: this.stamp } } : {}),
    };
  }

  /** Reads the table's layout, then its cells. */
  private async openTable(): Promise<void> {
    const { table } = this.plan;
    let layout = this.layouts.get(table);
    if (!layout) {
      layout = await this.plan.client
        .call('layout.read', { plan: this.plan.id, table })
        .then((answer) => readLayout(answer.layout))
        .catch(() => EMPTY_LAYOUT);
      this.layouts.set(table, layout);
    }
    if (this.disposed || table !== this.plan.table) return;
    this.layout = layout;
    this.refresh();
  }

  /** Lays the table out anew and keeps it; with `keep` false only on screen, as while a border is dragged. */
  setLayout(layout: Layout, keep = true): void {
    const { sort, filter } = this.layout;
    this.layout = layout;
    if (!keep) return;
    this.layouts.set(this.plan.table, layout);
    void this.plan.client
      .call('layout.write', { plan: this.plan.id, table: this.plan.table, layout: { ...layout } })
      .catch((error: unknown) => (this.failure = failureOf(error)));
    if (sort !== layout.sort || filter !== layout.filter) this.arrangeAgain();
    else this.refresh();
  }

  /** Sorts and filters again with the values of now. */
  arrangeAgain(): void {
    this.stamp++;
    this.window.outdate();
    this.refresh();
  }

  width(column: ColumnView): number {
    return this.layout.widths[column.id] ?? column.widthPx;
  }

  /** Starts over on another table. */
  reset(): void {
    this.layout = this.layouts.get(this.plan.table) ?? EMPTY_LAYOUT;
    this.active = this.anchor = { row: 0, column: 0 };
    this.whole = null;
    this.editing = null;
    this.panel = null;
    this.window.clear();
    void this.openTable();
  }

  /** These rows and columns are on screen. */
  show(wish: Wish): void {
    const { activeColumn } = this;
    this.window.want(
      activeColumn && !wish.columns.includes(activeColumn.id)
        ? { ...wish, columns: [...wish.columns, activeColumn.id] }
        : wish,
    );
  }

  /** True when these cells can be painted. */
  holds(wish: Wish): boolean {
    return this.window.covers(wish);
  }

  /** Reads what is on screen again. */
  refresh(): void {
    if (this.columns.length > 0) this.refreshed = this.window.refresh();
  }

  /** Another scenario is looked at: what is on its way is not for it. */
  outdate(): void {
    this.window.outdate();
    this.refresh();
  }

  private took(view: SheetView): void {
    this.pending.seen(view.revision);
    if (this.unspoken) this.speak();
    // Rows may have gone, for example by undo: the selection stays inside the table.
    const last = Math.max(0, view.rowCount - 1);
    if (this.active.row > last) this.active = { ...this.active, row: last };
    if (this.anchor.row > last) this.anchor = { ...this.anchor, row: last };
    if (this.whole && this.whole.bottom > last) this.whole = null;
  }

  /** The text of a cell that the host has not confirmed. */
  pendingAt(row: number, column: number): PendingCell | undefined {
    void this.pendingVersion;
    const cell = this.nameAt(row, column);
    return cell && this.pending.get(cell);
  }

  /** Texts the host refused, or that have not reached it. */
  get unsaved(): readonly PendingCell[] {
    void this.pendingVersion;
    return this.pending.refused();
  }

  private nameAt(row: number, column: number): CellName | undefined {
    const key = this.rowAt(row)?.key;
    const id = this.columns[column]?.id;
    if (key === undefined || id === undefined) return undefined;
    return { scenario: this.plan.scenario, table: this.plan.table, row: key, column: id };
  }

  rowAt(row: number): RowView | undefined {
    return this.view ? this.view.rows[row - this.view.from] : undefined;
  }

  cellAt(row: number, column: number): CellView | undefined {
    return this.rowAt(row)?.cells[this.places[column] ?? -1];
  }

  total(column: number): CellView | null {
    return this.view?.totals[this.places[column] ?? -1] ?? null;
  }

  /** Goes to a cell; with `extend` the selection grows to it. */
  select(to: Position, extend = false): void {
    const next = moved(to, 0, 0, { rows: Math.max(1, this.rowCount), columns: Math.max(1, this.columns.length) });
    this.active = next;
    this.whole = null;
    this.inspectedTotal = null;
    if (!extend) this.anchor = next;
    this.failure = null;
    this.precedents = [];
    this.speak();
  }

  /** Selects a range; the active cell stays where it is, and comes along only if it would be outside. */
  selectRange(range: Range): void {
    const bottom = Math.min(range.bottom, Math.max(0, this.rowCount - 1));
    const right = Math.min(range.right, Math.max(0, this.columns.length - 1));
    const inside = inRange({ ...range, bottom, right }, this.active.row, this.active.column);
    if (!inside) this.select({ row: range.top, column: range.left });
    this.whole = { top: range.top, left: range.left, bottom, right };
    this.spoken = `${bottom - range.top + 1} rows by ${right - range.left + 1} columns selected`;
  }

  /** The active cell had not arrived when it was to be spoken: it is when it does. */
  private unspoken = false;

  private speak(): void {
    const cell = this.activeCell;
    const column = this.activeColumn;
    this.unspoken = !cell;
    if (!cell || !column) return;
    const value =
      cell.problem && cell.display === ''
        ? `${cell.problem.code.toLowerCase()}: ${cell.problem.message}`
        : `${cell.display} ${column.unit}`;
    const spread = cell.spread
      ? `, 80 percent between ${formatNumber(cell.spread.p10)} and ${formatNumber(cell.spread.p90)}`
      : '';
    const state = cell.state === 'override' ? 'overridden' : cell.state;
    const said = [cell.mark && `${MARK_WORDS[cell.mark.tone]}: ${cell.mark.rule}`, cell.note && `note: ${cell.note}`];
    this.spoken = `${this.activeRow?.cells[0]?.display || this.activeRow?.key}, ${column.label}: ${[value + spread, state, ...said].filter(Boolean).join(', ')}`;
  }

  /** What the editor of a cell starts with: an unsaved text, the cell's own, or the column's formula. */
  private heldText(row: number, column: number): string {
    const text = this.pendingAt(row, column)?.text ?? this.cellAt(row, column)?.text ?? '';
    const formula = this.columns[column]?.formula ?? null;
    return text !== '' ? text : formula !== null ? `=${formula}` : '';
  }

  /** Begins to edit the active cell. `typed` replaces what it holds. */
  edit(typed?: string, where: 'cell' | 'bar' = 'cell'): void {
    const { row, column } = this.active;
    const cell = this.nameAt(row, column);
    // What has not arrived yet can be typed over, but not edited inside.
    if (!cell || cell.column === 'key' || (typed === undefined && !this.activeCell)) return;
    this.commit();
    this.editing = {
      row,
      column,
      cell,
      text: typed ?? this.heldText(row, column),
      replace: typed !== undefined,
      where,
    };
    this.failure = this.pendingAt(row, column)?.failure ?? null;
  }

  /** Leaves the editor. A refused text that stood in it is given up. */
  cancel(): void {
    if (this.editing) this.pending.drop(this.editing.cell);
    this.close();
  }

  private close(): void {
    this.editing = null;
    this.failure = null;
    this.precedents = [];
  }

  /**
   * Closes the editor at once and sends its text. `own` is the edit that asks: an editor that loses the caret after its
   * edit has ended must not end the next one. A text that is refused comes back with its reason.
   */
  commit(own: Editing | null = this.editing): void {
    if (!own || own !== this.editing) return;
    const { cell, row, column } = own;
    const formula = this.columns[column]?.formula ?? null;
    const restores = formula !== null && own.text.trim() === `=${formula}`;
    const text = restores || own.text.trim() === '' ? '' : own.text;
    const refused = this.pending.get(cell)?.failure ?? null;
    const held = this.pending.get(cell)?.text ?? this.cellAt(row, column)?.text ?? '';
    this.close();
    if (refused === null && text.trim() === held.trim()) return;
    void this.pending.add(cell, text).then((problem) => problem && this.bringBack(problem));
  }

  /** Opens the editor again on a refused text, unless something else is being typed: then it waits in its cell. */
  private bringBack(problem: PendingCell): void {
    if (this.editing || this.disposed || neverArrived(problem.failure)) return;
    this.goToUnsaved(problem);
  }

  /** Goes to a text that was not saved, with the editor open on it. */
  goToUnsaved(problem: PendingCell): void {
    const { cell } = problem;
    if (cell.table !== this.plan.table || cell.scenario !== this.plan.scenario) return;
    const at = this.view?.rows.findIndex((row) => row.key === cell.row) ?? -1;
    const column = this.columns.findIndex((own) => own.id === cell.column);
    if (at < 0 || column < 0 || !this.view) return;
    this.select({ row: this.view.from + at, column });
    this.edit();
  }

  /** The host is back: what did not reach it is sent again. */
  sendAgain(): void {
    this.pending.sendAgain();
  }

  /** Opens the menu of the active cell below it; the grid says where that is. */
  openMenuAtCell(): void {
    const box = document.getElementById(`cell-${this.active.row}-${this.active.column}`)?.getBoundingClientRect();
    if (box) this.panel = { is: 'menu', of: 'cell', at: { x: box.left + 8, y: box.bottom } };
  }

  /** Shows why something did not work, beside the formula. */
  fail(error: unknown): void {
    this.failure = failureOf(error);
  }

  /** Sends commands that come from a gesture; an error is shown in the notice line of the formula bar. */
  async send(commands: readonly ClientCommand[], note?: string): Promise<boolean> {
    if (commands.length === 0) return true;
    try {
      await this.plan.change(commands, note);
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = failureOf(error);
      return false;
    }
  }

  /** Count, sum and the like of the selection; null while one cell is selected. */
  summary = $state.raw<SelectionSummary | null>(null);
  private summaryAsked = 0;

  /** Adds up the selection. */
  async summarise(): Promise<void> {
    const ticket = ++this.summaryAsked;
    const { top, bottom, left, right } = this.range;
    if (top === bottom && left === right) {
      this.summary = null;
      return;
    }
    const columns = this.columns.slice(left, right + 1).map((column) => column.id);
    const summary = await this.plan.client
      .call('sheet.summary', { ...this.area(), columns, from: top, count: bottom - top + 1 })
      .catch(() => null);
    if (ticket === this.summaryAsked && !this.disposed) this.summary = summary;
  }

  /** Shows the cause of the first problem. */
  goToProblem(at = 0): void {
    const problem = this.problems[at];
    if (problem) void this.goToAddress(problem.root);
  }

  /** Goes to `table.row.column`; the column is made visible when it is hidden, and a filter that hides the row is lifted. */
  async goToAddress(address: string): Promise<void> {
    const first = address.indexOf('.');
    const last = address.lastIndexOf('.');
    if (first < 0 || last <= first) return;
    const table = address.slice(0, first) as TableId;
    const row = address.slice(first + 1, last);
    if (table !== this.plan.table) this.plan.goTable(table);
    try {
      await this.showColumn(address.slice(last + 1));
      const position = row === '' ? this.active.row : await this.positionOf(row);
      const column = this.columns.findIndex((own) => own.id === address.slice(last + 1));
      if (position !== null && column >= 0) this.select({ row: position, column });
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  private async positionOf(row: string): Promise<number | null> {
    const { position } = await this.plan.client.call('sheet.position', { ...this.area(), row });
    if (position !== null || this.layout.filter.length === 0) return position;
    this.setLayout({ ...this.layout, filter: [] });
    return (await this.plan.client.call('sheet.position', { ...this.area(), row })).position;
  }

  private async showColumn(id: string): Promise<void> {
    await this.refreshed;
    const column = this.allColumns.find((own) => own.id === id);
    if (column && !this.columns.includes(column)) this.setLayout(withColumn(this.layout, column));
  }
}
