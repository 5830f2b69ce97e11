/** Row-wise kernels that live on bandwidth: softmax and RMS norm, one workgroup a row. */
import { checkClose } from './check.ts';
import { randomF32 } from './data.ts';
import { upTo, type Problem } from './kernel.ts';

export type RowKind = 'softmax' | 'rmsnorm';
const THREADS = 128;
const EPSILON = 1e-5;

/** A sum or maximum over the workgroup by halving. */
const reduce = (combine: string): string[] => [
  '  workgroupBarrier();',
  `  for (var s = ${THREADS / 2}u; s > 0u; s = s / 2u) {`,
  `    if (index < s) { part[index] = ${combine}; }`,
  '    workgroupBarrier();',
  '  }',
];

function wgsl(kind: RowKind, columns: number): string {
  const wide = columns / 4;
  const each = (body: string): string => `  for (var t = index; t < ${wide}u; t += ${THREADS}u) { ${body} }`;
  return [
    '@group(0) @binding(0) var<storage, read> a: array<vec4f>;',
    '@group(0) @binding(1) var<storage, read_write> o: array<vec4f>;',
    `var<workgroup> part: array<f32, ${THREADS}>;`,
    `@compute @workgroup_size(${THREADS})`,
    'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {',
    `  let base = group.x * ${wide}u;`,
    ...(kind === 'softmax'
      ? [
          '  var top = vec4f(-3.0e38);',
          each('top = max(top, a[base + t]);'),
          '  part[index] = max(max(top.x, top.y), max(top.z, top.w));',
          ...reduce('max(part[index], part[index + s])'),
          '  let highest = part[0];',
          '  workgroupBarrier();',
          '  var sum = vec4f();',
          each('sum += exp(a[base + t] - vec4f(highest));'),
          '  part[index] = dot(sum, vec4f(1.0));',
          ...reduce('part[index] + part[index + s]'),
          '  let scale = 1.0 / part[0];',
          each('o[base + t] = exp(a[base + t] - vec4f(highest)) * scale;'),
        ]
      : [
          '  var sum = 0.0;',
          each('let x = a[base + t]; sum += dot(x, x);'),
          '  part[index] = sum;',
          ...reduce('part[index] + part[index + s]'),
          `  let scale = inverseSqrt(part[0] / ${columns}.0 + ${EPSILON});`,
          each('o[base + t] = a[base + t] * scale;'),
        ]),
    '}',
  ].join('\n');
}

/** Softmax or RMS norm (weight 1) over rows of `columns` values, a multiple of 4. */
export function rowProblem(kind: RowKind, rows: number, columns: number): Problem {
  const data = randomF32(rows * columns, 11);
  const bytes = rows * columns * 4;
  return {
    kernel: {
      name: `${kind} f32 ${rows}×${columns}`,
      dtype: 'f32',
      wgsl: wgsl(kind, columns),
      workgroups: [rows, 1, 1],
      buffers: [bytes, bytes],
      // Softmax: compare, subtract, exponential, add, scale; norm: multiply, add, scale. By convention, as papers count them.
      flop: rows * columns * (kind === 'softmax' ? 5 : 3),
      bytes: 2 * bytes,
      invocations: THREADS,
      workgroupBytes: THREADS * 4,
      needs: [],
    },
    inputs: () => [data],
    check: (output) => {
      const expected = new Float64Array(rows * columns);
      for (let row = 0; row < rows; row += 1) {
        const at = row * columns;
        const values = upTo(columns).map((column) => data[at + column] as number);
        if (kind === 'softmax') {
          const top = Math.max(...values);
          const weights = values.map((value) => Math.exp(value - top));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          weights.forEach((weight, column) => (expected[at + column] = weight / total));
        } else {
          const mean = values.reduce((sum, value) => sum + value * value, 0) / columns;
          values.forEach((value, column) => (expected[at + column] = value / Math.sqrt(mean + EPSILON)));
        }
      }
      return checkClose(expected, new Float32Array(output), 5e-6, 1e-9);
    },
  };
}
