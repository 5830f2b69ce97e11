import { mean, quantile, standardDeviation } from './statistics.ts';

/** Bootstrap summary of one parameter. */
export interface ParameterSummary {
  readonly p2_5: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p97_5: number;
  readonly mean: number;
  readonly sd: number;
}

/** Summaries of functions of bootstrap rows (row-major, `width` numbers each). */
export function summarise(
  rows: Float64Array,
  width: number,
  parameters: Record<string, (row: Float64Array) => number>,
): Record<string, ParameterSummary> {
  const n = rows.length / width;
  const result: Record<string, ParameterSummary> = {};
  for (const [name, f] of Object.entries(parameters)) {
    const values = Float64Array.from({ length: n }, (_, i) => f(rows.subarray(i * width, (i + 1) * width))).sort();
    result[name] = {
      p2_5: quantile(values, 0.025),
      p10: quantile(values, 0.1),
      p50: quantile(values, 0.5),
      p90: quantile(values, 0.9),
      p97_5: quantile(values, 0.975),
      mean: mean(values),
      sd: standardDeviation(values),
    };
  }
  return result;
}

/** Indices of residuals more than 4.5 robust standard deviations (1.4826 x median absolute deviation) from their median. */
export function outliers(residuals: Float64Array): number[] {
  const middle = quantile(residuals.slice().sort(), 0.5);
  const spread = 1.4826 * quantile(residuals.map((r) => Math.abs(r - middle)).sort(), 0.5);
  if (!(spread > 1e-9)) return [];
  return Array.from(residuals.keys()).filter((i) => Math.abs(residuals[i]! - middle) > 4.5 * spread);
}
