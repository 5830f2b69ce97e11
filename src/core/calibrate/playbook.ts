/**
 * A baseline of a run and what to do next: raise the batch until the knee, fix what costs the most time, measure again. Every
 * step names the number it comes from and how to measure whether it helped.
 */
import type { LogSummary } from './summarize-log.ts';
import type { MeasuredRun } from './measured-run.ts';

/** What is known of a run that was measured. */
export interface Baseline {
  readonly log: LogSummary;
  readonly measured: MeasuredRun;
  readonly peakFlopPerS: number | null;
  readonly memoryBytesPerS: number | null;
  readonly memoryPerChipGib: number | null;
  readonly memoryFits: boolean | null;
  readonly layout: string;
  readonly precision: string;
  readonly recompute: string;
}

export interface PlaybookStep {
  readonly title: string;
  /** The number that says so. */
  readonly because: string;
  readonly action: string;
  readonly check: string;
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Lines of the baseline card, in order; unknown is said as such. */
export function baselineCard(base: Baseline): readonly (readonly [label: string, value: string])[] {
  const { log, measured } = base;
  const achieved = base.peakFlopPerS === null ? null : (measured.mfu * base.peakFlopPerS) / 1e12;
  const opsPerByte =
    base.peakFlopPerS !== null && base.memoryBytesPerS !== null ? base.peakFlopPerS / base.memoryBytesPerS : null;
  return [
    ['FLOP/s achieved, per chip', achieved === null ? 'unknown' : `${achieved.toFixed(1)} TFLOP/s`],
    ['MFU, HFU', `${percent(measured.mfu)}, ${measured.hfu === null ? 'unknown' : percent(measured.hfu)}`],
    [
      `Step time p50, ${log.points < 100 ? `slowest of ${log.points}` : 'p99'}`,
      log.stepSP50 === null || log.stepSP99 === null
        ? 'unknown'
        : `${log.stepSP50.toPrecision(4)} s, ${log.stepSP99.toPrecision(4)} s`,
    ],
    ['Ops:byte of the chip', opsPerByte === null ? 'unknown' : `${opsPerByte.toFixed(0)} FLOP/byte`],
    [
      'Memory a chip',
      base.memoryPerChipGib === null
        ? 'unknown'
        : `${base.memoryPerChipGib.toFixed(1)} GiB${base.memoryFits === false ? ', does not fit' : ''}`,
    ],
    ['Set-up', [base.layout, base.precision, `recompute ${base.recompute}`].filter(Boolean).join(', ')],
  ];
}

/** Next steps, the one with most to win first. Always ends with measuring again. */
export function playbook(base: Baseline): PlaybookStep[] {
  const { log, measured } = base;
  const steps: (PlaybookStep & { readonly gain: number })[] = [];
  const spread = log.stepSP50 !== null && log.stepSP99 !== null ? log.stepSP99 / log.stepSP50 - 1 : null;
  if (spread !== null && spread > 0.1)
    steps.push({
      gain: spread,
      title: 'Find the slow steps',
      because: `the slowest steps take ${percent(spread)} longer than the median`,
      action:
        'look for data loading, checkpoints in the step, or one slow host: log the time of every rank, watch nvidia-smi for throttling',
      check: 'the log again: p99 within 10 % of p50',
    });
  if (measured.hfu !== null && measured.hfu > 1.08 * measured.mfu)
    steps.push({
      gain: measured.hfu / measured.mfu - 1,
      title: 'Recompute less',
      because: `${percent(1 - measured.mfu / measured.hfu)} of the work of the chips is done twice`,
      action: 'keep more activations: recompute selective or none; the layout lab shows what memory that takes',
      check: 'HFU comes down to MFU, tokens/s go up',
    });
  if (measured.mfu < 0.45)
    steps.push({
      gain: 0.45 / measured.mfu - 1,
      title: 'Raise the microbatch until the knee',
      because: `MFU is ${percent(measured.mfu)}; dense runs on one node of 16-bit chips reach 45 % and more`,
      action:
        base.memoryFits === false
          ? 'memory is full: shard the optimizer (zero1) or recompute selectively first'
          : 'double the microbatch while tokens/s rise by more than 5 %; stop where they do not, or where memory ends',
      check: 'tokens/s of three microbatch sizes, each from its own log',
    });
  if (measured.mfu < 0.35)
    steps.push({
      gain: 0.2,
      title: 'Profile one step and fix the top stall',
      because: 'arithmetic alone does not explain this MFU',
      action:
        'drop a torch.profiler trace here: communication that runs alone, kernels other than matmul and attention, and gaps between kernels are what is left',
      check: 'the same trace after the change',
    });
  steps.sort((a, b) => b.gain - a.gain);
  return [
    ...steps.map(({ gain: _, ...step }) => step),
    {
      title: 'Measure again',
      because: 'a change that was not measured is a guess',
      action: 'run a hundred steps after warm-up and drop the log on this run',
      check: 'the new MFU stands beside the old one in the history of logs',
    },
  ];
}
