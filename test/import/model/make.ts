/** Model files made for tests: headers as their formats define them, weights absent. */
import type { Architecture } from '../../../src/core/model/architecture.ts';
import type { RangeReader } from '../../../src/import/model/reader.ts';

export type Tensor = readonly [name: string, type: string, shape: readonly number[]];

const BYTES: Readonly<Record<string, number>> = { F32: 4, BF16: 2, F16: 2, U8: 1, I32: 4, F8_E4M3: 1 };
const utf8 = new TextEncoder();

/** A safetensors header for these tensors, laid one after the other; also the size of the whole file. */
export function safetensorsHeader(tensors: readonly Tensor[]): { bytes: Uint8Array; size: number } {
  let at = 0;
  const entries = tensors.map(([name, type, shape]) => {
    const from = at;
    at += shape.reduce((product, dim) => product * dim, 1) * (BYTES[type] ?? 2);
    return `${JSON.stringify(name)}:{"dtype":"${type}","shape":${JSON.stringify(shape)},"data_offsets":[${from},${at}]}`;
  });
  const json = utf8.encode(`{"__metadata__":{"format":"pt"},${entries.join(',')}}`);
  return { bytes: withLength(BigInt(json.length), json), size: 8 + json.length + at };
}

/** A header behind any stated length. */
export function withLength(length: bigint, json: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(json, 8);
  return bytes;
}

/** A reader over a header whose file goes on for `size` bytes; `read` counts the bytes handed out. */
export function headerReader(
  name: string,
  bytes: Uint8Array,
  size = bytes.length,
  siblings: Readonly<Record<string, RangeReader>> = {},
): RangeReader & { handedOut: number } {
  return {
    name,
    size,
    handedOut: 0,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      this.handedOut += wanted;
      const out = new Uint8Array(wanted);
      out.set(bytes.subarray(Math.min(bytes.length, offset), Math.min(bytes.length, offset + wanted)));
      return Promise.resolve(out);
    },
    sibling: (other) => Promise.resolve(siblings[other] ?? null),
  };
}

/** Tensors of a decoder in the names most checkpoints use, from its blocks; `experts` names one expert's matrices. */
export function checkpointTensors(a: Architecture, type = 'BF16'): Tensor[] {
  const h = a.hiddenSize;
  const tensors: Tensor[] = [['model.embed_tokens.weight', type, [a.vocabSize, h]]];
  const add = (name: string, ...shape: number[]): void => void tensors.push([name, type, shape]);
  a.layerOrder.forEach((group, layer) => {
    const { mixer, feedForward } = a.blocks[group]!.block;
    const at = `model.layers.${layer}.`;
    add(`${at}input_layernorm.weight`, h);
    add(`${at}post_attention_layernorm.weight`, h);
    if (mixer?.type === 'attention') {
      add(`${at}self_attn.q_proj.weight`, mixer.heads * mixer.headDim, h);
      add(`${at}self_attn.k_proj.weight`, mixer.kvHeads * mixer.headDim, h);
      add(`${at}self_attn.v_proj.weight`, mixer.kvHeads * mixer.valueHeadDim, h);
      add(`${at}self_attn.o_proj.weight`, h, mixer.heads * mixer.valueHeadDim);
      if (mixer.queryBias) {
        add(`${at}self_attn.q_proj.bias`, mixer.heads * mixer.headDim);
        add(`${at}self_attn.k_proj.bias`, mixer.kvHeads * mixer.headDim);
        add(`${at}self_attn.v_proj.bias`, mixer.kvHeads * mixer.headDim);
      }
      if (mixer.qkNorm !== null) {
        add(`${at}self_attn.q_norm.weight`, mixer.headDim);
        add(`${at}self_attn.k_norm.weight`, mixer.headDim);
      }
    } else if (mixer?.type === 'latent_attention') {
      const width = mixer.nopeHeadDim + mixer.ropeHeadDim;
      if (mixer.queryRank === null) add(`${at}self_attn.q_proj.weight`, mixer.heads * width, h);
      else {
        add(`${at}self_attn.q_a_proj.weight`, mixer.queryRank, h);
        add(`${at}self_attn.q_a_layernorm.weight`, mixer.queryRank);
        add(`${at}self_attn.q_b_proj.weight`, mixer.heads * width, mixer.queryRank);
      }
      add(`${at}self_attn.kv_a_proj_with_mqa.weight`, mixer.kvRank + mixer.ropeHeadDim, h);
      add(`${at}self_attn.kv_a_layernorm.weight`, mixer.kvRank);
      add(`${at}self_attn.kv_b_proj.weight`, mixer.heads * (mixer.nopeHeadDim + mixer.valueHeadDim), mixer.kvRank);
      add(`${at}self_attn.o_proj.weight`, h, mixer.heads * mixer.valueHeadDim);
    }
    if (feedForward?.type === 'mlp') {
      add(`${at}mlp.gate_proj.weight`, feedForward.intermediateSize, h);
      add(`${at}mlp.up_proj.weight`, feedForward.intermediateSize, h);
      add(`${at}mlp.down_proj.weight`, h, feedForward.intermediateSize);
    } else if (feedForward?.type === 'moe') {
      const width = feedForward.expertIntermediateSize;
      add(`${at}mlp.gate.weight`, feedForward.experts, h);
      if (feedForward.routerCorrection) add(`${at}mlp.gate.e_score_correction_bias`, feedForward.experts);
      for (let expert = 0; expert < feedForward.experts; expert += 1) {
        add(`${at}mlp.experts.${expert}.gate_proj.weight`, width, h);
        add(`${at}mlp.experts.${expert}.up_proj.weight`, width, h);
        add(`${at}mlp.experts.${expert}.down_proj.weight`, h, width);
      }
      if (feedForward.shared !== null) {
        add(`${at}mlp.shared_experts.gate_proj.weight`, feedForward.shared.intermediateSize, h);
        add(`${at}mlp.shared_experts.up_proj.weight`, feedForward.shared.intermediateSize, h);
        add(`${at}mlp.shared_experts.down_proj.weight`, h, feedForward.shared.intermediateSize);
      }
    }
  });
  add('model.norm.weight', h);
  if (!a.tiedEmbeddings) add('lm_head.weight', a.vocabSize, h);
  return tensors;
}

