import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient, type Client } from '../../src/bridge/client.ts';
import type { Handlers, MethodName, Params } from '../../src/bridge/contract.ts';
import { createEventHub, type EventHub } from '../../src/bridge/events.ts';
import { createHttpTransport } from '../../src/bridge/http-client.ts';
import { createIpcTransport } from '../../src/bridge/ipc-client.ts';
import { createMemoryTransport } from '../../src/bridge/memory.ts';
import { createServer } from '../../src/bridge/server.ts';
import { registerIpc } from '../../src/host/electron/ipc.ts';
import { startWebHost } from '../../src/host/web/server.ts';
import { createFakeHandlers } from './fake-handlers.ts';
import { browserLike, createFakeIpc } from './fakes.ts';

interface Connected {
  readonly client: Client;
  readonly internal: string[];
  close(): Promise<void>;
}

type Connect = (handlers: Handlers, events: EventHub) => Promise<Connected>;

const memory: Connect = async (handlers, events) => {
  const internal: string[] = [];
  const server = createServer(handlers, (method, error) => internal.push(`${method}: ${String(error)}`));
  const client = createClient(createMemoryTransport(server, events));
  return { client, internal, close: async () => client.close() };
};

const http: Connect = async (handlers, events) => {
  const internal: string[] = [];
  const assetsDir = mkdtempSync(join(tmpdir(), 'flopsheet-contract-'));
  writeFileSync(join(assetsDir, 'index.html'), '<!doctype html>');
  const onInternal = (method: string, error: unknown) => internal.push(`${method}: ${String(error)}`);
  const host = await startWebHost({ handlers, events, assetsDir, onInternal });
  const [origin, token] = host.url.split('/#token=') as [string, string];
  const transport = createHttpTransport({ origin, ...browserLike(), retryMs: 50 });
  await transport.signIn(token);
  const client = createClient(transport);
  return {
    client,
    internal,
    close: async () => {
      client.close();
      await host.close();
      rmSync(assetsDir, { recursive: true });
    },
  };
};

const ipc: Connect = async (handlers, events) => {
  const internal: string[] = [];
  const server = createServer(handlers, (method, error) => internal.push(`${method}: ${String(error)}`));
  const fake = createFakeIpc();
  const stop = registerIpc({ ipcMain: fake.ipcMain, server, events, windows: () => [fake.window] });
  const client = createClient(createIpcTransport(fake.bridge));
  return {
    client,
    internal,
    close: async () => {
      client.close();
      stop();
    },
  };
};

