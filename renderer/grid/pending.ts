/**
 * Texts typed into cells and not yet confirmed by the host. An editor closes at once; its text waits here, is shown in its
 * cell, and stays until a view of a later revision has it. A refused text is kept with its reason: nothing typed is lost.
 */
import type { TableId } from '../../src/core/document/plan.ts';
import type { Failure } from '../lib/client.ts';

/** A cell by name: rows and columns may move while its text is on the way. */
export interface CellName {
  readonly scenario: string;
  readonly table: TableId;
  readonly row: string;
  readonly column: string;
}

export interface PendingCell {
  readonly cell: CellName;
  readonly text: string;
  /** Why the host refused it; null while it is on its way or waits for a view. */
  readonly failure: Failure | null;
  /** Revision the text was saved as; null until then. */
  readonly savedAs: number | null;
}

/** True when the host did not see the text: it is gone, or was started anew and does not know this window yet. */
export function neverArrived(failure: Failure | null): boolean {
  return failure?.code === 'HOST_LOST' || failure?.code === 'NOT_SIGNED_IN';
}

/** Saves one text; resolves to the revision it became. Rejects with a reason. */
export type SaveCell = (cell: CellName, text: string) => Promise<number>;

const nameOf = (cell: CellName): string => `${cell.scenario}\n${cell.table}\n${cell.row}\n${cell.column}`;

export class PendingCells {
  private readonly cells = new Map<string, PendingCell>();
  /** Newest revision that is on screen. */
  private shown = -1;
  private readonly save: SaveCell;
  private readonly changed: () => void;
  private readonly failureOf: (error: unknown) => Failure;

  constructor(save: SaveCell, failureOf: (error: unknown) => Failure, changed: () => void) {
    this.save = save;
    this.failureOf = failureOf;
    this.changed = changed;
  }

  get(cell: CellName): PendingCell | undefined {
    return this.cells.get(nameOf(cell));
  }

  /** Every text that is not confirmed, oldest first. */
  all(): readonly PendingCell[] {
    return [...this.cells.values()];
  }

  /** Texts the host refused or did not get, oldest first. */
  refused(): readonly PendingCell[] {
    return this.all().filter((pending) => pending.failure !== null);
  }

  /** Sends a text. A newer text of the same cell takes its place; resolves to the refused text if it was refused. */
  async add(cell: CellName, text: string): Promise<PendingCell | null> {
    const name = nameOf(cell);
    const mine: PendingCell = { cell, text, failure: null, savedAs: null };
    this.cells.delete(name);
    this.cells.set(name, mine);
    this.changed();
    const outcome = await this.save(cell, text).then(
      (savedAs): PendingCell => ({ ...mine, savedAs }),
      (error: unknown): PendingCell => ({ ...mine, failure: this.failureOf(error) }),
    );
    if (this.cells.get(name) !== mine) return null;
    if (outcome.savedAs !== null && outcome.savedAs <= this.shown) this.cells.delete(name);
    else this.cells.set(name, outcome);
    this.changed();
    return outcome.failure ? outcome : null;
  }

  /** Forgets a refused text: the user has dropped it or is typing over it. */
  drop(cell: CellName): void {
    if (this.cells.delete(nameOf(cell))) this.changed();
  }

  /** A view of `revision` is on screen: it has every text saved up to then. */
  seen(revision: number): void {
    this.shown = revision;
    let any = false;
    for (const [name, pending] of this.cells)
      if (pending.savedAs !== null && pending.savedAs <= revision) any = this.cells.delete(name) || any;
    if (any) this.changed();
  }

  /** Sends again what did not reach the host. */
  sendAgain(): void {
    for (const pending of this.refused()) if (neverArrived(pending.failure)) void this.add(pending.cell, pending.text);
  }
}
