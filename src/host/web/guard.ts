/**
 * Who may talk to the loopback server: a request has to name this server as its host (DNS rebinding), come from its
 * own page (cross-site requests) and, for data, carry the cookie of a session.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused: HTTP status, stable code, and what the user can do. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const refusal = (status: number, message: string, hint: string): Refusal => ({
  status,
  code: status === 401 ? 'NOT_SIGNED_IN' : 'REFUSED',
  message,
  hint,
});

const OPEN_AGAIN = 'Open the address that "npm start" printed.';
const WRONG_HOST = refusal(421, 'This server answers only under its own local address.', OPEN_AGAIN);
const WRONG_ORIGIN = refusal(403, 'This request comes from another site.', OPEN_AGAIN);
const WRONG_TARGET = refusal(400, 'This is not a path of this server.', OPEN_AGAIN);
const WRONG_FORM = refusal(415, 'Calls are JSON with the X-Flopsheet header.', 'Use the app or its client.');
const NOT_SIGNED_IN = refusal(401, 'This browser is not signed in to Flopsheet.', OPEN_AGAIN);
const SLOW_DOWN = refusal(429, 'Too many wrong tokens.', 'Wait a minute and open the printed address again.');

/** Names under which the server at `port` may be asked. */
export function ownHosts(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
}

/** Checks that hold for every request, pages included. */
export function refuseForeign(request: IncomingMessage, hosts: ReadonlySet<string>): Refusal | null {
  const host = request.headers.host ?? '';
  const hostLines = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hostLines !== 1 || !hosts.has(host)) return WRONG_HOST;
  if (!request.url?.startsWith('/')) return WRONG_TARGET;
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) return WRONG_ORIGIN;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && request.method === 'GET')) {
    return WRONG_ORIGIN;
  }
  return null;
}

/** A form, an image or a script element of another page cannot send these two. */
export function refuseForm(request: IncomingMessage): Refusal | null {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/json' && request.headers['x-flopsheet'] === '1' ? null : WRONG_FORM;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const secret = () => randomBytes(32).toString('base64url');

/**
 * The tokens and sessions of one run of the server; only digests are kept. The printed token signs in for as long as
 * the server runs; a token from `once` is spent on first use, because it goes through a command line others can read.
 */
export function createSessions(port: number, wrongTokensPerMinute: number, now: () => number = Date.now) {
  const token = secret();
  const cookieName = `flopsheet-${port}-${randomBytes(4).toString('hex')}`;
  const standing = digest(token);
  const once = new Set<Buffer>();
  const sessions = new Set<Buffer>();
  let wrong: number[] = [];

  /** Compares with every entry, whatever matches, so that time tells nothing. */
  function find(set: ReadonlySet<Buffer>, text: string): Buffer | null {
    const wanted = digest(text);
    let found: Buffer | null = null;
    for (const entry of set) if (timingSafeEqual(entry, wanted)) found = entry;
    return found;
  }

  function cookieOf(request: IncomingMessage): string | null {
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [name, value] = part.trim().split('=', 2);
      if (name === cookieName) return value ?? null;
    }
    return null;
  }

  function sessionOf(request: IncomingMessage): Buffer | null {
    const cookie = cookieOf(request);
    return cookie === null ? null : find(sessions, cookie);
  }

  return {
    token,
    cookieName,
    onceToken(): string {
      const text = secret();
      once.add(digest(text));
      return text;
    },
    refuseStranger: (request: IncomingMessage): Refusal | null => (sessionOf(request) === null ? NOT_SIGNED_IN : null),
    /** Gives the cookie to set, or why not. */
    signIn(text: string): { readonly setCookie: string } | Refusal {
      const at = now();
      wrong = wrong.filter((time) => at - time < 60_000);
      if (wrong.length >= wrongTokensPerMinute) return SLOW_DOWN;
      const spent = find(once, text);
      if (spent !== null) once.delete(spent);
      else if (!timingSafeEqual(standing, digest(text))) {
        wrong.push(at);
        return NOT_SIGNED_IN;
      }
      const value = secret();
      sessions.add(digest(value));
      return { setCookie: `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict` };
    },
    /** Ends the session of a request; gives the cookie that clears it. */
    signOut(request: IncomingMessage): string {
      const session = sessionOf(request);
      if (session !== null) sessions.delete(session);
      return `${cookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;
