import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const value = async (expression: string): Promise<unknown> => (await terminal.json('eval', expression))['value'];

describe('published figures', () => {
  test('Llama 3.1 405B: 6 · 405e9 · 15.6e12 = 3.79e25 FLOP', async () =>
    expect((await value('6 FLOP * 405e9 * 15.6e12')) as number).toBeCloseTo(3.7908e25, -12));

  test('… at 989.4 TFLOP/s x 0.40 are 2.66e7 chip-hours, 67.7 days on 16,384 chips', async () => {
    expect((await value('3.7908e25 FLOP / (989.4 TFLOP/s/chip * 0.4) in chip·h')) as number).toBeCloseTo(26.607e6, -3);
    expect((await value('3.7908e25 FLOP / (16384 chip * 989.4 TFLOP/s/chip * 0.4) in day')) as number).toBeCloseTo(
      67.67,
      2,
    );
  });

  test('GPT-3: 6 · 174.6e9 · 300e9 = 3.143e23 FLOP (Brown et al. 2020, table D.1: 3.14e23)', async () =>
    expect((await value('6 FLOP * 174.6e9 * 300e9')) as number).toBeCloseTo(3.1428e23, -10));
});

describe('what an answer says', () => {
  test('without "in": base units; with it: that unit, percentiles too', async () => {
    expect(await terminal.json('eval', '2 h')).toEqual({ value: 7200, unit: 's', dimension: 's' });
    expect(await terminal.json('eval', '2 h in min')).toEqual({ value: 120, unit: 'min', dimension: 's' });
    const range = await terminal.json('eval', '(1 h to 4 h) in h', '--samples', '1024', '--seed', '7');
    expect(range['value']).toBeCloseTo(2, 12);
    expect(range['p50']).toBeCloseTo(2, 1);
    expect(range['p5']).toBeCloseTo(1, 1);
    expect(range['p95']).toBeCloseTo(4, 1);
  });

  test('the same seed gives the same numbers, another seed others', async () => {
    const once = await terminal.run('eval', '1 to 2', '--json', '--seed', '3');
    expect(await terminal.run('eval', '1 to 2', '--json', '--seed', '3')).toEqual(once);
    expect((await terminal.run('eval', '1 to 2', '--json', '--seed', '4')).out).not.toBe(once.out);
  });

  test('texts, dates and yes or no are what they are', async () => {
    expect(await value('2 > 1')).toBe(true);
    expect(await value('"a" & "b"')).toBe('ab');
  });
});

test('the store is opened only when the catalog is asked, and not at all with :memory:', async () => {
  const own = new Terminal();
  await own.run('eval', 'sqrt(4) + 1');
  expect(existsSync(own.db)).toBe(false);
  expect(await own.json('eval', 'dense_peak("h100-sxm", "bf16") in TFLOP/s/chip')).toMatchObject({ value: 989.4 });
  expect(existsSync(own.db)).toBe(true);
  own.close();
});

test('percentiles of ranges are taken; a long mistake is not repeated in full', async () => {
  // P90 of 2 to 4: √8 · 2^(1.2816/3.2897).
  const { value } = (await terminal.json('eval', 'p90(2 to 4)')) as { value: number };
  expect(value).toBeCloseTo(Math.sqrt(8) * 2 ** (1.2815515655 / 3.289707253), 2);
  const { status, err } = await terminal.run('eval', '9'.repeat(400));
  expect(status).toBe(2);
  expect(err.length).toBeLessThan(200);
});

test.each([
  ['pie * 2', 'unknown name "pie"\n  at character 1: pie'],
  ['1 FLOP + 1 byte', '"+": expected FLOP, found byte\n  at character 10: 1 byte'],
  ['5 h in FLOP', '"in FLOP": expected FLOP, found s\n  at character 1'],
  ['1 / 0', 'division by zero\n  at character 1: 1 / 0\n  the divisor must not be 0'],
  ['dense_peak("h9000", "bf16")', 'there is no chip "h9000" in the catalog\n  at character 1'],
])('%s: says what, where and how', async (expression, message) => {
  const { status, out, err } = await terminal.run('eval', expression, '--json');
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err.startsWith(message), err).toBe(true);
});
