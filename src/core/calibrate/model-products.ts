/** The matrix products of one training step of a model on one chip: forward, gradient of the input, gradient of the weight. */
import type { Architecture } from '../model/architecture.ts';
import { blockShapes } from '../model/shapes.ts';
import type { ModelProduct } from './ceiling.ts';

const WHOLE = 4;
/** Sizes are rounded up to a multiple of 4, which the kernels need; libraries pad likewise. */
const padded = (size: number): number => Math.ceil(size / WHOLE) * WHOLE;

/** Products of `tokens` tokens at once; experts are left out of the list when a token uses a part of them only. Attention is not a product of weights and not in it. */
export function modelProducts(architecture: Architecture, tokens: number): ModelProduct[] {
  const found = new Map<string, ModelProduct>();
  const add = (name: string, m: number, n: number, k: number, times: number): void => {
    const shape = { m: padded(m), n: padded(n), k: padded(k) };
    const id = `${shape.m}x${shape.n}x${shape.k}`;
    const same = found.get(id);
    found.set(id, { name: same?.name ?? name, shape, times: (same?.times ?? 0) + times });
  };
  const weight = (name: string, inputs: number, outputs: number, times: number): void => {
    add(name, tokens, outputs, inputs, times);
    add(`${name}, input gradient`, tokens, inputs, outputs, times);
    add(`${name}, weight gradient`, inputs, outputs, tokens, times);
  };
  architecture.blocks.forEach((group, index) => {
    const layers = architecture.layerOrder.filter((own) => own === index).length;
    for (const own of blockShapes(group.block, architecture.hiddenSize, architecture.norm).weights)
      if (own.used > 0 && own.used === own.stored) weight(own.name, own.inputs, own.outputs, own.used * layers);
  });
  if (!architecture.headless) weight('head', architecture.hiddenSize, architecture.vocabSize, 1);
  return [...found.values()];
}
