import type { Finding, ScalingPoints } from './points.ts';

export interface Inspection {
  /** The user named the columns: a suspicion becomes a warning. */
  readonly columnsConfirmed: boolean;
  readonly paramsGiven: boolean;
  readonly tokensGiven: boolean;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted[sorted.length >> 1] ?? NaN;
}

const shortNumber = (v: number) => Number(v.toPrecision(3)).toString();

/** A column that holds counts and, in other rows, counts in millions or billions: the lines of the smaller group. */
function mixedUnits(values: Float64Array): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  for (let k = 1; k < order.length; k++) {
    const below = values[order[k - 1]!]!;
    const above = values[order[k]!]!;
    if (above / below > 3e4 && below < 1e5) return k <= order.length - k ? order.slice(0, k) : order.slice(k);
  }
  return [];
}

function select(points: ScalingPoints, keep: (i: number) => boolean): ScalingPoints {
  const indices = Array.from(points.loss.keys()).filter(keep);
  const pick = (a: Float64Array) => Float64Array.from(indices, (i) => a[i]!);
  return {
    ...points,
    params: pick(points.params),
    tokens: pick(points.tokens),
    loss: pick(points.loss),
    flop: pick(points.flop),
    unique: points.unique && pick(points.unique),
    line: Int32Array.from(indices, (i) => points.line[i]!),
    rowsExcluded: points.rowsExcluded + points.loss.length - indices.length,
  };
}

/**
 * Looks for what numbers alone give away: mixed or unclear units, swapped columns, FLOP that do not match 6 N D, duplicates,
 * a loss column that is no loss. Rows in a minority unit are left out; everything else is kept and reported.
 */
export function inspectPoints(input: ScalingPoints, how: Inspection): ScalingPoints {
  const findings: Finding[] = [...input.findings];
  let points = input;
  for (const role of ['params', 'tokens'] as const) {
    if (!(role === 'params' ? how.paramsGiven : how.tokensGiven)) continue;
    const odd = mixedUnits(points[role]);
    if (odd.length === 0) continue;
    const drop = new Set(odd);
    const lines = odd.slice(0, 10).map((i) => points.line[i]!);
    findings.push({
      severity: 'warning',
      code: 'mixed_units',
      message: `Column "${points.columns[role]}" mixes units: ${odd.length} of ${points.loss.length} rows are tens of thousands of times off the rest, such as ${shortNumber(points[role][odd[0]!]!)}. They are left out.`,
      hint: 'Write all counts in one unit, or with a suffix (70M, 1.4B).',
      lines,
    });
    points = select(points, (i) => !drop.has(i));
  }
  const n = points.loss.length;
  if (n === 0) return { ...points, findings };
  if (how.paramsGiven && how.tokensGiven) {
    const ratio = Float64Array.from(points.params, (p, i) => points.tokens[i]! / p);
    const below = ratio.reduce((count, r) => count + (r < 1 ? 1 : 0), 0);
    const middle = median(ratio);
    if (below >= 0.8 * n && middle < 0.5) {
      findings.push({
        severity: how.columnsConfirmed ? 'warning' : 'refuse',
        code: 'columns_swapped',
        message: `Params and tokens look swapped: ${below} of ${n} runs would have fewer tokens than parameters (middle ratio ${shortNumber(middle)} tokens per parameter).`,
        hint: `If so, use "${points.columns.tokens}" for params and "${points.columns.params}" for tokens; if not, name both columns to confirm.`,
        lines: [],
      });
    }
    if (points.flopGiven) {
      const excess = median(Float64Array.from(points.flop, (c, i) => c / (6 * points.params[i]! * points.tokens[i]!)));
      if (excess > 1.5 || excess < 0.67) {
        findings.push({
          severity: 'warning',
          code: 'flop_mismatch',
          message: `FLOP and 6 x params x tokens differ by a factor ${shortNumber(excess)} in the middle.`,
          hint: 'Attention or embeddings may be counted, epochs left out, or a unit differ. Budgets are taken as given, sizes and tokens too.',
          lines: [],
        });
      }
    }
  }
  if (median(points.params) < 1e4 || median(points.tokens) < 1e4) {
    findings.push({
      severity: 'question',
      code: 'units_unclear',
      message: `The middle size is ${shortNumber(median(points.params))} and the middle token count ${shortNumber(median(points.tokens))}: millions or billions?`,
      hint: 'Exponents do not depend on the unit, but coefficients and sizes do. Write the unit in the heading, as in "params (B)".',
      lines: [],
    });
  }
  if (median(points.loss) > 20) {
    findings.push({
      severity: 'question',
      code: 'loss_unlikely',
      message: `The middle loss is ${shortNumber(median(points.loss))}: that is more like a perplexity or a percentage than nats per token.`,
      hint: 'Convert perplexity to a loss with its natural logarithm.',
      lines: [],
    });
  }
  const duplicates = duplicateRows(points);
  if (duplicates.length > 0) {
    findings.push({
      severity: 'warning',
      code: 'duplicates',
      message: `${duplicates.length} of ${n} points repeat an earlier one exactly; they count twice and make intervals too narrow.`,
      hint: 'Remove them, or fit without duplicates.',
      lines: duplicates.slice(0, 10).map((i) => points.line[i]!),
    });
  }
  if (n > 50_000) {
    findings.push({
      severity: 'note',
      code: 'many_points',
      message: `${n} points: starts are searched on a sample and finished on all; the bootstrap draws smaller samples and rescales.`,
      hint: 'Logged losses along one run are not independent: one point a run (its end) is what the laws describe.',
      lines: [],
    });
  }
  return { ...points, findings };
}

/** Indices of points equal to an earlier one. */
export function duplicateRows(points: Pick<ScalingPoints, 'params' | 'tokens' | 'loss'>): number[] {
  // One double per point stands for the triple; different triples meet with a chance of about 1e-10 at 1e6 rows.
  const seen = new Set<number>();
  const found: number[] = [];
  for (let i = 0; i < points.loss.length; i++) {
    const key =
      Math.log(points.params[i]!) * 0.7310585786300049 +
      Math.log(points.tokens[i]!) * 1.6180339887498949 +
      points.loss[i]! * 2.718281828459045;
    if (seen.has(key)) found.push(i);
    else seen.add(key);
  }
  return found;
}
