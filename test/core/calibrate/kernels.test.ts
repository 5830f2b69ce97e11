/** The judges of kernels find planted faults, and pass what is right; generators name what they need. No GPU here. */
import { describe, expect, test } from 'vitest';
import { attentionProblem } from '../../../src/core/calibrate/kernels/attention.ts';
import { checkMatmul, UNIT } from '../../../src/core/calibrate/kernels/check.ts';
import { fromHalf, randomF32, toHalf } from '../../../src/core/calibrate/kernels/data.ts';
import { dot4Problem } from '../../../src/core/calibrate/kernels/dot4.ts';
import { fmaProblem } from '../../../src/core/calibrate/kernels/fma.ts';
import { limitsRefusal } from '../../../src/core/calibrate/kernels/kernel.ts';
import { configName, MATMUL_STARTS, matmulKernel, neighbours } from '../../../src/core/calibrate/kernels/matmul.ts';
import { rowProblem } from '../../../src/core/calibrate/kernels/rows.ts';
import { streamProblem } from '../../../src/core/calibrate/kernels/stream.ts';
import { allConfigs } from '../../../src/core/calibrate/measure/correctness.ts';

/** A product in single precision, as a GPU does it: rounded after every step. `terms` may drop some of the sum. */
function product(
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
  terms = k,
): Float32Array<ArrayBuffer> {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i += 1)
    for (let j = 0; j < n; j += 1) {
      let sum = 0;
      for (let p = 0; p < terms; p += 1)
        sum = Math.fround(sum + Math.fround((a[i * k + p] as number) * (b[p * n + j] as number)));
      c[i * n + j] = sum;
    }
  return c;
}

describe.each([
  { m: 40, n: 36, k: 512, full: true },
  { m: 192, n: 160, k: 160, full: false },
])('products $m×$n×$k', ({ m, n, k, full }) => {
  const shape = { m, n, k };
  const a = randomF32(m * k, 1);
  const b = randomF32(k * n, 2);
  const right = product(a, b, m, n, k);
  const judge = (c: Float32Array) => checkMatmul(a, b, c, shape, UNIT.f32);
  test('single precision in any order of rounding passes with room to spare', () => {
    const verdict = judge(right);
    expect(verdict.mismatches).toBe(0);
    expect(verdict.worst).toBeLessThan(0.3);
    expect(verdict.checked).toBeGreaterThanOrEqual(full ? m * n : 2 * m + 512);
  });
  test('one wrong element is found', () => {
    const wrong = right.slice();
    wrong[5 * n + 7] = (wrong[5 * n + 7] as number) + 0.01;
    expect(judge(wrong).mismatches).toBeGreaterThan(0);
  });
  test('the last term of every sum dropped is found', () => {
    expect(judge(product(a, b, m, n, k, k - 1)).mismatches).toBeGreaterThan(m / 2);
  });
  test('half-precision results are found', () => {
    expect(judge(right.map((value) => fromHalf(toHalf(value)))).mismatches).toBeGreaterThan(m / 2);
  });
  test('NaN and a result left at zero are found', () => {
    const wrong = right.slice();
    wrong[n * (m - 1) + n - 1] = NaN;
    expect(judge(wrong).mismatches).toBeGreaterThan(0);
    expect(judge(new Float32Array(m * n)).mismatches).toBeGreaterThan(m / 2);
  });
});

test('half precision: IEEE values and ties', () => {
  expect([1, -2, 65504, 0.333251953125, 2049, 2051].map(toHalf).map(fromHalf)).toEqual([
    1, -2, 65504, 0.333251953125, 2048, 2052,
  ]);
  expect(fromHalf(0x3c01)).toBe(1 + 2 ** -10);
  expect(toHalf(1e6)).toBe(0x7c00);
});

/** What a problem's own reference computes, by asking its judge: the answer is found element by element where it is cheap. */
test('exact judges: copy, triad, read and packed bytes', () => {
  const copy = streamProblem('copy', 4096);
  const [data] = copy.inputs() as [Float32Array<ArrayBuffer>];
  expect(copy.check(data.slice().buffer).mismatches).toBe(0);
  const wrong = data.slice();
  wrong[1023] = (wrong[1023] as number) + 1;
  expect(copy.check(wrong.buffer)).toMatchObject({ mismatches: 1, checked: 1024 });

  const triad = streamProblem('triad', 4096);
  const [x, y] = triad.inputs() as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  expect(triad.check(x.map((value, at) => value + 3 * (y[at] as number)).buffer).mismatches).toBe(0);
  expect(triad.check(x.map((value, at) => value + 2 * (y[at] as number)).buffer).mismatches).toBeGreaterThan(900);

  const dot = dot4Problem({ m: 3, n: 5, k: 8 });
  const [p, q] = dot.inputs() as [Int8Array, Int8Array];
  const sums = new Int32Array(15);
  for (let i = 0; i < 3; i += 1)
    for (let j = 0; j < 5; j += 1)
      for (let t = 0; t < 8; t += 1)
        sums[i * 5 + j] = (sums[i * 5 + j] as number) + (p[i * 8 + t] as number) * (q[j * 8 + t] as number);
  expect(dot.check(sums.slice().buffer).mismatches).toBe(0);
  sums[14] = (sums[14] as number) - 1;
  expect(dot.check(sums.buffer).mismatches).toBe(1);
});

