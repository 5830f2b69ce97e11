import { FlopsheetError } from '../../core/errors.ts';
import type { Layer, LayerList } from '../../core/model/architecture.ts';
import { parameterLayer } from '../../core/model/layers.ts';
import type { ShapeContext } from './onnx-shapes.ts';
import { inferShapes } from './onnx-shapes.ts';
import type { OnnxDim, OnnxGraph, OnnxNode, OnnxTensor } from './onnx-wire.ts';
import { readGraph } from './onnx-wire.ts';
import type { RangeReader } from './reader.ts';

export interface OnnxModel {
  readonly list: LayerList;
  readonly notes: readonly string[];
  readonly approximate: boolean;
}

/** Values for open dimensions, by their name in the file. */
export interface OnnxOptions {
  readonly dims?: Readonly<Record<string, number>>;
}

const elements = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);
/** Floating-point data types: float, float16, double, bfloat16, float8. */
const FLOATING = new Set([1, 10, 11, 16, 17, 18, 19, 20]);
/** Inputs of quantised operators that hold weights rather than scales and zero points. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  QuantizeLinear: [0],
  DequantizeLinear: [0],
  QLinearConv: [3, 8],
  QLinearMatMul: [3],
  ConvInteger: [1],
  MatMulInteger: [1],
  BatchNormalization: [1, 2],
};
/** Operators that pass a weight on unchanged or turned. */
const PASSING = new Set(['DequantizeLinear', 'QuantizeLinear', 'Transpose', 'Identity', 'Cast']);

/** Reads an ONNX graph as a layer list for one sample: batch 1, weights untouched, shapes inferred where the exporter left them out. */
export async function readOnnx(reader: RangeReader, options: OnnxOptions = {}): Promise<OnnxModel> {
  const graph = await readGraph(reader);
  return new Counter(graph, reader.name, options).count();
}

class Counter {
  private readonly context: ShapeContext = { shapes: new Map(), constants: new Map() };
  private readonly notes: string[] = [];
  private readonly counted = new Set<string>();
  /** Values that are a weight passed on: their initializer. */
  private readonly weights = new Map<string, string>();
  private readonly depth = new Map<string, number>();
  private readonly open = new Set<string>();
  private readonly unread = new Map<string, number>();
  private readonly graph: OnnxGraph;
  private readonly file: string;
  private readonly options: OnnxOptions;
  private deepest = 0;

  constructor(graph: OnnxGraph, file: string, options: OnnxOptions) {
    this.graph = graph;
    this.file = file;
    this.options = options;
  }

  count(): OnnxModel {
    const { graph, context } = this;
    for (const [name, tensor] of graph.initializers) {
      context.shapes.set(name, tensor.dims);
      if (tensor.values !== null) context.constants.set(name, tensor.values);
      this.weights.set(name, name);
    }
    for (const [name, dims] of graph.inputs)
      if (!graph.initializers.has(name)) context.shapes.set(name, this.resolve(dims, true));
    const layers: Layer[] = [];
    for (const node of this.ordered()) this.visit(node, layers);
    if (this.open.size > 0)
      this.notes.push(
        `Open dimensions were counted at 1: ${[...this.open].join(', ')}. State their size for the true count.`,
      );
    for (const [op, times] of this.unread)
      this.notes.push(
        `Operator ${op} (${times} times) is not understood: what follows it may be missing from the MACs.`,
      );
    if (layers.length === 0)
      throw new FlopsheetError('onnx', `"${this.file}" holds no layer with weights.`, {
        where: this.file,
        hint: 'Export the whole model, with its initializers.',
      });
    const approximate = this.open.size > 0 || this.unread.size > 0;
    return {
      list: { kind: 'layers', name: graph.name || this.file, layers, sequentialDepth: this.deepest },
      notes: this.notes,
      approximate,
    };
  }

  /** Numbers for dimensions; the first axis of an input is the batch and is 1 when open. */
  private resolve(dims: readonly OnnxDim[], input: boolean): number[] {
    return dims.map((dim, axis) => {
      if (typeof dim === 'number' && dim > 0) return axis === 0 && input && dims.length > 1 ? 1 : dim;
      const given = typeof dim === 'string' ? this.options.dims?.[dim] : undefined;
      if (given !== undefined) return given;
      if (axis > 0) this.open.add(String(dim));
      return 1;
    });
  }

