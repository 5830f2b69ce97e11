import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'flopsheet-cli-'));
const db = join(folder, 'store', 'flopsheet.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]): { status: number; out: string; err: string } {
  const done = spawnSync(process.execPath, ['src/cli/main.ts', ...args], {
    encoding: 'utf8',
    env: { ...process.env, FLOPSHEET_DB: db },
  });
  return { status: done.status ?? -1, out: done.stdout, err: done.stderr };
}

/** The one JSON document on stdout. */
function json(...args: readonly string[]): Record<string, unknown> {
  const { out, err, status } = run(...args, '--json');
  expect({ status, err: status === 0 ? '' : err }).toEqual({ status: 0, err: '' });
  expect(out.trim().split('\n')).toHaveLength(1);
  return JSON.parse(out) as Record<string, unknown>;
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

type Run = Record<string, number>;

describe('published figures', () => {
  test('1 TFLOP in 0.02 s on 100 TFLOP/s is 50 %', () =>
    expect(json('eval', '1 TFLOP / (0.02 s * 100 TFLOP/s)')).toMatchObject({
      value: 0.5,
      unit: '',
      dimension: 'plain number',
    }));

  test('eval with a range has percentiles in the unit asked for', () => {
    const answer = json(
      'eval',
      '6 FLOP * 70e9 * 15e12 / (1024 chip * 989.4 TFLOP/s/chip * (0.35 to 0.45)) in day',
    ) as Run & { unit: string };
    expect(answer.unit).toBe('day');
    // The central value is at the median of the lognormal range, sqrt(0.35·0.45).
    expect(answer['value']).toBeCloseTo(6.3e24 / (1024 * 989.4e12 * Math.sqrt(0.35 * 0.45)) / 86400, 6);
    expect(answer['p5']! < answer['p10']! && answer['p10']! < answer['p50']! && answer['p90']! < answer['p95']!).toBe(
      true,
    );
    expect(answer['p5']).toBeCloseTo(6.3e24 / (1024 * 989.4e12 * 0.45) / 86400, 0);
  });

  test('Llama 3.1 405B: 3.79e25 FLOP, 2.66e7 chip-hours, 67.7 days', () => {
    const [llama] = json('plan', 'assets/templates/03-llama-3.1-405b.json')['runs'] as Run[];
    expect(llama!['train_flop']! / 3.79e25).toBeCloseTo(1, 3);
    expect(llama!['chip_hours']! / 2.66e7).toBeCloseTo(1, 2);
    expect(llama!['train_days']).toBeCloseTo(67.7, 1);
  });

  test('GPT-3: 3.143e23 FLOP; with Patterson’s power, PUE and grid 1,287 MWh and 552 t (Patterson et al. 2021)', () => {
    const [gpt] = json('plan', 'assets/templates/04-gpt-3-175b.json')['runs'] as Run[];
    expect(gpt!['train_flop']! / 3.143e23).toBeCloseTo(1, 3);
    expect(gpt!['energy_mwh']! / 1287).toBeCloseTo(1, 2);
    expect(gpt!['tco2e_location']! / 552.1).toBeCloseTo(1, 2);
  });

  test('DeepSeek-V3: 2.788M chip-hours at 2 USD are 5.576M USD', () => {
    const { runs, totals } = json('plan', 'assets/templates/05-deepseek-v3.json') as { runs: Run[]; totals: Run };
    expect(runs[0]!['chip_hours']! / 2.788e6).toBeCloseTo(1, 2);
    expect(totals['total_cost']! / 5.576e6).toBeCloseTo(1, 2);
  });

  test('params: DeepSeek-V3’s config has 671,026,419,200 parameters, Mixtral 46,702,792,704', () => {
    expect(json('params', 'test/data/hf_configs/deepseek-ai--DeepSeek-V3.json')).toMatchObject({
      params_total: 671026419200,
      approximate: false,
    });
    expect(json('params', 'mixtral-8x7b')).toMatchObject({ params_total: 46702792704 });
  });

  test('flops: every convention side by side', () => {
    const answer = json('flops', 'test/data/hf_configs/meta-llama--Meta-Llama-3.1-8B.json', '--seq', '8192') as Run;
    expect(answer['train_flop_per_token_6n']).toBe(6 * 8030261248);
    expect(answer['train_flop_per_token_full_attention']! - answer['train_flop_per_token']!).toBe(6 * 32 * 4096 * 8192);
  });
});

describe('commands', () => {
  test('compare gives paired deltas and a bridge that sums to the difference', () => {
    const { rows, bridge } = json(
      'compare',
      'assets/templates/02-7b-1t-rented-h100.json',
      'base',
      'spot',
    ) as unknown as { rows: (Run & { id: string })[]; bridge: { amount: number }[] };
    const total = rows.find((row) => row.id === 'total_cost')!;
    expect(total['delta_p10']! < total['delta_p50']! && total['delta_p50']! < total['delta_p90']!).toBe(true);
    expect(bridge.reduce((sum, bar) => sum + bar.amount, 0)).toBeCloseTo(total['delta']!, 2);
  });

  test('explain is a tree down to sources', () => {
    const tree = json('explain', 'assets/templates/03-llama-3.1-405b.json', 'runs.r1.total_cost');
    expect(tree).toMatchObject({ id: 'runs.r1.total_cost', unit: 'USD', value: 53214069.13 });
    expect(JSON.stringify(tree)).toContain('dense_peak');
  });

  test('the store is seeded at first use, sound, and lists its catalog', () => {
    expect(json('catalog', 'show', 'hardware', 'h100-sxm')).toMatchObject({ key: 'h100-sxm' });
    expect((json('catalog', 'list', 'models', 'llama')['items'] as unknown[]).length).toBeGreaterThan(3);
    expect(json('db', 'info')).toMatchObject({ read_only: false, plans: 0 });
    expect(run('db', 'check').status).toBe(0);
  });

  test('a price of one’s own stands beside the shipped ones', () => {
    expect(
      run('catalog', 'add', 'price', 'h100-sxm', '1.85', '--provider', 'Our contract', '--date', '2026-11-20').status,
    ).toBe(0);
    const prices = json('catalog', 'price', 'h100-sxm', '--class', 'neocloud', '--commitment', 'on_demand')[
      'prices'
    ] as { provider: string }[];
    expect(prices.map((price) => price.provider)).toContain('Our contract');
    expect(prices.length).toBeGreaterThan(1);
  });

  test('a report and its check by hash', () => {
    const pdf = join(folder, 'räport 1.pdf');
    const { hash } = json(
      'report',
      'assets/templates/03-llama-3.1-405b.json',
      '--pdf',
      pdf,
      '--xlsx',
      join(folder, 'r.xlsx'),
    ) as { hash: string };
    expect(run('verify', 'assets/templates/03-llama-3.1-405b.json', '--hash', hash.slice(0, 12)).status).toBe(0);
    expect(run('verify', 'assets/templates/04-gpt-3-175b.json', '--hash', hash).status).toBe(1);
  });

  test('tables of a plan as text, in each format', () => {
    for (const [format, extension] of [
      ['csv', 'csv'],
      ['markdown', 'md'],
      ['json', 'json'],
    ] as const) {
      const { files } = json(
        'report',
        'assets/templates/03-llama-3.1-405b.json',
        '--csv',
        join(folder, 'tables'),
        '--format',
        format,
      ) as { files: string[] };
      expect(files).toContain(join(folder, 'tables', `runs.${extension}`));
    }
    const rows = JSON.parse(readFileSync(join(folder, 'tables', 'runs.json'), 'utf8')) as Record<string, unknown>[];
    // Llama 3.1 405B: 3.8e25 FLOP (Llama Team 2024, section 3.2).
    expect(rows[0]?.['train_flop']).toBeCloseTo(3.8e25, -24);
  });

  test('every command has help', async () => {
    for (const name of [
      'eval',
      'plan',
      'compare',
      'explain',
      'params',
      'flops',
      'law',
      'fit',
      'moe',
      'catalog',
      'report',
      'verify',
      'db',
    ]) {
      const out: string[] = [];
      const status = await runCli([name, '--help'], { print: (text) => void out.push(text), warn: () => {} });
      expect({ status, usage: out.join('\n').split(' ', 2) }, name).toEqual({ status: 0, usage: ['flopsheet', name] });
    }
  });
});

const plan = (row: Record<string, string>): string =>
  file(`${Object.values(row).join('').replace(/\W/g, '')}.json`, {
    format: 'flopsheet-plan',
    version: 1,
    runs: [{ key: 'r1', params_total: '7B', tokens: '1T', hardware: 'h100-sxm', chips: '8', ...row }],
  });

describe('bad input', () => {
  test.each([
    [['eval', 'pie * 2'], /unknown name "pie"/, /at character 1/],
    [['eval', '5 TFLOPS'], /"TFLOPS"/, /FLOP\/s for a rate/],
    [['eval', '3 token + 2 param'], /expected token, found param/, /different counts/],
    [['eval', '1 / 0'], /division by zero/, /divisor/],
    [['evil', '1'], /no command "evil"/, /did you mean "eval"/],
    [['eval', '1', '--samples', '3'], /--samples is a whole number from 16/, /--samples/],
    [['plan', 'nowhere.json'], /no file and no stored plan/, /path of a plan file/],
    [['params', 'test'], /is a folder/, /config\.json/],
    [
      ['explain', 'assets/templates/03-llama-3.1-405b.json', 'runs.r1.total_cots'],
      /no column "total_cots"/,
      /did you mean "total_cost"/,
    ],
    [
      ['report', 'assets/templates/03-llama-3.1-405b.json', '--pdf', 'no/such/folder/x.pdf'],
      /cannot be written/,
      /folder that exists/,
    ],
    [
      ['report', 'assets/templates/03-llama-3.1-405b.json', '--pdf', 'assets'],
      /assets cannot be written/,
      /this is a folder/,
    ],
    [
      ['report', 'assets/templates/03-llama-3.1-405b.json', '--pdf', 'x.pdf', '--sections', 'runs,prose'],
      /no section "prose"/,
      /choose from scenarios, runs/,
    ],
    [['law', 'nobody2030', '--flops', '1e24'], /nobody2030/, /./],
  ])('%s: exit 2, what and how to mend', (args, what, mend) => {
    const { status, out, err } = run(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(what);
    expect(err).toMatch(mend);
  });

  test.each([
    [{ chips: '-3' }, /runs\.r1\.chips: -3 is below 1/],
    [{ mfu: '1.4' }, /runs\.r1\.mfu: 1\.4 is above 1/],
    [{ tokens: '=runs.r1.tokens_seen' }, /needs itself/],
    [{ total_cost: '=chip_hours * train_days' }, /this column is USD/],
    [{ chip_hour_price: '2 EUR/h' }, /expected USD/],
  ])('a plan with %j still answers: null with its reason, and leaves with 2', (row, reason) => {
    const { status, out, err } = run('plan', plan(row as Record<string, string>), '--json');
    expect(status).toBe(2);
    expect(err).toMatch(/at runs\.r1\./);
    const { notes, runs } = JSON.parse(out) as { notes: string[]; runs: Run[] };
    expect(notes.join('\n')).toMatch(reason);
    expect(runs[0]!['params_active']).toBe(7e9);
  });

  test('config.json: of 200 MB, not JSON, without the fields needed', () => {
    const large = file('large.json', '');
    truncateSync(large, 200_000_000);
    expect(run('params', large).err).toMatch(/200 MB/);
    expect(run('params', file('broken.json', '{')).err).toMatch(/not JSON/);
    expect(run('params', file('empty.json', {})).err).toMatch(/hidden_size|hidden size|Hidden/i);
  });

  test('a plan of a newer version and a store of a newer version are refused with their number', () => {
    expect(run('plan', file('new.json', { format: 'flopsheet-plan', version: 9 })).err).toMatch(/version 9/);
  });

  test('a read-only data folder still answers, from the shipped catalog', () => {
    const place = join(folder, 'locked');
    mkdirSync(place);
    chmodSync(place, 0o500);
    const { status, out } = run(
      'plan',
      'assets/templates/03-llama-3.1-405b.json',
      '--json',
      '--db',
      join(place, 'x.db'),
    );
    chmodSync(place, 0o700);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ name: 'Llama 3.1 405B' });
  });
});
