import {
  fitLaw,
  findLaw,
  frontier,
  inferenceAwareOptimum,
  moeSurface,
  moeTradeoff,
  parsePoints,
} from '../../src/core/scaling/index.ts';
import type { ScalingPoints } from '../../src/core/scaling/index.ts';
import { syntheticPoints } from '../core/scaling/synthetic.ts';

/** One measured figure; `unit` says in what. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const CHINCHILLA = { E: 1.8172, A: 477.83, B: 2143.4, alpha: 0.3473, beta: 0.3672 };

function seconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

/** Median of five runs after one to warm up. */
function median(run: () => unknown): number {
  run();
  return [0, 1, 2, 3, 4].map(() => seconds(run)).sort((a, b) => a - b)[2]!;
}

const points = (count: number): ScalingPoints => syntheticPoints(CHINCHILLA, count, 0.006, 1);

/** 240 points, 300 starts to the optimum. Target: 0.25 s (SciPy with the same gradient: 2.3 s). */
export function fitParametric(): Measurement {
  const data = points(240);
  return { name: 'fit_parametric', value: median(() => fitLaw(data, { starts: 300 })), unit: 's' };
}

/** 4,000 refits of 240 points. Target: 10 s. */
export function bootstrap4000(): Measurement {
  const data = points(240);
  return {
    name: 'bootstrap_4000',
    value: seconds(() => fitLaw(data, { starts: 60, bootstrap: { draws: 4000, seed: 1 } })),
    unit: 's',
  };
}

/** Variable projection on 240 points. */
export function fitVpnls(): Measurement {
  const data = points(240);
  return { name: 'fit_vpnls', value: median(() => fitLaw(data, { method: 'vpnls' })), unit: 's' };
}

/** Surface of 200 sparsities x 200 sizes, as a slider move redraws it. Target: one frame, 0.016 s. */
export function moeSurfaceFrame(): Measurement {
  const law = findLaw('abnar2025');
  const sparsities = Float64Array.from({ length: 200 }, (_, i) => (i / 200) * 0.99);
  const sizes = Float64Array.from({ length: 200 }, (_, i) => 1e8 * 1e4 ** (i / 199));
  const out = new Float64Array(40_000);
  return { name: 'moe_surface_200x200', value: median(() => moeSurface(law, 1e22, sparsities, sizes, out)), unit: 's' };
}

/** Rows and continuous optimum of the MoE trade-off. */
export function moeTradeoffRows(): Measurement {
  const law = findLaw('abnar2025');
  return { name: 'moe_tradeoff', value: median(() => moeTradeoff(law, { flop: 1e22 })), unit: 's' };
}

/** Frontier of 60 budgets with published intervals (2,000 draws each). */
export function frontierWithBand(): Measurement {
  const law = findLaw('besiroglu2024');
  return { name: 'frontier_60_with_band', value: median(() => frontier(law, 1e18, 1e26, 60)), unit: 's' };
}

/** One inference-aware optimum. */
export function inferenceAware(): Measurement {
  const law = findLaw('besiroglu2024');
  const demand = { inputTokens: 1e12, outputTokens: 1e12 };
  return {
    name: 'inference_aware',
    value: median(() => inferenceAwareOptimum(law, { likeOptimalParams: 7e9 }, demand)),
    unit: 's',
  };
}

/** Reading a million rows of text and fitting them. */
export function millionRows(): Measurement[] {
  const data = points(1_000_000);
  const text = [
    'params,tokens,loss',
    ...Array.from(data.loss, (loss, i) => `${data.params[i]},${data.tokens[i]},${loss}`),
  ].join('\n');
  let parsed: ScalingPoints | undefined;
  const read = seconds(() => (parsed = parsePoints(text)));
  const fit = seconds(() => fitLaw(parsed!, {}));
  return [
    { name: 'read_1e6_rows', value: read, unit: 's' },
    { name: 'fit_1e6_rows', value: fit, unit: 's' },
  ];
}

/** Every figure of the scaling laboratory. */
export function scalingBench(): Measurement[] {
  return [
    fitParametric(),
    bootstrap4000(),
    fitVpnls(),
    moeSurfaceFrame(),
    moeTradeoffRows(),
    frontierWithBand(),
    inferenceAware(),
    ...millionRows(),
  ];
}

if (import.meta.main) console.log(JSON.stringify(scalingBench(), null, 2));
