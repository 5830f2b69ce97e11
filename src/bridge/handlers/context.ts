/** What the handlers of one host share: its store, the catalog as the engine sees it, and the open plans. */
import { FlopsheetError } from '../../core/errors.ts';
import type { Answers } from '../../core/formula/answers.ts';
import type { Catalog } from '../../core/sheet/catalog.ts';
import type { Sheet } from '../../core/sheet/sheet.ts';
import type { ColumnState } from '../../core/sheet/state.ts';
import type { WritableDb } from '../../store/database.ts';
import { engineCatalog } from '../../store/engine-catalog.ts';
import type { Store } from '../../store/open.ts';
import type { ChangeResult, EventName, Events, Params } from '../contract.ts';
import { PlanSession, type SessionHost } from '../session.ts';

export interface HandlerOptions {
  readonly store: Store;
  readonly host: 'web' | 'electron' | 'memory';
  readonly version: string;
  /** Name written into the journal. */
  readonly author: string;
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => void;
  /** UTC milliseconds. */
  readonly now: () => number;
  /** The last lines of the host's log, newest last; none where there is no log. */
  readonly logLines?: () => readonly string[];
  /** Who computes what takes long; at once when left out. `arrived` is to be called when answers have come. */
  readonly answers?: (arrived: () => void) => Answers;
}

export class HandlerContext {
  readonly options: HandlerOptions;
  readonly store: Store;
  readonly host: SessionHost;
  private catalog: Catalog | null = null;
  private readonly sessions = new Map<string, PlanSession>();

  constructor(options: HandlerOptions) {
    this.options = options;
    this.store = options.store;
    const catalog = (): Catalog => (this.catalog ??= engineCatalog(options.store.db));
    const answers = options.answers?.(() => this.answersArrived());
    this.host = {
      ...(answers ? { answers } : {}),
      db: options.store.db,
      writable: options.store.readOnly ? null : options.store.db,
      get catalog() {
        return catalog();
      },
      author: options.author,
      now: options.now,
      clock: () => performance.now(),
    };
  }

  /** Open plans take in what was computed, and their clients hear of it. */
  private answersArrived(): void {
    for (const [plan, session] of this.sessions)
      if (session.answersArrived()) this.options.emit('sheet.ready', { plan, revision: session.revision });
  }

  /** The open plan; it is read from the store when it is first asked for. */
  session(plan: string): PlanSession {
    let open = this.sessions.get(plan);
    if (!open) this.sessions.set(plan, (open = new PlanSession(plan, this.host)));
    return open;
  }

  /** Drops what is held of a plan that is gone. */
  forget(plan: string): void {
    this.sessions.delete(plan);
  }

  /** Sheets are made anew from the store when the catalog has changed. */
  forgetCatalog(): void {
    this.catalog = null;
    this.sessions.clear();
  }

  /** The store, for writing. Throws `READ_ONLY`. */
  writable(): WritableDb {
    if (this.store.readOnly)
      throw new FlopsheetError('READ_ONLY', 'this store is open for reading only', {
        hint: this.store.notices[0] ?? '',
      });
    return this.store.db;
  }

  /** Tells every client that a plan has changed. */
  changed(plan: string, result: ChangeResult): ChangeResult {
    this.options.emit('plan.changed', { plan, revision: result.revision });
    return result;
  }

  /** Newest as-of date of the hardware and price rows. */
  catalogAsOf(): string {
    let newest = '';
    for (const kind of ['hardware', 'price'])
      for (const row of this.host.catalog.get(kind)?.rows.values() ?? []) if (row.asOf > newest) newest = row.asOf;
    return newest;
  }
}

/** A cell of an evaluated sheet. Throws `NOT_FOUND`. */
export function cellOf(sheet: Sheet, cell: Params<'cell.explain'>['cell']): { column: ColumnState; row: number } {
  const column = sheet.column(cell.table, cell.column);
  const row = sheet.state.tables[cell.table].rowNumber.get(cell.row);
  if (!column || row === undefined)
    throw new FlopsheetError('NOT_FOUND', `there is no cell ${cell.table}.${cell.row}.${cell.column}`);
  return { column, row };
}
