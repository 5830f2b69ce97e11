import type { Architecture, Model } from './architecture.ts';
import { coreFlopPerToken } from './flops.ts';
import type { FlopOptions } from './flops.ts';
import { visionParameters } from './parameters.ts';
import type { Part } from './shapes.ts';
import { blockShapes, normParams, weightFlopPerToken, weightParams } from './shapes.ts';

/** One line of the anatomy sheet: a matrix, a vector or a product between activations, over all layers that have it. */
export interface AnatomyRow {
  readonly part: Part;
  readonly name: string;
  /** Index of the block group, or -1 outside the layers. */
  readonly group: number;
  /** Layers that hold it. */
  readonly layers: number;
  /** Shape of one copy, e.g. `4096 x 14336`; empty for vectors. */
  readonly shape: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Copies per layer stored, and those one token uses. */
  readonly copies: number;
  readonly used: number;
  readonly params: number;
  readonly bytes: number;
  readonly forwardFlopPerToken: number;
}

/** Every matrix of a model with shape, parameters, bytes at `bytesPerParameter` and forward FLOP per token at `seq`. Sums equal `countParameters` and `forwardFlopPerToken`. */
export function anatomy(
  architecture: Architecture,
  seq: number,
  bytesPerParameter = 2,
  options: FlopOptions = {},
): AnatomyRow[] {
  const a = architecture;
  const h = a.hiddenSize;
  const rows: AnatomyRow[] = [];
  const add = (row: Omit<AnatomyRow, 'bytes' | 'shape'>): void => {
    if (row.params === 0 && row.forwardFlopPerToken === 0) return;
    rows.push({
      ...row,
      shape: row.inputs > 0 ? `${row.inputs} x ${row.outputs}` : '',
      bytes: row.params * bytesPerParameter,
    });
  };
  const plain = { group: -1, layers: 1, inputs: 0, outputs: 0, copies: 1, used: 1, forwardFlopPerToken: 0 };
  add({
    ...plain,
    part: 'embedding',
    name: 'token_embedding',
    inputs: a.vocabSize,
    outputs: a.embeddingSize,
    params: a.vocabSize * a.embeddingSize,
  });
  add({
    ...plain,
    part: 'embedding',
    name: 'position_embedding',
    inputs: a.learnedPositions,
    outputs: h,
    params: a.learnedPositions * h,
  });
  add({ ...plain, part: 'embedding', name: 'token_types', inputs: a.tokenTypes, outputs: h, params: a.tokenTypes * h });
  if (a.embeddingSize !== h) {
    const copies = a.headless ? 1 : 2;
    add({
      ...plain,
      part: 'embedding',
      name: 'embedding_projection',
      inputs: a.embeddingSize,
      outputs: h,
      copies,
      used: copies,
      params: copies * a.embeddingSize * h,
      forwardFlopPerToken: 2 * copies * a.embeddingSize * h,
    });
  }
  a.blocks.forEach(({ count, block }, group) => {
    const shapes = blockShapes(block, h, a.norm);
    for (const weight of shapes.weights) {
      const counted = options.router === true || weight.part !== 'router';
      add({
        part: weight.part,
        name: weight.name,
        group,
        layers: count,
        inputs: weight.inputs,
        outputs: weight.outputs,
        copies: weight.stored,
        used: weight.used,
        params: count * weightParams(weight),
        forwardFlopPerToken: counted ? count * weightFlopPerToken(weight) : 0,
      });
    }
    if (block.mixer !== null) {
      const softmax = block.mixer.type === 'attention' || block.mixer.type === 'latent_attention';
      const flop = count * coreFlopPerToken(block.mixer, seq, a.causal, options.attention ?? 'causal');
      add({
        ...plain,
        part: softmax ? 'attention' : 'mixer',
        name: softmax ? 'scores_and_values' : 'recurrence',
        group,
        layers: count,
        params: 0,
        forwardFlopPerToken: flop,
      });
    }
    for (const entry of shapes.vectors)
      add({
        ...plain,
        part: entry.part,
        name: entry.name,
        group,
        layers: count,
        params: count * entry.params,
        forwardFlopPerToken: 2 * count * entry.macs,
      });
  });
  const norms = ((a.finalNorm ? 1 : 0) + (a.embeddingNorm ? 1 : 0)) * normParams(a.norm, h);
  add({ ...plain, part: 'norm', name: 'final_norm', params: norms });
  if (a.perLayerInput !== null) {
    const { size, vocabSize } = a.perLayerInput;
    const layers = a.layerOrder.length;
    add({
      ...plain,
      part: 'embedding',
      name: 'per_layer_embedding',
      inputs: vocabSize,
      outputs: layers * size,
      params: vocabSize * layers * size,
    });
    const rest = layers * (2 * h * size + normParams(a.norm, h)) + h * layers * size + normParams(a.norm, size);
    add({
      ...plain,
      part: 'other',
      name: 'per_layer_projections',
      params: rest,
      forwardFlopPerToken: 6 * layers * h * size,
    });
  }
  if (!a.headless) {
    add({
      ...plain,
      part: 'head',
      name: 'output_head',
      inputs: a.embeddingSize,
      outputs: a.vocabSize,
      params: (a.tiedEmbeddings ? 0 : a.vocabSize * a.embeddingSize) + (a.headBias ? a.vocabSize : 0),
      forwardFlopPerToken: 2 * a.embeddingSize * a.vocabSize,
    });
  }
  add({ ...plain, part: 'other', name: 'other', params: a.extraParams });
  if (a.vision !== null) add({ ...plain, part: 'vision', name: 'vision', params: visionParameters(a.vision) });
  return rows;
}

/**
 * Longest chain of matrix products that must run one after the other for one token: what latency follows beside FLOPs.
 * Attention counts four (projections together, scores, values, output), latent attention two more, a feed-forward two,
 * a router one, a recurrent mixer three, the head one.
 */
export function sequentialDepth(model: Model): number | null {
  if (model.kind === 'layers') return model.sequentialDepth ?? model.layers.filter((layer) => layer.macs > 0).length;
  let depth = model.headless ? 0 : 1;
  for (const { count, block } of model.blocks) {
    const { mixer, feedForward } = block;
    let steps = 0;
    if (mixer?.type === 'attention') steps += 4;
    else if (mixer?.type === 'latent_attention') steps += mixer.queryRank === null ? 5 : 6;
    else if (mixer !== null) steps += 3;
    if (feedForward?.type === 'mlp') steps += 2;
    else if (feedForward !== null) steps += 3 + (feedForward.latentSize === null ? 0 : 2);
    depth += count * steps;
  }
  return depth;
}