  /** Nodes so that each comes after what it reads; a cycle or an input nobody makes is refused. */
  private ordered(): OnnxNode[] {
    const { nodes } = this.graph;
    const maker = new Map<string, number>();
    nodes.forEach((node, at) => {
      for (const output of node.outputs) {
        if (output === '') continue;
        if (maker.has(output))
          throw new FlopsheetError('onnx', `"${this.file}": "${output}" is made by two nodes.`, {
            where: output,
            hint: 'Export the model again.',
          });
        maker.set(output, at);
      }
    });
    const readers: number[][] = nodes.map(() => []);
    const missing = new Int32Array(nodes.length);
    nodes.forEach((node, at) => {
      for (const input of new Set(node.inputs)) {
        const from = maker.get(input);
        if (from === undefined) continue;
        readers[from]?.push(at);
        missing[at] = (missing[at] ?? 0) + 1;
      }
    });
    const ready: number[] = [];
    for (let at = nodes.length - 1; at >= 0; at -= 1) if (missing[at] === 0) ready.push(at);
    const order: OnnxNode[] = [];
    for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
      const node = nodes[at];
      if (node !== undefined) order.push(node);
      for (const next of readers[at] ?? []) {
        missing[next] = (missing[next] ?? 0) - 1;
        if (missing[next] === 0) ready.push(next);
      }
    }
    if (order.length < nodes.length) {
      const stuck = nodes.find((_, at) => (missing[at] ?? 0) > 0);
      throw new FlopsheetError('onnx-cycle', `"${this.file}": the graph has a cycle through "${stuck?.name ?? ''}".`, {
        where: stuck?.name ?? this.file,
        hint: 'A model graph has no cycles: export it again.',
      });
    }
    return order;
  }

  private visit(node: OnnxNode, layers: Layer[]): void {
    const { context } = this;
    const inferred = inferShapes(node, context);
    node.outputs.forEach((output, at) => {
      const stated = this.graph.shapes.get(output);
      const shape = inferred[at] ?? (stated === undefined ? undefined : this.resolve(stated, false));
      if (shape !== undefined) context.shapes.set(output, shape);
    });
    const source = this.weights.get(node.inputs[0] ?? '');
    if (source !== undefined && PASSING.has(node.op) && node.outputs[0] !== undefined) {
      this.weights.set(node.outputs[0], source);
      return;
    }
    if ([...node.attributes.values()].includes('graph')) this.unread.set(node.op, (this.unread.get(node.op) ?? 0) + 1);
    const layer = this.layerOf(node);
    const before = Math.max(0, ...node.inputs.map((input) => this.depth.get(input) ?? 0));
    const depth = before + (layer !== null && layer.macs > 0 ? 1 : 0);
    for (const output of node.outputs) this.depth.set(output, depth);
    if (depth > this.deepest) this.deepest = depth;
    if (layer !== null) layers.push(layer);
    else if (node.outputs[0] !== undefined && !context.shapes.has(node.outputs[0]))
      this.unread.set(node.op, (this.unread.get(node.op) ?? 0) + 1);
  }

  /** Parameters a node brings in: each stored tensor counts once, where it is first used. */
  private paramsOf(node: OnnxNode): number {
    const allowed = WEIGHT_INPUTS[node.op];
    let params = 0;
    node.inputs.forEach((input, at) => {
      const name = this.weights.get(input);
      if (name === undefined || this.counted.has(name) || (allowed !== undefined && !allowed.includes(at))) return;
      const tensor = this.graph.initializers.get(name) as OnnxTensor;
      const count = elements(tensor.dims);
      const quantised = input !== name || allowed !== undefined;
      if (count <= 1 || !(FLOATING.has(tensor.type) || quantised)) return;
      this.counted.add(name);
      params += count;
    });
    return params;
  }

  private layerOf(node: OnnxNode): Layer | null {
    const shape = (at: number): readonly number[] | undefined => this.context.shapes.get(node.inputs[at] ?? '');
    const output = this.context.shapes.get(node.outputs[0] ?? '');
    const params = this.paramsOf(node);
    const base = { name: node.name, params, outputElements: output === undefined ? 0 : elements(output) };
    const weightAt = node.op.startsWith('QLinear') ? 3 : 1;
    const weight = shape(weightAt);
    if (/^(Conv|ConvInteger|QLinearConv|ConvTranspose)$/.test(node.op)) {
      if (output === undefined || weight === undefined) return this.unknown(node, params);
      const group = node.attributes.get('group');
      const groups = typeof group === 'number' && group > 0 ? group : 1;
      const turned = node.op === 'ConvTranspose';
      const positions = elements((turned ? (shape(0) ?? []) : output).slice(2));
      const k = turned ? (weight[0] ?? 1) / groups : elements(weight.slice(1));
      const n = turned ? elements(weight.slice(1)) : (weight[0] ?? 1) / groups;
      return {
        ...base,
        type: 'conv2d',
        macs: positions * k * n * groups,
        matmul: { m: positions, k, n, count: groups },
        weighted: true,
      };
    }
    if (/^(Gemm|MatMul|MatMulInteger|QLinearMatMul)$/.test(node.op)) {
      const a = shape(0);
      if (output === undefined || a === undefined || weight === undefined) return this.unknown(node, params);
      const k = node.op === 'Gemm' && node.attributes.get('transA') === 1 ? (a[0] ?? 1) : (a.at(-1) ?? 1);
      const n = output.at(-1) ?? 1;
      const rows = elements(output) / n;
      const weighted = this.weights.has(node.inputs[weightAt] ?? '') || this.weights.has(node.inputs[0] ?? '');
      return {
        ...base,
        type: weighted ? 'linear' : 'attention',
        macs: rows * n * k,
        matmul: { m: rows, k, n, count: 1 },
        weighted,
      };
    }
    return params > 0 ? { ...parameterLayer(node.name, params), outputElements: base.outputElements } : null;
  }

  private unknown(node: OnnxNode, params: number): Layer {
    this.unread.set(node.op, (this.unread.get(node.op) ?? 0) + 1);
    return parameterLayer(node.name, params);
  }
}
