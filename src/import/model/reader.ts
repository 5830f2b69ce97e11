import { FlopsheetError } from '../../core/errors.ts';

/** A file read in ranges: weights are never loaded. `read` may return fewer bytes only at the end of the file. */
export interface RangeReader {
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Another file of the same folder, or null; the reader of a dropped file may not have it. */
  sibling?(name: string): Promise<RangeReader | null>;
}

/** A reader over bytes in memory. */
export function bytesReader(name: string, bytes: Uint8Array): RangeReader {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, Math.min(bytes.length, offset + length))),
  };
}

/** Reads exactly `length` bytes at `offset`; a shorter file is an error that names it. */
export async function readExactly(
  reader: RangeReader,
  offset: number,
  length: number,
  what: string,
): Promise<Uint8Array> {
  if (offset + length > reader.size) throw truncated(reader, what);
  const bytes = await reader.read(offset, length);
  if (bytes.length < length) throw truncated(reader, what);
  return bytes;
}

/** Largest text file read whole: the index of a model of a million tensors is about this large. */
const MAX_TEXT = 64_000_000;

/** A small text file as a whole. */
export async function readText(reader: RangeReader): Promise<string> {
  if (reader.size > MAX_TEXT) {
    throw new FlopsheetError(
      'file-size',
      `"${reader.name}" has ${Math.round(reader.size / 1e6)} MB, more than the ${MAX_TEXT / 1e6} MB such a file may have.`,
      { where: reader.name, hint: 'Choose config.json or the index of the weights.' },
    );
  }
  return new TextDecoder().decode(await readExactly(reader, 0, reader.size, 'text'));
}

export function truncated(reader: RangeReader, what: string): FlopsheetError {
  return new FlopsheetError('file-truncated', `"${reader.name}" ends inside its ${what} (${reader.size} bytes).`, {
    where: reader.name,
    hint: 'The download may be incomplete: fetch the file again.',
  });
}

/** Reads forward through a file in pieces, skipping what is not needed. */
export class Cursor {
  position = 0;
  private piece: Uint8Array = new Uint8Array(0);
  private start = 0;
  private readonly reader: RangeReader;
  private readonly limit: number;
  private readonly pieceSize: number;

  /** `limit`: most bytes that may be read (not skipped) before the file is refused. */
  constructor(reader: RangeReader, limit: number, pieceSize = 1 << 18) {
    this.reader = reader;
    this.limit = limit;
    this.pieceSize = pieceSize;
  }

  private loaded = 0;

  /** Makes `length` bytes at the position available without copying when they lie in the current piece. */
  async bytes(length: number, what: string): Promise<Uint8Array> {
    if (length < 0 || this.position + length > this.reader.size) throw truncated(this.reader, what);
    const inside = this.position - this.start;
    if (inside < 0 || inside + length > this.piece.length) {
      const wanted = Math.min(Math.max(length, this.pieceSize), this.reader.size - this.position);
      this.loaded += wanted;
      if (this.loaded > this.limit) {
        throw new FlopsheetError(
          'file-header-size',
          `The header of "${this.reader.name}" is larger than ${Math.round(this.limit / 1e6)} MB.`,
          { where: this.reader.name, hint: 'Such a header is not read; the file may be damaged.' },
        );
      }
      this.piece = await readExactly(this.reader, this.position, wanted, what);
      this.start = this.position;
    }
    const from = this.position - this.start;
    this.position += length;
    return this.piece.subarray(from, from + length);
  }

  /** What is loaded from the position on, without reading more; `advance` moves over it. */
  get loadedAhead(): Uint8Array {
    const from = this.position - this.start;
    return from < 0 || from >= this.piece.length ? new Uint8Array(0) : this.piece.subarray(from);
  }

  /** Moves over bytes seen in `loadedAhead`. */
  advance(length: number): void {
    this.position += length;
  }

  /** Moves on without reading. */
  skip(length: number, what: string): void {
    if (!(length >= 0) || this.position + length > this.reader.size) throw truncated(this.reader, what);
    this.position += length;
  }

  get atEnd(): boolean {
    return this.position >= this.reader.size;
  }
}
