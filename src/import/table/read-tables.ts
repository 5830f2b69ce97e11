/** Tables of a file people bring: a workbook has one a sheet, a text file one. Runs in page and terminal alike. */
import { FlopsheetError } from '../../core/errors.ts';
import { decoded, readDelimited } from './delimited.ts';
import { MOST_FILE_BYTES } from '../../core/exchange/limits.ts';
import type { RawTable } from '../../core/exchange/raw-table.ts';
import { tooLarge } from './row-collector.ts';
import { readXlsx } from './xlsx.ts';

/** Reads a CSV, TSV or XLSX file by what it holds, not by its name. Throws FlopsheetError saying what is wrong with it. */
export function readTables(bytes: Uint8Array): RawTable[] {
  if (bytes.length > MOST_FILE_BYTES)
    tooLarge(
      `the file has ${Math.round(bytes.length / 1e6)} MB, at most ${MOST_FILE_BYTES / 1e6} MB are read`,
      'split it',
    );
  if (startsWith(bytes, [0x50, 0x4b])) return readXlsx(bytes);
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0]))
    throw new FlopsheetError('XLSX', 'this is a workbook of the old kind (.xls), or one with a password', {
      where: 'file',
      hint: 'save it as .xlsx or .csv',
    });
  if (bytes.subarray(0, 8_192).includes(0) && !startsWith(bytes, [0xff, 0xfe]) && !startsWith(bytes, [0xfe, 0xff]))
    throw new FlopsheetError('TABLE_EMPTY', 'this file is no table', { where: 'file', hint: 'bring CSV, TSV or XLSX' });
  return [readDelimited(decoded(bytes))];
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}
