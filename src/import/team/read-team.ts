/**
 * What a team shares, as files: `prices.csv` and plan files of a folder (and of its folder `plans`), or one such file at an
 * https address. Nothing is written there.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FlopsheetError } from '../../core/errors.ts';

export interface TeamFile {
  readonly name: string;
  readonly text: string;
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
  readonly bytes: number;
}

const LARGEST_BYTES = 20_000_000;
const MOST_FILES = 500;
const FETCH_LIMIT_MS = 20_000;

/** The place is an address, not a folder. */
export function isAddress(place: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place);
}

function problem(message: string, where: string, hint: string, cause?: unknown): FlopsheetError {
  return new FlopsheetError('TEAM', message, { where, hint, cause });
}

function teamFile(name: string, bytes: Uint8Array, where: string): TeamFile {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw problem(`${name} is not text`, where, 'a price table is CSV, a plan is JSON, both in UTF-8', cause);
  }
  return { name, text, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** Price tables (`prices*.csv`) and plan files (`*.json`) of a folder, by name. Links are not followed. Throws `TEAM`. */
export function readTeamFolder(folder: string): TeamFile[] {
  const found: TeamFile[] = [];
  const look = (inside: string): void => {
    const path = join(folder, inside);
    for (const name of readdirSync(path).sort()) {
      const isPrices = inside === '' && /^prices.*\.csv$/i.test(name);
      if (!isPrices && !/\.json$/i.test(name)) continue;
      const file = join(path, name);
      const facts = lstatSync(file);
      if (!facts.isFile()) continue;
      if (facts.size > LARGEST_BYTES)
        throw problem(`${name} has ${Math.round(facts.size / 1e6)} MB; at most 20 are read`, file, 'split it');
      if (found.length >= MOST_FILES)
        throw problem(`${folder} has more than ${MOST_FILES} files`, folder, 'name a folder with fewer');
      found.push(teamFile(inside === '' ? name : `${inside}/${name}`, readFileSync(file), file));
    }
  };
  try {
    look('');
    if (statSync(join(folder, 'plans'), { throwIfNoEntry: false })?.isDirectory()) look('plans');
  } catch (cause) {
    if (cause instanceof FlopsheetError) throw cause;
    throw problem(`${folder} cannot be read`, folder, 'name a folder that exists and that you may read', cause);
  }
  if (found.length === 0)
    throw problem(
      `${folder} shares nothing`,
      folder,
      'put prices.csv or plan files (.json) there, or into its folder plans',
    );
  return found;
}

/** An https address as it may be fetched. Throws `TEAM`. */
export function checkedAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== 'https:')
    throw problem(
      `${address} is not fetched`,
      address,
      'only https:// addresses are, so that nobody on the way changes prices',
    );
  if (url.username !== '' || url.password !== '')
    throw problem(
      'an address with a password in it is not fetched',
      url.host,
      'use a shared folder for what is not public',
    );
  return url;
}

/**
 * One file from an https address: at most 20 MB in 20 seconds, never redirected. `get` is the network (`fetch`).
 * Throws `TEAM`.
 */
export async function fetchTeamFile(address: string, get: typeof fetch): Promise<TeamFile> {
  const url = checkedAddress(address);
  const ended = AbortSignal.timeout(FETCH_LIMIT_MS);
  let response: Response;
  try {
    response = await get(url, {
      redirect: 'manual',
      signal: ended,
      credentials: 'omit',
      headers: { accept: 'text/csv, application/json' },
    });
  } catch (cause) {
    throw problem(`${url.host} does not answer`, address, 'check the address and the network', cause);
  }
  if (response.status >= 300 && response.status < 400)
    throw problem(
      `${url.host} sends us elsewhere, which is not followed`,
      address,
      `if you trust it, use ${response.headers.get('location') ?? 'the new address'} itself`,
    );
  if (!response.ok || response.body === null)
    throw problem(`${url.host} answers ${response.status}`, address, 'check the address');
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > LARGEST_BYTES) throw problem(`${address} has more than 20 MB`, address, 'share a smaller file');
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof FlopsheetError) throw cause;
    throw problem(`${url.host} broke off`, address, 'try again', cause);
  }
  return teamFile(basename(url.pathname) || url.host, Buffer.concat(parts), address);
}
