/** Walks the imports of every source file and holds them to the direction the house is built in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { builtinModules } from 'node:module';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

interface Import {
  readonly from: string;
  /** Path from the root for a file of ours, else the name of the package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

function filesUnder(folder: string, endings: readonly string[]): string[] {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** The script parts of a Svelte component, or the whole of any other file. */
export function scriptOf(file: string, text: string): string {
  if (!file.endsWith('.svelte')) return text;
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n');
}

/** Imports, re-exports, dynamic imports and workers of one file. */
export function importsOf(from: string, text: string): Import[] {
  const source = ts.createSourceFile('x.ts', scriptOf(from, text), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const name = specifier.text.split('?', 1)[0]!;
    const to = name.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(from), name)) : name;
    found.push({ from, to, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    else if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
      const [path, base] = node.arguments ?? [];
      if (base?.getText() === 'import.meta.url' && path && ts.isStringLiteralLike(path) && /\.[tj]s$/.test(path.text))
        add(path, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isOurs = (to: string) => /^(src|renderer|test|scripts|assets|migrations)\//.test(to);
const isNode = (to: string) => to.startsWith('node:') || builtinModules.includes(to);

/** What the files of a room may import. Packages not named in `packages` are refused where the list is given. */
interface Room {
  readonly room: string;
  readonly files: RegExp;
  readonly own: readonly RegExp[];
  readonly node: boolean;
  readonly packages?: readonly RegExp[];
  /** Packages whose types alone may be named. */
  readonly typesOf?: readonly RegExp[];
  readonly neverPackages?: readonly RegExp[];
}

const ELECTRON = /^electron$/;
const ROOMS: readonly Room[] = [
  {
    room: 'core',
    files: /^src\/core\//,
    // Fitted parameters are data: they come in as JSON.
    own: [/^src\/core\//, /^assets\/fits\/[^/]+\.json$/],
    node: false,
    packages: [/^decimal\.js$/, /^@lezer\/(common|lr)$/],
    typesOf: [/^chart\.js$/],
  },
  {
    room: 'store',
    files: /^src\/store\//,
    own: [/^src\/(core|store)\//],
    node: true,
    neverPackages: [ELECTRON],
  },
  {
    room: 'import',
    files: /^src\/import\//,
    own: [/^src\/(core|import|worker)\//],
    node: true,
    neverPackages: [ELECTRON, /^better-sqlite3$/],
  },
  {
    room: 'import, the model readers',
    // The renderer runs them too, over the slices of a dropped file.
    files: /^src\/import\/model\/(?!file-reader\.ts$)/,
    own: [/^src\/core\//, /^src\/import\/model\/(?!file-reader\.ts$)/],
    node: false,
    packages: [],
  },
  {
    room: 'import, the table readers',
    // The renderer runs them too, beside the page, so that a hostile file never reaches the host.
    files: /^src\/import\/table\/(?!(read-file|thread)\.ts$)/,
    own: [/^src\/core\//, /^src\/import\/table\/(?!(read-file|thread)\.ts$)/],
    node: false,
    packages: [/^fflate$/, /^saxes$/],
  },
  {
    room: 'report',
    files: /^src\/report\//,
    own: [/^src\/(core|report)\//],
    node: true,
    neverPackages: [ELECTRON, /^better-sqlite3$/],
  },
  {
    room: 'worker',
    files: /^src\/worker\//,
    own: [/^src\/(core|import|worker)\//],
    node: true,
    neverPackages: [ELECTRON, /^better-sqlite3$/],
  },
  {
    room: 'bridge',
    files: /^src\/bridge\//,
    own: [/^src\/(core|store|import|report|worker|bridge)\//],
    node: true,
    neverPackages: [ELECTRON],
  },
  {
    room: 'bridge, the client’s half',
    files: /^src\/bridge\/((client|http-client|ipc-client|transport|wire|errors|events|contract)\.ts$|contract\/)/,
    own: [
      /^src\/core\//,
      /^src\/bridge\/((client|http-client|ipc-client|transport|wire|errors|events|contract)\.ts$|contract\/)/,
    ],
    node: false,
    packages: [/^valibot$/],
  },
  {
    room: 'web host',
    files: /^src\/host\/(web\/|[^/]+$)/,
    own: [/^src\/(core|store|bridge|worker)\//, /^src\/host\/(web\/|[^/]+$)/],
    node: true,
    packages: [],
  },
  {
    room: 'desktop host',
    files: /^src\/host\/electron\//,
    own: [/^src\/(core|store|bridge|worker)\//, /^src\/host\/(electron\/|[^/]+$)/],
    node: true,
    packages: [ELECTRON],
  },
  {
    room: 'command line',
    files: /^src\/cli\//,
    own: [/^src\//],
    node: true,
    neverPackages: [ELECTRON],
  },
  {
    room: 'renderer',
    files: /^renderer\/(?!vite\.config|svelte\.config)/,
    // A dropped model is read where its bytes are: a weight file of hundreds of gigabytes is not sent to the host.
    own: [
      /^renderer\//,
      /^assets\//,
      /^src\/core\//,
      /^src\/bridge\/(client|contract)\.ts$/,
      /^src\/import\/model\/(import-model|reader)\.ts$/,
      /^src\/import\/table\/read-tables\.ts$/,
    ],
    node: false,
    neverPackages: [ELECTRON, /^better-sqlite3$/],
  },
];

/** Why an import is not allowed in a room, or null. */
export function complaint(room: Room, { from, to, typeOnly }: Import): string | null {
  const because = (why: string) => `${from} imports ${to}: ${why}`;
  if (isOurs(to)) return room.own.some((pattern) => pattern.test(to)) ? null : because(`not for ${room.room}`);
  if (isNode(to)) return room.node ? null : because(`${room.room} runs without Node`);
  if (typeOnly && room.typesOf?.some((pattern) => pattern.test(to))) return null;
  if (room.packages && !room.packages.some((pattern) => pattern.test(to)))
    return because(`not a package of ${room.room}`);
  if (room.neverPackages?.some((pattern) => pattern.test(to))) return because(`never in ${room.room}`);
  return null;
}

const files = [...filesUnder('src', ['.ts']), ...filesUnder('renderer', ['.ts', '.svelte'])];
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));

test('the walk finds the house', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(200);
  expect(imports).toContainEqual({ from: 'src/bridge/client.ts', to: 'src/bridge/http-client.ts', typeOnly: false });
});

describe('imports point one way', () => {
  test.each(ROOMS)('$room', (room) => {
    const inRoom = imports.filter(({ from }) => room.files.test(from));
    expect(inRoom.map((each) => complaint(room, each)).filter((text) => text !== null)).toEqual([]);
  });
});

test('every source file lies in a room', () => {
  const homeless = files.filter((file) => !ROOMS.some(({ files: pattern }) => pattern.test(file)));
  expect(homeless.filter((file) => !/^renderer\/(vite|svelte)\.config\./.test(file))).toEqual([]);
});

test('every file of ours that is imported is there', () => {
  const missing = imports.filter(({ to }) => isOurs(to) && !existsSync(join(ROOT, to)));
  expect(missing.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

describe('the walk sees what it has to refuse', () => {
  const core = ROOMS[0]!;
  test.each([
    ['an import', "import { readFileSync } from 'node:fs';"],
    ['a bare built-in', "import fs from 'fs';"],
    ['a type', "import type { Database } from 'better-sqlite3';"],
    ['a re-export', "export * from '../store/open.ts';"],
    ['a dynamic import', "const x = () => import('../bridge/client.ts');"],
    ['a worker', "new Worker(new URL('../worker/engine.ts', import.meta.url));"],
  ])('%s', (_what, text) => {
    const [found] = importsOf('src/core/x.ts', text);
    expect(found && complaint(core, found)).toContain('src/core/x.ts imports');
  });

  test('an import in a component', () => {
    const [found] = importsOf(
      'renderer/ui/X.svelte',
      `<script lang="ts">import { openStore } from '../../src/store/open.ts';</script>`,
    );
    expect(complaint(ROOMS.at(-1)!, found!)).toContain('src/store/open.ts');
  });
});

/** Uses of clock, chance and code from text. What depends on scope (`window`, `process`) is ESLint's to find. */
export function impurities(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random|performance\.now)$/.test(node.getText())) {
      found.push(`${file}: ${node.getText()}`);
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) {
      found.push(`${file}: new Date()`);
    }
    const called = ts.isCallExpression(node) || ts.isNewExpression(node) ? node.expression.getText() : '';
    if (/^(eval|Function)$/.test(called)) found.push(`${file}: ${called}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('core is pure', () => {
  test('no clock, no chance, no code from text', () => {
    const inCore = filesUnder('src/core', ['.ts']);
    expect(inCore.flatMap((file) => impurities(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  test.each(['Date.now()', 'Math.random()', 'new Date()', 'performance.now()', "eval('1')", "new Function('1')"])(
    '%s would be seen',
    (text) => expect(impurities('x.ts', `const a = ${text};`)).toHaveLength(1),
  );
});
