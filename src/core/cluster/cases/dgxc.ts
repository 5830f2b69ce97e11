import type { Layout } from '../layout.ts';
import { layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn, precisionIn, releaseYear } from './case.ts';
import { CONVENTIONS, recipeSettings } from './conventions.ts';

/** A layout whose replicas take the chips its degrees leave. */
function spread(chips: number, over: Partial<Layout> & Pick<Layout, 'tp' | 'pp' | 'cp'>): Layout {
  return layout({ ...over, dp: Math.max(1, chips / (over.tp * over.pp * over.cp)) });
}

/** Rows of the DGX Cloud benchmarking recipes (columns as in dgxc_benchmarking_recipes.csv). Sequence length, batch and layout are those of the recipes' own scripts where the table does not state them. */
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
  const year = releaseYear(row['release_tag']) ?? 2025.5;
  const settings = recipeSettings(recipe, row['table_header'] ?? '', chip, year, chips);
  const stated = numberIn(row['global_batch_size_seqs']);
  const timed = rate !== null && stepSeconds !== null ? Math.round((rate * stepSeconds) / seqLen) : null;
  // A measured step names its own batch; without one the recipe's is meant.
  const batch = stated ?? timed ?? (settings === null ? null : Math.round(settings.seqs_per_chip * chips));
  const given = numberIn(row['tp']) !== null;
  const cell = (column: 'tp' | 'pp' | 'cp' | 'vp' | 'mbs'): number => integerIn(row[column], 1);
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
        stackYear: year,
        stack: 'megatron',
        tokenDrop: settings?.token_drop === true,
      }),
      layout: given
        ? spread(chips, {
            tp: cell('tp'),
            pp: cell('pp'),
            cp: cell('cp'),
            vp: cell('vp'),
            microbatch: cell('mbs'),
          })
        : settings === null
          ? null
          : spread(chips, {
              tp: settings.tp,
              pp: settings.pp,
              cp: settings.cp,
              ep: settings.ep,
              expertTp: settings.expert_tp,
              vp: settings.vp,
              microbatch: settings.microbatch,
            }),
      recomputeUnknown: true,
      measured: rate === null || chips === 0 ? null : rate / chips,
      measuredPeakBytes: null,
      excluded: proxy ? 'proxy with fewer layers' : batch === null ? 'no batch and no step time' : '',
      second: false,
    },
  ];
}
