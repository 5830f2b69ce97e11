import type { Recompute } from '../layout.ts';
import { layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn } from './case.ts';

function recomputeOf(text: string): Recompute {
  if (text.includes('full')) return 'full';
  return text.includes('selective') ? 'per_op' : 'none';
}

/** Rows of torchtitan's benchmark notes (columns as in torchtitan_benchmarks.csv). Degrees are written `FSDP8 CP1 TP8 PP8`. */
export function readTorchtitan(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const degree = (name: string): number => Number(new RegExp(`${name}(\\d+)`).exec(row['parallelism'] ?? '')?.[1] ?? 1);
  const technique = (row['technique'] ?? '').toLowerCase();
  const [shards, cp, tp, pp] = [degree('FSDP'), degree('CP'), degree('TP'), degree('PP')];
  const chips = integerIn(row['n_gpus'], shards * cp * tp * pp);
  const dp = Math.max(1, chips / (tp * pp * cp));
  const local = integerIn(row['local_batch_size_seqs'], 1);
  const interleaved = technique.includes('interleav');
  const peak = numberIn(row['peak_memory_GiB']);
  const vp = pp > 1 && interleaved ? 2 : 1;
  return [
    {
      table: 'torchtitan',
      row: index,
      model: row['model'] ?? '',
      chip: row['gpu'] ?? '',
      chips,
      architecture: context.architecture(row['model'] ?? ''),
      hardware: context.hardware(row['gpu'] ?? ''),
      setup: trainingSetup({
        seqLen: integerIn(row['seq_len_tokens'], 8192),
        batchSeqs: integerIn(row['global_batch_size_seqs'], local * dp),
        precision: technique.includes('float8') || technique.includes('fp8') ? 'fp8' : 'bf16',
        stackYear: 2024.9,
        stack: 'torch_native',
      }),
      layout: layout({
        tp,
        pp,
        cp,
        dp,
        vp,
        microbatch: pp === 1 ? local : 1,
        zero: 3,
        shardGroup: shards * cp < dp * cp ? shards * cp : 0,
        recompute: recomputeOf((row['activation_checkpointing'] ?? '').toLowerCase()),
      }),
      recomputeUnknown: false,
      measured: numberIn(row['tokens_per_s_per_gpu']),
      measuredPeakBytes: peak === null ? null : peak * 2 ** 30,
      excluded: '',
      second: false,
    },
  ];
}
