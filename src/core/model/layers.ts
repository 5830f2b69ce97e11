import { FlopsheetError } from '../errors.ts';
import type { Layer, LayerList } from './architecture.ts';

/** Parameters a convolution or linear layer holds beside its matrix, per output channel. */
export interface ChannelExtras {
  readonly bias: boolean;
  /** Norms folded into the row: scale and shift per output channel (running statistics are not parameters). */
  readonly norms: number;
}

/** A convolution for one sample; `groups` divides both channel counts, sizes are pixels of a square map. */
export interface Convolution extends ChannelExtras {
  readonly name: string;
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly kernel: readonly [height: number, width: number];
  readonly groups: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
}

function extraParams(extras: ChannelExtras, channels: number): number {
  return channels * ((extras.bias ? 1 : 0) + 2 * extras.norms);
}

/** Layer of a convolution: Cin/groups · Kh · Kw · Cout · Hout · Wout MAC (serving-and-import.md §6). Throws when groups do not divide the channels. */
export function convolutionLayer(c: Convolution): Layer {
  if (c.groups < 1 || c.channelsIn % c.groups !== 0 || c.channelsOut % c.groups !== 0) {
    throw new FlopsheetError(
      'layer-groups',
      `Layer "${c.name}": ${c.groups} groups do not divide ${c.channelsIn} input and ${c.channelsOut} output channels.`,
      {
        where: c.name,
        hint: 'Correct groups or channels.',
      },
    );
  }
  const k = (c.channelsIn / c.groups) * c.kernel[0] * c.kernel[1];
  const m = c.outputHeight * c.outputWidth;
  const n = c.channelsOut / c.groups;
  return {
    name: c.name,
    type: 'conv2d',
    macs: m * k * n * c.groups,
    params: k * c.channelsOut + extraParams(c, c.channelsOut),
    outputElements: m * c.channelsOut,
    matmul: { m, k, n, count: c.groups },
    weighted: true,
  };
}

/** Layer of a matrix applied to `tokens` rows: inputs · outputs · tokens MAC. */
export function linearLayer(
  l: ChannelExtras & {
    readonly name: string;
    readonly inputs: number;
    readonly outputs: number;
    readonly tokens: number;
  },
): Layer {
  return {
    name: l.name,
    type: 'linear',
    macs: l.inputs * l.outputs * l.tokens,
    params: l.inputs * l.outputs + extraParams(l, l.outputs),
    outputElements: l.outputs * l.tokens,
    matmul: { m: l.tokens, k: l.inputs, n: l.outputs, count: 1 },
    weighted: true,
  };
}

/** Both products of non-causal attention among `tokens` tokens in each of `windows` windows: 2·T²·d MAC per window. */
export function attentionLayer(a: {
  readonly name: string;
  readonly width: number;
  readonly tokens: number;
  readonly windows: number;
  readonly heads: number;
}): Layer {
  return {
    name: a.name,
    type: 'attention',
    macs: 2 * a.tokens * a.tokens * a.width * a.windows,
    params: 0,
    outputElements: a.tokens * a.width * a.windows,
    matmul: {
      m: a.tokens,
      k: a.width / Math.max(1, a.heads),
      n: a.tokens,
      count: 2 * a.windows * Math.max(1, a.heads),
    },
    weighted: false,
  };
}

/** Parameters without a product: norms, tables, scales. */
export function parameterLayer(name: string, params: number): Layer {
  return { name, type: 'parameters', macs: 0, params, outputElements: 0, matmul: null, weighted: false };
}

/** Totals of a layer list for one sample. */
export interface LayerTotals {
  readonly forwardMacs: number;
  /** 2 FLOP per MAC. */
  readonly forwardFlop: number;
  /** Forward and both gradients (three times the forward). */
  readonly trainFlopPerSample: number;
  readonly params: number;
  /** Output elements of all layers: what a backward pass must keep, in elements. */
  readonly activations: number;
}

/** Sums a layer list. */
export function layerTotals(list: LayerList): LayerTotals {
  let forwardMacs = 0;
  let params = 0;
  let activations = 0;
  for (const layer of list.layers) {
    forwardMacs += layer.macs;
    params += layer.params;
    activations += layer.outputElements;
  }
  return { forwardMacs, forwardFlop: 2 * forwardMacs, trainFlopPerSample: 6 * forwardMacs, params, activations };
}

/** Training FLOP of a vision run: samples x epochs x 3 x forward. */
export function visionTrainFlop(list: LayerList, samples: number, epochs: number): number {
  return layerTotals(list).trainFlopPerSample * samples * epochs;
}
