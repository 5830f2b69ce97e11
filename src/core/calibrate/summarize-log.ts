import { FlopsheetError } from '../errors.ts';
import { quantile } from './quantile.ts';
import { theilSen } from './stats.ts';
import type { LogFormat, StepPoint } from './training-line.ts';

/** What the person knows and the log does not say. */
export interface LogContext {
  /** Tokens of one sequence. */
  readonly seqLen?: number;
  readonly chips?: number;
  /** Dense peak FLOP/s of one chip. */
  readonly peakFlopPerS?: number;
}

export interface LogSummary {
  readonly format: LogFormat;
  /** Steps used. */
  readonly points: number;
  readonly excluded: number;
  readonly stepSP50: number | null;
  readonly stepSP99: number | null;
  /** Relative change of the step time from the first step used to the last (Theil-Sen); null of fewer than ten. */
  readonly drift: number | null;
  /** Sequences of one step over all chips. */
  readonly batchSequences: number | null;
  readonly tokensPerS: number | null;
  readonly tokensPerSPerChip: number | null;
  readonly flopPerSPerChip: number | null;
  readonly hardwareFlopPerSPerChip: number | null;
  readonly mfu: number | null;
  readonly hfu: number | null;
  readonly notes: readonly string[];
}

const sorted = (values: readonly (number | null)[]): number[] =>
  values.filter((value) => value !== null).sort((a, b) => a - b);
const median = (values: readonly (number | null)[]): number | null => {
  const known = sorted(values);
  return known.length === 0 ? null : quantile(known, 0.5);
};

/** Time that stands for the speed of a step, one measure for the whole log: its duration, else the inverse of its token rate. */
function slownessOf(points: readonly StepPoint[]): (point: StepPoint) => number | null {
  if (points.every((point) => point.stepS !== null)) return (point) => point.stepS;
  return (point) => (point.tokensPerSPerChip ? 1 / point.tokensPerSPerChip : null);
}

/** Steps whose pairs are looked at: more say nothing new and cost the square. */
const DRIFT_STEPS = 300;

function driftOf(points: readonly StepPoint[]): number | null {
  const timed = points.filter((point) => point.stepS !== null);
  if (timed.length < 10) return null;
  const every = Math.ceil(timed.length / DRIFT_STEPS);
  const used = timed.filter((_, at) => at % every === 0);
  const times = used.map((point) => point.stepS as number);
  const steps = used.map((point) => point.step);
  const span = (steps.at(-1) as number) - (steps[0] as number);
  return (
    (theilSen(steps, times) * span) /
    quantile(
      [...times].sort((a, b) => a - b),
      0.5,
    )
  );
}

/**
 * Summary of the steps of one log: medians, and p50 and p99 of the step time in seconds. Left out, and said: steps the
 * framework marks as skipped or NaN, leading steps slower than 1.2 medians (warm-up, at most a fifth and the first one),
 * and steps farther than 5 scaled median absolute deviations (at least 5 %) from the median. Throws FlopsheetError on no steps or mixed formats.
 */
