/**
 * Matrix products C = A·B in WGSL: A `m`x`k`, B `k`x`n`, C `m`x`n`, row-major, `n` and `k` multiples of 4. Every thread holds a
 * tile of the result in named registers (no private arrays: compilers spill them). Three families: operands straight from
 * memory, tiles in workgroup memory, and rows of A shared across a subgroup.
 */
import { checkMatmul, UNIT } from './check.ts';
import { halves, randomF32, widened } from './data.ts';
import { parts, upTo, type Dtype, type Kernel, type Problem } from './kernel.ts';

export interface MatmulShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface MatmulConfig {
  readonly family: 'direct' | 'shared' | 'subgroup';
  /** Rows and columns of the result a thread holds; columns are a multiple of 4. */
  readonly rows: number;
  readonly columns: number;
  /** Threads of a workgroup across columns and rows. In the subgroup family `across` is the subgroup's size. */
  readonly across: number;
  readonly down: number;
  /** Depth of a tile in workgroup memory, a multiple of 4. */
  readonly depth: number;
}

/** Where the search begins: small and large tiles of both families (the portable sets of llama.cpp#22241 lie among them). */
export const MATMUL_STARTS: readonly MatmulConfig[] = [
  { family: 'direct', rows: 4, columns: 4, across: 8, down: 8, depth: 4 },
  { family: 'direct', rows: 8, columns: 8, across: 8, down: 8, depth: 4 },
  { family: 'shared', rows: 4, columns: 4, across: 16, down: 16, depth: 16 },
  { family: 'shared', rows: 8, columns: 8, across: 16, down: 16, depth: 16 },
  { family: 'direct', rows: 16, columns: 8, across: 8, down: 4, depth: 4 },
  { family: 'shared', rows: 8, columns: 4, across: 16, down: 8, depth: 32 },
];

/** Name of a configuration: `shared 8x4 16x8 d32`. */
export function configName(config: MatmulConfig): string {
  const { family, rows, columns, across, down, depth } = config;
  return `${family} ${rows}x${columns} ${across}x${down}${family === 'shared' ? ` d${depth}` : ''}`;
}

/** Configurations one step away: one number doubled or halved, or the other family. */
export function neighbours(config: MatmulConfig): MatmulConfig[] {
  const within = (value: number, low: number, high: number): boolean => value >= low && value <= high;
  const steps: MatmulConfig[] = [];
  for (const factor of [2, 0.5])
    for (const key of ['rows', 'columns', 'across', 'down', 'depth'] as const)
      steps.push({ ...config, [key]: config[key] * factor });
  if (config.family === 'direct') steps.push({ ...config, family: 'shared', depth: 16 });
  if (config.family === 'shared') steps.push({ ...config, family: 'direct', depth: 4 });
  return steps.filter(
    (step) =>
      within(step.rows, 1, 16) &&
      within(step.columns, 4, 16) &&
      within(step.across * step.down, 16, 256) &&
      within(step.across, 4, 64) &&
      within(step.down, 1, 64) &&
      within(step.depth, 4, 64) &&
      (step.family === 'shared' || step.depth === config.depth) &&
      (step.family !== 'subgroup' || step.across === config.across),
  );
}

const element = (dtype: Dtype): string => (dtype === 'f16' ? 'f16' : 'f32');

function head(dtype: Dtype, subgroups: boolean, aType: string): string {
  const type = element(dtype);
  return [
    ...(dtype === 'f16' ? ['enable f16;'] : []),
    ...(subgroups ? ['enable subgroups;'] : []),
    `@group(0) @binding(0) var<storage, read> a: array<${aType}>;`,
    `@group(0) @binding(1) var<storage, read> b: array<vec4<${type}>>;`,
    `@group(0) @binding(2) var<storage, read_write> c: array<vec4<${type}>>;`,
  ].join('\n');
}

const LETTERS = ['x', 'y', 'z', 'w'] as const;

