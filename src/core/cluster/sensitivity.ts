import type { HardwareSpec, Precision } from './hardware.ts';
import { PRECISIONS, peakFlopPerS, supportsPrecision } from './hardware.ts';
import type { Layout, TrainingSetup } from './layout.ts';
import type { StepPrediction } from './predict.ts';
import { predictStep } from './predict.ts';
import type { PredictorFit } from './predictor-fit.ts';
import type { ModelProfile } from './profile.ts';
import { validateLayout } from './validate-layout.ts';

/** What one change does to a step, everything else as it is. */
export interface Sensitivity {
  readonly change: string;
  /** Change of the step's seconds, of tokens per second (share), and of memory per chip (byte). */
  readonly seconds: number;
  readonly rate: number;
  readonly bytes: number;
  readonly fits: boolean;
}

/** What is asked: a chip, a setup and a layout, at the model's profile for the setup's sequence length. */
interface Asked {
  readonly hardware: HardwareSpec;
  readonly setup: TrainingSetup;
  readonly layout: Layout;
}

const LESS = 0.8;

function changes({ hardware: h, setup: s, layout: l }: Asked): { change: string; asked: Asked }[] {
  const found: { change: string; asked: Asked }[] = [];
  const of = (change: string, over: Partial<Asked>): void =>
    void found.push({ change, asked: { hardware: h, setup: s, layout: l, ...over } });
  const slower = (field: 'memoryBandwidth' | 'domainBandwidth' | 'scaleOutBandwidth'): HardwareSpec => ({
    ...h,
    [field]: h[field] * LESS,
  });
  of('FLOP/s of the chip −20 %, same power', {
    hardware: {
      ...h,
      bf16FlopPerS: h.bf16FlopPerS * LESS,
      fp8FlopPerS: h.fp8FlopPerS === null ? null : h.fp8FlopPerS * LESS,
      fp4FlopPerS: h.fp4FlopPerS === null ? null : h.fp4FlopPerS * LESS,
    },
  });
  if (h.powerWatts !== null) of('Power limit −20 %', { hardware: { ...h, powerWatts: h.powerWatts * LESS } });
  of('Memory bandwidth −20 %', { hardware: slower('memoryBandwidth') });
  of('Links inside a domain −20 %', { hardware: slower('domainBandwidth') });
  of('Network between domains −20 %', { hardware: slower('scaleOutBandwidth') });
  const narrower: Precision | undefined = PRECISIONS.filter(
    (format) => supportsPrecision(h, format) && peakFlopPerS(h, format) > peakFlopPerS(h, s.precision),
  )[0];
  if (narrower !== undefined)
    of(`${narrower} products instead of ${s.precision}`, { setup: { ...s, precision: narrower } });
  if (l.recompute !== 'full') of('Full recomputation', { layout: { ...l, recompute: 'full' } });
  else of('No recomputation', { layout: { ...l, recompute: 'none' } });
  of('Microbatch × 2', { layout: { ...l, microbatch: 2 * l.microbatch } });
  of('Batch × 2', { setup: { ...s, batchSeqs: 2 * s.batchSeqs } });
  of('Software of a year before', { setup: { ...s, stackYear: s.stackYear - 1 } });
  return found;
}

/**
 * How a predicted step answers to one change at a time, the layout kept: slower parts of the chip, narrower products,
 * recomputation, batch, older software. Changes no layout could run under (a microbatch that does not divide the batch)
 * are left out. Largest effect on tokens per second first.
 */
export function sensitivities(p: ModelProfile, asked: Asked, fit: PredictorFit): Sensitivity[] {
  const predict = (a: Asked): StepPrediction => predictStep(p, a.hardware, a.layout, a.setup, fit);
  const base = predict(asked);
  return changes(asked)
    .filter(({ asked: a }) => validateLayout(p, a.hardware, a.setup, a.layout).length === 0)
    .map(({ change, asked: a }) => {
      const changed = predict(a);
      return {
        change,
        seconds: changed.stepSeconds - base.stepSeconds,
        rate: changed.tokensPerSecond / base.tokensPerSecond - 1,
        bytes: changed.memory.total - base.memory.total,
        fits: changed.fits,
      };
    })
    .sort((a, b) => Math.abs(b.rate) - Math.abs(a.rate));
}
