import { FlopsheetError } from '../errors.ts';
import { dataLimitedLoss } from './data-limited.ts';
import type { RepetitionConstants } from './data-limited.ts';
import { additiveConstants, wrongLaw } from './equations.ts';
import { findLaw } from './laws.ts';
import { minimizePlane } from './minimize.ts';
import type { ScalingPoints } from './points.ts';
import type { Law } from './types.ts';

export interface RepeatedRuns {
  readonly params: ArrayLike<number>;
  readonly tokens: ArrayLike<number>;
  /** Distinct tokens of each run. */
  readonly unique: ArrayLike<number>;
  readonly loss: ArrayLike<number>;
}

export interface RepetitionFit extends RepetitionConstants {
  readonly objective: number;
  /** A deeper minimum elsewhere, when a wide scan finds one: the data do not settle the constants. */
  readonly elsewhere: (RepetitionConstants & { readonly objective: number }) | null;
}

/**
 * Fits how fast repeated data and surplus parameters lose their worth (RD, RN), the base law held fixed: sum of Huber losses of
 * ln L, descended from the constants of the base law (10 and 10 when it has none). The valley is long and flat: a wide scan
 * looks for a deeper place and reports it beside the answer rather than jumping there.
 * @source Muennighoff et al. 2023, section 5.
 */
export function fitRepetition(base: Law, runs: RepeatedRuns, delta = 1e-3): RepetitionFit {
  const constants = additiveConstants(base);
  if (!constants)
    throw wrongLaw(base, 'has no additive loss to extend to repeated data', 'Use muennighoff2023 as the base.');
  const n = runs.loss.length;
  let repeated = 0;
  for (let i = 0; i < n; i++) if (runs.tokens[i]! > runs.unique[i]! * 1.01) repeated++;
  if (repeated < 5) {
    throw new FlopsheetError(
      'fit_too_few_points',
      `Only ${repeated} of ${n} runs repeat data; at least 5 are needed.`,
      { hint: 'Add runs with more tokens than unique tokens.' },
    );
  }
  const objective = (lnRD: number, lnRN: number) => {
    const repetition = { RD: Math.exp(lnRD), RN: Math.exp(lnRN) };
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const r = Math.abs(
        Math.log(
          dataLimitedLoss(constants, repetition, runs.params[i]!, runs.tokens[i]!, runs.unique[i]!) / runs.loss[i]!,
        ),
      );
      sum += r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
    }
    return sum;
  };
  const near = minimizePlane(objective, [Math.log(base.constants.RD ?? 10), Math.log(base.constants.RN ?? 10)], 0.1);
  let place: [number, number] = [0, 0];
  let least = Infinity;
  for (let i = 0; i <= 8; i++) {
    for (let j = 0; j <= 8; j++) {
      const value = objective(i * 0.6, j * 0.6);
      if (value < least) {
        least = value;
        place = [i * 0.6, j * 0.6];
      }
    }
  }
  const far = minimizePlane(objective, place, 0.3);
  const answer = ([lnRD, lnRN, value]: readonly [number, number, number]) => ({
    RD: Math.exp(lnRD),
    RN: Math.exp(lnRN),
    objective: value,
  });
  return { ...answer(near), elsewhere: far[2] < near[2] * (1 - 1e-6) ? answer(far) : null };
}

/**
 * The worth of repeats by points that name their distinct tokens, over the base law of Muennighoff 2023; null for points that
 * do not, or too few that repeat. The fit of size and tokens does not see repeats: this is what it leaves out.
 */
export function repetitionOfPoints(points: ScalingPoints): RepetitionFit | null {
  const { unique } = points;
  if (unique === null) return null;
  const kept = Array.from(unique.keys()).filter((i) => unique[i]! > 0);
  const pick = (values: Float64Array) => kept.map((i) => values[i]!);
  try {
    return fitRepetition(findLaw('muennighoff2023'), {
      params: pick(points.params),
      tokens: pick(points.tokens),
      unique: pick(unique),
      loss: pick(points.loss),
    });
  } catch (error) {
    if (error instanceof FlopsheetError && error.code === 'fit_too_few_points') return null;
    throw error;
  }
}
