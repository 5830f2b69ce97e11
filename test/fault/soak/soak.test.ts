import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** The long run is the real one; the short one has a small young generation, so that memory settles within some hundred edits. */
const LONG = process.env['FLOPSHEET_FAULT_LONG'] !== undefined;
const EDITS = LONG ? { from: 10_000, to: 100_000 } : { from: 400, to: 1_200 };
const GROWTH_BYTES = 50_000_000;
const WAL_BYTES = 16_000_000;
const EDITOR = new URL('./editor.ts', import.meta.url).pathname;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-soak-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function soak(edits: { from: number; to: number }, flags: readonly string[], twin: string) {
  const run = spawnSync(
    process.execPath,
    ['--expose-gc', ...flags, EDITOR, join(folder, 'store.db'), String(edits.from), String(edits.to), twin],
    { encoding: 'utf8', timeout: 3_000_000 },
  );
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout) as {
    before: number;
    after: number;
    revision: number;
    walBytes: number;
    firstMs: number;
    lastMs: number;
  };
}

const SMALL_YOUNG = ['--max-semi-space-size=4'];

it(
  `${EDITS.to} edits grow the host by at most 50 MB after the first ${EDITS.from}, and its journal file by 16 MB`,
  { timeout: 3_000_000 },
  () => {
    const { before, after, revision, walBytes, firstMs, lastMs } = soak(EDITS, LONG ? [] : SMALL_YOUNG, '');
    if (LONG)
      console.log(
        `edit ${EDITS.from}: ${Math.round(before / 1e6)} MB, ${firstMs.toFixed(2)} ms; ` +
          `edit ${EDITS.to}: ${Math.round(after / 1e6)} MB, ${lastMs.toFixed(2)} ms`,
      );
    expect(revision).toBeGreaterThanOrEqual(EDITS.to);
    expect(after - before).toBeLessThan(GROWTH_BYTES);
    expect(walBytes).toBeLessThan(WAL_BYTES);
  },
);

it('twin: a host that keeps something of every edit is found out', { timeout: 60_000 }, () => {
  const { before, after } = soak({ from: 100, to: 700 }, SMALL_YOUNG, 'leak');
  expect(after - before).toBeGreaterThan(GROWTH_BYTES);
});
