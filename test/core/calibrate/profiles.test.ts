/** Importers on public profiles; where each comes from stands in test/fixtures/profiles/README.md. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { measuredRun } from '../../../src/core/calibrate/measured-run.ts';
import { productShape, type KinetoSummary } from '../../../src/core/calibrate/profile/kineto.ts';
import type { NcuSummary } from '../../../src/core/calibrate/profile/ncu.ts';
import type { SmiSummary } from '../../../src/core/calibrate/profile/nvidia-smi.ts';
import type { CountedAs, OpSummary } from '../../../src/core/calibrate/profile/op-table.ts';
import { kinetoAsLog, readProfile } from '../../../src/core/calibrate/profile/read-profile.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/profiles');
/** Small chunks: a boundary may fall anywhere. */
const read = (name: string, counted?: CountedAs) =>
  readProfile(
    createReadStream(join(FOLDER, name), { encoding: 'utf8', highWaterMark: 97 }),
    name,
    counted ? { counted } : {},
  );
async function* text(...chunks: string[]) {
  yield* chunks;
}

describe('nvidia-smi', () => {
  test('utilisation alone is refused, with why', async () => {
    await expect(read('nvidia-smi-util-only.csv')).rejects.toMatchObject({
      code: 'LOG_GPU_UTIL',
      hint: expect.stringContaining('share of time in which any kernel ran') as string,
    });
    await expect(read('nvidia-smi-aau.csv')).rejects.toMatchObject({ code: 'LOG_GPU_UTIL' });
  });
  test('power is integrated by trapezoids, clocks compared with their highest', async () => {
    const { cards } = (await read('nvidia-smi-clocks.csv')) as SmiSummary;
    expect(cards).toHaveLength(1);
    const [card] = cards;
    // (208.36 + 249.62)/2 · 1.003 s + (249.62 + 205.51)/2 · 1.005 s
    const joule = ((208.36 + 249.62) / 2) * 1.003 + ((249.62 + 205.51) / 2) * 1.005;
    expect(card?.energyWh).toBeCloseTo(joule / 3600, 6);
    expect(card).toMatchObject({ samples: 3, powerWP50: 208.36, smClockMhzP50: 1545 });
    expect(card?.sustainedClock).toBeCloseTo(1545 / 1560, 12);
    expect(((await read('nvidia-smi-emission.csv')) as SmiSummary).cards[0]?.powerWP50).toBeCloseTo(
      (25.19 + 76.86) / 2,
      9,
    );
  });
  test('bpytop#26: cards told apart by name, no timestamp, no energy, utilisation not read', async () => {
    const { cards, notes } = (await read('nvidia-smi-bpytop-26.csv')) as SmiSummary;
    expect(cards.map((card) => [card.card, card.powerWP50, card.energyWh, card.memoryMibMax])).toEqual([
      ['GeForce GTX 1080 Ti', 106.56, null, 2856],
      ['GeForce GTX 1060 6GB', 5.68, null, 4],
    ]);
    expect(notes.join()).toMatch(/utilization.gpu was not read/);
  });
  test('throttle reasons count, idle does not', async () => {
    const found = (await readProfile(
      text(
        'timestamp, power.draw [W], clocks_event_reasons.active\n',
        ...['0x0000000000000000', '0x0000000000000001', '0x0000000000000004', '0x0000000000000005'].map(
          (reasons, n) => `2026/01/01 00:00:0${n}.000, [N/A], ${reasons}\n`,
        ),
        '2026/01/01 00:00:09.000, 300 W, 0x0\n',
      ),
      'x',
    )) as SmiSummary;
    expect(found.cards[0]?.throttled).toBeCloseTo(2 / 5, 12);
  });
});

