import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { architectureFromConfigText } from '../../src/import/model/config.ts';
import { checkpointTensors, ggufHeader, ggufTensors, onnxFile, safetensorsHeader } from '../import/model/make.ts';
import { Terminal } from './in-process.ts';

const terminal = new Terminal();
afterAll(() => terminal.close());

const LLAMA = 'test/data/hf_configs/meta-llama--Meta-Llama-3.1-8B.json';
const own = architectureFromConfigText(readFileSync(LLAMA, 'utf8')).architecture;
const bytes = (name: string, content: Uint8Array, size = content.length): string => {
  const path = join(terminal.folder, name);
  const file = openSync(path, 'w');
  writeSync(file, content);
  closeSync(file);
  if (size > content.length) truncateSync(path, size);
  return path;
};

describe('params and flops on every kind of model file', () => {
  test('safetensors, GGUF and config.json of one model agree: 8,030,261,248 parameters, the same FLOP', async () => {
    const header = safetensorsHeader(checkpointTensors(own));
    const files = [
      LLAMA,
      bytes('model.safetensors', header.bytes, header.size),
      bytes('model.gguf', ggufHeader([['general.architecture', 'llama']], ggufTensors(own, 12)), 5e9),
    ];
    for (const file of files) {
      expect(await terminal.json('params', file), file).toMatchObject({ params_total: 8030261248, approximate: false });
      expect(await terminal.json('flops', file, '--seq', '8192'), file).toMatchObject({
        train_flop_per_token_6n: 6 * 8030261248,
        train_flop_per_token: 6 * (8030261248 - 128256 * 4096 - 65 * 4096) + 6 * 32 * 8192 * 4096,
      });
    }
  });

  test('an ONNX graph counts per sample; an open dimension is asked for', async () => {
    const graph = onnxFile({
      inputs: [['x', ['batch', 'tokens', 64]]],
      weights: [['w', [64, 32]]],
      nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }],
      outputs: ['y'],
    });
    const file = bytes('graph.onnx', graph);
    expect(await terminal.json('flops', file)).toMatchObject({ forward_macs: 64 * 32, approximate: true });
    expect(await terminal.json('flops', file, '--dim', 'tokens=10')).toMatchObject({
      forward_macs: 640 * 32,
      forward_flop: 2 * 640 * 32,
      train_flop_per_sample: 6 * 640 * 32,
      params_total: 2048,
      sequential_depth: 1,
      approximate: false,
    });
    expect((await terminal.run('flops', file, '--dim', 'tokens')).err).toMatch(/--dim/);
  });

  test('a layer table lists its models', async () => {
    const table = (await terminal.json('flops', 'test/data/cnn_vit_layers.csv'))['models'] as { model: string }[];
    expect(table.find((row) => row.model === 'ResNet50')).toMatchObject({ params_total: 25557032 });
    expect(((await terminal.json('params', 'test/data/cnn_vit_layers.csv'))['models'] as unknown[]).length).toBe(
      table.length,
    );
  });

  test('a weight file with its configuration beside it knows the active parameters', async () => {
    const folder = join(terminal.folder, 'mixtral');
    mkdirSync(folder);
    const text = readFileSync('test/data/hf_configs/mistralai--Mixtral-8x7B-v0.1.json', 'utf8');
    writeFileSync(join(folder, 'config.json'), text);
    const header = safetensorsHeader(checkpointTensors(architectureFromConfigText(text).architecture));
    const file = bytes('mixtral/model.safetensors', header.bytes, header.size);
    expect(await terminal.json('params', file)).toMatchObject({
      params_total: 46702792704,
      params_active: 12879925248,
      approximate: false,
    });
  });

  test.each([
    ['a folder', () => terminal.folder, /is a folder/, /config\.json/],
    ['nothing there', () => join(terminal.folder, 'none.gguf'), /no file/, /path/],
    ['a pickle', () => bytes('pytorch_model.bin', Uint8Array.of(0x80, 2)), /pickle/, /safetensors/],
    [
      'a cut header',
      () => bytes('cut.safetensors', Uint8Array.of(9, 9, 0, 0, 0, 0, 0, 0, 123)),
      /ends inside/,
      /again/,
    ],
    ['another file', () => bytes('cat.png', Uint8Array.of(0x89, 0x50)), /not a model file/, /Supported/],
  ])('%s: exit 2, what and how to mend', async (_, make, what, mend) => {
    for (const command of ['params', 'flops']) {
      const { status, out, err } = await terminal.run(command, make(), '--seq', '1024');
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(err).toMatch(what);
      expect(err).toMatch(mend);
    }
  });
});
