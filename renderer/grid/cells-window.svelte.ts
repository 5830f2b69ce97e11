/**
 * The part of a table that is held on this side: rows and columns around those on screen. One question is on its way at a
 * time; while the user scrolls on, the newest wish waits for the answer.
 */
import type { SheetView } from '../../src/core/sheet/view.ts';

/** Rows and columns held around the visible ones; fewer while a change is awaited, so that its result is there at once. */
const MARGIN = { rows: 80, columns: 12 } as const;
const SOON = { rows: 4, columns: 3 } as const;
/** Pause after which the full margin is read again. */
const WIDEN_MS = 500;
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
  readonly quick: boolean;
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
      const again = this.stale && this.view !== null;
      const request = this.around(this.wish, again ? SOON : MARGIN);
      if (request.columns.length === 0) return;
      this.stale = false;
      if (again) this.widenLater();
      try {
        const view = await this.ask(request);
        if (epoch !== this.epoch) continue;
        this.take(view);
      } catch (error) {
        if (epoch !== this.epoch) continue;
        this.failed(error);
        return;
      }
    }
  }

  private widening: ReturnType<typeof setTimeout> | undefined;

  private widenLater(): void {
    clearTimeout(this.widening);
    this.widening = setTimeout(() => void this.widen(), WIDEN_MS);
  }

  /** Reads the full margin, unless something else is being read: that will be followed by this again. */
  private async widen(): Promise<void> {
    if (this.running) return this.widenLater();
    const { epoch } = this;
    try {
      const view = await this.ask(this.around(this.wish, MARGIN));
      if (epoch !== this.epoch || this.running || this.stale) return;
      if (view.revision >= (this.view?.revision ?? 0)) this.take(view);
    } catch {
      // What is on screen stays; the next wish reads again and says what is wrong.
      return;
    }
  }

  private take(view: SheetView): void {
    this.view = view;
    this.seen(view);
  }

  private around({ from, count, columns }: Wish, margin: typeof MARGIN | typeof SOON): WindowRequest {
    const order = this.order();
    const wanted = new Set(columns.length > 0 ? columns : order.slice(0, 2 * MARGIN.columns));
    order.forEach((id, i) => {
      if (!columns.includes(id)) return;
      for (const near of order.slice(Math.max(0, i - margin.columns), i + margin.columns + 1)) wanted.add(near);
    });
    return {
      columns: order.filter((id) => wanted.has(id)),
      from: Math.max(0, from - margin.rows),
      count: Math.min(MAX_ROWS, count + 2 * margin.rows),
      quick: margin === SOON,
    };
  }
}
