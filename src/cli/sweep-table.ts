/**
 * Parts of a sweep as Parquet: numbers as DOUBLE, texts as STRING, and under the key `flopsheet.sweep` what was asked, so
 * that parts of different sweeps are never put together. The Parquet library is optional and loaded on use.
 */
import { readFileSync } from 'node:fs';
import { FlopsheetError } from '../core/errors.ts';
import { writeWhole } from './write-file.ts';

/** What a part is a part of. Equal but for the shard means the same sweep. */
export interface SweepStamp {
  /** SHA-256 of plan, catalog, version and everything asked for. */
  readonly sweep: string;
  readonly plan: string;
  readonly varied: readonly string[];
  readonly cases: number;
  readonly shards: number;
  /** Counted from 0; null for the merged whole. */
  readonly shard: number | null;
  /** Unit of each column that has one. */
  readonly units: Readonly<Record<string, string>>;
  readonly version: string;
}

export type Cell = number | string | boolean | null;

export interface SweepTable {
  readonly stamp: SweepStamp;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const STAMP = 'flopsheet.sweep';

async function library() {
  try {
    const [reader, writer] = await Promise.all([import('hyparquet'), import('hyparquet-writer')]);
    return { ...reader, ...writer };
  } catch (cause) {
    throw new FlopsheetError('UNSUPPORTED', 'sweeps are written by hyparquet-writer, which is not installed', {
      hint: 'npm install hyparquet hyparquet-writer',
      cause,
    });
  }
}

/** Fails early when Parquet cannot be written here. Throws `UNSUPPORTED`. */
export async function assertParquet(): Promise<void> {
  await library();
}

function typeOf(values: readonly Cell[]): 'DOUBLE' | 'BOOLEAN' | 'STRING' {
  const known = values.filter((value) => value !== null);
  if (known.every((value) => typeof value === 'number')) return 'DOUBLE';
  return known.every((value) => typeof value === 'boolean') ? 'BOOLEAN' : 'STRING';
}

/** Writes the file whole or not at all; equal tables give equal bytes. */
export async function writeSweepTable(file: string, { stamp, columns, rows }: SweepTable): Promise<void> {
  const { parquetWriteBuffer } = await library();
  const columnData = columns.map((name, i) => {
    const values = rows.map((row) => row[i] as Cell);
    const type = typeOf(values);
    const data = type === 'STRING' ? values.map((value) => (value === null ? null : String(value))) : values;
    return { name, data, type, nullable: name !== 'case' };
  });
  const bytes = parquetWriteBuffer({
    columnData,
    rowGroupSize: 100_000,
    kvMetadata: [{ key: STAMP, value: JSON.stringify(stamp) }],
    createdBy: `flopsheet ${stamp.version}`,
  });
  writeWhole(file, new Uint8Array(bytes));
}

function bytesOf(file: string): ArrayBuffer {
  try {
    const bytes = readFileSync(file);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  } catch (cause) {
    throw new FlopsheetError('FILE', `${file} cannot be read`, { where: file, hint: 'check the path', cause });
  }
}

/** Reads a part or a merged sweep. Throws `FILE` naming what is no such file. */
export async function readSweepTable(file: string): Promise<SweepTable> {
  const { parquetMetadata, parquetReadObjects } = await library();
  const buffer = bytesOf(file);
  try {
    const metadata = parquetMetadata(buffer);
    const stamp = metadata.key_value_metadata?.find(({ key }) => key === STAMP)?.value;
    if (stamp === undefined) throw new Error('it was not written by flopsheet sweep');
    const columns = metadata.schema.slice(1).map(({ name }) => name);
    const objects = await parquetReadObjects({ file: buffer, metadata });
    const rows = objects.map((object) => columns.map((name) => (object[name] ?? null) as Cell));
    return { stamp: JSON.parse(stamp) as SweepStamp, columns, rows };
  } catch (cause) {
    throw new FlopsheetError('FILE', `${file} is no part of a sweep: ${(cause as Error).message}`, {
      where: file,
      hint: 'name files that "flopsheet sweep … --out" wrote',
      cause,
    });
  }
}
