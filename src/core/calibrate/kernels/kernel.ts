/** What a kernel is: a WGSL text and the numbers that go with it. Nothing here touches a GPU. */

export type Dtype = 'f32' | 'f16' | 'i8';

/** What a kernel asks of a device beyond WebGPU's core. */
export type Need = 'shader-f16' | 'subgroups' | 'dp4a';

export interface Kernel {
  /** Unique in a session; the same kernel has the same name in every session. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly wgsl: string;
  readonly workgroups: readonly [number, number, number];
  /** Bytes of every storage buffer, in binding order; the last is the output, the others are read only. */
  readonly buffers: readonly number[];
  /** FLOP of one dispatch (integer operations for i8; a multiply-add is 2). */
  readonly flop: number;
  /** Bytes one dispatch must at least move to and from memory. */
  readonly bytes: number;
  readonly invocations: number;
  readonly workgroupBytes: number;
  readonly needs: readonly Need[];
}

/** How far a result is from its reference. `worst` is the largest error over its bound: above 1 is a mismatch. */
export interface Verdict {
  readonly checked: number;
  readonly mismatches: number;
  readonly worst: number;
}

/** A kernel with its data and its judge. */
export interface Problem {
  readonly kernel: Kernel;
  /** Contents of the input buffers, in binding order. */
  readonly inputs: () => readonly ArrayBufferView<ArrayBuffer>[];
  /** Compares the bytes of the output with a reference computed in double precision. */
  readonly check: (output: ArrayBuffer) => Verdict;
}

/** Whether a device with these limits can hold and run a kernel; empty when it can, else why not. */
export function limitsRefusal(
  kernel: Kernel,
  limits: {
    readonly maxStorageBufferBindingSize: number;
    readonly maxBufferSize: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  },
): string {
  const largest = Math.max(...kernel.buffers);
  if (largest > limits.maxStorageBufferBindingSize || largest > limits.maxBufferSize)
    return `needs a buffer of ${(largest / 2 ** 20).toFixed(0)} MiB`;
  if (kernel.invocations > limits.maxComputeInvocationsPerWorkgroup)
    return `needs ${kernel.invocations} invocations a workgroup`;
  if (kernel.workgroupBytes > limits.maxComputeWorkgroupStorageSize)
    return `needs ${kernel.workgroupBytes} bytes of workgroup memory`;
  if (Math.max(...kernel.workgroups) > limits.maxComputeWorkgroupsPerDimension)
    return `needs ${Math.max(...kernel.workgroups)} workgroups in one dimension`;
  return '';
}

/** Smallest whole number of parts of `size` that cover `whole`. */
export const parts = (whole: number, size: number): number => Math.ceil(whole / size);

/** Numbers 0 … n-1. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, at) => at);
