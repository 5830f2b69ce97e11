import type { BridgeServer } from './server.ts';
import { createRouter, type EventHub } from './events.ts';
import type { Transport } from './transport.ts';
import { openReply } from './wire.ts';

/**
 * Client and host in one process, for tests and for the command line. Everything still goes through text, so what would
 * break over a boundary breaks here.
 */
export function createMemoryTransport(server: BridgeServer, events: EventHub): Transport {
  const router = createRouter();
  const stop = events.listen((message) => {
    const text = JSON.stringify(message);
    queueMicrotask(() => router.deliver(text));
  });
  return {
    call: async (method, params) => openReply((await server.answer(method, JSON.stringify(params))).text),
    subscribe: router.subscribe,
    watch: () => () => {},
    close: stop,
  };
}
