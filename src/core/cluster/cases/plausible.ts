import { fitsMemory, memoryPerChip } from '../memory.ts';
import type { Layout, TrainingSetup } from '../layout.ts';
import type { HardwareSpec } from '../hardware.ts';
import type { ModelProfile } from '../profile.ts';

/**
 * Tables leave sharding out where it goes without saying. A printed run that could not have fitted with replicated
 * weights, even recomputing everything, but fits with sharded ones was sharded.
 */
export function plausibleLayout(p: ModelProfile, h: HardwareSpec, s: TrainingSetup, l: Layout): Layout {
  if (l.zero === 3) return l;
  const fits = (zero: Layout['zero']): boolean =>
    fitsMemory(memoryPerChip(p, s, { ...l, zero, recompute: 'full' }).total, h);
  return !fits(l.zero) && fits(3) ? { ...l, zero: 3 } : l;
}
