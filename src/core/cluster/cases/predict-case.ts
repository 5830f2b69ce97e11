import { usualLayout } from '../auto-layout.ts';
import type { Layout } from '../layout.ts';
import type { StepPrediction } from '../predict.ts';
import { predictStep } from '../predict.ts';
import type { PredictorFit } from '../predictor-fit.ts';
import { profileModel } from '../profile.ts';
import type { LayoutProblem } from '../validate-layout.ts';
import { validateLayout } from '../validate-layout.ts';
import type { PredictionCase } from './case.ts';
import { plausibleLayout } from './plausible.ts';

/** Answer to one row of a table. */
export interface CaseAnswer {
  readonly row: number;
  /** `null`: the row cannot be answered; `notes` says why. */
  readonly prediction: StepPrediction | null;
  readonly layout: Layout | null;
  readonly layoutAssumed: boolean;
  readonly notes: readonly string[];
}

/** Problems that make a printed row meaningless; others (odd batches, long sequences) are noted and predicted. */
const FATAL: ReadonlySet<LayoutProblem['code']> = new Set(['layout-degree', 'layout-seq', 'layout-pp']);

/**
 * Predicts one row of a measured table without reading what was measured. Where the table prints no layout the usual one
 * is assumed and said; an unknown model or chip is an answer of `null` with the name, never another model or chip.
 */
export function predictCase(c: PredictionCase, fit: PredictorFit): CaseAnswer {
  const no = (note: string): CaseAnswer => ({
    row: c.row,
    prediction: null,
    layout: null,
    layoutAssumed: false,
    notes: [note],
  });
  if (c.architecture === null) return no(`The architecture of "${c.model}" is not known: give its config.json.`);
  if (c.hardware === null)
    return no(`The chip "${c.chip}" is not in the catalog: add it, or use a name the catalog knows.`);
  if (!(c.chips >= 1)) return no('The row states no number of chips.');
  const { hardware, setup } = c;
  const profile = profileModel(c.architecture, setup.seqLen, setup.multiTokenPrediction);
  const notes: string[] = [];
  const assumed = c.layout === null;
  const layout =
    c.layout === null
      ? usualLayout(fit.theta, profile, hardware, setup, c.chips)
      : plausibleLayout(profile, hardware, setup, c.layout);
  if (layout === null) return no('The row prints no layout and none of the usual ones fits.');
  if (assumed) notes.push('Layout not printed: the fastest of the usual ones that fit is assumed.');
  for (const problem of validateLayout(profile, hardware, setup, layout)) {
    if (FATAL.has(problem.code)) return no(problem.message);
    notes.push(problem.message);
  }
  const prediction = predictStep(profile, hardware, layout, setup, fit, { recomputeUnknown: c.recomputeUnknown });
  if (!Number.isFinite(prediction.stepSeconds)) return no('The row leaves out a number the prediction needs.');
  return { row: c.row, prediction, layout, layoutAssumed: assumed, notes: [...notes, ...prediction.notes] };
}
