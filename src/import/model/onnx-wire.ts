import { FlopsheetError } from '../../core/errors.ts';
import type { RangeReader } from './reader.ts';
import { Cursor } from './reader.ts';

/** One dimension: a size, or the name of an open one. */
export type OnnxDim = number | string;

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** ONNX data type number (1 float, 7 int64, 10 float16, 16 bfloat16…). */
  readonly type: number;
  /** Small integer contents, for shapes computed in the graph. */
  readonly values: readonly number[] | null;
}

export type OnnxAttribute = number | string | readonly number[] | OnnxTensor | 'graph';

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: ReadonlyMap<string, readonly OnnxDim[]>;
  readonly outputs: readonly string[];
  /** Shapes the exporter wrote down. */
  readonly shapes: ReadonlyMap<string, readonly OnnxDim[]>;
}

/** Most bytes read (weights are skipped, not read), largest message held, largest tensor whose values are kept. */
const MAX_READ = 256_000_000;
const MAX_MESSAGE = 8_000_000;
const MAX_VALUES = 4096;
const MAX_NODES = 500_000;

function bad(name: string, message: string): FlopsheetError {
  return new FlopsheetError('onnx', `"${name}": ${message}`, {
    where: name,
    hint: 'The file is damaged or not an ONNX model: export it again.',
  });
}

/** A signed 64-bit number from its lowest 28 bits, the next 28 and the highest 8. */
function signed(low: number, middle: number, high: number): number {
  if (high < 128) return low + middle * 2 ** 28 + high * 2 ** 56;
  const all = 2 ** 28 - 1;
  return -(all - low + (all - middle) * 2 ** 28 + (255 - high) * 2 ** 56 + 1);
}

/** Reads protobuf fields from bytes. */
class Wire {
  private at = 0;
  private readonly bytes: Uint8Array;
  private readonly file: string;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
  }

  /** Next field as [number, wire type], or null at the end. */
  next(): [number, number] | null {
    if (this.at >= this.bytes.length) return null;
    const tag = this.varint();
    return [Math.floor(tag / 8), tag % 8];
  }

  /** A varint as a signed 64-bit number (exact between -2^53 and 2^53). */
  varint(): number {
    const parts = [0, 0, 0];
    for (let index = 0; index < 10; index += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw bad(this.file, 'a number is cut off.');
      this.at += 1;
      const part = index >> 2;
      parts[part] = (parts[part] ?? 0) + (byte & 127) * 2 ** (7 * (index & 3));
      if (byte < 128) return signed(parts[0] ?? 0, parts[1] ?? 0, (parts[2] ?? 0) & 255);
    }
    throw bad(this.file, 'a number is longer than ten bytes.');
  }

  block(): Uint8Array {
    const length = this.varint();
    if (length < 0 || this.at + length > this.bytes.length) throw bad(this.file, 'a message is cut off.');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return new TextDecoder().decode(this.block());
  }

  float(): number {
    if (this.at + 4 > this.bytes.length) throw bad(this.file, 'a number is cut off.');
    const value = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 4).getFloat32(0, true);
    this.at += 4;
    return value;
  }

  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 2) this.block();
    else if (wire === 5 || wire === 1) {
      this.at += wire === 5 ? 4 : 8;
      if (this.at > this.bytes.length) throw bad(this.file, 'a number is cut off.');
    } else throw bad(this.file, `field type ${wire} is not known.`);
  }

  /** A repeated integer field, packed or not, appended to `values`. */
  integers(wire: number, values: number[]): void {
    if (wire === 0) {
      values.push(this.varint());
      return;
    }
    const inner = new Wire(this.block(), this.file);
    while (inner.at < inner.bytes.length) values.push(inner.varint());
  }
}

/** Integers stored little-endian in a tensor's raw data (int32 or int64). */
function rawIntegers(bytes: Uint8Array, type: number): number[] | null {
  const size = type === 7 ? 8 : type === 6 ? 4 : 0;
  if (size === 0 || bytes.length > MAX_VALUES * size) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, at) =>
    size === 8 ? Number(view.getBigInt64(at * 8, true)) : view.getInt32(at * 4, true),
  );
}

