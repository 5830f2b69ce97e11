import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from './canonical.ts';
import type { Connection } from './database.ts';
import { storeError } from './errors.ts';

/** Marks a file as ours in its header ("FLPS"). */
export const APPLICATION_ID = 0x464c5053;

/** One step of the schema: `0010-catalog.sql` is number 10. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** The migrations of this version of the app, in order. Throws when their numbers do not rise in tens. */
export function loadMigrations(folder = FOLDER): Migration[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  const migrations = files.sort().map((file) => {
    const match = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file);
    if (!match)
      throw storeError('store_migration_name', `Migration ${file} is not named like 0010-topic.sql`, { where: file });
    return { number: Number(match[1]), name: file.slice(0, -4), sql: readFileSync(join(folder, file), 'utf8') };
  });
  migrations.forEach((migration, i) => {
    const before = migrations[i - 1]?.number ?? 0;
    if (migration.number % 10 !== 0 || migration.number <= before) {
      throw storeError(
        'store_migration_order',
        `Migration ${migration.name} does not follow number ${before} in steps of ten`,
        { where: migration.name },
      );
    }
  });
  return migrations;
}

/** The schema number a file is at; 0 for a new file. */
export function schemaNumber(db: Connection): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** The version of the app that last changed the schema of this file, or an empty string. */
export function madeByVersion(db: Connection): string {
  try {
    return (db.prepare("SELECT value FROM meta WHERE key = 'app_version'").pluck().get() as string | undefined) ?? '';
  } catch {
    return '';
  }
}

/** Refuses a file of another program or of a newer version. Reads only. */
export function assertOurs(db: Connection, migrations: readonly Migration[], version: string, where: string): void {
  const applicationId = db.pragma('application_id', { simple: true }) as number;
  const found = schemaNumber(db);
  const tables = db
    .prepare("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
    .pluck()
    .get() as number;
  if (applicationId === 0 && found === 0 && tables === 0) return;
  if (applicationId !== APPLICATION_ID) {
    throw storeError('store_foreign', `${where} is a database of another program`, {
      hint: 'Nothing was changed. Choose another file with --db.',
      where,
    });
  }
  const known = migrations.at(-1)?.number ?? 0;
  if (found > known) {
    const maker = madeByVersion(db);
    throw storeError(
      'store_newer',
      `${where} was made by Flopsheet ${maker || 'of a newer version'} (schema ${found}); this is Flopsheet ${version} (schema ${known})`,
      {
        hint: `The file was left untouched. Install Flopsheet ${maker || 'in its newest version'}, or choose another file with --db.`,
        where,
      },
    );
  }
  assertSameMigrations(db, migrations, where);
}

/** What was applied must be the beginning of what we know, text for text. */
function assertSameMigrations(db: Connection, migrations: readonly Migration[], where: string): void {
  if (tableMissing(db, 'migration')) return;
  const applied = db.prepare('SELECT number, name, sha256 FROM migration ORDER BY number').all() as {
    number: number;
    name: string;
    sha256: string;
  }[];
  applied.forEach((row, i) => {
    const own = migrations[i];
    if (!own || own.number !== row.number || sha256(own.sql) !== row.sha256) {
      throw storeError(
        'store_migrations_differ',
        `${where} was brought to schema ${row.number} by a different ${row.name} than this version has`,
        {
          hint: 'The file was left untouched. It comes from a development version; open it with that version and export the plans.',
          where,
        },
      );
    }
  });
}

function tableMissing(db: Connection, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) === undefined;
}

/**
 * Brings a database to `upTo` (default: the newest schema) in one transaction: after a crash it is at the old schema or
 * at the new one. Returns the numbers applied. `now` in UTC ms.
 */
export function migrate(
  db: Connection,
  migrations: readonly Migration[],
  options: { version: string; now: number; upTo?: number },
): number[] {
  const from = schemaNumber(db);
  const pending = migrations.filter((m) => m.number > from && m.number <= (options.upTo ?? Infinity));
  if (pending.length === 0) return [];
  db.transaction(() => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT',
    );
    const note = db.prepare('INSERT INTO migration (number, name, sha256, applied_at_ms) VALUES (?, ?, ?, ?)');
    for (const migration of pending) {
      db.exec(migration.sql);
      note.run(migration.number, migration.name, sha256(migration.sql), options.now);
    }
    db.prepare(
      "INSERT INTO meta (key, value) VALUES ('app_version', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    ).run(options.version);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${pending.at(-1)?.number ?? from}`);
  }).immediate();
  return pending.map((m) => m.number);
}
