import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fullCheck } from '../../../src/store/integrity.ts';
import { openStore } from '../../../src/store/open.ts';
import { appendChange, createPlan, loadPlan } from '../../../src/store/plans.ts';
import { NOW, VERSION, edit, samplePlan, setCell } from '../../store/fixtures.ts';

const EDITS = 10;
const RANDOM_CUTS = process.env['FLOPSHEET_FAULT_LONG'] ? 500 : 60;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-wal-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A store as it lies on the disk while in use: the plan in the file, its edits only in the journal file. */
function storeInUse(transactions: boolean): { db: Buffer; wal: Buffer; plan: string } {
  const file = join(folder, 'live.db');
  const store = openStore(file, { now: NOW, version: VERSION });
  const plan = createPlan(store.db, samplePlan(), NOW);
  store.db.pragma('wal_checkpoint(TRUNCATE)');
  if (!transactions) {
    const bare = (work: () => unknown) => Object.assign(work, { immediate: work, deferred: work });
    (store.db as unknown as { transaction: unknown }).transaction = bare;
  }
  for (let i = 0; i < EDITS; i++)
    appendChange(store.db, plan, i, edit(setCell('chips', String(i + 1)), setCell('note', 'n'.repeat(i * 200))), NOW);
  copyFileSync(file, join(folder, 'copy.db'));
  const wal = readFileSync(`${file}-wal`);
  store.close();
  return { db: readFileSync(join(folder, 'copy.db')), wal, plan };
}

/** Every 4 KB boundary and more places, the same ones every run. */
function cuts(length: number): number[] {
  const boundaries = Array.from({ length: Math.floor(length / 4096) + 1 }, (_, i) => i * 4096);
  const random = Array.from({ length: RANDOM_CUTS }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 0) % length);
  return [...boundaries, ...random, length].sort((a, b) => a - b);
}

/** The revision found after a power cut that left this much of the journal file, and what the full check says. */
function afterCut(db: Buffer, wal: Buffer, plan: string): { revision: number; chips: string; findings: unknown[] } {
  const file = join(folder, 'cut.db');
  for (const suffix of ['-shm', '-wal']) rmSync(`${file}${suffix}`, { force: true });
  writeFileSync(file, db);
  writeFileSync(`${file}-wal`, wal);
  const store = openStore(file, { now: NOW, version: VERSION });
  try {
    const { findings } = fullCheck(store.db);
    if (findings.length > 0) return { revision: -1, chips: '', findings: [...findings] };
    const loaded = loadPlan(store.db, plan);
    return { revision: loaded.revision, chips: loaded.plan.tables.runs[0]?.cells['chips'] ?? '0', findings: [] };
  } finally {
    store.close();
  }
}

describe('a journal file of which only the beginning reached the disk', () => {
  it(
    'leaves a beginning of the edits, whole, wherever it was cut and when the rest is zeros',
    { timeout: 60_000 },
    () => {
      const { db, wal, plan } = storeInUse(true);
      let last = 0;
      for (const cut of cuts(wal.length)) {
        const kept = wal.subarray(0, cut);
        const { revision, chips, findings } = afterCut(db, kept, plan);
        expect(findings, `cut at ${cut}`).toEqual([]);
        expect(chips).toBe(String(revision));
        expect(revision, `cut at ${cut}`).toBeGreaterThanOrEqual(last);
        last = revision;
        if (cut % 5 === 0) {
          const zeroed = Buffer.concat([kept, Buffer.alloc(wal.length - cut)]);
          expect(afterCut(db, zeroed, plan)).toEqual({ revision, chips, findings: [] });
        }
      }
      expect(last).toBe(EDITS);
    },
  );

  it('twin: without transactions some cut leaves half an edit', { timeout: 60_000 }, () => {
    const { db, wal, plan } = storeInUse(false);
    const broken = (cut: number) => afterCut(db, wal.subarray(0, cut), plan).findings.length > 0;
    expect(cuts(wal.length).some(broken)).toBe(true);
  });
});