/** WGSL of a product. */
export function matmulWgsl(shape: MatmulShape, config: MatmulConfig, dtype: 'f32' | 'f16'): string {
  const { n, k, m } = shape;
  const { rows, columns, across, down, depth, family } = config;
  const type = element(dtype);
  const n4 = n / 4;
  const k4 = k / 4;
  const wide = columns / 4;
  const rowOf = (i: number): string => `row + ${i * down}u`;
  const columnOf = (j: number): string => `column + ${j * across}u`;
  const lines: string[] = [head(dtype, family === 'subgroup', family === 'subgroup' ? type : `vec4<${type}>`)];
  const zero = `vec4<${type}>()`;
  const declare = upTo(rows).flatMap((i) => upTo(wide).map((j) => `  var c${i}_${j} = ${zero};`));
  const store = upTo(rows).flatMap((i) => [
    `  if (${rowOf(i)} < ${m}u) {`,
    ...upTo(wide).map(
      (j) => `    if (${columnOf(j)} < ${n4}u) { c[(${rowOf(i)}) * ${n4}u + ${columnOf(j)}] = c${i}_${j}; }`,
    ),
    '  }',
  ]);
  const place = [
    `  let row = group.y * ${rows * down}u + local.y;`,
    `  let column = group.x * ${wide * across}u + local.x;`,
  ];
  const accumulate = (i: number, factor: string, wideNames: (j: number) => string): string[] =>
    upTo(wide).map((j) => `    c${i}_${j} = fma(vec4<${type}>(${factor}), ${wideNames(j)}, c${i}_${j});`);

  if (family === 'shared') {
    const tileRows = rows * down;
    const tileWide = wide * across;
    const d4 = depth / 4;
    const threads = across * down;
    const load = (count: number, body: string): string[] => [
      `    for (var t = index; t < ${count}u; t += ${threads}u) {`,
      body,
      '    }',
    ];
    lines.push(
      `var<workgroup> ta: array<vec4<${type}>, ${tileRows * d4}>;`,
      `var<workgroup> tb: array<vec4<${type}>, ${depth * tileWide}>;`,
      `@compute @workgroup_size(${across}, ${down})`,
      'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) index: u32) {',
      ...place,
      ...declare,
      `  for (var p = 0u; p < ${k}u; p += ${depth}u) {`,
      ...load(
        tileRows * d4,
        `      let r = group.y * ${tileRows}u + t / ${d4}u; let q = p / 4u + t % ${d4}u;
      if (r < ${m}u && q < ${k4}u) { ta[t] = a[r * ${k4}u + q]; } else { ta[t] = ${zero}; }`,
      ),
      ...load(
        depth * tileWide,
        `      let q = p + t / ${tileWide}u; let s = group.x * ${tileWide}u + t % ${tileWide}u;
      if (q < ${k}u && s < ${n4}u) { tb[t] = b[q * ${n4}u + s]; } else { tb[t] = ${zero}; }`,
      ),
      '    workgroupBarrier();',
      `    for (var q = 0u; q < ${d4}u; q++) {`,
      ...upTo(rows).map((i) => `    let a${i} = ta[(local.y + ${i * down}u) * ${d4}u + q];`),
      ...LETTERS.flatMap((letter, s) => [
        ...upTo(wide).map(
          (j) => `    let b${letter}${j} = tb[(q * 4u + ${s}u) * ${tileWide}u + local.x + ${j * across}u];`,
        ),
        ...upTo(rows).flatMap((i) => accumulate(i, `a${i}.${letter}`, (j) => `b${letter}${j}`)),
      ]),
      '    }',
      '    workgroupBarrier();',
      '  }',
      ...store,
      '}',
    );
    return lines.join('\n');
  }

  const rowClamped = upTo(rows).map((i) => `  let r${i} = min(${rowOf(i)}, ${m - 1}u);`);
  const columnClamped = upTo(wide).map((j) => `  let s${j} = min(${columnOf(j)}, ${n4 - 1}u);`);
  if (family === 'direct') {
    lines.push(
      `@compute @workgroup_size(${across}, ${down})`,
      'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {',
      ...place,
      ...rowClamped,
      ...columnClamped,
      ...declare,
      `  for (var q = 0u; q < ${k4}u; q++) {`,
      ...upTo(rows).map((i) => `    let a${i} = a[r${i} * ${k4}u + q];`),
      ...LETTERS.flatMap((letter, s) => [
        ...upTo(wide).map((j) => `    let b${letter}${j} = b[(q * 4u + ${s}u) * ${n4}u + s${j}];`),
        ...upTo(rows).flatMap((i) => accumulate(i, `a${i}.${letter}`, (j) => `b${letter}${j}`)),
      ]),
      '  }',
      ...store,
      '}',
    );
    return lines.join('\n');
  }

  // Lane l of a subgroup loads element l of a stretch of A; all lanes then take every element in turn.
  lines.push(
    `@compute @workgroup_size(${across}, ${down})`,
    'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(subgroup_invocation_id) lane: u32) {',
    ...place,
    ...rowClamped,
    ...columnClamped,
    ...declare,
    `  for (var p = 0u; p < ${k}u; p += ${across}u) {`,
    ...upTo(rows).map((i) => `    let a${i} = a[r${i} * ${k}u + min(p + lane, ${k - 1}u)];`),
    ...upTo(across).flatMap((s) => [
      ...upTo(wide).map((j) => `    let b${s}_${j} = b[min(p + ${s}u, ${k - 1}u) * ${n4}u + s${j}];`),
      ...upTo(rows).flatMap((i) => accumulate(i, `subgroupBroadcast(a${i}, ${s}u)`, (j) => `b${s}_${j}`)),
    ]),
    '  }',
    ...store,
    '}',
  );
  return lines.join('\n');
}

