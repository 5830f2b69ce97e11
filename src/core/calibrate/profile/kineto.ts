/**
 * A trace of the PyTorch profiler (Kineto, Chrome trace JSON): step time, how busy the GPU was, what its time went into, and
 * FLOP/s of matrix products whose shapes were recorded (`record_shapes=True`).
 */
import { FlopsheetError } from '../../errors.ts';
import { medianOf, quantile } from '../quantile.ts';
import { eachObjectOf } from './json-stream.ts';

export type KernelClass = 'matmul' | 'attention' | 'communication' | 'other';

/** A matrix product by shape: `m`·`n`·`k`, summed over its kernels. */
export interface KinetoProduct {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Products of one call (bmm). */
  readonly batch: number;
  readonly calls: number;
  readonly kernelS: number;
  readonly flopPerS: number;
}

export interface KinetoSummary {
  readonly kind: 'kineto';
  readonly format: 'kineto';
  readonly device: string;
  readonly devices: number;
  readonly kernels: number;
  /** From the first kernel to the end of the last. */
  readonly spanS: number;
  /** Time with a kernel running over the span, mean over devices: the best GPU-Util can say. No MFU. */
  readonly busy: number;
  /** Shares of kernel time by class; they sum to 1. */
  readonly shares: Readonly<Record<KernelClass, number>>;
  /** Communication with no other kernel beside it, over the span. */
  readonly exposedCommunication: number;
  readonly steps: readonly number[];
  readonly stepSP50: number | null;
  readonly stepSP99: number | null;
  /** Longest kernel time first, at most 50. */
  readonly products: readonly KinetoProduct[];
  /** FLOP of all recorded products over the time of their kernels. */
  readonly matmulFlopPerS: number | null;
  readonly top: readonly { readonly name: string; readonly calls: number; readonly totalS: number }[];
  readonly notes: readonly string[];
}

const MOST_INTERVALS = 4_000_000;

/** What a kernel does, by the names libraries give them. */
export function kernelClass(name: string): KernelClass {
  if (/nccl|rccl|allreduce|all_reduce|reducescatter|allgather|alltoall|::ep::(inter|intra)node::|sendrecv/i.test(name))
    return 'communication';
  if (/transpose|cast|copy|layout/i.test(name) && !/gemm_|Kernel2/.test(name)) return 'other';
  if (/flash|fmha|attention|attn|sdpa/i.test(name)) return 'attention';
  return /gemm|cutlass|cublas|nvjet|xmma|matmul|wgmma|_mm_|splitk/i.test(name) ? 'matmul' : 'other';
}

interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
}

/** Shape of a product from its operator and `Input Dims`; null for other operators. */
export function productShape(operator: string, dims: unknown): Shape | null {
  if (!Array.isArray(dims)) return null;
  const matrices = (dims as unknown[]).filter(
    (dim): dim is number[] => Array.isArray(dim) && dim.every((size) => typeof size === 'number'),
  );
  const pair = operator === 'aten::addmm' || operator === 'aten::baddbmm' ? matrices.slice(1, 3) : matrices.slice(0, 2);
  const [a, b] = pair;
  if (!a || !b) return null;
  if ((operator === 'aten::mm' || operator === 'aten::addmm') && a.length === 2 && b.length === 2 && a[1] === b[0])
    return { m: a[0] as number, k: a[1] as number, n: b[1] as number, batch: 1 };
  if ((operator === 'aten::bmm' || operator === 'aten::baddbmm') && a.length === 3 && b.length === 3 && a[2] === b[1])
    return { batch: a[0] as number, m: a[1] as number, k: a[2] as number, n: b[2] as number };
  return null;
}

class Intervals {
  private starts = new Float64Array(1024);
  private ends = new Float64Array(1024);
  size = 0;

