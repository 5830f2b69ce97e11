/**
 * Does one kind of work again and again, each time with another file operation failing, until it passes, and prints what
 * every attempt left behind: one JSON line each. Started with failing-io.c loaded. Arguments: a folder to work in, the
 * work, `protected` or `unprotected` (the twin), `EIO` or `ENOSPC`, `once` or `on` (all later operations fail as well).
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../../src/cli/write-file.ts';
import { FlopsheetError } from '../../../src/core/errors.ts';
import { backup, backupFolder, checkFile, listBackups } from '../../../src/store/backup.ts';
import { connect } from '../../../src/store/database.ts';
import type { Connection, ReadableDb } from '../../../src/store/database.ts';
import { fullCheck } from '../../../src/store/integrity.ts';
import { loadMigrations, migrate, schemaNumber } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open.ts';
import { appendChange, createPlan, loadPlan } from '../../../src/store/plans.ts';
import { restoreBackup } from '../../../src/store/restore.ts';
import { NOW, VERSION, edit, samplePlan, setCell } from '../../store/fixtures.ts';

const [root = '', work = '', protection, errno = 'EIO', mode = 'once'] = process.argv.slice(2);
const unprotected = protection === 'unprotected';
const options = { now: NOW, version: VERSION };
/** Work that still fails after so many attempts is a fault of the test. */
const MOST = 1500;

/** What one attempt left behind. */
export interface Attempt {
  readonly at: number;
  /** Code of the error, `''` when the work went through, `raw: …` for an error that is not the product's own. */
  readonly code: string;
  /** `old` or `new`, or in words what is neither. */
  readonly left: string;
  /** `new` when the same work then succeeds on a disk that works again. */
  readonly retried: string;
}

interface Work {
  /** Makes the state `old` in an empty {@link folder}; everything here with the disk working. */
  prepare(): void;
  /** The work; the disk fails only here. */
  run(): void | Promise<void>;
  /** What is on the disk. */
  left(): string;
}

const folder = join(root, 'place');
const file = join(folder, 'store.db');

/** Every statement commits by itself, as it would without a transaction. */
function withoutTransactions(db: Connection): void {
  const bare = (task: () => unknown) => Object.assign(task, { immediate: task, deferred: task, exclusive: task });
  (db as unknown as { transaction: typeof bare }).transaction = bare;
}

/** A store with one plan, made once and copied for every attempt. */
function oneStore(name: string): { path: string; plan: string } {
  const path = join(root, `${name}.db`);
  const store = openStore(path, options);
  const plan = createPlan(store.db, samplePlan(name), NOW);
  store.close();
  return { path, plan };
}

function look(at: string, see: (db: ReadableDb) => string): string {
  const db = connect(at, { readOnly: false });
  try {
    const [finding] = fullCheck(db as ReadableDb).findings;
    return finding === undefined ? see(db as ReadableDb) : `not sound: ${finding.message}`;
  } finally {
    db.close();
  }
}

function editing(): Work {
  const { path, plan } = oneStore('edited');
  return {
    prepare: () => cpSync(path, file),
    run() {
      // Opened with the disk working: what fails is the edit.
      const failAt = process.env['FAIL_AT'];
      process.env['FAIL_AT'] = '0';
      const store = openStore(file, options);
      if (unprotected) withoutTransactions(store.db);
      const { revision } = loadPlan(store.db, plan);
      begin(failAt ?? '0');
      try {
        appendChange(store.db, plan, revision, edit(setCell('chips', '77'), setCell('note', 'n'.repeat(9000))), NOW);
      } finally {
        stop();
        store.close();
      }
    },
    left: () => look(file, (db) => (loadPlan(db, plan).plan.tables.runs[0]?.cells['chips'] === '77' ? 'new' : 'old')),
  };
}

