import type { Architecture, Block, Model, Norm, VisionTower } from './architecture.ts';
import type { Part } from './shapes.ts';
import { blockShapes, normParams, weightActiveParams, weightParams } from './shapes.ts';

/** Parameters of one part, all stored and those one token uses. */
export interface PartParameters {
  readonly part: Part;
  readonly params: number;
  readonly active: number;
}

/**
 * Parameters of a model, in elements (integers, exact below 2^53). `total` is the model as it is published: MTP modules
 * are not in it, a tied head is counted once, a vision tower is counted.
 */
export interface ParameterCount {
  readonly total: number;
  readonly totalWithMtp: number;
  /** As stored in weight files that repeat embedding and head in every MTP module. */
  readonly totalStored: number;
  /** Used by one text token, embeddings and head included. Equal to `total` for a dense text model. */
  readonly active: number;
  /** Without the embedding table that is only looked up (a tied table works as the head and stays). */
  readonly activeWithoutInputEmbedding: number;
  /** Without embedding and head. */
  readonly activeWithoutEmbeddings: number;
  /** Input embedding table. */
  readonly embedding: number;
  /** Output head (0 when tied). */
  readonly head: number;
  readonly nonEmbedding: number;
  readonly mtp: number;
  readonly vision: number;
  readonly parts: readonly PartParameters[];
}

/** Parameters of one block, by part; `active` counts the experts one token uses. */
export function blockParameters(
  block: Block,
  hidden: number,
  norm: Norm,
): { params: number; active: number; parts: Map<Part, PartParameters> } {
  const shapes = blockShapes(block, hidden, norm);
  const parts = new Map<Part, PartParameters>();
  let params = 0;
  let active = 0;
  const add = (part: Part, stored: number, used: number): void => {
    const before = parts.get(part);
    parts.set(part, { part, params: (before?.params ?? 0) + stored, active: (before?.active ?? 0) + used });
    params += stored;
    active += used;
  };
  for (const weight of shapes.weights) add(weight.part, weightParams(weight), weightActiveParams(weight));
  for (const entry of shapes.vectors) add(entry.part, entry.params, entry.params);
  return { params, active, parts };
}

/** Parameters of a vision tower with its projectors. */
export function visionParameters(vision: VisionTower): number {
  let params = vision.patchInputs * vision.hiddenSize + (vision.patchBias ? vision.hiddenSize : 0);
  params += vision.positions * vision.hiddenSize + vision.extraParams;
  for (const { count, block } of vision.blocks)
    params += count * blockParameters(block, vision.hiddenSize, vision.norm).params;
  for (const projector of vision.projectors) {
    params += projector.extraParams;
    for (const layer of projector.layers) params += layer.inputs * layer.outputs + (layer.bias ? layer.outputs : 0);
  }
  return params;
}

/** Parameters of one MTP module: its blocks, the projection 2h -> h, its norms. */
function mtpModuleParameters(architecture: Architecture): number {
  const mtp = architecture.multiTokenPrediction;
  if (mtp === null) return 0;
  const { hiddenSize: h, norm } = architecture;
  return mtp.blocksPerModule * blockParameters(mtp.block, h, norm).params + 2 * h * h + mtp.norms * normParams(norm, h);
}

/** Counts an architecture's parameters by part (reference: flops-memory-time.md §2.1). */
export function countParameters(architecture: Architecture): ParameterCount {
  const a = architecture;
  const h = a.hiddenSize;
  const stored = new Map<Part, number>();
  const used = new Map<Part, number>();
  const add = (part: Part, params: number, active: number): void => {
    stored.set(part, (stored.get(part) ?? 0) + params);
    used.set(part, (used.get(part) ?? 0) + active);
  };
  const embedding = a.vocabSize * a.embeddingSize;
  add('embedding', embedding, embedding);
  const tables = a.learnedPositions * h + a.tokenTypes * h;
  add('embedding', tables, tables);
  const factored = a.embeddingSize === h ? 0 : a.embeddingSize * h * (a.headless ? 1 : 2);
  add('embedding', factored, factored);
  for (const { count, block } of a.blocks) {
    for (const { part, params, active } of blockParameters(block, h, a.norm).parts.values())
      add(part, count * params, count * active);
  }
  const norms = ((a.finalNorm ? 1 : 0) + (a.embeddingNorm ? 1 : 0)) * normParams(a.norm, h);
  add('norm', norms, norms);
  const head = (a.tiedEmbeddings || a.headless ? 0 : a.vocabSize * a.embeddingSize) + (a.headBias ? a.vocabSize : 0);
  add('head', head, head);
  if (a.perLayerInput !== null) {
    const layers = a.layerOrder.length;
    const { size, vocabSize } = a.perLayerInput;
    const perLayer = 2 * h * size + normParams(a.norm, h);
    add('embedding', layers * size * vocabSize, layers * size * vocabSize);
    const rest = layers * perLayer + h * layers * size + normParams(a.norm, size);
    add('other', rest, rest);
  }
  add('other', a.extraParams, a.extraParams);
  const vision = a.vision === null ? 0 : visionParameters(a.vision);
  const text = sum(stored);
  const active = sum(used);
  if (vision > 0) add('vision', vision, 0);
  const total = text + vision;
  const modules =
    a.multiTokenPrediction === null ? 0 : a.multiTokenPrediction.sharedWeights ? 1 : a.multiTokenPrediction.modules;
  const mtp = modules * mtpModuleParameters(a);
  const copies =
    a.multiTokenPrediction?.duplicatedEmbedding === true ? modules * (embedding + (a.tiedEmbeddings ? 0 : head)) : 0;
  const lookedUp =
    (a.tiedEmbeddings ? 0 : embedding) +
    (a.perLayerInput === null ? 0 : a.layerOrder.length * a.perLayerInput.size * a.perLayerInput.vocabSize);
  const tableWeights = embedding + tables + head + (lookedUp - (a.tiedEmbeddings ? 0 : embedding));
  return {
    total,
    totalWithMtp: total + mtp,
    totalStored: total + mtp + copies,
    active,
    activeWithoutInputEmbedding: active - lookedUp - tables,
    activeWithoutEmbeddings: active - tableWeights,
    embedding,
    head,
    nonEmbedding: total - tableWeights,
    mtp,
    vision,
    parts: [...stored]
      .filter(([, params]) => params > 0)
      .map(([part, params]) => ({ part, params, active: used.get(part) ?? 0 })),
  };
}

/** Total parameters of any model: layer lists are summed, an architecture is counted without MTP modules. */
export function totalParameters(model: Model): number {
  return model.kind === 'layers'
    ? model.layers.reduce((total, layer) => total + layer.params, 0)
    : countParameters(model).total;
}

function sum(parts: ReadonlyMap<Part, number>): number {
  let total = 0;
  for (const value of parts.values()) total += value;
  return total;
}
