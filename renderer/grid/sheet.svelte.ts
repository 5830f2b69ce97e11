/** What the grid shows of one table: a window of rows, the selection, and the cell being edited. */
import type { ClientCommand, OpenPlan } from '../app/plan.svelte.ts';
import type { CellProblem, CellView, ColumnView, RowView, SheetView } from '../../src/core/sheet/view.ts';
import type { TableId } from '../../src/core/document/plan.ts';
import { failureOf, type Failure } from '../lib/client.ts';
import { formatNumber } from '../lib/format.ts';
import { EMPTY_LAYOUT, readPref, writePref, type Layout } from '../lib/prefs.svelte.ts';
import { neverArrived, PendingCells, type CellName, type PendingCell } from './pending.ts';
import { moved, rangeOf, type Position } from './range.ts';

/** Rows fetched around the visible ones. */
const MARGIN = 60;
const MAX_ROWS = 2_000;

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
  view = $state.raw<SheetView | null>(null);
  active = $state.raw<Position>({ row: 0, column: 0 });
  anchor = $state.raw<Position>({ row: 0, column: 0 });
  editing = $state<Editing | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Column whose total the inspector shows; null while it shows the active cell. */
  inspectedTotal = $state<number | null>(null);
  /** What the screen reader says after a move or an edit. */
  spoken = $state('');
  /** Column ids that the formula under the cursor reads, in order: outlined in the grid. */
  precedents = $state.raw<readonly string[]>([]);
  private window: { from: number; count: number } = { from: 0, count: MARGIN };
  /** The newest answer to `refresh`, or its failure, has been taken in. */
  refreshed: Promise<void> = Promise.resolve();
  private asked = 0;
  private disposed = false;
  private readonly pending: PendingCells;
  /** Rises with every change of `pending`: what reads it follows. */
  private pendingVersion = $state(0);

  constructor(plan: OpenPlan) {
    this.plan = plan;
    this.pending = new PendingCells(
      async (cell, text) => {
        const command: ClientCommand = { set: [cell.table, cell.row, cell.column], to: text === '' ? null : text };
        return (await plan.change([command], undefined, cell.scenario)).revision;
      },
      failureOf,
      () => this.pendingVersion++,
    );
    this.layout = this.storedLayout();
    this.refresh();
  }

  readonly allColumns = $derived.by((): readonly ColumnView[] => this.plan.tableInfo?.columns ?? []);

  /** Visible columns: the row's name first, frozen. */
  readonly columns = $derived.by((): readonly ColumnView[] => {
    const visible = this.allColumns.filter(
      (column) => (column.shown || this.layout.shown.includes(column.id)) && !this.layout.hidden.includes(column.id),
    );
    const title =
      visible.find((column) => column.id === (this.plan.table === 'assumptions' ? 'key' : 'name')) ?? visible[0];
    return title ? [title, ...visible.filter((column) => column !== title)] : [];
  });

  readonly rowCount = $derived.by((): number => this.view?.rowCount ?? this.plan.tableInfo?.rowCount ?? 0);
  readonly problems = $derived.by((): readonly CellProblem[] => this.view?.problems ?? []);
  readonly recalculatedCells = $derived(this.view?.recalculatedCells ?? 0);
  readonly recalculationMs = $derived(this.view?.recalculationMs ?? 0);
  readonly range = $derived(rangeOf(this.anchor, this.active));
  readonly activeColumn = $derived(this.columns[this.active.column]);
  readonly activeRow = $derived(this.rowAt(this.active.row));
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

  private storedLayout(): Layout {
    return { ...EMPTY_LAYOUT, ...readPref<Partial<Layout>>(`layout.${this.plan.table}`, {}) };
  }

  setLayout(layout: Layout): void {
    this.layout = layout;
    writePref(`layout.${this.plan.table}`, layout);
    this.refresh();
  }

  width(column: ColumnView): number {
    return this.layout.widths[column.id] ?? column.widthPx;
  }

  /** Starts over on another table. */
  reset(): void {
    this.layout = this.storedLayout();
    this.view = null;
    this.active = this.anchor = { row: 0, column: 0 };
    this.editing = null;
    this.window = { from: 0, count: MARGIN };
    this.refresh();
  }

  /** Asks for rows if the window on screen is not covered. */
  show(from: number, count: number): void {
    const covered =
      this.view !== null && from >= this.view.from && from + count <= this.view.from + this.view.rows.length;
    if (
      covered ||
      (this.view !== null &&
        from + count > this.rowCount &&
        this.view.from <= from &&
        this.view.from + this.view.rows.length >= this.rowCount)
    )
      return;
    this.window = { from: Math.max(0, from - MARGIN), count: Math.min(MAX_ROWS, count + 2 * MARGIN) };
    this.refresh();
  }

  /** Reads the window again; answers that come late are dropped. */
  refresh(): void {
    const ticket = ++this.asked;
    const columns = this.columns.map((column) => column.id);
    if (columns.length === 0) return;
    this.refreshed = this.plan.client
      .call('sheet.view', {
        plan: this.plan.id,
        scenario: this.plan.scenario,
        table: this.plan.table,
        columns,
        ...this.window,
      })
      .then((view) => {
        if (ticket !== this.asked || this.disposed) return;
        this.view = view;
        this.pending.seen(view.revision);
        // Rows may have gone, for example by undo: the selection stays inside the table.
        const last = Math.max(0, view.rowCount - 1);
        if (this.active.row > last) this.active = { ...this.active, row: last };
        if (this.anchor.row > last) this.anchor = { ...this.anchor, row: last };
      })
      .catch((error: unknown) => {
        if (ticket === this.asked && !this.disposed) this.failure = failureOf(error);
      });
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
    const id = this.columns[column]?.id;
    const at = id === undefined ? -1 : (this.view?.columns.indexOf(id) ?? -1);
    return at < 0 ? undefined : this.rowAt(row)?.cells[at];
  }

  total(column: number): CellView | null {
    const id = this.columns[column]?.id;
    const at = id === undefined ? -1 : (this.view?.columns.indexOf(id) ?? -1);
    return at < 0 ? null : (this.view?.totals[at] ?? null);
  }

  /** Goes to a cell; with `extend` the selection grows to it. */
  select(to: Position, extend = false): void {
    const next = moved(to, 0, 0, { rows: Math.max(1, this.rowCount), columns: Math.max(1, this.columns.length) });
    this.active = next;
    this.inspectedTotal = null;
    if (!extend) this.anchor = next;
    this.failure = null;
    this.precedents = [];
    this.speak();
  }

  private speak(): void {
    const cell = this.activeCell;
    const column = this.activeColumn;
    if (!cell || !column) return;
    const value =
      cell.problem && cell.display === ''
        ? `${cell.problem.code.toLowerCase()}: ${cell.problem.message}`
        : `${cell.display} ${column.unit}`;
    const spread = cell.spread
      ? `, 80 percent between ${formatNumber(cell.spread.p10)} and ${formatNumber(cell.spread.p90)}`
      : '';
    const state = cell.state === 'override' ? `overridden` : cell.state === 'default' ? 'default' : cell.state;
    this.spoken = `${this.activeRow?.cells[0]?.display || this.activeRow?.key}, ${column.label}: ${value}${spread}, ${state}`;
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
    if (!cell || !this.activeCell || cell.column === 'key') return;
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

  /** Cells of the selection as typed or shown. */
  cells(read: (cell: CellView) => string): string[][] {
    const { top, bottom, left, right } = this.range;
    const rows: string[][] = [];
    for (let row = top; row <= bottom; row++) {
      const line: string[] = [];
      for (let column = left; column <= right; column++) {
        const cell = this.cellAt(row, column);
        line.push(cell ? read(cell) : '');
      }
      rows.push(line);
    }
    return rows;
  }

  /** Sum, average and count of the selected numbers of one unit; sums across units are not shown. */
  readonly selectionSummary = $derived.by(() => {
    const { top, bottom, left, right } = this.range;
    if (top === bottom && left === right) return null;
    let count = 0;
    let sum = 0;
    let numbers = 0;
    const units = new Set<string>();
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++) {
        const value = this.cellAt(row, column)?.value;
        if (value === null || value === undefined || value === '') continue;
        count++;
        if (typeof value !== 'number') continue;
        numbers++;
        sum += value;
        units.add(this.columns[column]?.unit ?? '');
      }
    const [unit] = units;
    const one = units.size === 1 && numbers > 0;
    return {
      count: String(count),
      sum: one ? `${formatNumber(sum)} ${unit}`.trim() : null,
      average: one ? `${formatNumber(sum / numbers)} ${unit}`.trim() : null,
    };
  });

  /** Shows the cause of the first problem. */
  goToProblem(at = 0): void {
    const problem = this.problems[at];
    if (problem) this.goToAddress(problem.root);
  }

  /** Goes to `table.row.column`; the column is made visible when it is hidden. */
  goToAddress(address: string): void {
    const first = address.indexOf('.');
    const last = address.lastIndexOf('.');
    if (first < 0 || last <= first) return;
    const table = address.slice(0, first);
    const key = address.slice(first + 1, last);
    const column = address.slice(last + 1);
    if (table !== this.plan.table) this.plan.goTable(table as OpenPlan['table']);
    if (!this.columns.some((own) => own.id === column) && this.allColumns.some((own) => own.id === column))
      this.setLayout({
        ...this.layout,
        shown: [...this.layout.shown, column],
        hidden: this.layout.hidden.filter((id) => id !== column),
      });
    void this.plan.client
      .call('sheet.view', {
        plan: this.plan.id,
        scenario: this.plan.scenario,
        table: this.plan.table,
        columns: [],
        from: 0,
        count: MAX_ROWS,
      })
      .then((view) => {
        const row = view.rows.findIndex((own) => own.key === key);
        const at = this.columns.findIndex((own) => own.id === column);
        if (row >= 0 && at >= 0) this.select({ row, column: at });
      })
      .catch((error: unknown) => (this.failure = failureOf(error)));
  }
}
