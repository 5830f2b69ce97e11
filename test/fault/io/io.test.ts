import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt } from './scenario.ts';

/** SQLite's own tests let the Nth file operation fail, for N = 1, 2, 3, … until the work passes; so do these. */
const SCENARIO = new URL('./scenario.ts', import.meta.url).pathname;
const SOURCE = new URL('./failing-io.c', import.meta.url).pathname;
const LONG = process.env['FLOPSHEET_FAULT_LONG'] !== undefined;
const compiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

let folder: string;
let library: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flopsheet-io-'));
  library = join(folder, 'failing-io.so');
  if (!compiler) return;
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-o', library, SOURCE, '-ldl'], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function attempts(work: string, protection: string, errno: string, mode: string): Attempt[] {
  const root = mkdtempSync(join(folder, `${work}-`));
  const run = spawnSync(process.execPath, [SCENARIO, root, work, protection, errno, mode], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, LD_PRELOAD: library },
  });
  expect(run.stderr).toBe('');
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Attempt);
}

const WORKS = ['edit', 'migrate', 'backup', 'restore', 'export'];
const CODE = /^$|^store_(disk_full|io|cannot_open|failed|busy)$|^WRITE$/;

// Without a C compiler the library that lets operations fail cannot be built; it works through LD_PRELOAD, which is Linux's.
describe.skipIf(!compiler)('when the Nth file operation fails', () => {
  const kinds = LONG ? [['EIO', 'once'], ['EIO', 'on'], ['ENOSPC', 'once'], ['ENOSPC', 'on']] : [['EIO', 'once'], ['ENOSPC', 'on']]; // prettier-ignore
  for (const work of WORKS)
    for (const [errno = '', mode = ''] of kinds)
      it(`${work}, ${errno} ${mode}: old or new, a clear error, and the retry works`, { timeout: 150_000 }, () => {
        const all = attempts(work, 'protected', errno, mode);
        expect(all.length).toBeGreaterThan(2);
        expect(all.filter((one) => one.left !== 'old' && one.left !== 'new')).toEqual([]);
        expect(all.filter((one) => !CODE.test(one.code))).toEqual([]);
        expect(all.filter((one) => one.retried !== 'new')).toEqual([]);
        // Told "saved" and found "old" would be a lost edit.
        expect(all.filter((one) => one.code === '' && one.left !== 'new')).toEqual([]);
        expect(all.at(-1)).toMatchObject({ code: '', left: 'new' });
        expect(all.some((one) => one.code !== '')).toBe(true);
      });

  for (const work of WORKS)
    it(`twin: ${work} without its safeguard leaves something that is neither old nor new`, { timeout: 150_000 }, () => {
      const all = attempts(work, 'unprotected', 'EIO', 'once');
      expect(all.some((one) => one.left !== 'old' && one.left !== 'new')).toBe(true);
    });
});
