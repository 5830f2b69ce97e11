/**
 * Arithmetic intensity (Empirical Roofline Tool): every vector of a buffer is read, multiplied and added to itself `rounds`
 * times in `chains` independent chains, and written. FLOP per byte = rounds·chains·… / 8 bytes an element moved.
 */
import { checkClose } from './check.ts';
import { randomF32 } from './data.ts';
import { parts, upTo, type Problem } from './kernel.ts';

const THREADS = 64;
const A = Math.fround(-0.9995);
const B = Math.fround(0.5);

function wgsl(vectors: number, rounds: number, chains: number): string {
  const step = upTo(chains).map((c) => `x${c} = fma(x${c}, vec4f(${A}), vec4f(${B}));`);
  // Loops of eight rounds: short enough to compile fast, long enough to hide the loop.
  const unroll = Math.min(8, rounds);
  return [
    '@group(0) @binding(0) var<storage, read> a: array<vec4f>;',
    '@group(0) @binding(1) var<storage, read_write> o: array<vec4f>;',
    `@compute @workgroup_size(${THREADS})`,
    'fn main(@builtin(global_invocation_id) id: vec3u) {',
    `  if (id.x >= ${vectors}u) { return; }`,
    '  let v = a[id.x];',
    ...upTo(chains).map((c) => `  var x${c} = v + vec4f(${c}.0);`),
    `  for (var r = 0u; r < ${rounds / unroll}u; r++) {`,
    ...upTo(unroll).flatMap(() => step.map((line) => `    ${line}`)),
    '  }',
    `  o[id.x] = ${upTo(chains)
      .map((c) => `x${c}`)
      .join(' + ')};`,
    '}',
  ].join('\n');
}

/** The intensity kernel over `vectors` vectors of four; `rounds` is 1, 2, 4 or a multiple of 8. */
export function fmaProblem(vectors: number, rounds: number, chains: number): Problem {
  const data = (length: number): Float32Array<ArrayBuffer> => randomF32(length, 7);
  const bytes = vectors * 16;
  return {
    kernel: {
      name: `fma f32 ${rounds}×${chains}`,
      dtype: 'f32',
      wgsl: wgsl(vectors, rounds, chains),
      workgroups: [parts(vectors, THREADS), 1, 1],
      buffers: [bytes, bytes],
      flop: vectors * 4 * chains * rounds * 2,
      bytes: 2 * bytes,
      invocations: THREADS,
      workgroupBytes: 0,
      needs: [],
    },
    inputs: () => [data(vectors * 4)],
    check: (output) => {
      // The chain forgets slowly (0.9995^rounds), so a dropped round shows; elements beyond a thousand repeat the same code.
      const n = Math.min(vectors * 4, 4096);
      const values = data(n);
      const expected = new Float64Array(n);
      for (let at = 0; at < n; at += 1) {
        let sum = 0;
        for (let c = 0; c < chains; c += 1) {
          let x = Math.fround((values[at] as number) + c);
          for (let r = 0; r < rounds; r += 1) x = x * A + B;
          sum += x;
        }
        expected[at] = sum;
      }
      return checkClose(expected, new Float32Array(output), 6e-6, 6e-6 * chains);
    },
  };
}