/** Whether a configuration can compute a shape at all. */
export function fits(shape: MatmulShape, config: MatmulConfig): boolean {
  return shape.n % 4 === 0 && shape.k % 4 === 0 && (config.family !== 'subgroup' || shape.k % config.across === 0);
}

/** Name of the product of a shape, whatever configuration computes it. */
export const matmulName = ({ m, n, k }: MatmulShape, dtype: Dtype): string =>
  m === n && n === k ? `matmul ${dtype} ${m}³` : `matmul ${dtype} ${m}×${n}×${k}`;

/** The kernel of a product: 2·m·n·k FLOP, every operand moved once. f16 accumulates in f16. */
export function matmulKernel(shape: MatmulShape, config: MatmulConfig, dtype: 'f32' | 'f16'): Kernel {
  const { m, n, k } = shape;
  const size = dtype === 'f16' ? 2 : 4;
  const { rows, columns, across, down, depth, family } = config;
  return {
    name: matmulName(shape, dtype),
    dtype,
    wgsl: matmulWgsl(shape, config, dtype),
    workgroups: [parts(n, columns * across), parts(m, rows * down), 1],
    buffers: [m * k * size, k * n * size, m * n * size],
    flop: 2 * m * n * k,
    bytes: (m * k + k * n + m * n) * size,
    invocations: across * down,
    workgroupBytes: family === 'shared' ? depth * (rows * down + columns * across) * size : 0,
    needs: [
      ...(dtype === 'f16' ? (['shader-f16'] as const) : []),
      ...(family === 'subgroup' ? (['subgroups'] as const) : []),
    ],
  };
}

/** Data of a product, made once for all configurations that compute it, and its judge. */
export class MatmulData {
  readonly shape: MatmulShape;
  readonly dtype: 'f32' | 'f16';
  private readonly a: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  private readonly b: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

  constructor(shape: MatmulShape, dtype: 'f32' | 'f16') {
    this.shape = shape;
    this.dtype = dtype;
    const a = randomF32(shape.m * shape.k, 1);
    const b = randomF32(shape.k * shape.n, 2);
    this.a = dtype === 'f16' ? halves(a) : a;
    this.b = dtype === 'f16' ? halves(b) : b;
  }

  problem(config: MatmulConfig): Problem {
    const { shape, dtype } = this;
    const values = (data: Float32Array | Uint16Array): ArrayLike<number> =>
      data instanceof Uint16Array ? widened(data) : data;
    return {
      kernel: matmulKernel(shape, config, dtype),
      inputs: () => [this.a, this.b],
      check: (output) =>
        checkMatmul(
          values(this.a),
          values(this.b),
          values(dtype === 'f16' ? new Uint16Array(output) : new Float32Array(output)),
          shape,
          UNIT[dtype],
        ),
    };
  }
}
