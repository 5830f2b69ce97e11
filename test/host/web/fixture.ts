import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventHub, type EventHub } from '../../../src/bridge/events.ts';
import type { Handlers } from '../../../src/bridge/contract.ts';
import type { Limits } from '../../../src/host/web/limits.ts';
import { startWebHost, type WebHost } from '../../../src/host/web/server.ts';
import { createFakeHandlers } from '../../bridge/fake-handlers.ts';

export const SECRET = 'only outside the page';

export interface Fixture {
  readonly host: WebHost;
  readonly events: EventHub;
  readonly origin: string;
  readonly token: string;
  readonly page: string;
  readonly internal: string[];
  /** `name=value` of a fresh session. */
  signIn(): Promise<string>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** A host with the fake handlers on a small page; a secret file lies beside the page's folder. */
export async function startFixture(limits: Partial<Limits> = {}, change: Partial<Handlers> = {}): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), 'flopsheet-host-'));
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  writeFileSync(join(page, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__"><title>Page</title>');
  writeFileSync(join(page, 'assets', 'main-1a2b.js'), 'export {};');
  writeFileSync(join(page, 'assets', 'main-1a2b.js.map'), '{}');
  writeFileSync(join(page, 'assets', 'inter.woff2'), 'font');
  const events = createEventHub();
  const internal: string[] = [];
  const host = await startWebHost({
    handlers: { ...createFakeHandlers(events), ...change },
    events,
    assetsDir: page,
    limits,
    onInternal: (method, error) => internal.push(`${method}: ${String(error)}`),
  });
  const [origin, token] = host.url.split('/#token=') as [string, string];
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Flopsheet': '1', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    host,
    events,
    origin,
    token,
    page,
    internal,
    post,
    signIn: async () => (await post('/api/session', { token })).headers.get('set-cookie')!.split(';', 1)[0]!,
    close: async () => {
      await host.close();
      rmSync(folder, { recursive: true });
    },
  };
}
