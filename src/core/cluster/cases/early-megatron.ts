import { layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { classicDecoder, integerIn, numberIn } from './case.ts';

const COLUMNS = { hidden: 'hidden_size', layers: 'n_layers', heads: 'n_heads' } as const;

/** Rows of Korthikanti 2022 (columns as in korthikanti2022_validation.csv): each holds a run with full recompute and one with selective recompute and sequence parallelism. */
export function readKorthikanti(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const chips = integerIn(row['n_gpus'], 0);
  const batch = integerIn(row['global_batch_size_seqs'], 1);
  const seqLen = integerIn(row['seq_len_tokens'], 2048);
  const [tp, pp] = [integerIn(row['tp'], 1), integerIn(row['pp'], 1)];
  return (['full', 'selective'] as const).map((recompute) => {
    const seconds = numberIn(
      row[recompute === 'full' ? 'iter_time_full_recompute_s' : 'iter_time_selective_plus_sp_s'],
    );
    return {
      table: 'korthikanti',
      row: index,
      model: `GPT ${row['model'] ?? ''}`,
      chip: row['gpu'] ?? '',
      chips,
      architecture: classicDecoder(`GPT ${row['model'] ?? ''}`, row, COLUMNS),
      hardware: context.hardware(row['gpu'] ?? ''),
      setup: trainingSetup({
        seqLen,
        batchSeqs: batch,
        stackYear: 2022.4,
        stack: 'megatron',
        unfusedAttention: true,
        dropout: true,
      }),
      layout: layout({
        tp,
        pp,
        dp: Math.max(1, chips / (tp * pp)),
        vp: integerIn(row['interleaved_stages'], 1),
        microbatch: integerIn(row['micro_batch_size_seqs'], 1),
        recompute,
        sequenceParallel: recompute === 'selective',
        zero: 0,
      }),
      recomputeUnknown: false,
      measured: seconds === null || chips === 0 ? null : (batch * seqLen) / seconds / chips,
      measuredPeakBytes: null,
      excluded: '',
      second: recompute === 'selective',
    };
  });
}

/** Rows of Narayanan 2021, Table 1 (columns as in megatron_sc21_table1.csv): full recompute, microbatch and interleaving as the paper's usual. */
export function readSc21(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const chips = integerIn(row['n_gpus'], 0);
  const batch = integerIn(row['global_batch_size_seqs'], 1);
  const seqLen = integerIn(row['seq_len_tokens'], 2048);
  const [tp, pp] = [integerIn(row['tp'], 1), integerIn(row['pp'], 1)];
  const seconds = numberIn(row['derived_iter_time_s']);
  const name = `GPT ${row['params_billion'] ?? ''}B`;
  return [
    {
      table: 'sc21',
      row: index,
      model: name,
      chip: row['gpu'] ?? '',
      chips,
      architecture: classicDecoder(name, row, COLUMNS),
      hardware: context.hardware(row['gpu'] ?? ''),
      setup: trainingSetup({
        seqLen,
        batchSeqs: batch,
        stackYear: 2021.3,
        stack: 'early_megatron',
        unfusedAttention: true,
        dropout: true,
      }),
      layout: layout({
        tp,
        pp,
        dp: Math.max(1, chips / (tp * pp)),
        vp: pp > 1 ? 2 : 1,
        microbatch: pp === 1 ? 4 : pp < 8 ? 2 : 1,
        recompute: 'full',
        sequenceParallel: false,
        zero: 0,
      }),
      recomputeUnknown: false,
      measured: seconds === null || chips === 0 ? null : (batch * seqLen) / seconds / chips,
      measuredPeakBytes: null,
      excluded: '',
      second: false,
    },
  ];
}