/** Little-endian bytes put one after the other. */
export class ByteWriter {
  private readonly parts: Uint8Array[] = [];

  raw(...bytes: readonly number[]): this {
    this.parts.push(Uint8Array.from(bytes));
    return this;
  }
  block(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }
  u32(value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return this.block(bytes);
  }
  u64(value: number | bigint): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    return this.block(bytes);
  }
  text(text: string): this {
    const bytes = utf8.encode(text);
    return this.u64(bytes.length).block(bytes);
  }
  /** Protobuf varint. */
  varint(value: number): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
      const low = Number(rest & 127n);
      rest >>= 7n;
      bytes.push(rest > 0n ? low + 128 : low);
    } while (rest > 0n);
    return this.raw(...bytes);
  }
  /** Protobuf field with a length. */
  field(number: number, content: Uint8Array | string): this {
    const bytes = typeof content === 'string' ? utf8.encode(content) : content;
    return this.varint(number * 8 + 2)
      .varint(bytes.length)
      .block(bytes);
  }
  /** Protobuf field with a whole number. */
  whole(number: number, value: number): this {
    return this.varint(number * 8).varint(value);
  }
  bytes(): Uint8Array {
    const out = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

export type GgufSetting = readonly [key: string, value: number | string];

/** A GGUF header: shapes outermost first as everywhere else, written fastest first unless `reversed`. */
export function ggufHeader(
  settings: readonly GgufSetting[],
  tensors: readonly (readonly [name: string, type: number, shape: readonly number[]])[],
  reversed = false,
): Uint8Array {
  const w = new ByteWriter().raw(71, 71, 85, 70).u32(3).u64(tensors.length).u64(settings.length);
  for (const [key, value] of settings) {
    w.text(key);
    if (typeof value === 'string') w.u32(8).text(value);
    else w.u32(4).u32(value);
  }
  for (const [name, type, shape] of tensors) {
    w.text(name).u32(shape.length);
    for (const dim of reversed ? shape : [...shape].reverse()) w.u64(dim);
    w.u32(type).u64(0);
  }
  return w.bytes();
}

/** Tensors of a decoder under the names GGUF files use, all of one type. */
export function ggufTensors(a: Architecture, type: number): [string, number, number[]][] {
  const h = a.hiddenSize;
  const tensors: [string, number, number[]][] = [['token_embd.weight', type, [a.vocabSize, h]]];
  const add = (name: string, ...shape: number[]): void => void tensors.push([name, shape.length > 1 ? type : 0, shape]);
  a.layerOrder.forEach((group, layer) => {
    const { mixer, feedForward } = a.blocks[group]!.block;
    const at = `blk.${layer}.`;
    add(`${at}attn_norm.weight`, h);
    add(`${at}ffn_norm.weight`, h);
    if (mixer?.type === 'attention') {
      add(`${at}attn_q.weight`, mixer.heads * mixer.headDim, h);
      add(`${at}attn_k.weight`, mixer.kvHeads * mixer.headDim, h);
      add(`${at}attn_v.weight`, mixer.kvHeads * mixer.headDim, h);
      add(`${at}attn_output.weight`, h, mixer.heads * mixer.headDim);
    }
    if (feedForward?.type === 'mlp') {
      add(`${at}ffn_gate.weight`, feedForward.intermediateSize, h);
      add(`${at}ffn_up.weight`, feedForward.intermediateSize, h);
      add(`${at}ffn_down.weight`, h, feedForward.intermediateSize);
    } else if (feedForward?.type === 'moe') {
      add(`${at}ffn_gate_inp.weight`, feedForward.experts, h);
      add(`${at}ffn_gate_exps.weight`, feedForward.experts, feedForward.expertIntermediateSize, h);
      add(`${at}ffn_up_exps.weight`, feedForward.experts, feedForward.expertIntermediateSize, h);
      add(`${at}ffn_down_exps.weight`, feedForward.experts, h, feedForward.expertIntermediateSize);
    }
  });
  add('output_norm.weight', h);
  if (!a.tiedEmbeddings) add('output.weight', a.vocabSize, h);
  return tensors;
}

export interface OnnxSpec {
  readonly inputs: readonly (readonly [name: string, dims: readonly (number | string)[]])[];
  readonly weights: readonly (readonly [name: string, dims: readonly number[], values?: readonly number[]])[];
  readonly nodes: readonly {
    readonly op: string;
    readonly in: readonly string[];
    readonly out: readonly string[];
    readonly ints?: Readonly<Record<string, readonly number[] | number>>;
  }[];
  readonly outputs: readonly string[];
}

/** An ONNX model; weights point at external data, small integer tensors (with `values`) hold theirs. */
export function onnxFile(spec: OnnxSpec): Uint8Array {
  const graph = new ByteWriter();
  for (const node of spec.nodes) {
    const w = new ByteWriter();
    for (const input of node.in) w.field(1, input);
    for (const output of node.out) w.field(2, output);
    w.field(3, `${node.op} of ${node.out[0]}`).field(4, node.op);
    for (const [name, value] of Object.entries(node.ints ?? {})) {
      const attribute = new ByteWriter().field(1, name);
      if (typeof value === 'number') attribute.whole(3, value).whole(20, 2);
      else {
        const packed = new ByteWriter();
        for (const entry of value) packed.varint(entry);
        attribute.field(8, packed.bytes()).whole(20, 7);
      }
      w.field(5, attribute.bytes());
    }
    graph.field(1, w.bytes());
  }
  graph.field(2, 'made');
  for (const [name, dims, values] of spec.weights) {
    const w = new ByteWriter();
    for (const dim of dims) w.whole(1, dim);
    w.whole(2, values === undefined ? 1 : 7).field(8, name);
    if (values === undefined)
      w.field(13, new ByteWriter().field(1, 'location').field(2, 'weights.bin').bytes()).whole(14, 1);
    else {
      const raw = new ByteWriter();
      for (const value of values) raw.u64(BigInt.asUintN(64, BigInt(value)));
      w.field(9, raw.bytes());
    }
    graph.field(5, w.bytes());
  }
  const info = (name: string, dims: readonly (number | string)[]): Uint8Array => {
    const shape = new ByteWriter();
    for (const dim of dims)
      shape.field(
        1,
        typeof dim === 'number' ? new ByteWriter().whole(1, dim).bytes() : new ByteWriter().field(2, dim).bytes(),
      );
    const tensor = new ByteWriter().whole(1, 1).field(2, shape.bytes()).bytes();
    return new ByteWriter().field(1, name).field(2, new ByteWriter().field(1, tensor).bytes()).bytes();
  };
  for (const [name, dims] of spec.inputs) graph.field(11, info(name, dims));
  for (const name of spec.outputs) graph.field(12, info(name, []));
  return new ByteWriter().whole(1, 8).field(7, graph.bytes()).bytes();
}
