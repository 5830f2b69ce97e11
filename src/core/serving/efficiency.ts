/**
 * What an engine reaches of the data sheet and what it costs beside it: the editable inputs of every serving estimate.
 * Fractions are of dense peaks and printed bandwidths; seconds are per layer, step, sequence or exchange.
 */
export interface Efficiency {
  /** Of memory bandwidth while reading weights (4-bit ones apart), experts' weights, caches. */
  readonly weightRead: number;
  readonly narrowRead: number;
  readonly expertRead: number;
  readonly cacheRead: number;
  /** Of the dense peak: decoding products, their attention, prefill products, experts' and attention's. */
  readonly decodeFlop: number;
  readonly decodeAttentionFlop: number;
  readonly prefillFlop: number;
  readonly prefillExpertFlop: number;
  readonly prefillAttentionFlop: number;
  /** Attention over a latent that prefill expands, and recurrences, which run as scans. */
  readonly prefillLatentFlop: number;
  readonly prefillRecurrentFlop: number;
  /** Kernel launches, norms and small kernels of one layer. */
  readonly layerSeconds: number;
  readonly latentLayerSeconds: number;
  readonly recurrentLayerSeconds: number;
  readonly expertLayerSeconds: number;
  readonly indexLayerSeconds: number;
  /** Scheduling and sampling: of a step, and of each sequence in it. */
  readonly stepSeconds: number;
  readonly sequenceSeconds: number;
  /** Collectives: start-up per exchange and share of the link's bandwidth. */
  readonly allReduceSeconds: number;
  readonly allReduceRate: number;
  readonly allToAllSeconds: number;
  readonly allToAllRate: number;
  /** Prefill of a request: fixed part, and per layer. */
  readonly requestSeconds: number;
  readonly prefillLayerSeconds: number;
  /** Seconds a running decode loses per second of somebody else's prefill. */
  readonly interference: number;
  /** Load of the busiest expert group over the mean, less one, when experts are spread over groups. */
  readonly expertImbalance: number;
  /** Tokens that choose independently, as a power of the batch: routing repeats itself. */
  readonly routingSpread: number;
  /** Prefills a request finds before its own in a closed loop, as a share of the other requests. */
  readonly prefillQueue: number;
}

/** As the data sheet says: every fraction 1, no overhead. Ceilings and golden tests use it. */
export const IDEAL: Efficiency = {
  weightRead: 1,
  narrowRead: 1,
  expertRead: 1,
  cacheRead: 1,
  decodeFlop: 1,
  decodeAttentionFlop: 1,
  prefillFlop: 1,
  prefillExpertFlop: 1,
  prefillAttentionFlop: 1,
  prefillLatentFlop: 1,
  prefillRecurrentFlop: 1,
  layerSeconds: 0,
  latentLayerSeconds: 0,
  recurrentLayerSeconds: 0,
  expertLayerSeconds: 0,
  indexLayerSeconds: 0,
  stepSeconds: 0,
  sequenceSeconds: 0,
  allReduceSeconds: 0,
  allReduceRate: 1,
  allToAllSeconds: 0,
  allToAllRate: 1,
  requestSeconds: 0,
  prefillLayerSeconds: 0,
  interference: 1,
  expertImbalance: 0,
  routingSpread: 1,
  prefillQueue: 0,
};
