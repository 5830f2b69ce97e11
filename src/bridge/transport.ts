import type { EventName, Events, MethodName } from './contract.ts';

/**
 * `connected`: the host answers. `lost`: it does not; calls fail with HOST_LOST and the transport keeps trying.
 * `expired`: a host answers but does not know this client; only opening its address again helps.
 */
export type Connection = 'connected' | 'lost' | 'expired';

/** How a client reaches a host. Calls reject with a FlopsheetError and nothing else. */
export interface Transport {
  call(method: MethodName, params: unknown): Promise<unknown>;
  /** Listens to one kind of event until the returned function is called. */
  subscribe<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
  /**
   * Tells when the host is lost and when it is back, starting with the first change. Events sent while it was lost are
   * gone: whoever shows data reads it again on `connected`.
   */
  watch(listener: (connection: Connection) => void): () => void;
  close(): void;
}
