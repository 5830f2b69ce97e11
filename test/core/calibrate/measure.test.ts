/** Statistics, roofline, ceiling and comparison on numbers with known answers; a session on a device that fails. */
import { describe, expect, test } from 'vitest';
import { mfuCeiling, productRate } from '../../../src/core/calibrate/ceiling.ts';
import { compareHistories } from '../../../src/core/calibrate/compare.ts';
import { GpuBench } from '../../../src/core/calibrate/measure/bench.ts';
import type { GpuDevice } from '../../../src/core/calibrate/measure/gpu.ts';
import type { DeviceIdentity, KernelResult } from '../../../src/core/calibrate/measure/report.ts';
import { runSession } from '../../../src/core/calibrate/measure/session.ts';
import { fitRoofline, rooflineOf } from '../../../src/core/calibrate/roofline.ts';
import { bootstrapMedian, mannWhitney, theilSen } from '../../../src/core/calibrate/stats.ts';
import { createRng } from '../../../src/core/uncertainty/rng.ts';

const chip: DeviceIdentity = {
  name: 'Chip',
  vendor: 'v',
  architecture: 'a',
  device: 'd',
  description: 'Chip',
  fallback: false,
  host: 'node',
  hostVersion: '1',
  features: [],
  subgroupSize: null,
  maxBufferBytes: 2 ** 28,
  workgroupBytes: 16_384,
  power: 'mains',
};
const kernel = (part: Partial<KernelResult>): KernelResult => ({
  name: 'k',
  kind: 'matmul',
  dtype: 'f32',
  samplesS: [1],
  p50S: 1,
  p99S: 1,
  ciS: [0.99, 1.01],
  flop: 1,
  bytes: 1,
  shape: null,
  workingSet: null,
  config: '',
  checked: 1,
  worst: 0,
  ...part,
});

