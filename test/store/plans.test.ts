import { describe, expect, it } from 'vitest';
import { applyCommands, invertCommands } from '../../src/core/document/apply.ts';
import { entriesAfter, latestEntries } from '../../src/store/journal.ts';
import {
  SNAPSHOT_EVERY,
  appendChange,
  createPlan,
  deletePlan,
  listPlans,
  loadPlan,
  planAt,
  renamePlan,
  replay,
  undeletePlan,
} from '../../src/store/plans.ts';
import { NOW, codeOf, edit, memoryStore, samplePlan, setCell } from './fixtures.ts';

describe('a plan in the store', () => {
  it('comes back as it went in, columns in their order, unknown keys kept', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    const loaded = loadPlan(db, id);
    expect(loaded.plan).toEqual(samplePlan());
    expect(Object.keys(loaded.plan.columns.runs ?? {})).toEqual(['z_first', 'a_second']);
    expect(loaded.revision).toBe(0);
  });

  it('is listed with its name, runs and last change, and leaves the list when deleted', () => {
    const { db } = memoryStore();
    const a = createPlan(db, samplePlan('A'), NOW);
    const b = createPlan(db, samplePlan('B'), NOW + 1);
    renamePlan(db, a, 'A2', 'ana', NOW + 2);
    expect(listPlans(db).map((p) => [p.name, p.revision, p.runs])).toEqual([
      ['A2', 1, 1],
      ['B', 0, 1],
    ]);
    deletePlan(db, b, NOW + 3);
    expect(listPlans(db).map((p) => p.id)).toEqual([a]);
    expect(codeOf(() => loadPlan(db, b))).toBe('plan_unknown');
    undeletePlan(db, b);
    expect(loadPlan(db, b).plan.settings.name).toBe('B');
  });

  it('records what stood there before each change', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    const { entry, revision } = appendChange(db, id, 0, edit(setCell('tokens', '1T'), setCell('chips', '64')), NOW);
    expect(revision).toBe(1);
    expect(entry.commands).toEqual([
      { set: ['runs', 'r1', 'tokens'], to: '1T', from: '15.6T' },
      { set: ['runs', 'r1', 'chips'], to: '64', from: null },
    ]);
    expect(latestEntries(db, id)[0]).toEqual(entry);
  });

  it('refuses a change made on an older revision and says who was faster', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    appendChange(db, id, 0, { ...edit(setCell('tokens', '1T')), author: 'ben' }, NOW);
    try {
      appendChange(db, id, 0, edit(setCell('tokens', '2T')), NOW);
      expect.unreachable();
    } catch (cause) {
      expect(cause).toMatchObject({ code: 'plan_conflict', where: id });
      expect((cause as Error).message).toContain('ben');
    }
    expect(loadPlan(db, id).plan.tables.runs[0]?.cells['tokens']).toBe('1T');
    expect(entriesAfter(db, id, 0)).toHaveLength(1);
  });

  it('records nothing of a change that does not fit the plan', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    expect(
      codeOf(() => appendChange(db, id, 0, edit(setCell('tokens', '1T'), setCell('tokens', '1T', 'nobody')), NOW)),
    ).toBe('NOT_FOUND');
    expect(loadPlan(db, id).revision).toBe(0);
    expect(loadPlan(db, id).plan).toEqual(samplePlan());
  });

  it('replays to the same plan from any snapshot, and keeps few of them', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    let plan = loadPlan(db, id).plan;
    const seen = [plan];
    for (let i = 0; i < SNAPSHOT_EVERY * 6 + 7; i++) {
      const change =
        i % 5 === 0
          ? edit({ row: ['runs', `n${i}`], to: { at: 0, cells: { tokens: `${i + 1} to ${i + 9}`, chips: '8' } } })
          : edit(setCell('chips', String(i)));
      plan = applyCommands(plan, change.commands).plan;
      seen.push(plan);
      appendChange(db, id, i, change, NOW + i);
    }
    const revision = seen.length - 1;
    expect(loadPlan(db, id).plan).toEqual(plan);
    for (const at of [0, 1, 99, 100, 101, 350, 599, revision]) expect(planAt(db, id, at)).toEqual(seen[at]);
    expect(replay(db, id, revision).hash).toBe(loadPlan(db, id).hash);
    expect(db.prepare('SELECT revision FROM plan_snapshot ORDER BY revision').pluck().all()).toEqual([
      0, 400, 500, 600,
    ]);
    expect(codeOf(() => planAt(db, id, revision + 1))).toBe('plan_revision');
  });

  it('knows after a restart what can be undone and redone', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    const first = appendChange(db, id, 0, edit(setCell('chips', '1')), NOW);
    const second = appendChange(db, id, 1, edit(setCell('chips', '2')), NOW);
    expect(loadPlan(db, id).history).toEqual({ undo: [1, 2], redo: [] });
    appendChange(db, id, 2, { ...edit(...invertCommands(second.entry.commands)), kind: 'undo', of: 2 }, NOW);
    appendChange(db, id, 3, { ...edit(...invertCommands(first.entry.commands)), kind: 'undo', of: 1 }, NOW);
    expect(loadPlan(db, id).plan.tables.runs[0]?.cells['chips']).toBeUndefined();
    expect(loadPlan(db, id).history).toEqual({ undo: [], redo: [2, 1] });
    appendChange(db, id, 4, { ...edit(...first.entry.commands), kind: 'redo', of: 1 }, NOW);
    expect(loadPlan(db, id).history).toEqual({ undo: [1], redo: [2] });
    appendChange(db, id, 5, edit(setCell('chips', '9')), NOW);
    expect(loadPlan(db, id).history).toEqual({ undo: [1, 6], redo: [] });
  });

  it('does not open a plan whose journal was changed from outside', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    appendChange(db, id, 0, edit(setCell('chips', '1')), NOW);
    const { hash } = appendChange(db, id, 1, edit(setCell('chips', '2')), NOW);
    const fresh = memoryStore().db;
    for (const table of ['plan', 'journal', 'plan_snapshot']) {
      for (const row of db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]) {
        const columns = Object.keys(row);
        if (row['commands']) row['commands'] = (row['commands'] as string).replace('"to":"1"', '"to":"7"');
        fresh
          .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((c) => `@${c}`).join(', ')})`)
          .run(row);
      }
    }
    expect(hash).toBe(loadPlan(db, id).hash);
    expect(codeOf(() => loadPlan(fresh, id))).toBe('plan_damaged');
  });

  it('refuses to change or remove journal entries', () => {
    const { db } = memoryStore();
    const id = createPlan(db, samplePlan(), NOW);
    appendChange(db, id, 0, edit(setCell('chips', '1')), NOW);
    expect(() => db.prepare('UPDATE journal SET author = ?').run('x')).toThrow('append-only');
    expect(() => db.prepare('DELETE FROM journal').run()).toThrow('append-only');
  });
});
