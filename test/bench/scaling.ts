/** Figures of the scaling lab, through what its worker and its screen call. */
import {
  budgetsAround,
  findLaw,
  fitLaw,
  frontier,
  isoflopCurves,
  lawPoint,
  lossSurface,
  moeSurface,
  moeTradeoff,
  parsePoints,
  type ScalingPoints,
} from '../../src/core/scaling/index.ts';
import { randomTruth, syntheticPoints } from '../core/scaling/synthetic.ts';
import { figure, milliseconds, once, type BenchResult } from './measure.ts';

/** The optimum of the 240 points of Hoffmann et al. 2022. */
const CHINCHILLA = { E: 1.8172, A: 477.83, B: 2143.4, alpha: 0.3473, beta: 0.3672 };
const points = (count: number): ScalingPoints => syntheticPoints(CHINCHILLA, count, 0.006, 1);
const FRAME_MS = 16.7;

/** A parametric fit of 240 points from 300 starts; SciPy with the same gradient takes 2.3 s (not run here). */
export async function fitParametric(): Promise<BenchResult[]> {
  const data = points(240);
  const ms = await milliseconds(() => void fitLaw(data, { starts: 300 }));
  return [figure('fit_parametric', ms / 1000, 's', 0.25, '240 points, 300 starts in at most 0.25 s', 'less')];
}

/** 4,000 bootstrap refits of 240 points; SciPy takes 33 s (not run here). */
export function bootstrap4000(): BenchResult[] {
  const data = points(240);
  const ms = once(() => void fitLaw(data, { bootstrap: { draws: 4000, seed: 1 } }));
  return [figure('bootstrap_4000', ms / 1000, 's', 10, '4,000 refits of 240 points in under 10 s', 'less')];
}

/** Share of 50 random sets whose 80 % interval of the size exponent holds the truth. */
export function intervalCoverage(): BenchResult[] {
  let held = 0;
  for (let set = 0; set < 50; set++) {
    const truth = randomTruth(500 + set);
    const fit = fitLaw(syntheticPoints(truth, 150, 0.006, 900 + set), {
      starts: 40,
      bootstrap: { draws: 300, seed: 1 },
    });
    const { low, high } = lawPoint(fit.law, { flop: 3e22 }).ci!.paramsExponent;
    const a = truth.beta / (truth.alpha + truth.beta);
    if (low <= a && a <= high) held++;
  }
  const share = held / 50;
  return [
    {
      name: 'interval_coverage',
      value: share,
      unit: 'of 50 sets',
      baseline: 'nominal',
      baseline_value: 0.8,
      ratio: share / 0.8,
      target: '80 % intervals hold the truth in 70 to 90 %',
      ok: share >= 0.7 && share <= 0.9,
    },
  ];
}

/** What a slider move computes: curves with bands, surface and answers; then the MoE surface of the other tab. */
export async function sliderFrame(): Promise<BenchResult[]> {
  const law = findLaw('besiroglu2024');
  const grid = (low: number, high: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => low * (high / low) ** (i / count));
  const out = new Float64Array(160 * 100);
  let step = 0;
  const budget = await milliseconds(() => {
    const flop = 1e22 * 1.01 ** (step++ % 100);
    isoflopCurves(law, budgetsAround(flop, Math.sqrt(10)));
    lossSurface(law, grid(1e8, 1e12, 160), grid(1e9, 1e13, 100), out);
    lawPoint(law, { flop });
  });
  const sparse = findLaw('abnar2025');
  const sparsities = Float64Array.from({ length: 90 }, (_, i) => 1 - 64 ** -(i / 90));
  const sizes = grid(1e8, 1e13, 140);
  const surface = new Float64Array(90 * 140);
  const moe = await milliseconds(() => {
    const flop = 1e22 * 1.01 ** (step++ % 100);
    moeSurface(sparse, flop, sparsities, sizes, surface);
    moeTradeoff(sparse, { flop });
  });
  return [
    figure('scaling_slider', budget, 'ms', FRAME_MS, 'curves, bands and surface within one frame', 'less'),
    figure('moe_slider', moe, 'ms', FRAME_MS, 'MoE surface and rows within one frame', 'less'),
  ];
}

/** The frontier with its band, drawn once a law. */
export async function frontierBand(): Promise<BenchResult[]> {
  const law = findLaw('besiroglu2024');
  const ms = await milliseconds(() => void frontier(law, 1e18, 1e26, 33));
  return [figure('frontier_band', ms, 'ms', 100, 'frontier with intervals in under 0.1 s', 'less')];
}

/** Reading a million rows of text and fitting them, as dropped on the screen. */
export function millionRows(): BenchResult[] {
  const data = points(1_000_000);
  const text = [
    'params,tokens,loss',
    ...Array.from(data.loss, (loss, i) => `${data.params[i]},${data.tokens[i]},${loss}`),
  ].join('\n');
  let parsed: ScalingPoints | undefined;
  const read = once(() => void (parsed = parsePoints(text)));
  const fit = once(() => void fitLaw(parsed!, {}));
  return [figure('fit_1e6_rows', (read + fit) / 1000, 's', 30, 'a million rows read and fitted in 30 s', 'less')];
}
