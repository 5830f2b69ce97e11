/** Stand-ins for what only a browser or Electron has. */
import { request } from 'node:http';
import type { IpcBridge } from '../../src/bridge/ipc-client.ts';
import type { IpcEvent, IpcMain, IpcWindow } from '../../src/host/electron/ipc.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from '../../src/host/electron/channels.ts';

/** `fetch` and `EventSource` that share a cookie jar, as a page's do. */
export function browserLike() {
  let cookie = '';
  const cookieFetch: typeof fetch = async (url, init) => {
    const response = await fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), cookie } });
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';', 1)[0]!;
    return response;
  };

  class FakeEventSource {
    static readonly opened: FakeEventSource[] = [];
    readonly CLOSED = 2;
    readyState = 0;
    onopen: (() => void) | null = null;
    onmessage: ((message: { data: string }) => void) | null = null;
    onerror: (() => void) | null = null;
    private readonly request;

    constructor(url: string) {
      this.request = request(url, { headers: { cookie } }, (response) => {
        if (response.statusCode !== 200) return this.fail();
        this.readyState = 1;
        this.onopen?.();
        let buffer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          buffer += chunk;
          const blocks = buffer.split('\n\n');
          buffer = blocks.pop()!;
          for (const block of blocks) if (block.startsWith('data: ')) this.onmessage?.({ data: block.slice(6) });
        });
        response.on('close', () => this.fail());
      });
      this.request.on('error', () => this.fail());
      this.request.end();
    }

    private fail(): void {
      if (this.readyState === 2) return;
      this.readyState = 2;
      this.onerror?.();
    }

    close(): void {
      this.readyState = 2;
      this.request.destroy();
    }
  }

  return { fetch: cookieFetch, EventSource: FakeEventSource as unknown as typeof EventSource };
}

/** Both ends of Electron's IPC, with structured clone between them as in the real one. */
export function createFakeIpc(senderUrl = 'flopsheet://app/index.html') {
  const handlers = new Map<string, (event: IpcEvent, ...values: unknown[]) => unknown>();
  const listeners = new Set<(message: string) => void>();
  const ipcMain: IpcMain = {
    handle: (channel, handler) => void handlers.set(channel, handler),
    removeHandler: (channel) => void handlers.delete(channel),
  };
  const webContents = {
    isDestroyed: () => false,
    send(channel: string, message: string) {
      if (channel === EVENT_CHANNEL) for (const listener of listeners) listener(structuredClone(message));
    },
  };
  const window: IpcWindow = { webContents };

  async function invokeAs(event: IpcEvent, channel: string, ...values: unknown[]): Promise<string> {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone((await handler(event, ...structuredClone(values))) as string);
  }

  const mainFrame = { url: senderUrl, parent: null };
  const event: IpcEvent = { senderFrame: mainFrame, sender: webContents };
  const bridge: IpcBridge = {
    invoke: (method, params) => invokeAs(event, CALL_CHANNEL, method, params),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { ipcMain, window, bridge, invokeAs, handlers, webContents };
}
