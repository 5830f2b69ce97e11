import { FlopsheetError } from '../../core/errors.ts';
import type { TensorInventory } from '../../core/model/tensors.ts';
import { TensorCollector } from '../../core/model/tensors.ts';
import type { RangeReader } from './reader.ts';
import { Cursor } from './reader.ts';

/** Most bytes of header that are read, and most of each thing in it. */
const MAX_HEADER = 256_000_000;
const MAX_KEYS = 100_000;
const MAX_TENSORS = 1_000_000;
const MAX_STRING = 1_000_000;
const MAX_ARRAY = 10_000_000;

/** Name, elements per block and bytes per block of each tensor type (ggml `type_traits`). */
const TYPES: Readonly<Record<number, readonly [string, number, number]>> = {
  0: ['F32', 1, 4],
  1: ['F16', 1, 2],
  2: ['Q4_0', 32, 18],
  3: ['Q4_1', 32, 20],
  6: ['Q5_0', 32, 22],
  7: ['Q5_1', 32, 24],
  8: ['Q8_0', 32, 34],
  9: ['Q8_1', 32, 36],
  10: ['Q2_K', 256, 84],
  11: ['Q3_K', 256, 110],
  12: ['Q4_K', 256, 144],
  13: ['Q5_K', 256, 176],
  14: ['Q6_K', 256, 210],
  15: ['Q8_K', 256, 292],
  16: ['IQ2_XXS', 256, 66],
  17: ['IQ2_XS', 256, 74],
  18: ['IQ3_XXS', 256, 98],
  19: ['IQ1_S', 256, 50],
  20: ['IQ4_NL', 32, 18],
  21: ['IQ3_S', 256, 110],
  22: ['IQ2_S', 256, 82],
  23: ['IQ4_XS', 256, 136],
  24: ['I8', 1, 1],
  25: ['I16', 1, 2],
  26: ['I32', 1, 4],
  27: ['I64', 1, 8],
  28: ['F64', 1, 8],
  29: ['IQ1_M', 256, 56],
  30: ['BF16', 1, 2],
  34: ['TQ1_0', 256, 54],
  35: ['TQ2_0', 256, 66],
  39: ['MXFP4', 32, 17],
};

/** Bytes of the fixed-size metadata types by their number; 8 is a string, 9 an array. */
const FIXED: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

export type GgufValue = number | boolean | string | readonly number[];

/** What a GGUF header tells: metadata (long lists are only measured), tensors. */
export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** Length of every list in the metadata, also of those not kept. */
  readonly lengths: ReadonlyMap<string, number>;
  readonly inventory: TensorInventory;
}

/** Lists of numbers up to this length are kept (per-layer settings); longer ones are skipped. */
const KEPT_LIST = 4096;

class GgufReader {
  private readonly cursor: Cursor;
  readonly name: string;

  constructor(reader: RangeReader) {
    this.cursor = new Cursor(reader, MAX_HEADER);
    this.name = reader.name;
  }

  bad(message: string, where = this.name): FlopsheetError {
    return new FlopsheetError('gguf', `"${this.name}": ${message}`, {
      where,
      hint: 'The file is damaged or not a GGUF file: fetch it again.',
    });
  }

