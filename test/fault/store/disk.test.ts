import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backup } from '../../../src/store/backup.ts';
import { fullCheck } from '../../../src/store/integrity.ts';
import { openStore } from '../../../src/store/open.ts';
import type { WritableStore } from '../../../src/store/open.ts';
import { SNAPSHOT_EVERY, appendChange, createPlan, loadPlan } from '../../../src/store/plans.ts';
import { seedCatalog } from '../../../src/store/seed.ts';
import { NOW, VERSION, codeOf, edit, memoryStore, samplePlan, setCell } from '../../store/fixtures.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-disk-'))));
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

/** A change that needs several new pages: the entry, a snapshot and the plan's row. */
const bigChange = edit(setCell('note', 'x'.repeat(40_000)), setCell('chips', 'full'));

function almostSnapshot(store: WritableStore): string {
  const id = createPlan(store.db, samplePlan(), NOW);
  for (let i = 0; i < SNAPSHOT_EVERY - 1; i++) appendChange(store.db, id, i, edit(setCell('chips', String(i))), NOW);
  return id;
}

/** Lets the file grow by 0, 1, 2, … pages until the change fits; calls `failed` after each refusal. Returns the number of refusals. */
function growUntilItFits(store: WritableStore, id: string, failed: (code: string) => void): number {
  const pages = store.db.pragma('page_count', { simple: true }) as number;
  for (let extra = 0; ; extra++) {
    store.db.pragma(`max_page_count = ${pages + extra}`);
    try {
      appendChange(store.db, id, SNAPSHOT_EVERY - 1, bigChange, NOW);
      return extra;
    } catch (cause) {
      failed((cause as { code: string }).code);
      if (extra > 200) throw cause;
    }
  }
}

describe('a full disk', () => {
  it('at any page of a write: a clear error, the old state whole, the connection usable, the retry works', () => {
    const store = openStore(join(folder, 'store.db'), { now: NOW, version: VERSION });
    const id = almostSnapshot(store);
    const before = loadPlan(store.db, id);
    const refusals = growUntilItFits(store, id, (code) => {
      expect(code).toBe('store_disk_full');
      expect(store.db.inTransaction).toBe(false);
      expect(loadPlan(store.db, id)).toEqual(before);
      expect(fullCheck(store.db).findings).toEqual([]);
    });
    expect(refusals).toBeGreaterThan(5);
    expect(loadPlan(store.db, id)).toMatchObject({ revision: SNAPSHOT_EVERY });
    expect(fullCheck(store.db).findings).toEqual([]);
    store.close();
  });

  it('twin: without a transaction some page leaves a change that was refused and recorded all the same', () => {
    const store = memoryStore();
    const id = almostSnapshot(store);
    const bare = (work: () => unknown) => Object.assign(work, { immediate: work, deferred: work });
    (store.db as unknown as { transaction: unknown }).transaction = bare;
    let broken = 0;
    try {
      growUntilItFits(store, id, () => {
        const revision = store.db.prepare('SELECT revision FROM plan').pluck().get();
        if (!fullCheck(store.db).ok || revision !== SNAPSHOT_EVERY - 1) broken++;
      });
    } catch {
      // Half a write also makes the retry fail.
    }
    expect(broken).toBeGreaterThan(0);
  });

  it('while the catalog is seeded leaves the catalog as it was', () => {
    const { db } = memoryStore();
    const pages = db.pragma('page_count', { simple: true }) as number;
    for (const extra of [0, 1, 5, 40]) {
      db.pragma(`max_page_count = ${pages + extra}`);
      expect(codeOf(() => seedCatalog(db, NOW))).toBe('store_disk_full');
      expect(db.prepare('SELECT count(*) FROM catalog_row').pluck().get()).toBe(0);
    }
    db.pragma('max_page_count = 100000');
    expect(seedCatalog(db, NOW).added).toBeGreaterThan(2000);
  });

  it.skipIf(process.platform === 'win32')(
    'met as a file size limit is the same clear error, and nothing saved is lost',
    () => {
      const file = join(folder, 'store.db');
      const store = openStore(file, { now: NOW, version: VERSION });
      const id = createPlan(store.db, samplePlan(), NOW);
      store.close();
      const writer = new URL('./writer.ts', import.meta.url).pathname;
      // ulimit counts in blocks of 512 bytes or 1 KiB: a limit of about 0.5 to 1 MiB either way.
      const run = spawnSync(
        'sh',
        [
          '-c',
          'trap "" XFSZ; ulimit -f 1024; exec "$@"',
          'sh',
          process.execPath,
          writer,
          'edit',
          'protected',
          'run',
          file,
          id,
        ],
        { encoding: 'utf8', timeout: 60_000, maxBuffer: 50_000_000 },
      );
      expect(run.stderr).toContain('store_disk_full');
      const saved = Number(run.stdout.trim().split('\n').at(-1)?.replace('saved ', ''));
      expect(saved).toBeGreaterThan(10);
      const again = openStore(file, { now: NOW, version: VERSION });
      expect(loadPlan(again.db, id).revision).toBe(saved);
      expect(fullCheck(again.db).findings).toEqual([]);
      again.close();
    },
  );
});

