import { FlopsheetError } from '../errors.ts';
import type { Precision } from './hardware.ts';
import { PARAMETER_NAMES } from './parameters.ts';

/** Family whose residuals are alike: models of dense layers, and models with experts or recurrent mixers. */
export type Family = 'dense' | 'moe_hybrid';

/** p10 and p90 of log(measured / predicted) throughput for rows not used in the fit. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** What the fit leaves behind: parameters in the order of `PRIORS`, bands, and what it has seen. */
export interface PredictorFit {
  readonly version: number;
  readonly theta: Float64Array;
  readonly sd: Float64Array;
  readonly bands: Readonly<Record<Family, Band>>;
  /** Highest MFU among measured pre-training rows that print their format; predictions above it are flagged. */
  readonly highestMfu: Readonly<Record<Precision, number>>;
  readonly rows: number;
}

/** File form of a fit. */
export interface PredictorFitFile {
  readonly format: 'flopsheet-predictor';
  readonly version: number;
  readonly parameters: readonly { readonly name: string; readonly value: number; readonly sd: number }[];
  readonly bands: Readonly<Record<Family, Band>>;
  readonly highest_mfu: Readonly<Record<Precision, number>>;
  readonly rows: number;
}

/**
 * Reads a fit file (assets/fits/predictor.json). Parameters are found by name; a missing or unknown name is refused,
 * since a fit of another model form would predict nonsense.
 */
export function readPredictorFit(json: unknown): PredictorFit {
  const file = json as Partial<PredictorFitFile>;
  if (file.format !== 'flopsheet-predictor' || !Array.isArray(file.parameters) || file.bands === undefined) {
    throw new FlopsheetError('predictor-fit', 'This is not a fit of the step-time predictor.', {
      hint: 'Choose a file written by "node scripts/fit-predictor.ts".',
    });
  }
  const byName = new Map((file as PredictorFitFile).parameters.map((p) => [p.name, p]));
  const missing = PARAMETER_NAMES.filter((name) => !byName.has(name));
  if (missing.length > 0 || byName.size !== PARAMETER_NAMES.length) {
    throw new FlopsheetError(
      'predictor-fit-version',
      `The fit is of another version of the predictor (${missing[0] ?? 'a parameter it does not know'}).`,
      { hint: 'Fit again with this version.', where: missing[0] ?? '' },
    );
  }
  return {
    version: file.version ?? 1,
    theta: Float64Array.from(PARAMETER_NAMES, (name) => byName.get(name)?.value ?? Number.NaN),
    sd: Float64Array.from(PARAMETER_NAMES, (name) => byName.get(name)?.sd ?? Number.NaN),
    bands: file.bands,
    highestMfu: file.highest_mfu ?? { bf16: 1, fp8: 1, mxfp8: 1, fp4: 1 },
    rows: file.rows ?? 0,
  };
}

/** The file form of a fit, as `readPredictorFit` takes it. */
export function writePredictorFit(fit: PredictorFit): PredictorFitFile {
  const round = (value: number): number => Number(value.toPrecision(6));
  return {
    format: 'flopsheet-predictor',
    version: fit.version,
    parameters: PARAMETER_NAMES.map((name, j) => ({
      name,
      value: round(fit.theta[j] ?? Number.NaN),
      sd: round(fit.sd[j] ?? Number.NaN),
    })),
    bands: fit.bands,
    highest_mfu: fit.highestMfu,
    rows: fit.rows,
  };
}
