import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FlopsheetError } from '../../../src/core/errors.ts';
import { architectureFromConfigText } from '../../../src/import/model/config.ts';
import { importModel } from '../../../src/import/model/import-model.ts';
import {
  ggufHeader,
  ggufTensors,
  headerReader,
  onnxFile,
  safetensorsHeader,
  checkpointTensors,
} from '../../import/model/make.ts';
import { readTables } from '../../../src/import/table/read-tables.ts';
import { workbookOf } from '../../import/table/workbooks.ts';
import { prototypes } from './prototypes.ts';

/** Files of each kind and run; with the 200 databases of the store's test, 2,000 damaged files. */
const FILES = process.env['FLOPSHEET_FAULT_LONG'] ? 4000 : 300;

const configText = readFileSync(
  new URL('../../data/hf_configs/meta-llama--Meta-Llama-3.1-8B.json', import.meta.url),
  'utf8',
);
const { architecture } = architectureFromConfigText(configText);
const text = new TextEncoder();

const row = (r: number): string =>
  `<row r="${r}"><c r="A${r}" t="s"><v>0</v></c><c r="B${r}"><v>${r * 1.5}</v></c></row>`;

const SOUND: Readonly<Record<string, Uint8Array>> = {
  'config.json': text.encode(configText),
  'model.safetensors': safetensorsHeader(checkpointTensors(architecture).slice(0, 60)).bytes,
  'model.gguf': ggufHeader(
    [
      ['general.architecture', 'llama'],
      ['llama.block_count', architecture.layerOrder.length],
      ['llama.embedding_length', architecture.hiddenSize],
    ],
    ggufTensors(architecture, 1).slice(0, 60),
  ),
  'model.onnx': onnxFile({
    inputs: [['x', ['batch', 3, 32, 32]]],
    weights: [['w', [8, 3, 3, 3]]],
    nodes: [
      { op: 'Conv', in: ['x', 'w'], out: ['y'], ints: { kernel_shape: [3, 3], strides: [1, 1], group: 1 } },
      { op: 'Relu', in: ['y'], out: ['z'] },
    ],
    outputs: ['z'],
  }),
  'table.xlsx': workbookOf(Array.from({ length: 40 }, (_, r) => row(r + 1)).join(''), '<si><t>tokens</t></si>'),
  'layers.csv': text.encode(
    'layer,type,in_channels,out_channels,kernel,h_out,w_out\n1,conv,3,64,7,112,112\n2,fc,512,1000,1,1,1\n',
  ),
};

/** Weights and graphs claim a file behind their header, as a real one has. */
const sizeOf = (name: string, bytes: Uint8Array): number =>
  /^model/.test(name) ? bytes.length + 10_000_000_000 : bytes.length;

/** A small seeded generator: the same damage every run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PLANTS = ['__proto__', '-1', '1e400', '9007199254740993', '[[[[[[[[', '{"a":', '\0', '1.5', '"', 'null', '💥'];

function damaged(sound: Uint8Array, n: number): Uint8Array {
  const pick = generator(n * 7919 + 3);
  const bytes = Uint8Array.from(sound);
  switch (n % 5) {
    case 0:
      for (let i = 0; i <= pick(6); i++) bytes[pick(bytes.length)] = pick(256);
      return bytes;
    case 1:
      return bytes.subarray(0, pick(bytes.length));
    case 2: {
      // A number field at its largest: lengths and counts live in the first bytes of the binary formats.
      const at = pick(Math.min(64, bytes.length - 8));
      return bytes.fill(0xff, at, at + 8);
    }
    case 3: {
      const plant = text.encode(PLANTS[pick(PLANTS.length)]);
      const at = pick(bytes.length);
      return Uint8Array.from([...bytes.subarray(0, at), ...plant, ...bytes.subarray(at)]);
    }
    default: {
      const [from, to] = [pick(bytes.length), pick(bytes.length)];
      bytes.copyWithin(to, from, Math.min(bytes.length, from + 1 + pick(200)));
      return bytes;
    }
  }
}

describe('files somebody or something damaged', () => {
  it.each(Object.keys(SOUND))(
    `%s, ${FILES} times: a count or an error with a code, soon`,
    { timeout: 300_000 },
    async (name) => {
      const sound = SOUND[name] as Uint8Array;
      const before = prototypes();
      const outcomes = new Set<string>();
      for (let n = 0; n < FILES; n++) {
        const bytes = damaged(sound, n);
        const started = performance.now();
        let outcome = 'counted';
        try {
          await (name === 'table.xlsx'
            ? readTables(bytes)
            : importModel(headerReader(name, bytes, sizeOf(name, bytes))));
        } catch (error) {
          if (!(error instanceof FlopsheetError)) throw new Error(`${name}, damage ${n}`, { cause: error });
          expect(error.message).not.toBe('');
          outcome = error.code;
        }
        outcomes.add(outcome);
        expect(performance.now() - started, `${name}, damage ${n}`).toBeLessThan(2000);
      }
      expect(outcomes.size).toBeGreaterThan(1);
      expect(prototypes()).toBe(before);
    },
  );
});
