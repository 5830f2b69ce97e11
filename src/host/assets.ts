/** The built page as a fixed map from path to bytes: what is not in the map does not exist, so no path is ever joined. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { FlopsheetError } from '../core/errors.ts';
import { NONCE_PLACEHOLDER } from './csp.ts';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Reads a folder of built files. Source maps and unknown kinds are left out. Throws when there is no index.html. */
export function loadAssets(folder: string): Assets {
  const assets = new Map<string, Asset>();
  let entries: readonly string[] = [];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // reported below: a missing folder has no index.html
  }
  for (const file of entries) {
    const type = TYPES[extname(file)];
    if (type === undefined) continue;
    assets.set(`/${relative(folder, file).split(sep).join('/')}`, { type, body: readFileSync(file) });
  }
  if (!assets.has('/index.html')) {
    throw new FlopsheetError('PAGE_MISSING', `The built page is not in ${folder}.`, {
      hint: 'Run "npm run build:renderer" and start again.',
      where: folder,
    });
  }
  return assets;
}

/** The asset a request path names; `/` is the page. Only exact names: nothing is decoded or normalised. */
export function findAsset(assets: Assets, path: string): Asset | undefined {
  return assets.get(path === '/' ? '/index.html' : path);
}

/** The page with this response's nonce in place; every other asset as it is. */
export function assetBody(asset: Asset, nonce: string): Buffer {
  if (!asset.type.startsWith('text/html')) return asset.body;
  return Buffer.from(asset.body.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce));
}