function tensor(bytes: Uint8Array, file: string): OnnxTensor {
  const wire = new Wire(bytes, file);
  const dims: number[] = [];
  const values: number[] = [];
  let type = 0;
  let name = '';
  let raw: Uint8Array | null = null;
  for (let field = wire.next(); field !== null; field = wire.next()) {
    if (field[0] === 1) wire.integers(field[1], dims);
    else if (field[0] === 2) type = wire.varint();
    else if ((field[0] === 5 || field[0] === 7) && values.length < MAX_VALUES) wire.integers(field[1], values);
    else if (field[0] === 8) name = wire.text();
    else if (field[0] === 9) raw = wire.block();
    else wire.skip(field[1]);
  }
  return checked(
    { name, dims, type, values: raw === null ? (values.length > 0 ? values : null) : rawIntegers(raw, type) },
    file,
  );
}

function checked(entry: OnnxTensor, file: string): OnnxTensor {
  let elements = 1;
  for (const dim of entry.dims) elements *= dim;
  if (entry.dims.some((dim) => dim < 0) || !Number.isSafeInteger(elements))
    throw bad(file, `tensor "${entry.name}" has the impossible shape [${entry.dims.join(', ')}].`);
  return entry;
}

function attribute(bytes: Uint8Array, file: string): [string, OnnxAttribute] {
  const wire = new Wire(bytes, file);
  let name = '';
  let value: OnnxAttribute = 0;
  const integers: number[] = [];
  let listed = false;
  for (let field = wire.next(); field !== null; field = wire.next()) {
    if (field[0] === 1) name = wire.text();
    else if (field[0] === 2) value = wire.float();
    else if (field[0] === 3) value = wire.varint();
    else if (field[0] === 4) value = wire.text();
    else if (field[0] === 5) value = tensor(wire.block(), file);
    else if (field[0] === 6) {
      wire.block();
      value = 'graph';
    } else if (field[0] === 8) {
      wire.integers(field[1], integers);
      listed = true;
    } else wire.skip(field[1]);
  }
  return [name, listed ? integers : value];
}

function node(bytes: Uint8Array, file: string): OnnxNode {
  const wire = new Wire(bytes, file);
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let name = '';
  let op = '';
  for (let field = wire.next(); field !== null; field = wire.next()) {
    if (field[0] === 1) inputs.push(wire.text());
    else if (field[0] === 2) outputs.push(wire.text());
    else if (field[0] === 3) name = wire.text();
    else if (field[0] === 4) op = wire.text();
    else if (field[0] === 5) attributes.set(...attribute(wire.block(), file));
    else wire.skip(field[1]);
  }
  return { name: name || (outputs[0] ?? op), op, inputs, outputs, attributes };
}

function valueInfo(bytes: Uint8Array, file: string): [string, OnnxDim[] | null] {
  const wire = new Wire(bytes, file);
  let name = '';
  let dims: OnnxDim[] | null = null;
  for (let field = wire.next(); field !== null; field = wire.next()) {
    if (field[0] === 1) name = wire.text();
    else if (field[0] === 2) dims = typeDims(wire.block(), file);
    else wire.skip(field[1]);
  }
  return [name, dims];
}

/** Dimensions of TypeProto.tensor_type.shape, or null when it has none. */
function typeDims(bytes: Uint8Array, file: string): OnnxDim[] | null {
  const find = (source: Uint8Array, number: number): Uint8Array[] => {
    const wire = new Wire(source, file);
    const found: Uint8Array[] = [];
    for (let field = wire.next(); field !== null; field = wire.next()) {
      if (field[0] === number && field[1] === 2) found.push(wire.block());
      else wire.skip(field[1]);
    }
    return found;
  };
  const type = find(bytes, 1)[0];
  const shape = type === undefined ? undefined : find(type, 2)[0];
  if (shape === undefined) return null;
  return find(shape, 1).map((dim): OnnxDim => {
    const wire = new Wire(dim, file);
    let value: OnnxDim = '?';
    for (let field = wire.next(); field !== null; field = wire.next()) {
      if (field[0] === 1) value = wire.varint();
      else if (field[0] === 2) value = wire.text() || '?';
      else wire.skip(field[1]);
    }
    return value;
  });
}

