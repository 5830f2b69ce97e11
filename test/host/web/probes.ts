/**
 * The 17 ways in that were tried on a loopback prototype (2026-11-22), each as a function that says whether the server
 * refused. They run against the host, and against a server without protection, where they have to get through.
 */
import { connect, type Socket } from 'node:net';

export interface Target {
  readonly port: number;
  /** `name=value` of a signed-in session. */
  readonly cookie: string;
  /** Text that only a file outside the page has. */
  readonly secret: string;
}

/** Status 0: the connection was closed without an answer. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export function rawRequest(port: number, text: string | Buffer, limitMs = 8_000): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let data = '';
    const done = () => {
      socket.destroy();
      const split = data.indexOf('\r\n\r\n');
      const head = split < 0 ? data : data.slice(0, split);
      resolve({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
        head,
        body: split < 0 ? '' : data.slice(split + 4),
      });
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      data += chunk;
      const length = /content-length: (\d+)/i.exec(data)?.[1];
      const split = data.indexOf('\r\n\r\n');
      if (split >= 0 && length !== undefined && Buffer.byteLength(data.slice(split + 4)) >= Number(length)) done();
    });
    socket
      .on('error', () => {})
      .on('close', done)
      .setTimeout(limitMs, done);
  });
}

interface Parts {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string | null;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly cookie?: boolean;
}

/** One request as bytes: a call to `plans.list` unless said otherwise. */
export function compose(target: Target, parts: Parts = {}): string {
  const body = parts.body ?? '{}';
  const lines = [
    `${parts.method ?? 'POST'} ${parts.path ?? '/api/call/plans.list'} HTTP/1.1`,
    ...(parts.host === null ? [] : [`Host: ${parts.host ?? `127.0.0.1:${target.port}`}`]),
    ...(parts.cookie === false ? [] : [`Cookie: ${target.cookie}`]),
    'Content-Type: application/json',
    'X-Flopsheet: 1',
    ...(parts.headers ?? []),
    ...(parts.headers?.some((line) => /^(content-length|transfer-encoding)/i.test(line))
      ? []
      : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export interface Probe {
  readonly name: string;
  /** Statuses that count as refused; 0 is a closed connection. */
  readonly refusedBy: readonly number[];
  /** Gives the status, or 200 when the probe got what it was after. */
  readonly run: (target: Target) => Promise<number>;
}

const status = async (target: Target, parts: Parts) => (await rawRequest(target.port, compose(target, parts))).status;

const traversal = (path: string) => async (target: Target) => {
  const answer = await rawRequest(target.port, compose(target, { method: 'GET', path, body: '' }));
  return answer.body.includes(target.secret) ? 200 : answer.status;
};

/** Headers that never end: gives 408 or 0 when the server lets go within 5 s. */
async function slowLoris({ port }: Target): Promise<number> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`));
    const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 100);
    const end = (value: number) => {
      clearInterval(drip);
      clearTimeout(limit);
      socket.destroy();
      resolve(value);
    };
    const limit = setTimeout(() => end(200), 5_000);
    socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => {});
    socket.on('close', () => end(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
  });
}

/** 200 idle connections: gives 0 when most of them were dropped. */
async function crowd({ port }: Target): Promise<number> {
  const sockets: Socket[] = [];
  let dropped = 0;
  for (let i = 0; i < 200; i += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).on('close', () => (dropped += 1));
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 400));
  const refused = dropped;
  for (const socket of sockets) socket.destroy();
  return refused >= 100 ? 0 : 200;
}

export const PROBES: readonly Probe[] = [
  { name: 'foreign Host', refusedBy: [421], run: (t) => status(t, { host: `evil.com:${t.port}` }) },
  { name: 'Host with our name as a prefix', refusedBy: [421], run: (t) => status(t, { host: 'localhost.evil.com' }) },
  { name: 'Host 0.0.0.0', refusedBy: [421], run: (t) => status(t, { host: `0.0.0.0:${t.port}` }) },
  {
    name: 'two Hosts',
    refusedBy: [421, 400],
    run: (t) => status(t, { headers: [`Host: evil.com`] }),
  },
  { name: 'no Host', refusedBy: [400, 421], run: (t) => status(t, { host: null }) },
  { name: 'foreign Origin', refusedBy: [403], run: (t) => status(t, { headers: ['Origin: http://evil.com'] }) },
  { name: 'Origin null', refusedBy: [403], run: (t) => status(t, { headers: ['Origin: null'] }) },
  { name: 'cross-site fetch', refusedBy: [403], run: (t) => status(t, { headers: ['Sec-Fetch-Site: cross-site'] }) },
  { name: 'no session', refusedBy: [401], run: (t) => status(t, { cookie: false }) },
  {
    name: 'Content-Length and Transfer-Encoding together',
    refusedBy: [400],
    run: (t) =>
      status(t, { headers: ['Content-Length: 4', 'Transfer-Encoding: chunked'], body: '2\r\n{}\r\n0\r\n\r\n' }),
  },
  { name: '20 KB of headers', refusedBy: [431], run: (t) => status(t, { headers: [`X-Big: ${'x'.repeat(20_000)}`] }) },
  { name: 'body of 2 MB', refusedBy: [413], run: (t) => status(t, { body: `{"a":"${'x'.repeat(2_000_000)}"}` }) },
  { name: 'slow loris', refusedBy: [408, 0], run: slowLoris },
  { name: '200 idle connections', refusedBy: [0], run: crowd },
  { name: 'raw path traversal', refusedBy: [400, 404], run: traversal('/../secret.txt') },
  { name: 'encoded path traversal', refusedBy: [400, 404], run: traversal('/%2e%2e%2fsecret.txt') },
  {
    name: 'absolute-form target',
    refusedBy: [400],
    run: (t) => status(t, { method: 'GET', path: 'http://evil/x', body: '' }),
  },
];
