/** What a session of measuring leaves behind: plain data, stored and sent as it is. */
import type { Dtype } from '../kernels/kernel.ts';

/** All that makes two measurements comparable. */
export interface DeviceIdentity {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** The driver's own words, with its version where it gives one. */
  readonly description: string;
  /** A software adapter: its numbers say nothing of hardware and are never stored. */
  readonly fallback: boolean;
  readonly host: 'browser' | 'electron' | 'node';
  /** Browser or Node with version; another version is another quantity. */
  readonly hostVersion: string;
  readonly features: readonly string[];
  readonly subgroupSize: readonly [least: number, most: number] | null;
  readonly maxBufferBytes: number;
  readonly workgroupBytes: number;
  /** What the host knows of the power source. */
  readonly power: 'mains' | 'battery' | 'unknown';
}

export type KernelKind = 'peak' | 'intensity' | 'bandwidth' | 'matmul' | 'attention' | 'row';

export interface KernelResult {
  readonly name: string;
  readonly kind: KernelKind;
  readonly dtype: Dtype;
  /** Seconds of one dispatch, one sample a timed pass. */
  readonly samplesS: readonly number[];
  readonly p50S: number;
  /** The slowest of fewer than 100 samples. */
  readonly p99S: number;
  /** 95 % bootstrap interval of the median. */
  readonly ciS: readonly [number, number];
  readonly flop: number;
  readonly bytes: number;
  readonly shape: readonly [m: number, n: number, k: number] | null;
  /** Bytes of the working set of a bandwidth kernel. */
  readonly workingSet: number | null;
  /** The configuration that won, where there was a choice. */
  readonly config: string;
  /** Elements compared with the reference, and the largest error over its bound. */
  readonly checked: number;
  readonly worst: number;
}

export interface Sentinel {
  /** Seconds since the start, and seconds of the sentinel kernel then. */
  readonly atS: readonly number[];
  readonly timesS: readonly number[];
  /** Slowest over fastest. */
  readonly spread: number;
  /** Relative change a minute (Theil-Sen). */
  readonly driftPerMinute: number;
  /** Spread below 1.10: the machine held still. */
  readonly stationary: boolean;
}

export interface Tuning {
  readonly explored: number;
  readonly budgetHit: boolean;
  /** FLOP/s of the best, middle and worst configuration. */
  readonly best: number;
  readonly median: number;
  readonly worst: number;
}

export interface SessionReport {
  readonly version: 1;
  readonly preset: Preset;
  readonly device: DeviceIdentity;
  /** ISO time. */
  readonly startedAt: string;
  readonly elapsedS: number;
  readonly complete: boolean;
  /** Why it ended early; empty when complete. */
  readonly stopped: string;
  readonly clock: 'timestamp' | 'wall';
  /** Smallest step the device clock was seen to make; null for the wall clock. */
  readonly quantumNs: number | null;
  readonly sentinel: Sentinel;
  readonly kernels: readonly KernelResult[];
  /** Sharpness of the knee of the roofline, 1 … 8; null for too few kernels. */
  readonly knee: number | null;
  /** Kernels without a number, and why. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
  readonly tuning: Readonly<Record<string, Tuning>>;
  readonly notes: readonly string[];
}

export type Preset = 'quick' | 'standard';
