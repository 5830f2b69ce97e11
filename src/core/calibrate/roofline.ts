/** The empirical roofline of a session: what this device reached, and where memory stops and arithmetic begins to bind. */
import { minimizePlane, minimizeScalar } from '../scaling/minimize.ts';
import type { KernelResult } from './measure/report.ts';

export interface Roofline {
  /** Best f32 rate of the peak kernels: what this API reaches without matrix units. */
  readonly peakFlopPerS: number | null;
  /** Copy of the largest working set: memory, or the largest cache when no larger set could be measured. */
  readonly bytesPerS: number | null;
  readonly workingSetBytes: number | null;
  /** Best copy of any working set. */
  readonly cacheBytesPerS: number | null;
  /** FLOP per byte at which both bind alike; ops:byte of the device. */
  readonly ridge: number | null;
}

export interface RooflinePoint {
  readonly flop: number;
  readonly bytes: number;
  readonly s: number;
}

/** Peak, bandwidth and knee by least squares of log time. Returns null for fewer than four points. */
export function fitRoofline(points: readonly RooflinePoint[]): {
  readonly peakFlopPerS: number;
  readonly bytesPerS: number;
  readonly knee: number;
  readonly meanLogError: number;
} | null {
  const used = points.filter(({ flop, bytes, s }) => flop > 0 && bytes > 0 && s > 0);
  if (used.length < 4) return null;
  const peak = Math.max(...used.map(({ flop, s }) => flop / s));
  const band = Math.max(...used.map(({ bytes, s }) => bytes / s));
  const loss = (p: number, logPeak: number, logBand: number): number =>
    used.reduce((sum, { flop, bytes, s }) => {
      const time = ((flop / Math.exp(logPeak)) ** p + (bytes / Math.exp(logBand)) ** p) ** (1 / p);
      return sum + Math.log(time / s) ** 2;
    }, 0);
  const plane = (p: number): [number, number, number] =>
    minimizePlane((x, y) => loss(p, x, y), [Math.log(peak), Math.log(band)], 0.2);
  const knee = minimizeScalar((p) => plane(p)[2], 1, 8, 14, 1e-3);
  const [x, y] = plane(knee);
  const error = used.reduce((sum, { flop, bytes, s }) => {
    const time = ((flop / Math.exp(x)) ** knee + (bytes / Math.exp(y)) ** knee) ** (1 / knee);
    return sum + Math.abs(Math.log(time / s));
  }, 0);
  return { peakFlopPerS: Math.exp(x), bytesPerS: Math.exp(y), knee, meanLogError: error / used.length };
}

/** The roofline of measured kernels; null where a session did not get there. */
export function rooflineOf(kernels: readonly KernelResult[]): Roofline {
  const peaks = kernels.filter((kernel) => kernel.kind === 'peak' && kernel.dtype === 'f32');
  const peak = peaks.length > 0 ? Math.max(...peaks.map((kernel) => kernel.flop / kernel.p50S)) : null;
  const copies = kernels.filter((kernel) => kernel.kind === 'bandwidth' && kernel.name.startsWith('copy'));
  const largest = [...copies].sort((a, b) => (b.workingSet ?? 0) - (a.workingSet ?? 0))[0];
  const bytesPerS = largest ? largest.bytes / largest.p50S : null;
  return {
    peakFlopPerS: peak,
    bytesPerS,
    workingSetBytes: largest?.workingSet ?? null,
    cacheBytesPerS: copies.length > 0 ? Math.max(...copies.map((kernel) => kernel.bytes / kernel.p50S)) : null,
    ridge: peak !== null && bytesPerS !== null ? peak / bytesPerS : null,
  };
}

/**
 * Sharpness of the knee between memory and arithmetic: time = (arithmetic^p + memory^p)^(1/p); 1 is no overlap, 8 (the most) a
 * sharp corner. Takes tens of milliseconds: not for a page. Null for too few kernels.
 */
export function kneeOf(kernels: readonly KernelResult[]): number | null {
  const fit = fitRoofline(
    kernels
      .filter((kernel) => kernel.kind === 'peak' || kernel.kind === 'intensity')
      .map(({ flop, bytes, p50S }) => ({ flop, bytes, s: p50S })),
  );
  return fit?.knee ?? null;
}

/** What a kernel reached of what binds it: of the peak, or of the bandwidth of memory. Null where the bound is unknown. */
export function fractionOf(
  kernel: KernelResult,
  roofline: Roofline,
): { readonly bound: 'peak' | 'bandwidth'; readonly fraction: number } | null {
  const { peakFlopPerS, bytesPerS } = roofline;
  const byMemory =
    kernel.kind === 'bandwidth' ||
    kernel.kind === 'row' ||
    (kernel.kind === 'intensity' && kernel.flop / kernel.bytes < (roofline.ridge ?? Infinity));
  if (byMemory) {
    const best = kernel.kind === 'bandwidth' ? roofline.cacheBytesPerS : bytesPerS;
    return best === null ? null : { bound: 'bandwidth', fraction: kernel.bytes / kernel.p50S / best };
  }
  if (kernel.dtype !== 'f32' || peakFlopPerS === null) return null;
  return { bound: 'peak', fraction: kernel.flop / kernel.p50S / peakFlopPerS };
}
