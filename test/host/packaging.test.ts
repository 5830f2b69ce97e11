import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface BuilderConfig {
  readonly electronFuses: Record<string, boolean>;
  readonly files: readonly string[];
}
const config = new URL('../../electron-builder.config.js', import.meta.url).href;
const { default: builder } = (await import(config)) as { default: BuilderConfig };

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the package of the desktop app', () => {
  test('sets every fuse: no running as Node, no options or inspector from outside, only its own sealed code', () => {
    expect(builder.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  test('is an archive, with native parts beside it', () => {
    expect(builder).toMatchObject({ asar: true, asarUnpack: ['**/*.node'] });
  });

  test('holds what is built and read at run time, and no tests or sources', () => {
    expect(builder.files).toEqual(
      expect.arrayContaining(['out/main/**', 'out/preload/**', 'out/renderer/**', 'package.json']),
    );
    expect(builder.files.filter((file: string) => /^(src|test|renderer|scripts)/.test(file))).toEqual([]);
    const { main } = JSON.parse(text('package.json')) as { main: string };
    expect(main).toBe('out/main/main.js');
  });
});

test('Electron is of a supported major version', () => {
  const { devDependencies } = JSON.parse(text('package.json')) as { devDependencies: Record<string, string> };
  expect(Number(devDependencies['electron']!.split('.')[0])).toBeGreaterThanOrEqual(45);
});

test('scripts run on the Node of the checkout, the one better-sqlite3 needs', () => {
  const { scripts, devDependencies } = JSON.parse(text('package.json')) as Record<string, Record<string, string>>;
  expect(devDependencies!['node']).toMatch(/^24\./);
  expect(scripts!['start']).toBe('node scripts/start.ts');
  expect(scripts!['test']).toBe('node scripts/test.ts');
});

test('npm ci compiles nothing: better-sqlite3 brings its binary, and a bare machine has no Python for node-gyp', () => {
  const { allowScripts } = JSON.parse(text('package.json')) as { allowScripts: Record<string, boolean> };
  expect(allowScripts).toEqual({ 'better-sqlite3': false, node: true }); // what npm 11 reads
  const lock = JSON.parse(text('package-lock.json')) as { packages: Record<string, { gypfile?: boolean }> };
  const advice =
    'npm install dropped "gypfile": false from node_modules/better-sqlite3 in package-lock.json: put it back';
  expect(lock.packages['node_modules/better-sqlite3']?.gypfile, advice).toBe(false); // what npm 10 reads
});
