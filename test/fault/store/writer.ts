/**
 * A process that edits a plan until it is killed, and says on stdout what it was told is saved.
 * Arguments: store file, plan id, `protected` or `unprotected`, `run` or `pause` (wait between two statements of one write).
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../../src/store/open.ts';
import { appendChange, loadPlan } from '../../../src/store/plans.ts';

const [file = '', plan = '', protection, mode] = process.argv.slice(2);
const store = openStore(file, { now: 0, version: '0.1.0', app: 'writer' });

if (protection === 'unprotected') {
  // The twin: every statement commits by itself, as it would without write().
  const bare = (work: () => unknown) => Object.assign(work, { immediate: work, deferred: work, exclusive: work });
  (store.db as unknown as { transaction: typeof bare }).transaction = bare;
}
if (mode === 'pause') {
  store.db.function('pause_here', () => {
    writeSync(1, 'middle\n');
    return 0;
  });
  store.db.exec('CREATE TEMP TRIGGER middle AFTER INSERT ON journal BEGIN SELECT pause_here(); END');
  store.db.function('wait_here', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    return 0;
  });
  store.db.exec('CREATE TEMP TRIGGER hold BEFORE UPDATE ON plan BEGIN SELECT wait_here(); END');
}

writeSync(1, 'ready\n');
for (let revision = loadPlan(store.db, plan).revision; ; revision++) {
  const commands = [
    { set: ['runs', 'r1', 'chips'] as const, to: String(revision + 1) },
    { set: ['runs', 'r1', 'note'] as const, to: 'n'.repeat((revision * 37) % 2000) },
  ];
  appendChange(store.db, plan, revision, { commands, kind: 'edit', author: 'writer', note: '' }, revision);
  writeSync(1, `saved ${revision + 1}\n`);
}
