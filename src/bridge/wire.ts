/**
 * What travels: JSON text, on every transport, so that a value that would not survive one boundary survives none.
 * Text is parsed with a cap on depth, and keys that could reach a prototype are refused rather than dropped.
 */
import { FlopsheetError } from '../core/errors.ts';
import { BRIDGE_CODES, fromWireError, type WireError } from './errors.ts';
import type { MethodName } from './contract.ts';

/** A result, or the error in its place. */
export type Reply = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: WireError };

const MAX_DEPTH = 64;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const MEGABYTE = 1_000_000;
const LARGE_REQUESTS: Partial<Record<MethodName, number>> = {
  'plans.create': 64 * MEGABYTE,
  'plans.inspect': 64 * MEGABYTE,
  'plans.replace': 64 * MEGABYTE,
  'plan.change': 16 * MEGABYTE,
  'import.preview': 64 * MEGABYTE,
  'import.apply': 64 * MEGABYTE,
  'import.pricesPreview': 64 * MEGABYTE,
  'import.prices': 64 * MEGABYTE,
};

/** Most bytes a request to a method may have: 1 MB, more for the methods that take a file or a large paste. */
export function requestLimitBytes(method: string): number {
  return Object.hasOwn(LARGE_REQUESTS, method) ? LARGE_REQUESTS[method as MethodName]! : MEGABYTE;
}

function refuse(message: string, hint: string, where = ''): FlopsheetError {
  return new FlopsheetError(BRIDGE_CODES.badRequest, message, { hint, where });
}

/** Checks depth and keys without recursion: the input may be nested millions of levels deep. */
function checkShape(root: unknown): void {
  if (typeof root !== 'object' || root === null) return;
  const values: object[] = [root];
  const depths: number[] = [1];
  while (values.length > 0) {
    const value = values.pop()!;
    const depth = depths.pop()!;
    if (depth > MAX_DEPTH) {
      throw refuse(`The request is nested more than ${MAX_DEPTH} levels deep.`, 'Send flatter data.');
    }
    for (const key of Object.keys(value)) {
      if (FORBIDDEN_KEYS.has(key)) {
        throw refuse(`The name "${key}" cannot be used.`, 'Choose another name for this row, column or field.', key);
      }
      const child = (value as Record<string, unknown>)[key];
      if (typeof child === 'object' && child !== null) {
        values.push(child);
        depths.push(depth + 1);
      }
    }
  }
}

/** Reads untrusted JSON text. Throws BAD_REQUEST on text that is not JSON, too deep or with a forbidden key. */
export function parseUntrusted(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('The request is not JSON.', 'Send one JSON object with the arguments by name.');
  }
  checkShape(value);
  return value;
}

/** Reads a reply of a host: gives the result or throws the error. */
export function openReply(text: string): unknown {
  let reply: Partial<{ ok: boolean; result: unknown; error: unknown }> | null;
  try {
    reply = JSON.parse(text);
  } catch {
    reply = null;
  }
  if (reply?.ok === true) return reply.result;
  throw fromWireError(reply?.error);
}
