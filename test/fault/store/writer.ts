/**
 * A process that works on a store until it is killed, and says on stdout what it was told is done.
 * Arguments: `edit`, `backup` or `migrate`; `protected` or `unprotected` (the twin: the same work without the safeguard
 * under test); `run`, or `pause` to say `middle` half-way and wait there for the kill; the store file; for `edit` the
 * plan's id, for `migrate` the folder of migrations.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { backup, backupFolder } from '../../../src/store/backup.ts';
import { connect } from '../../../src/store/database.ts';
import type { Connection } from '../../../src/store/database.ts';
import { loadMigrations, migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open.ts';
import { appendChange, loadPlan } from '../../../src/store/plans.ts';

const [task, protection, mode, file = '', argument = ''] = process.argv.slice(2);
const unprotected = protection === 'unprotected';
const options = { now: 0, version: '0.1.0', app: 'writer' };

const say = (line: string) => writeSync(1, `${line}\n`);

function waitForTheKill(): number {
  say('middle');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  return 0;
}

/** Every statement commits by itself, as it would without a transaction. */
function withoutTransactions(db: Connection): void {
  const bare = (work: () => unknown) => Object.assign(work, { immediate: work, deferred: work, exclusive: work });
  (db as unknown as { transaction: typeof bare }).transaction = bare;
}

function edit(): void {
  const store = openStore(file, options);
  if (unprotected) withoutTransactions(store.db);
  if (mode === 'pause') {
    store.db.function('wait_here', waitForTheKill);
    // Between the two statements of one write: the journal has the entry, the plan's row does not know it yet.
    store.db.exec('CREATE TEMP TRIGGER hold BEFORE UPDATE ON plan BEGIN SELECT wait_here(); END');
  }
  say('ready');
  for (let revision = loadPlan(store.db, argument).revision; ; revision++) {
    const commands = [
      { set: ['runs', 'r1', 'chips'] as const, to: String(revision + 1) },
      { set: ['runs', 'r1', 'note'] as const, to: 'n'.repeat((revision * 37) % 2000) },
    ];
    appendChange(store.db, argument, revision, { commands, kind: 'edit', author: 'writer', note: '' }, revision);
    say(`saved ${revision + 1}`);
  }
}

async function makeBackups(): Promise<void> {
  const store = openStore(file, options);
  if (mode === 'pause') {
    const whole = store.db.backup.bind(store.db);
    let steps = 0;
    const progress = () => (++steps === 2 ? waitForTheKill() : 5);
    store.db.backup = ((target: string) => whole(target, { progress })) as typeof store.db.backup;
  }
  say('ready');
  for (let now = 1; ; now++) {
    if (unprotected) await store.db.backup(join(backupFolder(store.path), 'store-19700101T000000001Z.db'));
    else await backup(store, now * 1000);
    say(`saved ${now}`);
  }
}

function runMigrations(): void {
  if (mode === 'pause') {
    const db = connect(file, { readOnly: false });
    if (unprotected) withoutTransactions(db);
    db.function('wait_here', waitForTheKill);
    db.exec('CREATE TEMP TABLE middle (hold INTEGER)');
    migrate(db, loadMigrations(argument), options);
  } else {
    say('ready');
    openStore(file, { ...options, migrationsFolder: argument }).close();
  }
  say('saved 1');
  waitForTheKill();
}

if (task === 'edit') edit();
else if (task === 'backup') await makeBackups();
else runMigrations();
