import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupFolder, checkFile, listBackups } from '../../../src/store/backup.ts';
import { connect } from '../../../src/store/database.ts';
import { fullCheck } from '../../../src/store/integrity.ts';
import { loadMigrations, schemaNumber } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open.ts';
import { appendChange, createPlan, loadPlan } from '../../../src/store/plans.ts';
import { NOW, VERSION, edit, samplePlan, setCell } from '../../store/fixtures.ts';

/**
 * Kill -9 proves that writes are whole; it does not prove that they survive a power cut (the page cache stays).
 * 50 kills in every run, 1,000 in the long one.
 */
const LONG = process.env['FLOPSHEET_FAULT_LONG'] !== undefined;
const KILLS = LONG ? { edit: 600, migrate: 200, backup: 200 } : { edit: 26, migrate: 12, backup: 12 };
const WRITER = new URL('./writer.ts', import.meta.url).pathname;
const MIGRATIONS = new URL('../../../migrations', import.meta.url).pathname;

let folder: string;
let file: string;
let plan: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-kill-'));
  file = join(folder, 'store.db');
  const store = openStore(file, { now: NOW, version: VERSION });
  plan = createPlan(store.db, samplePlan(), NOW);
  store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Killed {
  readonly saved: number;
  readonly workedMs: number;
}

/**
 * Starts a writer and kills it `delayMs` after it said `word`; returns the last number it was told is saved, 0 for none,
 * and how long it worked. A writer that ends before the kill is a fault of the test.
 */
function killWriter(args: readonly string[], word: string, delayMs: number): Promise<Killed> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [WRITER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    let armed = false;
    let readyAt = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (readyAt === 0) readyAt = performance.now();
      if (armed || !output.includes(word)) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return fail(new Error(`the writer ended by itself (${code}): ${errors}`));
      // A line cut short was not acknowledged.
      const saved = Number(/saved (\d+)\n(?![\s\S]*saved \d+\n)/.exec(output)?.[1] ?? 0);
      done({ saved, workedMs: performance.now() - readyAt });
    });
  });
}

/** Kills spread over `spanMs`, the same ones every run. */
const delay = (kill: number, spanMs: number) => 3 + ((kill * 61) % spanMs);

function reopened<T>(look: (store: ReturnType<typeof openStore>) => T): T {
  const store = openStore(file, { now: NOW, version: VERSION });
  try {
    return look(store);
  } finally {
    store.close();
  }
}

describe('kill -9 while editing', () => {
  it(
    `loses no saved edit and leaves none half written, ${KILLS.edit} times`,
    { timeout: KILLS.edit * 10_000 },
    async () => {
      let edits = 0;
      for (let kill = 0; kill < KILLS.edit; kill++) {
        const { saved } = await killWriter(['edit', 'protected', 'run', file, plan], 'ready', delay(kill, 140));
        reopened(({ db }) => {
          const loaded = loadPlan(db, plan);
          expect(loaded.revision).toBeGreaterThanOrEqual(saved);
          if (loaded.revision > 0) expect(loaded.plan.tables.runs[0]?.cells['chips']).toBe(String(loaded.revision));
          expect(fullCheck(db).findings).toEqual([]);
          edits = loaded.revision;
        });
      }
      expect(edits).toBeGreaterThan(KILLS.edit);
    },
  );

  it('in the middle of a write leaves the state before it', { timeout: 60_000 }, async () => {
    await killWriter(['edit', 'protected', 'pause', file, plan], 'middle', 20);
    reopened(({ db }) => {
      expect(loadPlan(db, plan).revision).toBe(0);
      expect(fullCheck(db).findings).toEqual([]);
    });
  });

  it('twin: the same kill without a transaction leaves half a write', { timeout: 60_000 }, async () => {
    await killWriter(['edit', 'unprotected', 'pause', file, plan], 'middle', 20);
    reopened(({ db }) => expect(fullCheck(db).findings).toMatchObject([{ part: 'plan', where: plan }]));
  });
});

