import {
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  closeSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/core/model/architecture.ts';
import { trainFlopPerToken } from '../../../src/core/model/flops.ts';
import { countParameters, totalParameters } from '../../../src/core/model/parameters.ts';
import { architectureFromConfigText } from '../../../src/import/model/config.ts';
import { openFile } from '../../../src/import/model/file-reader.ts';
import { importModel } from '../../../src/import/model/import-model.ts';
import { bytesReader, type RangeReader } from '../../../src/import/model/reader.ts';
import {
  checkpointTensors,
  ggufHeader,
  ggufTensors,
  headerReader,
  onnxFile,
  safetensorsHeader,
  withLength,
  type Tensor,
} from './make.ts';

const folder = mkdtempSync(join(tmpdir(), 'flopsheet-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configText = (name: string): string =>
  readFileSync(new URL(`../../data/hf_configs/${name}.json`, import.meta.url), 'utf8');
const config = (name: string): Architecture => architectureFromConfigText(configText(name), name).architecture;
const utf8 = new TextEncoder();
const json = (name: string, text: string): RangeReader => bytesReader(name, utf8.encode(text));
const weights = (
  tensors: readonly Tensor[],
  name = 'model.safetensors',
  siblings: Readonly<Record<string, RangeReader>> = {},
) => {
  const { bytes, size } = safetensorsHeader(tensors);
  return headerReader(name, bytes, size, siblings);
};
const only = async (reader: RangeReader) => {
  const imported = await importModel(reader);
  return { ...imported, model: imported.models[0]! };
};

describe('safetensors headers', () => {
  it.each([
    ['meta-llama--Meta-Llama-3.1-8B', 8_030_261_248],
    ['meta-llama--Meta-Llama-3.1-70B', 70_553_706_496],
    ['Qwen--Qwen3-8B', 8_190_735_360],
    ['XiaomiMiMo--MiMo-7B-Base', 7_622_619_136],
  ])('%s: the published %i parameters, and the FLOPs of its configuration, from tensors alone', async (name, total) => {
    const own = config(name);
    const { model, approximate } = await only(weights(checkpointTensors(own)));
    expect(totalParameters(model)).toBe(total);
    expect(approximate).toBe(false);
    expect(trainFlopPerToken(model as Architecture, 8192, 'exact_causal')).toBe(
      trainFlopPerToken({ ...own, multiTokenPrediction: null }, 8192, 'exact_causal'),
    );
  });

  it.each([
    ['mistralai--Mixtral-8x7B-v0.1', 46_702_792_704],
    ['deepseek-ai--DeepSeek-V3', 671_026_419_200],
  ])('%s with its config.json beside it: exact total and exact active parameters', async (name, total) => {
    const own = config(name);
    const tensors = checkpointTensors(own);
    const alone = await only(weights(tensors));
    expect(totalParameters(alone.model)).toBe(total);
    expect(alone.approximate).toBe(true);
    expect(alone.notes.join(' ')).toMatch(/how many experts a token uses/);
    const joined = await only(
      weights(tensors, 'model.safetensors', { 'config.json': json('config.json', configText(name)) }),
    );
    expect(joined.approximate).toBe(false);
    expect(countParameters(joined.model as Architecture).active).toBe(countParameters(own).active);
    expect(joined.storedParams).toBe(null);
  });

  it('latent attention and experts are found in the tensors themselves', async () => {
    const own = config('deepseek-ai--DeepSeek-V3');
    const { model } = await only(weights(checkpointTensors(own)));
    const last = (model as Architecture).blocks.at(-1)!.block;
    const expected = own.blocks.at(-1)!.block;
    expect(last.mixer).toEqual(expected.mixer);
    expect(last.feedForward).toMatchObject({ experts: 256, expertIntermediateSize: 2048 });
  });

  it('GPT-2: fused projections, transposed matrices, learned positions: 124,439,808 parameters', async () => {
    const h = 768;
    const tensors: Tensor[] = [
      ['wte.weight', 'F32', [50257, h]],
      ['wpe.weight', 'F32', [1024, h]],
      ['ln_f.weight', 'F32', [h]],
      ['ln_f.bias', 'F32', [h]],
    ];
    for (let layer = 0; layer < 12; layer += 1) {
      const at = `h.${layer}.`;
      tensors.push(
        [`${at}attn.bias`, 'F32', [1, 1, 1024, 1024]],
        [`${at}attn.c_attn.weight`, 'F32', [h, 3 * h]],
        [`${at}attn.c_attn.bias`, 'F32', [3 * h]],
        [`${at}attn.c_proj.weight`, 'F32', [h, h]],
        [`${at}attn.c_proj.bias`, 'F32', [h]],
        [`${at}mlp.c_fc.weight`, 'F32', [h, 4 * h]],
        [`${at}mlp.c_fc.bias`, 'F32', [4 * h]],
        [`${at}mlp.c_proj.weight`, 'F32', [4 * h, h]],
        [`${at}mlp.c_proj.bias`, 'F32', [h]],
        ...['ln_1', 'ln_2'].flatMap((norm): Tensor[] => [
          [`${at}${norm}.weight`, 'F32', [h]],
          [`${at}${norm}.bias`, 'F32', [h]],
        ]),
      );
    }
    const { model, approximate } = await only(weights(tensors));
    expect(totalParameters(model)).toBe(124_439_808);
    expect(approximate).toBe(false);
    const own = architectureFromConfigText(
      JSON.stringify({ model_type: 'gpt2', n_embd: h, n_layer: 12, n_head: 12, vocab_size: 50257, n_positions: 1024 }),
    ).architecture;
    expect(trainFlopPerToken(model as Architecture, 1024, 'exact_full')).toBe(
      trainFlopPerToken(own, 1024, 'exact_full'),
    );
  });

  it('packed four-bit weights count as what they hold; scales are no parameters', async () => {
    const { tensors } = await only(
      weights([
        ['model.embed_tokens.weight', 'BF16', [1000, 64]],
        ['model.layers.0.self_attn.q_proj.qweight', 'I32', [8, 64]],
        ['model.layers.0.self_attn.q_proj.scales', 'F16', [1, 64]],
        ['model.layers.0.self_attn.q_proj.qzeros', 'I32', [1, 8]],
        ['model.layers.0.self_attn.q_proj.g_idx', 'I32', [64]],
        ['model.layers.0.mlp.experts.gate_up_proj_blocks', 'U8', [4, 128, 2, 16]],
        ['model.layers.0.mlp.experts.gate_up_proj_scales', 'U8', [4, 128, 2]],
      ]),
    );
    expect(tensors?.params).toBe(64_000 + 64 * 64 + 4 * 128 * 64);
  });

  it('a file with more than its configuration says keeps the file’s count, approximate, with the difference', async () => {
    const own = config('meta-llama--Meta-Llama-3.1-8B');
    const more: Tensor[] = [...checkpointTensors(own), ['model.adapter.weight', 'BF16', [1000, 10]]];
    const { model, approximate, notes } = await only(
      weights(more, 'model.safetensors', {
        'config.json': json('config.json', configText('meta-llama--Meta-Llama-3.1-8B')),
      }),
    );
    expect(totalParameters(model)).toBe(8_030_271_248);
    expect(approximate).toBe(true);
    expect(notes.join(' ')).toMatch(/10,000 parameters more/);
  });

  it('the index joins its parts; without them its configuration decides, else its size', async () => {
    const own = config('meta-llama--Meta-Llama-3.1-8B');
    const tensors = checkpointTensors(own);
    const half = Math.floor(tensors.length / 2);
    const parts = {
      'model-00001-of-00002.safetensors': weights(tensors.slice(0, half)),
      'model-00002-of-00002.safetensors': weights(tensors.slice(half)),
    };
    const map = Object.fromEntries(
      tensors.map(([name], at) => [name, `model-0000${at < half ? 1 : 2}-of-00002.safetensors`]),
    );
    const text = JSON.stringify({ metadata: { total_size: 16_060_522_496 }, weight_map: map });
    const at = (siblings: Readonly<Record<string, RangeReader>>) =>
      only({
        ...json('model.safetensors.index.json', text),
        sibling: (name) => Promise.resolve(siblings[name] ?? null),
      });
    const whole = await at(parts);
    expect([totalParameters(whole.model), whole.approximate]).toEqual([8_030_261_248, false]);
    const described = await at({ 'config.json': json('config.json', configText('meta-llama--Meta-Llama-3.1-8B')) });
    expect([totalParameters(described.model), described.approximate]).toEqual([8_030_261_248, false]);
    const alone = await at({});
    expect([totalParameters(alone.model), alone.approximate]).toEqual([8_030_261_248, true]);
    const one = await only(weights(tensors.slice(0, half), 'model-00001-of-00002.safetensors'));
    expect(one.approximate).toBe(true);
    expect(one.notes.join(' ')).toMatch(/part 1 of 2/);
  });

  it('a sparse file of 400 GB: only its header is read', async () => {
    const path = join(folder, 'huge.safetensors');
    // 200e9 bytes of 16-bit values a matrix: two of them.
    const { bytes, size } = safetensorsHeader([
      ['a.weight', 'BF16', [100_000_000, 1000]],
      ['b.weight', 'BF16', [100_000_000, 1000]],
    ]);
    const file = openSync(path, 'w');
    writeSync(file, bytes);
    closeSync(file);
    truncateSync(path, size);
    const reader = await openFile(path);
    const { models } = await importModel(reader);
    await reader.close();
    expect(size).toBeGreaterThan(400e9);
    expect(totalParameters(models[0]!)).toBe(200e9);
    const counted = headerReader('huge.safetensors', bytes, size);
    await importModel(counted);
    expect(counted.handedOut).toBeLessThan(2000);
  });
});

describe('GGUF headers', () => {
  const settings = (arch: string, own: Architecture, more: readonly (readonly [string, number])[] = []) => [
    ['general.architecture', arch] as const,
    ['general.name', 'Made'] as const,
    [`${arch}.embedding_length`, own.hiddenSize] as const,
    [`${arch}.attention.key_length`, 128] as const,
    ...more.map(([key, value]) => [`${arch}.${key}`, value] as const),
  ];

  it('8B in Q4_K: the published 8,030,261,248 parameters at 4.5 bits each', async () => {
    const own = config('meta-llama--Meta-Llama-3.1-8B');
    const bytes = ggufHeader(settings('llama', own), ggufTensors(own, 12));
    const { model, tensors, approximate } = await only(headerReader('m.gguf', bytes, 5e9));
    expect(totalParameters(model)).toBe(8_030_261_248);
    expect(approximate).toBe(false);
    expect(((tensors?.bytesByType.get('Q4_K') ?? 0) * 8) / (8_030_261_248 - 65 * 4096)).toBeCloseTo(4.5, 10);
    expect(trainFlopPerToken(model as Architecture, 4096, 'exact_causal')).toBe(
      trainFlopPerToken(own, 4096, 'exact_causal'),
    );
  });

  it('experts: the header says how many a token uses', async () => {
    const own = config('mistralai--Mixtral-8x7B-v0.1');
    const bytes = ggufHeader(settings('llama', own, [['expert_used_count', 2]]), ggufTensors(own, 8));
    const { model, approximate } = await only(headerReader('m.gguf', bytes));
    expect(totalParameters(model)).toBe(46_702_792_704);
    expect(approximate).toBe(false);
    expect(countParameters(model as Architecture).active).toBe(12_879_925_248);
  });

  it('a split model is joined from the parts beside it; missing ones are said', async () => {
    const own = config('meta-llama--Meta-Llama-3.1-8B');
    const all = ggufTensors(own, 8);
    const first = headerReader('m-00001-of-00002.gguf', ggufHeader(settings('llama', own), all.slice(0, 100)));
    const second = headerReader('m-00002-of-00002.gguf', ggufHeader([], all.slice(100)));
    const joined = await only({
      ...second,
      sibling: (name) => Promise.resolve(name === first.name ? first : null),
    });
    expect([totalParameters(joined.model), joined.approximate]).toEqual([8_030_261_248, false]);
    const alone = await only(first);
    expect(alone.approximate).toBe(true);
    expect(alone.notes.join(' ')).toMatch(/1 of 2 parts/);
  });

  it.each([
    [
      'reversed dimensions',
      (own: Architecture) => ggufHeader(settings('llama', own), ggufTensors(own, 8), true),
      /reversed/,
    ],
    [
      'a duplicate tensor',
      () =>
        ggufHeader(
          [],
          [
            ['a', 0, [2]],
            ['a', 0, [2]],
          ],
        ),
      /twice/,
    ],
    ['an absurd shape', () => ggufHeader([], [['a', 0, [2 ** 39, 2 ** 39]]]), /impossible shape/],
    ['an unknown type', () => ggufHeader([], [['a', 99, [2]]]), /unknown type 99/],
    [
      'a cut header',
      (own: Architecture) => ggufHeader(settings('llama', own), ggufTensors(own, 8)).subarray(0, 3000),
      /ends inside/,
    ],
    [
      '2^63 tensors',
      () => {
        const bytes = ggufHeader([], []).slice();
        new DataView(bytes.buffer).setBigUint64(8, 2n ** 63n, true);
        return bytes;
      },
      /9223372036854775808/,
    ],
  ])('%s is refused', async (_, make, what) => {
    const bytes = make(config('meta-llama--Meta-Llama-3.1-8B'));
    await expect(importModel(bytesReader('m.gguf', bytes))).rejects.toThrow(what);
  });
});

describe('what is refused', () => {
  const entry = (name: string, shape: string, offsets = '[0,8]'): string =>
    `"${name}":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;
  const raw = (text: string, length?: bigint): Uint8Array => {
    const bytes = utf8.encode(text);
    return withLength(length ?? BigInt(bytes.length), bytes);
  };
  const bomb = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

  it.each([
    ['a header of 2^63 bytes', 'm.safetensors', raw('{}', 2n ** 63n), /9223372036854775808 bytes/],
    ['a header longer than the file', 'm.safetensors', raw('{}', 5000n), /ends inside its header/],
    ['a file of four bytes', 'm.safetensors', Uint8Array.of(1, 2, 3, 4), /ends inside/],
    ['a negative shape', 'm.safetensors', raw(`{${entry('a', '[-2]')}}`), /whole number/],
    ['an absurd shape', 'm.safetensors', raw(`{${entry('a', '[4194304000,4194304000]')}}`), /impossible/],
    ['a shape that does not fit its bytes', 'm.safetensors', raw(`{${entry('a', '[3]')}}`), /needs 12/],
    ['a duplicate tensor', 'm.safetensors', raw(`{${entry('a', '[2]')},${entry('a', '[2]', '[8,16]')}}`), /twice/],
    ['overlapping tensors', 'm.safetensors', raw(`{${entry('a', '[2]')},${entry('b', '[2]')}}`), /overlap/],
    ['offsets that run backwards', 'm.safetensors', raw(`{${entry('a', '[2]', '[8,0]')}}`), /impossible/],
    ['no JSON', 'm.safetensors', raw('{"a":'), /not valid JSON/],
    ['a nested header', 'm.safetensors', raw(`{"a":${bomb(5000)}}`), /nesting|dtype/],
    ['a pickle', 'pytorch_model.bin', Uint8Array.of(0x80, 2, 0x7d), /runs the code inside it/],
    ['a pickle in a zip', 'model.pt', Uint8Array.of(0x50, 0x4b, 3, 4), /runs the code inside it/],
    ['a pickle by its first byte', 'weights', Uint8Array.of(0x80, 4, 0x95), /runs the code inside it/],
    ['an empty file', 'config.json', new Uint8Array(0), /is empty/],
    ['a nested configuration', 'config.json', utf8.encode(bomb(100_000)), /nests deeper/],
    ['a list bomb', 'config.json', utf8.encode('['.repeat(4_000_000)), /nests deeper/],
    ['a wide bomb', 'config.json', utf8.encode(`{"a":[${'[],'.repeat(2_600_000)}[]]}`), /missing|larger/],
    ['a cut configuration', 'config.json', utf8.encode('{"hidden_size": 40'), /not JSON/],
    ['an index outside its folder', 'x.index.json', utf8.encode('{"weight_map":{"a":"../../etc/passwd"}}'), /outside/],
    ['a wide index', 'x.index.json', utf8.encode(`{"weight_map":{"a":[${'[],'.repeat(2_000_000)}[]]}}`), /expected/],
    [
      'a configuration of 600,000 fields',
      'config.json',
      utf8.encode(`{"model_type":"llama",${Array.from({ length: 600_000 }, (_, i) => `"k${i}":1`).join(',')}}`),
      /600,001 fields/,
    ],
    [
      'a layer of 10^36 parameters',
      'm.csv',
      utf8.encode(
        'model,layer,type,c_in,c_out,k,groups,h_out\nm,a,conv,1000000000,1000000000,1000000000,1,1000000000\n',
      ),
      /absurd/,
    ],
    ['a graph without layers', 'm.onnx', onnxFile({ inputs: [], weights: [], nodes: [], outputs: [] }), /no layer/],
    ['a picture', 'cat.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /not a model file/],
  ])('%s', async (_, name, bytes, what) => {
    await expect(importModel(bytesReader(name, bytes))).rejects.toThrow(what);
  });

  it('names without a pattern are counted in bounded memory, across the pieces the header is read in', async () => {
    const tensors = Array.from({ length: 60_000 }, (_, at): Tensor => [
      `t${(at * 2654435761) % 2 ** 32}x`,
      'BF16',
      [2 + (at % 7), 8],
    ]);
    const header = safetensorsHeader(tensors);
    expect(header.bytes.length).toBeGreaterThan(4_194_304);
    const { models, tensors: inventory } = await importModel(headerReader('m.safetensors', header.bytes, header.size));
    expect(totalParameters(models[0]!)).toBe(tensors.reduce((sum, [, , [rows = 0]]) => sum + 8 * rows, 0));
    expect(inventory?.groups.length).toBeLessThan(4100);
    const again = safetensorsHeader([...tensors, tensors[3]!]);
    await expect(importModel(headerReader('m.safetensors', again.bytes, again.size))).rejects.toThrow(/twice/);
  });

  it('a folder', async () => {
    await expect(openFile(folder)).rejects.toThrow(/is a folder/);
  });

  it('a config.json with bare Infinity and NaN is read as model tools write it', () => {
    const text = configText('meta-llama--Meta-Llama-3.1-8B').replace(
      '{',
      '{"time_step_limit":[0.0,Infinity],"x":NaN,"y":-Infinity,',
    );
    expect(countParameters(architectureFromConfigText(text).architecture).total).toBe(8_030_261_248);
  });

  it('an incomplete download still counts, with a note', async () => {
    const { bytes } = safetensorsHeader([['a.weight', 'BF16', [1000, 1000]]]);
    writeFileSync(join(folder, 'cut.safetensors'), bytes);
    const reader = await openFile(join(folder, 'cut.safetensors'));
    const { models, notes } = await importModel(reader);
    await reader.close();
    expect(totalParameters(models[0]!)).toBe(1e6);
    expect(notes.join(' ')).toMatch(/incomplete/);
  });
});
