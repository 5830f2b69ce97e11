import { FlopsheetError } from '../errors.ts';
import type { Architecture, Block, Layer, LayerList } from './architecture.ts';
import { groupBlocks } from './architecture.ts';

function fraction(value: number, name: string): void {
  if (!(value > 0 && value <= 1))
    throw new FlopsheetError('lever-fraction', `${name} is ${value}; it must be above 0 and at most 1.`, {
      where: name,
      hint: 'Write for example 0.5 for half.',
    });
}

/** Rounds to a multiple, never below one multiple. */
const toMultiple = (value: number, multiple: number): number =>
  Math.max(multiple, Math.round(value / multiple) * multiple);

/** Rebuilds the layers of an architecture, one by one. */
export function mapLayers(architecture: Architecture, change: (block: Block, layer: number) => Block): Architecture {
  const layers = architecture.layerOrder.map((group, layer) =>
    change((architecture.blocks[group] as { block: Block }).block, layer),
  );
  const { blocks, layerOrder } = groupBlocks(layers);
  return { ...architecture, blocks, layerOrder };
}

/** Structured pruning: keeps a fraction of feed-forward widths and of attention heads (whole groups), rounded to `multiple` elements. */
export function pruned(
  architecture: Architecture,
  keep: { readonly feedForward?: number; readonly heads?: number; readonly experts?: number },
  multiple = 1,
): Architecture {
  const width = keep.feedForward ?? 1;
  const heads = keep.heads ?? 1;
  const experts = keep.experts ?? 1;
  fraction(width, 'feedForward');
  fraction(heads, 'heads');
  fraction(experts, 'experts');
  return mapLayers(architecture, (block) => {
    const { mixer, feedForward } = block;
    const kept =
      feedForward === null
        ? null
        : feedForward.type === 'mlp'
          ? { ...feedForward, intermediateSize: toMultiple(feedForward.intermediateSize * width, multiple) }
          : {
              ...feedForward,
              expertIntermediateSize: toMultiple(feedForward.expertIntermediateSize * width, multiple),
              experts: Math.max(feedForward.expertsPerToken, Math.round(feedForward.experts * experts)),
            };
    if (mixer?.type !== 'attention') return { ...block, feedForward: kept };
    const perGroup = mixer.heads / mixer.kvHeads;
    const kvHeads = Math.max(1, Math.round(mixer.kvHeads * heads));
    const remaining = mixer.kvHeads === 1 ? Math.max(1, Math.round(mixer.heads * heads)) : kvHeads * perGroup;
    return { ...block, feedForward: kept, mixer: { ...mixer, heads: remaining, kvHeads } };
  });
}

/** Scales depth (layers repeated or left out evenly) and width (hidden size, heads, feed-forwards; head width stays) of an architecture. */
export function scaled(
  architecture: Architecture,
  factors: { readonly depth?: number; readonly width?: number },
  multiple = 64,
): Architecture {
  const depth = factors.depth ?? 1;
  const width = factors.width ?? 1;
  if (!(depth > 0 && depth <= 100 && width > 0 && width <= 100))
    throw new FlopsheetError('lever-factor', 'Depth and width factors must be above 0 and at most 100.', {
      where: 'factors',
      hint: '1 leaves the model as it is.',
    });
  const before = architecture.layerOrder.length;
  const layers = Math.max(1, Math.round(before * depth));
  const order = Array.from(
    { length: layers },
    (_, at) => architecture.layerOrder[Math.min(before - 1, Math.floor((at * before) / layers))] ?? 0,
  );
  const counts = architecture.blocks.map((_, group) => order.filter((entry) => entry === group).length);
  const deeper: Architecture = {
    ...architecture,
    layerOrder: order,
    blocks: architecture.blocks.map((group, at) => ({ ...group, count: counts[at] ?? 0 })),
  };
  if (width === 1) return mapLayers(deeper, (block) => block);
  const hiddenSize = toMultiple(architecture.hiddenSize * width, multiple);
  const wider = mapLayers(deeper, (block) => {
    const { mixer, feedForward } = block;
    const heads = (count: number): number => Math.max(1, Math.round(count * width));
    const scaledMixer =
      mixer === null
        ? null
        : mixer.type === 'attention'
          ? {
              ...mixer,
              kvHeads: Math.min(heads(mixer.kvHeads), heads(mixer.heads)),
              heads: Math.max(1, Math.round(heads(mixer.heads) / heads(mixer.kvHeads))) * heads(mixer.kvHeads),
            }
          : mixer.type === 'latent_attention' || mixer.type === 'linear_attention' || mixer.type === 'mamba2'
            ? { ...mixer, heads: heads(mixer.heads) }
            : mixer.type === 'gated_delta'
              ? { ...mixer, keyHeads: heads(mixer.keyHeads), valueHeads: heads(mixer.valueHeads) }
              : mixer.type === 'mamba1'
                ? { ...mixer, innerSize: toMultiple(mixer.innerSize * width, multiple) }
                : { ...mixer, channels: hiddenSize };
    const scaledMlp =
      feedForward === null
        ? null
        : feedForward.type === 'mlp'
          ? { ...feedForward, intermediateSize: toMultiple(feedForward.intermediateSize * width, multiple) }
          : {
              ...feedForward,
              expertIntermediateSize: toMultiple(feedForward.expertIntermediateSize * width, multiple),
              shared:
                feedForward.shared === null
                  ? null
                  : {
                      ...feedForward.shared,
                      intermediateSize: toMultiple(feedForward.shared.intermediateSize * width, multiple),
                    },
            };
    return { ...block, mixer: scaledMixer, feedForward: scaledMlp };
  });
  return {
    ...wider,
    hiddenSize,
    embeddingSize: architecture.embeddingSize === architecture.hiddenSize ? hiddenSize : architecture.embeddingSize,
    multiTokenPrediction: null,
    vision: null,
  };
}

