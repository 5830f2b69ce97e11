import { randomUUID } from 'node:crypto';
import { applyCommands } from '../core/document/apply.ts';
import type { Change, Plan } from '../core/document/plan.ts';
import { sha256 } from './canonical.ts';
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';
import { entriesAfter, entryHash, insertEntry, originHash, undoState } from './journal.ts';
import type { ChainedEntry, UndoState } from './journal.ts';

/** A snapshot is written every so many revisions: opening a plan replays fewer than this. */
export const SNAPSHOT_EVERY = 100;
/** Besides the first, which the hash chain starts from. */
const SNAPSHOTS_KEPT = 3;

export interface PlanSummary {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly runs: number;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface LoadedPlan {
  readonly id: string;
  readonly plan: Plan;
  readonly revision: number;
  /** Hash of the journal up to this revision. */
  readonly hash: string;
  readonly history: UndoState;
}

interface PlanRecord {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly head_hash: string;
  readonly runs: number;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
}

/** The plans as last loaded or written, per connection: an edit then does not replay the journal. */
const cache = new WeakMap<ReadableDb, Map<string, { revision: number; hash: string; plan: Plan }>>();

function cacheOf(db: ReadableDb): Map<string, { revision: number; hash: string; plan: Plan }> {
  let own = cache.get(db);
  if (!own) cache.set(db, (own = new Map()));
  return own;
}

/** The plan as text. Not sorted: the order of columns is the order of their keys. */
function documentOf(plan: Plan): string {
  return JSON.stringify(plan);
}

/** Stores a new plan at revision 0 and returns its id. `at` in UTC ms; `id` is for an imported plan that keeps its own. */
export function createPlan(db: WritableDb, plan: Plan, at: number, id: string = randomUUID()): string {
  const document = documentOf(plan);
  const hash = originHash(id, document);
  return write(db, 'create the plan', () => {
    if (statement(db, 'SELECT 1 FROM plan WHERE id = ?').get(id)) {
      throw storeError('plan_exists', 'This plan is in the store already', {
        hint: 'Open it, or import it as a copy.',
        where: id,
      });
    }
    statement(
      db,
      'INSERT INTO plan (id, name, revision, head_hash, runs, created_at_ms, updated_at_ms) VALUES (?, ?, 0, ?, ?, ?, ?)',
    ).run(id, plan.settings.name, hash, plan.tables.runs.length, at, at);
    insertSnapshot(db, id, 0, document);
    return id;
  });
}

/** Whether an id is taken, by a deleted plan too. */
export function planExists(db: ReadableDb, id: string): boolean {
  return read(db, 'look for the plan', () => statement(db, 'SELECT 1 FROM plan WHERE id = ?').get(id) !== undefined);
}

/** Plans that are not deleted, last changed first. */
export function listPlans(db: ReadableDb): PlanSummary[] {
  return read(db, 'list the plans', () =>
    (
      statement(
        db,
        'SELECT * FROM plan WHERE deleted_at_ms IS NULL ORDER BY updated_at_ms DESC, seq DESC',
      ).all() as PlanRecord[]
    ).map(summaryOf),
  );
}

function summaryOf(row: PlanRecord): PlanSummary {
  return {
    id: row.id,
    name: row.name,
    revision: row.revision,
    runs: row.runs,
    createdAt: row.created_at_ms,
    updatedAt: row.updated_at_ms,
  };
}

function recordOf(db: ReadableDb, id: string): PlanRecord {
  const row = statement(db, 'SELECT * FROM plan WHERE id = ? AND deleted_at_ms IS NULL').get(id) as
    PlanRecord | undefined;
  if (!row)
    throw storeError('plan_unknown', 'There is no such plan in the store', {
      hint: 'It may have been deleted: `plans` lists what there is.',
      where: id,
    });
  return row;
}

/** The plan as it stands, with what undo and redo can do. Throws `plan_unknown`, or `plan_damaged` when the journal does not lead to it. */
export function loadPlan(db: ReadableDb, id: string): LoadedPlan {
  return read(db, 'open the plan', () => {
    const record = recordOf(db, id);
    return {
      id,
      plan: currentPlan(db, record),
      revision: record.revision,
      hash: record.head_hash,
      history: undoState(db, id),
    };
  });
}

/** The plan as it stood at a revision. */
export function planAt(db: ReadableDb, id: string, revision: number): Plan {
  return read(db, 'read the history', () => {
    const record = recordOf(db, id);
    if (!Number.isInteger(revision) || revision < 0 || revision > record.revision) {
      throw storeError('plan_revision', `The plan has no revision ${revision}`, {
        hint: `Its revisions are 0 to ${record.revision}.`,
        where: id,
      });
    }
    return replay(db, id, revision).plan;
  });
}

function currentPlan(db: ReadableDb, record: PlanRecord): Plan {
  const own = cacheOf(db);
  const known = own.get(record.id);
  if (known && known.revision === record.revision && known.hash === record.head_hash) return known.plan;
  const { plan, hash } = replay(db, record.id, record.revision);
  if (hash !== record.head_hash) throw damaged(record.id, record.revision);
  own.set(record.id, { revision: record.revision, hash, plan });
  return plan;
}

/** The newest snapshot up to `revision`, and the journal from there; checks what it reads against the hashes. */
export function replay(db: ReadableDb, id: string, revision: number): { plan: Plan; hash: string } {
  const snapshot = statement(
    db,
    'SELECT revision, document, hash FROM plan_snapshot WHERE plan_id = ? AND revision <= ? ORDER BY revision DESC LIMIT 1',
  ).get(id, revision) as { revision: number; document: string; hash: string } | undefined;
  if (!snapshot || sha256(snapshot.document) !== snapshot.hash) throw damaged(id, snapshot?.revision ?? revision);
  let plan = JSON.parse(snapshot.document) as Plan;
  let hash = snapshot.revision === 0 ? originHash(id, snapshot.document) : hashAt(db, id, snapshot.revision);
  let at = snapshot.revision;
  for (const entry of entriesAfter(db, id, snapshot.revision, revision - snapshot.revision)) {
    if (entry.revision !== at + 1 || entryHash(hash, entry) !== entry.hash) throw damaged(id, entry.revision);
    plan = applyCommands(plan, entry.commands).plan;
    hash = entry.hash;
    at = entry.revision;
  }
  if (at !== revision) throw damaged(id, at + 1);
  return { plan, hash };
}

function hashAt(db: ReadableDb, id: string, revision: number): string {
  return (
    (
      statement(db, 'SELECT hash FROM journal WHERE plan_id = ? AND revision = ?').get(id, revision) as
        { hash: string } | undefined
    )?.hash ?? ''
  );
}

function damaged(id: string, revision: number): Error {
  return storeError('plan_damaged', `The plan's history does not agree with itself at revision ${revision}`, {
    hint: 'The file was changed outside Flopsheet or the disk is failing. `flopsheet db check` says more; restore a backup, or recover the plan up to the revision before.',
    where: id,
  });
}

export interface Appended {
  readonly revision: number;
  readonly hash: string;
  readonly plan: Plan;
  /** The change as recorded, `from` filled in. */
  readonly entry: ChainedEntry;
}

/**
 * Records a change on top of `baseRevision`, in one durable write: when this returns, the change survives a crash.
 * Throws `plan_conflict` when somebody else changed the plan since (read {@link entriesAfter} to see what, then retry),
 * and whatever `applyCommands` refuses; then nothing is recorded. `at` in UTC ms.
 */
export function appendChange(db: WritableDb, id: string, baseRevision: number, change: Change, at: number): Appended {
  const appended = write(db, 'save the change', (): Appended => {
    const record = recordOf(db, id);
    if (record.revision !== baseRevision) {
      const who = entriesAfter(db, id, baseRevision, 1)[0]?.author;
      throw storeError(
        'plan_conflict',
        `The plan is at revision ${record.revision}, this change was made at revision ${baseRevision}${who ? `; ${who} changed it meanwhile` : ''}`,
        {
          hint: 'Load the newer revision and repeat the change on top of it.',
          where: id,
        },
      );
    }
    if (change.commands.length === 0)
      throw storeError('plan_empty_change', 'The change holds no commands', { where: id });
    const applied = applyCommands(currentPlan(db, record), change.commands);
    const revision = record.revision + 1;
    const of = change.kind === 'edit' || change.of === undefined ? {} : { of: change.of };
    const entry = {
      revision,
      at,
      kind: change.kind,
      ...of,
      author: change.author,
      note: change.note,
      commands: applied.commands,
    };
    const hash = entryHash(record.head_hash, entry);
    insertEntry(db, id, { ...entry, hash });
    statement(
      db,
      'UPDATE plan SET name = ?, revision = ?, head_hash = ?, runs = ?, updated_at_ms = ? WHERE id = ?',
    ).run(applied.plan.settings.name, revision, hash, applied.plan.tables.runs.length, at, id);
    if (revision % SNAPSHOT_EVERY === 0) takeSnapshot(db, id, revision, applied.plan);
    return { revision, hash, plan: applied.plan, entry: { ...entry, hash } };
  });
  // Only now: a write that failed must not leave the cache ahead of the file.
  cacheOf(db).set(id, { revision: appended.revision, hash: appended.hash, plan: appended.plan });
  return appended;
}

/** Gives the plan another name, as a change of its own. */
export function renamePlan(db: WritableDb, id: string, name: string, author: string, at: number): Appended {
  const { revision } = recordOf(db, id);
  return appendChange(
    db,
    id,
    revision,
    { commands: [{ settings: 'name', to: name }], kind: 'edit', author, note: '' },
    at,
  );
}

/** Takes a plan out of the list. Its history stays in the file and {@link undeletePlan} brings it back. */
export function deletePlan(db: WritableDb, id: string, at: number): void {
  write(db, 'delete the plan', () => {
    recordOf(db, id);
    statement(db, 'UPDATE plan SET deleted_at_ms = ? WHERE id = ?').run(at, id);
  });
  cacheOf(db).delete(id);
}

export function undeletePlan(db: WritableDb, id: string): void {
  write(db, 'bring the plan back', () => {
    const { changes } = statement(db, 'UPDATE plan SET deleted_at_ms = NULL WHERE id = ?').run(id);
    if (changes === 0) throw storeError('plan_unknown', 'There is no such plan in the store', { where: id });
  });
}

function takeSnapshot(db: WritableDb, id: string, revision: number, plan: Plan): void {
  insertSnapshot(db, id, revision, documentOf(plan));
  statement(
    db,
    `DELETE FROM plan_snapshot WHERE plan_id = @id AND revision > 0 AND revision NOT IN
      (SELECT revision FROM plan_snapshot WHERE plan_id = @id ORDER BY revision DESC LIMIT @kept)`,
  ).run({ id, kept: SNAPSHOTS_KEPT });
}

function insertSnapshot(db: WritableDb, id: string, revision: number, document: string): void {
  statement(db, 'INSERT INTO plan_snapshot (plan_id, revision, document, hash) VALUES (?, ?, ?, ?)').run(
    id,
    revision,
    document,
    sha256(document),
  );
}
