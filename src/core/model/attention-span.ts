import type { Mixer } from './architecture.ts';

/** How attention over future or invisible tokens is counted: `causal` half of the square, `full` the whole of it. */
export type AttentionConvention = 'causal' | 'full';

/** Mean over a window of the last `window` tokens: window - window²/(2·seq), which meets seq/2 at window = seq. */
function causalWindowMean(window: number, seq: number): number {
  return window >= seq ? seq / 2 : window - (window * window) / (2 * seq);
}

/** Mean over chunks of `chunk` tokens with causal attention inside each. */
function causalChunkMean(chunk: number, seq: number): number {
  if (chunk >= seq) return seq / 2;
  const whole = Math.floor(seq / chunk);
  const rest = seq - whole * chunk;
  return (whole * chunk * chunk + rest * rest) / (2 * seq);
}

/**
 * Mean number of tokens a query is multiplied with in a sequence of `seq` tokens: `seq` (full), `seq/2` (causal, as
 * Megatron and MaxText count), less under a sliding or chunked window. Non-causal models see everything.
 */
export function visibleTokensMean(mixer: Mixer, seq: number, causal: boolean, convention: AttentionConvention): number {
  if (mixer.type === 'latent_attention') {
    const top = mixer.indexer?.topTokens ?? seq;
    return convention === 'full' || !causal ? Math.min(top, seq) : causalWindowMean(top, seq);
  }
  if (mixer.type !== 'attention') return 0;
  const window = mixer.window ?? seq;
  if (convention === 'full' || !causal) return Math.min(window, seq);
  return mixer.windowKind === 'chunked' ? causalChunkMean(window, seq) : causalWindowMean(window, seq);
}

/** Tokens a layer must keep of a sequence of `seq` tokens. */
export function visibleTokensMax(mixer: Mixer | null, seq: number): number {
  return mixer !== null && mixer.type === 'attention' && mixer.window !== null ? Math.min(mixer.window, seq) : seq;
}
