import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/store/csv.ts';
import { TABLE_FILES } from '../../scripts/predictor-data.ts';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const LLAMA = 'test/data/hf_configs/meta-llama--Meta-Llama-3.1-70B.json';
const base = ['--model', LLAMA, '--hardware', 'h100-sxm', '--chips', '64', '--seq', '8192'];
const predict = ['predict', ...base, '--batch-seqs', '128'];
const KEYS = ['step_s', 'step_s_p10', 'step_s_p90', 'tokens_per_s_per_chip', 'model_tflops_per_chip', 'mfu', 'hfu'];

describe('predict', () => {
  test('one layout: every key, parts that sum to the step', async () => {
    const a = await terminal.json(...predict, '--tp', '4', '--pp', '4', '--vp', '5');
    for (const key of [...KEYS, 'memory_gib']) expect(a[key]).toBeGreaterThan(0);
    expect(a['fits']).toBe(true);
    expect(a['bottleneck']).toBe('matrix products');
    const parts = Object.values(a['parts'] as Record<string, number>);
    expect(parts.reduce((x, y) => x + y)).toBeCloseTo(a['step_s'] as number, 6);
    // 64 chips x tokens per second and chip = 128 x 8,192 tokens a step.
    expect((a['tokens_per_s_per_chip'] as number) * 64 * (a['step_s'] as number)).toBeCloseTo(128 * 8192, 3);
    const { status, out } = await terminal.run(...predict, '--tp', '4', '--pp', '4', '--vp', '5');
    expect(status).toBe(0);
    expect(out).toContain('Bottleneck');
  });

  test('optimizer, offload, sharding and slow nodes change what they should', async () => {
    const at = [...predict, '--tp', '4', '--pp', '4', '--recompute', 'full'];
    const [plain, small, offloaded, slow] = await Promise.all(
      [[], ['--optimizer', 'adam_8bit'], ['--offload', 'optimizer'], ['--node-spread', '0.02']].map((extra) =>
        terminal.json(...at, ...extra),
      ),
    );
    const memory = (a: Record<string, unknown> | undefined): number => a?.['memory_gib'] as number;
    const seconds = (a: Record<string, unknown> | undefined): number => a?.['step_s'] as number;
    expect(memory(small)).toBeLessThan(memory(plain));
    expect(memory(offloaded)).toBeLessThan(memory(plain));
    expect(seconds(offloaded)).toBeGreaterThan(seconds(plain));
    // 8 nodes: the slowest of 8 is 1.42 standard deviations late (Harter 1961), 2.8 %.
    expect(seconds(slow) / seconds(plain)).toBeCloseTo(1 + 0.02 * 1.4236, 3);
    expect((await terminal.run(...at, '--offload', 'gradients')).err).toContain('not "gradients"');
  });

  test('without a layout the usual one is taken, and said', async () => {
    const a = await terminal.json(...predict);
    expect(a['fits']).toBe(true);
    expect(a['notes']).toContainEqual(expect.stringContaining('No layout given'));
  });

  test('what does not fit is an answer: status 1', async () => {
    const { status, out } = await terminal.run(...predict, '--tp', '1', '--recompute', 'none', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ fits: false });
  });

  test.each([
    [['--chips', '63', '--tp', '4', '--pp', '4'], /there are 63/, /48 chips/],
    [['--tp', '5', '--chips', '60'], /tp 5 does not divide the model's 64 attention heads/, /Use tp 4/],
    [['--pp', '128', '--chips', '128'], /128 pipeline stages are more than the model's 80 layers/, /at most pp 80/],
    [['--microbatch', '0'], /microbatch is 0/i, /1 or more/],
    [['--microbatch', '1.5'], /microbatch is 1.5/i, /1 or more/],
    [['--ep', '8'], /no experts/, /ep 1/],
    [['--batch-seqs', '32', '--tp', '1', '--fsdp'], /32 sequences cannot be split over 64 replicas/, /dp 32/],
    [['--batch-seqs', '0'], /batch of 0 sequences/, /use 1/],
    [['--seq', '262144', '--tp', '8'], /longer than the model's 131072/, /at most 131072/],
    [['--hardware', 'h1000-sxm'], /No hardware is called/, /Did you mean/],
    [['--precision', 'fp7'], /not "fp7"/, /bf16/],
    [['--precision', 'fp4', '--tp', '8'], /no fp4 units/, /bf16/],
    [['--model', 'test/data/none.json'], /no file/, /check the path/],
    [['--stack-date', 'soon'], /not "soon"/, /2025-06/],
    [['--chips', '0'], /--chips is a whole number/, /--chips/],
  ])('bad input %j is refused with the nearest valid choice', async (extra, message, hint) => {
    const { status, err, out } = await terminal.run(...predict, ...(extra as string[]));
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message as RegExp);
    expect(err).toMatch(hint as RegExp);
  });

  test('a table: rows in order, names through aliases and folder, unknown rows null with a note', async () => {
    const file = 'test/data/torchtitan_benchmarks.csv';
    const { rows } = (await terminal.json('predict', '--csv', file, '--configs', 'test/data/hf_configs')) as {
      rows: Record<string, number>[];
    };
    const printed = parseCsv(readFileSync(file, 'utf8')).records;
    expect(rows).toHaveLength(printed.length);
    const errors = rows.map((row, i) =>
      Math.abs((row['tokens_per_s_per_chip'] ?? 0) / Number(printed[i]?.['tokens_per_s_per_gpu']) - 1),
    );
    // docs/accuracy.md, table torchtitan, column "fitted": 9.2 % mean.
    expect(errors.reduce((x, y) => x + y) / errors.length).toBeLessThan(0.095);
    const own = terminal.file(
      'own.csv',
      [
        'model,gpu,n_gpus,parallelism,technique,seq_len_tokens,local_batch_size_seqs,global_batch_size_seqs,activation_checkpointing',
        'No-Such-Model,H100,8,FSDP8,FSDP,8192,1,,full',
        'Llama-3.1-8B,NoChip-9000,8,FSDP8,FSDP,8192,1,,full',
        'Llama-3.1-8B,H100,8,FSDP8,FSDP,8192,1,,full',
      ].join('\n'),
    );
    const answers = (await terminal.json('predict', '--csv', own))['rows'] as Record<string, unknown>[];
    expect(answers.map((a) => a['step_s'] === null)).toEqual([true, true, false]);
    expect(answers[0]?.['notes']).toEqual([expect.stringContaining('No-Such-Model')]);
    expect(answers[1]?.['notes']).toEqual([expect.stringContaining('NoChip-9000')]);
    const wrong = terminal.file('wrong.csv', 'a,b\n1,2\n');
    expect((await terminal.run('predict', '--csv', wrong)).status).toBe(2);
  });
});

test('a refit on one’s own runs is written, judged on runs left out, and used with --fit', async () => {
  const at = [4, 2, 8].map((tp) => [...predict, '--tp', String(tp), '--pp', '4', '--recompute', 'full']);
  const asked = await Promise.all(at.map((args) => terminal.json(...args)));
  const own = terminal.file(
    'own-runs.csv',
    [
      'model,hardware,chips,precision,seq_len,batch_seqs,tp,pp,microbatch,recompute,step_s',
      // A cluster that takes a quarter longer than predicted, and a row nobody can use.
      ...asked.map(
        (a, i) => `llama-3-70b,H100,64,bf16,8192,128,${[4, 2, 8][i]},4,1,full,${(a['step_s'] as number) * 1.25}`,
      ),
      'Unheard-of,H100,64,bf16,8192,128,4,4,1,full,10',
    ].join('\n'),
  );
  const out = `${terminal.folder}/fit.json`;
  const { refit } = (await terminal.json('predict', '--csv', own, '--refit', out)) as {
    refit: Record<string, unknown>;
  };
  expect(refit['adopted']).toBe(true);
  expect(refit['mean_error_before']).toBeCloseTo(0.25, 6);
  expect(refit['mean_error_held_out']).toBeLessThan(0.15);
  expect(refit['unused']).toEqual([{ line: 5, reason: expect.stringContaining('Unheard-of') }]);
  const again = await terminal.json(...(at[0] ?? []), '--fit', out);
  // Three runs against 545: most of the quarter is learnt, not all.
  const ratio = (again['step_s'] as number) / ((asked[0]?.['step_s'] as number) * 1.25);
  expect(Math.abs(ratio - 1)).toBeLessThan(0.12);
  expect((await terminal.run(...predict, '--fit', own)).err).toContain('not JSON');
  expect((await terminal.run(...predict, '--refit', out)).err).toContain('--csv');
});

/** What the tables name and nobody has published a configuration of, or does not name at all. */
const UNPUBLISHED = ['DeepSeekV4 Flash', 'Nemotron_3_5_Lightning', 'Nemotron_3_Ultra', 'Megatron-Turing NLG', ''];

test('names of models and chips resolve in every published table, without a folder of configurations', async () => {
  const unresolved = new Set<string>();
  for (const file of [...TABLE_FILES, 'fresh_training_runs']) {
    const { rows } = (await terminal.json('predict', '--csv', `test/data/${file}.csv`)) as {
      rows: { step_s: number | null; notes: string[] }[];
    };
    for (const { step_s, notes } of rows) {
      const name = /(?:architecture of|chip) "(.*?)" is not/.exec(notes[0] ?? '');
      if (step_s === null && name !== null) unresolved.add(name[1] ?? '');
    }
  }
  expect([...unresolved].sort()).toEqual([...UNPUBLISHED, 'OLMo-core-7B'].sort());
});

describe('layout', () => {
  test('the fastest layouts that fit, best first', async () => {
    const a = await terminal.json('layout', ...base, '--batch-tokens', '1048576', '--top', '5');
    const layouts = a['layouts'] as Record<string, number>[];
    expect(layouts).toHaveLength(5);
    for (const l of layouts) {
      expect((l['tp'] ?? 0) * (l['pp'] ?? 0) * (l['cp'] ?? 0) * (l['dp'] ?? 0)).toBe(64);
      expect(l['memory_gib']).toBeLessThan(79.7);
    }
    const times = layouts.map((l) => l['step_s'] ?? 0);
    expect(times).toEqual([...times].sort((x, y) => x - y));
    expect(a['configs_considered']).toBeGreaterThan(a['configs_evaluated'] as number);
    expect((await terminal.run('layout', ...base, '--batch-tokens', '1048576')).out).toContain('fastest');
  });

  test('best by cost and by chips: one layout of every number of chips up to the one given', async () => {
    const small = ['layout', '--model', 'llama-3-8b', '--hardware', 'h100-sxm', '--chips', '8', '--seq', '8192'];
    const asked = [...small, '--batch-tokens', '131072', '--usd-per-chip-hour', '2', '--by'];
    const by = async (word: string): Promise<Record<string, number>[]> =>
      (await terminal.json(...asked, word))['layouts'] as Record<string, number>[];
    const [cost, chips] = [await by('cost'), await by('chips')];
    const prices = cost.map((l) => l['usd_per_million_tokens'] ?? NaN);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    // 2 USD an hour: a million tokens cost two chip-hours' worth.
    expect(prices[0]).toBeCloseTo(2 * (cost[0]?.['chip_hours_per_million_tokens'] ?? NaN), 9);
    expect(chips.map((l) => l['chips'])).toEqual([1, 2, 4, 8].filter((n) => n >= (chips[0]?.['chips'] ?? 0)));
    expect((await terminal.run(...asked, 'beauty')).err).toContain('time');
  });

  test('nothing fits: status 1 and why', async () => {
    const few = [
      '--chips',
      '1',
      '--seq',
      '131072',
      '--batch-tokens',
      '131072',
      '--hardware',
      'a100-40gb-sxm',
      '--json',
    ];
    const { status, out } = await terminal.run('layout', ...base, ...few);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ layouts: [], notes: [expect.stringContaining('fits')] });
  });

  test.each([
    [['--batch-tokens', '12000'], /not a number of sequences/, /use 8192/],
    [['--batch-tokens', '1048576', '--seq', '262144'], /longer than/, /131072/],
    [['--batch-tokens', '1048576', '--hardware', 'nochip'], /No hardware/, /catalog/],
    [[], /needs --batch-tokens/, /4M/],
  ])('bad input %j', async (extra, message, hint) => {
    const { status, err } = await terminal.run('layout', ...base, ...(extra as string[]));
    expect(status).toBe(2);
    expect(err).toMatch(message as RegExp);
    expect(err).toMatch(hint as RegExp);
  });
});
