import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { methodSchemas } from '../../../src/bridge/contract.ts';
import { contentSecurityPolicy } from '../../../src/host/csp.ts';
import { startWebHost } from '../../../src/host/web/server.ts';
import { startFixture, SECRET, type Fixture } from './fixture.ts';
import { compose, rawRequest } from './probes.ts';

let open: Fixture | undefined;
async function fixture(...args: Parameters<typeof startFixture>): Promise<Fixture> {
  return (open = await startFixture(...args));
}
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function code(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

describe('where it listens', () => {
  test.runIf(process.platform === 'linux')('on 127.0.0.1 and no other address', async () => {
    const { host } = await fixture();
    const hexPort = host.port.toString(16).toUpperCase().padStart(4, '0');
    const rows = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .concat(readFileSync('/proc/net/tcp6', 'utf8').split('\n'));
    const listening = rows
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[3] === '0A' && row[1]?.endsWith(`:${hexPort}`));
    expect(listening.map((row) => row[1])).toEqual([`0100007F:${hexPort}`]);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((entry) => entry?.family === 'IPv4' && !entry.internal);
    if (outside) await expect(fetch(`http://${outside.address}:${host.port}/`)).rejects.toThrow();
  });

  test('a port in use is said in words, with what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { events, page } = await fixture();
    const start = startWebHost({ handlers: {} as never, events, assetsDir: page, port });
    await expect(start).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `Port ${port} on 127.0.0.1 is already in use.`,
      hint: expect.stringContaining('--port'),
    });
    taken.close();
  });

  test('a missing page is said in words', async () => {
    const { events } = await fixture();
    const start = startWebHost({ handlers: {} as never, events, assetsDir: '/nonexistent' });
    await expect(start).rejects.toMatchObject({ code: 'PAGE_MISSING', hint: expect.stringContaining('npm run') });
  });
});

