import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { readDgxCloud } from './dgxc.ts';
import { readKorthikanti, readSc21 } from './early-megatron.ts';
import { readLlmFoundry } from './llm-foundry.ts';
import { readMegatronBridge } from './megatron-bridge.ts';
import { readMlperf } from './mlperf.ts';
import { readLongSequence, readMaxText, readPapers, readPrimus } from './others.ts';
import { readRuns } from './runs.ts';
import { readTorchtitan } from './torchtitan.ts';

type Reader = (row: CaseRow, index: number, context: CaseContext) => PredictionCase[];

/** Kinds of table, each recognised by columns only it has. */
export const TABLES: readonly { readonly table: string; readonly columns: readonly string[]; readonly read: Reader }[] =
  [
    { table: 'megatron_bridge', columns: ['container', 'grad_accum'], read: readMegatronBridge },
    { table: 'llm_foundry', columns: ['d_model', 'fsdp_sharding'], read: readLlmFoundry },
    { table: 'dgxc', columns: ['release_tag', 'table_header'], read: readDgxCloud },
    { table: 'torchtitan', columns: ['parallelism', 'technique'], read: readTorchtitan },
    { table: 'mlperf', columns: ['mlperf_training_version', 'benchmark'], read: readMlperf },
    { table: 'maxtext', columns: ['slice_name', 'model_size'], read: readMaxText },
    { table: 'long_sequence', columns: ['seq_len_k_tokens'], read: readLongSequence },
    { table: 'korthikanti', columns: ['interleaved_stages', 'hidden_size'], read: readKorthikanti },
    { table: 'sc21', columns: ['params_billion', 'full_recompute'], read: readSc21 },
    { table: 'papers', columns: ['batch_per_dp_seqs'], read: readPapers },
    { table: 'primus', columns: ['seqlen', 'projected_8_node_tok_s_gpu'], read: readPrimus },
    { table: 'runs', columns: ['hardware', 'batch_seqs'], read: readRuns },
  ];

/** Kind of table the columns belong to; `null` when none is recognised. */
export function tableOf(columns: readonly string[]): string | null {
  return TABLES.find((t) => t.columns.every((c) => columns.includes(c)))?.table ?? null;
}

/**
 * Cases of a table's rows, in order: mostly one per row, two where a row prints two configurations (the second is
 * marked). Measured columns may be missing or wrong: predictions never read them. `null` when the columns are unknown.
 */
export function readCases(rows: readonly CaseRow[], context: CaseContext): PredictionCase[] | null {
  const columns = Object.keys(rows[0] ?? {});
  const kind = TABLES.find((t) => t.columns.every((c) => columns.includes(c)));
  return kind === undefined ? null : rows.flatMap((row, index) => kind.read(row, index, context));
}
