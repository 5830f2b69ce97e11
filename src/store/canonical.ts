import { createHash } from 'node:crypto';
import { storeError } from './errors.ts';

/** JSON with keys sorted at every level: equal values give equal text. Refuses what JSON would change silently. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notJson(String(value));
  if (value === null || typeof value !== 'object') {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw notJson(typeof value);
    return text;
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}

function notJson(what: string): Error {
  return storeError('store_not_json', `A value of the kind ${what} cannot be stored`, {
    hint: 'Numbers must be finite; leave out what is unknown.',
  });
}

/** SHA-256 of UTF-8 text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
