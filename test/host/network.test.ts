import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CALLED_OUT } from '../e2e/harness/called-out.ts';

/** The host of every end-to-end test runs under the same ban, and its page may ask nobody but that host. */
const BAN = new URL('../e2e/harness/no-outgoing.ts', import.meta.url).href;
const ROOT = new URL('../..', import.meta.url).pathname;

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-network-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[]) =>
  spawnSync(process.execPath, ['--import', BAN, ...args], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });

test('commands that read catalogs, models and plans and write reports open no connection', () => {
  const plan = 'assets/templates/03-llama-3.1-405b.json';
  const db = ['--db', join(folder, 'store.db')];
  for (const command of [
    ['plan', plan, '--json', ...db],
    ['report', plan, '--pdf', join(folder, 'out.pdf'), '--xlsx', join(folder, 'out.xlsx'), ...db],
    ['predict', '--help'],
    ['params', 'deepseek-v3', ...db],
    ['catalog', 'list', 'price', ...db],
    ['db', 'diagnostics', ...db],
  ]) {
    const { status, stderr } = run(['src/cli/flopsheet.js', ...command]);
    expect(stderr, command.join(' ')).not.toContain(CALLED_OUT);
    expect(status, `${command.join(' ')}: ${stderr}`).toBe(0);
  }
});

test('twin: a process that calls out is caught, by address and by name', () => {
  for (const url of ['http://127.0.0.1:65001/', 'http://example.invalid/']) {
    const { stderr } = run(['-e', `fetch(${JSON.stringify(url)}).catch(() => {})`]);
    expect(stderr).toContain(CALLED_OUT);
  }
});