describe.each<[string, Connect]>([
  ['memory', memory],
  ['HTTP', http],
  ['IPC', ipc],
])('bridge over %s', (_name, connect) => {
  let open: Connected | undefined;

  async function connected(change: Partial<Handlers> = {}): Promise<Connected & { events: EventHub }> {
    const events = createEventHub();
    open = await connect({ ...createFakeHandlers(events), ...change }, events);
    return { ...open, events };
  }

  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  test('a call gives the result of its handler', async () => {
    const { client } = await connected();
    expect(await client.call('plans.create', { name: 'Llama 3.1 405B' })).toEqual({
      plan: 'p2',
      notes: ['Llama 3.1 405B'],
    });
  });

  test('text survives unchanged: accents, line separators, lone surrogates', async () => {
    const { client } = await connected();
    expect((await client.call('plans.list', {}))[0]!.name).toBe('Zoë’s plan\u2028');
    const name = '𝛼 \u0000 \ud800 "quoted"\r\n';
    expect((await client.call('plans.create', { name })).notes).toEqual([name]);
  });

  test('a number that JSON has no word for arrives as null on every transport, never as NaN on one', async () => {
    const { client } = await connected({ 'plan.undo': () => ({ revision: NaN, canUndo: true, canRedo: false }) });
    expect((await client.call('plan.undo', { plan: 'p1' })).revision).toBeNull();
  });

  test('a typed error keeps code, message, hint and place, and is an error with a stack', async () => {
    const { client } = await connected();
    const error = await client.call('plans.open', { plan: 'p9' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'FlopsheetError',
      code: 'PLAN_MISSING',
      message: 'There is no plan p9.',
      hint: 'Open another.',
      where: 'p9',
    });
  });

  test('an error without a code becomes INTERNAL, tells nothing, and reaches the log', async () => {
    const { client, internal } = await connected();
    const error = await client.call('plans.remove', { plan: 'p1' }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/secret|id_rsa/);
    expect(internal).toEqual(['plans.remove: Error: secret: /home/user/.ssh/id_rsa']);
  });

  test.each<[string, string, unknown, string]>([
    ['a missing argument', 'plans.open', {}, 'plan'],
    ['an argument of the wrong type', 'plans.open', { plan: 7 }, 'plan'],
    ['an argument nobody asked for', 'plans.list', { extra: 1 }, 'extra'],
    ['a value too long', 'plans.rename', { plan: 'p', name: 'x'.repeat(301) }, 'name'],
    ['no object at all', 'plans.list', 'hello', ''],
    [
      'a deep place',
      'plan.change',
      { plan: 'p', scenario: 'base', base: 0, commands: [{ set: ['runs', 'r1'] }] },
      'commands.0',
    ],
  ])('refuses %s and names the place', async (_what, method, params, where) => {
    const { client } = await connected();
    const call = client.call(method as MethodName, params as Params<MethodName>);
    await expect(call).rejects.toMatchObject({ code: 'BAD_REQUEST', where });
  });

  test.each(['plans.shred', 'toString', '__proto__', 'constructor', 'app.info/../plans.list', ''])(
    'refuses the unknown method %j',
    async (method) => {
      const { client } = await connected();
      const call = client.call(method as MethodName, {} as never);
      await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/^(UNKNOWN_METHOD|REFUSED)$/) });
    },
  );

  test.each(['__proto__', 'constructor', 'prototype'])('refuses %s as a key, and pollutes nothing', async (key) => {
    const { client } = await connected();
    const cells = JSON.parse(`{"${key}": "polluted"}`) as Record<string, string>;
    const call = client.call('plan.change', {
      plan: 'p1',
      scenario: 'base',
      base: 0,
      commands: [{ row: ['runs', 'r1'], to: { at: 0, cells } }],
    });
    await expect(call).rejects.toMatchObject({ code: 'BAD_REQUEST', where: key });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('refuses more bytes than the method takes, and goes on answering', async () => {
    const { client } = await connected();
    const call = client.call('plans.rename', { plan: 'p1', name: 'x'.repeat(2_000_000) });
    await expect(call).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(await client.call('plans.templates', {})).toEqual([]);
  });

  test('takes a plan file of 40 MB where a file is due', async () => {
    const { client } = await connected({ 'plans.create': ({ file }) => ({ plan: 'p3', notes: [`${file?.length}`] }) });
    expect((await client.call('plans.create', { file: 'x'.repeat(40_000_000) })).notes).toEqual(['40000000']);
  });

  test('events reach their listeners in order, others not, until they stop listening', async () => {
    const { client, events } = await connected();
    const seen: unknown[] = [];
    const stop = client.on('progress', (payload) => seen.push(payload.fraction));
    let ready = false;
    client.on('store.notice', ({ message }) => {
      if (message === 'ready') ready = true;
      else seen.push(message);
    });
    await settled(() => {
      events.emit('store.notice', { message: 'ready' });
      return ready;
    });
    for (const fraction of [0.1, 0.5, 1]) events.emit('progress', { task: 't', label: 'Fit', fraction });
    await settled(() => seen.length === 3);
    stop();
    events.emit('progress', { task: 't', label: 'Fit', fraction: 0.7 });
    events.emit('store.notice', { message: 'last' });
    await settled(() => seen.includes('last'));
    expect(seen).toEqual([0.1, 0.5, 1, 'last']);
  });

  test('50 calls at once each get their own answer', async () => {
    const { client } = await connected({
      'plans.create': async ({ name }) => {
        await new Promise((resolve) => setTimeout(resolve, Number(name) % 7));
        return { plan: name!, notes: [] };
      },
    });
    const names = Array.from({ length: 50 }, (_, i) => String(i));
    const plans = await Promise.all(names.map((name) => client.call('plans.create', { name })));
    expect(plans.map(({ plan }) => plan)).toEqual(names);
  });
});

async function settled(done: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !done(); i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done()).toBe(true);
}
