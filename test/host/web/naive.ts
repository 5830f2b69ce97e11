/** A server as one writes it in a hurry: no guard, no limits, paths joined. What the probes are measured against. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export async function startNaive(folder: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const options = { maxHeaderSize: 1_000_000, insecureHTTPParser: true, requireHostHeader: false };
  const server = createServer({ ...options, headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
    request.resume().on('end', () => {
      let body = '[]';
      try {
        body = readFileSync(join(folder, decodeURIComponent(request.url ?? '')), 'utf8');
      } catch {
        // not a file: an API call
      }
      response.writeHead(200, { 'Content-Length': Buffer.byteLength(body) }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
