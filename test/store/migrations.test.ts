import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/store/database.ts';
import { APPLICATION_ID, loadMigrations, migrate, schemaNumber } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { readSheetView, writeSheetView } from '../../src/store/sheet-views.ts';
import { NOW, VERSION, codeOf } from './fixtures.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-migrations-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

function dbAt(upTo: number) {
  const db = connect(':memory:', { readOnly: false });
  migrate(db, loadMigrations(), { version: VERSION, now: NOW, upTo });
  return db;
}

describe('0010-catalog', () => {
  it('stores revisions, shows the last word of the user before that of the seed, and never changes one', () => {
    const db = dbAt(10);
    expect(schemaNumber(db)).toBe(10);
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    const add = (revision: number, origin: string, withdrawn = 0) =>
      db
        .prepare(
          "INSERT INTO catalog_row (kind, key, revision, origin, withdrawn, name, fields, created_at_ms) VALUES ('price', 'p', ?, ?, ?, 'P', ?, 0)",
        )
        .run(
          revision,
          origin,
          withdrawn,
          JSON.stringify({ chip_key: 'h100-sxm', provider_class: 'neocloud', commitment: 'spot', revision }),
        );
    const head = () =>
      db.prepare('SELECT revision FROM catalog_head h JOIN catalog_row r ON r.id = h.row_id').pluck().get();
    add(1, 'seed');
    expect(head()).toBe(1);
    add(2, 'user');
    expect(head()).toBe(2);
    add(3, 'seed');
    expect(head()).toBe(2);
    add(4, 'user', 1);
    expect(head()).toBe(3);
    add(5, 'seed', 1);
    expect(head()).toBeUndefined();
    expect(
      db.prepare('SELECT quote_chip, quote_class, quote_commitment FROM catalog_row WHERE revision = 1').raw().get(),
    ).toEqual(['h100-sxm', 'neocloud', 'spot']);
    expect(() => db.prepare("UPDATE catalog_row SET name = 'x'").run()).toThrow('append-only');
    expect(() => db.prepare('DELETE FROM catalog_row').run()).toThrow('append-only');
    expect(() => add(5, 'seed')).toThrow('UNIQUE');
    expect(() =>
      db
        .prepare(
          "INSERT INTO catalog_row (kind, key, revision, origin, name, fields, created_at_ms) VALUES ('price', 'q', 1, 'seed', 'Q', 'not json', 0)",
        )
        .run(),
    ).toThrow('malformed JSON');
    expect(() =>
      db
        .prepare(
          "INSERT INTO catalog_row (kind, key, revision, origin, name, fields, created_at_ms) VALUES ('price', 'q', 'one', 'seed', 'Q', '{}', 0)",
        )
        .run(),
    ).toThrow('INTEGER');
  });
});

describe('0020-plans', () => {
  it('adds the plan tables and leaves the catalog as it was', () => {
    const db = dbAt(10);
    db.prepare(
      "INSERT INTO catalog_row (kind, key, revision, origin, name, fields, created_at_ms) VALUES ('hardware', 'h', 1, 'user', 'H', '{\"tdp_w\":700}', 5)",
    ).run();
    db.prepare(
      "INSERT INTO catalog_alias (kind, folded, name, key, origin) VALUES ('hardware', 'h', 'H', 'h', 'user')",
    ).run();
    const before = [
      db.prepare('SELECT * FROM catalog_row').all(),
      db.prepare('SELECT * FROM catalog_head').all(),
      db.prepare('SELECT * FROM catalog_alias').all(),
    ];
    expect(migrate(db, loadMigrations(), { version: '0.2.0', now: NOW, upTo: 20 })).toEqual([20]);
    expect([
      db.prepare('SELECT * FROM catalog_row').all(),
      db.prepare('SELECT * FROM catalog_head').all(),
      db.prepare('SELECT * FROM catalog_alias').all(),
    ]).toEqual(before);
    expect(db.prepare("SELECT value FROM meta WHERE key = 'app_version'").pluck().get()).toBe('0.2.0');
    db.prepare(
      "INSERT INTO plan (id, name, revision, head_hash, runs, created_at_ms, updated_at_ms) VALUES ('p', 'P', 0, 'h', 1, 1, 1)",
    ).run();
    const entry = db.prepare(
      "INSERT INTO journal (plan_id, revision, kind, of_revision, author, note, at_ms, commands, hash) VALUES (?, ?, ?, ?, 'a', '', 1, '[]', 'h')",
    );
    entry.run('p', 1, 'edit', null);
    entry.run('p', 2, 'undo', 1);
    expect(() => entry.run('p', 2, 'edit', null)).toThrow('UNIQUE');
    expect(() => entry.run('p', 3, 'edit', 1)).toThrow('CHECK');
    expect(() => entry.run('p', 3, 'undo', null)).toThrow('CHECK');
    expect(() => entry.run('nobody', 1, 'edit', null)).toThrow('FOREIGN KEY');
  });
});

