/** The app's own scheme: the built page from memory under flopsheet://app, and nothing of the disk. */
import type { CustomScheme, Protocol } from 'electron';
import { assetBody, findAsset, type Assets } from '../assets.ts';
import { createNonce, securityHeaders } from '../csp.ts';
import { APP_SCHEME } from './channels.ts';
import { isAppUrl } from './guard.ts';

/** Has to be registered before the app is ready. */
export const APP_SCHEME_PRIVILEGES: CustomScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** Answers one request for a part of the page. */
export function answerAsset(assets: Assets, request: { readonly url: string; readonly method: string }): Response {
  const nonce = createNonce();
  const headers = securityHeaders(nonce);
  const none = (status: number) => new Response(null, { status, headers });
  if (!isAppUrl(request.url)) return none(403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return none(405);
  // The path as it came: what a URL parser would tidy up is not a name in the map.
  const path = request.url.slice(`${APP_SCHEME}://app`.length).split(/[?#]/, 1)[0]!;
  const asset = findAsset(assets, path === '' ? '/' : path);
  if (asset === undefined) return none(404);
  const body = request.method === 'HEAD' ? null : new Uint8Array(assetBody(asset, nonce));
  return new Response(body, { status: 200, headers: { ...headers, 'Content-Type': asset.type } });
}

export function servePage(protocol: Protocol, assets: Assets): void {
  protocol.handle(APP_SCHEME, (request) => answerAsset(assets, request));
}
