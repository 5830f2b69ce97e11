import type { OnnxAttribute, OnnxNode, OnnxTensor } from './onnx-wire.ts';

/** A shape, or undefined when it could not be derived. */
export type Shape = readonly number[] | undefined;

/** What is known of the values of a graph while its nodes are visited in order. */
export interface ShapeContext {
  readonly shapes: Map<string, readonly number[]>;
  /** Integer contents of small constants (shape arithmetic). */
  readonly constants: Map<string, readonly number[]>;
}

const integer = (node: OnnxNode, name: string, fallback: number): number => {
  const value = node.attributes.get(name);
  return typeof value === 'number' ? value : fallback;
};

const list = (value: OnnxAttribute | undefined): readonly number[] | undefined =>
  Array.isArray(value) ? (value as readonly number[]) : undefined;

const product = (shape: readonly number[]): number => shape.reduce((total, dim) => total * dim, 1);

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, at) => {
    const x = a[at - rank + a.length] ?? 1;
    const y = b[at - rank + b.length] ?? 1;
    return x === 1 ? y : y === 1 ? x : Math.max(x, y);
  });
}

/** Output size along one spatial axis of a convolution or pool. */
function windowSize(
  size: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  dilation: number,
  ceil: boolean,
): number {
  const steps = (size + before + after - dilation * (kernel - 1) - 1) / stride;
  return (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
}

/** Shape after a convolution or pool of `channels` channels over a kernel. */
function windowed(node: OnnxNode, input: readonly number[], channels: number, kernel: readonly number[]): number[] {
  const spatial = input.slice(2);
  const strides = list(node.attributes.get('strides')) ?? spatial.map(() => 1);
  const dilations = list(node.attributes.get('dilations')) ?? spatial.map(() => 1);
  const pads = list(node.attributes.get('pads')) ?? spatial.flatMap(() => [0, 0]);
  const auto = node.attributes.get('auto_pad');
  const out = spatial.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return Math.ceil(size / stride);
    const [before, after] = auto === 'VALID' ? [0, 0] : [pads[axis] ?? 0, pads[axis + spatial.length] ?? 0];
    return windowSize(
      size,
      kernel[axis] ?? 1,
      stride,
      before,
      after,
      dilations[axis] ?? 1,
      integer(node, 'ceil_mode', 0) === 1,
    );
  });
  return [input[0] ?? 1, channels, ...out];
}

function transposed(node: OnnxNode, input: readonly number[], weight: readonly number[]): number[] {
  const spatial = input.slice(2);
  const kernel = weight.slice(2);
  const strides = list(node.attributes.get('strides')) ?? spatial.map(() => 1);
  const pads = list(node.attributes.get('pads')) ?? spatial.flatMap(() => [0, 0]);
  const extra = list(node.attributes.get('output_padding')) ?? spatial.map(() => 0);
  const out = spatial.map(
    (size, axis) =>
      (size - 1) * (strides[axis] ?? 1) +
      (kernel[axis] ?? 1) -
      (pads[axis] ?? 0) -
      (pads[axis + spatial.length] ?? 0) +
      (extra[axis] ?? 0),
  );
  return [input[0] ?? 1, (weight[1] ?? 1) * integer(node, 'group', 1), ...out];
}

function reshaped(input: readonly number[], target: readonly number[]): number[] {
  const dims = target.map((dim, axis) => (dim === 0 ? (input[axis] ?? 1) : dim));
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const known = product(dims.filter((_, axis) => axis !== open));
    dims[open] = known === 0 ? 0 : Math.round(product(input) / known);
  }
  return dims;
}

function multiplied(a: readonly number[], b: readonly number[]): number[] {
  if (a.length === 1 && b.length >= 2) return [...b.slice(0, -2), b.at(-1) ?? 1];
  if (b.length === 1) return a.slice(0, -1);
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), a.at(-2) ?? 1, b.at(-1) ?? 1];
}

