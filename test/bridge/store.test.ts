import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import { createLog, logFile } from '../../src/host/log.ts';
import { openStore, type WritableStore } from '../../src/store/open.ts';
import { NOW, VERSION } from '../store/fixtures.ts';

let folder: string;
let store: WritableStore;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-storage-'));
  store = openStore(join(folder, 'store.db'), { now: NOW, version: VERSION });
  now = NOW;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function handlers() {
  const log = createLog(logFile(store.path));
  return {
    log,
    ...createHandlers({
      store,
      host: 'web',
      version: VERSION,
      author: 'ana',
      emit: () => undefined,
      now: () => now,
      logLines: () => log.tail(200),
    }),
  };
}

describe('the store over the bridge', () => {
  it('backs up, shows what a backup holds beside what is there now, and opens a copy of a plan from it', async () => {
    const app = handlers();
    const { plan } = await app['plans.create']({ name: 'Secret project' });
    const { plan: gone } = await app['plans.create']({ name: 'Dropped' });
    const made = await app['store.backup']({});
    await app['plan.change']({ plan, scenario: 'base', base: 0, commands: [{ settings: 'name', to: 'Renamed' }] });
    await app['plans.remove']({ plan: gone });
    expect((await app['store.info']({})).backups).toEqual([made]);
    const preview = await app['store.backupPreview']({ backup: made.name });
    expect(preview).toMatchObject({ sound: true, problem: '', madeBy: VERSION });
    expect(Object.fromEntries(preview.plans.map((one) => [one.name, one.now]))).toEqual({
      'Secret project': 'changed since',
      Dropped: 'gone',
    });
    for (const id of [plan, gone]) await app['store.bringBack']({ backup: made.name, plan: id });
    const names = (await app['plans.list']({})).map((one) => one.name).sort();
    expect(names).toEqual([
      'Dropped (backup of 2027-01-15 12:00)',
      'Renamed',
      'Secret project (backup of 2027-01-15 12:00)',
    ]);
    expect(await app['store.check']({})).toMatchObject({ ok: true, plans: 4 });
  });

  it('takes the name of a backup that is listed, never a path', async () => {
    const app = handlers();
    for (const backup of ['../store.db', '/etc/passwd', store.path, 'store.db'])
      await expect(async () => app['store.backupPreview']({ backup })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('diagnostics hold versions, sizes, findings by kind and the log, and nothing a person typed', async () => {
    const app = handlers();
    const { plan } = await app['plans.create']({ name: 'Secret project' });
    await app['plan.change']({
      plan,
      scenario: 'base',
      base: 0,
      commands: [{ row: ['assumptions', 'codename'], to: { at: 0, cells: { value: '5', source: 'zanzibar' } } }],
      note: 'hush',
    });
    app.log.error('plan.change', new Error('zanzibar is not a number'));
    store.db.prepare("UPDATE plan SET head_hash = 'x'").run();
    const { name, text } = await app['store.diagnostics']({});
    expect(name).toBe('flopsheet-diagnostics-2027-01-15.json');
    for (const secret of ['Secret', 'zanzibar', 'codename', 'hush', 'ana', folder]) expect(text).not.toContain(secret);
    const facts = JSON.parse(text) as Record<string, unknown>;
    expect(facts).toMatchObject({
      flopsheet: VERSION,
      store: { plans: 1, journal_mode: 'wal', synchronous: 2, sound: false, findings: { plan: 1 } },
    });
    expect((facts['log'] as string[]).map((line) => JSON.parse(line) as { where: string })).toMatchObject([
      { where: 'plan.change' },
    ]);
  });
});
