import { spawnSync } from 'node:child_process';
import { strToU8, zipSync } from 'fflate';
import { figure, type BenchResult } from './measure.ts';
import { readTables } from '../../src/import/table/read-tables.ts';
import { workbookOf } from '../import/table/workbooks.ts';

/**
 * Tables that come in: 20,000 rows of ten columns as CSV and as XLSX, and hostile files in a process of their own, with the
 * time until they are refused and the memory they took. Prints one JSON document.
 */
const HOSTILE: Readonly<Record<string, () => Uint8Array>> = {
  million_columns: () => strToU8(`${'a,'.repeat(1_000_000)}b\n1`),
  zip_bomb: () => workbookOf(`<!--${' '.repeat(300_000_000)}-->`),
  row_bomb: () => workbookOf(`<row r="1">${'<c r="A1"/>'.repeat(5_000_000)}</row>`),
  text_bomb: () => workbookOf('', `<si><t>${'x'.repeat(60_000_000)}</t></si>`),
  entities: () => workbookOf('<row/>', '', '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'),
  many_parts: () => zipSync(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, new Uint8Array(1)]))),
};

function rows(): string[][] {
  return Array.from({ length: 20_000 }, (_, r) =>
    Array.from({ length: 10 }, (_, c) => (c === 0 ? `Run ${r}` : String((r * c) / 7))),
  );
}

/** Results of this part of the suite. */
export async function imports(): Promise<BenchResult[]> {
  const body = rows();
  const csv = strToU8([Array.from({ length: 10 }, (_, c) => `c${c}`), ...body].map((row) => row.join(',')).join('\n'));
  const sheet = body
    .map(
      (row) =>
        `<row>${row.map((cell, c) => (c === 0 ? `<c t="str"><v>${cell}</v></c>` : `<c><v>${cell}</v></c>`)).join('')}</row>`,
    )
    .join('');
  const book = workbookOf(sheet);
  const timed = (bytes: Uint8Array): number => {
    const start = performance.now();
    readTables(bytes);
    return performance.now() - start;
  };
  const results: BenchResult[] = [
    figure('import_csv_200k', timed(csv) / 1000, 's', 10, 'the largest table there may be, within 10 s', 'less'),
    figure('import_xlsx_200k', timed(book) / 1000, 's', 10, 'the largest table there may be, within 10 s', 'less'),
  ];
  let slowest = 0;
  let largest = 0;
  for (const name of Object.keys(HOSTILE)) {
    const done = spawnSync(process.execPath, [import.meta.filename, '--refuse', name], { encoding: 'utf8' });
    const { ms, bytes } = JSON.parse(done.stdout) as { ms: number; bytes: number };
    slowest = Math.max(slowest, ms);
    largest = Math.max(largest, bytes / 1e6);
  }
  results.push(
    figure(
      'refuse_hostile',
      slowest / 1000,
      's',
      10,
      'bombs, entities, a million columns: the slowest within 10 s',
      'less',
    ),
    figure('refuse_hostile_memory', largest, 'MB', 512, 'and the largest within 512 MB', 'less'),
  );
  return Promise.resolve(results);
}

/** Time until a hostile file is refused, and what reading it added to the process's memory. */
function refuse(name: string): void {
  const bytes = HOSTILE[name]?.() ?? new Uint8Array();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const start = performance.now();
  let refused = false;
  try {
    readTables(bytes);
  } catch {
    refused = true;
  }
  if (!refused) throw new Error(`${name} was read`);
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, bytes: Math.max(0, process.memoryUsage().rss - before) }));
}

if (process.argv[2] === '--refuse') refuse(process.argv[3] ?? '');
