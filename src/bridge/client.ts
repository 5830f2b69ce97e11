/** The client's half of the bridge: typed calls and events over whichever transport reaches the host. */
import type { EventName, Events, MethodName, Params, Results } from './contract.ts';
import { createHttpTransport } from './http-client.ts';
import { createIpcTransport, type IpcBridge } from './ipc-client.ts';
import type { Connection, Transport } from './transport.ts';

export type { Connection, Transport } from './transport.ts';

export interface Client {
  /** Rejects with a FlopsheetError (code, message, hint, where) and nothing else. */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Results[M]>;
  /** Listens until the returned function is called. */
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
  /** Tells when the host is lost and when it is back; on `connected` read again what is shown. */
  onConnection(listener: (connection: Connection) => void): () => void;
  close(): void;
}

export function createClient(transport: Transport): Client {
  return {
    call: async (method, params) => (await transport.call(method, params)) as Results[typeof method],
    on: (event, listener) => transport.subscribe(event, listener),
    onConnection: (listener) => transport.watch(listener),
    close: () => transport.close(),
  };
}

/**
 * Connects the page to its host: to Electron when its preload put `flopsheet` on the window, else to the web host that
 * served the page, trading the token of the address (`#token=…`) for a session first.
 */
export async function connectToHost(): Promise<Client> {
  const bridge = (globalThis as { flopsheet?: IpcBridge }).flopsheet;
  if (bridge !== undefined) return createClient(createIpcTransport(bridge));
  const transport = createHttpTransport({ origin: location.origin });
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token !== undefined) {
    history.replaceState(history.state, '', location.pathname + location.search);
    // A spent token is no obstacle when this browser already has a session; when it has none, the first call says so.
    await transport.signIn(token).catch(() => {});
  }
  return createClient(transport);
}
