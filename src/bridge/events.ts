import type { EventName, Events } from './contract.ts';

export type AnyEvent = { readonly [E in EventName]: { readonly event: E; readonly payload: Events[E] } }[EventName];

/** Where handlers announce what happened; each connected client is a listener. */
export interface EventHub {
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => void;
  /** Listens to every event until the returned function is called. */
  readonly listen: (listener: (message: AnyEvent) => void) => () => void;
}

/** A hub whose listeners cannot harm each other or the emitter: what one throws goes to `onFault`. */
export function createEventHub(onFault: (error: unknown) => void = () => {}): EventHub {
  const listeners = new Set<(message: AnyEvent) => void>();
  return {
    emit(event, payload) {
      const message = { event, payload } as AnyEvent;
      for (const listener of [...listeners]) {
        try {
          listener(message);
        } catch (error) {
          onFault(error);
        }
      }
    },
    listen(listener) {
      const own = (message: AnyEvent) => listener(message);
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
}

/** Hands events of one stream to listeners by name: the receiving half of every transport. */
export function createRouter() {
  const byName = new Map<string, Set<(payload: never) => void>>();
  return {
    subscribe<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
      const own = (payload: Events[E]) => listener(payload);
      const set = byName.get(event) ?? new Set();
      byName.set(event, set);
      set.add(own);
      return () => set.delete(own);
    },
    /** Takes `{event, payload}` as JSON text. */
    deliver(text: string): void {
      const { event, payload } = JSON.parse(text) as { event: string; payload: never };
      for (const listener of [...(byName.get(event) ?? [])]) listener(payload);
    },
  };
}
