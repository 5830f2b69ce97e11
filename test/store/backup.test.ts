import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, listApprovals } from '../../src/store/approvals.ts';
import { backup, backupFolder, listBackups, previewBackup } from '../../src/store/backup.ts';
import { addComment, listComments } from '../../src/store/comments.ts';
import { putUserRow, showCatalog } from '../../src/store/catalog.ts';
import { connect } from '../../src/store/database.ts';
import { fullCheck } from '../../src/store/integrity.ts';
import { openStore } from '../../src/store/open.ts';
import { appendChange, createPlan, listPlans, loadPlan } from '../../src/store/plans.ts';
import { restoreBackup } from '../../src/store/restore.ts';
import { expired } from '../../src/store/retention.ts';
import { findLaw } from '../../src/core/scaling/index.ts';
import { listLaws, saveLaw } from '../../src/store/laws.ts';
import { salvageStore } from '../../src/store/salvage.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import { NOW, VERSION, codeOf, edit, samplePlan, setCell } from './fixtures.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-backup-'));
  file = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = () => openStore(file, { now: NOW, version: VERSION });
const options = { version: VERSION, now: NOW + 60_000 };

const LADDER = { ...findLaw('besiroglu2024'), uncertainty: null };

/** A store with two plans, edits, an approval, a fitted law, a comment and a catalog row of the user's. */
function filledStore(edits = 250) {
  const store = open();
  const a = createPlan(store.db, samplePlan('A'), NOW);
  const b = createPlan(store.db, samplePlan('B'), NOW);
  for (let i = 0; i < edits; i++)
    appendChange(store.db, a, i, edit(setCell('chips', String(i)), setCell('note', 'x'.repeat(300))), NOW + i);
  appendChange(store.db, b, 0, edit(setCell('chips', '77')), NOW);
  putUserRow(store.db, { kind: 'hardware', name: 'Our ASIC', fields: { tdp_w: 400 } }, NOW);
  saveLaw(store.db, { name: 'Ladder', law: LADDER, note: 'ladder.csv', points: '', author: 'ana' }, NOW);
  approve(store.db, {
    planId: a,
    planRevision: 1,
    scenario: 'base',
    name: 'CFO',
    note: 'go',
    at: NOW,
    contentHash: 'abc',
    catalogPins: { 'hardware/our-asic': 1 },
    versions: { planner: '1' },
    results: { total_cost: 1.5 },
  });
  addComment(store.db, a, {
    cell: { table: 'runs', row: 'r1', column: 'mfu' },
    author: 'fin',
    body: 'Why 0.4?',
    assignedTo: 'ana',
    createdAt: NOW,
  });
  return { store, a, b };
}

