import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missingImports, shippedNames } from '../../scripts/package.ts';

interface BuilderConfig {
  readonly electronFuses: Record<string, boolean>;
  readonly files: readonly string[];
  readonly fileAssociations: readonly { readonly ext: string }[];
  readonly linux: { readonly icon: string };
  readonly mac: { readonly icon: string };
  readonly win: { readonly icon: string };
  readonly publish: null;
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

  test('has icons of every size each system asks for', () => {
    /** Width and height of a PNG, from its header. */
    const size = (bytes: Buffer): string => {
      expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
      return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
    };
    const names = readdirSync(builder.linux.icon);
    expect(names).toContain('512x512.png');
    for (const name of names) expect(`${size(readFileSync(`${builder.linux.icon}/${name}`))}.png`).toBe(name);

    const ico = readFileSync(builder.win.icon);
    const images = Array.from({ length: ico.readUInt16LE(4) }, (_, i) => {
      const [length, at] = [ico.readUInt32LE(6 + 16 * i + 8), ico.readUInt32LE(6 + 16 * i + 12)];
      return size(ico.subarray(at, at + length));
    });
    expect(images).toEqual(expect.arrayContaining(['16x16', '32x32', '48x48', '256x256']));

    const icns = readFileSync(builder.mac.icon);
    expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length]);
    const types: Record<string, string> = {};
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
      types[icns.toString('latin1', at, at + 4)] = size(icns.subarray(at + 8));
    expect(types).toMatchObject({ ic07: '128x128', ic09: '512x512', ic10: '1024x1024' });
  });

  test('opens its own kind of file, and never updates itself', () => {
    expect(builder.fileAssociations.map(({ ext }) => ext)).toEqual(['flopsheet']);
    expect(builder.publish).toBeNull();
    expect(JSON.stringify(JSON.parse(text('package.json')))).not.toContain('electron-updater');
  });

  test('a build that imports what is not shipped is found out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flopsheet-build-'));
    writeFileSync(
      join(folder, 'main.js'),
      'import "./there.js";\nimport x from "better-sqlite3";\nimport "node:fs";\n',
    );
    writeFileSync(join(folder, 'there.js'), 'const x = await import("vitest");\nexport { y } from "./gone.js";\n');
    expect(missingImports(folder, shippedNames())).toEqual(['there.js: vitest', 'there.js: ./gone.js']);
    rmSync(folder, { recursive: true });
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
