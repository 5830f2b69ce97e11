import { layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn, precisionIn, releaseYear } from './case.ts';
import { CONVENTIONS } from './conventions.ts';

/** Rows of the DGX Cloud benchmarking recipes (columns as in dgxc_benchmarking_recipes.csv). Sequence length is the recipes' usual where unstated. */
export function readDgxCloud(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const chip = row['gpu'] ?? '';
  // A header is the model's name with the row's own format and chip.
  const said = new Set([chip, row['precision'] ?? ''].map((word) => word.toLowerCase()));
  const model = (row['table_header'] ?? '')
    .split(/\s+/)
    .filter((word) => !said.has(word.toLowerCase()))
    .join(' ');
  const architecture = context.architecture(model);
  const chips = integerIn(row['n_gpus'], 0);
  const rate = numberIn(row['tokens_per_s']);
  const stepSeconds = numberIn(row['step_time_s']);
  const recipe = (row['recipe'] ?? '').split('/')[0] ?? '';
  const seqLen = CONVENTIONS.sequence_by_recipe.find((r) => r.recipe === recipe)?.seq_len ?? 8192;
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
