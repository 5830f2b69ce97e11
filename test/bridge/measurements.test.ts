/** Sessions in the store, as hardware a plan can use, as a ceiling, and compared from the command line. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createHandlers } from '../../src/bridge/handlers.ts';
import type { SessionReport } from '../../src/core/calibrate/measure/report.ts';
import { seedCatalog } from '../../src/store/seed.ts';
import { Terminal } from '../cli/in-process.ts';
import { NOW, memoryStore } from '../store/fixtures.ts';

/** A session whose kernels took `factor` of a second each. */
function session(factor: number, fallback = false): SessionReport {
  const kernel = (
    name: string,
    kind: 'peak' | 'bandwidth' | 'matmul',
    flop: number,
    bytes: number,
    shape: [number, number, number] | null = null,
  ): SessionReport['kernels'][number] => ({
    name,
    kind,
    dtype: 'f32',
    samplesS: [factor, factor * 1.01],
    p50S: factor,
    p99S: factor * 1.01,
    ciS: [factor, factor * 1.01],
    flop,
    bytes,
    shape,
    workingSet: kind === 'bandwidth' ? 2 ** 27 : null,
    config: '',
    checked: 100,
    worst: 0.1,
  });
  return {
    version: 1,
    preset: 'standard',
    device: {
      name: fallback ? 'SwiftShader driver 5.0.0' : 'Test Chip 9',
      vendor: 'acme',
      architecture: 'nine',
      device: '',
      description: 'Test Chip 9',
      fallback,
      host: 'node',
      hostVersion: 'Node 24, webgpu 0.6.2',
      features: [],
      subgroupSize: [32, 32],
      maxBufferBytes: 2 ** 30,
      workgroupBytes: 32_768,
      power: 'mains',
    },
    startedAt: '2027-01-14T10:00:00.000Z',
    elapsedS: 50,
    complete: true,
    stopped: '',
    clock: 'timestamp',
    quantumNs: 1,
    sentinel: { atS: [1, 40], timesS: [0.01, 0.0101], spread: 1.01, driftPerMinute: 0.01, stationary: true },
    kernels: [
      kernel('fma f32 512×8', 'peak', 20e12, 1),
      kernel('copy f32 128 MiB', 'bandwidth', 0, 0.8e12),
      kernel('matmul f32 1024×1024×1024', 'matmul', 10e12, 1, [1024, 1024, 1024]),
    ],
    knee: 4,
    refused: [],
    tuning: {},
    notes: [],
  };
}

function app() {
  const store = memoryStore();
  seedCatalog(store.db, NOW);
  return createHandlers({ store, host: 'memory', version: '0', author: 'ana', emit: () => undefined, now: () => NOW });
}

