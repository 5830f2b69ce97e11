import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventHub } from '../../../src/bridge/events.ts';
import { createServer } from '../../../src/bridge/server.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from '../../../src/host/electron/channels.ts';
import { registerIpc } from '../../../src/host/electron/ipc.ts';
import { createFakeHandlers } from '../../bridge/fake-handlers.ts';
import { createFakeIpc } from '../../bridge/fakes.ts';

const APP = 'flopsheet://app/index.html';

function setUp() {
  const fake = createFakeIpc();
  const events = createEventHub();
  const internal: string[] = [];
  const server = createServer(createFakeHandlers(events), (method) => internal.push(method));
  const stop = registerIpc({ ipcMain: fake.ipcMain, server, events, windows: () => [fake.window] });
  const codeOf = async (event: Parameters<typeof fake.invokeAs>[0], ...values: unknown[]) => {
    const reply = JSON.parse(await fake.invokeAs(event, CALL_CHANNEL, ...values)) as { error?: { code: string } };
    return reply.error?.code ?? 'OK';
  };
  return {
    fake,
    events,
    internal,
    stop,
    codeOf,
    ours: { senderFrame: { url: APP, parent: null }, sender: fake.webContents },
  };
}

test('there is one channel, and it goes when the host stops', () => {
  const { fake, stop } = setUp();
  expect([...fake.handlers.keys()]).toEqual([CALL_CHANNEL]);
  stop();
  expect(fake.handlers.size).toBe(0);
});

describe('who may call', () => {
  test('the main frame of the app’s window', async () => {
    const { codeOf, ours } = setUp();
    expect(await codeOf(ours, 'plans.templates', '{}')).toBe('OK');
  });

  test.each<[string, string]>([
    ['another site', 'https://evil.com/'],
    ['a file', 'file:///home/x/index.html'],
    ['a look-alike', 'flopsheet://app.evil/index.html'],
    ['an empty page', 'about:blank'],
  ])('not %s', async (_who, url) => {
    const { codeOf, ours } = setUp();
    expect(await codeOf({ ...ours, senderFrame: { url, parent: null } }, 'plans.list', '{}')).toBe('REFUSED');
  });

  test('not a frame inside the page, a frame that is gone, or a window that is not ours', async () => {
    const { codeOf, ours } = setUp();
    expect(await codeOf({ ...ours, senderFrame: { url: APP, parent: {} } }, 'plans.list', '{}')).toBe('REFUSED');
    expect(await codeOf({ ...ours, senderFrame: null }, 'plans.list', '{}')).toBe('REFUSED');
    expect(await codeOf({ ...ours, sender: {} }, 'plans.list', '{}')).toBe('REFUSED');
  });
});

describe('what may be sent', () => {
  test.each<[string, unknown[]]>([
    ['nothing', []],
    ['an object', ['plans.list', {}]],
    ['a number as method', [7, '{}']],
    ['an extra value', ['plans.list', '{}', 1]],
    ['bytes', ['plans.list', new Uint8Array(8)]],
  ])('not %s', async (_what, values) => {
    const { codeOf, ours } = setUp();
    expect(await codeOf(ours, ...values)).toBe('BAD_REQUEST');
  });

  test('not 50 MB where no file is due', async () => {
    const { codeOf, ours } = setUp();
    expect(await codeOf(ours, 'plans.rename', JSON.stringify({ plan: 'p', name: 'x'.repeat(50_000_000) }))).toBe(
      'TOO_LARGE',
    );
  });

  test('10,000 mangled messages: an answer to each, no fault inside', async () => {
    const { codeOf, ours, internal } = setUp();
    const value = fc.oneof(
      fc.constantFrom('plans.open', 'plan.change', 'sheet.view'),
      fc.json(),
      fc.string(),
      fc.anything(),
    );
    const seed = Number(process.env['FC_SEED'] ?? 20_261_122);
    for (const values of fc.sample(fc.array(value, { maxLength: 3 }), { numRuns: 10_000, seed })) {
      let plain: unknown[];
      try {
        plain = structuredClone(values);
      } catch {
        continue; // Electron cannot send it either
      }
      expect(typeof (await codeOf(ours, ...plain)), `seed ${seed}`).toBe('string');
    }
    expect(internal).toEqual([]);
  });
});

test('events go to open windows only', () => {
  const events = createEventHub();
  const sent: string[] = [];
  const window = (destroyed: boolean) => ({
    webContents: {
      isDestroyed: () => destroyed,
      send: (channel: string, text: string) => sent.push(`${channel} ${text}`),
    },
  });
  const fake = createFakeIpc();
  const server = createServer(createFakeHandlers(events));
  registerIpc({ ipcMain: fake.ipcMain, server, events, windows: () => [window(true), window(false)] });
  events.emit('store.notice', { message: 'hello' });
  expect(sent).toEqual([`${EVENT_CHANNEL} {"event":"store.notice","payload":{"message":"hello"}}`]);
});
