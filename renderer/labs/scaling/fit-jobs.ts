/** What the fit worker can be asked, and what it answers step by step: plain data both ways. */
import {
  fitLaw,
  parsePoints,
  repetitionOfPoints,
  type FitOptions,
  type FitResult,
  type PointOptions,
  type RepetitionFit,
  type ScalingPoints,
} from '../../../src/core/scaling/index.ts';

export interface FitAsked {
  readonly text: string;
  readonly columns: PointOptions;
  readonly fit: Omit<FitOptions, 'bootstrap'>;
  /** Bootstrap refits; 0 for none. */
  readonly draws: number;
}

export interface FitTold {
  readonly label: string;
  /** 0 to 1; null when all is done. */
  readonly progress: number | null;
  /** Points and the fit to them arrive together; a null result: they cannot be fitted. */
  readonly points?: ScalingPoints;
  readonly result?: FitResult | null;
  /** What repeats of data are worth, where the points say what repeats. */
  readonly repetition?: RepetitionFit | null;
}

/** Reads the points, fits them, then draws the bootstrap; each step is told as soon as it stands. */
export function fitPoints(asked: FitAsked, tell: (told: FitTold) => void): void {
  tell({ label: 'Reading the points', progress: 0 });
  const points = parsePoints(asked.text, asked.columns);
  tell({ label: 'Fitting', progress: 0 });
  const repetition = repetitionOfPoints(points);
  let first: FitResult;
  try {
    first = fitLaw(points, asked.fit);
  } catch (error) {
    tell({ label: 'Fitting', progress: null, points, result: null, repetition });
    throw error;
  }
  if (asked.draws === 0) return tell({ label: 'Done', progress: null, points, result: first, repetition });
  tell({ label: 'Bootstrap', progress: 0, points, result: first, repetition });
  const result = fitLaw(points, {
    ...asked.fit,
    bootstrap: {
      draws: asked.draws,
      seed: asked.fit.seed ?? 1,
      onProgress: (done, total) => tell({ label: 'Bootstrap', progress: done / total }),
    },
  });
  tell({ label: 'Done', progress: null, result });
}
