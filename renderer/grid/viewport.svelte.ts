/** Where cells stand on screen: sizes, what is visible, and what can be painted with the cells that are held. */
import type { CellView, ColumnView } from '../../src/core/sheet/view.ts';
import { plusMinus } from './plus-minus.ts';
import type { SheetState } from './sheet.svelte.ts';

const ROW = 28;
const GROUPS = 22;
const TITLES = 36;
const TOTALS = 32;
const NUMBER = 40;
/** Rows painted beyond the visible ones. */
const OVERSCAN = 2;

export class Viewport {
  readonly sheet: SheetState;
  scrollTop = $state(0);
  scrollLeft = $state(0);
  width = $state(1000);
  height = $state(600);
  /** Where the painted rows stood when they last could be painted. */
  private held = 0;
  /** Widest interval seen in each column: widths only grow, so that columns do not jump while one scrolls. */
  private readonly widest = new Map<string, number>();

  constructor(sheet: SheetState) {
    this.sheet = sheet;
  }

  readonly zoom = $derived.by(() => this.sheet.layout.zoom);
  readonly row = $derived(Math.round(ROW * this.zoom));
  readonly groupsHeight = $derived(Math.round(GROUPS * this.zoom));
  readonly titlesHeight = $derived(Math.round(TITLES * this.zoom));
  readonly head = $derived(this.groupsHeight + this.titlesHeight);
  readonly number = $derived.by(() =>
    Math.round(Math.max(NUMBER, 16 + 8 * String(this.sheet.rowCount).length) * this.zoom),
  );
  readonly hasTotals = $derived.by(() => this.sheet.columns.some((column) => column.total));
  readonly totals = $derived(this.hasTotals ? Math.round(TOTALS * this.zoom) : 0);

  readonly widths = $derived.by((): readonly number[] =>
    this.sheet.columns.map((column) => Math.round(this.widthOf(column) * this.zoom)),
  );

  /** Left edge of each column, and behind them the right edge of the last, after the row numbers. */
  readonly lefts = $derived.by((): readonly number[] => {
    const lefts = [this.number];
    for (const width of this.widths) lefts.push((lefts.at(-1) as number) + width);
    return lefts;
  });

  readonly totalWidth = $derived(this.lefts.at(-1) as number);
  readonly frozen = $derived.by(() => Math.min(Math.max(1, this.sheet.layout.frozen), this.sheet.columns.length));
  readonly frozenWidth = $derived(this.lefts[this.frozen] ?? this.number);

  /** Columns on screen right of the frozen ones: from, and the one after the last. */
  readonly columnsShown = $derived.by((): readonly [from: number, to: number] => {
    const [left, right] = [this.scrollLeft + this.frozenWidth, this.scrollLeft + this.width];
    let from = this.frozen;
    while (from < this.widths.length && (this.lefts[from + 1] as number) <= left) from++;
    let to = from;
    while (to < this.widths.length && (this.lefts[to] as number) < right) to++;
    return [from, to];
  });

  /** Numbers of the painted columns: the frozen ones, then those on screen. */
  readonly painted = $derived.by((): readonly number[] => {
    const [from, to] = this.columnsShown;
    return [...range(0, this.frozen), ...range(from, to)];
  });

  /** Width of the columns left of the painted ones, behind the frozen ones. */
  readonly gap = $derived((this.lefts[this.columnsShown[0]] ?? 0) - this.frozenWidth);

  /** Height of the room for rows. */
  readonly room = $derived(Math.max(this.row, this.height - this.head - this.totals));
  private readonly count = $derived(Math.ceil(this.room / this.row) + 1 + 2 * OVERSCAN);

  private firstAt(scrollTop: number): number {
    return Math.max(0, Math.floor(scrollTop / this.row) - OVERSCAN);
  }

  /** What should be on screen now. */
  readonly wish = $derived.by(() => ({
    from: this.firstAt(this.scrollTop),
    count: this.count,
    columns: this.painted.map((at) => this.sheet.columns[at]?.id ?? ''),
  }));

  /** Scroll position that is painted: the last one whose rows are held, so that no row is ever blank. */
  readonly paintedTop = $derived.by((): number => {
    if (this.sheet.holds({ ...this.wish, columns: [] })) this.held = this.scrollTop;
    return Math.min(this.held, Math.max(0, this.sheet.rowCount * this.row - this.room));
  });

  /** Rows to paint, each in a place that is used again when it has scrolled away. */
  readonly slots = $derived.by((): readonly number[] => {
    const first = this.firstAt(this.paintedTop);
    const count = this.count;
    return Array.from({ length: count }, (_, slot) => first + ((((slot - first) % count) + count) % count));
  });

  /** True when the active cell is in the page; scrolled far away it is not. */
  readonly paintsActive = $derived.by((): boolean => {
    const { row, column } = this.sheet.active;
    return row < this.sheet.rowCount && this.slots.includes(row) && this.painted.includes(column);
  });

  private widthOf(column: ColumnView): number {
    const chosen = this.sheet.layout.widths[column.id];
    if (chosen !== undefined) return chosen;
    const words = 26 + 6.4 * Math.max(column.label.length, column.unit.length * 0.9);
    return Math.max(column.widthPx, words, this.spreadWidth(column));
  }

  /** An uncertain column needs room for ± and its interval. */
  private spreadWidth(column: ColumnView): number {
    const { view } = this.sheet;
    const at = view?.columns.indexOf(column.id) ?? -1;
    let widest = this.widest.get(column.id) ?? 0;
    if (view && at >= 0) {
      for (const row of view.rows.slice(0, 100)) widest = Math.max(widest, intervalWidth(row.cells[at]));
      widest = Math.max(widest, intervalWidth(view.totals[at] ?? undefined));
      this.widest.set(column.id, widest);
    }
    return Math.min(240, widest);
  }

  /** Scroll position that brings a cell into view. */
  scrollFor(row: number, column: number): { top: number; left: number } {
    const top = row * this.row;
    let { scrollTop, scrollLeft } = this;
    if (top < scrollTop) scrollTop = top;
    else if (top + this.row > scrollTop + this.room) scrollTop = top + this.row - this.room;
    if (column >= this.frozen) {
      const left = (this.lefts[column] as number) - this.frozenWidth;
      const visible = this.width - this.frozenWidth;
      const width = this.widths[column] ?? 0;
      if (left < scrollLeft) scrollLeft = left;
      else if (left + width > scrollLeft + visible) scrollLeft = Math.min(left, left + width - visible);
    }
    return { top: scrollTop, left: scrollLeft };
  }
}

function intervalWidth(cell: CellView | undefined): number {
  return cell?.spread ? 7.4 * cell.display.length + 7 * plusMinus(cell).length + 74 : 0;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
