/** Published maximum throughputs that the fit has never seen (TensorRT-LLM performance overview), against the model. */
import { estimateServing } from '../src/core/serving/estimate.ts';
import { servingPrecision } from '../src/core/serving/format.ts';
import type { ServingFamily, ServingFit } from '../src/core/serving/serving-fit.ts';
import { FlopsheetError } from '../src/core/errors.ts';
import { caseContext, rowsOf } from './predictor-data.ts';

/** predicted / measured - 1 of output tokens per second and chip. The best of two layouts and of powers of two in flight: the table states neither. */
export function otherSource(fit: ServingFit): { readonly family: ServingFamily; readonly error: number }[] {
  const context = caseContext();
  return rowsOf('test/data/trtllm_perf_overview.csv').flatMap((row) => {
    const architecture =
      context.architecture(row['model'] ?? '') ?? context.architecture((row['model'] ?? '').replaceAll(' ', '-'));
    const hardware = context.hardware(row['gpu'] ?? '');
    const measured = Number(row['output_tok_s_per_gpu']);
    const chips = Number(row['n_gpu']);
    if (architecture === null || hardware === null || !(measured > 0)) return [];
    const experts = architecture.blocks.some((g) => g.block.feedForward?.type === 'moe');
    let best = 0;
    for (const layout of [{ tp: chips }, ...(experts ? [{ tp: 1, dp: chips, ep: chips }] : [])])
      for (let inFlight = 64; inFlight <= 4096; inFlight *= 2) {
        try {
          const e = estimateServing(
            {
              architecture,
              hardware,
              chips,
              engine: 'trtllm',
              precision: servingPrecision(row['precision'] ?? ''),
              layout,
              request: { inputTokens: Number(row['isl']), outputTokens: Number(row['osl']) },
            },
            fit,
            inFlight,
          );
          if (e.fits) best = Math.max(best, e.outputTokensPerSPerChip);
        } catch (error) {
          if (!(error instanceof FlopsheetError)) throw error;
        }
      }
    return best > 0 ? [{ family: experts ? ('moe' as const) : ('dense' as const), error: best / measured - 1 }] : [];
  });
}
