import { canonicalJson, sha256 } from './canonical.ts';
import type { Connection, ReadableDb } from './database.ts';
import { sqliteCode } from './errors.ts';
import { entriesAfter, entryHash, originHash } from './journal.ts';
import { applyCommands } from '../core/document/apply.ts';
import type { Plan } from '../core/document/plan.ts';

/** One thing that is wrong, where, in words. */
export interface Finding {
  /** `file`, `references`, `journal`, `snapshot`, `plan`, `catalog`. */
  readonly part: string;
  /** Plan id, table or row. */
  readonly where: string;
  readonly message: string;
}

export interface CheckReport {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** What was looked at. */
  readonly plans: number;
  readonly journalEntries: number;
  readonly catalogRows: number;
}

/**
 * Everything that can be checked: the file's structure, references, and what SQLite cannot see: each plan's hash chain
 * from its creation, every snapshot against the replayed journal, the plan's head, the catalog's current revisions.
 * Never throws for damage: damage is what it reports.
 */
export function fullCheck(db: ReadableDb): CheckReport {
  const findings: Finding[] = [];
  const count = { plans: 0, journalEntries: 0, catalogRows: 0 };
  guard(findings, 'file', '', () => fileFindings(db, findings));
  guard(findings, 'catalog', '', () => {
    count.catalogRows = db.prepare('SELECT count(*) FROM catalog_row').pluck().get() as number;
    catalogFindings(db, findings);
  });
  guard(findings, 'plan', '', () => {
    for (const plan of db.prepare('SELECT id, name, revision, head_hash FROM plan').all() as PlanHead[]) {
      count.plans++;
      guard(findings, 'journal', plan.id, () => (count.journalEntries += planFindings(db, plan, findings)));
    }
  });
  return { ok: findings.length === 0, findings, ...count };
}

interface PlanHead {
  id: string;
  name: string;
  revision: number;
  head_hash: string;
}

function guard(findings: Finding[], part: string, where: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    findings.push({
      part,
      where,
      message: `${(cause as Error).message}${sqliteCode(cause) ? ` (${sqliteCode(cause)})` : ''}`,
    });
  }
}

function fileFindings(db: Connection, findings: Finding[]): void {
  for (const line of db.prepare('PRAGMA integrity_check(20)').pluck().all() as string[]) {
    if (line !== 'ok') findings.push({ part: 'file', where: '', message: line });
  }
  for (const row of db.prepare('PRAGMA foreign_key_check').raw().all() as [string, number, string][]) {
    findings.push({
      part: 'references',
      where: `${row[0]} ${row[1]}`,
      message: `a row of ${row[0]} refers to a row of ${row[2]} that is not there`,
    });
  }
}

/** The head of every row must be what its revisions say; the trigger keeps it so, a damaged file may not. */
function catalogFindings(db: Connection, findings: Finding[]): void {
  const sql = `WITH last AS (SELECT kind, key, origin, max(revision) AS revision FROM catalog_row GROUP BY kind, key, origin),
      speaks AS (SELECT r.kind, r.key, r.id, row_number() OVER (PARTITION BY r.kind, r.key ORDER BY r.origin = 'user' DESC) AS place
        FROM last l JOIN catalog_row r ON r.kind = l.kind AND r.key = l.key AND r.revision = l.revision WHERE r.withdrawn = 0)
    SELECT coalesce(s.kind, h.kind) || '/' || coalesce(s.key, h.key) FROM (SELECT * FROM speaks WHERE place = 1) s
      FULL JOIN catalog_head h ON h.kind = s.kind AND h.key = s.key WHERE h.row_id IS NOT s.id LIMIT 20`;
  for (const where of db.prepare(sql).pluck().all() as string[])
    findings.push({ part: 'catalog', where, message: 'the current revision is not the newest one' });
}

/** Whether one plan's history, snapshots and head agree. */
export function planIsWhole(db: ReadableDb, planId: string): boolean {
  const findings: Finding[] = [];
  guard(findings, 'journal', planId, () => {
    const head = db.prepare('SELECT id, name, revision, head_hash FROM plan WHERE id = ?').get(planId) as PlanHead;
    planFindings(db, head, findings);
  });
  return findings.length === 0;
}

/** Replays one plan from its creation. Returns the number of entries read. */
function planFindings(db: ReadableDb, head: PlanHead, findings: Finding[]): number {
  const add = (part: string, message: string) =>
    findings.push({ part, where: head.id, message: `${head.name}: ${message}` });
  const snapshots = new Map(
    (
      db.prepare('SELECT revision, document, hash FROM plan_snapshot WHERE plan_id = ?').all(head.id) as {
        revision: number;
        document: string;
        hash: string;
      }[]
    ).map((s) => [s.revision, s]),
  );
  for (const s of snapshots.values())
    if (sha256(s.document) !== s.hash) add('snapshot', `the copy at revision ${s.revision} was changed`);
  const origin = snapshots.get(0);
  if (!origin) {
    add('snapshot', 'the copy from its creation is missing');
    return 0;
  }
  let plan = JSON.parse(origin.document) as Plan;
  let hash = originHash(head.id, origin.document);
  let revision = 0;
  const entries = entriesAfter(db, head.id, 0);
  for (const entry of entries) {
    if (entry.revision !== revision + 1) {
      add('journal', `revisions ${revision + 1} to ${entry.revision - 1} are missing`);
      return entries.length;
    }
    hash = entryHash(hash, entry);
    if (hash !== entry.hash) {
      add('journal', `the entry of revision ${entry.revision} was changed`);
      return entries.length;
    }
    plan = applyCommands(plan, entry.commands).plan;
    revision = entry.revision;
    const snapshot = snapshots.get(revision);
    if (snapshot && canonicalJson(JSON.parse(snapshot.document)) !== canonicalJson(plan))
      add('snapshot', `the copy at revision ${revision} is not what the journal leads to`);
  }
  if (revision !== head.revision || hash !== head.head_hash)
    add('plan', `the journal ends at revision ${revision}, the plan says ${head.revision}`);
  return entries.length;
}