export function summarizeLog(points: readonly StepPoint[], context: LogContext = {}): LogSummary {
  const first = points[0];
  if (!first)
    throw new FlopsheetError('LOG_EMPTY', 'no training step was found', {
      hint: 'read are logs of Megatron-LM, nanotron, torchtitan and the Hugging Face Trainer',
    });
  const other = points.find((point) => point.format !== first.format);
  if (other)
    throw new FlopsheetError('LOG_MIXED', `the file mixes logs of ${first.format} and ${other.format}`, {
      hint: 'split it: each run has its own step times',
    });
  const notes: string[] = [];
  let kept = points.filter((point) => !point.bad);
  if (kept.length < points.length)
    notes.push(`${points.length - kept.length} steps with skipped or NaN updates left out`);
  const slowness = slownessOf(kept);
  const typical = median(kept.map(slowness));
  if (typical !== null && kept.length >= 3) {
    const most = Math.max(1, Math.floor(kept.length / 5));
    let warmUp = 0;
    while (warmUp < most && (slowness(kept[warmUp] as StepPoint) ?? 0) > 1.2 * typical) warmUp += 1;
    if (warmUp > 0) notes.push(`${warmUp} warm-up steps at the start left out`);
    kept = kept.slice(warmUp);
    const centre = median(kept.map(slowness)) as number;
    const spread = median(kept.map((point) => Math.abs((slowness(point) ?? centre) - centre))) as number;
    const limit = Math.max(5 * 1.4826 * spread, 0.05 * centre);
    const inside = kept.filter((point) => Math.abs((slowness(point) ?? centre) - centre) <= limit);
    if (inside.length < kept.length) notes.push(`${kept.length - inside.length} outlying steps left out`);
    kept = inside;
  }
  if (kept.length === 0) throw new FlopsheetError('LOG_EMPTY', 'every step of the log is marked as skipped or NaN');
  const steps = sorted(kept.map((point) => point.stepS));
  const p50 = steps.length > 0 ? quantile(steps, 0.5) : null;
  const batch = median(kept.map((point) => point.batchSequences));
  const { seqLen, chips, peakFlopPerS } = context;
  let tokensPerS = median(kept.map((point) => point.tokensPerS));
  let perChip = median(kept.map((point) => point.tokensPerSPerChip));
  if (tokensPerS === null && p50 !== null && batch !== null && seqLen !== undefined)
    tokensPerS = (batch * seqLen) / p50;
  if (tokensPerS === null && perChip !== null && chips !== undefined) tokensPerS = perChip * chips;
  if (perChip === null && tokensPerS !== null && chips !== undefined) perChip = tokensPerS / chips;
  if (tokensPerS === null) notes.push('tokens/s is unknown: give --seq, or --chips when the log counts per GPU');
  const flop = median(kept.map((point) => point.flopPerSPerChip));
  const hardware = median(kept.map((point) => point.hardwareFlopPerSPerChip));
  const printed = median(kept.map((point) => point.mfu));
  const mfu = peakFlopPerS !== undefined && flop !== null ? flop / peakFlopPerS : printed;
  if (mfu === null) notes.push('MFU is unknown: give --peak-tflops, and log the throughput per GPU');
  else if (mfu === printed) notes.push('MFU as printed by the framework, against the peak it assumed');
  else notes.push('MFU from the FLOP as the framework counts them, against the dense peak given');
  if (mfu !== null && mfu > 1)
    throw new FlopsheetError(
      'LOG_MFU',
      `the log gives an MFU of ${(100 * mfu).toFixed(0)} %, more than the chip can do`,
      {
        hint: 'give the dense peak of this chip at this precision in TFLOP/s',
      },
    );
  if (steps.length > 0 && steps.length < 100)
    notes.push(`p99 of ${steps.length} steps is little more than the slowest`);
  const drift = driftOf(kept);
  if (drift !== null && Math.abs(drift) > 0.03)
    notes.push(
      `step time drifts by ${drift > 0 ? '+' : ''}${(100 * drift).toFixed(1)} % over the log: heat, or a filling store`,
    );
  if (first.format === 'hf-trainer') notes.push('the Trainer prints one mean of the whole run: warm-up is inside');
  return {
    format: first.format,
    points: kept.length,
    excluded: points.length - kept.length,
    stepSP50: p50,
    stepSP99: steps.length > 0 ? quantile(steps, 0.99) : null,
    drift,
    batchSequences: batch,
    tokensPerS,
    tokensPerSPerChip: perChip,
    flopPerSPerChip: flop,
    hardwareFlopPerSPerChip: hardware,
    mfu,
    hfu: peakFlopPerS !== undefined && hardware !== null ? hardware / peakFlopPerS : null,
    notes,
  };
}
