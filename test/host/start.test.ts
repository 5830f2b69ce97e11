/** `npm start` and `flopsheet app` as a user types them, and what stands behind them. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAppArguments } from '../../src/cli/app.ts';
import { openBackend } from '../../src/host/backend.ts';
import { browserCommand, serveApp } from '../../src/host/web/serve.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flopsheet-start-'))));
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['scripts/start.ts', ...args], { cwd: ROOT, env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })));
}

describe('flags', () => {
  test('a port, no browser, a store', () => {
    expect(readAppArguments(['--port', '4870', '--no-open', '--db', '/x/y.db'])).toEqual({
      port: 4870,
      open: false,
      storePath: '/x/y.db',
    });
  });

  test('without flags: any port, a browser, the user’s store', () => {
    const { port, open, storePath } = readAppArguments([]);
    expect({ port, open }).toEqual({ port: 0, open: true });
    expect(storePath).toMatch(/flopsheet\.db$/i);
  });

  test.each([
    ['--port', 'x'],
    ['--port', '70000'],
    ['--port', '-1'],
    ['--port', '1.5'],
    ['--port='],
    ['--colour'],
    ['stray'],
  ])('refuses %s %s', (...args) =>
    expect(() => readAppArguments(args.filter(Boolean))).toThrow(expect.objectContaining({ code: 'ARG' })),
  );

  test.each([
    [['--port', 'x'], /--port is a whole number/],
    [['--colour'], /--colour/],
    [['--host', 'moon'], /--host is web or electron/],
  ])('npm start %j ends with status 2 and one sentence', async (args, message) => {
    const { status, out, err } = await start(args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('--help says what there is', async () => {
    const { status, out } = await start(['--help']);
    expect(status).toBe(0);
    for (const flag of ['--port', '--no-open', '--db']) expect(out).toContain(flag);
  });
});

test('a browser is opened only where there is a screen', () => {
  expect(browserCommand('linux', {})).toBeNull();
  expect(browserCommand('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
  expect(browserCommand('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open']);
  expect(browserCommand('darwin', {})).toEqual(['open']);
  expect(browserCommand('win32', {})?.[0]).toBe('rundll32');
});

describe('the store behind a host', () => {
  const options = { host: 'web', version: '0.1.0', logLines: () => [], onInternal: () => {} } as const;

  test('plans are kept, the catalog is there', async () => {
    const storePath = join(folder, 'deep', 'flopsheet.db');
    const first = openBackend({ ...options, storePath });
    const { plan } = await first.handlers['plans.create']({ name: 'Kept' });
    expect((await first.handlers['catalog.list']({ kind: 'hardware' })).length).toBeGreaterThan(10);
    first.close();
    const second = openBackend({ ...options, storePath });
    expect(await second.handlers['plans.list']({})).toContainEqual(expect.objectContaining({ id: plan, name: 'Kept' }));
    expect(second.notices).toEqual([]);
    second.close();
  });

  test('a place that cannot hold a store: the app works in memory and says so', async () => {
    writeFileSync(join(folder, 'file'), '');
    const backend = openBackend({ ...options, storePath: join(folder, 'file', 'flopsheet.db') });
    expect(backend.notices.join(' ')).toMatch(/in memory only/);
    expect((await backend.handlers['app.info']({})).storeNotice).not.toBe('');
    expect((await backend.handlers['plans.create']({ name: 'x' })).plan).toBeTruthy();
    backend.close();
  });

  test('a file that is no store is refused, not replaced', () => {
    const storePath = join(folder, 'flopsheet.db');
    writeFileSync(storePath, 'my diary, which is long enough to look like something '.repeat(20));
    expect(() => openBackend({ ...options, storePath })).toThrow(
      expect.objectContaining({ code: 'store_not_a_database' }),
    );
  });

  test('when the port is taken the store is let go', async () => {
    const page = join(folder, 'page');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(page);
    writeFileSync(join(page, 'index.html'), '<!doctype html>');
    const lines: string[] = [];
    const serve = (name: string, port: number) =>
      serveApp({
        storePath: join(folder, name),
        version: '0.1.0',
        assetsDir: page,
        port,
        openBrowser: false,
        announce: (line) => lines.push(line),
        warn: (line) => lines.push(line),
      });
    const first = await serve('a.db', 0);
    const port = Number(new URL(first.url).port);
    await expect(serve('b.db', port)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const second = await serve('b.db', 0);
    expect(lines).toEqual([`Flopsheet is at ${first.url}`, `Flopsheet is at ${second.url}`]);
    await first.close();
    await second.close();
    expect(existsSync(join(folder, 'logs', 'flopsheet.log'))).toBe(false);
  });
});