/** Reads fields of a message that is too large to hold, skipping what is not needed. */
class Stream {
  readonly cursor: Cursor;
  readonly file: string;

  constructor(reader: RangeReader) {
    this.cursor = new Cursor(reader, MAX_READ);
    this.file = reader.name;
  }

  async varint(): Promise<number> {
    const bytes: number[] = [];
    for (;;) {
      const byte = (await this.cursor.bytes(1, 'graph'))[0] ?? 0;
      bytes.push(byte);
      if (byte < 128 || bytes.length > 10) return new Wire(new Uint8Array(bytes), this.file).varint();
    }
  }

  async skip(wire: number): Promise<void> {
    if (wire === 0) await this.varint();
    else if (wire === 2) this.cursor.skip(await this.varint(), 'graph');
    else if (wire === 5) this.cursor.skip(4, 'graph');
    else if (wire === 1) this.cursor.skip(8, 'graph');
    else throw bad(this.file, `field type ${wire} is not known.`);
  }

  async block(): Promise<Uint8Array> {
    const length = await this.varint();
    if (length < 0 || length > MAX_MESSAGE) throw bad(this.file, `a message of ${length} bytes is too large.`);
    return (await this.cursor.bytes(length, 'graph')).slice();
  }

  /** A tensor whose data are passed over when they are large. */
  async tensor(): Promise<OnnxTensor> {
    const length = await this.varint();
    const end = this.cursor.position + length;
    const kept: number[] = [];
    while (this.cursor.position < end) {
      const tag = await this.varint();
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if (wire === 2) {
        const size = await this.varint();
        if (size > MAX_VALUES * 8 && number !== 8) {
          this.cursor.skip(size, 'tensor');
          continue;
        }
        const bytes = await this.cursor.bytes(size, 'tensor');
        push(kept, tag, size);
        for (const byte of bytes) kept.push(byte);
      } else if (wire === 0) {
        const value = await this.varint();
        push(kept, tag, value);
      } else await this.skip(wire);
    }
    return tensor(new Uint8Array(kept), this.file);
  }
}

/** Appends a tag and a number as varints. */
function push(bytes: number[], ...values: number[]): void {
  for (const value of values) {
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
      const low = Number(rest & 127n);
      rest >>= 7n;
      bytes.push(rest > 0n ? low + 128 : low);
    } while (rest > 0n);
  }
}

/** Reads the graph of an ONNX file; weights inside or beside it are not touched. */
export async function readGraph(reader: RangeReader): Promise<OnnxGraph> {
  const stream = new Stream(reader);
  while (!stream.cursor.atEnd) {
    const tag = await stream.varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number === 7 && wire === 2) return graph(stream, await stream.varint());
    if (number === 0 || number > 30) throw bad(reader.name, 'this is not an ONNX model.');
    await stream.skip(wire);
  }
  throw bad(reader.name, 'it holds no graph.');
}

async function graph(stream: Stream, length: number): Promise<OnnxGraph> {
  const end = stream.cursor.position + length;
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs = new Map<string, readonly OnnxDim[]>();
  const outputs: string[] = [];
  const shapes = new Map<string, readonly OnnxDim[]>();
  let name = '';
  while (stream.cursor.position < end) {
    const tag = await stream.varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number === 1) {
      nodes.push(node(await stream.block(), stream.file));
      if (nodes.length > MAX_NODES) throw bad(stream.file, `it has more than ${MAX_NODES} nodes.`);
    } else if (number === 2) name = new TextDecoder().decode(await stream.block());
    else if (number === 5) {
      const entry = await stream.tensor();
      if (initializers.has(entry.name)) throw bad(stream.file, `tensor "${entry.name}" is in the file twice.`);
      initializers.set(entry.name, entry);
    } else if (number === 11 || number === 13 || number === 12) {
      const [value, dims] = valueInfo(await stream.block(), stream.file);
      if (number === 11) inputs.set(value, dims ?? []);
      else if (number === 12) outputs.push(value);
      if (number !== 11 && dims !== null) shapes.set(value, dims);
    } else await stream.skip(wire);
  }
  return { name, nodes, initializers, inputs, outputs, shapes };
}
