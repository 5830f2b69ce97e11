import { layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn, precisionIn, releaseYear } from './case.ts';

/** Rows of the DGX Cloud benchmarking recipes (columns as in dgxc_benchmarking_recipes.csv). Sequence length is the recipes' usual where unstated. */
export function readDgxCloud(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const model = (row['table_header'] ?? '')
    .replace(/\b(BF16|FP8|NVFP4|H100|H200|GB200|GB300|B200|A100)\b/gi, '')
    .trim();
  const chip = row['gpu'] ?? '';
  const architecture = context.architecture(model);
  const chips = integerIn(row['n_gpus'], 0);
  const rate = numberIn(row['tokens_per_s']);
  const stepSeconds = numberIn(row['step_time_s']);
  const experts = architecture?.blocks.some((g) => g.block.feedForward?.type === 'moe') ?? false;
  const seqLen = experts && !/llama|grok/i.test(`${model} ${row['recipe'] ?? ''}`) ? 4096 : 8192;
  const stated = numberIn(row['global_batch_size_seqs']);
  const batch = stated ?? (rate !== null && stepSeconds !== null ? Math.round((rate * stepSeconds) / seqLen) : null);
  const given = numberIn(row['tp']) !== null;
  const [tp, pp, cp] = [integerIn(row['tp'], 1), integerIn(row['pp'], 1), integerIn(row['cp'], 1)];
  const proxy = (row['days_to_train_1T_tokens'] ?? '').toLowerCase().startsWith('n/a');
  return [
    {
      table: 'dgxc',
      row: index,
      model,
      chip,
      chips,
      architecture,
      hardware: context.hardware(chip),
      setup: trainingSetup({
        seqLen,
        batchSeqs: batch ?? chips * 4,
        precision: precisionIn(row['precision']),
        stackYear: releaseYear(row['release_tag']) ?? 2025.5,
        stack: 'megatron',
      }),
      layout: given
        ? layout({
            tp,
            pp,
            cp,
            dp: Math.max(1, chips / (tp * pp * cp)),
            vp: integerIn(row['vp'], 1),
            microbatch: integerIn(row['mbs'], 1),
          })
        : null,
      recomputeUnknown: true,
      measured: rate === null || chips === 0 ? null : rate / chips,
      measuredPeakBytes: null,
      excluded: proxy ? 'proxy with fewer layers' : batch === null ? 'no batch and no step time' : '',
      second: false,
    },
  ];
}