  add(start: number, end: number): void {
    if (this.size === this.starts.length) {
      const grow = (from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
        const to = new Float64Array(2 * from.length);
        to.set(from);
        return to;
      };
      this.starts = grow(this.starts);
      this.ends = grow(this.ends);
    }
    this.starts[this.size] = start;
    this.ends[this.size] = end;
    this.size += 1;
  }

  /** Disjoint, in order. */
  union(): (readonly [number, number])[] {
    const order = Array.from({ length: this.size }, (_, at) => at).sort(
      (a, b) => (this.starts[a] as number) - (this.starts[b] as number),
    );
    const joined: [number, number][] = [];
    for (const at of order) {
      const start = this.starts[at] as number;
      const end = this.ends[at] as number;
      const last = joined.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else joined.push([start, end]);
    }
    return joined;
  }
}

const lengthOf = (joined: readonly (readonly [number, number])[]): number =>
  joined.reduce((sum, [start, end]) => sum + end - start, 0);

/** Length of `a` that no interval of `b` covers; both disjoint and in order. */
function uncovered(a: readonly (readonly [number, number])[], b: readonly (readonly [number, number])[]): number {
  let left = 0;
  let at = 0;
  for (const [start, end] of a) {
    left += end - start;
    while (at < b.length && (b[at] as readonly [number, number])[1] <= start) at += 1;
    for (let n = at; n < b.length; n += 1) {
      const [from, to] = b[n] as readonly [number, number];
      if (from >= end) break;
      left -= Math.min(end, to) - Math.max(start, from);
    }
  }
  return left;
}

