import { createRouter } from './events.ts';
import type { Transport } from './transport.ts';
import { openReply } from './wire.ts';

/** What the Electron preload puts on the window: text in, text out, and no Electron object. */
export interface IpcBridge {
  /** Calls a method with its arguments as JSON text; gives the reply as JSON text. */
  readonly invoke: (method: string, params: string) => Promise<string>;
  /** Listens to `{event, payload}` as JSON text until the returned function is called. */
  readonly listen: (listener: (message: string) => void) => () => void;
}

/** The desktop transport. Page and host live and die together, so the connection never changes. */
export function createIpcTransport(bridge: IpcBridge): Transport {
  const router = createRouter();
  const stop = bridge.listen((message) => router.deliver(message));
  return {
    call: async (method, params) => openReply(await bridge.invoke(method, JSON.stringify(params))),
    subscribe: router.subscribe,
    watch: () => () => {},
    close: stop,
  };
}
