/** Sweeps: what the shards of a scheduler write together is what one machine would write, killed in between or not. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSweepTable, type Cell } from '../../src/cli/sweep-table.ts';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());
const path = (name: string): string => join(terminal.folder, name);

const PLAN = terminal.file('plan.json', {
  format: 'flopsheet-plan',
  version: 1,
  name: 'Swept',
  currency: 'USD',
  seed: 1,
  samples: 256,
  assumptions: [{ key: 'discount', value: '0.1' }],
  runs: [
    {
      key: 'r1',
      params_total: '7B',
      tokens: '1T',
      hardware: 'h100-sxm',
      chips: '512',
      mfu: '0.4',
      chip_hour_price: '2 to 3',
    },
    {
      key: 'r 2',
      params_total: '1B',
      tokens: '1T',
      hardware: 'h100-sxm',
      chips: '512',
      mfu: '0.4',
      chip_hour_price: '2',
    },
  ],
});
const ASKED = [
  ...['--vary', 'runs.*.chips=256,512,1024', '--vary', 'runs.r1.mfu=0.3..0.5', '--points', '20', '--seed', '7'],
  ...['--measure', 'runs.r1.train_days', '--samples', '64'],
];
const sweep = (shard: string, out: string, ...more: string[]) =>
  terminal.run('sweep', PLAN, ...ASKED, ...more, '--shard', shard, '--out', path(out));

beforeAll(async () => {
  const done = await sweep('0/1', 'whole.parquet');
  expect(done, done.err).toMatchObject({ status: 0, err: '' });
});

/** The rows as objects. */
async function rowsOf(name: string): Promise<Record<string, Cell>[]> {
  const { columns, rows } = await readSweepTable(path(name));
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] as Cell])));
}

describe('a sweep', () => {
  test('has every pair of list and point, with the figures of the plan', async () => {
    const rows = await rowsOf('whole.parquet');
    expect(rows).toHaveLength(3 * 20);
    expect(rows.map((row) => row['case'])).toEqual(rows.map((_, i) => i));
    for (const row of rows) {
      const mfu = row['runs_r1_mfu'] as number;
      const chips = row['runs_all_chips'] as number;
      expect(mfu > 0.3 && mfu < 0.5).toBe(true);
      // 6·7e9·1e12 FLOP at 989.4 TFLOP/s a chip (NVIDIA H100 SXM data sheet, dense BF16).
      expect(row['runs_r1_train_days']).toBeCloseTo(4.2e22 / (chips * 989.4e12 * mfu) / 86_400, 9);
      expect((row['total_cost_p10'] as number) < (row['total_cost_p90'] as number)).toBe(true);
      // Without a region nobody knows what the grid emits.
      expect(row).toMatchObject({ tco2e_location: null, problem: 'runs.r1.region: Region is empty' });
    }
    // Twenty scrambled Sobol points: one in each sixteenth among the first sixteen.
    const sixteenths = rows.slice(0, 16).map((row) => Math.floor((((row['runs_r1_mfu'] as number) - 0.3) / 0.2) * 16));
    expect(new Set(sixteenths).size).toBe(16);
  });

  test('in shards and merged is the same as in one piece, and a missing shard is named', async () => {
    for (const shard of [2, 0]) await sweep(`${shard}/3`, `part-${shard}.parquet`);
    const short = await terminal.run(
      'sweep',
      'merge',
      path('part-0.parquet'),
      path('part-2.parquet'),
      '--out',
      path('all.parquet'),
    );
    expect(short).toMatchObject({ status: 1, err: 'missing: 1/3; run these shards, then merge' });
    await sweep('1/3', 'part-1.parquet');
    const parts = [2, 0, 1].map((i) => path(`part-${i}.parquet`));
    expect((await terminal.run('sweep', 'merge', ...parts, '--out', path('all.parquet'))).status).toBe(0);
    expect(await rowsOf('all.parquet')).toEqual(await rowsOf('whole.parquet'));
    const twice = await terminal.run(
      'sweep',
      'merge',
      parts[0] as string,
      parts[0] as string,
      '--out',
      path('x.parquet'),
    );
    expect(twice).toMatchObject({ status: 2 });
    expect(twice.err).toContain('the same shard 2');
  });

  test('killed in the middle goes on after its last whole case, to the same bytes', async () => {
    const { rows } = await readSweepTable(path('whole.parquet'));
    const { sweep: fingerprint } = (await readSweepTable(path('whole.parquet'))).stamp;
    const left = rows.slice(0, 33).map((row) => JSON.stringify(row));
    writeFileSync(path('again.parquet.progress'), [`${fingerprint} 0`, ...left, '[33,256,0.4'].join('\n'));
    const again = await sweep('0/1', 'again.parquet');
    expect(again.out).toContain('33 of them done before');
    expect(readFileSync(path('again.parquet')).equals(readFileSync(path('whole.parquet')))).toBe(true);
    expect((await sweep('0/1', 'again.parquet')).out).toContain('is there already');
  });

  test('never goes on with, writes over or merges what was asked otherwise', async () => {
    const other = await sweep('0/1', 'whole.parquet', '--seed', '8');
    expect(other).toMatchObject({ status: 2 });
    expect(other.err).toContain('holds another sweep');
    await sweep('0/1', 'other.parquet', '--seed', '8');
    const mixed = await terminal.run(
      'sweep',
      'merge',
      path('whole.parquet'),
      path('other.parquet'),
      '--out',
      path('x.parquet'),
    );
    expect(mixed.err).toContain('another sweep');
    rmSync(path('other.parquet'));
  });

  test('says why a result is unknown', async () => {
    const out = path('unknown.parquet');
    await terminal.run('sweep', PLAN, '--vary', 'runs.r1.hardware=h100-sxm,no-such-chip', '--out', out);
    const [known, unknown] = await rowsOf('unknown.parquet');
    expect(known).toMatchObject({ runs_r1_hardware: 'h100-sxm', total_cost: expect.any(Number) as unknown });
    expect(unknown).toMatchObject({ runs_r1_hardware: 'no-such-chip', total_cost: null });
    expect(unknown?.['problem']).toContain('there is no chip "no-such-chip"');
  });
});

describe('a wrong sweep is told where', () => {
  test.each([
    [['--vary', 'runs.r9.mfu=0.3'], 'there is no cell runs.r9.mfu'],
    [['--vary', 'runs.r1.mfu=0.3,much'], '"much" does not fit runs.r1.mfu'],
    [['--vary', 'runs.r1.mfu=0.3..0.5'], 'say how many points'],
    [['--vary', 'runs.r1.mfu=0.5..0.3:4'], 'the lower end comes first'],
    [['--vary', 'runs."r 2".mfu=0.3', '--vary', 'runs."r 2".mfu=0.4'], 'varied twice'],
    [['--vary', 'assumptions.discount=0..1:3:log'], 'both ends must be positive'],
    [['--shard', '3/3'], 'shards count from 0: 0/8 to 7/8'],
  ])('%j', async (args, says) => {
    const { status, err } = await terminal.run('sweep', PLAN, ...args, '--out', path('wrong.parquet'));
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(says) as unknown });
  });
});