describe('a place that cannot be written', () => {
  const nobody = 65534;
  /** Runs code as a user without rights when the tests run as root, who may write everywhere. */
  function asPlainUser(code: string) {
    const root = process.getuid?.() === 0;
    return spawnSync(process.execPath, ['--input-type=module-typescript', '-e', code], {
      encoding: 'utf8',
      timeout: 60_000,
      ...(root ? { uid: nobody, gid: nobody } : {}),
    });
  }
  const url = (path: string) => JSON.stringify(new URL(`../../../src/store/${path}`, import.meta.url).href);
  const script = (file: string) => `
    import { openStoreOrRead, openStore } from ${url('open.ts')};
    import { listPlans } from ${url('plans.ts')};
    const options = { now: 0, version: '0.1.0' };
    try { openStore(${JSON.stringify(file)}, options); console.log('wrote'); } catch (e) { console.log(e.code); }
    const store = openStoreOrRead(${JSON.stringify(file)}, options);
    console.log(store.readOnly, listPlans(store.db).length, store.notices.length);
    store.close();`;

  it.skipIf(process.platform === 'win32')(
    'is opened read-only with a notice, also with edits still in the journal file',
    (context) => {
      const file = join(folder, 'ro', 'store.db');
      const store = openStore(join(folder, 'live.db'), { now: NOW, version: VERSION });
      createPlan(store.db, samplePlan(), NOW);
      // Copied while open: the plan is only in the WAL file.
      cpSync(join(folder, 'live.db'), file, { recursive: true });
      cpSync(join(folder, 'live.db-wal'), `${file}-wal`);
      store.close();
      chmodSync(folder, 0o755);
      for (const path of [file, `${file}-wal`]) chmodSync(path, 0o444);
      chmodSync(join(folder, 'ro'), 0o555);
      if (process.getuid?.() === 0) chownSync(join(folder, 'ro'), 0, 0);
      const run = asPlainUser(script(file));
      chmodSync(join(folder, 'ro'), 0o755);
      if (run.error !== undefined || (/EACCES|Cannot find|permission denied/i.test(run.stderr) && !run.stdout))
        return context.skip('the plain user cannot read the checkout');
      expect(run.stderr).toBe('');
      expect(run.stdout).toBe('store_read_only\ntrue 1 2\n');
    },
  );

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'as a backup folder gives a clear error',
    async () => {
      const store = openStore(join(folder, 'store.db'), { now: NOW, version: VERSION });
      chmodSync(folder, 0o555);
      await expect(backup(store, NOW)).rejects.toMatchObject({ code: 'store_read_only' });
      chmodSync(folder, 0o755);
      store.close();
    },
  );

  it('as a backup folder that is a file gives a clear error and the store goes on', async () => {
    const store = openStore(join(folder, 'store.db'), { now: NOW, version: VERSION });
    await expect(backup(store, NOW, join(folder, 'store.db', 'backups'))).rejects.toMatchObject({
      code: 'store_cannot_open',
    });
    createPlan(store.db, samplePlan(), NOW);
    store.close();
  });
});
