import { describe, expect, it } from 'vitest';
import { approve, listApprovals } from '../../src/store/approvals.ts';
import { addComment, assignComment, listComments, resolveComment } from '../../src/store/comments.ts';
import { createPlan } from '../../src/store/plans.ts';
import { NOW, codeOf, memoryStore, samplePlan } from './fixtures.ts';

const approval = (planId: string) => ({
  planId,
  planRevision: 0,
  scenario: 'base',
  name: 'Q3 budget',
  note: '',
  at: NOW,
  contentHash: 'h',
  catalogPins: { 'hardware/h100-sxm': 1 },
  versions: { planner: '1' },
  results: { total_cost: 12.5, by: ['a', null] },
});

describe('approvals', () => {
  it('come back as recorded, newest first, and can only be added', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    const first = approve(db, approval(id));
    const second = approve(db, { ...approval(id), at: NOW + 1, note: 'again' });
    expect(listApprovals(db, id)).toEqual([second, first]);
    expect(() => db.prepare("UPDATE approval SET note = 'x'").run()).toThrow('never changed');
    expect(() => db.prepare('DELETE FROM approval').run()).toThrow('never deleted');
  });

  it('are of a plan and a revision that exist', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    expect(codeOf(() => approve(db, approval('nobody')))).toBe('plan_unknown');
    expect(codeOf(() => approve(db, { ...approval(id), planRevision: 1 }))).toBe('plan_revision');
    expect(codeOf(() => approve(db, { ...approval(id), results: { total_cost: NaN } }))).toBe('store_not_json');
  });
});

describe('comments', () => {
  const cell = { table: 'runs', row: 'r1', column: 'mfu' } as const;

  it('are asked, assigned, answered and resolved', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    const question = addComment(db, id, { cell, author: 'fin', body: ' Why 0.40? ', createdAt: NOW });
    const reply = addComment(db, id, { cell, author: 'ana', body: 'Measured.', replyTo: question, createdAt: NOW + 1 });
    assignComment(db, id, question, 'ana');
    expect(listComments(db, id)).toMatchObject([
      { id: question, cell, body: 'Why 0.40?', assignedTo: 'ana', replyTo: null },
      { id: reply, replyTo: question },
    ]);
    resolveComment(db, id, question, 'fin', NOW + 2);
    expect(listComments(db, id, { open: true }).map((c) => c.id)).toEqual([reply]);
    resolveComment(db, id, question, null, NOW + 3);
    expect(listComments(db, id, { open: true })).toHaveLength(2);
  });

  it('need a plan, a text and an existing comment to reply to', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    const ask = { cell, author: 'fin', body: 'x', createdAt: NOW };
    expect(codeOf(() => addComment(db, 'nobody', ask))).toBe('plan_unknown');
    expect(codeOf(() => addComment(db, id, { ...ask, body: '  ' }))).toBe('comment_empty');
    expect(codeOf(() => addComment(db, id, { ...ask, replyTo: 'nothing' }))).toBe('comment_unknown');
    expect(codeOf(() => resolveComment(db, id, 'nothing', 'fin', NOW))).toBe('comment_unknown');
  });
});
