/**
 * Parts of a ZIP file, inflated piece by piece: what the directory says of sizes is not believed, and inflating stops at the
 * limit. Only the parts that are asked for are touched.
 */
import { Inflate } from 'fflate';
import { FlopsheetError } from '../../core/errors.ts';
import { MOST_INFLATED_BYTES, MOST_PART_BYTES, MOST_ZIP_ENTRIES } from '../../core/exchange/limits.ts';
import { tooLarge } from './row-collector.ts';

const DIRECTORY_END = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
/** Compressed bytes at a time: at the best ratio of deflate, 1:1032, a piece stays below 17 MB. */
const PIECE = 16_384;

interface Entry {
  readonly method: number;
  readonly size: number;
  readonly offset: number;
}

export class ZipFile {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly entries = new Map<string, Entry>();
  private inflated = 0;

  /** Throws FlopsheetError `XLSX` when this is no ZIP file, `TABLE_SIZE` when it lists too many parts. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = this.directoryEnd();
    const count = this.view.getUint16(end + 10, true);
    if (count > MOST_ZIP_ENTRIES) tooLarge(`the workbook has more than ${MOST_ZIP_ENTRIES} parts`, 'save it anew');
    let at = this.view.getUint32(end + 16, true);
    for (let i = 0; i < count; i++) {
      if (at + 46 > bytes.length || this.view.getUint32(at, true) !== DIRECTORY_ENTRY) throw broken();
      if (this.view.getUint16(at + 8, true) & 1)
        throw new FlopsheetError('XLSX', 'the workbook is protected by a password', {
          where: 'file',
          hint: 'save it without a password',
        });
      const nameLength = this.view.getUint16(at + 28, true);
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
      this.entries.set(name, {
        method: this.view.getUint16(at + 10, true),
        size: this.view.getUint32(at + 20, true),
        offset: this.view.getUint32(at + 42, true),
      });
      at += 46 + nameLength + this.view.getUint16(at + 30, true) + this.view.getUint16(at + 32, true);
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Gives the inflated pieces of a part to `take`. Throws FlopsheetError `TABLE_SIZE` or `XLSX`. */
  read(name: string, take: (piece: Uint8Array, last: boolean) => void): void {
    const entry = this.entries.get(name);
    if (!entry) throw broken(`it has no part ${name}`);
    const { offset } = entry;
    if (offset + 30 > this.bytes.length || this.view.getUint32(offset, true) !== LOCAL_ENTRY) throw broken();
    const from = offset + 30 + this.view.getUint16(offset + 26, true) + this.view.getUint16(offset + 28, true);
    const packed = this.bytes.subarray(from, from + entry.size);
    if (packed.length < entry.size) throw broken('it is cut off');
    let own = 0;
    const counted = (piece: Uint8Array, last: boolean): void => {
      own += piece.length;
      this.inflated += piece.length;
      if (own > MOST_PART_BYTES || this.inflated > MOST_INFLATED_BYTES)
        tooLarge('the workbook is too large when it is unpacked', 'keep the sheet you need and save it anew');
      take(piece, last);
    };
    if (entry.method === 0) return counted(packed, true);
    if (entry.method !== 8) throw broken('it is packed in an unknown way');
    const inflate = new Inflate(counted);
    try {
      for (let at = 0; at < packed.length; at += PIECE)
        inflate.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    } catch (error) {
      throw error instanceof FlopsheetError ? error : broken('it is damaged');
    }
  }

  private directoryEnd(): number {
    const { bytes, view } = this;
    for (let at = bytes.length - 22; at >= 0 && at > bytes.length - 65_558; at--)
      if (view.getUint32(at, true) === DIRECTORY_END) return at;
    throw broken();
  }
}

function broken(why = 'it is no ZIP file, or only a part of one'): FlopsheetError {
  return new FlopsheetError('XLSX', `the workbook cannot be read: ${why}`, {
    where: 'file',
    hint: 'open it in your spreadsheet and save it as .xlsx or .csv',
  });
}
