import { randomUUID } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';

/** What was approved: a scenario of a plan at a revision, with the numbers it gave and what they were computed from. */
export interface Approval {
  readonly id: string;
  readonly planId: string;
  readonly planRevision: number;
  /** `base` or a scenario's key. */
  readonly scenario: string;
  /** Who approved, or the name of the milestone. */
  readonly name: string;
  readonly note: string;
  /** UTC milliseconds. */
  readonly at: number;
  /** Hash that `flopsheet verify` compares. */
  readonly contentHash: string;
  /** `hardware/h100-sxm` -> revision. */
  readonly catalogPins: Readonly<Record<string, number>>;
  /** Versions of planner, laws and fits. */
  readonly versions: Readonly<Record<string, string>>;
  /** The headline results as shown on the day. */
  readonly results: unknown;
}

interface ApprovalRow {
  id: string;
  plan_id: string;
  plan_revision: number;
  scenario: string;
  name: string;
  note: string;
  at_ms: number;
  content_hash: string;
  catalog_pins: string;
  versions: string;
  results: string;
}

/** Records an approval; it can be superseded by a new one, never changed. Returns it with its id. */
export function approve(db: WritableDb, approval: Omit<Approval, 'id'>): Approval {
  const id = randomUUID();
  write(db, 'record the approval', () => {
    const plan = statement(db, 'SELECT revision FROM plan WHERE id = ? AND deleted_at_ms IS NULL').get(
      approval.planId,
    ) as { revision: number } | undefined;
    if (!plan) throw storeError('plan_unknown', 'There is no such plan in the store', { where: approval.planId });
    if (approval.planRevision > plan.revision)
      throw storeError('plan_revision', `The plan has no revision ${approval.planRevision}`, {
        hint: `It is at revision ${plan.revision}.`,
        where: approval.planId,
      });
    statement(
      db,
      `INSERT INTO approval (id, plan_id, plan_revision, scenario, name, note, at_ms, content_hash, catalog_pins, versions, results)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      id,
      approval.planId,
      approval.planRevision,
      approval.scenario,
      approval.name,
      approval.note,
      approval.at,
      approval.contentHash,
      canonicalJson(approval.catalogPins),
      canonicalJson(approval.versions),
      canonicalJson(approval.results),
    );
  });
  return { id, ...approval };
}

/** Approvals of a plan, newest first. */
export function listApprovals(db: ReadableDb, planId: string): Approval[] {
  return read(db, 'list the approvals', () =>
    (
      statement(db, 'SELECT * FROM approval WHERE plan_id = ? ORDER BY at_ms DESC, seq DESC').all(
        planId,
      ) as ApprovalRow[]
    ).map(approvalFrom),
  );
}

function approvalFrom(row: ApprovalRow): Approval {
  return {
    id: row.id,
    planId: row.plan_id,
    planRevision: row.plan_revision,
    scenario: row.scenario,
    name: row.name,
    note: row.note,
    at: row.at_ms,
    contentHash: row.content_hash,
    catalogPins: JSON.parse(row.catalog_pins) as Record<string, number>,
    versions: JSON.parse(row.versions) as Record<string, string>,
    results: JSON.parse(row.results) as unknown,
  };
}