describe('0030-laws', () => {
  it('keeps fitted laws as they were saved; only the name and the deletion may change', () => {
    const db = dbAt(20);
    db.prepare(
      "INSERT INTO plan (id, name, revision, head_hash, runs, created_at_ms, updated_at_ms) VALUES ('p', 'P', 0, 'h', 1, 1, 1)",
    ).run();
    expect(migrate(db, loadMigrations(), { version: '0.3.0', now: NOW, upTo: 30 })).toEqual([30]);
    expect(db.prepare('SELECT name FROM plan').pluck().all()).toEqual(['P']);
    const add = db.prepare("INSERT INTO fitted_law (key, name, law, author, created_at_ms) VALUES (?, ?, ?, 'ana', 1)");
    add.run('ladder', 'Ladder', '{}');
    expect(() => add.run('ladder', 'Other', '{}')).toThrow('UNIQUE');
    expect(() => add.run('b', '', '{}')).toThrow('CHECK');
    expect(() => add.run('c', 'C', 'not json')).toThrow('CHECK');
    db.prepare("UPDATE fitted_law SET name = 'Autumn ladder', deleted_at_ms = 5").run();
    expect(() => db.prepare("UPDATE fitted_law SET law = '[]'").run()).toThrow('never changed');
    expect(() => db.prepare("UPDATE fitted_law SET key = 'x'").run()).toThrow('never changed');
    expect(() => db.prepare('DELETE FROM fitted_law').run()).toThrow('is kept');
  });
});

describe('0070-sheet-views', () => {
  it('keeps one layout a table and plan, the last one, as JSON', () => {
    const { db } = openStore(':memory:', { now: NOW, version: VERSION });
    db.exec(
      "INSERT INTO plan (id, name, revision, head_hash, runs, created_at_ms, updated_at_ms) VALUES ('p', 'P', 0, '', 0, 0, 0)",
    );
    writeSheetView(db, 'p', 'runs', { widths: { tokens: 80 } }, NOW);
    writeSheetView(db, 'p', 'runs', { widths: { tokens: 90 } }, NOW);
    expect(readSheetView(db, 'p', 'runs')).toEqual({ widths: { tokens: 90 } });
    expect(readSheetView(db, 'p', 'costs')).toBeNull();
    expect(() => writeSheetView(db, 'gone', 'runs', {}, NOW)).toThrow();
    expect(() => db.prepare("UPDATE sheet_view SET layout = 'not json'").run()).toThrow('CHECK');
  });
});

describe('every migration', () => {
  it('is STRICT and gives the same schema step by step as at once', () => {
    const atOnce = dbAt(Infinity);
    const stepwise = connect(':memory:', { readOnly: false });
    for (const { number } of loadMigrations())
      migrate(stepwise, loadMigrations(), { version: VERSION, now: NOW, upTo: number });
    const schema = (db: typeof atOnce) => db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
    expect(schema(stepwise)).toEqual(schema(atOnce));
    expect(
      atOnce
        .prepare(
          "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND schema = 'main' AND name NOT LIKE 'sqlite_%'",
        )
        .pluck()
        .all(),
    ).toEqual([]);
  });

  it('must be numbered by ten, rising', () => {
    writeFileSync(join(folder, '0010-a.sql'), '');
    writeFileSync(join(folder, '0015-b.sql'), '');
    expect(codeOf(() => loadMigrations(folder))).toBe('store_migration_order');
    rmSync(join(folder, '0015-b.sql'));
    writeFileSync(join(folder, 'next.sql'), '');
    expect(codeOf(() => loadMigrations(folder))).toBe('store_migration_name');
  });

  it('happens wholly or not at all', () => {
    const migrations = [
      ...loadMigrations(),
      {
        number: 90,
        name: '0090-bad',
        sql: 'CREATE TABLE half (x INTEGER) STRICT; CREATE TABLE half (x INTEGER) STRICT;',
      },
    ];
    const db = dbAt(Infinity);
    const before = schemaNumber(db);
    expect(() => migrate(db, migrations, { version: VERSION, now: NOW })).toThrow('already exists');
    expect(schemaNumber(db)).toBe(before);
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").pluck().get()).toBe(0);
  });
});

