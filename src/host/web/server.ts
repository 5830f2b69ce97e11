/** The web host: the built page and the bridge on 127.0.0.1, for this machine's user and nobody else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Handlers } from '../../bridge/contract.ts';
import { BRIDGE_CODES } from '../../bridge/errors.ts';
import type { EventHub } from '../../bridge/events.ts';
import { createServer as createBridge } from '../../bridge/server.ts';
import { requestLimitBytes, type Reply } from '../../bridge/wire.ts';
import { FlopsheetError } from '../../core/errors.ts';
import { assetBody, findAsset, loadAssets } from '../assets.ts';
import { createNonce, securityHeaders } from '../csp.ts';
import { readBody, type BodyBudget } from './body.ts';
import { createSessions, ownHosts, refuseForeign, refuseForm, type Refusal } from './guard.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createStreams } from './sse.ts';

export interface WebHostOptions {
  readonly handlers: Handlers;
  readonly events: EventHub;
  /** Folder of the built page. */
  readonly assetsDir: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly limits?: Partial<Limits>;
  /** Gets what clients see as INTERNAL; never plan content. */
  readonly onInternal?: (method: string, error: unknown) => void;
}

export interface WebHost {
  /** The address to print: it signs in any browser for as long as the host runs. */
  readonly url: string;
  readonly port: number;
  /** An address that signs in once, for handing to a browser over its command line. */
  onceUrl(): string;
  /** Answers what is under way, then lets go of every connection. */
  close(): Promise<void>;
}

const STATUS: Readonly<Record<string, number>> = {
  [BRIDGE_CODES.internal]: 500,
  [BRIDGE_CODES.badRequest]: 400,
  [BRIDGE_CODES.unknownMethod]: 404,
  [BRIDGE_CODES.tooLarge]: 413,
};

/** Starts the host. Throws PORT_IN_USE, PORT_NOT_ALLOWED or PAGE_MISSING. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const assets = loadAssets(options.assetsDir);
  const bridge = createBridge(options.handlers, options.onInternal);
  const budget: BodyBudget = { inFlight: 0 };

  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: 5_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  server.maxConnections = limits.connections;
  const port = await listen(server, options.port ?? 0);
  const hosts = ownHosts(port);
  const sessions = createSessions(port, limits.wrongTokens);
  const streams = createStreams(options.events, limits);

  async function call(request: IncomingMessage, response: ServerResponse, method: string): Promise<void> {
    const body = await readBody(request, requestLimitBytes(method), budget, limits.bodyBytesInFlight);
    if (body === null) return tooLarge(response);
    const { text, code } = await bridge.answer(method, body);
    sendJson(response, code === null ? 200 : (STATUS[code] ?? 422), text);
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, 1_000, budget, limits.bodyBytesInFlight);
    if (body === null) return tooLarge(response);
    const result = sessions.signIn(tokenOf(body));
    if ('status' in result) return refuse(response, result);
    sendJson(response, 200, '{"ok":true,"result":null}', { 'Set-Cookie': result.setCookie });
  }

  function page(request: IncomingMessage, response: ServerResponse, path: string): void {
    const asset = findAsset(assets, path);
    if (asset === undefined) return refuse(response, NOT_FOUND);
    const nonce = createNonce();
    const body = assetBody(asset, nonce);
    response.writeHead(200, {
      ...securityHeaders(nonce),
      'Content-Type': asset.type,
      'Content-Length': body.length,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const foreign = refuseForeign(request, hosts);
    if (foreign !== null) return refuse(response, foreign);
    const path = request.url!.split('?', 1)[0]!;
    if (!path.startsWith('/api/')) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, WRONG_METHOD);
      return page(request, response, path);
    }
    if (path === '/api/session' && request.method === 'POST') {
      const form = refuseForm(request);
      return form === null ? signIn(request, response) : refuse(response, form);
    }
    const stranger = sessions.refuseStranger(request);
    if (stranger !== null) return refuse(response, stranger);
    if (path === '/api/events') {
      if (request.method !== 'GET') return refuse(response, WRONG_METHOD);
      if (!streams.open(response, securityHeaders(createNonce()))) refuse(response, TOO_MANY_PAGES);
      return;
    }
    if (request.method !== 'POST') return refuse(response, WRONG_METHOD);
    const form = refuseForm(request);
    if (form !== null) return refuse(response, form);
    if (path.startsWith('/api/call/')) return call(request, response, path.slice('/api/call/'.length));
    if (path === '/api/sign-out') {
      return sendJson(response, 200, '{"ok":true,"result":null}', { 'Set-Cookie': sessions.signOut(request) });
    }
    refuse(response, NOT_FOUND);
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    route(request, response).catch((error: unknown) => {
      if (request.destroyed && !response.headersSent) return void response.destroy(); // the client went away
      options.onInternal?.('(http)', error);
      if (response.headersSent) response.destroy();
      else refuse(response, BROKEN);
    });
  });
  server.on('upgrade', (_request, socket) => socket.destroy());

  return {
    url: `http://127.0.0.1:${port}/#token=${sessions.token}`,
    port,
    onceUrl: () => `http://127.0.0.1:${port}/#token=${sessions.onceToken()}`,
    close: () =>
      new Promise((resolve) => {
        streams.close();
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 2_000).unref();
      }),
  };
}

const NOT_FOUND: Refusal = { status: 404, code: 'REFUSED', message: 'There is nothing here.', hint: '' };
const WRONG_METHOD: Refusal = { status: 405, code: 'REFUSED', message: 'This cannot be asked this way.', hint: '' };
const BROKEN: Refusal = { status: 500, code: 'INTERNAL', message: 'Flopsheet failed to answer.', hint: 'Try again.' };
const TOO_MANY_PAGES: Refusal = {
  status: 503,
  code: 'REFUSED',
  message: 'Too many Flopsheet pages are open.',
  hint: 'Close some of them.',
};

function refuse(response: ServerResponse, { status, code, message, hint }: Refusal): void {
  const reply: Reply = { ok: false, error: { code, message, hint, where: '' } };
  sendJson(response, status, JSON.stringify(reply));
}

function tooLarge(response: ServerResponse): void {
  refuse(response, { status: 413, code: BRIDGE_CODES.tooLarge, message: 'The request is too large.', hint: '' });
}

function sendJson(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    ...securityHeaders(createNonce()),
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function tokenOf(body: string): string {
  try {
    const { token } = JSON.parse(body) as { token?: unknown };
    return typeof token === 'string' ? token : '';
  } catch {
    return '';
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, port)));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(cause: NodeJS.ErrnoException, port: number): FlopsheetError {
  const where = `127.0.0.1:${port}`;
  if (cause.code === 'EADDRINUSE') {
    const hint = 'Close the program that uses it (perhaps another Flopsheet), or choose another with --port.';
    return new FlopsheetError('PORT_IN_USE', `Port ${port} on 127.0.0.1 is already in use.`, { hint, where, cause });
  }
  if (cause.code === 'EACCES') {
    const hint = 'Choose a port of 1024 or above with --port, or leave it out.';
    return new FlopsheetError('PORT_NOT_ALLOWED', `Port ${port} may not be used by you.`, { hint, where, cause });
  }
  return new FlopsheetError('PORT_FAILED', `127.0.0.1:${port} could not be opened: ${cause.code}.`, { where, cause });
}