describe('ncu', () => {
  test('superbenchmark: one FP8 product, details page, program output before the table', async () => {
    const found = (await read('ncu-superbench.csv')) as NcuSummary;
    expect(found.kernels).toHaveLength(1);
    expect(found.kernels[0]).toMatchObject({ launches: 1, smPercent: 23.59, dramPercent: 0.74 });
    expect(found.totalS).toBeCloseTo(406_240e-9, 12);
  });
  test('occupancy only: no times, and it is said', async () => {
    const found = (await read('ncu-glm53-occupancy.csv')) as NcuSummary;
    expect(found.totalS).toBeNull();
    expect(found.notes.join()).toMatch(/no kernel has a duration/);
    const down = found.kernels.find((kernel) => kernel.name.includes('fm_down'));
    expect(down?.launches).toBe(2);
    expect(down?.occupancyPercent).toBeCloseTo((33.18 + 33.2) / 2, 9);
  });
  test('a European locale: 117.344 ns are 117 344 ns, 65,77 % are 65.77 %', async () => {
    const found = (await read('ncu-comma-locale.csv')) as NcuSummary;
    const [gemm, reduce] = found.kernels;
    expect(gemm?.totalS).toBeCloseTo((117_344 + 120_416) * 1e-9, 12);
    expect(gemm?.p50S).toBeCloseTo(118_880e-9, 12);
    expect(gemm?.dramBytes).toBe(27_595_520 + 30_818_944);
    expect(gemm?.smPercent).toBeCloseTo(65.7, 9);
    expect(reduce?.smPercent).toBeCloseTo(6.7, 9);
  });
  // No public sample of these two pages was found; the shape is that of kernel-calibration.md §4.5.
  test('the raw page: units in a second header, FLOP from instructions, a fused multiply-add is two', async () => {
    const found = (await readProfile(
      text(
        '"ID","Process ID","Process Name","Host Name","Kernel Name","dram__bytes_read.sum","dram__bytes_write.sum","gpu__time_duration.sum","smsp__sass_thread_inst_executed_op_ffma_pred_on.sum","smsp__sass_thread_inst_executed_op_fadd_pred_on.sum"\n',
        '"","","","","","Mbyte","Kbyte","usecond","inst","inst"\n',
        '"0","1","a","h","gemm, tiled","1.5","500","20","1,000,000","10"\n',
        '"1","1","a","h","gemm, tiled","1.5","500","30","1,000,000","10"\n',
      ),
      'x',
    )) as NcuSummary;
    expect(found.kernels[0]).toMatchObject({ name: 'gemm, tiled', launches: 2, flop: 4_000_020, dramBytes: 4e6 });
    expect(found.kernels[0]?.flopPerS).toBeCloseTo(4_000_020 / 50e-6, 0);
  });
  test('a summary page counts its invocations', async () => {
    const found = (await readProfile(
      text(
        '"Process ID","Kernel Name","Invocations","Section Name","Metric Name","Metric Unit","Minimum","Maximum","Average"\n',
        '"1","k","4","GPU Speed Of Light Throughput","Duration","us","1","3","2"\n',
      ),
      'x',
    )) as NcuSummary;
    expect(found.launches).toBe(4);
    expect(found.totalS).toBeCloseTo(8e-6, 12);
  });
});

describe('Kineto', () => {
  test('DeepSeek train.json: communication runs beside computing, the step lasts 112.202 ms', async () => {
    const found = (await read('kineto-deepseek-train.json')) as KinetoSummary;
    expect(found).toMatchObject({ device: 'NVIDIA H800', devices: 1, kernels: 8 });
    expect(found.stepSP50).toBeCloseTo(0.112202, 9);
    expect(found.spanS).toBeCloseTo(4424e-6, 9);
    expect(found.busy).toBeCloseTo(4380 / 4424, 9);
    // 1,008 + 3,320 µs of communication, 308 µs of them beside other kernels.
    expect(found.exposedCommunication).toBeCloseTo(4020 / 4424, 9);
    expect(found.shares.communication).toBeCloseTo(4328 / 4688, 9);
    expect(found.shares.matmul).toBeCloseTo(101 / 4688, 9);
  });
  test('a run takes its MFU from the steps of a trace and its own batch', async () => {
    const log = kinetoAsLog((await read('kineto-deepseek-train.json')) as KinetoSummary);
    const run = measuredRun(log as NonNullable<typeof log>, {
      seqLen: 4096,
      batchTokens: 65_536,
      chips: 64,
      peakFlopPerS: 989.4e12,
      trainFlopPerToken: 6 * 7e9,
    });
    expect(run.mfu).toBeCloseTo(((65_536 / 0.112202 / 64) * 6 * 7e9) / 989.4e12, 9);
    expect(run.basis).toMatch(/the run’s own batch/);
  });
  test('old traces call the category Kernel and write "external id"; no step, and it is said', async () => {
    const found = (await read('kineto-v100.json')) as KinetoSummary;
    expect(found).toMatchObject({ device: 'Tesla V100-DGXS-32GB', kernels: 3, stepSP50: null });
    expect(found.busy).toBeCloseTo(5 / (1621401187227094 - 1621401187226575), 9);
    expect(kinetoAsLog(found)).toBeNull();
  });
  test('the trace of HolisticTraceAnalysis; shapes of aten::addmm', async () => {
    expect((await read('kineto-hta.json')) as KinetoSummary).toMatchObject({ kernels: 1, spanS: 9e-6, busy: 1 });
    expect(productShape('aten::addmm', [[512], [512, 1408], [1408, 512], [], []])).toEqual({
      batch: 1,
      m: 512,
      k: 1408,
      n: 512,
    });
    expect(
      productShape('aten::mm', [
        [4, 5],
        [6, 7],
      ]),
    ).toBeNull();
  });
  test('recorded shapes give FLOP/s; a file cut off keeps what came before', async () => {
    const op = (id: number) =>
      `{"ph":"X","cat":"cpu_op","name":"aten::mm","ts":1,"dur":1,"args":{"External id":${id},"Input Dims":[[64,128],[128,256]]}}`;
    const kernel = (id: number, ts: number) =>
      `{"ph":"X","cat":"kernel","name":"ampere_sgemm","ts":${ts},"dur":10,"args":{"External id":${id},"device":0}}`;
    const found = (await readProfile(
      text(`{"schemaVersion":1,"traceEvents":[${op(1)},${kernel(1, 100)},${op(2)},`, `${kernel(2, 120)},{"ph":"X","na`),
      'x',
    )) as KinetoSummary;
    expect(found.products).toEqual([
      expect.objectContaining({
        m: 64,
        n: 256,
        k: 128,
        calls: 2,
        flopPerS: expect.closeTo((2 * 64 * 128 * 256) / 10e-6, 0) as number,
      }),
    ]);
    expect(found.notes.join()).toMatch(/ends in the middle/);
  });
});

