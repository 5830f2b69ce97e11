import { FlopsheetError } from '../../core/errors.ts';
import type { OpenGroup, TensorInventory } from '../../core/model/tensors.ts';
import { TensorCollector } from '../../core/model/tensors.ts';
import type { NameSpan } from './json-scanner.ts';
import { JsonScanner } from './json-scanner.ts';
import type { RangeReader } from './reader.ts';
import { readExactly, truncated } from './reader.ts';

/** Largest header the format allows (100 MB, as the reference implementation). */
const MAX_HEADER = 100_000_000;

/** Bytes of the header in memory at a time; an entry larger than this makes it grow. */
const WINDOW = 1 << 22;

const BITS: Readonly<Record<string, number>> = {
  F64: 64,
  I64: 64,
  U64: 64,
  C64: 64,
  F32: 32,
  I32: 32,
  U32: 32,
  F16: 16,
  BF16: 16,
  I16: 16,
  U16: 16,
  I8: 8,
  U8: 8,
  BOOL: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
};

/** What a safetensors header tells. */
export interface SafetensorsHeader {
  readonly inventory: TensorInventory;
  readonly metadata: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

function bad(reader: RangeReader, message: string, where = reader.name): FlopsheetError {
  return new FlopsheetError('safetensors', message, {
    where,
    hint: 'The file is damaged or not a safetensors file: fetch it again.',
  });
}

/**
 * Reads the header of a safetensors file: eight bytes of length, then JSON. The weights are not touched.
 * Packed types are unpacked: four-bit values in 32-bit words count eight times, in bytes twice.
 */
export async function readSafetensors(
  reader: RangeReader,
  collector = new TensorCollector(),
): Promise<SafetensorsHeader> {
  const prefix = await readExactly(reader, 0, 8, 'header length');
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER))
    throw bad(
      reader,
      `"${reader.name}" states a header of ${length} bytes; more than ${MAX_HEADER / 1e6} MB is not allowed.`,
    );
  const headerBytes = Number(length);
  if (8 + headerBytes > reader.size) throw truncated(reader, 'header');
  let window = await readExactly(reader, 8, Math.min(headerBytes, WINDOW), 'header');
  let base = 0;
  const dataBytes = reader.size - 8 - headerBytes;
  const metadata: Record<string, string> = {};
  const seen = new HashSet(headerBytes / SHORTEST_ENTRY);
  const keys = new Int32Array(2048);
  const remembered: Remembered[] = [];
  let lastByte = 0;
  let stored = 0;
  const scanner = new JsonScanner(window, (message) =>
    bad(reader, `The header of "${reader.name}" is not valid JSON: ${message}.`),
  );
  const tensor: RawTensor = { type: -1, shape: [], offsets: [], elements: 1, offsetsAt: 0 };
  const name = (): string => scanner.nameText(scanner.span);
  const readTensor = tensorReader(scanner, tensor, reader, name);
  const entry = (span: NameSpan): void => {
    const { template, templateCheck } = span;
    if (span.end - span.from === 12 && name() === '__metadata__') {
      scanner.object((key) => {
        metadata[key] = scanner.string();
      });
      return;
    }
    const near = template & 1023;
    const known = keys[2 * near] === template && keys[2 * near + 1] === templateCheck ? remembered[near] : undefined;
    const from = scanner.position;
    // Thousands of tensors differ only in their numbers: what stands before the offsets is compared, not read again.
    const same = known !== undefined && known.before !== null && scanner.passes(known.before);
    if (same) {
      scanner.integers(2, tensor.offsets);
      if (tensor.offsets.length !== 2 || !scanner.closes())
        throw bad(reader, `Tensor "${shown(name())}" has wrong offsets.`, name());
    } else readTensor();
    const end = tensor.offsets[1] as number;
    const bytes = end - (tensor.offsets[0] as number);
    const like = same ? known : remember(span, from);
    if (bytes !== like.bytes)
      throw bad(
        reader,
        `Tensor "${shown(name())}" takes ${bytes} bytes, but its shape [${like.shape.join(', ')}] needs ${like.bytes}.`,
        name(),
      );
    if (!seen.add(span.hash, span.check))
      throw bad(reader, `Tensor "${shown(name())}" is in the header twice.`, name());
    stored += bytes;
    if (end > lastByte) lastByte = end;
    collector.addAlike(like.group, span.layer, bytes);
  };
  /** What the tensor just read has in common with others of its template. */
  const remember = (span: NameSpan, from: number): Remembered => {
    const { template, templateCheck } = span;
    const near = template & 1023;
    const type = TYPES[tensor.type] as string;
    const like: Remembered = {
      shape: [...tensor.shape],
      bytes: Math.ceil((tensor.elements * (TYPE_BITS[tensor.type] as number)) / 8),
      group: collector.group(name(), unpacked(name(), tensor.shape, type), type),
      before: tensor.offsetsAt > 0 ? scanner.bytesBetween(from, tensor.offsetsAt) : null,
    };
    keys[2 * near] = template;
    keys[2 * near + 1] = templateCheck;
    remembered[near] = like;
    scanner.everyNumber = collector.unpatterned;
    return like;
  };
  const ahead = (from: number): Promise<Uint8Array> | null => {
    if (from >= headerBytes) return null;
    const piece = readExactly(reader, 8 + from, Math.min(WINDOW, headerBytes - from), 'header');
    // A refused header leaves the piece unread; its failure is nobody's then.
    piece.catch(() => undefined);
    return piece;
  };
  let next = ahead(window.length);
  scanner.open();
  for (let more = true; more;) {
    const position = scanner.position;
    try {
      more = scanner.nextName(entry);
    } catch (error) {
      // Only what the end of the window cut off can be read by reading on.
      if (next === null || scanner.position < base + window.length) throw error;
      // The window ended inside an entry: read on from its start, twice as far when the entry fills the window.
      const wanted = position === base ? 2 * window.length : 0;
      const pieces = [window.subarray(position - base)];
      let length = window.length - (position - base);
      do {
        const piece: Uint8Array = await next;
        pieces.push(piece);
        length += piece.length;
        next = ahead(position + length);
      } while (next !== null && length < wanted);
      window = joined(pieces, length);
      base = position;
      scanner.rebase(window, base, position);
    }
  }
  scanner.end();
  if (stored > lastByte) throw bad(reader, `The tensors of "${reader.name}" overlap.`);
  const notes =
    lastByte > dataBytes
      ? [
          `The weights end at byte ${8 + headerBytes + lastByte}, the file at ${reader.size}: the download may be incomplete. Counts are from the header.`,
        ]
      : [];
  return { inventory: collector.finish(), metadata, notes };
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const shown = (name: string): string => (name.length > 80 ? `${name.slice(0, 77)}...` : name);

