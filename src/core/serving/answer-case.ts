import { bottleneckOf } from './bottleneck.ts';
import type { ServingCase } from './cases.ts';
import { usdPerMillionTokens } from './economics.ts';
import { answerPrepared, prepareCase } from './predict-case.ts';
import type { ServingFit } from './serving-fit.ts';

/** Answer to one row of a table of serving points; nulls with a note where the row cannot be answered. */
export interface ServingCaseAnswer {
  readonly ttft_s: number | null;
  readonly tpot_s: number | null;
  readonly tpot_s_p10: number | null;
  readonly tpot_s_p90: number | null;
  readonly tokens_per_s: number | null;
  readonly tokens_per_s_per_chip: number | null;
  readonly max_batch: number | null;
  readonly usd_per_million_output_tokens: number | null;
  readonly bottleneck: string | null;
  readonly notes: readonly string[];
}

/** Predicts a row without reading what was measured. */
export function answerCase(c: ServingCase, fit: ServingFit, usdPerChipHour: number | null): ServingCaseAnswer {
  const prepared = prepareCase(c);
  if (prepared === null)
    return {
      ttft_s: null,
      tpot_s: null,
      tpot_s_p10: null,
      tpot_s_p90: null,
      tokens_per_s: null,
      tokens_per_s_per_chip: null,
      max_batch: null,
      usd_per_million_output_tokens: null,
      bottleneck: null,
      notes: [c.refused || 'The row cannot be read.', ...c.notes],
    };
  const loop = answerPrepared(fit.theta, prepared);
  const band = fit.bands[prepared.replica.profile.hasExperts ? 'moe' : 'dense'];
  const { tp, dp, pp } = c.layout;
  const chips = tp * dp * pp * c.replicas + c.prefillChips;
  const tokensPerS = (c.concurrency / loop.endToEnd) * c.outputTokens;
  return {
    ttft_s: loop.ttft,
    tpot_s: loop.tpot,
    tpot_s_p10: loop.tpot * Math.exp(band.low),
    tpot_s_p90: loop.tpot * Math.exp(band.high),
    tokens_per_s: tokensPerS,
    tokens_per_s_per_chip: tokensPerS / chips,
    max_batch: prepared.maxBatch * c.replicas,
    usd_per_million_output_tokens:
      usdPerChipHour === null ? null : usdPerMillionTokens(usdPerChipHour, tokensPerS / chips),
    bottleneck: bottleneckOf(loop, c.concurrency / c.replicas),
    notes: usdPerChipHour === null ? [...c.notes, 'No price per chip-hour: the cost is unknown.'] : c.notes,
  };
}
