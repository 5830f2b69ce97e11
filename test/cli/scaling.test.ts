import { afterAll, expect, test } from 'vitest';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const GADRE = 'test/data/gadre2024_testbed_104.csv';

test('law: Chinchilla’s optimum by Besiroglu et al. 2024 is near 20 tokens per parameter at 5.76e23 FLOP', async () => {
  const point = await terminal.json('law', 'besiroglu2024', '--flops', '5.76e23');
  expect(point['tokens_per_param']).toBeGreaterThan(15);
  expect(point['tokens_per_param']).toBeLessThan(30);
  expect((point['params_opt'] as number) * (point['tokens_opt'] as number) * 6).toBeCloseTo(5.76e23, -18);
  expect(point).toHaveProperty('ci');
  expect((await terminal.json('law', 'besiroglu2024', '--flops', '1e21'))['in_domain']).toBe(true);
});

test('law: a size and its tokens give the loss; numbers may carry K, M, B, T', async () => {
  const short = await terminal.json('law', 'besiroglu2024', '--params', '70B', '--tokens', '1.4T');
  expect(short).toEqual(await terminal.json('law', 'besiroglu2024', '--params', '7e10', '--tokens', '1.4e12'));
  expect(short['loss']).toBeGreaterThan(1.8);
});

test('law: outside its domain it answers, and warns on stderr', async () => {
  const { status, out, err } = await terminal.run('law', 'besiroglu2024', '--flops', '1e30', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ in_domain: false });
  expect(err).not.toBe('');
});

test('law list names ids that answer', async () => {
  const { laws } = (await terminal.json('law', 'list')) as { laws: { id: string }[] };
  expect(laws.length).toBeGreaterThan(10);
  expect(laws.map((law) => law.id)).toContain('besiroglu2024');
});

test('fit: synthetic points of a known law give it back, bootstrap beside it', async () => {
  const rows = [1e7, 3e7, 1e8, 3e8, 1e9].flatMap((n) =>
    [3e8, 1e9, 3e9, 1e10, 3e10].map((d) => `${n},${d},${1.8 + 480 / n ** 0.35 + 2000 / d ** 0.37}`),
  );
  const file = terminal.file('points.csv', `params,tokens,loss\n${rows.join('\n')}\n`);
  const fit = await terminal.json('fit', file, '--bootstrap', '20', '--seed', '5');
  expect(fit['E']).toBeCloseTo(1.8, 2);
  expect(fit['alpha']).toBeCloseTo(0.35, 2);
  expect(fit['beta']).toBeCloseTo(0.37, 2);
  expect(fit['n_points']).toBe(25);
  expect(Object.keys(fit['ci'] as object)).toContain('alpha');
});

test.each([
  [['fit', 'nowhere.csv'], /no file nowhere\.csv/],
  [['fit', GADRE, '--method', 'magic'], /--method is parametric/],
  [['fit', GADRE, '--loss-col', 'gloss'], /gloss/],
  [['law', 'besiroglu2024'], /give a budget/],
  [['law', 'besiroglu2024', '--flops', 'lots'], /--flops is a number/],
  [['moe', '--flops', '1e22'], /needs a law/],
  [['moe', '--law', 'abnar2025', '--flops', '1e22', '--sparsity', '0.5,1.5'], /from 0 to below 1/],
])('%j is refused', async (args, message) => {
  const { status, out, err } = await terminal.run(...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(message);
});

test('moe: rows over sparsity and the best of them', async () => {
  const { rows, best } = (await terminal.json(
    'moe',
    '--law',
    'abnar2025',
    '--flops',
    '1e21',
    '--sparsity',
    '0,0.5,0.9',
  )) as {
    rows: Record<string, number>[];
    best: unknown;
  };
  expect(rows.map((row) => row['sparsity'])).toEqual([0, 0.5, 0.9]);
  for (const row of rows)
    expect(Object.keys(row)).toEqual(
      expect.arrayContaining(['sparsity', 'params_total', 'params_active', 'tokens', 'loss']),
    );
  expect(best).toBeTruthy();
});

test('fit --save: the law answers by its key and is listed', async () => {
  const rows = [1e7, 3e7, 1e8, 3e8, 1e9].flatMap((n) =>
    [3e8, 1e9, 3e9, 1e10, 3e10].map((d) => `${n},${d},${1.8 + 480 / n ** 0.35 + 2000 / d ** 0.37}`),
  );
  const file = terminal.file('ladder.csv', `params,tokens,loss\n${rows.join('\n')}\n`);
  const fit = await terminal.json('fit', file, '--bootstrap', '20', '--save', 'Autumn ladder');
  expect(fit['law']).toBe('autumn-ladder');
  const point = await terminal.json('law', 'autumn-ladder', '--flops', '1e19');
  expect(point['loss']).toBeGreaterThan(1.8);
  expect(point['ci']).toHaveProperty('params_opt');
  const { laws } = (await terminal.json('law', 'list')) as { laws: { id: string }[] };
  expect(laws[0]!.id).toBe('autumn-ladder');
});
