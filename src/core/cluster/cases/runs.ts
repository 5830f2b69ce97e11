import { decimalYear } from '../hardware.ts';
import type { Layout, Stack } from '../layout.ts';
import { RECOMPUTES, SCHEDULES, STACKS, layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn, precisionIn, releaseYear } from './case.ts';

/** Columns of a table of somebody's own runs, in the order help and templates show them. */
export const RUN_COLUMNS = [
  'model',
  'hardware',
  'chips',
  'precision',
  'seq_len',
  'batch_seqs',
  'tp',
  'pp',
  'cp',
  'ep',
  'vp',
  'microbatch',
  'zero',
  'recompute',
  'schedule',
  'stack',
  'software_date',
  'tokens_per_s_per_chip',
  'step_s',
] as const;

const word = <T extends string>(text: string | undefined, choices: readonly T[]): T | null =>
  choices.find((choice) => choice === (text ?? '').trim().toLowerCase().replaceAll('-', '_')) ?? null;

/**
 * Rows of somebody's own runs (columns `RUN_COLUMNS`; names as the command line spells them). Without degrees the layout
 * is not given; without `recompute` it is what memory forces. What was measured is `tokens_per_s_per_chip`, or `step_s`.
 */
export function readRuns(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const chips = integerIn(row['chips'], 0);
  const seqLen = integerIn(row['seq_len'], 0);
  const batchSeqs = integerIn(row['batch_seqs'], 0);
  const recompute = word(row['recompute'], RECOMPUTES);
  const schedule = word(row['schedule'], SCHEDULES);
  const stated = ['tp', 'pp', 'cp', 'ep', 'vp', 'microbatch', 'zero'].some((c) => (row[c] ?? '').trim() !== '');
  const [tp, pp, cp] = [row['tp'], row['pp'], row['cp']].map((t) => integerIn(t, 1)) as [number, number, number];
  const rate = numberIn(row['tokens_per_s_per_chip']);
  const seconds = numberIn(row['step_s']);
  const year = decimalYear(row['software_date']) ?? releaseYear(row['software_date']);
  return [
    {
      table: 'runs',
      row: index,
      model: row['model'] ?? '',
      chip: row['hardware'] ?? '',
      chips,
      architecture: context.architecture(row['model'] ?? ''),
      hardware: context.hardware(row['hardware'] ?? ''),
      setup: trainingSetup({
        seqLen,
        batchSeqs,
        precision: precisionIn(row['precision']),
        stack: word<Stack>(row['stack'], STACKS),
        ...(year === null ? {} : { stackYear: year }),
      }),
      layout: stated
        ? layout({
            tp,
            pp,
            cp,
            dp: Math.max(1, chips / (tp * pp * cp)),
            ep: integerIn(row['ep'], 1),
            vp: integerIn(row['vp'], 1),
            microbatch: integerIn(row['microbatch'], 1),
            zero: Math.min(3, Math.max(0, integerIn(row['zero'], 1))) as Layout['zero'],
            recompute: recompute ?? 'none',
            ...(schedule === null ? {} : { schedule }),
          })
        : null,
      recomputeUnknown: recompute === null,
      measured:
        rate ?? (seconds !== null && seconds > 0 && chips > 0 ? (batchSeqs * seqLen) / (seconds * chips) : null),
      measuredPeakBytes: null,
      excluded: '',
      second: false,
    },
  ];
}
