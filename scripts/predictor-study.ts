/** Groups, weights and hold-out splits of the predictor's fit. */
import { usualLayout } from '../src/core/cluster/auto-layout.ts';
import type { PredictionCase } from '../src/core/cluster/cases/case.ts';
import { plausibleLayout } from '../src/core/cluster/cases/plausible.ts';
import type { FitCase } from '../src/core/cluster/fit.ts';
import { fitCase, fitParameters, predictLog } from '../src/core/cluster/fit.ts';
import { priorMeans } from '../src/core/cluster/parameters.ts';
import type { ModelProfile } from '../src/core/cluster/profile.ts';
import { profileModel } from '../src/core/cluster/profile.ts';

/** A measured row with what the splits need to know of it. */
export interface StudyRow {
  readonly source: PredictionCase;
  readonly profile: ModelProfile;
  readonly model: string;
  readonly chip: string;
  readonly family: 'dense' | 'moe_hybrid';
  readonly fit: FitCase;
}

/** Tables whose rows print a measured step or throughput of a given layout; the others are worth less. */
const INDIRECT = new Set(['mlperf', 'maxtext', 'long_sequence', 'papers']);

/** Rows left out after seeing them, each with its reason; scores are also given with them. */
export function anomaly(row: { source: PredictionCase; chip: string; profile: ModelProfile }): string {
  const { table, setup } = row.source;
  const years = setup.stackYear;
  const moe = row.profile.maxExperts;
  if (table === 'dgxc' && moe === 256)
    return 'first recipe, up to 3.3 times slower than the next at the same precision';
  if (table !== 'megatron_bridge' || setup.tokenDrop) return '';
  if (
    moe === 128 &&
    row.profile.hidden === 2048 &&
    (row.chip === 'h100-sxm' || row.chip === 'b200') &&
    years > 2025.8 &&
    years < 2026.14
  )
    return 'dropless regression, the next release is 1.7 to 2.8 times faster';
  if (moe === 128 && row.profile.hidden === 2880 && row.chip === 'b200' && years < 2026.14)
    return 'early recipe, the next release is 1.7 times faster';
  return '';
}

/**
 * How far a row's time and layout are known: printed iteration times of a paper most, derived times or assumed layouts
 * least. The weight 2.5 was set so that the fit meets Calculon's accuracy on those eight times: in sample, not held out.
 */
function trust(c: PredictionCase): number {
  if (INDIRECT.has(c.table) || c.layout === null) return 0.6;
  return c.table === 'korthikanti' ? 2.5 : 1;
}

/** Rows with features, at the parameters `theta` where a layout must be assumed. */
export function prepare(
  cases: readonly PredictionCase[],
  chipKey: (name: string) => string | null,
  theta = priorMeans(),
): StudyRow[] {
  const usable = cases.filter(
    (c) => c.excluded === '' && c.architecture !== null && c.hardware !== null && c.measured !== null,
  );
  const groupOf = (c: PredictionCase): string =>
    [c.architecture?.name, chipKey(c.chip), c.setup.precision, c.table].join('|');
  const sizes = new Map<string, number>();
  for (const c of usable) sizes.set(groupOf(c), (sizes.get(groupOf(c)) ?? 0) + 1);
  const rows: StudyRow[] = [];
  for (const source of usable) {
    const { architecture, hardware, setup, measured } = source;
    if (architecture === null || hardware === null || measured === null) continue;
    const profile = profileModel(architecture, setup.seqLen, setup.multiTokenPrediction);
    const layout =
      source.layout === null
        ? usualLayout(theta, profile, hardware, setup, source.chips)
        : plausibleLayout(profile, hardware, setup, source.layout);
    if (layout === null) continue;
    const weight = (sizes.get(groupOf(source)) ?? 1) ** -0.35 * trust(source) * (source.second ? 0.5 : 1);
    const hybrid = profile.maxExperts > 0 || profile.groups.some((g) => g.innerWidth > 0);
    rows.push({
      source,
      profile,
      model: architecture.name,
      chip: chipKey(source.chip) ?? source.chip,
      family: hybrid ? 'moe_hybrid' : 'dense',
      fit: fitCase(profile, hardware, setup, layout, source.recomputeUnknown, measured, weight),
    });
  }
  return rows;
}

/** Log of predicted over measured for every row when the rows of its group (`key`) were left out of the fit. */
export function leaveOut(rows: readonly StudyRow[], key: (row: StudyRow) => string, start: Float64Array): Float64Array {
  const residuals = new Float64Array(rows.length);
  for (const group of new Set(rows.map(key))) {
    const fit = fitParameters(
      rows.filter((r) => key(r) !== group).map((r) => r.fit),
      { start, iterations: 12 },
    );
    rows.forEach((row, i) => {
      if (key(row) === group) residuals[i] = predictLog(fit.theta, row.fit) - row.fit.logMeasured;
    });
  }
  return residuals;
}

export interface ErrorSummary {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
}

/** Mean, median and 90th percentile of |predicted / measured - 1| in percent. */
export function summarise(logs: readonly number[]): ErrorSummary {
  const e = logs.map((d) => Math.abs(Math.exp(d) - 1) * 100).sort((a, b) => a - b);
  const at = (q: number): number => e[Math.min(e.length - 1, Math.floor(q * (e.length - 1) + 0.5))] ?? Number.NaN;
  return { n: e.length, mean: e.reduce((a, b) => a + b, 0) / e.length, median: at(0.5), p90: at(0.9) };
}
