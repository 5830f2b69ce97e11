/**
 * The part of WebGPU that measuring needs, as types only: a browser's worker, Electron and Dawn under Node all give an object
 * of this shape, and the core takes it as an argument.
 */

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number): Promise<unknown>;
  getMappedRange(): ArrayBuffer;
  unmap(): unknown;
  destroy(): unknown;
}
export interface GpuQuerySet {
  destroy(): unknown;
}
export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}
interface GpuPass {
  setPipeline(pipeline: GpuPipeline): unknown;
  setBindGroup(index: number, group: object): unknown;
  dispatchWorkgroups(x: number, y: number, z: number): unknown;
  end(): unknown;
}
interface GpuEncoder {
  beginComputePass(descriptor?: {
    timestampWrites?: { querySet: GpuQuerySet; beginningOfPassWriteIndex: number; endOfPassWriteIndex: number };
  }): GpuPass;
  resolveQuerySet(set: GpuQuerySet, first: number, count: number, to: GpuBuffer, offset: number): unknown;
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): unknown;
  finish(): object;
}
export interface GpuModule {
  getCompilationInfo(): Promise<{
    readonly messages: readonly { readonly type: string; readonly message: string; readonly lineNum: number }[];
  }>;
}
export interface GpuLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}
export interface GpuDevice {
  readonly limits: GpuLimits;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    submit(buffers: object[]): unknown;
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView<ArrayBuffer>): unknown;
    onSubmittedWorkDone(): Promise<unknown>;
  };
  createBuffer(descriptor: { size: number; usage: number }): GpuBuffer;
  createShaderModule(descriptor: { code: string }): GpuModule;
  createComputePipelineAsync(descriptor: {
    layout: 'auto';
    compute: { module: GpuModule; entryPoint: string };
  }): Promise<GpuPipeline>;
  createBindGroup(descriptor: {
    layout: object;
    entries: { binding: number; resource: { buffer: GpuBuffer } }[];
  }): object;
  createCommandEncoder(): GpuEncoder;
  createQuerySet(descriptor: { type: 'timestamp'; count: number }): GpuQuerySet;
  pushErrorScope(filter: 'validation' | 'out-of-memory' | 'internal'): unknown;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): unknown;
}
export interface GpuAdapter {
  readonly features: { has(name: string): boolean };
  readonly limits: GpuLimits;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
    readonly subgroupMinSize?: number;
    readonly subgroupMaxSize?: number;
  };
  readonly isFallbackAdapter?: boolean;
  requestDevice(descriptor: { requiredFeatures: string[]; requiredLimits: Record<string, number> }): Promise<GpuDevice>;
}

/** Values of the WebGPU specification: hosts without a page have no global constants. */
export const USAGE = { mapRead: 1, copySrc: 4, copyDst: 8, storage: 128, queryResolve: 512 } as const;
export const MAP_READ = 1;
