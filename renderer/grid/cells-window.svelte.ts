/**
 * The part of a table that is held on this side: rows and columns around those on screen. One question is on its way at a
 * time; while the user scrolls on, the newest wish waits for the answer.
 */
import type { SheetView } from '../../src/core/sheet/view.ts';

/** Rows and columns held around the visible ones. */
const ROW_MARGIN = 80;
const COLUMN_MARGIN = 12;
const MAX_ROWS = 2_000;

export interface Wish {
  readonly from: number;
  readonly count: number;
  /** Ids of the visible columns and of those that must be there wherever one looks. */
  readonly columns: readonly string[];
}

export interface WindowRequest {
  readonly columns: readonly string[];
  readonly from: number;
  readonly count: number;
}

export class CellsWindow {
  view = $state.raw<SheetView | null>(null);
  private wish: Wish = { from: 0, count: 60, columns: [] };
  private stale = true;
  private epoch = 0;
  private running: Promise<void> | null = null;
  private readonly ask: (request: WindowRequest) => Promise<SheetView>;
  /** Every column in display order: margins are taken from it. */
  private readonly order: () => readonly string[];
  private readonly seen: (view: SheetView) => void;
  private readonly failed: (error: unknown) => void;

  constructor(options: {
    ask: (request: WindowRequest) => Promise<SheetView>;
    order: () => readonly string[];
    seen: (view: SheetView) => void;
    failed: (error: unknown) => void;
  }) {
    this.ask = options.ask;
    this.order = options.order;
    this.seen = options.seen;
    this.failed = options.failed;
  }

  /** Forgets what is held: another table is looked at. */
  clear(): void {
    this.view = null;
    this.wish = { from: 0, count: 60, columns: [] };
    this.outdate();
  }

  /** Answers on their way belong to something else now; what is shown stays until the new answer comes. */
  outdate(): void {
    this.epoch++;
    this.stale = true;
  }

  /** These cells are wanted on screen. */
  want(wish: Wish): void {
    this.wish = wish;
    if (this.stale || !this.covers(wish)) void this.run();
  }

  /** Reads again; resolves when an answer that was asked for after this call is on screen. */
  refresh(): Promise<void> {
    this.stale = true;
    return this.run();
  }

  /** True when the cells are held. Rows beyond the end count as held. */
  covers({ from, count, columns }: Wish): boolean {
    const { view } = this;
    if (!view) return false;
    const last = Math.min(from + count, view.rowCount);
    const rows = last <= from || (from >= view.from && last <= view.from + view.rows.length);
    return rows && columns.every((id) => view.columns.includes(id));
  }

  private run(): Promise<void> {
    this.running ??= this.readUntilCovered().finally(() => (this.running = null));
    return this.running;
  }

  private async readUntilCovered(): Promise<void> {
    while (this.stale || !this.covers(this.wish)) {
      const { epoch } = this;
      const request = this.around(this.wish);
      if (request.columns.length === 0) return;
      this.stale = false;
      try {
        const view = await this.ask(request);
        if (epoch !== this.epoch) continue;
        this.view = view;
        this.seen(view);
      } catch (error) {
        if (epoch !== this.epoch) continue;
        this.failed(error);
        return;
      }
    }
  }

  private around({ from, count, columns }: Wish): WindowRequest {
    const order = this.order();
    const wanted = new Set(columns.length > 0 ? columns : order.slice(0, 2 * COLUMN_MARGIN));
    order.forEach((id, i) => {
      if (!columns.includes(id)) return;
      for (const near of order.slice(Math.max(0, i - COLUMN_MARGIN), i + COLUMN_MARGIN + 1)) wanted.add(near);
    });
    return {
      columns: order.filter((id) => wanted.has(id)),
      from: Math.max(0, from - ROW_MARGIN),
      count: Math.min(MAX_ROWS, count + 2 * ROW_MARGIN),
    };
  }
}
