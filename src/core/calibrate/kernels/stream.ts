/** Bandwidth: copy, triad (BabelStream's a = b + s·c) and read, over working sets from a cache's size to memory's. */
import { checkExact } from './check.ts';
import { randomWhole } from './data.ts';
import type { Problem } from './kernel.ts';

export type StreamKind = 'copy' | 'triad' | 'read';

const THREADS = 256;
const SCALE = 3;
/** Threads of a read: each sums every n-th vector, at least sixteen of them, so that what it writes does not count. */
const readersOf = (vectors: number): number => Math.max(64, Math.min(65_536, Math.floor(vectors / 16)));

const kib = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toLocaleString('en-US')} MiB` : `${bytes / 1024} KiB`;

function wgsl(kind: StreamKind, vectors: number, perRow: number): string {
  const readers = readersOf(vectors);
  const bind = (at: number, name: string, access: string): string =>
    `@group(0) @binding(${at}) var<storage, ${access}> ${name}: array<vec4f>;`;
  const inputs = kind === 'triad' ? ['a', 'b'] : ['a'];
  const body = {
    copy: `if (i < ${vectors}u) { o[i] = a[i]; }`,
    triad: `if (i < ${vectors}u) { o[i] = a[i] + f32(${SCALE}) * b[i]; }`,
    read: `var sum = vec4f(); for (var t = i; t < ${vectors}u; t += ${readers}u) { sum += a[t]; } if (i < ${readers}u) { o[i] = sum; }`,
  }[kind];
  return [
    ...inputs.map((name, at) => bind(at, name, 'read')),
    bind(inputs.length, 'o', 'read_write'),
    `@compute @workgroup_size(${THREADS})`,
    `fn main(@builtin(global_invocation_id) id: vec3u) { let i = id.y * ${perRow}u + id.x; ${body} }`,
  ].join('\n');
}

/** Bandwidth over `bytes` an array, a multiple of 4 KiB. The data are whole numbers: sums are exact. */
export function streamProblem(kind: StreamKind, bytes: number): Problem {
  const vectors = bytes / 16;
  const readers = readersOf(vectors);
  const groups = Math.ceil((kind === 'read' ? readers : vectors) / THREADS);
  const across = Math.min(groups, 32_768);
  const data = (): Float32Array<ArrayBuffer>[] => {
    const a = randomWhole(vectors * 4, 100, 5);
    return kind === 'triad' ? [a, randomWhole(vectors * 4, 100, 6)] : [a];
  };
  const out = kind === 'read' ? readers * 16 : bytes;
  const moved = { copy: 2 * bytes, triad: 3 * bytes, read: bytes }[kind];
  return {
    kernel: {
      name: `${kind} f32 ${kib(bytes)}`,
      dtype: 'f32',
      wgsl: wgsl(kind, vectors, across * THREADS),
      workgroups: [across, Math.ceil(groups / across), 1],
      buffers: [...(kind === 'triad' ? [bytes, bytes] : [bytes]), out],
      flop: { copy: 0, triad: vectors * 8, read: vectors * 4 }[kind],
      bytes: moved,
      invocations: THREADS,
      workgroupBytes: 0,
      needs: [],
    },
    inputs: data,
    check: (output) => {
      const [a, b] = data() as [Float32Array, Float32Array | undefined];
      const actual = new Float32Array(output);
      if (kind === 'copy') return checkExact(a, actual);
      if (kind === 'triad')
        return checkExact(
          a.map((value, at) => value + SCALE * (b?.[at] as number)),
          actual,
        );
      const expected = new Float32Array(readers * 4);
      for (let t = 0; t < vectors * 4; t += 1) {
        const at = t % (readers * 4);
        expected[at] = (expected[at] as number) + (a[t] as number);
      }
      return checkExact(expected, actual);
    },
  };
}