describe('a store of another version', () => {
  const migrationsUpTo = (number: number, extra: Record<string, string> = {}) => {
    const own = join(folder, `m${number}${Object.keys(extra).join('')}`);
    mkdirSync(own);
    for (const m of loadMigrations().filter((x) => x.number <= number))
      writeFileSync(join(own, `${m.name}.sql`), m.sql);
    for (const [name, sql] of Object.entries(extra)) writeFileSync(join(own, name), sql);
    return own;
  };

  it('that is newer is refused, says which version made it, and is left byte for byte', () => {
    const file = join(folder, 'store.db');
    openStore(file, {
      now: NOW,
      version: '9.4.2',
      migrationsFolder: migrationsUpTo(20, { '0990-future.sql': 'CREATE TABLE future (x INTEGER) STRICT;' }),
    }).close();
    const before = digest(file);
    for (const readOnly of [false, true]) {
      try {
        openStore(file, { now: NOW, version: '0.1.0', readOnly });
        expect.unreachable();
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'store_newer' });
        expect((cause as Error).message).toContain('9.4.2');
        expect((cause as Error).message).toContain('0.1.0');
      }
    }
    expect(digest(file)).toBe(before);
  });

  it('that is older is backed up, then brought up to date', () => {
    const file = join(folder, 'store.db');
    openStore(file, { now: NOW, version: '0.0.9', migrationsFolder: migrationsUpTo(10) }).close();
    expect(codeOf(() => openStore(file, { now: NOW, version: VERSION, readOnly: true }))).toBe('store_older');
    const store = openStore(file, { now: NOW, version: VERSION });
    expect(schemaNumber(store.db)).toBe(loadMigrations().at(-1)?.number);
    expect(store.notices[0]).toContain('before-schema-10');
    store.close();
    const [name = ''] = readdirSync(join(folder, 'backups'));
    const copy = connect(join(folder, 'backups', name), { readOnly: true });
    expect(schemaNumber(copy)).toBe(10);
    copy.close();
  });

  it('with other migrations of the same number is refused', () => {
    const file = join(folder, 'store.db');
    openStore(file, {
      now: NOW,
      version: '0.0.9',
      migrationsFolder: migrationsUpTo(10, { '0020-plans.sql': 'CREATE TABLE other (x INTEGER) STRICT;' }),
    }).close();
    expect(codeOf(() => openStore(file, { now: NOW, version: VERSION }))).toBe('store_migrations_differ');
  });

  it('of another program is refused and left byte for byte', () => {
    const file = join(folder, 'other.db');
    const other = connect(file, { readOnly: false });
    other.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES ('kept')");
    other.close();
    const before = digest(file);
    expect(codeOf(() => openStore(file, { now: NOW, version: VERSION }))).toBe('store_foreign');
    expect(digest(file)).toBe(before);
    writeFileSync(join(folder, 'text.db'), 'Dear diary, this is not a database at all.');
    expect(codeOf(() => openStore(join(folder, 'text.db'), { now: NOW, version: VERSION }))).toBe(
      'store_not_a_database',
    );
  });
});

describe('0080-team', () => {
  it('asks no address unless allowed, and holds what was taken once by place and item', () => {
    const db = dbAt(80);
    db.prepare("INSERT INTO team_source (place, added_at_ms) VALUES ('https://a.example/p.csv', 0)").run();
    expect(db.prepare('SELECT may_fetch FROM team_source').pluck().get()).toBe(0);
    const take = (kind: string) =>
      db
        .prepare(
          "INSERT INTO team_item (place, item, kind, hash, local_key, local_revision, taken_at_ms) VALUES ('f', 'i', ?, 'h', 'k', 1, 0)",
        )
        .run(kind);
    take('price');
    take('plan');
    expect(() => take('plan')).toThrow('UNIQUE');
    expect(() => take('law')).toThrow('CHECK');
  });
});