describe('backups', () => {
  it('made while somebody edits are whole and hold a state that was', async () => {
    const { store, a } = filledStore(40);
    let revision = 40;
    const going = { on: true };
    const editor = (async () => {
      while (going.on) {
        appendChange(store.db, a, revision, edit(setCell('chips', String(revision))), NOW);
        revision++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let n = 0; n < 5; n++) {
      const from = revision;
      const made = await backup(store, NOW + n * 1000);
      const { check, plans } = previewBackup(made.file, VERSION);
      expect(check.findings).toEqual([]);
      const held = plans.find((plan) => plan.id === a)?.revision ?? -1;
      expect(held).toBeGreaterThanOrEqual(from);
      expect(held).toBeLessThanOrEqual(revision);
    }
    going.on = false;
    await editor;
    expect(revision).toBeGreaterThan(45);
    store.close();
  });

  it('just made is kept also when the clock was set back behind a full shelf', async () => {
    const { store } = filledStore(3);
    mkdirSync(backupFolder(file));
    for (let month = 0; month < 14; month++) {
      const stamp = new Date(Date.UTC(2026, month, 3)).toISOString().replaceAll(/[-:.]/g, '');
      writeFileSync(join(backupFolder(file), `store-${stamp}.db`), '');
    }
    const made = await backup(store, Date.UTC(2020, 0, 1));
    expect(listBackups(file).map((x) => x.file)).toContain(made.file);
    store.close();
  });

  it('are whole, listed newest first, and hold what was there', async () => {
    const { store, a } = filledStore();
    const first = await backup(store, NOW);
    appendChange(store.db, a, 250, edit(setCell('chips', 'after')), NOW);
    const second = await backup(store, NOW + 1000);
    expect(listBackups(file).map((x) => x.file)).toEqual([second.file, first.file]);
    const preview = previewBackup(first.file, VERSION);
    expect(preview.check).toMatchObject({ ok: true, plans: 2, journalEntries: 251 });
    expect(preview.plans.map((p) => [p.name, p.revision])).toEqual([
      ['A', 250],
      ['B', 1],
    ]);
    expect(readdirSync(join(folder, 'backups')).filter((f) => f.includes('partial'))).toEqual([]);
    store.close();
  });

  it('are restored in one step that can be taken back', async () => {
    const { store, a } = filledStore(3);
    const made = await backup(store, NOW);
    appendChange(store.db, a, 3, edit(setCell('chips', 'later')), NOW);
    expect(codeOf(() => restoreBackup(file, made.file, options))).toBe('store_in_use');
    store.close();
    const { setAside } = restoreBackup(file, made.file, options);
    let now = open();
    expect(loadPlan(now.db, a).revision).toBe(3);
    now.close();
    restoreBackup(file, String(setAside), options);
    now = open();
    expect(loadPlan(now.db, a).plan.tables.runs[0]?.cells['chips']).toBe('later');
    expect(fullCheck(now.db).ok).toBe(true);
    now.close();
  });

  it('that are damaged are refused and the store stays', async () => {
    const { store, a } = filledStore(30);
    const made = await backup(store, NOW);
    store.close();
    const bytes = readFileSync(made.file);
    // A byte inside a journal entry's text: SQLite's own check does not see this.
    const at = bytes.indexOf('"to":"17"');
    expect(at).toBeGreaterThan(0);
    bytes[at + 6] = 0x39;
    writeFileSync(made.file, bytes);
    expect(previewBackup(made.file, VERSION).check).toMatchObject({
      ok: false,
      findings: [{ part: 'journal', where: a }],
    });
    expect(codeOf(() => restoreBackup(file, made.file, options))).toBe('backup_unsound');
    expect(codeOf(() => restoreBackup(file, join(folder, 'nothing.db'), options))).toBe('backup_missing');
    const again = open();
    expect(loadPlan(again.db, a).revision).toBe(30);
    again.close();
  });

  it('of a store in memory are refused', async () => {
    const store = openStore(':memory:', { now: NOW, version: VERSION });
    await expect(backup(store, NOW)).rejects.toMatchObject({ code: 'store_memory' });
  });

  it('leave the shelf by age: 3 newest, 14 days, 8 weeks, 12 months', () => {
    const hour = 3_600_000;
    let shelf: { file: string; at: number }[] = [];
    for (let t = 0; t < 400 * 24; t += 4) {
      shelf.push({ file: `f${t}`, at: NOW + t * hour });
      const gone = new Set(expired(shelf));
      expect(gone.has(shelf.at(-1) as never)).toBe(false);
      shelf = shelf.filter((b) => !gone.has(b));
    }
    const last = NOW + 400 * 24 * hour;
    const days = shelf.map((b) => (last - b.at) / hour / 24);
    expect(shelf.length).toBeLessThanOrEqual(3 + 14 + 8 + 12);
    expect(days.filter((d) => d <= 14).length).toBeGreaterThanOrEqual(14);
    expect(Math.max(...days)).toBeGreaterThan(300);
  });

  it('are not swept away when the clock jumps', () => {
    const shelf = Array.from({ length: 10 }, (_, i) => ({ file: `f${i}`, at: NOW + i * 86_400_000 }));
    expect(expired([...shelf, { file: 'future', at: NOW + 3650 * 86_400_000 }])).toEqual([]);
    expect(expired([...shelf, { file: 'past', at: NOW - 3650 * 86_400_000 }])).toEqual([]);
  });
});

describe('a damaged store', () => {
  it('is kept aside; what the damage did not touch comes back whole', () => {
    const { store, a, b } = filledStore(400);
    seedCatalog(store.db, NOW);
    store.db.pragma('wal_checkpoint(TRUNCATE)');
    const rows = store.db.prepare('SELECT count(*) FROM journal').pluck().get() as number;
    const pageSize = store.db.pragma('page_size', { simple: true }) as number;
    const page = store.db
      .prepare(
        "SELECT pageno FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 20",
      )
      .pluck()
      .get() as number;
    store.close();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, (page - 1) * pageSize, page * pageSize);
    writeFileSync(file, bytes);
    expect(codeOf(open)).toBe('store_corrupt');

    const result = salvageStore(file, options);
    expect(readFileSync(result.keptAt).equals(bytes)).toBe(true);
    expect(result.lostPlans).toEqual([]);
    expect(result.wholePlans).toEqual(['B']);
    // The newest snapshot of A is at revision 400: nothing of its state is lost, only part of its history.
    expect(result.rebuiltPlans).toEqual([{ name: 'A (recovered)', revision: 400 }]);
    const again = open();
    expect(fullCheck(again.db)).toMatchObject({ ok: true });
    expect(loadPlan(again.db, a).plan.tables.runs[0]?.cells['chips']).toBe('399');
    expect(loadPlan(again.db, b).history).toEqual({ undo: [1], redo: [] });
    expect(showCatalog(again.db, 'hardware', 'our-asic').fields['tdp_w']).toBe(400);
    expect(listLaws(again.db)).toMatchObject([{ key: 'ladder', law: { constants: LADDER.constants } }]);
    expect(listApprovals(again.db, a)).toHaveLength(1);
    expect(listComments(again.db, a, { open: true })).toHaveLength(1);
    expect(seedCatalog(again.db, NOW)).toMatchObject({ added: 0, revised: 0, withdrawn: 0 });
    expect(rows).toBe(401);
    again.close();
  });

  it('of which nothing can be read becomes an empty store, with the file kept', () => {
    filledStore(5).store.close();
    const junk = Buffer.alloc(40_000, 0x5a);
    writeFileSync(file, junk);
    expect(codeOf(open)).toBe('store_not_a_database');
    const { keptAt } = salvageStore(file, options);
    expect(readFileSync(keptAt).equals(junk)).toBe(true);
    const again = open();
    expect(listPlans(again.db)).toEqual([]);
    again.close();
    expect(existsSync(`${file}.salvage`)).toBe(false);
  });

  it('shows what the full check found: chain, snapshot, head, catalog', () => {
    const { store, a } = filledStore(120);
    expect(fullCheck(store.db)).toMatchObject({ ok: true, plans: 2, journalEntries: 121, catalogRows: 1 });
    store.close();
    const raw = connect(file, { readOnly: false });
    raw.exec(
      "UPDATE plan SET revision = 119 WHERE name = 'A'; UPDATE plan_snapshot SET document = replace(document, '\"99\"', '\"98\"') WHERE revision = 100; DELETE FROM catalog_head",
    );
    const { findings } = fullCheck(raw as never);
    expect(findings.map((f) => f.part).sort()).toEqual(['catalog', 'plan', 'snapshot', 'snapshot']);
    expect(findings.every((f) => f.message !== '')).toBe(true);
    expect(findings.some((f) => f.where === a)).toBe(true);
    raw.close();
  });
});
