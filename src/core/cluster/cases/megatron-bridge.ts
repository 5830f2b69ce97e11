import { trainingSetup, layout } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn, precisionIn, releaseYear } from './case.ts';

/** One of the two values of a cell printed as "a (b)"; a cell with one value gives it for both. */
function valueOf(row: CaseRow, column: string, second: boolean): string {
  const text = row[column] ?? '';
  const match = /^\s*([^()]*)\(([^)]*)\)/.exec(text);
  return match === null ? text : ((second ? match[2] : match[1]) ?? '').trim();
}

/** Rows of Megatron-Bridge's performance summary (columns as in megatron_bridge_performance.csv). */
export function readMegatronBridge(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const name = (row['model'] ?? '').replace(/\(.*?\)/g, '').trim();
  const note = row['model'] ?? '';
  const two = (row['tokens_per_s_per_gpu'] ?? '').includes('(') || (row['precision'] ?? '').includes('(');
  return (two ? [false, true] : [false]).map((second) => {
    const number = (column: string, fallback: number): number => integerIn(valueOf(row, column, second), fallback);
    const chips = number('n_gpus', 0);
    const [tp, pp, cp] = [number('tp', 1), number('pp', 1), number('cp', 1)];
    const fsdp = number('fsdp', 0);
    const blank = (row['precision'] ?? '').trim() === '';
    const task = /^[LS]/.exec(row['task'] ?? '')?.[0];
    return {
      table: 'megatron_bridge',
      row: index,
      model: name,
      chip: row['system'] ?? '',
      chips,
      architecture: context.architecture(name),
      hardware: context.hardware(row['system'] ?? ''),
      setup: trainingSetup({
        seqLen: number('seq_len_tokens', 4096),
        batchSeqs: number('global_batch_size_seqs', 1),
        precision: blank ? (second ? 'mxfp8' : 'fp8') : precisionIn(valueOf(row, 'precision', second)),
        stackYear: releaseYear(row['container']) ?? 2026,
        stack: 'megatron',
        task: task === 'L' ? 'lora' : task === 'S' ? 'finetune' : 'pretrain',
        tokenDrop: /token ?drop/i.test(note),
        multiTokenPrediction: !/w\/o MTP/i.test(note),
      }),
      layout: layout({
        tp,
        pp,
        cp,
        dp: Math.max(1, chips / (tp * pp * cp)),
        vp: number('vp', 1),
        ep: number('ep', 1),
        microbatch: number('micro_batch_size_seqs', 1),
        zero: fsdp > 0 ? 3 : 1,
      }),
      recomputeUnknown: true,
      measured: numberIn(valueOf(row, 'tokens_per_s_per_gpu', second)),
      measuredPeakBytes: null,
      excluded: (row['model_tflops_per_gpu'] ?? '').includes('note') ? 'regression noted by the source' : '',
      second,
    };
  });
}
