/** Products of signed bytes with the packed dot product (`dot4I8Packed`, 4 multiply-adds an instruction): C = A·Bᵀ in i32. */
import { checkExact } from './check.ts';
import { randomI8 } from './data.ts';
import { parts, upTo, type Problem } from './kernel.ts';
import type { MatmulShape } from './matmul.ts';

const ROWS = 4;
const COLUMNS = 4;
const SIDE = 8;

/** WGSL: A `m`x`k`, B transposed `n`x`k`, four bytes a word, `k` a multiple of 4. */
export function dot4Wgsl({ m, n, k }: MatmulShape): string {
  const words = k / 4;
  return [
    'requires packed_4x8_integer_dot_product;',
    '@group(0) @binding(0) var<storage, read> a: array<u32>;',
    '@group(0) @binding(1) var<storage, read> b: array<u32>;',
    '@group(0) @binding(2) var<storage, read_write> c: array<i32>;',
    `@compute @workgroup_size(${SIDE}, ${SIDE})`,
    'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {',
    `  let row = group.y * ${ROWS * SIDE}u + local.y;`,
    `  let column = group.x * ${COLUMNS * SIDE}u + local.x;`,
    ...upTo(ROWS).map((i) => `  let r${i} = min(row + ${i * SIDE}u, ${m - 1}u) * ${words}u;`),
    ...upTo(COLUMNS).map((j) => `  let s${j} = min(column + ${j * SIDE}u, ${n - 1}u) * ${words}u;`),
    ...upTo(ROWS).flatMap((i) => upTo(COLUMNS).map((j) => `  var c${i}_${j} = 0i;`)),
    `  for (var q = 0u; q < ${words}u; q++) {`,
    ...upTo(ROWS).map((i) => `    let a${i} = a[r${i} + q];`),
    ...upTo(COLUMNS).flatMap((j) => [
      `    let b${j} = b[s${j} + q];`,
      ...upTo(ROWS).map((i) => `    c${i}_${j} += dot4I8Packed(a${i}, b${j});`),
    ]),
    '  }',
    ...upTo(ROWS).flatMap((i) =>
      upTo(COLUMNS).map(
        (j) =>
          `  if (row + ${i * SIDE}u < ${m}u && column + ${j * SIDE}u < ${n}u) { c[(row + ${i * SIDE}u) * ${n}u + column + ${j * SIDE}u] = c${i}_${j}; }`,
      ),
    ),
    '}',
  ].join('\n');
}

/** The product with its data; the check is exact. */
export function dot4Problem(shape: MatmulShape): Problem {
  const { m, n, k } = shape;
  const a = randomI8(m * k, 3);
  const b = randomI8(n * k, 4);
  return {
    kernel: {
      name: `dot4 i8 ${m}×${n}×${k}`,
      dtype: 'i8',
      wgsl: dot4Wgsl(shape),
      workgroups: [parts(n, COLUMNS * SIDE), parts(m, ROWS * SIDE), 1],
      buffers: [m * k, n * k, 4 * m * n],
      flop: 2 * m * n * k,
      bytes: m * k + n * k + 4 * m * n,
      invocations: SIDE * SIDE,
      workgroupBytes: 0,
      needs: ['dp4a'],
    },
    inputs: () => [a, b],
    check: (output) => {
      const expected = new Int32Array(m * n);
      for (let i = 0; i < m; i += 1)
        for (let j = 0; j < n; j += 1) {
          let sum = 0;
          for (let p = 0; p < k; p += 1) sum += (a[i * k + p] as number) * (b[j * k + p] as number);
          expected[i * n + j] = sum;
        }
      return checkExact(expected, new Int32Array(output));
    },
  };
}
