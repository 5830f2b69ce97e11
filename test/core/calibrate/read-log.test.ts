/** Importers on public logs; where each comes from stands in test/fixtures/logs/README.md. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { summarizeLog, type LogContext } from '../../../src/core/calibrate/summarize-log.ts';
import { logNumber } from '../../../src/core/calibrate/training-line.ts';
import { readLogSteps } from '../../../src/core/calibrate/read-log.ts';

const LOGS = join(import.meta.dirname, '../../fixtures/logs');
const read = async (name: string, context: LogContext = {}) =>
  summarizeLog(await readLogSteps(createReadStream(join(LOGS, name), 'utf8'), name), context);
async function* text(...chunks: string[]) {
  yield* chunks;
}

describe('public logs', () => {
  test('Megatron-LM#756: 228.3 of 989.4 TFLOP/s is 23.1 %; 128 sequences of 4,096 in 5.7189 s', async () => {
    const found = await read('megatron-lm-756.log', { seqLen: 4096, chips: 16, peakFlopPerS: 989.4e12 });
    expect(found.stepSP50).toBeCloseTo(5.7189, 10);
    expect(found.mfu).toBeCloseTo(228.3 / 989.4, 10);
    expect(found.tokensPerS).toBeCloseTo((128 * 4096) / 5.7189, 5);
    expect(found.tokensPerSPerChip).toBeCloseTo((128 * 4096) / 5.7189 / 16, 5);
  });
  test('Megatron-LLM#11 logs no throughput: MFU and tokens/s are unknown, not 0', async () => {
    const found = await read('megatron-llm-11.log');
    expect(found).toMatchObject({ format: 'megatron-lm', points: 3, mfu: null, tokensPerS: null });
    expect(found.stepSP50).toBeCloseTo(87.8716, 10);
  });
  test('nanotron#390: 11.5 s, 22.8 K token/s, 38.3 TFLOP/s', async () => {
    const found = await read('nanotron-390.log', { peakFlopPerS: 383e12 });
    expect(found).toMatchObject({ format: 'nanotron', tokensPerS: 22_800, tokensPerSPerChip: 11_400, stepSP50: 11.5 });
    expect(found.mfu).toBeCloseTo(0.1, 12);
    expect(found.hfu).toBeCloseTo(0.1, 12);
  });
  test('nanotron#23 names the host in its bracket', async () => {
    expect((await read('nanotron-23.log')).stepSP50).toBeCloseTo(0.0431, 10);
  });
  test('torchtitan#2389 prints a step once a rank: counted once', async () => {
    const found = await read('torchtitan-2389.log');
    expect(found).toMatchObject({ format: 'torchtitan', points: 2 });
    expect(found.stepSP50).toBeCloseTo(1.637, 6);
    expect(found.mfu).toBeCloseTo(0.1396, 10);
  });
  test('torchtitan#1287 logs every tenth step: 13.974 s over 10 steps, MFU 34.33 %', async () => {
    const found = await read('torchtitan-1287.log');
    expect(found.stepSP50).toBeCloseTo(1.3974, 6);
    expect(found.mfu).toBeGreaterThan(0.342);
  });
  test('nanotron tiny Llama: a first step of 4.71 s and one of 673 ms with a checkpoint are left out', async () => {
    const found = await read('nanotron-tiny-llama.log');
    expect(found).toMatchObject({ format: 'nanotron', batchSequences: 2 });
    expect(found.notes.join()).toMatch(/warm-up.*outlying/);
    expect(found.stepSP50).toBeGreaterThan(0.0089);
    expect(found.stepSP99).toBeLessThan(0.0119);
  });
  test('Primus prints this step and the mean; a profiled Megatron-LM step of 270 s', async () => {
    const primus = await read('megatron-primus.log');
    expect(primus).toMatchObject({ format: 'megatron-lm', stepSP50: 13.1, tokensPerSPerChip: 10005.5 });
    expect(primus.flopPerSPerChip).toBeCloseTo(579.4e12, 0);
    const profiled = await read('megatron-profiled.log', { peakFlopPerS: 989.4e12 });
    expect(profiled.stepSP50).toBeCloseTo(270.1254, 9);
    expect(profiled.mfu).toBeCloseTo(449.6 / 989.4, 10);
  });
  test.each([
    ['hf-trainer-200-steps.log', 0.886, 3.543, null],
    ['hf-trainer-llama-factory.log', 0.196, 3.144, 2_812_704 / 1530.1399],
    ['hf-trainer-1170-steps.log', 0.242, 31.023, null],
  ])('%s: the summary at the end', async (name, stepsPerS, samplesPerS, tokensPerS) => {
    const found = await read(name);
    expect(found.format).toBe('hf-trainer');
    expect(found.stepSP50).toBeCloseTo(1 / stepsPerS, 9);
    expect(found.batchSequences).toBeCloseTo(samplesPerS / stepsPerS, 9);
    if (tokensPerS === null) expect(found.tokensPerS).toBeNull();
    else expect(found.tokensPerS).toBeCloseTo(tokensPerS, 6);
  });
  test('torchtitan#3393', async () => {
    expect((await read('torchtitan-3393.log')).tokensPerSPerChip).toBe(7313);
  });
});

test('a slow first step and an outlier are left out and said', async () => {
  const line = (step: number, ms: number) =>
    ` iteration ${step}/ 99 | elapsed time per iteration (ms): ${ms} | global batch size: 8 |\n`;
  const times = [9000, ...Array.from({ length: 20 }, (_, at) => 1000 + at), 4000];
  const found = summarizeLog(await readLogSteps(text(...times.map((ms, at) => line(at + 1, ms))), 'x'));
  expect(found).toMatchObject({ points: 20, excluded: 2 });
  expect(found.notes.join()).toMatch(/1 warm-up.*1 outlying/);
});

test('step time that grows by a tenth over the log is said', async () => {
  const lines = Array.from(
    { length: 50 },
    (_, at) =>
      ` iteration ${at + 1}/ 99 | elapsed time per iteration (ms): ${1000 + (100 * at) / 49} | global batch size: 8 |\n`,
  );
  const found = summarizeLog(await readLogSteps(text(...lines), 'x'));
  expect(found.drift).toBeCloseTo(100 / 1050, 6);
  expect(found.notes.join()).toMatch(/drifts by \+9\.5 %/);
});

test('numbers of other locales', () => {
  expect(['1,234.5', '1.234,5', '52728,1', '10,050', '11.5K', '8.6E-06'].map(logNumber)).toEqual([
    1234.5, 1234.5, 52728.1, 10_050, 11_500, 8.6e-6,
  ]);
});

test('GPU-Util, garbage and mixed logs are refused, with why', async () => {
  const smi = 'timestamp, utilization.gpu [%], utilization.memory [%]\n2024/09/08 13:03:31.000, 100 %, 26 %\n';
  await expect(readLogSteps(text(smi), 'x')).rejects.toMatchObject({ code: 'LOG_GPU_UTIL' });
  await expect(readLogSteps(text('\u0000\u0001', 'x'.repeat(300_000)), 'x')).rejects.toMatchObject({
    code: 'LOG_EMPTY',
  });
  const mixed =
    ' iteration 1/ 9 | elapsed time per iteration (ms): 5 |\n' +
    "{'train_runtime': 225.8005, 'train_samples_per_second': 3.543, 'train_steps_per_second': 0.886, 'epoch': 0.32}\n";
  const steps = await readLogSteps(text(mixed), 'x');
  expect(() => summarizeLog(steps)).toThrow(/mixes/);
});

test('the summary of the Hugging Face Trainer', async () => {
  const line =
    "{'train_runtime': 1530.1399, 'train_samples_per_second': 3.144, 'train_steps_per_second': 0.196, 'train_loss': 0.7139853564898173, 'epoch': 9.7, 'num_input_tokens_seen': 2812704}";
  const found = summarizeLog(await readLogSteps(text(line), 'x'));
  expect(found.format).toBe('hf-trainer');
  expect(found.stepSP50).toBeCloseTo(1 / 0.196, 9);
  expect(found.tokensPerS).toBeCloseTo(2812704 / 1530.1399, 6);
});

test('of a very long log every second step is kept, and it is said', async () => {
  async function* long() {
    for (let step = 1; step <= 150_000; step += 1)
      yield ` iteration ${step}/ 150000 | elapsed time per iteration (ms): 5 |\n`;
  }
  let every = 1;
  const steps = await readLogSteps(long(), 'x', (n) => (every = n));
  expect(every).toBe(2);
  expect(steps.length).toBe(75_000);
});
