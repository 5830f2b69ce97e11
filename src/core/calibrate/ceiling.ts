/**
 * The MFU a model cannot exceed on the device that was measured: the time its matrix products take at the rates measured for
 * their shapes. No communication, pipeline bubble, optimizer or data loading is in it, so a run stays below. It is never
 * carried to matrix units, other number formats, other chips or shapes outside those measured (reference §4.4).
 */
import { FlopsheetError } from '../errors.ts';
import { createRng } from '../uncertainty/rng.ts';
import type { MatmulShape } from './kernels/matmul.ts';
import type { DeviceIdentity, KernelResult } from './measure/report.ts';
import { quantile } from './quantile.ts';

/** A product of a model: its shape, and how often a step does it. */
export interface ModelProduct {
  readonly name: string;
  readonly shape: MatmulShape;
  readonly times: number;
}

/** One relative error, as half the width of a 90 % interval. */
export interface ErrorPart {
  readonly name: 'sampling' | 'run to run' | 'kernel quality';
  readonly low: number;
  readonly high: number;
  readonly why: string;
}

export interface Ceiling {
  /** Fraction of the peak that was measured with the same API. */
  readonly mfu: number;
  readonly p5: number;
  readonly p95: number;
  /** Factors on the ceiling, each alone; they are shown apart because they are of different kinds. */
  readonly parts: readonly ErrorPart[];
  readonly products: readonly {
    readonly name: string;
    readonly fraction: number;
    readonly shareOfTime: number;
    /** At peak: not measured and not guessed; it is given the whole peak, so that the ceiling stays one. */
    readonly from: 'measured' | 'interpolated' | 'at peak';
  }[];
  /** Share of the FLOP whose rate was measured or read between measured ones. */
  readonly covered: number;
}

/** Most octaves, along any side, between a shape and the nearest measured one it is read from. */
const REACH = 1;
/** How much faster a production kernel may be than ours: 25–72 % of one chip's peak across public WebGPU kernels (reference §1.1). */
const QUALITY = 3;

const logs = (shape: readonly number[]): number[] => shape.map((size) => Math.log2(size));

/**
 * Seconds of a product from those measured: its own, or interpolated in log m, n, k (inverse square distance) when it lies
 * inside the box of the measured ones and within an octave of one of them. Null outside: nothing is extrapolated.
 */
export function productRate(
  shape: MatmulShape,
  measured: readonly KernelResult[],
): { readonly flopPerS: number; readonly from: 'measured' | 'interpolated' } | null {
  const at = logs([shape.m, shape.n, shape.k]);
  const known = measured.flatMap((kernel) =>
    kernel.shape === null ? [] : [{ at: logs(kernel.shape), rate: kernel.flop / kernel.p50S }],
  );
  const same = known.filter((point) => point.at.every((value, axis) => value === at[axis]));
  if (same.length > 0) return { flopPerS: Math.max(...same.map((point) => point.rate)), from: 'measured' };
  const inside = at.every(
    (value, axis) =>
      value >= Math.min(...known.map((point) => point.at[axis] as number)) &&
      value <= Math.max(...known.map((point) => point.at[axis] as number)),
  );
  if (known.length < 4 || !inside) return null;
  const near = known.map((point) => ({
    rate: point.rate,
    distance: Math.hypot(...point.at.map((value, axis) => value - (at[axis] as number))),
    octaves: Math.max(...point.at.map((value, axis) => Math.abs(value - (at[axis] as number)))),
  }));
  if (Math.min(...near.map((point) => point.octaves)) > REACH) return null;
  let weight = 0;
  let sum = 0;
  for (const { rate, distance } of near) {
    weight += distance ** -2;
    sum += Math.log(rate) * distance ** -2;
  }
  return { flopPerS: Math.exp(sum / weight), from: 'interpolated' };
}

/**
 * Ceiling of a model on the measured device. `spread` is the run-to-run spread (slowest over fastest, from restarts or the
 * sentinel). Throws `CALIBRATION_SOFTWARE` for a fallback adapter, `CALIBRATION_SHAPE` when no product was measured.
 */
export function mfuCeiling(
  products: readonly ModelProduct[],
  measured: {
    readonly device: DeviceIdentity;
    readonly kernels: readonly KernelResult[];
    readonly peakFlopPerS: number;
    readonly spread: number;
  },
): Ceiling {
  if (measured.device.fallback)
    throw new FlopsheetError('CALIBRATION_SOFTWARE', 'a software adapter says nothing of hardware', {
      where: measured.device.name,
      hint: 'measure on a machine whose browser or Dawn finds its GPU',
    });
  const matmuls = measured.kernels.filter((kernel) => kernel.kind === 'matmul' && kernel.dtype === 'f32');
  const rows = products.map((product) => {
    const found = productRate(product.shape, matmuls) ?? { flopPerS: measured.peakFlopPerS, from: 'at peak' as const };
    const flop = 2 * product.shape.m * product.shape.n * product.shape.k * product.times;
    return { name: product.name, flop, s: flop / found.flopPerS, rate: found.flopPerS, from: found.from };
  });
  const known = rows.filter((row) => row.from !== 'at peak').reduce((sum, row) => sum + row.flop, 0);
  if (known === 0)
    throw new FlopsheetError('CALIBRATION_SHAPE', 'no product of this model is among the shapes that were measured', {
      where: products[0] ? `${products[0].shape.m} × ${products[0].shape.n} × ${products[0].shape.k}` : '',
      hint: 'measure with this model chosen: nothing is extrapolated',
    });
  const flop = rows.reduce((sum, row) => sum + row.flop, 0);
  const s = rows.reduce((sum, row) => sum + row.s, 0);
  const mfu = flop / (measured.peakFlopPerS * s);
  const sampling = Math.max(0, ...matmuls.map((kernel) => (kernel.ciS[1] - kernel.ciS[0]) / 2 / kernel.p50S));
  const between = Math.max(0, (measured.spread - 1) / 2);
  // Three independent parts by simulation: two symmetric, one that only helps.
  const rng = createRng(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(rng.uniform())) * Math.cos(2 * Math.PI * rng.uniform());
  const draws = Float64Array.from(
    { length: 4096 },
    () =>
      mfu * Math.exp((sampling / 1.96) * normal() + (between / 1.645) * normal() + Math.log(QUALITY) * rng.uniform()),
  ).sort();
  return {
    mfu,
    p5: Math.min(1, quantile(draws, 0.05)),
    p95: Math.min(1, quantile(draws, 0.95)),
    parts: [
      {
        name: 'sampling',
        low: 1 - sampling,
        high: 1 + sampling,
        why: '95 % interval of the median within the session',
      },
      {
        name: 'run to run',
        low: 1 - between,
        high: 1 + between,
        why: 'half the spread of restarts, or of the sentinel',
      },
      {
        name: 'kernel quality',
        low: 1,
        high: QUALITY,
        why: 'a production kernel may be up to three times as fast as these',
      },
    ],
    covered: known / flop,
    products: rows.map((row) => ({
      name: row.name,
      fraction: row.rate / measured.peakFlopPerS,
      shareOfTime: row.s / s,
      from: row.from,
    })),
  };
}
