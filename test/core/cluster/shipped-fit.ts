import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCases, caseContext } from '../../../scripts/predictor-data.ts';
import type { PredictorFit } from '../../../src/core/cluster/predictor-fit.ts';
import { readPredictorFit } from '../../../src/core/cluster/predictor-fit.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The fit that ships with the product. */
export const shippedFit: PredictorFit = readPredictorFit(
  JSON.parse(readFileSync(join(ROOT, 'assets/fits/predictor.json'), 'utf8')),
);
export const context = caseContext();
export const cases = allCases(context);

/** An architecture or chip the tests name; missing is a broken test. */
export function known<T>(value: T | null): T {
  if (value === null) throw new Error('not in the catalog');
  return value;
}
