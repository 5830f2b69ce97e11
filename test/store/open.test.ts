import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fullCheck } from '../../src/store/integrity.ts';
import { openStore, openStoreOrRead } from '../../src/store/open.ts';
import { appendChange, createPlan, listPlans, loadPlan } from '../../src/store/plans.ts';
import { defaultStorePath, syncedBy } from '../../src/store/location.ts';
import { NOW, VERSION, codeOf, edit, samplePlan, setCell } from './fixtures.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-open-'));
  file = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = (path = file) => openStore(path, { now: NOW, version: VERSION, app: 'the app' });
const openReader = (path = file) => openStore(path, { now: NOW, version: VERSION, readOnly: true });

describe('opening the store', () => {
  it('sets WAL, FULL, foreign keys and an untrusted schema', () => {
    const { db, close } = open(join(folder, 'new', 'deep', 'store.db'));
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('trusted_schema', { simple: true })).toBe(0);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
    close();
    close();
  });

  it.skipIf(process.platform === 'win32')(
    'writes nothing to a file that was moved, replaced or removed while open, and goes on when it is back',
    () => {
      const store = open();
      const id = createPlan(store.db, samplePlan(), NOW);
      const aside = join(folder, 'aside.db');
      const change = () => appendChange(store.db, id, 0, edit(setCell('chips', '8')), NOW);
      renameSync(file, aside);
      expect(codeOf(change)).toBe('store_moved');
      writeFileSync(file, 'somebody else');
      expect(codeOf(change)).toBe('store_moved');
      renameSync(aside, file);
      change();
      expect(loadPlan(store.db, id).revision).toBe(1);
      store.close();
    },
  );

  it('says when the store lies in a folder that a cloud service copies', () => {
    const inside = join(folder, 'Dropbox (Personal)', 'plans', 'store.db');
    const store = open(inside);
    expect(store.notices.join()).toContain('lies in Dropbox');
    store.close();
    expect(syncedBy(['', 'home', 'ana', 'OneDrive - Lab', 'x.db'].join(sep))).toBe('OneDrive');
    expect(syncedBy(['', 'home', 'ana', 'dropbox-notes', 'x.db'].join(sep))).toBeNull();
  });

  it('keeps FULL when an existing WAL file is opened again', () => {
    open().close();
    const store = open();
    expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
    store.close();
  });

  it('lets one write, tells the second who it is, and lets it read along', () => {
    const first = open();
    const id = createPlan(first.db, samplePlan(), NOW);
    try {
      open();
      expect.unreachable();
    } catch (cause) {
      expect(cause).toMatchObject({ code: 'store_in_use' });
      expect((cause as Error).message).toContain(`the app (process ${process.pid}`);
    }
    const second = openStoreOrRead(file, { now: NOW, version: VERSION });
    expect(second.readOnly).toBe(true);
    expect(second.notices[0]).toContain('Opened read-only');
    appendChange(first.db, id, 0, edit(setCell('chips', '8')), NOW);
    expect(loadPlan(second.db, id).plan.tables.runs[0]?.cells['chips']).toBe('8');
    appendChange(first.db, id, 1, edit(setCell('chips', '9')), NOW);
    expect(loadPlan(second.db, id).plan.tables.runs[0]?.cells['chips']).toBe('9');
    second.close();
    first.close();
    open().close();
  });

  it('knows the same file under a symlink and refuses a second hard name', () => {
    const first = open();
    symlinkSync(file, join(folder, 'link.db'));
    expect(codeOf(() => open(join(folder, 'link.db')))).toBe('store_in_use');
    first.close();
    linkSync(file, join(folder, 'twin.db'));
    expect(codeOf(() => open(join(folder, 'twin.db')))).toBe('store_hard_link');
  });

  it('does not write through a read-only store', () => {
    const first = open();
    const id = createPlan(first.db, samplePlan(), NOW);
    first.close();
    const reader = openReader();
    expect(codeOf(() => appendChange(reader.db as never, id, 0, edit(setCell('chips', '1')), NOW))).toBe(
      'store_read_only',
    );
    expect(listPlans(reader.db)).toHaveLength(1);
    reader.close();
  });

  it('says what is wrong with a path', () => {
    expect(codeOf(() => openReader())).toBe('store_missing');
    mkdirSync(join(folder, 'dir.db'));
    expect(codeOf(() => open(join(folder, 'dir.db')))).toBe('store_cannot_open');
    writeFileSync(join(folder, 'plain'), 'x');
    expect(codeOf(() => open(join(folder, 'plain', 'store.db')))).toBe('store_cannot_open');
  });

  it('takes an empty file for a new store', () => {
    writeFileSync(file, '');
    const store = open();
    expect(listPlans(store.db)).toEqual([]);
    store.close();
  });

  it('knows the data folder of each platform', () => {
    expect(defaultStorePath('linux', {}, '/home/a')).toBe('/home/a/.local/share/flopsheet/flopsheet.db');
    expect(defaultStorePath('linux', { XDG_DATA_HOME: '/d' }, '/home/a')).toBe('/d/flopsheet/flopsheet.db');
    expect(defaultStorePath('linux', { FLOPSHEET_DB: '/x.db' }, '/home/a')).toBe('/x.db');
    expect(defaultStorePath('darwin', {}, '/Users/a')).toBe(
      '/Users/a/Library/Application Support/Flopsheet/flopsheet.db',
    );
  });
});

describe('the check of every start', () => {
  it('finds a damaged plan in a store with a price book of 20 MB, without reading the prices', () => {
    const store = openStore(file, { now: NOW, version: VERSION });
    createPlan(store.db, samplePlan(), NOW);
    const insert = store.db.prepare(
      "INSERT INTO catalog_row (kind, key, revision, origin, name, fields, created_at_ms) VALUES ('price', ?, 1, 'user', 'P', ?, 0)",
    );
    store.db
      .transaction(() => {
        const fields = JSON.stringify({ note: 'x'.repeat(900_000) });
        for (let i = 0; i < 23; i++) insert.run(`p${i}`, fields);
      })
      .immediate();
    const root = (name: string) =>
      store.db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name) as number;
    const pages = { plan: root('plan'), catalog: root('catalog_row') };
    const size = store.db.pragma('page_size', { simple: true }) as number;
    store.close();
    const damage = (page: number): void => {
      const bytes = readFileSync(file);
      bytes.fill(0x5a, (page - 1) * size, page * size);
      writeFileSync(file, bytes);
    };
    const sound = readFileSync(file);
    expect(sound.length).toBeGreaterThan(16_000_000);
    damage(pages.catalog);
    const opened = openStore(file, { now: NOW, version: VERSION });
    expect(fullCheck(opened.db).ok).toBe(false);
    opened.close();
    writeFileSync(file, sound);
    damage(pages.plan);
    expect(codeOf(() => openStore(file, { now: NOW, version: VERSION }))).toBe('store_corrupt');
  });
});
