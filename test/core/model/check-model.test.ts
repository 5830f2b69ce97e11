import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../src/core/model/check-model.ts';
import { totalParameters } from '../../../src/core/model/parameters.ts';
import { architectureFromConfigText } from '../../../src/import/model/config.ts';
import { layerListsFromCsv } from '../../../src/import/model/layer-csv.ts';

const text = (path: string): string => readFileSync(new URL(`../../data/${path}`, import.meta.url), 'utf8');
const llama = architectureFromConfigText(text('hf_configs/meta-llama--Meta-Llama-3.1-8B.json')).architecture;
const [resnet18] = layerListsFromCsv(text('cnn_vit_layers.csv'));
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('a model that comes from outside', () => {
  it('is taken as it is when its counts come out: 8,030,261,248 and 11,689,512 parameters', () => {
    expect(totalParameters(checkModel(copy(llama)))).toBe(8_030_261_248);
    expect(totalParameters(checkModel(copy(resnet18)))).toBe(11_689_512);
  });

  it.each([
    ['nothing', {}],
    ['another kind', { ...llama, kind: 'poem' }],
    ['a missing part', { ...llama, norm: undefined }],
    ['a negative width', { ...llama, hiddenSize: -4096 }],
    ['a text for a number', { ...llama, vocabSize: 'many' }],
    ['an order that names no block', { ...llama, layerOrder: [7] }],
    ['counts against the order', { ...llama, layerOrder: llama.layerOrder.slice(1) }],
    [
      'a mixer nobody knows',
      { ...llama, blocks: [{ count: 32, block: { ...llama.blocks[0]?.block, mixer: { type: 'x' } } }] },
    ],
    ['deep nesting', { ...llama, extra: JSON.parse('['.repeat(50) + ']'.repeat(50)) as unknown }],
    ['no layers', { ...resnet18, layers: [] }],
    ['a layer without counts', { ...resnet18, layers: [{ name: 'a', weighted: true }] }],
  ])('%s is refused', (_, model) => {
    expect(() => checkModel(model)).toThrow(expect.objectContaining({ code: 'model-shape' }));
  });
});
