/** Puts the parts of a sweep together: every shard once, in the order of the cases. */
import { FlopsheetError } from '../core/errors.ts';
import type { Invocation } from './command.ts';
import { readSweepTable, writeSweepTable, type SweepTable } from './sweep-table.ts';

/** Status 1 when shards are missing: they are named and nothing is written. Throws `ARG` for parts that do not belong. */
export async function mergeParts(invocation: Invocation, files: readonly string[], out: string): Promise<number> {
  if (files.length === 0)
    throw new FlopsheetError('ARG', 'sweep merge needs the parts', {
      hint: 'flopsheet sweep merge part-*.parquet --out all.parquet',
    });
  const parts: SweepTable[] = [];
  for (const file of files) parts.push(await readSweepTable(file));
  const [first] = parts as [SweepTable];
  const { stamp } = first;
  const byShard = new Map<number, number>();
  parts.forEach((part, i) => {
    const file = files[i] as string;
    const { shard, sweep } = part.stamp;
    if (sweep !== stamp.sweep)
      throw new FlopsheetError('ARG', `${file} is part of another sweep than ${files[0]}`, {
        where: file,
        hint: 'plan, catalog, version and flags must be the same; only --shard differs',
      });
    if (shard === null) throw new FlopsheetError('ARG', `${file} is merged already`, { where: file });
    const twin = byShard.get(shard);
    if (twin !== undefined)
      throw new FlopsheetError('ARG', `${file} and ${files[twin]} are the same shard ${shard}`, { where: file });
    byShard.set(shard, i);
  });
  const missing = Array.from({ length: stamp.shards }, (_, i) => i).filter((i) => !byShard.has(i));
  if (missing.length > 0) {
    if (invocation.json) invocation.print(JSON.stringify({ file: null, rows: 0, missing }));
    invocation.warn(`missing: ${missing.map((i) => `${i}/${stamp.shards}`).join(', ')}; run these shards, then merge`);
    return 1;
  }
  const rows = parts.flatMap((part) => part.rows).sort((a, b) => Number(a[0]) - Number(b[0]));
  await writeSweepTable(out, { stamp: { ...stamp, shard: null }, columns: first.columns, rows });
  if (invocation.json)
    invocation.print(JSON.stringify({ file: out, sweep: stamp.sweep, rows: rows.length, missing: [] }));
  else invocation.print(`${out}: ${rows.length} cases of ${parts.length} parts`);
  return 0;
}
