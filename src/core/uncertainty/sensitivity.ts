/** What drives an uncertain result: first-order and total indices, and the one-at-a-time tornado. */

/** Variance of `y[0..n)` (divisor n), by two passes. NaN when a sample is NaN. */
export function varianceOf(y: Float64Array, n: number): number {
  let mean = 0;
  for (let i = 0; i < n; i++) mean += y[i]!;
  mean /= n;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (y[i]! - mean) ** 2;
  return sum / n;
}

/**
 * First-order index of one source: the share of Var(y) that fixing it would remove, Var(E[y | u]) / Var(y), from the
 * samples already at hand. `u[i]` in 0..1 is the source's uniform point of sample i; `bins` equal slices of u (default
 * about n^(1/3), 8 to 64). Corrected for the noise of the slice means; cut at 0 and 1. A constant y gives 0, an unknown
 * one NaN. Standard error about sqrt(2 bins) / n plus 1 / sqrt(n) for y with light tails.
 *
 * Source: E. Plischke, "An effective algorithm for computing global sensitivity indices (EASI)", Reliab. Eng. Syst. Saf.
 * 95 (2010) for the given-data setting; the correction is the omega-squared of one-way analysis of variance (Hays 1963).
 */
export function firstOrderIndex(u: Float64Array, y: Float64Array, n: number, bins = defaultBins(n)): number {
  const sums = new Float64Array(bins);
  const counts = new Float64Array(bins);
  let mean = 0;
  for (let i = 0; i < n; i++) mean += y[i]!;
  mean /= n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const b = Math.min(bins - 1, (u[i]! * bins) | 0);
    const centred = y[i]! - mean;
    sums[b]! += centred;
    counts[b]!++;
    total += centred * centred;
  }
  if (!(total > 0)) return total === 0 ? 0 : NaN;
  let between = 0;
  let filled = 0;
  for (let b = 0; b < bins; b++) {
    if (counts[b] === 0) continue;
    filled++;
    between += sums[b]! ** 2 / counts[b]!;
  }
  if (n <= filled) return NaN;
  const within = (total - between) / (n - filled);
  return Math.min(1, Math.max(0, (between - (filled - 1) * within) / (total + within)));
}

function defaultBins(n: number): number {
  return Math.max(8, Math.min(64, Math.round(Math.cbrt(n))));
}

/**
 * First-order indices of all sources: `fillUniforms(source, out)` writes the n uniform points of source number
 * `source` (0..sources-1) into `out`. Independent sources sum to at most 1; the rest is interaction.
 */
export function firstOrderIndices(
  y: Float64Array,
  n: number,
  sources: number,
  fillUniforms: (source: number, out: Float64Array) => void,
): Float64Array {
  const u = new Float64Array(n);
  const out = new Float64Array(sources);
  for (let s = 0; s < sources; s++) {
    fillUniforms(s, u);
    out[s] = firstOrderIndex(u, y, n);
  }
  return out;
}

/**
 * Total index of a source or group: the share of Var(y) left if everything else were known. `y` are the results, and
 * `yResampled` those with only the group's points replaced by `resampledUniforms`, sample by sample.
 * Source: M. J. W. Jansen, Comput. Phys. Commun. 117 (1999); recommended by Saltelli et al. (2010), table 2.
 */
export function totalIndex(y: Float64Array, yResampled: Float64Array, n: number): number {
  const variance = varianceOf(y, n);
  if (!(variance > 0)) return variance === 0 ? 0 : NaN;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (y[i]! - yResampled[i]!) ** 2;
  return Math.min(1, sum / (2 * n * variance));
}

/**
 * Total indices of groups: `evaluateResampled(group, out)` writes the n results with group number `group`
 * (0..groups-1) resampled (`resampledUniforms`) into `out`. One evaluation of the model a group.
 */
export function totalIndices(
  y: Float64Array,
  n: number,
  groups: number,
  evaluateResampled: (group: number, out: Float64Array) => void,
): Float64Array {
  const buffer = new Float64Array(n);
  const out = new Float64Array(groups);
  for (let g = 0; g < groups; g++) {
    evaluateResampled(g, buffer);
    out[g] = totalIndex(y, buffer, n);
  }
  return out;
}

/** One bar of a tornado: the result with one source at its P10 and P90 and all others at their medians. */
export interface TornadoBar {
  readonly source: number;
  readonly atP10: number;
  readonly atP90: number;
  /** |atP90 - atP10|; NaN when either is unknown. */
  readonly swing: number;
}

/**
 * One-at-a-time tornado: `evaluate(source, p)` is the result with source number `source` at its quantile p and every
 * other at its median. Bars come widest first, unknown last, ties by number.
 */
export function tornado(sources: number, evaluate: (source: number, p: number) => number): TornadoBar[] {
  const bars: TornadoBar[] = [];
  for (let source = 0; source < sources; source++) {
    const atP10 = evaluate(source, 0.1);
    const atP90 = evaluate(source, 0.9);
    bars.push({ source, atP10, atP90, swing: Math.abs(atP90 - atP10) });
  }
  const rank = (bar: TornadoBar): number => (Number.isNaN(bar.swing) ? -1 : bar.swing);
  return bars.sort((a, b) => (rank(b) === rank(a) ? a.source - b.source : rank(b) - rank(a)));
}
