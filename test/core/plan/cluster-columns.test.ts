import { afterAll, expect, test } from 'vitest';
import { Terminal } from '../../cli/in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const base = {
  model: 'llama-3.1-405b',
  tokens: '15.6T',
  hardware: 'h100-sxm',
  chips: '16384',
  batch_tokens: '16777216',
};

async function runs(cells: readonly Record<string, string>[]): Promise<Record<string, Record<string, unknown>>> {
  const plan = terminal.file('plan.json', {
    format: 'flopsheet-plan',
    version: 1,
    name: 'cluster',
    currency: 'USD',
    runs: cells.map((row, i) => ({ key: `r${i}`, ...base, ...row })),
  });
  const { runs: rows } = (await terminal.json('plan', plan)) as { runs: Record<string, unknown>[] };
  return Object.fromEntries(rows.map((row) => [row['key'], row]));
}

test('MFU assumed, predicted, measured; a typed one stands; the predicted step is the step', async () => {
  const r = await runs([
    {},
    { mfu_mode: 'predicted', layout: 'tp8 pp16 vp7 mb1' },
    { mfu_mode: 'measured', mfu_measured: '0.41' },
    { mfu_mode: 'predicted', mfu: '0.38' },
    { mfu_mode: 'predicted', flop_convention: 'exact_causal', layout: 'tp8 pp16 vp7 mb1' },
  ]);
  expect(r['r0']).toMatchObject({ mfu: 0.4, mfu_mode: 'assumed' });
  expect(r['r1']?.['mfu']).toBe(r['r1']?.['mfu_predicted']);
  expect(r['r2']).toMatchObject({ mfu: 0.41 });
  expect(r['r3']).toMatchObject({ mfu: 0.38 });
  // The FLOP convention changes the MFU, not the time.
  expect(r['r4']?.['mfu']).toBeGreaterThan(r['r1']?.['mfu'] as number);
  expect((r['r4']?.['step_s'] as number) / (r['r1']?.['step_s'] as number)).toBeCloseTo(1, 9);
});

test('memory by layout; what does not divide is unknown with the nearest valid choice', async () => {
  const r = await runs([
    { layout: 'tp8 pp16 vp7 mb1', recompute: 'full' },
    { layout: 'tp8 mb1' },
    { layout: 'tp5' },
    { layout: 'tp8 x' },
  ]);
  expect(r['r0']).toMatchObject({ memory_fits: true });
  expect(r['r1']).toMatchObject({ memory_fits: false });
  expect(r['r1']?.['memory_per_chip_gib']).toBeGreaterThan(80);
  expect(r['r2']).toMatchObject({ memory_fits: null, memory_per_chip_gib: null, mfu: 0.4 });
  const plan = terminal.file('wrong.json', {
    format: 'flopsheet-plan',
    version: 1,
    name: 'wrong',
    currency: 'USD',
    runs: [{ key: 'a', ...base, mfu_mode: 'predicted', layout: 'tp5' }],
  });
  expect((await terminal.run('explain', plan, 'runs.a.mfu')).out).toContain('tp 5');
});

test('a prediction opens: the parts of its step and of its memory', async () => {
  const plan = terminal.file('open.json', {
    format: 'flopsheet-plan',
    version: 1,
    name: 'open',
    currency: 'USD',
    runs: [{ key: 'a', ...base, layout: 'tp8 pp16 vp7 mb1' }],
  });
  const step = (await terminal.run('explain', plan, 'runs.a.tokens_per_s_predicted')).out;
  for (const part of ['pipeline bubble', 'tensor parallel', 'bottleneck']) expect(step).toContain(part);
  const memory = (await terminal.run('explain', plan, 'runs.a.memory_per_chip_gib')).out;
  for (const part of ['activations', 'optimizer', 'gradients']) expect(memory).toContain(part);
});

