import type { Architecture, Mixer } from './architecture.ts';
import { visibleTokensMax } from './attention-span.ts';

/** Elements cached per token by one layer's mixer (K and V, or the latent and its rotary key); 0 for recurrent mixers. */
export function kvElementsPerToken(mixer: Mixer | null): number {
  if (mixer === null) return 0;
  if (mixer.type === 'attention') return mixer.sharedKv ? 0 : mixer.kvHeads * (mixer.headDim + mixer.valueHeadDim);
  if (mixer.type === 'latent_attention') return mixer.kvRank + mixer.ropeHeadDim + (mixer.indexer?.headDim ?? 0);
  return 0;
}

/** Elements of constant state one sequence needs in one layer (recurrent mixers: state and convolution window). */
export function stateElements(mixer: Mixer | null): number {
  if (mixer === null) return 0;
  switch (mixer.type) {
    case 'gated_delta':
      return (
        mixer.valueHeads * mixer.keyHeadDim * mixer.valueHeadDim +
        (mixer.convKernel - 1) * (2 * mixer.keyHeads * mixer.keyHeadDim + mixer.valueHeads * mixer.valueHeadDim)
      );
    case 'linear_attention':
      return mixer.heads * mixer.headDim * mixer.headDim;
    case 'mamba2':
      return (
        mixer.heads * mixer.headDim * mixer.stateSize +
        (mixer.convKernel - 1) * (mixer.heads * mixer.headDim + 2 * mixer.groups * mixer.stateSize)
      );
    case 'mamba1':
      return mixer.innerSize * (mixer.stateSize + mixer.convKernel - 1);
    case 'short_convolution':
      return mixer.channels * mixer.kernel;
    default:
      return 0;
  }
}

/** KV-cache bytes one more token costs while every window still grows; `bytesPerElement` is 2 for 16-bit caches (serving-and-import.md §3). */
export function kvBytesPerToken(architecture: Architecture, bytesPerElement = 2): number {
  let elements = 0;
  for (const { count, block } of architecture.blocks) elements += count * kvElementsPerToken(block.mixer);
  return elements * bytesPerElement;
}

/** Cache bytes of one sequence of `tokens` tokens: windows cap their layers, recurrent layers add their constant state at `stateBytesPerElement`. */
export function kvCacheBytes(
  architecture: Architecture,
  tokens: number,
  bytesPerElement = 2,
  stateBytesPerElement = bytesPerElement,
): number {
  let bytes = 0;
  for (const { count, block } of architecture.blocks) {
    bytes += count * kvElementsPerToken(block.mixer) * visibleTokensMax(block.mixer, tokens) * bytesPerElement;
    bytes += count * stateElements(block.mixer) * stateBytesPerElement;
  }
  return bytes;
}
