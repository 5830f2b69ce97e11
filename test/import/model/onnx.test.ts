import { describe, expect, it } from 'vitest';
import type { LayerList } from '../../../src/core/model/architecture.ts';
import { layerTotals } from '../../../src/core/model/layers.ts';
import { importModel } from '../../../src/import/model/import-model.ts';
import { bytesReader } from '../../../src/import/model/reader.ts';
import { onnxFile, type OnnxSpec } from './make.ts';

type Node = OnnxSpec['nodes'][number];
type Weight = OnnxSpec['weights'][number];

/** ResNet-18 as exporters write it without shapes: convolutions, batch norms, residual sums, one matrix. */
function resnet18(): OnnxSpec {
  const nodes: Node[] = [];
  const weights: Weight[] = [];
  const conv = (from: string, to: string, cin: number, cout: number, k: number, stride: number): string => {
    weights.push([`${to}.w`, [cout, cin, k, k]]);
    const pad = (k - 1) / 2;
    nodes.push({
      op: 'Conv',
      in: [from, `${to}.w`],
      out: [`${to}.conv`],
      ints: { kernel_shape: [k, k], strides: [stride, stride], pads: [pad, pad, pad, pad], group: 1 },
    });
    for (const name of ['scale', 'bias', 'mean', 'var']) weights.push([`${to}.${name}`, [cout]]);
    nodes.push({
      op: 'BatchNormalization',
      in: [`${to}.conv`, `${to}.scale`, `${to}.bias`, `${to}.mean`, `${to}.var`],
      out: [to],
    });
    return to;
  };
  const relu = (from: string): string => {
    nodes.push({ op: 'Relu', in: [from], out: [`${from}.relu`] });
    return `${from}.relu`;
  };
  let at = relu(conv('image', 'stem', 3, 64, 7, 2));
  nodes.push({
    op: 'MaxPool',
    in: [at],
    out: ['pool'],
    ints: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  });
  at = 'pool';
  let channels = 64;
  [64, 128, 256, 512].forEach((width, stage) => {
    for (const block of [0, 1]) {
      const name = `s${stage}b${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const inner = relu(conv(at, `${name}.1`, channels, width, 3, stride));
      const outer = conv(inner, `${name}.2`, width, width, 3, 1);
      const skip = stride === 2 ? conv(at, `${name}.skip`, channels, width, 1, 2) : at;
      nodes.push({ op: 'Add', in: [outer, skip], out: [`${name}.sum`] });
      at = relu(`${name}.sum`);
      channels = width;
    }
  });
  nodes.push({ op: 'GlobalAveragePool', in: [at], out: ['mean'] }, { op: 'Flatten', in: ['mean'], out: ['flat'] });
  weights.push(['fc.w', [1000, 512]], ['fc.b', [1000]]);
  nodes.push({ op: 'Gemm', in: ['flat', 'fc.w', 'fc.b'], out: ['logits'], ints: { transB: 1 } });
  return { inputs: [['image', ['batch', 3, 224, 224]]], weights, nodes, outputs: ['logits'] };
}

/** One attention of width 64 with 4 heads, its shapes computed in the graph as exporters do. */
const ATTENTION: OnnxSpec = {
  inputs: [['x', ['batch', 'tokens', 64]]],
  weights: [
    ['wq', [64, 64]],
    ['wk', [64, 64]],
    ['wv', [64, 64]],
    ['wo', [64, 64]],
    ['heads', [4], [0, 0, 4, 16]],
    ['joined', [3], [0, 0, 64]],
  ],
  nodes: [
    ...['q', 'k', 'v'].flatMap((part): Node[] => [
      { op: 'MatMul', in: ['x', `w${part}`], out: [`${part}0`] },
      { op: 'Reshape', in: [`${part}0`, 'heads'], out: [`${part}1`] },
      { op: 'Transpose', in: [`${part}1`], out: [part], ints: { perm: part === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3] } },
    ]),
    { op: 'MatMul', in: ['q', 'k'], out: ['scores'] },
    { op: 'Softmax', in: ['scores'], out: ['share'] },
    { op: 'MatMul', in: ['share', 'v'], out: ['mixed'] },
    { op: 'Transpose', in: ['mixed'], out: ['mixed1'], ints: { perm: [0, 2, 1, 3] } },
    { op: 'Reshape', in: ['mixed1', 'joined'], out: ['flat'] },
    { op: 'MatMul', in: ['flat', 'wo'], out: ['y'] },
  ],
  outputs: ['y'],
};

const read = async (spec: OnnxSpec, dims?: Readonly<Record<string, number>>) => {
  const imported = await importModel(bytesReader('m.onnx', onnxFile(spec)), dims ? { dims } : {});
  return { ...imported, totals: layerTotals(imported.models[0] as LayerList) };
};

describe('ONNX graphs', () => {
  it('ResNet-18 with its weights beside the file: 11,689,512 parameters and 1.814 GMAC (torchvision)', async () => {
    const { totals, approximate, models } = await read(resnet18());
    expect(totals.params).toBe(11_689_512);
    expect((totals.forwardMacs / 1e9).toFixed(3)).toBe('1.814');
    expect(approximate).toBe(false);
    expect((models[0] as LayerList).sequentialDepth).toBe(18);
  });

  it('attention with open dimensions: counted at 1 and said, exact when they are stated', async () => {
    const open = await read(ATTENTION);
    expect(open.approximate).toBe(true);
    expect(open.notes.join(' ')).toMatch(/tokens/);
    const stated = await read(ATTENTION, { tokens: 100 });
    expect(stated.approximate).toBe(false);
    expect(stated.totals.params).toBe(4 * 64 * 64);
    expect(stated.totals.forwardMacs).toBe(4 * 64 * 64 * 100 + 2 * 100 * 100 * 64);
  });

  it('an operator nobody knows makes the count approximate and is named', async () => {
    const { approximate, notes } = await read({
      ...ATTENTION,
      nodes: [
        { op: 'Warp', in: ['x'], out: ['x2'] },
        ...ATTENTION.nodes.map((node) => ({ ...node, in: node.in.map((name) => (name === 'x' ? 'x2' : name)) })),
      ],
    });
    expect(approximate).toBe(true);
    expect(notes.join(' ')).toMatch(/Warp/);
  });

  const refused = (bytes: Uint8Array) => importModel(bytesReader('m.onnx', bytes));

  it('a cycle is refused with the node it goes through', async () => {
    const nodes: Node[] = [
      { op: 'Add', in: ['x', 'b'], out: ['a'] },
      { op: 'Relu', in: ['a'], out: ['b'] },
    ];
    await expect(refused(onnxFile({ inputs: [['x', [1, 4]]], weights: [], nodes, outputs: ['b'] }))).rejects.toThrow(
      /cycle through "(Add of a|Relu of b)"/,
    );
  });

  it('cut files, absurd lengths, doubled tensors and outputs, and other files are refused', async () => {
    const whole = onnxFile(resnet18());
    await expect(refused(whole.subarray(0, 500))).rejects.toThrow(/ends inside|cut off/);
    await expect(refused(Uint8Array.of(8, 8, 58, 255, 255, 255, 255, 255, 255, 255, 127))).rejects.toThrow(
      /ends inside|cut off|large/,
    );
    await expect(refused(Uint8Array.of(8, 8, 58, 10, 42, 255, 255, 255, 255, 255, 255, 255, 127))).rejects.toThrow(/./);
    await expect(
      refused(onnxFile({ ...ATTENTION, weights: [...ATTENTION.weights, ['wq', [64, 64]]] })),
    ).rejects.toThrow(/twice/);
    await expect(
      refused(onnxFile({ ...ATTENTION, nodes: [...ATTENTION.nodes, { op: 'Relu', in: ['x'], out: ['y'] }] })),
    ).rejects.toThrow(/two nodes/);
    await expect(refused(new TextEncoder().encode('hello, this is text'))).rejects.toThrow(
      /not an ONNX model|not known/,
    );
  });

  it('negative and absurd shapes of a weight are refused', async () => {
    await expect(
      refused(onnxFile({ ...ATTENTION, weights: [['wq', [-64, 64]], ...ATTENTION.weights.slice(1)] })),
    ).rejects.toThrow(/impossible shape/);
    await expect(
      refused(onnxFile({ ...ATTENTION, weights: [['wq', [2 ** 40, 2 ** 40]], ...ATTENTION.weights.slice(1)] })),
    ).rejects.toThrow(/impossible shape/);
  });
});
