/** The browser's transport: one POST per call, server-sent events for pushes. */
import { FlopsheetError } from '../core/errors.ts';
import { BRIDGE_CODES } from './errors.ts';
import { createRouter } from './events.ts';
import type { Connection, Transport } from './transport.ts';
import { openReply } from './wire.ts';

export interface HttpOptions {
  /** Where the host is, for example `http://127.0.0.1:4870`. */
  readonly origin: string;
  /** Replaced in tests. */
  readonly fetch?: typeof fetch;
  readonly EventSource?: new (url: string, init?: { withCredentials?: boolean }) => EventSource;
  /** Wait before the event stream is opened again after it was refused, in ms. */
  readonly retryMs?: number;
}

export interface HttpTransport extends Transport {
  /** Trades the launch token for a session; throws NOT_SIGNED_IN when the token is not this host's. */
  signIn(token: string): Promise<void>;
}

const HEADERS = { 'Content-Type': 'application/json', 'X-Flopsheet': '1' };

export function createHttpTransport(options: HttpOptions): HttpTransport {
  const doFetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const router = createRouter();
  const watchers = new Set<(connection: Connection) => void>();
  let connection: Connection = 'connected';
  let stream: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function become(next: Connection): void {
    if (closed || next === connection) return;
    connection = next;
    for (const watcher of [...watchers]) watcher(next);
  }

  async function post(path: string, body: string): Promise<Response> {
    try {
      return await doFetch(options.origin + path, {
        method: 'POST',
        headers: HEADERS,
        body,
        credentials: 'same-origin',
      });
    } catch (cause) {
      become('lost');
      openStream();
      throw new FlopsheetError(BRIDGE_CODES.hostLost, 'Flopsheet has stopped answering.', {
        hint: 'What you typed is still here. Start it again with "npm start"; this page reconnects by itself.',
        cause,
      });
    }
  }

  async function call(method: string, params: unknown): Promise<unknown> {
    const response = await post(`/api/call/${encodeURIComponent(method)}`, JSON.stringify(params));
    become(response.status === 401 ? 'expired' : 'connected');
    return openReply(await response.text());
  }

  async function signIn(token: string): Promise<void> {
    const response = await post('/api/session', JSON.stringify({ token }));
    openReply(await response.text());
    become('connected');
  }

  function openStream(): void {
    const Source = options.EventSource ?? globalThis.EventSource;
    if (closed || stream !== null || Source === undefined) return;
    clearTimeout(retry);
    const source = new Source(`${options.origin}/api/events`, { withCredentials: true });
    stream = source;
    source.onopen = () => become('connected');
    source.onmessage = (message: MessageEvent<string>) => router.deliver(message.data);
    source.onerror = () => {
      become('lost');
      if (source.readyState !== source.CLOSED) return; // the browser tries again by itself
      stream = null;
      call('app.info', {}).catch(() => {}); // an event source cannot see a 401: a call can
      retry = setTimeout(openStream, options.retryMs ?? 2_000);
    };
  }

  return {
    call,
    signIn,
    subscribe(event, listener) {
      openStream();
      return router.subscribe(event, listener);
    },
    watch(listener) {
      openStream();
      const own = (next: Connection) => listener(next);
      watchers.add(own);
      return () => watchers.delete(own);
    },
    close() {
      closed = true;
      clearTimeout(retry);
      stream?.close();
      stream = null;
    },
  };
}
