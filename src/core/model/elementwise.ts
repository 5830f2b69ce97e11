import type { Architecture } from './architecture.ts';
import { visibleTokensMean } from './attention-span.ts';
import { forwardFlopPerToken } from './flops.ts';

/** FLOP per element of work that is no matrix product, as counted by roofline viewers (LLM-Viewer: norm 7, softmax 5). */
export const ELEMENTWISE = { norm: 7, softmax: 5, activation: 5, gate: 1, residual: 1, rotary: 3 } as const;

/** Elementwise forward FLOP per token and its share of all work. */
export interface ElementwiseFlop {
  readonly norms: number;
  readonly softmax: number;
  readonly activations: number;
  readonly residuals: number;
  readonly total: number;
  /** Of elementwise and matrix work together. */
  readonly share: number;
}

/** Norms, softmax, activations, rotary positions and residual sums of one forward pass per token at `seq`; off by default in every other count. */
export function elementwiseFlopPerToken(architecture: Architecture, seq: number): ElementwiseFlop {
  const { hiddenSize: h } = architecture;
  let norms = ELEMENTWISE.norm * h * (architecture.finalNorm ? 1 : 0);
  let softmax = 0;
  let activations = 0;
  let residuals = 0;
  for (const { count, block } of architecture.blocks) {
    norms += count * ELEMENTWISE.norm * h * block.norms;
    residuals +=
      count * ELEMENTWISE.residual * h * ((block.mixer === null ? 0 : 1) + (block.feedForward === null ? 0 : 1));
    const { mixer, feedForward } = block;
    if (mixer !== null && (mixer.type === 'attention' || mixer.type === 'latent_attention')) {
      softmax +=
        count * ELEMENTWISE.softmax * mixer.heads * visibleTokensMean(mixer, seq, architecture.causal, 'causal');
      const rotated =
        mixer.type === 'attention'
          ? (mixer.heads + mixer.kvHeads) * mixer.headDim
          : (mixer.heads + 1) * mixer.ropeHeadDim;
      activations += count * ELEMENTWISE.rotary * rotated;
      if (mixer.type === 'attention' && mixer.qkNorm !== null)
        norms += count * ELEMENTWISE.norm * (mixer.heads + mixer.kvHeads) * mixer.headDim;
    }
    if (feedForward === null) continue;
    const perElement = (gated: boolean): number => ELEMENTWISE.activation + (gated ? ELEMENTWISE.gate : 0);
    if (feedForward.type === 'mlp') activations += count * feedForward.intermediateSize * perElement(feedForward.gated);
    else {
      activations +=
        count * feedForward.expertsPerToken * feedForward.expertIntermediateSize * perElement(feedForward.gated);
      if (feedForward.shared !== null)
        activations += count * feedForward.shared.intermediateSize * perElement(feedForward.shared.gated);
      softmax += count * ELEMENTWISE.softmax * feedForward.experts;
    }
  }
  const total = norms + softmax + activations + residuals;
  return {
    norms,
    softmax,
    activations,
    residuals,
    total,
    share: total / (total + forwardFlopPerToken(architecture, seq).total),
  };
}
