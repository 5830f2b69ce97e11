/** One device under test: makes kernels ready, checks them against their reference, and times them. */
import { FlopsheetError } from '../../errors.ts';
import { limitsRefusal, type Kernel, type Need, type Problem, type Verdict } from '../kernels/kernel.ts';
import { medianOf } from '../quantile.ts';
import {
  MAP_READ,
  USAGE,
  type GpuAdapter,
  type GpuBuffer,
  type GpuDevice,
  type GpuPipeline,
  type GpuQuerySet,
} from './gpu.ts';

/** Milliseconds since anything. */
export type Now = () => number;

/** A timed pass lasts at least this long: start and end may each be off by a quantum of 65.5 µs (Dawn's default). */
const LEAST_PASS_S = 0.02;
/** No submit is planned longer than this: drivers end what runs for seconds. */
const MOST_PASS_S = 0.25;

/** Says that the device was lost while a kernel ran; what was measured before stands. */
export class DeviceLost extends Error {}

export interface Ready {
  readonly kernel: Kernel;
  readonly pipeline: GpuPipeline;
  readonly group: object;
  readonly output: GpuBuffer;
  release(): void;
}

export class GpuBench {
  readonly device: GpuDevice;
  readonly has: ReadonlySet<string>;
  readonly now: Now;
  readonly timestamps: boolean;
  /** Greatest common divisor of all timestamp differences, in ns; 0 before the first. */
  quantumNs = 0;
  private lost: string | null = null;
  private readonly loss: Promise<never>;
  private readonly queries: GpuQuerySet | null;
  private readonly resolved: GpuBuffer | null;
  private readonly mapped: GpuBuffer | null;

  constructor(device: GpuDevice, has: ReadonlySet<string>, now: Now) {
    this.device = device;
    this.has = has;
    this.now = now;
    this.timestamps = has.has('timestamp-query');
    this.loss = device.lost.then(({ message, reason }) => {
      this.lost = message || reason || 'the device was lost';
      throw new DeviceLost(this.lost);
    });
    // Nobody may be waiting when it happens.
    this.loss.catch(() => undefined);
    this.queries = this.timestamps ? device.createQuerySet({ type: 'timestamp', count: 2 }) : null;
    this.resolved = this.timestamps
      ? device.createBuffer({ size: 16, usage: USAGE.queryResolve | USAGE.copySrc })
      : null;
    this.mapped = this.timestamps ? device.createBuffer({ size: 16, usage: USAGE.mapRead | USAGE.copyDst }) : null;
  }