test('goodput from failures: worked example of Kokolis et al. 2024', async () => {
  const r = await runs([{ failures_per_node_day: '0.0065', goodput: '=goodput_modelled' }]);
  // 2,048 nodes at 6.5 failures per 1,000 node-days: 24 / (2,048 * 0.0065) = 1.80 h.
  expect(r['r0']?.['job_mttf_h']).toBeCloseTo(1.803, 3);
  // Young: sqrt(2 * 60 s * 1.803 h) = 882.5 s.
  expect(r['r0']?.['checkpoint_interval_s']).toBeCloseTo(882.5, 1);
  // 1 / (1 + 60/882.5 + (600 + 441.3)/6490.4) = 0.814; chip-hours carry it, MFU does not.
  expect(r['r0']?.['goodput']).toBeCloseTo(0.814, 3);
  expect(r['r0']?.['mfu']).toBe(0.4);
  expect(r['r0']?.['chip_hours']).toBeCloseTo((r['r0']?.['ideal_chip_hours'] as number) / 0.81405495, -2);
});

test('failure rates carry their spread; Daly, wall time and spares as formulas: examples of the reference', async () => {
  const plan = terminal.file('failures.json', {
    format: 'flopsheet-plan',
    version: 1,
    name: 'failures',
    currency: 'USD',
    runs: [
      { key: 'a', ...base, failures_per_node_day: '0.002 to 0.018', goodput: '=goodput_modelled', maintenance: '0.02' },
    ],
  });
  const [run] = (await terminal.json('plan', plan))['runs'] as {
    goodput: number;
    uncertainty: Record<string, { p10: number; p50: number; p90: number }>;
  }[];
  const spread = run?.uncertainty['goodput'];
  expect(spread?.p10).toBeLessThan((run?.goodput ?? 0) - 0.02);
  expect(spread?.p90).toBeGreaterThan((run?.goodput ?? 1) + 0.02);
  expect(run?.uncertainty['mfu']).toBeUndefined();
  const value = async (formula: string): Promise<number> => (await terminal.json('eval', formula))['value'] as number;
  // 16,384 H100, M = 3.09 h, d = 30 s, R = 10 min: tau = 13.6 min, ETTR 0.89; d = 5 s, R = 5 min: 0.95.
  expect((await value('checkpoint_interval(30 s, 3.09 h)')) / 60).toBeCloseTo(13.6, 1);
  expect(await value('effective_training_time(30 s, 600 s, 3.09 h)')).toBeCloseTo(0.89, 2);
  expect(await value('effective_training_time(5 s, 300 s, 3.09 h)')).toBeCloseTo(0.95, 2);
  // tau = 816.9 s; sqrt(d/2M) = 0.03672, d/2M = 0.001349: 816.9 (1 + 0.01224 + 0.00015) - 30 = 797.1 s.
  expect(await value('daly_interval(30 s, 3.09 h)')).toBeCloseTo(797.1, 0);
  // M e^(R/M) (e^((tau + d)/M) - 1) W / tau with tau = 797.1: 1.1364 days for a day of work.
  expect((await value('expected_wall_time(24 h, 30 s, 600 s, 3.09 h)')) / 86_400).toBeCloseTo(1.136, 2);
  // Poisson of mean 2,048 x 0.0065 = 13.3: 22 at 99 %.
  expect(await value('spare_nodes(2048, 0.0065, 24 h, 0.99)')).toBe(22);
});

test('the date of the software feeds the prediction: older stacks are slower, its default is said', async () => {
  const r = await runs([
    { layout: 'tp8 pp16 vp7 mb1' },
    { layout: 'tp8 pp16 vp7 mb1', software_date: '2026-01-01' },
    { layout: 'tp8 pp16 vp7 mb1', software_date: '2024-07-01' },
    { model: 'qwen3-30b-a3b', chips: '64', layout: 'ep8 mb1', batch_tokens: '2097152', software_date: '2024-07-01' },
    { model: 'qwen3-30b-a3b', chips: '64', layout: 'ep8 mb1', batch_tokens: '2097152' },
  ]);
  const rate = (key: string): number => r[key]?.['tokens_per_s_predicted'] as number;
  expect(rate('r1')).toBe(rate('r0'));
  expect(rate('r2')).toBeLessThan(rate('r0'));
  expect(rate('r3') / rate('r4')).toBeLessThan(0.95);
});