/** The tensor last read; reused for all. */
interface RawTensor {
  /** Index into the types, -1 while unread. */
  type: number;
  readonly shape: number[];
  readonly offsets: number[];
  elements: number;
  /** Position of the offsets when they come last, else 0. */
  offsetsAt: number;
}

/** What a template's last tensor was: shape as stored, bytes it needs, its group, and its text before the offsets. */
interface Remembered {
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly group: OpenGroup;
  readonly before: Uint8Array | null;
}

const encoded = (words: readonly string[]): Uint8Array[] => words.map((word) => new TextEncoder().encode(word));
const FIELDS = encoded(['dtype', 'shape', 'data_offsets']);
const TYPES = Object.keys(BITS);
const TYPE_WORDS = encoded(TYPES);
const TYPE_BITS = TYPES.map((type) => BITS[type] ?? 0);

/** Reads one tensor's object; `field` is made once for all of them. */
function tensorReader(scanner: JsonScanner, tensor: RawTensor, reader: RangeReader, name: () => string): () => void {
  let shaped = false;
  const field = (index: number): void => {
    tensor.offsetsAt = index === 2 ? scanner.position : 0;
    if (index === 0) {
      tensor.type = scanner.oneOf(TYPE_WORDS);
      if (tensor.type < 0) throw bad(reader, `Tensor "${shown(name())}" has a type this reader does not know.`, name());
    } else if (index === 1) {
      scanner.integers(8, tensor.shape);
      shaped = true;
    } else if (index === 2) scanner.integers(2, tensor.offsets);
    else scanner.skip();
  };
  return () => {
    tensor.type = -1;
    tensor.offsets.length = 0;
    shaped = false;
    scanner.fields(FIELDS, field);
    if (tensor.type < 0 || !shaped || tensor.offsets.length !== 2)
      throw bad(reader, `Tensor "${shown(name())}" lacks dtype, shape or data_offsets.`, name());
    let elements = 1;
    for (let at = 0; at < tensor.shape.length; at += 1) elements *= tensor.shape[at] as number;
    tensor.elements = elements;
    if (!Number.isSafeInteger(elements) || (tensor.offsets[1] as number) < (tensor.offsets[0] as number)) {
      throw bad(
        reader,
        `Tensor "${shown(name())}" has the impossible shape [${tensor.shape.join(', ')}] or offsets [${tensor.offsets.join(', ')}].`,
        name(),
      );
    }
  };
}

/** Bytes of header a tensor usually takes at least: sizes the set of names once. */
const SHORTEST_ENTRY = 100;

/** A set of pairs of 32-bit hashes in one flat array: no allocation per entry. */
class HashSet {
  private slots: Int32Array;
  private count = 0;

  constructor(expected: number) {
    let size = 1 << 12;
    while (size < 4 * expected) size *= 2;
    this.slots = new Int32Array(size);
  }

  /** False when the pair was there before. */
  add(hash: number, check: number): boolean {
    if (4 * this.count >= this.slots.length) {
      const before = this.slots;
      this.slots = new Int32Array(4 * before.length);
      for (let at = 0; at < before.length; at += 2)
        if (before[at] !== 0) this.place(before[at] as number, before[at + 1] as number);
    }
    if (!this.place(hash === 0 ? 1 : hash, check)) return false;
    this.count += 1;
    return true;
  }

  private place(hash: number, check: number): boolean {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = (hash << 1) & mask;
    for (;;) {
      const slot = slots[at];
      if (slot === 0) {
        slots[at] = hash;
        slots[at + 1] = check;
        return true;
      }
      if (slot === hash && slots[at + 1] === check) return false;
      at = (at + 2) & mask;
    }
  }
}

/** Logical shape of packed four-bit weights. */
function unpacked(name: string, shape: readonly number[], type: string): readonly number[] {
  const last = shape.length - 1;
  if (last < 0) return shape;
  const scaled = (axis: number, factor: number): number[] => shape.map((dim, at) => (at === axis ? dim * factor : dim));
  if (type === 'I32' && /(qweight)$/.test(name)) return scaled(0, 8);
  if (type === 'I32' && /weight_packed$/.test(name)) return scaled(last, 8);
  if (type === 'U8' && /(_blocks|weight_packed|\.weight)$/.test(name)) return scaled(last, 2);
  return shape;
}
