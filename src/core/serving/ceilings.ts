/** Bounds that need nothing but a data sheet: what no engine can exceed. */

/** Tokens per second and user a batch of one can reach: all weights read once per token (FLOP and caches ignored). */
export function bandwidthCeiling(chips: number, bytesPerS: number, weightBytes: number): number {
  return (chips * bytesPerS) / weightBytes;
}

/** Share of the dense peak a decode rate uses: 2 FLOP per active parameter and token. */
export function decodeUtilisation(
  paramsActive: number,
  tokensPerS: number,
  chips: number,
  peakFlopPerS: number,
): number {
  return (2 * paramsActive * tokensPerS) / (chips * peakFlopPerS);
}

/** Batch at which products of weights of `bytesPerWeight` take as long as reading them: C/W times bytes / 2. */
export function criticalBatch(peakFlopPerS: number, bytesPerS: number, bytesPerWeight: number): number {
  return ((peakFlopPerS / bytesPerS) * bytesPerWeight) / 2;
}

/**
 * Decode step of the plainest model: caches and weights read, or arithmetic with weights hidden behind it
 * (seconds). Source: jax-ml/scaling-book, inference.
 */
export function plainDecodeSeconds(given: {
  readonly weightBytes: number;
  readonly paramsActive: number;
  readonly cacheBytesPerSequence: number;
  readonly batch: number;
  readonly chips: number;
  readonly bytesPerS: number;
  readonly flopPerS: number;
}): number {
  const { batch, chips } = given;
  const cache = (batch * given.cacheBytesPerSequence) / (chips * given.bytesPerS);
  const weights = given.weightBytes / (chips * given.bytesPerS);
  const arithmetic = (2 * batch * given.paramsActive) / (chips * given.flopPerS);
  return cache + Math.max(weights, arithmetic);
}

/** Prefill seconds of a prompt at a share of the peak, products with weights only. */
export function plainPrefillSeconds(
  paramsActive: number,
  tokens: number,
  chips: number,
  flopPerS: number,
  share: number,
): number {
  return (2 * paramsActive * tokens) / (chips * flopPerS * share);
}

/** Prefill servers per decode server that keep both busy: P t_prefill^-1 = G B / (t_step OSL). */
export function prefillPerDecode(
  batch: number,
  prefillSeconds: number,
  stepSeconds: number,
  outputTokens: number,
): number {
  return (batch * prefillSeconds) / (stepSeconds * outputTokens);
}

/** Tokens leaving the caches per step in a steady batch: B (P + G) / G. */
export function cacheChurn(batch: number, inputTokens: number, outputTokens: number): number {
  return (batch * (inputTokens + outputTokens)) / outputTokens;
}

/** One format of a preset: what a batch of one reaches, and whether the weights fit. */
export interface CeilingRow {
  readonly format: string;
  readonly weightBytes: number;
  readonly tokensPerS: number;
  readonly fits: boolean;
  readonly missingBytes: number;
  readonly utilisationAt20TokensPerS: number;
}

/** Ceilings of a dense model of `params` on chips of given bandwidth, memory and peak at 2, 1 and 1/2 byte per weight. */
export function denseCeilings(
  params: number,
  chips: number,
  chip: { readonly bytesPerS: number; readonly memoryBytes: number; readonly flopPerS: number },
): CeilingRow[] {
  return (
    [
      ['FP16', 2],
      ['FP8', 1],
      ['4-bit', 0.5],
    ] as const
  ).map(([format, bytes]) => {
    const weightBytes = params * bytes;
    const missing = Math.max(0, weightBytes - chips * chip.memoryBytes);
    return {
      format,
      weightBytes,
      tokensPerS: bandwidthCeiling(chips, chip.bytesPerS, weightBytes),
      fits: missing === 0,
      missingBytes: missing,
      utilisationAt20TokensPerS: decodeUtilisation(params, 20, chips, chip.flopPerS),
    };
  });
}
