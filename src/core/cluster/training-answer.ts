import type { Architecture } from '../model/architecture.ts';
import { FlopsheetError } from '../errors.ts';
import { usualLayout } from './auto-layout.ts';
import type { HardwareSpec } from './hardware.ts';
import type { Layout, Recompute, TrainingSetup } from './layout.ts';
import { layout } from './layout.ts';
import { readLayout, writeLayout } from './layout-text.ts';
import type { StepPrediction } from './predict.ts';
import { predictStep } from './predict.ts';
import type { PredictorFit } from './predictor-fit.ts';
import { profileModel } from './profile.ts';
import { validateLayout } from './validate-layout.ts';

/** A run's predicted step with the layout it is for. */
export interface TrainingAnswer {
  readonly layout: Layout;
  readonly layoutText: string;
  readonly prediction: StepPrediction;
}

/**
 * The predicted step of a run. `layoutText` is a layout as `readLayout` takes it, or `auto`: the fastest of the usual
 * layouts that fit, with as much recomputation as memory forces. Throws FlopsheetError with what is wrong and the
 * nearest valid choice.
 */
export function answerTraining(
  model: Architecture,
  hardware: HardwareSpec,
  setup: TrainingSetup,
  chips: number,
  layoutText: string,
  recompute: Recompute,
  fit: PredictorFit,
): TrainingAnswer {
  const profile = profileModel(model, setup.seqLen, setup.multiTokenPrediction);
  const auto = layoutText.trim().toLowerCase() === 'auto' || layoutText.trim() === '';
  const chosen = auto
    ? usualLayout(fit.theta, profile, hardware, setup, chips)
    : readLayout(layoutText, chips, recompute);
  // Without one that fits, the leanest is shown with what it would need.
  const used = chosen ?? layout({ dp: chips, zero: 3, recompute: 'full' });
  // A batch that does not split evenly is an average; everything else keeps the layout from running.
  const problem = validateLayout(profile, hardware, setup, used, chips).find((p) => p.code !== 'layout-batch');
  if (problem !== undefined)
    throw new FlopsheetError(problem.code, problem.message, { where: problem.field, hint: problem.hint });
  const prediction = predictStep(profile, hardware, used, setup, fit, { recomputeUnknown: auto && chosen !== null });
  return { layout: used, layoutText: writeLayout(used), prediction };
}