describe('statistics', () => {
  test('Mann-Whitney: five against five without overlap is p = 2/252 (Mann & Whitney 1947, table)', () => {
    expect(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeCloseTo(2 / 252, 12);
    // U = 5 of 3 against 4: 2 · 15 of the 35 orders lie at or below it.
    expect(mannWhitney([1, 4, 6], [2, 3, 5, 7])).toBeCloseTo(30 / 35, 12);
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toBe(1);
  });
  test('its false positives are the nominal 1 %', () => {
    const rng = createRng(5);
    let found = 0;
    for (let round = 0; round < 2000; round += 1) {
      const draw = () => Array.from({ length: 8 }, () => rng.uniform());
      if (mannWhitney(draw(), draw()) < 0.01) found += 1;
    }
    expect(found / 2000).toBeLessThan(0.015);
  });
  test('bootstrap interval covers the median; Theil-Sen shrugs off an outlier', () => {
    const [low, high] = bootstrapMedian([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 1);
    expect(low).toBeGreaterThanOrEqual(4);
    expect(high).toBeLessThanOrEqual(12);
    expect(theilSen([0, 1, 2, 3, 4], [0, 2, 4, 6, 100])).toBe(2);
  });
});

test('the roofline is found again: 20 TFLOP/s, 900 GB/s, knee 4, 2 % noise (reference §3.3)', () => {
  const rng = createRng(7);
  const points = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256].map((intensity) => {
    const bytes = 1e8;
    const flop = bytes * intensity;
    const s = ((flop / 20e12) ** 4 + (bytes / 900e9) ** 4) ** 0.25;
    return { flop, bytes, s: s * (1 + 0.04 * (rng.uniform() - 0.5)) };
  });
  const fit = fitRoofline(points);
  expect(fit?.peakFlopPerS).toBeGreaterThan(19e12);
  expect(fit?.peakFlopPerS).toBeLessThan(21e12);
  expect(fit?.bytesPerS).toBeGreaterThan(860e9);
  expect(fit?.bytesPerS).toBeLessThan(940e9);
  expect(fit?.knee).toBeGreaterThan(2.5);
  expect(fitRoofline(points.slice(0, 3))).toBeNull();
});

test('peak is the best peak kernel, bandwidth the copy of the largest set', () => {
  const roofline = rooflineOf([
    kernel({ kind: 'peak', flop: 10, p50S: 1 }),
    kernel({ kind: 'peak', flop: 20, p50S: 1 }),
    kernel({ kind: 'bandwidth', name: 'copy f32 32 KiB', bytes: 9, workingSet: 32 }),
    kernel({ kind: 'bandwidth', name: 'copy f32 128 MiB', bytes: 4, workingSet: 128 }),
  ]);
  expect(roofline).toMatchObject({ peakFlopPerS: 20, bytesPerS: 4, cacheBytesPerS: 9, ridge: 5 });
});

describe('MFU ceiling', () => {
  const at = (m: number, n: number, k: number, rate: number): KernelResult =>
    kernel({ shape: [m, n, k], flop: 2 * m * n * k, p50S: (2 * m * n * k) / rate });
  const kernels = [at(64, 64, 64, 50), at(256, 256, 256, 80), at(256, 64, 256, 60), at(64, 256, 64, 60)];
  const measured = { device: chip, kernels, peakFlopPerS: 100, spread: 1.1 };
  test('is harmonic in time: half the FLOP at 50 and half at 80 of 100 is 61.5 %', () => {
    const products = [
      { name: 'small', shape: { m: 64, n: 64, k: 64 }, times: 64 },
      { name: 'large', shape: { m: 256, n: 256, k: 256 }, times: 1 },
    ];
    const found = mfuCeiling(products, measured);
    expect(found.mfu).toBeCloseTo(2 / (1 / 0.5 + 1 / 0.8), 10);
    expect(found.parts.map((part) => part.name)).toEqual(['sampling', 'run to run', 'kernel quality']);
    expect(found.parts[1]?.high).toBeCloseTo(1.05, 10);
    // Better kernels can only raise it, so the interval lies above.
    expect(found.p5).toBeGreaterThan(found.mfu * 0.95);
    expect(found.p5).toBeLessThan(found.mfu * 1.1);
    expect(found.p95).toBeGreaterThan(found.mfu * 1.5);
    expect(found.p95).toBeLessThanOrEqual(1);
    expect(found.products[0]?.shareOfTime).toBeCloseTo(0.8 / 1.3, 10);
  });
  test('reads between measured shapes, never beyond them', () => {
    expect(productRate({ m: 128, n: 128, k: 128 }, kernels)).toMatchObject({ from: 'interpolated' });
    expect(productRate({ m: 512, n: 256, k: 256 }, kernels)).toBeNull();
    expect(() => mfuCeiling([{ name: 'head', shape: { m: 64, n: 50_000, k: 64 }, times: 1 }], measured)).toThrow(
      /no product of this model/,
    );
    // Half the FLOP at 50 of 100, half unmeasured and so at the peak: 1 / (0.5 / 0.5 + 0.5).
    const half = mfuCeiling(
      [
        { name: 'small', shape: { m: 64, n: 64, k: 64 }, times: 2 },
        { name: 'flat', shape: { m: 64, n: 8192, k: 1 }, times: 1 },
      ],
      measured,
    );
    expect(half.covered).toBeCloseTo(0.5, 10);
    expect(half.mfu).toBeCloseTo(1 / 1.5, 10);
  });
  test('a software adapter has none', () => {
    expect(() => mfuCeiling([], { ...measured, device: { ...chip, fallback: true } })).toThrow(/software adapter/);
  });
});

describe('regressions', () => {
  const restarts = (factor: number, n: number): number[] =>
    Array.from({ length: n }, (_, at) => factor * (1 + 0.004 * at));
  const verdict = (before: number[], after: number[]) =>
    compareHistories([{ kernel: 'softmax', dtype: 'f32', before, after }])[0];
  test('five restarts a side and 10 % slower is a regression; 1 % is none; four restarts say nothing', () => {
    expect(verdict(restarts(1, 5), restarts(1.1, 5))).toMatchObject({ verdict: 'regressed', p: 2 / 252 });
    expect(verdict(restarts(1, 5), restarts(0.9, 5))?.verdict).toBe('improved');
    expect(verdict(restarts(1, 6), restarts(1.01, 6))?.verdict).toBe('unchanged');
    expect(verdict(restarts(1, 4), restarts(2, 9))?.verdict).toBe('too few restarts');
  });
  test('a machine that scatters by 10 % between restarts needs more than 10 %', () => {
    const before = [1, 1.1, 0.9, 1.2, 0.95];
    expect(
      verdict(
        before,
        before.map((s) => s + 0.15),
      )?.verdict,
    ).toBe('unchanged');
  });
  test('with a 5 % effect of the restart and no change, at most 5 % of comparisons are wrong (passes as units: 78 %)', () => {
    const rng = createRng(11);
    const normal = () => Math.sqrt(-2 * Math.log(rng.uniform())) * Math.cos(2 * Math.PI * rng.uniform());
    let wrong = 0;
    for (let round = 0; round < 1000; round += 1) {
      const draw = () => Array.from({ length: 6 }, () => 1 + 0.05 * normal());
      if (!/unchanged/.test(verdict(draw(), draw())?.verdict ?? '')) wrong += 1;
    }
    expect(wrong / 1000).toBeLessThan(0.05);
  });
});

/** The wall of the tests: every pass takes 30 ms of it. */
const clock = { ms: 0 };

/** A device that answers at once, computes nothing, and may be lost at the n-th submit. */
function idleDevice(loseAt = Infinity): GpuDevice {
  let submits = 0;
  let lose: (info: { reason: string; message: string }) => void = () => undefined;
  const lost = new Promise<{ reason: string; message: string }>((resolve) => (lose = resolve));
  const never = new Promise<never>(() => undefined);
  const gone = (): boolean => submits >= loseAt;
  return {
    limits: {
      maxStorageBufferBindingSize: 2 ** 27,
      maxBufferSize: 2 ** 28,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupStorageSize: 16_384,
      maxComputeWorkgroupsPerDimension: 65_535,
    },
    lost,
    queue: {
      submit: () => {
        submits += 1;
        if (gone()) lose({ reason: 'unknown', message: 'the driver reset' });
      },
      writeBuffer: () => undefined,
      onSubmittedWorkDone: () => {
        clock.ms += 30;
        return gone() ? never : Promise.resolve();
      },
    },
    createBuffer: ({ size }) => ({
      size,
      mapAsync: () => (gone() ? never : Promise.resolve()),
      getMappedRange: () => new ArrayBuffer(size),
      unmap: () => undefined,
      destroy: () => undefined,
    }),
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    createComputePipelineAsync: async () => ({ getBindGroupLayout: () => ({}) }),
    createBindGroup: () => ({}),
    createCommandEncoder: () => ({
      beginComputePass: () => ({
        setPipeline: () => undefined,
        setBindGroup: () => undefined,
        dispatchWorkgroups: () => undefined,
        end: () => undefined,
      }),
      resolveQuerySet: () => undefined,
      copyBufferToBuffer: () => undefined,
      finish: () => ({}),
    }),
    createQuerySet: () => ({ destroy: () => undefined }),
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    destroy: () => undefined,
  };
}

describe('a session', () => {
  const run = (devices: GpuDevice[], cancelled: () => boolean = () => false) => {
    const now = (): number => clock.ms;
    let opened = 0;
    return runSession({
      preset: 'quick',
      identity: chip,
      startedAt: '2026-11-25T00:00:00Z',
      now,
      open: async () => new GpuBench(devices[opened++] as GpuDevice, new Set(), now),
      cancelled,
      progress: () => undefined,
    });
  };
  test('kernels that computed nothing have no number', async () => {
    const report = await run([idleDevice()]);
    expect(report.complete).toBe(true);
    expect(report.kernels).toEqual([]);
    expect(report.refused.map((row) => row.why).join()).toMatch(/results are wrong/);
    expect(report.clock).toBe('wall');
  });
  test('a device lost once is opened again, and the kernel that ran is named', async () => {
    const report = await run([idleDevice(30), idleDevice()]);
    expect(report.complete).toBe(true);
    expect(report.notes.join()).toMatch(/lost at .* opened again/);
    expect(report.refused.some((row) => row.why.includes('the driver reset'))).toBe(true);
  });
  test('lost twice: the session ends, marked', async () => {
    const report = await run([idleDevice(30), idleDevice(8)]);
    expect(report).toMatchObject({ complete: false, stopped: expect.stringContaining('lost twice') as string });
  });
  test('cancel ends it between passes, marked', async () => {
    let asked = 0;
    const report = await run([idleDevice()], () => (asked += 1) > 12);
    expect(report).toMatchObject({ complete: false, stopped: 'cancelled' });
  });
});
