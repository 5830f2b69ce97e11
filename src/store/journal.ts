import type { Change, Command, JournalEntry } from '../core/document/plan.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import { statement } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';

/** A journal entry with its place in the hash chain. */
export interface ChainedEntry extends JournalEntry {
  readonly hash: string;
}

/** Hash of a plan as created: the chain of its journal starts here. `document` is its snapshot text. */
export function originHash(planId: string, document: string): string {
  return sha256(`flopsheet plan\n${planId}\n${document}`);
}

/** Hash of an entry: of the hash before it and of everything it says. Changing, removing or reordering one breaks all later ones. */
export function entryHash(previous: string, entry: JournalEntry): string {
  const { revision, at, kind, of, author, note, commands } = entry;
  return sha256(`${previous}\n${canonicalJson({ revision, at, kind, of: of ?? null, author, note, commands })}`);
}

interface JournalRow {
  revision: number;
  kind: Change['kind'];
  of_revision: number | null;
  author: string;
  note: string;
  at_ms: number;
  commands: string;
  hash: string;
}

const ENTRY_COLUMNS = 'revision, kind, of_revision, author, note, at_ms, commands, hash';

function entryFrom(row: JournalRow): ChainedEntry {
  const of = row.of_revision === null ? {} : { of: row.of_revision };
  return {
    revision: row.revision,
    kind: row.kind,
    ...of,
    author: row.author,
    note: row.note,
    at: row.at_ms,
    commands: JSON.parse(row.commands) as Command[],
    hash: row.hash,
  };
}

/** Entries after revision `after`, oldest first, at most `limit`. */
export function entriesAfter(db: ReadableDb, planId: string, after: number, limit = -1): ChainedEntry[] {
  const sql = `SELECT ${ENTRY_COLUMNS} FROM journal WHERE plan_id = ? AND revision > ? ORDER BY revision LIMIT ?`;
  return (statement(db, sql).all(planId, after, limit) as JournalRow[]).map(entryFrom);
}

/** The newest entries, newest first. `before`: only revisions below it, for reading on page by page. */
export function latestEntries(
  db: ReadableDb,
  planId: string,
  options: { limit?: number; before?: number } = {},
): ChainedEntry[] {
  const sql = `SELECT ${ENTRY_COLUMNS} FROM journal WHERE plan_id = ? AND revision < ? ORDER BY revision DESC LIMIT ?`;
  return (
    statement(db, sql).all(planId, options.before ?? Number.MAX_SAFE_INTEGER, options.limit ?? -1) as JournalRow[]
  ).map(entryFrom);
}

/** One entry, or null. */
export function entryAt(db: ReadableDb, planId: string, revision: number): ChainedEntry | null {
  const row = statement(db, `SELECT ${ENTRY_COLUMNS} FROM journal WHERE plan_id = ? AND revision = ?`).get(
    planId,
    revision,
  ) as JournalRow | undefined;
  return row ? entryFrom(row) : null;
}

export function insertEntry(db: WritableDb, planId: string, entry: ChainedEntry): void {
  statement(
    db,
    'INSERT INTO journal (plan_id, revision, kind, of_revision, author, note, at_ms, commands, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(
    planId,
    entry.revision,
    entry.kind,
    entry.of ?? null,
    entry.author,
    entry.note,
    entry.at,
    JSON.stringify(entry.commands),
    entry.hash,
  );
}

/** What undo and redo would act on, newest last. */
export interface UndoState {
  /** Revisions that undo can take back. */
  readonly undo: number[];
  /** Revisions that redo can repeat. */
  readonly redo: number[];
}

/** Follows the journal: an edit can be undone and forgets what could be redone; undo and redo move a revision between the two. */
export function undoState(db: ReadableDb, planId: string): UndoState {
  const rows = statement(db, 'SELECT revision, kind, of_revision FROM journal WHERE plan_id = ? ORDER BY revision').all(
    planId,
  ) as { revision: number; kind: string; of_revision: number | null }[];
  return rows.reduce<UndoState>(
    (state, row) =>
      nextUndoState(state, {
        revision: row.revision,
        kind: row.kind as Change['kind'],
        of: row.of_revision ?? undefined,
      }),
    { undo: [], redo: [] },
  );
}

/** The state after one more entry. The lists of `state` are used up: a long history is not copied for every edit. */
export function nextUndoState(
  state: UndoState,
  entry: { readonly revision: number; readonly kind: Change['kind']; readonly of?: number | undefined },
): UndoState {
  if (entry.kind === 'edit') {
    state.undo.push(entry.revision);
    return { undo: state.undo, redo: [] };
  }
  const [from, to] = entry.kind === 'undo' ? [state.undo, state.redo] : [state.redo, state.undo];
  const at = from.lastIndexOf(entry.of ?? -1);
  if (at >= 0) to.push(...from.splice(at, 1));
  return state;
}
