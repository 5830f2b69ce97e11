import { afterAll, expect, test } from 'vitest';
import { planFrom } from './stored-plan.ts';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

test('a model from its config.json is found by its key afterwards', async () => {
  const file = 'test/data/hf_configs/Qwen--Qwen3-8B.json';
  expect((await terminal.run('catalog', 'add', 'model', file, '--name', 'Our 8B')).status).toBe(0);
  const { params_total, approximate } = await terminal.json('params', 'our-8b');
  expect({ params_total, approximate }).toEqual({ params_total: 8_190_735_360, approximate: false });
});

test('a table of prices is imported whole or not at all', async () => {
  const prices = async (): Promise<unknown[]> =>
    (
      (await terminal.json('catalog', 'price', 'h200-sxm', '--commitment', 'contract'))['prices'] as {
        provider: string;
        usd_per_chip_hour: number;
        as_of: string;
      }[]
    ).filter((price) => price.provider === 'Us');
  const table = (second: string): string =>
    terminal.file(
      'p.csv',
      `provider,chip,commitment,usd_per_chip_hour,as_of\nUs,H200 SXM,contract,2.1,2026-10-01\n${second}\n`,
    );
  const bad = await terminal.run('catalog', 'import', 'price', table('Us,h200-sxm,contract,-1,2026-11-01'));
  expect(bad.status).toBe(2);
  expect(bad.err).toMatch(/positive number[^]*line 3/);
  expect(await prices()).toEqual([]);
  const good = await terminal.json('catalog', 'import', 'price', table('Us,h200-sxm,contract,2.2,2026-11-01'));
  expect(good['rows']).toBe(2);
  expect(await prices()).toMatchObject([{ usd_per_chip_hour: 2.2 }, { usd_per_chip_hour: 2.1 }]);
});

test.each([
  [['add', 'price', 'h100-sxm', '0', '--provider', 'x', '--date', '2026-11-01'], /positive number/],
  [['add', 'price', 'h100-sxm', '2', '--provider', 'x', '--date', '2026-02-30'], /2026-02-30/],
  [['add', 'price', 'h1000', '2', '--provider', 'x', '--date', '2026-11-01'], /Did you mean/],
  [['add', 'hardware', 'Mine', '--field', 'tdp_watt=3'], /no field "tdp_watt"/],
  [['add', 'hardware', 'Mine'], /at least one field/],
  [['list', 'gadgets'], /no kind/],
  [['burn'], /no action "burn"/],
])('catalog %j is refused', async (args, message) => {
  const { status, out, err } = await terminal.run('catalog', ...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(message);
});

test('a model known by its published counts only says what it does not know', async () => {
  await terminal.run(
    'catalog',
    'add',
    'model',
    'Secret',
    '--field',
    'published_total=1e12',
    '--field',
    'published_active=5e10',
  );
  expect(await terminal.json('params', 'secret')).toMatchObject({
    params_total: 1e12,
    params_active: 5e10,
    approximate: true,
    parts: [],
  });
  const flops = await terminal.json('flops', 'secret', '--seq', '4096');
  expect(flops).toMatchObject({ train_flop_per_token_6n: 3e11, train_flop_per_token: null });
  expect(flops['notes']).toHaveLength(1);
});

test('verify names what changed since an approval', async () => {
  const { id, hash, change } = planFrom(terminal.db);
  expect((await terminal.run('verify', id, '--hash', hash)).status).toBe(0);
  change('runs', 'r1', 'chips', '1024');
  const { status, out } = await terminal.run('verify', 'A plan', '--hash', hash, '--json');
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ ok: false });
  expect((JSON.parse(out) as { differences: string[] }).differences).toContain('runs.r1.chips: "512" is now "1024"');
});

test('a store is backed up and restored', async () => {
  const { file } = (await terminal.json('db', 'backup')) as { file: string };
  await terminal.run('catalog', 'add', 'hardware', 'Late chip', '--field', 'tdp_w=1');
  expect((await terminal.run('catalog', 'show', 'hardware', 'late-chip')).status).toBe(0);
  expect((await terminal.run('db', 'restore', file)).status).toBe(0);
  expect((await terminal.run('catalog', 'show', 'hardware', 'late-chip')).status).toBe(2);
  expect((await terminal.run('db', 'check')).status).toBe(0);
  expect((await terminal.run('db', 'restore')).status).toBe(2);
});

test('while another process writes the store, the command line reads it and says so', async () => {
  const { openStore } = await import('../../src/store/open.ts');
  const store = openStore(terminal.db, { now: 0, version: '0', app: 'the other Flopsheet' });
  try {
    const read = await terminal.run('db', 'info', '--json');
    expect(JSON.parse(read.out)).toMatchObject({ read_only: true });
    expect(read.err).not.toBe('');
    const write = await terminal.run('catalog', 'add', 'hardware', 'X', '--field', 'tdp_w=1');
    expect(write.status).toBe(2);
    expect(write.err).toMatch(/the other Flopsheet|in use|open/i);
  } finally {
    store.close();
  }
});
