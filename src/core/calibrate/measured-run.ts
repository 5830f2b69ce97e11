/** What a training log means for a run of a plan: its measured MFU, counted as the plan counts FLOP. */
import { FlopsheetError } from '../errors.ts';
import type { LogSummary } from './summarize-log.ts';

/** Of the run's row; null where the row does not know. */
export interface RunFacts {
  readonly seqLen: number | null;
  /** Tokens of one optimizer step over all chips. */
  readonly batchTokens: number | null;
  readonly chips: number | null;
  /** Dense, of one chip. */
  readonly peakFlopPerS: number | null;
  /** In the FLOP convention of the row. */
  readonly trainFlopPerToken: number | null;
}

export interface MeasuredRun {
  readonly mfu: number;
  readonly hfu: number | null;
  readonly tokensPerS: number | null;
  readonly tokensPerSPerChip: number | null;
  /** How the MFU was counted, in words. */
  readonly basis: string;
}

const known = (value: number | null): value is number => value !== null && Number.isFinite(value) && value > 0;

/**
 * MFU of a summary for a run: from tokens/s per chip times the row's FLOP per token where the log gives tokens/s (frameworks
 * count FLOP by formulas of their own), else from the FLOP/s the framework printed. Throws FlopsheetError when the row or
 * the log lacks what that takes, or the MFU is above 1.
 */
export function measuredRun(summary: LogSummary, facts: RunFacts): MeasuredRun {
  const { seqLen, batchTokens, chips, peakFlopPerS, trainFlopPerToken } = facts;
  if (!known(peakFlopPerS))
    throw new FlopsheetError('LOG_RUN', 'the run has no peak FLOP/s to compare the log with', {
      where: 'peak_flop_per_s',
      hint: 'choose the hardware and the precision the log was made with',
    });
  const { stepSP50, batchSequences } = summary;
  let tokensPerS = summary.tokensPerS;
  if (tokensPerS === null && known(stepSP50) && known(batchSequences) && known(seqLen))
    tokensPerS = (batchSequences * seqLen) / stepSP50;
  // A profiler's trace knows its steps and not their tokens: those are the run's.
  const fromBatch = summary.format === 'kineto' && tokensPerS === null && known(stepSP50) && known(batchTokens);
  if (fromBatch) tokensPerS = batchTokens / stepSP50;
  let perChip = summary.tokensPerSPerChip;
  if (perChip === null && known(tokensPerS) && known(chips)) perChip = tokensPerS / chips;
  if (tokensPerS === null && known(perChip) && known(chips)) tokensPerS = perChip * chips;
  const counted = known(perChip) && known(trainFlopPerToken) ? perChip * trainFlopPerToken : null;
  const flop = counted ?? summary.flopPerSPerChip;
  if (!known(flop))
    throw new FlopsheetError('LOG_RUN', 'the log does not say how fast it ran for this run', {
      where: known(trainFlopPerToken) ? 'chips' : 'model',
      hint: 'MFU needs tokens/s and the run’s model, or FLOP/s per chip in the log (Megatron-LM: --log-throughput); give the chips the log ran on',
    });
  const mfu = flop / peakFlopPerS;
  if (mfu > 1)
    throw new FlopsheetError(
      'LOG_MFU',
      `the log gives an MFU of ${(100 * mfu).toFixed(0)} %, more than the chip can do`,
      {
        where: 'mfu_measured',
        hint: 'check that the run’s model, hardware and precision, and the number of chips, are those of the log',
      },
    );
  const hardware = summary.hardwareFlopPerSPerChip;
  return {
    mfu,
    hfu: known(hardware) && hardware / peakFlopPerS <= 1 ? hardware / peakFlopPerS : null,
    tokensPerS,
    tokensPerSPerChip: perChip,
    basis: fromBatch
      ? 'step time and the run’s own batch and FLOP per token'
      : counted !== null
        ? 'tokens/s and the run’s FLOP per token'
        : 'FLOP/s as the framework counts them',
  };
}

/** One line for the source of the cell: file, date, what was measured and how. */
export function measuredSource(
  file: { readonly name: string; readonly date: string },
  summary: LogSummary,
  run: MeasuredRun,
): string {
  return [
    file.name,
    file.date,
    `${summary.format}, ${summary.points} steps${summary.excluded > 0 ? `, ${summary.excluded} left out` : ''}`,
    `from ${run.basis}`,
  ].join('; ');
}
