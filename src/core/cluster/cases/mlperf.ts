import type { Precision } from '../hardware.ts';
import { supportsPrecision } from '../hardware.ts';
import { trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn } from './case.ts';
import { CONVENTIONS } from './conventions.ts';

/** Rows of MLPerf Training (columns as in mlperf_training_llm.csv). Precision and layout are not logged: the narrowest usual format, the best layout. */
export function readMlperf(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const benchmark = row['benchmark'] ?? '';
  const chip = row['accelerator'] ?? '';
  const hardware = context.hardware(chip);
  const chips = integerIn(row['accelerators_total'], 0);
  const stackYear =
    CONVENTIONS.benchmark_rounds.find((r) => r.round === (row['mlperf_training_version'] ?? '').trim())?.year ?? 2026;
  // A benchmark is named after its model; adapter training says so at the end.
  const lora = /_lora$/.test(benchmark);
  const name = benchmark.replace(/_lora$/, '');
  const tokens = numberIn(row['tokens_processed_median']);
  const minutes = numberIn(row['time_to_train_median_min']);
  let precision: Precision = 'bf16';
  if (hardware !== null && supportsPrecision(hardware, 'fp8') && !hardware.designClass.startsWith('google/'))
    precision = 'fp8';
  if (hardware !== null && hardware.designClass.startsWith('nvidia/fp4') && stackYear >= 2025.7) precision = 'fp4';
  if (hardware !== null && hardware.designClass.startsWith('intel/') && stackYear < 2023.7) precision = 'bf16';
  return [
    {
      table: 'mlperf',
      row: index,
      model: name,
      chip,
      chips,
      architecture: context.architecture(name),
      hardware,
      setup: trainingSetup({
        seqLen: integerIn(row['max_sequence_length_tokens'], 8192),
        batchSeqs: integerIn(row['global_batch_size_seqs'], 1),
        precision,
        stackYear,
        stack: 'benchmark_race',
        task: lora ? 'lora' : 'pretrain',
      }),
      layout: null,
      recomputeUnknown: true,
      measured: tokens === null || minutes === null || chips === 0 ? null : tokens / (minutes * 60 * chips),
      measuredPeakBytes: null,
      excluded: lora ? 'adapter training' : '',
      second: false,
    },
  ];
}