/** A convolutional or vision model at another input resolution: rows grow with the area, attention with its square (class token aside). */
export function atResolution(list: LayerList, factor: number): LayerList {
  if (!(factor > 0 && factor <= 32))
    throw new FlopsheetError('lever-factor', `The resolution factor is ${factor}; it must be above 0 and at most 32.`, {
      where: 'factor',
      hint: '2 doubles height and width.',
    });
  const area = factor * factor;
  const layers = list.layers.map((layer): Layer => {
    if (layer.matmul === null || layer.matmul.m <= 1) return layer;
    const quadratic = layer.type === 'attention';
    return {
      ...layer,
      macs: layer.macs * area * (quadratic ? area : 1),
      outputElements: layer.outputElements * area,
      matmul: { ...layer.matmul, m: layer.matmul.m * area, n: layer.matmul.n * (quadratic ? area : 1) },
    };
  });
  return { ...list, layers };
}

/** Structured pruning of a layer list: inner channel counts kept by `keep`, so an inner layer's MACs and weights fall by keep². The first layer keeps its inputs, the last its outputs. */
export function prunedLayers(list: LayerList, keep: number): LayerList {
  fraction(keep, 'keep');
  const products = list.layers.map((layer, at) => (layer.weighted ? at : -1)).filter((at) => at >= 0);
  const [first, last] = [products[0], products.at(-1)];
  return {
    ...list,
    layers: list.layers.map((layer, at) => {
      const factor =
        at === first || at === last || !layer.weighted || (layer.matmul?.count ?? 1) > 1 ? keep : keep * keep;
      return {
        ...layer,
        macs: layer.macs * factor,
        params: layer.params * factor,
        outputElements: at === last ? layer.outputElements : layer.outputElements * keep,
      };
    }),
  };
}

/** Bytes per parameter of a storage format, block scales included (serving-and-import.md §7: GGUF and microscaling formats). */
export const BYTES_PER_PARAMETER: Readonly<Record<string, number>> = {
  fp32: 4,
  tf32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
  mxfp8: 1 + 1 / 32,
  int4: 0.5,
  fp4: 0.5,
  mxfp4: 0.5 + 1 / 32,
  nvfp4: 0.5 + 1 / 16,
  nf4: 0.5 + 1 / 128,
  q8_0: 8.5 / 8,
  q6_k: 6.5625 / 8,
  q5_k: 5.5 / 8,
  q4_k: 4.5 / 8,
  q4_0: 4.5 / 8,
  q3_k: 3.4375 / 8,
  q2_k: 2.625 / 8,
};

/** What quantisation or 2:4 sparsity changes: FLOPs stay (skipped ones are not counted as done), bytes and the peak that applies change. */
export interface StorageLever {
  readonly weightBytes: number;
  /** Fraction of multiply-accumulates a sparse kernel may skip (0 without structured sparsity). */
  readonly skippableFraction: number;
}

/** Weight bytes of `params` parameters in a format, and the work 2:4 sparsity may skip (kept values plus two bits of index each). */
export function storageLever(params: number, format: string, sparse24 = false): StorageLever {
  const bytes = BYTES_PER_PARAMETER[format];
  if (bytes === undefined)
    throw new FlopsheetError('lever-format', `Storage format "${format}" is not known.`, {
      where: 'format',
      hint: `Use one of ${Object.keys(BYTES_PER_PARAMETER).join(', ')}.`,
    });
  return {
    weightBytes: sparse24 ? params * (bytes / 2 + 0.125) : params * bytes,
    skippableFraction: sparse24 ? 0.5 : 0,
  };
}

/** A point of a sweep: cost to keep low, value to raise. */
export interface ParetoPoint {
  readonly cost: number;
  readonly value: number;
}

/** Indices of points no other point beats (cheaper or equal, and better or equal, one of them strictly), by rising cost; points above `budget` are left out. Non-finite points never qualify. */
export function paretoFront(points: readonly ParetoPoint[], budget = Number.POSITIVE_INFINITY): number[] {
  const order = points
    .map((point, index) => ({ ...point, index }))
    .filter((point) => Number.isFinite(point.cost) && Number.isFinite(point.value) && point.cost <= budget)
    .sort((a, b) => a.cost - b.cost || b.value - a.value);
  const front: number[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const point of order) {
    if (point.value > best) {
      front.push(point.index);
      best = point.value;
    }
  }
  return front;
}
