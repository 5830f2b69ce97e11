/** What the browser's client does when its host goes, comes back, or is another one. */
import { afterEach, expect, test } from 'vitest';
import { createClient, type Connection } from '../../src/bridge/client.ts';
import { createHttpTransport } from '../../src/bridge/http-client.ts';
import { startFixture, type Fixture } from '../host/web/fixture.ts';
import { startWebHost } from '../../src/host/web/server.ts';
import { createFakeHandlers } from './fake-handlers.ts';
import { browserLike } from './fakes.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 250 && !done(); i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done()).toBe(true);
}

async function connected(): Promise<{
  fixture: Fixture;
  client: ReturnType<typeof createClient>;
  states: Connection[];
}> {
  const fixture = await startFixture();
  const transport = createHttpTransport({ origin: fixture.origin, ...browserLike(), retryMs: 50 });
  await transport.signIn(fixture.token);
  const client = createClient(transport);
  const states: Connection[] = [];
  client.onConnection((state) => states.push(state));
  cleanups.push(() => client.close());
  return { fixture, client, states };
}

test('a host that goes is noticed without a call, and calls say what to do', async () => {
  const { fixture, client, states } = await connected();
  await new Promise((resolve) => setTimeout(resolve, 100)); // the event stream is open
  await fixture.close();
  await until(() => states.includes('lost'));
  await expect(client.call('plans.list', {})).rejects.toMatchObject({
    code: 'HOST_LOST',
    hint: expect.stringContaining('npm start'),
  });
});

test('a new host on the same port does not know this browser: expired, not lost', async () => {
  const { fixture, client, states } = await connected();
  await fixture.close();
  const again = await startFixture();
  const { events, page } = again;
  const host = await startWebHost({
    handlers: createFakeHandlers(events),
    events,
    assetsDir: page,
    port: fixture.host.port,
  });
  cleanups.push(again.close, host.close);
  await until(() => states.at(-1) === 'expired');
  await expect(client.call('plans.list', {})).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' });
});

test('signing in again connects: calls and events work as before', async () => {
  const first = await startFixture();
  const transport = createHttpTransport({ origin: first.origin, ...browserLike(), retryMs: 50 });
  await transport.signIn(first.token);
  const client = createClient(transport);
  cleanups.push(() => client.close());
  const states: Connection[] = [];
  const notices: string[] = [];
  client.onConnection((state) => states.push(state));
  client.on('store.notice', ({ message }) => notices.push(message));
  await first.close();
  await until(() => states.includes('lost'));
  const { page, events, close } = await startFixture();
  const host = await startWebHost({
    handlers: createFakeHandlers(events),
    events,
    assetsDir: page,
    port: first.host.port,
  });
  cleanups.push(close, host.close);
  await transport.signIn(new URL(host.url).hash.slice('#token='.length));
  await until(() => states.at(-1) === 'connected');
  expect(await client.call('plans.templates', {})).toEqual([]);
  await until(() => {
    events.emit('store.notice', { message: 'back' });
    return notices.includes('back');
  });
});

test('a wrong token is refused with what to do', async () => {
  const fixture = await startFixture();
  cleanups.push(fixture.close);
  const transport = createHttpTransport({ origin: fixture.origin, ...browserLike() });
  cleanups.push(() => transport.close());
  await expect(transport.signIn('wrong')).rejects.toMatchObject({
    code: 'NOT_SIGNED_IN',
    hint: 'Open the address that "npm start" printed.',
  });
});
