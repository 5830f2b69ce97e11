/** Axes of the charts drawn with the page's own lines: from values to pixels, and the ticks between. */

export interface AxisSpec {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  /** Quantity and unit, as in "Loss, nats per token". */
  readonly label: string;
  readonly format: (value: number) => string;
}

export interface Scale {
  /** Pixel of a value. */
  at(value: number): number;
  /** Value of a pixel. */
  invert(pixel: number): number;
  readonly ticks: readonly number[];
}

/** A scale from the axis' range onto pixels `from` to `to` (either may be larger); about one tick every `every` pixels. */
export function scale(axis: AxisSpec, from: number, to: number, every: number): Scale {
  const forth = axis.log ? Math.log : (value: number) => value;
  const back = axis.log ? Math.exp : (value: number) => value;
  const low = forth(axis.low);
  const span = forth(axis.high) - low || 1;
  const most = Math.max(2, Math.floor(Math.abs(to - from) / every));
  return {
    at: (value) => from + ((forth(value) - low) / span) * (to - from),
    invert: (pixel) => back(low + ((pixel - from) / (to - from)) * span),
    ticks: axis.log ? logTicks(axis.low, axis.high, most) : linearTicks(axis.low, axis.high, most),
  };
}

/** Round values 1, 2, 5 times a power of ten. */
function linearTicks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? 10 * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

/** Powers of ten, thinned when many; with fewer than three decades also 2 and 5. */
function logTicks(low: number, high: number, most: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const decades = Math.log10(high / low);
  if (decades < 3 && 3 * decades <= most + 1)
    return Array.from({ length: last - first + 3 }, (_, i) => 10 ** (first - 1 + i))
      .flatMap((power) => [power, 2 * power, 5 * power])
      .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const step = Math.max(1, Math.ceil((last - first) / most));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += step) ticks.push(10 ** power);
  return ticks;
}

/** A polyline's points from values. */
export function path(points: readonly { readonly x: number; readonly y: number }[]): string {
  return points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
}