function migrating(): Work {
  const { path } = oneStore('migrated');
  const migrations = join(root, 'migrations');
  cpSync(new URL('../../../migrations', import.meta.url).pathname, migrations, { recursive: true });
  const before = loadMigrations(migrations).at(-1)?.number ?? 0;
  for (const step of [1, 2])
    writeFileSync(
      join(migrations, `${String(before + 10 * step).padStart(4, '0')}-added-${step}.sql`),
      `CREATE TABLE added_${step} (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;\nINSERT INTO added_${step} SELECT value, hex(zeroblob(2000)) FROM json_each('[1,2,3]');\n`,
    );
  const rows = (db: ReadableDb, step: number) =>
    db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(`added_${step}`) === undefined
      ? 'none'
      : String(db.prepare(`SELECT count(*) FROM added_${step}`).pluck().get());
  return {
    prepare: () => cpSync(path, file),
    run() {
      if (!unprotected) return openStore(file, { ...options, migrationsFolder: migrations }).close();
      const db = connect(file, { readOnly: false });
      withoutTransactions(db);
      try {
        migrate(db, loadMigrations(migrations), options);
      } finally {
        db.close();
      }
    },
    left: () =>
      look(file, (db) => {
        const found = `schema ${schemaNumber(db)}: ${rows(db, 1)}, ${rows(db, 2)} rows`;
        if (found === `schema ${before}: none, none rows`) return 'old';
        return found === `schema ${before + 20}: 3, 3 rows` ? 'new' : found;
      }),
  };
}

function backingUp(): Work {
  const { path } = oneStore('backed-up');
  return {
    prepare: () => cpSync(path, file),
    async run() {
      const store = openStore(file, options);
      try {
        if (unprotected) {
          mkdirSync(backupFolder(file), { recursive: true });
          writeFileSync(join(backupFolder(file), 'store-20270115T120000000Z.db'), readFileSync(file));
        } else await backup(store, NOW);
      } finally {
        store.close();
      }
    },
    left() {
      const broken = listBackups(file).find((made) => !isSound(made.file));
      if (broken) return 'a backup that is not sound is listed';
      return look(file, () => (listBackups(file).length > 0 ? 'new' : 'old'));
    },
  };
}

function isSound(path: string): boolean {
  try {
    return checkFile(path).ok;
  } catch {
    return false;
  }
}

function restoring(): Work {
  const now = oneStore('now');
  const then = oneStore('then');
  return {
    prepare: () => cpSync(now.path, file),
    run() {
      if (!unprotected) return void restoreBackup(file, then.path, options);
      rmSync(file);
      writeFileSync(file, readFileSync(then.path));
    },
    left() {
      if (!existsSync(file)) return 'no store at all';
      const plans = look(file, (db) => db.prepare('SELECT id FROM plan').pluck().all().join());
      return plans === now.plan ? 'old' : plans === then.plan ? 'new' : plans;
    },
  };
}

function exporting(): Work {
  const target = join(folder, 'plan.json');
  return {
    prepare: () => writeFileSync(target, 'old'),
    run: () => (unprotected ? writeFileSync(target, 'new') : writeWhole(target, 'new')),
    left: () => readFileSync(target, 'utf8'),
  };
}

const WORKS = { edit: editing, migrate: migrating, backup: backingUp, restore: restoring, export: exporting };

let run = 0;
/** From here operations under the folder are counted, and the one numbered `at` fails. */
function begin(at: string): void {
  process.env['FAIL_UNDER'] = folder;
  process.env['FAIL_ERRNO'] = errno;
  process.env['FAIL_ON'] = mode === 'on' ? '1' : '0';
  process.env['FAIL_AT'] = at;
  process.env['FAIL_RUN'] = String(++run);
}
function stop(): void {
  process.env['FAIL_UNDER'] = '';
}

async function attempt(task: Work, at: number): Promise<Attempt> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  task.prepare();
  let code = '';
  begin(String(at));
  try {
    await task.run();
  } catch (cause) {
    code = cause instanceof FlopsheetError ? cause.code : `raw: ${String(cause)}`;
  } finally {
    stop();
  }
  const left = describe(() => task.left());
  let retried = 'new';
  if (code !== '' && left === 'old')
    try {
      begin('0');
      await task.run();
      retried = describe(() => task.left());
    } catch (cause) {
      retried = String(cause);
    } finally {
      stop();
    }
  return { at, code, left, retried };
}

function describe(see: () => string): string {
  try {
    return see();
  } catch (cause) {
    return `cannot be read: ${String(cause)}`;
  }
}

const task = WORKS[work as keyof typeof WORKS]();
// Ends when two attempts in a row pass: one alone may be a failure that the work rightly ignores (litter not removed).
for (let at = 1, passed = 0; at <= MOST && passed < 2; at++) {
  const result = await attempt(task, at);
  console.log(JSON.stringify(result));
  passed = result.code === '' ? passed + 1 : 0;
}