describe('operation counters', () => {
  test.each([
    ['ptflops-valify.txt', 312.48e3, 112.17e3],
    ['ptflops-resnet9.txt', 286.51e6, 2.44e6],
    ['ptflops-ssd.txt', 0.144e9, 1.082e6],
  ])('%s prints MAC', async (name, macs, params) => {
    const found = (await read(name)) as OpSummary;
    expect(found).toMatchObject({ tool: 'ptflops', countedAs: 'mac', saidBy: 'table' });
    expect(found.forwardMacs).toBeCloseTo(macs, 3);
    expect(found.forwardFlop).toBeCloseTo(2 * macs, 3);
    expect(found.params).toBeCloseTo(params, 3);
  });
  test.each([
    ['fvcore-swin.txt', 0.243e9, 7.049e6],
    ['fvcore-mmengine-resnet18.txt', 1.827e9, 11.69e6],
    ['fvcore-rtmdet.txt', 14.835e9, 8.887e6],
  ])('%s calls MAC flops, unless you say otherwise', async (name, count, params) => {
    const found = (await read(name)) as OpSummary;
    expect(found).toMatchObject({ tool: 'fvcore', countedAs: 'mac', saidBy: 'tool' });
    expect(found.forwardMacs).toBeCloseTo(count, 0);
    expect(found.params).toBeCloseTo(params, 0);
    expect(((await read(name, 'flop')) as OpSummary).forwardFlop).toBeCloseTo(count, 0);
  });
  test.each([
    [
      'tfprofiler-19974.txt',
      81.4e6 + 795.12e3 + 648.4e3 + 548e3 + 2 * 397.51e3 + 200e3 + 100.79e3 + 50e3 + 900 + 102 + 1,
    ],
    ['tfprofiler-9932.txt', 5.23e9],
    ['tfprofiler-58829.txt', 12],
  ])('%s counts FLOP', async (name, flop) => {
    const found = (await read(name)) as OpSummary;
    expect(found).toMatchObject({ tool: 'tf.profiler', countedAs: 'flop' });
    expect(found.forwardFlop).toBeCloseTo(flop, 0);
    expect(found.forwardMacs).toBeCloseTo(flop / 2, 0);
  });
  test('a table that does not say what it counts is asked about', async () => {
    const asked = 'Total FLOPs: 4.11 G\n';
    await expect(readProfile(text(asked), 'x')).rejects.toMatchObject({ code: 'OPS_ASK' });
    expect(((await readProfile(text(asked), 'x', { counted: 'mac' })) as OpSummary).forwardFlop).toBeCloseTo(8.22e9, 0);
  });
});