  private async view(length: number): Promise<DataView> {
    const bytes = await this.cursor.bytes(length, 'header');
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  async u32(): Promise<number> {
    return (await this.view(4)).getUint32(0, true);
  }

  async u64(what: string, most: number): Promise<number> {
    const value = (await this.view(8)).getBigUint64(0, true);
    if (value > BigInt(most))
      throw this.bad(`the ${what} is ${value}, more than ${most.toLocaleString('en-US')} is not read.`);
    return Number(value);
  }

  async text(): Promise<string> {
    const length = await this.u64('length of a text', MAX_STRING);
    return new TextDecoder().decode(await this.cursor.bytes(length, 'header'));
  }

  async skipText(): Promise<void> {
    const length = await this.u64('length of a text', MAX_STRING);
    if (length > 65_536) this.cursor.skip(length, 'header');
    else await this.cursor.bytes(length, 'header');
  }

  /** Passes over many texts (a vocabulary) without waiting for each. */
  async skipTexts(count: number): Promise<void> {
    let left = count;
    while (left > 0) {
      const ahead = this.cursor.loadedAhead;
      const view = new DataView(ahead.buffer, ahead.byteOffset, ahead.length);
      let at = 0;
      while (left > 0 && at + 8 <= ahead.length && view.getUint32(at + 4, true) === 0) {
        const length = view.getUint32(at, true);
        if (length > MAX_STRING || at + 8 + length > ahead.length) break;
        at += 8 + length;
        left -= 1;
      }
      this.cursor.advance(at);
      if (left === 0) return;
      await this.skipText();
      left -= 1;
    }
  }

  async number(type: number): Promise<number | boolean> {
    const view = await this.view(FIXED[type] ?? 0);
    switch (type) {
      case 0:
        return view.getUint8(0);
      case 1:
        return view.getInt8(0);
      case 2:
        return view.getUint16(0, true);
      case 3:
        return view.getInt16(0, true);
      case 4:
        return view.getUint32(0, true);
      case 5:
        return view.getInt32(0, true);
      case 6:
        return view.getFloat32(0, true);
      case 7:
        return view.getUint8(0) !== 0;
      case 10:
        return Number(view.getBigUint64(0, true));
      case 11:
        return Number(view.getBigInt64(0, true));
      case 12:
        return view.getFloat64(0, true);
      default:
        throw this.bad(`unknown metadata type ${type}.`);
    }
  }

  /** A value, or undefined for a list that is not kept; its length goes to `lengths`. */
  async value(type: number, key: string, lengths: Map<string, number>, depth = 0): Promise<GgufValue | undefined> {
    if (type === 8) return this.text();
    if (type !== 9) {
      if (FIXED[type] === undefined) throw this.bad(`metadata "${key}" has the unknown type ${type}.`, key);
      return this.number(type);
    }
    if (depth > 2) throw this.bad(`metadata "${key}" nests lists too deeply.`, key);
    const inner = await this.u32();
    const length = await this.u64(`length of "${key}"`, MAX_ARRAY);
    lengths.set(key, length);
    const size = FIXED[inner];
    if (size !== undefined && length > KEPT_LIST) {
      this.cursor.skip(size * length, 'header');
      return undefined;
    }
    if (inner === 8) {
      await this.skipTexts(length);
      return undefined;
    }
    if (size === undefined) {
      for (let at = 0; at < length; at += 1) await this.value(inner, key, new Map(), depth + 1);
      return undefined;
    }
    const values: number[] = [];
    for (let at = 0; at < length; at += 1) values.push(Number(await this.number(inner)));
    return values;
  }
}

/** Reads the header of a GGUF file (version 2 or 3): metadata and tensor infos; the weights are not touched. */
export async function readGguf(reader: RangeReader, collector = new TensorCollector()): Promise<GgufHeader> {
  const gguf = new GgufReader(reader);
  if ((await gguf.u32()) !== 0x46554747) throw gguf.bad('the file does not begin with "GGUF".');
  const version = await gguf.u32();
  if (version !== 2 && version !== 3)
    throw gguf.bad(`version ${version} is not supported (2 and 3, little-endian, are).`);
  const tensors = await gguf.u64('number of tensors', MAX_TENSORS);
  const keys = await gguf.u64('number of metadata keys', MAX_KEYS);
  const metadata = new Map<string, GgufValue>();
  const lengths = new Map<string, number>();
  for (let at = 0; at < keys; at += 1) {
    const key = await gguf.text();
    const value = await gguf.value(await gguf.u32(), key, lengths);
    if (value !== undefined) metadata.set(key, value);
  }
  const names = new Set<string>();
  for (let at = 0; at < tensors; at += 1) {
    const name = await gguf.text();
    if (names.has(name)) throw gguf.bad(`tensor "${name}" is in the file twice.`, name);
    names.add(name);
    const rank = await gguf.u32();
    if (rank > 4) throw gguf.bad(`tensor "${name}" has ${rank} dimensions; at most 4 are allowed.`, name);
    const dims: number[] = [];
    let elements = 1;
    for (let axis = 0; axis < rank; axis += 1) {
      const dim = await gguf.u64(`size of tensor "${name}"`, 2 ** 40);
      dims.push(dim);
      elements *= dim;
    }
    if (!Number.isSafeInteger(elements))
      throw gguf.bad(`tensor "${name}" has the impossible shape [${dims.join(', ')}].`, name);
    const number = await gguf.u32();
    const type = TYPES[number];
    if (type === undefined) throw gguf.bad(`tensor "${name}" has the unknown type ${number}.`, name);
    await gguf.u64(`offset of tensor "${name}"`, Number.MAX_SAFE_INTEGER);
    collector.add(name, dims.reverse(), type[0], Math.ceil(elements / type[1]) * type[2]);
  }
  const header = { version, metadata, lengths, inventory: collector.finish() };
  checkDims(gguf, header);
  return header;
}

/** The file keeps dimensions fastest first; an embedding whose inner size is not the model's width was written the other way round. */
function checkDims(gguf: GgufReader, header: GgufHeader): void {
  const arch = header.metadata.get('general.architecture');
  const width = header.metadata.get(`${String(arch)}.embedding_length`);
  const embedding = header.inventory.groups.find((group) => group.template === 'token_embd.weight');
  if (
    typeof width === 'number' &&
    embedding !== undefined &&
    embedding.shape[1] !== width &&
    embedding.shape[0] === width
  ) {
    throw gguf.bad(
      `the dimensions are reversed: token_embd.weight is [${embedding.shape.join(', ')}], its rows should hold ${width} values.`,
      'token_embd.weight',
    );
  }
}
