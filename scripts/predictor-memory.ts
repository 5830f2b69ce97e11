/** How well memory per chip meets what was measured, for the accuracy page. */
import type { PredictionCase } from '../src/core/cluster/cases/case.ts';
import { plausibleLayout } from '../src/core/cluster/cases/plausible.ts';
import { fitsMemory, memoryPerChip } from '../src/core/cluster/memory.ts';
import { profileModel } from '../src/core/cluster/profile.ts';

export interface MemoryReport {
  /** Measured peaks (torchtitan), and mean absolute error in percent. */
  readonly peaks: number;
  readonly peakErrorPercent: number;
  /** Measured runs with a printed layout, and how many the estimate calls out of memory. */
  readonly runs: number;
  readonly calledOutOfMemory: number;
}

/** Compares the estimate with every case that can tell something about memory. */
export function memoryReport(cases: readonly PredictionCase[]): MemoryReport {
  const errors: number[] = [];
  let runs = 0;
  let out = 0;
  for (const c of cases) {
    if (c.excluded !== '' || c.architecture === null || c.hardware === null || c.layout === null) continue;
    const p = profileModel(c.architecture, c.setup.seqLen, c.setup.multiTokenPrediction);
    const l = plausibleLayout(p, c.hardware, c.setup, c.layout);
    const estimate = memoryPerChip(p, c.setup, c.recomputeUnknown ? { ...l, recompute: 'full' } : l);
    runs++;
    if (!fitsMemory(estimate.total, c.hardware)) out++;
    if (c.measuredPeakBytes !== null) errors.push(Math.abs(estimate.total / c.measuredPeakBytes - 1) * 100);
  }
  const peakErrorPercent = errors.reduce((a, b) => a + b, 0) / errors.length;
  return { peaks: errors.length, peakErrorPercent, runs, calledOutOfMemory: out };
}