describe('kill -9 while the schema is brought up to date', () => {
  const ROWS = 60_000;
  let migrations: string;
  let newest: number;
  beforeEach(() => {
    migrations = join(folder, 'migrations');
    cpSync(MIGRATIONS, migrations, { recursive: true });
    newest = loadMigrations(migrations).at(-1)?.number ?? 0;
    // Two steps that rebuild a table each: what is killed between them shows both halves.
    for (const step of [1, 2]) {
      const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i, hex(i) FROM n`;
      writeFileSync(
        join(migrations, `${String(newest + step * 10).padStart(4, '0')}-rebuilt-${step}.sql`),
        `CREATE TABLE rebuilt_${step} (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;\nINSERT INTO rebuilt_${step} ${rows};\n`,
      );
    }
  });

  /** The rows of each rebuilt table, null where there is none, and the schema the file says it has. */
  function stateOf(): { schema: number; rows: (number | null)[] } {
    const db = connect(file, { readOnly: true });
    try {
      const rows = [1, 2].map((step) => {
        const known = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(`rebuilt_${step}`);
        return known ? (db.prepare(`SELECT count(*) FROM rebuilt_${step}`).pluck().get() as number) : null;
      });
      return { schema: schemaNumber(db), rows };
    } finally {
      db.close();
    }
  }

  it(
    `leaves the old schema or the new one, and a whole backup, ${KILLS.migrate} times`,
    { timeout: KILLS.migrate * 10_000 },
    async () => {
      const seen = new Set<number>();
      let spanMs = 0;
      const old = join(folder, 'old.db');
      cpSync(file, old);
      mkdirSync(backupFolder(file));
      for (let kill = 0; kill < KILLS.migrate; kill++) {
        // The first is let finish, to know how long it takes here; the second is killed at once.
        const args = ['migrate', 'protected', 'run', file, migrations];
        const killed =
          kill === 0
            ? await killWriter(args, 'saved', 0)
            : await killWriter(args, 'ready', kill === 1 ? 0 : delay(kill, spanMs));
        if (kill === 0) spanMs = Math.ceil(killed.workedMs);
        const state = stateOf();
        seen.add(state.schema);
        expect(state).toEqual(
          state.schema === newest
            ? { schema: newest, rows: [null, null] }
            : { schema: newest + 20, rows: [ROWS, ROWS] },
        );
        if (killed.saved > 0) expect(state.schema).toBe(newest + 20);
        const backups = readdirSync(backupFolder(file)).filter((name) => name.endsWith('.db'));
        for (const name of backups) expect(checkFile(join(backupFolder(file), name)).findings).toEqual([]);
        if (state.schema === newest) continue;
        expect(backups.some((name) => name.startsWith(`before-schema-${newest}-`))).toBe(true);
        for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
        cpSync(old, file);
      }
      expect(seen).toEqual(new Set([newest, newest + 20]));
      // What killed backups left half made goes when the store is next opened for writing.
      openStore(file, { now: NOW + 1, version: VERSION, migrationsFolder: migrations }).close();
      expect(readdirSync(backupFolder(file)).filter((name) => name.includes('partial'))).toEqual([]);
    },
  );

  it('between two steps leaves the old schema; twin: without a transaction half of the new one', async () => {
    const last = `${String(newest + 20).padStart(4, '0')}-rebuilt-2.sql`;
    writeFileSync(join(migrations, last), 'SELECT wait_here();\nCREATE TABLE rebuilt_2 (id INTEGER) STRICT;\n');
    await killWriter(['migrate', 'protected', 'pause', file, migrations], 'middle', 20);
    expect(stateOf()).toEqual({ schema: newest, rows: [null, null] });
    await killWriter(['migrate', 'unprotected', 'pause', file, migrations], 'middle', 20);
    expect(stateOf()).toEqual({ schema: newest, rows: [ROWS, null] });
  });
});

describe('kill -9 while a backup is made', () => {
  beforeEach(() => {
    // Some hundred pages, so that a copy takes several steps.
    const store = openStore(file, { now: NOW, version: VERSION });
    for (let i = 0; i < 60; i++)
      appendChange(store.db, plan, i, edit(setCell('note', `${i}`.padEnd(20_000, 'x'))), NOW);
    store.close();
  });

  it(
    `leaves only whole backups, none that was made is lost, ${KILLS.backup} times`,
    { timeout: KILLS.backup * 10_000 },
    async () => {
      let made = 0;
      for (let kill = 0; kill < KILLS.backup; kill++) {
        const { saved } = await killWriter(['backup', 'protected', 'run', file], 'ready', delay(kill, 120));
        made += saved;
        const backups = listBackups(file);
        // The writer's clock starts at 1970 each time, so its backups follow each other within one day: three are kept.
        expect(backups.length).toBeGreaterThanOrEqual(Math.min(saved, 3));
        for (const backup of backups) expect(checkFile(backup.file).findings).toEqual([]);
        reopened(({ db }) => expect(loadPlan(db, plan).revision).toBe(60));
        expect(readdirSync(backupFolder(file)).filter((name) => name.includes('partial'))).toEqual([]);
      }
      expect(made).toBeGreaterThan(0);
    },
  );

  it('half-way shows no backup; twin: one copied under its own name is listed and is not sound', async () => {
    await killWriter(['backup', 'protected', 'pause', file], 'middle', 20);
    expect(readdirSync(backupFolder(file)).filter((name) => name.includes('partial'))).not.toEqual([]);
    expect(listBackups(file)).toEqual([]);
    await killWriter(['backup', 'unprotected', 'pause', file], 'middle', 20);
    const [listed] = listBackups(file);
    expect(listed).toBeDefined();
    let sound = false;
    try {
      sound = checkFile(listed?.file ?? '').ok;
    } catch {
      // Not even a database yet.
    }
    expect(sound).toBe(false);
  });
});