describe('sessions', () => {
  test('are kept with their device, labelled and left out; a software adapter never is', async () => {
    const handlers = app();
    const { session: id } = await handlers['measure.save']({ report: session(1) as never, label: 'before' });
    expect(await handlers['measure.save']({ report: session(1, true) as never, label: '' })).toEqual({ session: null });
    await handlers['measure.mark']({ session: id as string, excluded: true });
    const { devices, sessions } = await handlers['measure.history']({});
    expect(devices.map((device) => device.name)).toEqual(['Test Chip 9']);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ id, label: 'before', excluded: true });
    expect(sessions[0]?.report).toEqual(session(1));
  });

  test('become a hardware row: f32 and bandwidth as measured, the rest unknown; a plan prices f32 runs on it and no bf16', async () => {
    const handlers = app();
    const { session: id } = await handlers['measure.save']({ report: session(1) as never, label: '' });
    const { key } = await handlers['measure.hardware']({ session: id as string });
    expect(key).toBe('this-machine-test-chip-9');
    const { plan } = await handlers['plans.create']({ name: 'Here' });
    const { revision } = await handlers['plans.open']({ plan });
    const set = (column: string, to: string) => ({ set: ['runs', 'r1', column] as ['runs', string, string], to });
    await handlers['plan.change']({
      plan,
      scenario: 'base',
      base: revision,
      note: '',
      commands: [{ row: ['runs', 'r1'], to: { at: 0, cells: {} } }, set('hardware', key), set('precision', 'fp32')],
    } as never);
    const peak = async (): Promise<string> => {
      const { rows } = await handlers['sheet.view']({
        plan,
        scenario: 'base',
        table: 'runs',
        columns: ['peak_flop_per_s'],
        from: 0,
        count: 1,
      } as never);
      return rows[0]?.cells[0]?.display ?? '';
    };
    // 20 TFLOP in the second a kernel took.
    expect(await peak()).toMatch(/^20/);
    const now = (await handlers['plans.open']({ plan })).revision;
    await handlers['plan.change']({
      plan,
      scenario: 'base',
      base: now,
      note: '',
      commands: [set('precision', 'bf16')],
    } as never);
    expect(await peak()).not.toMatch(/\d/);
  });

  test('give a ceiling only for shapes that were measured', async () => {
    const handlers = app();
    const { session: id } = await handlers['measure.save']({ report: session(1) as never, label: '' });
    await expect(
      (async () => handlers['measure.ceiling']({ session: id as string, model: 'llama-3.1-8b', tokens: 2048 }))(),
    ).rejects.toMatchObject({ code: 'CALIBRATION_SHAPE' });
    const { layers } = await handlers['measure.products']({ model: 'llama-3.1-8b', tokens: 2048 });
    // Llama 3.1 8B: mlp gate and up are 4096 x 14336, forward at 2,048 tokens.
    expect(layers.map((layer) => layer.shape)).toContainEqual({ m: 2048, n: 14_336, k: 4096 });
    const report = session(1);
    const rate = 10e12;
    const { session: whole } = await handlers['measure.save']({
      report: {
        ...report,
        kernels: [
          ...report.kernels.slice(0, 2),
          ...layers.map(({ shape: { m, n, k } }) => ({
            ...(report.kernels[2] as SessionReport['kernels'][number]),
            name: `matmul f32 ${m}×${n}×${k}`,
            shape: [m, n, k],
            flop: 2 * m * n * k,
            p50S: (2 * m * n * k) / rate,
            p99S: (2 * m * n * k) / rate,
          })),
        ],
      } as never,
      label: '',
    });
    const ceiling = await handlers['measure.ceiling']({
      session: whole as string,
      model: 'llama-3.1-8b',
      tokens: 2048,
    });
    expect(ceiling.mfu).toBeCloseTo(0.5, 6);
    expect(ceiling.products.every((product) => product.from === 'measured')).toBe(true);
  });
});

test('calibrate compare: five restarts 10 % slower exit with 1, the same with 0, other devices are refused', async () => {
  const terminal = new Terminal();
  try {
    const write = (name: string, factor: number, device = 'Test Chip 9'): void =>
      void terminal.file(name, {
        device: { name: device, vendor: 'acme', description: device, host_version: 'x' },
        kernels: [{ name: 'softmax', dtype: 'f32', p50: factor, p99: factor, unit: 's', verified: true }],
      });
    for (const group of ['a', 'b', 'c', 'd']) mkdirSync(join(terminal.folder, group));
    for (let n = 0; n < 5; n += 1) {
      write(`a/${n}.json`, 1 + 0.003 * n);
      write(`b/${n}.json`, 1.1 + 0.003 * n);
      write(`c/${n}.json`, 1.001 + 0.003 * n);
    }
    write('d/0.json', 1, 'Other chip');
    const path = (group: string): string => join(terminal.folder, group);
    const slower = await terminal.run('calibrate', 'compare', path('a'), path('b'), '--json');
    expect(slower.status).toBe(1);
    expect(JSON.parse(slower.out)).toMatchObject({
      regressed: true,
      rows: [{ name: 'softmax', verdict: 'regressed' }],
    });
    expect((await terminal.run('calibrate', 'compare', path('a'), path('c'))).status).toBe(0);
    const few = await terminal.run('calibrate', 'compare', path('a'), join(path('b'), '0.json'));
    expect(few.status).toBe(0);
    expect(few.out).toMatch(/too few restarts/);
    const other = await terminal.run('calibrate', 'compare', path('a'), path('d'));
    expect(other.status).toBe(2);
    expect(other.err).toMatch(/different devices/);
  } finally {
    terminal.close();
  }
});
