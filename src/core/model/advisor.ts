import type { Architecture } from './architecture.ts';
import { blockShapes } from './shapes.ts';

/** Advice on one dimension: what it is, the next sizes that fill the tiles, and the work lost as it stands. */
export interface DimensionAdvice {
  readonly dimension: string;
  readonly size: number;
  /** Largest power of two dividing the size (counted up to 256). */
  readonly alignment: number;
  readonly multiple: number;
  readonly lower: number;
  readonly higher: number;
  /** Fraction of the last tile's work that multiplies padding. */
  readonly paddingFraction: number;
  readonly level: 'good' | 'fair' | 'poor';
}

/** Widest tile that matrix kernels commonly use in one dimension, and the alignment below which tensor cores fall back. */
const TILE = 128;
const FALLBACK = 8;

function advise(dimension: string, size: number, multiple: number): DimensionAdvice {
  let alignment = 1;
  while (alignment < 256 && size % (alignment * 2) === 0) alignment *= 2;
  const padded = Math.ceil(size / multiple) * multiple;
  const level = size % multiple === 0 ? 'good' : alignment >= FALLBACK ? 'fair' : 'poor';
  return {
    dimension,
    size,
    alignment,
    multiple,
    lower: Math.floor(size / multiple) * multiple,
    higher: padded,
    paddingFraction: 1 - size / padded,
    level,
  };
}

/**
 * Looks at every dimension that becomes a side of a matrix (hidden size, vocabulary, feed-forward and attention widths),
 * each divided over `tensorParallel` chips where it is split, and says which do not fill tiles of 64 or 128 elements
 * (NVIDIA matrix multiplication guide: dimensions in multiples of 64 halfwords or more). Worst first; equal sizes once.
 */
export function adviseDimensions(architecture: Architecture, tensorParallel = 1): DimensionAdvice[] {
  const advice = new Map<string, DimensionAdvice>();
  const add = (name: string, size: number, multiple: number): void => {
    const key = `${name}:${size}`;
    if (!advice.has(key)) advice.set(key, advise(name, size, multiple));
  };
  const split = Math.max(1, Math.floor(tensorParallel));
  add('hidden_size', architecture.hiddenSize, TILE);
  add('vocab_size', architecture.vocabSize / split, split > 1 ? 64 : TILE);
  for (const { block } of architecture.blocks) {
    const { mixer } = block;
    if (mixer?.type === 'attention') {
      add('head_dim', mixer.headDim, 64);
      if (mixer.heads % split !== 0) add('heads', mixer.heads, split);
    }
    for (const weight of blockShapes(block, architecture.hiddenSize, architecture.norm).weights) {
      if (weight.part === 'router' || weight.outputs === 1) continue;
      const outer = weight.outputs === architecture.hiddenSize ? weight.inputs : weight.outputs;
      add(weight.name, outer / split, 64);
    }
  }
  const rank = { poor: 0, fair: 1, good: 2 };
  return [...advice.values()].sort((a, b) => rank[a.level] - rank[b.level] || b.paddingFraction - a.paddingFraction);
}
