import type { IncomingMessage } from 'node:http';

/** Bytes of bodies being received, over all clients. */
export interface BodyBudget {
  inFlight: number;
}

/**
 * Reads a request body of at most `limit` bytes. Gives null when it is larger, or when all clients together would hold
 * more than `total`; what follows is then thrown away as it comes, so that the answer still reaches the client.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  budget: BodyBudget,
  total: number,
): Promise<string | null> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit || budget.inFlight + declared > total) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    const settle = () => {
      budget.inFlight -= size;
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      request.resume();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      budget.inFlight += chunk.length;
      chunks.push(chunk);
      if (size <= limit && budget.inFlight <= total) return;
      settle();
      chunks = [];
      resolve(null);
    };
    const onEnd = () => {
      settle();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const onClose = () => {
      settle();
      reject(new Error('The client went away.'));
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}