const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const SAME_SHAPE =
  /^(Relu|LeakyRelu|PRelu|Elu|Selu|Sigmoid|HardSigmoid|HardSwish|Tanh|Erf|Exp|Log|Sqrt|Neg|Abs|Softmax|LogSoftmax|Clip|Dropout|Identity|Cast|BatchNormalization|LayerNormalization|SimplifiedLayerNormalization|RMSNormalization|InstanceNormalization|GroupNormalization|Gelu|FastGelu|BiasGelu|Reciprocal|Floor|Ceil|Round|Not|Mish|Softplus|Softsign|QuickGelu|Swish|QuantizeLinear|DequantizeLinear|LRN|CumSum|RotaryEmbedding|Sin|Cos|Sign|Trilu|SkipLayerNormalization|SkipSimplifiedLayerNormalization|ThresholdedRelu|LpNormalization|IsNaN|MatMulNBitsBias)$/;
const BROADCAST =
  /^(Add|Sub|Mul|Div|Pow|Max|Min|Sum|Mean|Where|Equal|Less|Greater|LessOrEqual|GreaterOrEqual|And|Or|Xor|Mod|BitShift)$/;

/** Shapes of a node's outputs from those of its inputs; `undefined` where the operator or an input is not understood. Small integer results go to `constants`. */
export function inferShapes(node: OnnxNode, context: ShapeContext): Shape[] {
  const shape = (at: number): Shape => context.shapes.get(node.inputs[at] ?? '');
  const values = (at: number): readonly number[] | undefined => context.constants.get(node.inputs[at] ?? '');
  const first = shape(0);
  foldConstants(node, context);
  if (node.op === 'Constant' || node.op === 'ConstantOfShape' || node.op === 'Range')
    return [constantShape(node, values(0), context)];
  if (SAME_SHAPE.test(node.op)) return [first];
  if (BROADCAST.test(node.op)) {
    const known = node.inputs.map((_, at) => shape(at));
    return [
      known.some((entry) => entry === undefined)
        ? undefined
        : (known as unknown as readonly number[][]).reduce<number[]>((a, b) => broadcast(a, b), []),
    ];
  }
  if (first === undefined) return [];
  const second = shape(1);
  switch (node.op) {
    case 'Conv':
    case 'ConvInteger':
      return [
        second === undefined
          ? undefined
          : windowed(node, first, second[0] ?? 1, list(node.attributes.get('kernel_shape')) ?? second.slice(2)),
      ];
    case 'QLinearConv': {
      const weight = shape(3);
      return [weight === undefined ? undefined : windowed(node, first, weight[0] ?? 1, weight.slice(2))];
    }
    case 'ConvTranspose':
      return [second === undefined ? undefined : transposed(node, first, second)];
    case 'MaxPool':
    case 'AveragePool':
    case 'LpPool':
      return [windowed(node, first, first[1] ?? 1, list(node.attributes.get('kernel_shape')) ?? [])];
    case 'GlobalAveragePool':
    case 'GlobalMaxPool':
      return [[...first.slice(0, 2), ...first.slice(2).map(() => 1)]];
    case 'Gemm': {
      if (second === undefined) return [];
      const rows = integer(node, 'transA', 0) === 1 ? first[1] : first[0];
      const columns = integer(node, 'transB', 0) === 1 ? second[0] : second[1];
      return [[rows ?? 1, columns ?? 1]];
    }
    case 'MatMul':
    case 'MatMulInteger':
      return [second === undefined ? undefined : multiplied(first, second)];
    case 'QLinearMatMul': {
      const weight = shape(3);
      return [weight === undefined ? undefined : multiplied(first, weight)];
    }
    case 'Flatten': {
      const axis = axisOf(integer(node, 'axis', 1), first.length);
      return [[product(first.slice(0, axis)), product(first.slice(axis))]];
    }
    case 'Reshape': {
      const target = values(1) ?? list(node.attributes.get('shape'));
      return [target === undefined ? undefined : reshaped(first, target)];
    }
    case 'Shape':
      return [[first.length]];
    case 'Transpose': {
      const order = list(node.attributes.get('perm')) ?? first.map((_, at) => first.length - 1 - at);
      return [order.map((axis) => first[axis] ?? 1)];
    }
    default:
      return reshaping(node, first, second, values, context);
  }
}

