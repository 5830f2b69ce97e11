/** A public log used in a run of a plan: in a file and in the store. */
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { createPlan, listPlans, loadPlan } from '../../src/store/plans.ts';
import { openStore } from '../../src/store/open.ts';
import { readPlan } from '../../src/core/document/plan-file.ts';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());
// Megatron-LM#756: Mixtral 8x7B on 16 H100, sequences of 4,096.
const LOG = 'test/fixtures/logs/megatron-lm-756.log';
const plan = {
  format: 'flopsheet-plan',
  version: 1,
  name: 'Measured',
  runs: [
    {
      key: 'r1',
      name: 'Mixtral',
      model: 'mixtral-8x7b',
      seq_len: '4096',
      hardware: 'h100-sxm',
      chips: '16',
      tokens: '1T',
      mfu: '0.9',
    },
  ],
};

test('Megatron-LM#756 in a plan file: MFU from tokens/s, with its file and date; the typed MFU gives way', async () => {
  const file = terminal.file('plan.json', plan);
  const found = await terminal.json('import-log', LOG, '--plan', file, '--run', 'r1');
  const { runs } = JSON.parse((await terminal.run('plan', file, '--json')).out) as { runs: Record<string, number>[] };
  const run = runs[0]!;
  // 128 sequences of 4,096 in 5.7189 s on 16 chips.
  const mfu = ((128 * 4096) / 5.7189 / 16 / 989.4e12) * run['train_flop_per_token']!;
  expect(found['run_mfu']).toBeCloseTo(mfu, 6);
  expect(run['mfu']).toBeCloseTo(mfu, 5);
  expect(run['mfu']).toBeGreaterThan(0.3);
  const tree = (await terminal.run('explain', file, 'runs.r1.mfu')).out;
  expect(tree).toMatch(/source: megatron-lm-756\.log; \d{4}-\d\d-\d\d; megatron-lm, \d+ steps/);
  expect(readFileSync(file, 'utf8')).not.toContain('0.9"');
});

test('in the store the change is one step of the history', async () => {
  const store = openStore(terminal.db, { now: 0, version: '0', app: 'test' });
  const id = createPlan(store.db, readPlan(plan).plan, 0);
  store.close();
  const done = await terminal.run('import-log', LOG, '--plan', 'Measured', '--run', 'r1');
  expect(done.err).toBe('');
  expect(done.out).toContain('MFU of run r1');
  const after = openStore(terminal.db, { now: 0, version: '0', app: 'test' });
  const { plan: changed, revision } = loadPlan(after.db, id);
  expect(listPlans(after.db)).toHaveLength(1);
  after.close();
  expect(revision).toBe(1);
  expect(changed.tables.runs[0]!.cells).toMatchObject({ mfu_mode: 'measured' });
  expect(changed.tables.runs[0]!.cells).not.toHaveProperty('mfu');
});

test('a run that is not there, half of the flags, chips that cannot be', async () => {
  const file = terminal.file('plan.json', plan);
  expect((await terminal.run('import-log', LOG, '--plan', file)).err).toContain('--plan and --run go together');
  expect((await terminal.run('import-log', LOG, '--plan', file, '--run', 'r2')).err).toContain('did you mean "r1"');
  const wrong = await terminal.run('import-log', LOG, '--plan', file, '--run', 'r1', '--chips', '2');
  expect(wrong.status).toBe(2);
  expect(wrong.err).toContain('more than the chip can do');
});