  /** Every wait on the device also waits for its loss: a lost device never answers. */
  private wait<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.loss]);
  }

  /** Why a kernel cannot run here; empty when it can. */
  refusal(kernel: Kernel): string {
    const missing = kernel.needs.filter((need: Need) => !this.has.has(need));
    if (missing.length > 0) return `the device has no ${missing.join(', ')}`;
    return limitsRefusal(kernel, this.device.limits);
  }

  /** Compiles, allocates and fills. Throws `GPU_COMPILE` or `GPU_MEMORY` with the device's words. */
  async ready(problem: Problem): Promise<Ready> {
    const { kernel } = problem;
    const { device } = this;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code: kernel.wgsl });
    let pipeline: GpuPipeline;
    try {
      pipeline = await this.wait(
        device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } }),
      );
    } catch (error) {
      if (error instanceof DeviceLost) throw error;
      void device.popErrorScope().catch(() => null);
      const info = await this.wait(module.getCompilationInfo());
      const first = info.messages.find((message) => message.type === 'error');
      throw new FlopsheetError('GPU_COMPILE', first?.message ?? (error as Error).message, {
        where: first ? `${kernel.name}, line ${first.lineNum}` : kernel.name,
      });
    }
    device.pushErrorScope('out-of-memory');
    const buffers: GpuBuffer[] = [];
    kernel.buffers.forEach((size) =>
      buffers.push(device.createBuffer({ size, usage: USAGE.storage | USAGE.copyDst | USAGE.copySrc })),
    );
    problem.inputs().forEach((data, at) => device.queue.writeBuffer(buffers[at] as GpuBuffer, 0, data));
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const release = (): void => buffers.forEach((buffer) => void buffer.destroy());
    const memory = await this.wait(device.popErrorScope());
    const invalid = await this.wait(device.popErrorScope());
    if (memory !== null || invalid !== null) {
      release();
      throw new FlopsheetError(memory ? 'GPU_MEMORY' : 'GPU_COMPILE', (memory ?? invalid)?.message ?? '', {
        where: kernel.name,
      });
    }
    return { kernel, pipeline, group, output: buffers.at(-1) as GpuBuffer, release };
  }

  /** Runs once and compares the result with the reference. */
  async verify(ready: Ready, problem: Problem): Promise<Verdict> {
    await this.pass(ready, 1);
    const { device } = this;
    const size = ready.kernel.buffers.at(-1) as number;
    const copy = device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyDst });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(ready.output, 0, copy, 0, size);
    device.queue.submit([encoder.finish()]);
    await this.wait(copy.mapAsync(MAP_READ));
    const verdict = problem.check(copy.getMappedRange().slice(0));
    copy.unmap();
    copy.destroy();
    return verdict;
  }

  /** Seconds of one pass of `count` dispatches: by the device's clock, or by the wall when that stood still. */
  async pass(ready: Ready, count: number): Promise<{ readonly s: number; readonly wall: boolean }> {
    const { device } = this;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(
      this.queries
        ? { timestampWrites: { querySet: this.queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } }
        : undefined,
    );
    pass.setPipeline(ready.pipeline);
    pass.setBindGroup(0, ready.group);
    const [x, y, z] = ready.kernel.workgroups;
    for (let n = 0; n < count; n += 1) pass.dispatchWorkgroups(x, y, z);
    pass.end();
    if (this.queries && this.resolved && this.mapped) {
      encoder.resolveQuerySet(this.queries, 0, 2, this.resolved, 0);
      encoder.copyBufferToBuffer(this.resolved, 0, this.mapped, 0, 16);
    }
    const start = this.now();
    device.queue.submit([encoder.finish()]);
    await this.wait(device.queue.onSubmittedWorkDone());
    const wallS = (this.now() - start) / 1000;
    if (!this.mapped) return { s: wallS, wall: true };
    await this.wait(this.mapped.mapAsync(MAP_READ));
    const stamps = new BigInt64Array(this.mapped.getMappedRange().slice(0));
    this.mapped.unmap();
    const ns = Number((stamps[1] as bigint) - (stamps[0] as bigint));
    // Zero or a step backwards: the clock is coarser than the pass, or was reset.
    if (!(ns > 0)) return { s: wallS, wall: true };
    this.quantumNs = greatestCommonDivisor(ns, this.quantumNs);
    return { s: ns * 1e-9, wall: false };
  }

  /** Dispatches a timed pass needs, found by growing from one; also warms the kernel up. */
  async passSize(ready: Ready): Promise<number> {
    let count = 1;
    for (let round = 0; round < 12; round += 1) {
      const { s } = await this.pass(ready, count);
      if (s >= LEAST_PASS_S) return count;
      const wanted = Math.ceil(count * Math.min(16, Math.max(1.2, (1.1 * LEAST_PASS_S) / Math.max(s, 1e-6))));
      count = Math.max(1, Math.min(wanted, Math.floor((count * MOST_PASS_S) / Math.max(s, 1e-6)), 4096));
    }
    return count;
  }

  /**
   * Seconds of one dispatch, one sample a pass, until `samples` or the deadline (but at least `least`). `go` may end it
   * between passes.
   */
  async time(
    ready: Ready,
    samples: number,
    deadline: number,
    go: () => boolean,
    least = 3,
  ): Promise<{ readonly samplesS: number[]; readonly wall: boolean }> {
    const count = await this.passSize(ready);
    const samplesS: number[] = [];
    let wall = false;
    while (samplesS.length < samples && (samplesS.length < least || this.now() < deadline)) {
      if (!go()) break;
      const measured = await this.pass(ready, count);
      samplesS.push(measured.s / count);
      wall ||= measured.wall;
    }
    return { samplesS, wall };
  }

  /** Median of a few short passes: what the search compares. */
  async quick(ready: Ready, passes: number): Promise<number> {
    const count = await this.passSize(ready);
    const times: number[] = [];
    for (let n = 0; n < passes; n += 1) times.push((await this.pass(ready, count)).s / count);
    return medianOf(times);
  }

  close(): void {
    this.queries?.destroy();
    this.resolved?.destroy();
    this.mapped?.destroy();
    this.device.destroy();
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'];
const LIMITS = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

/** Opens a device with all the adapter offers. `language` are the WGSL features of the host. */
export async function openBench(
  adapter: GpuAdapter,
  language: { has(name: string): boolean },
  now: Now,
): Promise<GpuBench> {
  const features = FEATURES.filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({
    requiredFeatures: features,
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  const has = new Set(features);
  if (language.has('packed_4x8_integer_dot_product')) has.add('dp4a');
  return new GpuBench(device, has, now);
}

/** Whether an adapter computes in software, by its own word or by its name. */
export function isFallback(adapter: GpuAdapter): boolean {
  const { info } = adapter;
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return (
    info.isFallbackAdapter === true ||
    adapter.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render|null-backend/i.test(words)
  );
}