function constantShape(node: OnnxNode, wanted: readonly number[] | undefined, context: ShapeContext): Shape {
  const value = node.attributes.get('value');
  if (node.op === 'ConstantOfShape') return wanted;
  if (typeof value === 'object' && 'dims' in value) return (value as OnnxTensor).dims;
  const constant = context.constants.get(node.outputs[0] ?? '');
  return constant === undefined ? [] : [constant.length];
}

/** Operators that cut, join or rearrange. */
function reshaping(
  node: OnnxNode,
  first: readonly number[],
  second: Shape,
  values: (at: number) => readonly number[] | undefined,
  context: ShapeContext,
): Shape[] {
  const rank = first.length;
  const axes = values(1) ?? list(node.attributes.get('axes'));
  switch (node.op) {
    case 'Concat': {
      const axis = axisOf(integer(node, 'axis', 0), rank);
      const shapes = node.inputs.map((input) => context.shapes.get(input));
      if (shapes.some((entry) => entry === undefined)) return [];
      return [
        first.map((dim, at) => (at === axis ? shapes.reduce((total, entry) => total + (entry?.[axis] ?? 0), 0) : dim)),
      ];
    }
    case 'Split': {
      const axis = axisOf(integer(node, 'axis', 0), rank);
      const sizes =
        values(1) ??
        list(node.attributes.get('split')) ??
        node.outputs.map(() => Math.ceil((first[axis] ?? 0) / node.outputs.length));
      return node.outputs.map((_, at) => first.map((dim, axisAt) => (axisAt === axis ? (sizes[at] ?? dim) : dim)));
    }
    case 'Squeeze': {
      const gone = axes === undefined ? undefined : new Set(axes.map((axis) => axisOf(axis, rank)));
      return [first.filter((dim, at) => (gone === undefined ? dim !== 1 : !gone.has(at)))];
    }
    case 'Unsqueeze': {
      if (axes === undefined) return [];
      const total = rank + axes.length;
      const added = new Set(axes.map((axis) => axisOf(axis, total)));
      const rest = [...first];
      return [Array.from({ length: total }, (_, at) => (added.has(at) ? 1 : (rest.shift() ?? 1)))];
    }
    case 'Gather': {
      const axis = axisOf(integer(node, 'axis', 0), rank);
      return [second === undefined ? undefined : [...first.slice(0, axis), ...second, ...first.slice(axis + 1)]];
    }
    case 'Slice': {
      const starts = values(1) ?? list(node.attributes.get('starts'));
      const ends = values(2) ?? list(node.attributes.get('ends'));
      const sliceAxes = values(3) ?? list(node.attributes.get('axes')) ?? starts?.map((_, at) => at);
      if (starts === undefined || ends === undefined || sliceAxes === undefined) return [];
      const steps = values(4) ?? starts.map(() => 1);
      const out = [...first];
      sliceAxes.forEach((axis, at) => {
        const size = first[axisOf(axis, rank)] ?? 0;
        const clamp = (value: number): number => Math.max(0, Math.min(size, value < 0 ? value + size : value));
        const step = Math.abs(steps[at] ?? 1) || 1;
        out[axisOf(axis, rank)] = Math.max(
          0,
          Math.ceil(Math.abs(clamp(ends[at] ?? 0) - clamp(starts[at] ?? 0)) / step),
        );
      });
      return [out];
    }
    case 'Expand': {
      const target = values(1);
      return [target === undefined ? undefined : broadcast(first, target)];
    }
    case 'Tile': {
      const repeats = values(1);
      return [repeats === undefined ? undefined : first.map((dim, at) => dim * (repeats[at] ?? 1))];
    }
    case 'Pad': {
      const pads = values(1) ?? list(node.attributes.get('pads'));
      return [pads === undefined ? undefined : first.map((dim, at) => dim + (pads[at] ?? 0) + (pads[at + rank] ?? 0))];
    }
    case 'Resize':
    case 'Upsample': {
      const sizes = values(3);
      return [sizes !== undefined && sizes.length === rank ? sizes : undefined];
    }
    case 'DepthToSpace':
    case 'SpaceToDepth': {
      const block = integer(node, 'blocksize', 1);
      const up = node.op === 'DepthToSpace';
      return [
        first.map((dim, at) =>
          at === 0
            ? dim
            : at === 1
              ? up
                ? dim / (block * block)
                : dim * block * block
              : up
                ? dim * block
                : Math.floor(dim / block),
        ),
      ];
    }
    case 'ArgMax':
    case 'ArgMin':
    case 'ReduceMean':
    case 'ReduceSum':
    case 'ReduceMax':
    case 'ReduceMin':
    case 'ReduceProd':
    case 'ReduceL2': {
      const over = new Set(
        (axes ?? (node.op.startsWith('Arg') ? [integer(node, 'axis', 0)] : first.map((_, at) => at))).map((axis) =>
          axisOf(axis, rank),
        ),
      );
      const keep = integer(node, 'keepdims', 1) === 1;
      return [keep ? first.map((dim, at) => (over.has(at) ? 1 : dim)) : first.filter((_, at) => !over.has(at))];
    }
    default:
      return [];
  }
}

