import { randomUUID } from 'node:crypto';
import type { TableId } from '../core/document/plan.ts';
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';

/** The cell a comment is about. Keys never change, so it stays with its cell whatever is renamed. */
export interface CommentedCell {
  readonly table: TableId;
  readonly row: string;
  readonly column: string;
}

/** A remark on a cell, or a reply to one. */
export interface CellComment {
  readonly id: string;
  readonly cell: CommentedCell;
  readonly replyTo: string | null;
  readonly author: string;
  readonly body: string;
  /** Who should look at it; empty for nobody in particular. */
  readonly assignedTo: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly resolvedAt: number | null;
  readonly resolvedBy: string;
}

interface CommentRow {
  id: string;
  table_id: TableId;
  row_key: string;
  column_id: string;
  reply_to: string | null;
  author: string;
  body: string;
  assigned_to: string;
  created_at_ms: number;
  resolved_at_ms: number | null;
  resolved_by: string;
}

/** Adds a comment and returns its id. */
export function addComment(
  db: WritableDb,
  planId: string,
  comment: Pick<CellComment, 'cell' | 'author' | 'body' | 'createdAt'> & { replyTo?: string; assignedTo?: string },
): string {
  const body = comment.body.trim();
  if (body === '')
    throw storeError('comment_empty', 'The comment is empty', { hint: 'Write what should be looked at.' });
  const id = randomUUID();
  write(db, 'save the comment', () => {
    if (!statement(db, 'SELECT 1 FROM plan WHERE id = ? AND deleted_at_ms IS NULL').get(planId))
      throw storeError('plan_unknown', 'There is no such plan in the store', { where: planId });
    if (comment.replyTo !== undefined) commentIn(db, planId, comment.replyTo);
    statement(
      db,
      'INSERT INTO cell_comment (id, plan_id, reply_to, table_id, row_key, column_id, author, body, assigned_to, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      id,
      planId,
      comment.replyTo ?? null,
      comment.cell.table,
      comment.cell.row,
      comment.cell.column,
      comment.author,
      body,
      comment.assignedTo ?? '',
      comment.createdAt,
    );
  });
  return id;
}

/** Hands a comment to somebody; an empty name to nobody. */
export function assignComment(db: WritableDb, planId: string, id: string, assignedTo: string): void {
  write(db, 'assign the comment', () => {
    commentIn(db, planId, id);
    statement(db, 'UPDATE cell_comment SET assigned_to = ? WHERE id = ?').run(assignedTo, id);
  });
}

/** Marks a comment as dealt with, or with `by` null as open again. */
export function resolveComment(db: WritableDb, planId: string, id: string, by: string | null, at: number): void {
  write(db, 'resolve the comment', () => {
    commentIn(db, planId, id);
    statement(db, 'UPDATE cell_comment SET resolved_at_ms = ?, resolved_by = ? WHERE id = ?').run(
      by === null ? null : at,
      by ?? '',
      id,
    );
  });
}

/** Comments of a plan, oldest first; `open` leaves out what is resolved. */
export function listComments(db: ReadableDb, planId: string, options: { open?: boolean } = {}): CellComment[] {
  const sql = options.open
    ? 'SELECT * FROM cell_comment WHERE plan_id = ? AND resolved_at_ms IS NULL ORDER BY created_at_ms, seq'
    : 'SELECT * FROM cell_comment WHERE plan_id = ? ORDER BY created_at_ms, seq';
  return read(db, 'list the comments', () =>
    (statement(db, sql).all(planId) as CommentRow[]).map((row) => ({
      id: row.id,
      cell: { table: row.table_id, row: row.row_key, column: row.column_id },
      replyTo: row.reply_to,
      author: row.author,
      body: row.body,
      assignedTo: row.assigned_to,
      createdAt: row.created_at_ms,
      resolvedAt: row.resolved_at_ms,
      resolvedBy: row.resolved_by,
    })),
  );
}

function commentIn(db: ReadableDb, planId: string, id: string): void {
  if (!statement(db, 'SELECT 1 FROM cell_comment WHERE plan_id = ? AND id = ?').get(planId, id)) {
    throw storeError('comment_unknown', 'There is no such comment on this plan', { where: id });
  }
}
