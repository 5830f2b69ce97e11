import { usualLayout } from './auto-layout.ts';
import type { PredictionCase } from './cases/case.ts';
import { plausibleLayout } from './cases/plausible.ts';
import type { FitCase } from './fit.ts';
import { fitCase, fitParameters, predictLog } from './fit.ts';
import { PRIORS } from './parameters.ts';
import { familyOf } from './predict.ts';
import type { Band, Family, PredictorFit } from './predictor-fit.ts';
import { profileModel } from './profile.ts';
import { validateLayout } from './validate-layout.ts';

/** One run of a refit: |predicted / measured - 1| as a share, by the fit before, and after with the run itself left out. */
export interface RefitRow {
  /** Row of the table, from 0. */
  readonly row: number;
  readonly what: string;
  readonly before: number;
  readonly after: number;
}

export interface Refit {
  /** The fit to use: refitted when that predicts runs left out better, else the one before. */
  readonly fit: PredictorFit;
  readonly adopted: boolean;
  readonly rows: readonly RefitRow[];
  /** Rows that could not be used, each with its reason. */
  readonly unused: readonly { readonly row: number; readonly reason: string }[];
  /** Mean of the rows' errors before and after. */
  readonly before: number;
  readonly after: number;
}

/** Fewest runs a refit is judged on: with fewer, leaving one out says nothing. */
export const FEWEST_RUNS = 3;
/** Fewest runs of a family whose held-out errors make a band of their own. */
const FEWEST_FOR_BAND = 10;
/** Beyond this many runs they are left out in tens, not one by one. */
const MOST_FOLDS = 40;

interface Usable {
  readonly row: number;
  readonly what: string;
  readonly family: Family;
  readonly fit: FitCase;
}

function prepared(c: PredictionCase, theta: Float64Array): Usable | string {
  if (c.architecture === null) return `the architecture of "${c.model}" is not known`;
  if (c.hardware === null) return `the chip "${c.chip}" is not in the catalog`;
  if (c.measured === null || !(c.measured > 0)) return 'no tokens_per_s_per_chip or step_s above 0';
  if (!(c.chips >= 1) || !(c.setup.seqLen >= 1) || !(c.setup.batchSeqs >= 1))
    return 'chips, seq_len and batch_seqs must be at least 1';
  const p = profileModel(c.architecture, c.setup.seqLen, c.setup.multiTokenPrediction);
  const layout =
    c.layout === null
      ? usualLayout(theta, p, c.hardware, c.setup, c.chips)
      : plausibleLayout(p, c.hardware, c.setup, c.layout);
  if (layout === null) return 'no layout is given and none of the usual ones fits';
  const wrong = validateLayout(p, c.hardware, c.setup, layout, c.chips).find((x) => x.code !== 'layout-batch');
  if (wrong !== undefined) return `${wrong.message} ${wrong.hint}`;
  const fit = fitCase(p, c.hardware, c.setup, layout, c.recomputeUnknown, c.measured, 1);
  return { row: c.row, what: `${c.model} on ${c.chips} ${c.chip}`, family: familyOf(p), fit };
}

function bandOf(logs: readonly number[]): Band {
  const sorted = logs.map((d) => -d).sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? 0;
  return { low: at(0.1), high: at(0.9) };
}

/**
 * Refits the step-time predictor on somebody's own runs: the parameters of `before`, each with its spread, are what is
 * believed; the runs move them. Judged on runs left out of the refit (one by one, or in tens): it is adopted only when
 * those come out nearer than before. Deterministic. Throws nothing: rows that cannot be used are listed with the reason.
 */
export function refitPredictor(before: PredictorFit, cases: readonly PredictionCase[]): Refit {
  const usable: Usable[] = [];
  const unused: { row: number; reason: string }[] = [];
  for (const c of cases) {
    const found = prepared(c, before.theta);
    if (typeof found === 'string') unused.push({ row: c.row, reason: found });
    else usable.push(found);
  }
  const priors = PRIORS.map((p, j) => ({ ...p, mean: before.theta[j] ?? p.mean, sd: before.sd[j] ?? p.sd }));
  const folds = usable.length <= MOST_FOLDS ? usable.length : 10;
  const heldOut = new Float64Array(usable.length);
  for (let fold = 0; fold < folds && usable.length >= FEWEST_RUNS; fold++) {
    const kept = usable.filter((_, i) => i % folds !== fold).map((u) => u.fit);
    const { theta } = fitParameters(kept, { iterations: 10 }, priors);
    usable.forEach((u, i) => {
      if (i % folds === fold) heldOut[i] = predictLog(theta, u.fit) - u.fit.logMeasured;
    });
  }
  const share = (log: number): number => Math.abs(Math.exp(log) - 1);
  const rows = usable.map((u, i) => ({
    row: u.row,
    what: u.what,
    before: share(predictLog(before.theta, u.fit) - u.fit.logMeasured),
    after: share(heldOut[i] ?? 0),
  }));
  const mean = (pick: (r: RefitRow) => number): number =>
    rows.length === 0 ? Number.NaN : rows.reduce((sum, r) => sum + pick(r), 0) / rows.length;
  const [errorBefore, errorAfter] = [mean((r) => r.before), mean((r) => r.after)];
  const adopted = usable.length >= FEWEST_RUNS && errorAfter < errorBefore;
  if (!adopted) return { fit: before, adopted, rows, unused, before: errorBefore, after: errorAfter };
  const fitted = fitParameters(
    usable.map((u) => u.fit),
    { iterations: 20 },
    priors,
  );
  const bands = { ...before.bands };
  for (const family of ['dense', 'moe_hybrid'] as const) {
    const logs = usable.flatMap((u, i) => (u.family === family ? [heldOut[i] ?? 0] : []));
    if (logs.length >= FEWEST_FOR_BAND) bands[family] = bandOf(logs);
  }
  const fit = { ...before, theta: fitted.theta, sd: fitted.sd, bands, rows: before.rows + usable.length };
  return { fit, adopted, rows, unused, before: errorBefore, after: errorAfter };
}
