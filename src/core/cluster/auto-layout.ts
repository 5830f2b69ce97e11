import { microbatchFeatures, stepFeatures } from './features.ts';
import { impliedShare } from './fit.ts';
import type { HardwareSpec } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import { layout } from './layout.ts';
import { fitsMemory, impliedRecompute, memoryPerChip } from './memory.ts';
import type { ModelProfile } from './profile.ts';
import { assembleStep, layerSeconds, stackFactor, stageSeconds } from './step-time.ts';

/**
 * Layout assumed for a run that does not print one: the fastest of the usual degrees that fits with as much recomputation
 * as memory forces. `null` when none fits. A full search over every option is `searchLayouts`.
 */
export function usualLayout(
  theta: Float64Array,
  p: ModelProfile,
  h: HardwareSpec,
  s: TrainingSetup,
  chips: number,
): Layout | null {
  let best: Layout | null = null;
  let bestSeconds = Infinity;
  for (const candidate of usualLayouts(p, h, s, chips)) {
    if (!fitsMemory(memoryPerChip(p, s, { ...candidate, recompute: 'full' }).total, h)) continue;
    const share = impliedShare(theta, impliedRecompute(p, h, s, candidate));
    const t = stageSeconds(theta, microbatchFeatures(p, h, s, candidate), h, s, { layers: share, attention: share });
    const step = stepFeatures(p, h, s, candidate);
    const seconds = assembleStep(
      theta,
      layerSeconds(t),
      t.head,
      t.host,
      step,
      candidate,
      stackFactor(theta, h, s),
      s,
    ).total;
    if (seconds < bestSeconds) [best, bestSeconds] = [candidate, seconds];
  }
  return best;
}

function* usualLayouts(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, chips: number): Generator<Layout> {
  const torus = h.domainSize > 128;
  for (const tp of [1, 2, 4, 8]) {
    if (tp > h.domainSize || (p.maxExperts > 0 && tp > 4)) continue;
    for (const pp of torus ? [1] : [1, 2, 4, 8, 16]) {
      if (chips % (tp * pp) !== 0 || Math.floor(p.layers / pp) < 2) continue;
      for (const cp of [1, 2]) {
        const dp = chips / (tp * pp * cp);
        if (!Number.isInteger(dp) || s.batchSeqs < dp) continue;
        const degrees =
          p.maxExperts === 0 ? [1] : [1, 8, 16, 32, 64, 128].filter((e) => p.maxExperts % e === 0 && e <= dp * tp * cp);
        for (const ep of degrees)
          for (const microbatch of [1, 2]) {
            if (s.batchSeqs / dp < microbatch) continue;
            const vp = pp > 1 ? Math.max(1, Math.min(5, Math.floor(p.layers / pp / 2))) : 1;
            yield layout({ tp, pp, cp, dp, ep, vp, microbatch, zero: torus ? 3 : 1 });
          }
      }
    }
  }
}
