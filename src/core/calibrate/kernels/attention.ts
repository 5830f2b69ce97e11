/**
 * Fused causal attention (FlashAttention, Dao 2022: online softmax, no S×S matrix in memory): one thread a query, keys and
 * values of a block in workgroup memory. Q, K, V and the result are [heads, sequence, 32 … 128].
 */
import { checkClose } from './check.ts';
import { randomF32 } from './data.ts';
import { upTo, type Problem } from './kernel.ts';

export interface AttentionShape {
  readonly heads: number;
  readonly sequence: number;
  /** Elements of a head, a multiple of 4. */
  readonly head: number;
}

const BLOCK = 32;

function wgsl({ sequence, head }: AttentionShape): string {
  const wide = head / 4;
  const scale = 1 / Math.sqrt(head);
  return [
    '@group(0) @binding(0) var<storage, read> q: array<vec4f>;',
    '@group(0) @binding(1) var<storage, read> k: array<vec4f>;',
    '@group(0) @binding(2) var<storage, read> v: array<vec4f>;',
    '@group(0) @binding(3) var<storage, read_write> o: array<vec4f>;',
    `var<workgroup> tk: array<vec4f, ${BLOCK * wide}>;`,
    `var<workgroup> tv: array<vec4f, ${BLOCK * wide}>;`,
    `@compute @workgroup_size(${BLOCK})`,
    'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {',
    `  let base = group.y * ${sequence * wide}u;`,
    `  let row = group.x * ${BLOCK}u + index;`,
    ...upTo(wide).map((d) => `  let q${d} = q[base + row * ${wide}u + ${d}u] * ${scale};`),
    ...upTo(wide).map((d) => `  var o${d} = vec4f();`),
    '  var top = -3.0e38; var total = 0.0;',
    '  for (var block = 0u; block <= group.x; block++) {',
    '    workgroupBarrier();',
    `    for (var t = index; t < ${BLOCK * wide}u; t += ${BLOCK}u) {`,
    `      tk[t] = k[base + block * ${BLOCK * wide}u + t]; tv[t] = v[base + block * ${BLOCK * wide}u + t];`,
    '    }',
    '    workgroupBarrier();',
    `    for (var j = 0u; j < ${BLOCK}u; j++) {`,
    `      if (block * ${BLOCK}u + j <= row) {`,
    `        let s = ${upTo(wide)
      .map((d) => `dot(q${d}, tk[j * ${wide}u + ${d}u])`)
      .join(' + ')};`,
    '        let higher = max(top, s); let keep = exp(top - higher); let p = exp(s - higher);',
    '        total = total * keep + p; top = higher;',
    ...upTo(wide).map((d) => `        o${d} = o${d} * keep + p * tv[j * ${wide}u + ${d}u];`),
    '      }',
    '    }',
    '  }',
    ...upTo(wide).map((d) => `  o[base + row * ${wide}u + ${d}u] = o${d} / total;`),
    '}',
  ].join('\n');
}

/** Attention with its data; `sequence` is a multiple of 32. FLOP: 4·head per query and key it may see. */
export function attentionProblem(shape: AttentionShape): Problem {
  const { heads, sequence, head } = shape;
  const elements = heads * sequence * head;
  const [q, k, v] = [8, 9, 10].map((seed) => randomF32(elements, seed)) as [
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
  ];
  return {
    kernel: {
      name: `attention f32 s${sequence} h${heads} d${head}`,
      dtype: 'f32',
      wgsl: wgsl(shape),
      workgroups: [sequence / BLOCK, heads, 1],
      buffers: [elements * 4, elements * 4, elements * 4, elements * 4],
      flop: 4 * head * heads * ((sequence * (sequence + 1)) / 2),
      bytes: 4 * elements * 4,
      invocations: BLOCK,
      workgroupBytes: 2 * BLOCK * head * 4,
      needs: [],
    },
    inputs: () => [q, k, v],
    check: (output) => {
      const actual = new Float32Array(output);
      // Rows at both ends of every block: that is where masks and blocks go wrong; a row costs sequence·head.
      const rows = upTo(sequence).filter((row) => sequence <= 128 || row % BLOCK === 0 || row % BLOCK === BLOCK - 1);
      const expected: number[] = [];
      const got: number[] = [];
      for (let h = 0; h < heads; h += 1)
        for (const row of rows) {
          const at = (h * sequence + row) * head;
          const scores = upTo(row + 1).map((j) => {
            let s = 0;
            for (let d = 0; d < head; d += 1) s += (q[at + d] as number) * (k[(h * sequence + j) * head + d] as number);
            return s / Math.sqrt(head);
          });
          const top = Math.max(...scores);
          const weights = scores.map((s) => Math.exp(s - top));
          const total = weights.reduce((sum, w) => sum + w, 0);
          for (let d = 0; d < head; d += 1) {
            let sum = 0;
            for (let j = 0; j <= row; j += 1)
              sum += (weights[j] as number) * (v[(h * sequence + j) * head + d] as number);
            expected.push(sum / total);
            got.push(actual[at + d] as number);
          }
        }
      return checkClose(expected, got, 2e-5, 1e-5);
    },
  };
}