/** Carries small integer values through the arithmetic exporters use to compute shapes. */
function foldConstants(node: OnnxNode, context: ShapeContext): void {
  const output = node.outputs[0];
  if (output === undefined) return;
  const value = (at: number): readonly number[] | undefined => context.constants.get(node.inputs[at] ?? '');
  const set = (numbers: readonly number[] | undefined): void => {
    if (numbers !== undefined && numbers.length <= 4096) context.constants.set(output, numbers);
  };
  const a = value(0);
  const b = value(1);
  switch (node.op) {
    case 'Constant': {
      const held = node.attributes.get('value');
      if (typeof held === 'object' && 'dims' in held) set((held as OnnxTensor).values ?? undefined);
      else
        set(
          list(node.attributes.get('value_ints')) ??
            (typeof node.attributes.get('value_int') === 'number' ? [integer(node, 'value_int', 0)] : undefined),
        );
      return;
    }
    case 'Shape': {
      const shape = context.shapes.get(node.inputs[0] ?? '');
      if (shape !== undefined)
        set(
          shape.slice(
            integer(node, 'start', 0),
            node.attributes.has('end') ? integer(node, 'end', shape.length) : undefined,
          ),
        );
      return;
    }
    case 'Gather':
      if (a !== undefined && b !== undefined) set(b.map((at) => a[at < 0 ? at + a.length : at] ?? 0));
      return;
    case 'Concat': {
      const parts = node.inputs.map((input) => context.constants.get(input));
      if (parts.every((part) => part !== undefined)) set(parts.flat() as number[]);
      return;
    }
    case 'Slice':
      if (a !== undefined && b !== undefined) set(a.slice(b[0] ?? 0, value(2)?.[0] ?? a.length));
      return;
    case 'Unsqueeze':
    case 'Squeeze':
    case 'Cast':
    case 'Identity':
    case 'Reshape':
      set(a);
      return;
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div': {
      if (a === undefined || b === undefined) return;
      const length = Math.max(a.length, b.length);
      const at = (numbers: readonly number[], index: number): number => numbers[numbers.length === 1 ? 0 : index] ?? 0;
      const apply = (x: number, y: number): number =>
        node.op === 'Add'
          ? x + y
          : node.op === 'Sub'
            ? x - y
            : node.op === 'Mul'
              ? x * y
              : Math.trunc(x / (y === 0 ? 1 : y));
      set(Array.from({ length }, (_, index) => apply(at(a, index), at(b, index))));
      return;
    }
    default:
      return;
  }
}
