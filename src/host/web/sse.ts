/** Server-sent events: one stream per open page. */
import type { ServerResponse } from 'node:http';
import type { EventHub } from '../../bridge/events.ts';
import type { Limits } from './limits.ts';

const HEARTBEAT_MS = 15_000;

export interface Streams {
  /** Turns a response into an event stream; false when there are too many. */
  open(response: ServerResponse, headers: Record<string, string>): boolean;
  readonly size: number;
  close(): void;
}

/**
 * Sends every event of the hub to every open stream. A client that does not read is cut off when its share of memory
 * is full; it reconnects and reads again what it shows.
 */
export function createStreams(events: EventHub, limits: Limits): Streams {
  const streams = new Set<ServerResponse>();

  function send(text: string): void {
    for (const stream of streams) {
      if (stream.writableLength > limits.streamBytes) stream.destroy();
      else stream.write(text);
    }
  }

  const stop = events.listen((message) => send(`data: ${JSON.stringify(message)}\n\n`));
  const heartbeat = setInterval(() => send(': \n\n'), HEARTBEAT_MS);
  heartbeat.unref();

  return {
    open(response, headers) {
      if (streams.size >= limits.streams) return false;
      response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.write('retry: 1000\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
      response.on('error', () => streams.delete(response));
      return true;
    },
    get size() {
      return streams.size;
    },
    close() {
      stop();
      clearInterval(heartbeat);
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}