test('a dropped round of the intensity kernel and half-precision softmax are found', () => {
  const run = (rounds: number): ArrayBuffer => {
    const [v] = fmaProblem(64, rounds, 2).inputs() as [Float32Array];
    const a = Math.fround(-0.9995);
    return Float32Array.from(v, (value) => {
      let sum = 0;
      for (let c = 0; c < 2; c += 1) {
        let x = Math.fround(value + c);
        for (let r = 0; r < rounds; r += 1) x = Math.fround(x * a + 0.5);
        sum = Math.fround(sum + x);
      }
      return sum;
    }).buffer;
  };
  expect(fmaProblem(64, 512, 2).check(run(512)).mismatches).toBe(0);
  expect(fmaProblem(64, 512, 2).check(run(511)).mismatches).toBeGreaterThan(200);

  const softmax = rowProblem('softmax', 2, 64);
  const [x] = softmax.inputs() as [Float32Array];
  const right = new Float32Array(128);
  for (let row = 0; row < 2; row += 1) {
    const values = [...x.subarray(64 * row, 64 * row + 64)].map(Math.exp);
    const total = values.reduce((sum, value) => sum + value, 0);
    values.forEach((value, at) => (right[64 * row + at] = value / total));
  }
  expect(softmax.check(right.slice().buffer).mismatches).toBe(0);
  expect(softmax.check(right.map((value) => fromHalf(toHalf(value))).buffer).mismatches).toBeGreaterThan(60);
});

test('attention that forgets the causal mask is found', () => {
  const problem = attentionProblem({ heads: 1, sequence: 32, head: 32 });
  const [q, k, v] = problem.inputs() as [Float32Array, Float32Array, Float32Array];
  const attend = (causal: boolean): ArrayBuffer => {
    const out = new Float32Array(32 * 32);
    for (let row = 0; row < 32; row += 1) {
      const seen = causal ? row + 1 : 32;
      const weights = Array.from({ length: seen }, (_, j) => {
        let s = 0;
        for (let d = 0; d < 32; d += 1) s += (q[row * 32 + d] as number) * (k[j * 32 + d] as number);
        return Math.exp(s / Math.sqrt(32));
      });
      const total = weights.reduce((sum, value) => sum + value, 0);
      for (let d = 0; d < 32; d += 1)
        out[row * 32 + d] = weights.reduce((sum, w, j) => sum + w * (v[j * 32 + d] as number), 0) / total;
    }
    return out.buffer;
  };
  expect(problem.check(attend(true)).mismatches).toBe(0);
  expect(problem.check(attend(false)).mismatches).toBeGreaterThan(900);
});

test('the search space: neighbours stay inside it, names are unique, limits are told', () => {
  const all = allConfigs([32, 32]);
  expect(new Set(all.map(configName)).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(40);
  expect(all.some((config) => config.family === 'subgroup')).toBe(true);
  for (const config of all) expect(config.across * config.down).toBeLessThanOrEqual(256);
  const start = MATMUL_STARTS[3] as (typeof MATMUL_STARTS)[number];
  expect(neighbours(start).map(configName)).toContain('shared 8x8 16x16 d32');
  const kernel = matmulKernel({ m: 4096, n: 4096, k: 4096 }, start, 'f32');
  expect(kernel.flop).toBe(2 * 4096 ** 3);
  const limits = {
    maxStorageBufferBindingSize: 2 ** 27,
    maxBufferSize: 2 ** 28,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeWorkgroupsPerDimension: 65_535,
  };
  expect(limitsRefusal(kernel, limits)).toBe('');
  expect(limitsRefusal(kernel, { ...limits, maxStorageBufferBindingSize: 2 ** 20 })).toBe('needs a buffer of 64 MiB');
  expect(limitsRefusal(kernel, { ...limits, maxComputeWorkgroupStorageSize: 8192 })).toMatch(/16384 bytes/);
});
