import { NO_OFFLOAD, layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { classicDecoder, integerIn, numberIn, precisionIn } from './case.ts';

/** Rows of llm-foundry's tables (columns as in mpt_llmfoundry_benchmarks.csv); the architecture is in the columns. */
export function readLlmFoundry(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const chips = integerIn(row['n_gpus'], 0);
  const chip = row['gpu'] ?? '';
  const architecture = classicDecoder(row['model'] ?? '', row, {
    hidden: 'd_model',
    layers: 'n_layers',
    heads: 'n_heads',
  });
  const hardware = context.hardware(chip);
  return [
    {
      table: 'llm_foundry',
      row: index,
      model: row['model'] ?? '',
      chip,
      chips,
      architecture,
      hardware,
      setup: trainingSetup({
        seqLen: integerIn(row['seq_len_tokens'], 2048),
        batchSeqs: integerIn(row['global_batch_size_seqs'], 1),
        precision: precisionIn((row['precision'] ?? '').replace('amp_', '')),
        stackYear: hardware !== null && hardware.fp8FlopPerS !== null ? 2023.8 : 2023.4,
        stack: 'fsdp',
      }),
      layout: layout({
        dp: chips,
        microbatch: integerIn(row['micro_batch_size_seqs'], 1),
        zero: row['fsdp_sharding'] === 'FULL_SHARD' ? 3 : 2,
        recompute: row['activation_checkpointing'] === 'True' ? 'full' : 'none',
        offload: { ...NO_OFFLOAD, activations: row['activation_cpu_offload'] === 'True' },
      }),
      recomputeUnknown: false,
      measured: numberIn(row['throughput_tokens_per_s_per_gpu']),
      measuredPeakBytes: null,
      excluded: '',
      second: false,
    },
  ];
}
