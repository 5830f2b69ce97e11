import { FlopsheetError } from '../errors.ts';
import { SERVING_PARAMETER_NAMES } from './parameters.ts';

/** Models whose residuals are alike. */
export type ServingFamily = 'dense' | 'moe';

/** p10 and p90 of log(measured / predicted) time per output token, on models left out of the fit. */
export interface ServingBand {
  readonly low: number;
  readonly high: number;
}

/** What a fit of the serving model leaves behind. */
export interface ServingFit {
  readonly version: number;
  readonly theta: Float64Array;
  readonly sd: Float64Array;
  readonly bands: Readonly<Record<ServingFamily, ServingBand>>;
  readonly rows: number;
}

/** File form of a fit (assets/fits/serving.json). */
export interface ServingFitFile {
  readonly format: 'flopsheet-serving';
  readonly version: number;
  readonly parameters: readonly { readonly name: string; readonly value: number; readonly sd: number }[];
  readonly bands: Readonly<Record<ServingFamily, ServingBand>>;
  readonly rows: number;
}

/** Reads a fit file; parameters are found by name and a missing or unknown one is refused. Throws `serving-fit`. */
export function readServingFit(json: unknown): ServingFit {
  const file = json as Partial<ServingFitFile>;
  const byName = new Map(
    (Array.isArray(file.parameters) ? (file as ServingFitFile).parameters : []).map((p) => [p.name, p]),
  );
  const missing = SERVING_PARAMETER_NAMES.find((name) => !byName.has(name));
  if (
    file.format !== 'flopsheet-serving' ||
    file.bands === undefined ||
    missing !== undefined ||
    byName.size !== SERVING_PARAMETER_NAMES.length
  )
    throw new FlopsheetError('serving-fit', 'This is not a fit of this version of the serving model.', {
      where: missing ?? '',
      hint: 'Choose a file written by "node scripts/fit-serving.ts" of this version.',
    });
  return {
    version: file.version ?? 1,
    theta: Float64Array.from(SERVING_PARAMETER_NAMES, (name) => byName.get(name)?.value ?? Number.NaN),
    sd: Float64Array.from(SERVING_PARAMETER_NAMES, (name) => byName.get(name)?.sd ?? Number.NaN),
    bands: file.bands,
    rows: file.rows ?? 0,
  };
}