describe('signing in', () => {
  test('the cookie is named with the port, HttpOnly, SameSite=Strict, of the session only', async () => {
    const { post, token, host } = await fixture();
    const cookie = (await post('/api/session', { token })).headers.get('set-cookie')!;
    expect(cookie).toMatch(
      new RegExp(`^flopsheet-${host.port}-[0-9a-f]{8}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
  });

  test.each(['', 'short', 'x'.repeat(43), '__proto__'])('refuses the token %j', async (wrong) => {
    const { post } = await fixture();
    const answer = await post('/api/session', { token: wrong });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await code(answer)).toBe('NOT_SIGNED_IN');
  });

  test.each(['not json', '[]', 'null', '{"token":{"a":1}}'])('refuses the body %s', async (body) => {
    const { post } = await fixture();
    expect((await post('/api/session', body)).status).toBe(401);
  });

  test('the token of an earlier start is worth nothing', async () => {
    const first = await startFixture();
    await first.close();
    const { post } = await fixture();
    expect((await post('/api/session', { token: first.token })).status).toBe(401);
  });

  test('the token handed to a browser works once, the printed one as long as the host runs', async () => {
    const { post, host, token } = await fixture();
    const once = new URL(host.onceUrl()).hash.slice('#token='.length);
    expect(once).not.toBe(token);
    const answers = [];
    for (const each of [once, once, token, token]) answers.push((await post('/api/session', { token: each })).status);
    expect(answers).toEqual([200, 401, 200, 200]);
  });

  test('after 20 wrong tokens within a minute even the right one has to wait', async () => {
    const { post, token } = await fixture();
    for (let i = 0; i < 20; i += 1) expect((await post('/api/session', { token: `guess${i}` })).status).toBe(401);
    expect((await post('/api/session', { token: 'guess' })).status).toBe(429);
    expect((await post('/api/session', { token })).status).toBe(429);
  });

  test('signing out ends the session', async () => {
    const { post, signIn } = await fixture();
    const Cookie = await signIn();
    expect((await post('/api/call/plans.list', {}, { Cookie })).status).toBe(200);
    expect((await post('/api/sign-out', {}, { Cookie })).headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await post('/api/call/plans.list', {}, { Cookie })).status).toBe(401);
  });

  test('a cookie of the right name and the wrong value is nobody', async () => {
    const { post, signIn } = await fixture();
    const [name] = (await signIn()).split('=');
    for (const value of ['', 'x', 'x'.repeat(43), '"; drop']) {
      expect((await post('/api/call/plans.list', {}, { Cookie: `${name}=${value}` })).status).toBe(401);
    }
  });
});

describe('who may ask', () => {
  test.each([
    '127.0.0.1',
    'localhost',
    '127.0.0.1:1',
    'LOCALHOST.:PORT',
    'localhost.:PORT',
    '2130706433:PORT',
    '0x7f000001:PORT',
    '127.1:PORT',
    '[::1]:PORT',
    '127.0.0.1.:PORT',
    'user@127.0.0.1:PORT',
    '',
  ])('refuses the Host %j', async (host) => {
    const { host: server, signIn } = await fixture();
    const target = { port: server.port, cookie: await signIn(), secret: SECRET };
    const answer = await rawRequest(server.port, compose(target, { host: host.replace('PORT', String(server.port)) }));
    expect([400, 421]).toContain(answer.status);
    expect(answer.body).not.toContain(String(server.port));
    expect(answer.head).not.toMatch(/access-control/i);
  });

  test.each([
    'http://127.0.0.1',
    'https://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://evil.127.0.0.1:PORT',
    'file://',
  ])('refuses the Origin %s', async (origin) => {
    const { post, signIn, host } = await fixture();
    const headers = { Cookie: await signIn(), Origin: origin.replace('PORT', String(host.port)) };
    expect((await post('/api/call/plans.list', {}, headers)).status).toBe(403);
  });

  test('serves its own page: same Origin, same-origin fetch, typed address', async () => {
    const { post, signIn, origin } = await fixture();
    const Cookie = await signIn();
    const own = { Cookie, Origin: origin, 'Sec-Fetch-Site': 'same-origin' };
    expect((await post('/api/call/plans.list', {}, own)).status).toBe(200);
    expect((await fetch(`${origin}/`, { headers: { 'Sec-Fetch-Site': 'none' } })).status).toBe(200);
    expect((await post('/api/call/plans.list', {}, { Cookie, 'Sec-Fetch-Site': 'none' })).status).toBe(403);
    expect((await post('/api/call/plans.list', {}, { Cookie, 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
  });

  test.each<[string, Record<string, string>]>([
    ['a form (text/plain)', { 'Content-Type': 'text/plain' }],
    ['a form (urlencoded)', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['a request without the header', { 'X-Flopsheet': '' }],
  ])('refuses %s', async (_what, headers) => {
    const { post, signIn, token } = await fixture();
    expect((await post('/api/call/plans.list', {}, { Cookie: await signIn(), ...headers })).status).toBe(415);
    expect((await post('/api/session', { token }, headers)).status).toBe(415);
  });

  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('refuses %s for a call', async (method) => {
    const { origin, signIn } = await fixture();
    const answer = await fetch(`${origin}/api/call/plans.list`, { method, headers: { Cookie: await signIn() } });
    expect(answer.status).toBe(405);
  });

  test('refuses events and upgrades without a session', async () => {
    const { origin, host, signIn } = await fixture();
    expect((await fetch(`${origin}/api/events`)).status).toBe(401);
    const target = { port: host.port, cookie: await signIn(), secret: SECRET };
    const headers = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AA==',
    ];
    expect((await rawRequest(host.port, compose(target, { method: 'GET', path: '/api/events', headers }))).status).toBe(
      0,
    );
  });
});

describe('what it serves', () => {
  test('the page and its files with the right types, and nothing else', async () => {
    const { origin } = await fixture();
    const types = async (path: string) => {
      const answer = await fetch(origin + path);
      return `${answer.status} ${answer.headers.get('content-type')}`;
    };
    expect(await types('/')).toBe('200 text/html; charset=utf-8');
    expect(await types('/index.html?plan=p1')).toBe('200 text/html; charset=utf-8');
    expect(await types('/assets/main-1a2b.js')).toBe('200 text/javascript; charset=utf-8');
    expect(await types('/assets/inter.woff2')).toBe('200 font/woff2');
    expect(await types('/assets/main-1a2b.js.map')).toMatch(/^404/);
    expect(await types('/assets')).toMatch(/^404/);
    expect(await types('/favicon.ico')).toMatch(/^404/);
  });

  test('every response carries the policy; the nonce is fresh and in the page', async () => {
    const { origin } = await fixture();
    const nonces = new Set<string>();
    for (const path of ['/', '/', '/assets/main-1a2b.js', '/nothing', '/api/call/plans.list']) {
      const answer = await fetch(origin + path);
      const policy = answer.headers.get('content-security-policy')!;
      const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
      expect(policy).toBe(contentSecurityPolicy(nonce));
      expect(policy).not.toMatch(/unsafe|\*|http/);
      if (path === '/') expect(await answer.text()).toContain(`content="${nonce}"`);
      nonces.add(nonce);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(nonces.size).toBe(5);
  });

  test('500 ways of leaving the page’s folder find nothing', async () => {
    const { host, signIn, page } = await fixture();
    const target = { port: host.port, cookie: await signIn(), secret: SECRET };
    const ups = [
      '../',
      '..\\',
      '%2e%2e/',
      '%2e%2e%2f',
      '..%2f',
      '..%5c',
      '%252e%252e%252f',
      '..;/',
      '....//',
      '%c0%ae%c0%ae/',
    ];
    const starts = ['/', '/assets/', '//', '/./', '/index.html/', '/%00/', '\\', '/assets/%2e/', '/?/', `/${page}/`];
    const files = ['secret.txt', 'secret.txt%00.js', 'etc/passwd', 'secret.txt?x.js', 'SECRET.TXT'];
    const paths = starts.flatMap((start) => ups.flatMap((up) => files.map((file) => start + up.repeat(2) + file)));
    expect(paths).toHaveLength(500);
    for (let i = 0; i < paths.length; i += 25) {
      const answers = await Promise.all(
        paths.slice(i, i + 25).map((path) => rawRequest(host.port, compose(target, { method: 'GET', path, body: '' }))),
      );
      for (const answer of answers) {
        expect([200, 400, 404]).toContain(answer.status);
        expect(answer.body).not.toMatch(new RegExp(`${SECRET}|root:`));
      }
    }
  });
});

describe('what it bears', () => {
  test('a body that never comes is let go, and 8 slow clients hold up nobody', async () => {
    const { host, post, signIn } = await fixture({ requestMs: 1_000, headersMs: 800, checkMs: 100 });
    const target = { port: host.port, cookie: await signIn(), secret: SECRET };
    const slow = Array.from({ length: 8 }, () =>
      rawRequest(host.port, compose(target, { headers: ['Content-Length: 100'], body: '{' })),
    );
    const at = performance.now();
    expect((await post('/api/call/plans.list', {}, { Cookie: target.cookie })).status).toBe(200);
    expect(performance.now() - at).toBeLessThan(500);
    for (const answer of await Promise.all(slow)) expect([0, 408]).toContain(answer.status);
  });

  test('bodies of all clients together stay under the cap', async () => {
    const { post, signIn } = await fixture({ bodyBytesInFlight: 100_000 });
    const Cookie = await signIn();
    expect((await post('/api/call/plans.create', { name: 'a', file: 'x'.repeat(200_000) }, { Cookie })).status).toBe(
      413,
    );
    expect((await post('/api/call/plans.create', { name: 'a', file: 'x'.repeat(50_000) }, { Cookie })).status).toBe(
      200,
    );
  });

  test('200 clients at once are served or shed, in less than 300 MB', async () => {
    const { post, signIn } = await fixture();
    const Cookie = await signIn();
    const before = process.memoryUsage().rss;
    const calls = Array.from({ length: 200 }, () =>
      post('/api/call/plans.list', {}, { Cookie }).then(
        (answer) => answer.status,
        () => 0,
      ),
    );
    const statuses = await Promise.all(calls);
    expect(statuses.every((status) => status === 200 || status === 0)).toBe(true);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(50);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    expect((await post('/api/call/plans.list', {}, { Cookie })).status).toBe(200);
  });

  test('a page that does not read its events is cut off; too many pages are refused', async () => {
    const { origin, events, signIn } = await fixture({ streams: 2, streamBytes: 10_000 });
    const Cookie = await signIn();
    const streams = [];
    for (let i = 0; i < 2; i += 1) streams.push(await fetch(`${origin}/api/events`, { headers: { Cookie } }));
    expect((await fetch(`${origin}/api/events`, { headers: { Cookie } })).status).toBe(503);
    for (let i = 0; i < 2_000; i += 1) events.emit('store.notice', { message: 'x'.repeat(10_000) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await fetch(`${origin}/api/events`, { headers: { Cookie } })).status).toBe(200);
    for (const stream of streams) await stream.body!.cancel().catch(() => {});
  });

  test('10,000 mangled calls: an answer with a code to each, no fault inside, nothing polluted', async () => {
    const { post, signIn, internal } = await fixture({}, { 'plans.remove': () => ({ removed: true }) });
    const Cookie = await signIn();
    const method = fc.oneof(fc.constantFrom(...Object.keys(methodSchemas)), fc.webPath(), fc.string());
    const key = fc.constantFrom(
      'plan',
      'scenario',
      'cell',
      'commands',
      'base',
      '__proto__',
      'constructor',
      'name',
      'set',
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.dictionary(key, fc.jsonValue()).map((value) => JSON.stringify(value)),
    );
    const seed = Number(process.env['FC_SEED'] ?? 20_261_122);
    const samples = fc.sample(fc.tuple(method, body), { numRuns: 10_000, seed });
    for (let i = 0; i < samples.length; i += 20) {
      await Promise.all(
        samples.slice(i, i + 20).map(async ([name, text]) => {
          const answer = await post(`/api/call/${encodeURIComponent(name)}`, text, { Cookie });
          const reply = (await answer.json()) as { ok: boolean; error?: { code: string } };
          expect(answer.status, `${seed}: ${name} ${text}`).toBeLessThan(500);
          expect(reply.ok || typeof reply.error?.code === 'string').toBe(true);
        }),
      );
    }
    expect(internal).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a client that hangs up in the middle is no fault', async () => {
    const { origin, signIn, internal, post } = await fixture();
    const Cookie = await signIn();
    const abort = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"a":')) });
    const call = fetch(`${origin}/api/call/plans.list`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Flopsheet': '1', Cookie },
      body,
      duplex: 'half',
      signal: abort.signal,
    } as RequestInit);
    setTimeout(() => abort.abort(), 50);
    await expect(call).rejects.toThrow();
    expect((await post('/api/call/plans.list', {}, { Cookie })).status).toBe(200);
    expect(internal).toEqual([]);
  });
});