/** Reads the trace as a stream. Throws `LOG_EMPTY` when it has no GPU kernels, `LOG_BROKEN` when it is no trace. */
export async function readKineto(chunks: AsyncIterable<string>, name: string): Promise<KinetoSummary> {
  const compute = new Map<number, Intervals>();
  const communication = new Map<number, Intervals>();
  const byName = new Map<string, { calls: number; us: number }>();
  const shares: Record<KernelClass, number> = { matmul: 0, attention: 0, communication: 0, other: 0 };
  const shapes = new Map<number, Shape>();
  const kernelOfOperator = new Map<number, number>();
  const steps = new Map<string, number>();
  let kernels = 0;
  let first = Infinity;
  let last = -Infinity;
  let device = '';
  let head = '';

  async function* watched(): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      if (head.length < 20_000) {
        head += chunk.slice(0, 20_000);
        device ||= /"(?:deviceProperties|computeProperties)"[\s\S]*?"name":\s*"([^"]+)"/.exec(head)?.[1] ?? '';
      }
      yield chunk;
    }
  }
  const trace = await eachObjectOf(watched(), 'traceEvents', (event) => {
    if (event['ph'] !== 'X') return;
    const category = String(event['cat'] ?? '').toLowerCase();
    const args = (event['args'] ?? {}) as Record<string, unknown>;
    const us = Number(event['dur']);
    const start = Number(event['ts']);
    const external = Number(args['External id'] ?? args['external id'] ?? NaN);
    if (category === 'kernel' && Number.isFinite(us) && Number.isFinite(start)) {
      kernels += 1;
      first = Math.min(first, start);
      last = Math.max(last, start + us);
      const kernel = String(event['name'] ?? '');
      const group = kernelClass(kernel);
      shares[group] += us;
      const sum = byName.get(kernel) ?? { calls: 0, us: 0 };
      sum.calls += 1;
      sum.us += us;
      if (byName.size < 20_000) byName.set(kernel, sum);
      const on = Number(args['device'] ?? event['pid'] ?? 0);
      const lists = group === 'communication' ? communication : compute;
      let list = lists.get(on);
      if (!list) lists.set(on, (list = new Intervals()));
      if (kernels < MOST_INTERVALS) list.add(start, start + us);
      if (group === 'matmul' && Number.isFinite(external))
        kernelOfOperator.set(external, (kernelOfOperator.get(external) ?? 0) + us);
    } else if ((category === 'cpu_op' || category === 'operator') && Number.isFinite(external)) {
      const shape = productShape(String(event['name']), args['Input Dims'] ?? args['Input dims']);
      if (shape) shapes.set(external, shape);
    } else if (String(event['name']).startsWith('ProfilerStep#') && category !== 'gpu_user_annotation') {
      steps.set(String(event['name']), us * 1e-6);
    }
  });
  if (!trace.found)
    throw new FlopsheetError('LOG_BROKEN', 'this JSON has no traceEvents', {
      where: name,
      hint: 'give the file that torch.profiler wrote with export_chrome_trace or tensorboard_trace_handler',
    });
  if (kernels === 0)
    throw new FlopsheetError('LOG_EMPTY', 'the trace has no GPU kernels', {
      where: name,
      hint: 'profile with ProfilerActivity.CUDA among the activities',
    });
  const span = last - first;
  const devices = [...new Set([...compute.keys(), ...communication.keys()])];
  let busy = 0;
  let exposed = 0;
  for (const on of devices) {
    const computing = compute.get(on)?.union() ?? [];
    const talking = communication.get(on)?.union() ?? [];
    const alone = uncovered(talking, computing);
    busy += lengthOf(computing) + alone;
    exposed += alone;
  }
  const products = new Map<string, { shape: Shape; calls: number; us: number }>();
  let flop = 0;
  let flopUs = 0;
  for (const [external, us] of kernelOfOperator) {
    const shape = shapes.get(external);
    if (!shape || !(us > 0)) continue;
    const id = `${shape.batch}x${shape.m}x${shape.n}x${shape.k}`;
    const sum = products.get(id) ?? { shape, calls: 0, us: 0 };
    sum.calls += 1;
    sum.us += us;
    products.set(id, sum);
    flop += flopOf(shape);
    flopUs += us;
  }
  const all = Object.values(shares).reduce((a, b) => a + b, 0);
  const durations = [...steps.values()].filter((value) => value > 0);
  const sorted = [...durations].sort((a, b) => a - b);
  const notes = [
    'busy is the share of time with a kernel running, which is no MFU',
    ...(durations.length === 0 ? ['no ProfilerStep in the trace: step time is unknown; call prof.step()'] : []),
    ...(products.size === 0 ? ['no shapes of matrix products: profile with record_shapes=True for their FLOP/s'] : []),
    ...(trace.broken > 0 ? [`${trace.broken} events could not be read`] : []),
    ...(trace.closed ? [] : ['the file ends in the middle: what was read until there is shown']),
  ];
  return {
    kind: 'kineto',
    format: 'kineto',
    device,
    devices: devices.length,
    kernels,
    spanS: span * 1e-6,
    busy: span > 0 ? busy / (span * devices.length) : 1,
    shares: {
      matmul: shares.matmul / all,
      attention: shares.attention / all,
      communication: shares.communication / all,
      other: shares.other / all,
    },
    exposedCommunication: span > 0 ? exposed / (span * devices.length) : 0,
    steps: durations,
    stepSP50: sorted.length > 0 ? medianOf(sorted) : null,
    stepSP99: sorted.length > 0 ? quantile(sorted, 0.99) : null,
    products: [...products.values()]
      .sort((a, b) => b.us - a.us)
      .slice(0, 50)
      .map(({ shape, calls, us }) => ({
        ...shape,
        calls,
        kernelS: us * 1e-6,
        flopPerS: (calls * flopOf(shape)) / (us * 1e-6),
      })),
    matmulFlopPerS: flopUs > 0 ? flop / (flopUs * 1e-6) : null,
    top: [...byName]
      .sort(([, a], [, b]) => b.us - a.us)
      .slice(0, 20)
      .map(([kernel, sum]) => ({ name: kernel, calls: sum.calls, totalS: sum.us * 1e-6 })),
    notes,
  };
}

const flopOf = (shape: Shape): number => 2 * shape.batch * shape.m * shape.n * shape.k;
