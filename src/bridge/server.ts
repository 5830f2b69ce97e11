/**
 * The host's half of the bridge, the same for every transport: finds the method by name, checks the arguments against
 * its schema, calls the handler, and answers in one shape. It never throws.
 */
import * as v from 'valibot';
import { FlopsheetError } from '../core/errors.ts';
import { methodSchemas, type Handlers, type MethodName } from './contract.ts';
import { BRIDGE_CODES, isInternal, toWireError } from './errors.ts';
import { parseUntrusted, requestLimitBytes, type Reply } from './wire.ts';

type AssertNever<T extends never> = T;
/** A method without a handler, or a handler without a method, does not compile. */
export type EveryMethodIsHandled = AssertNever<
  Exclude<MethodName, keyof Handlers> | Exclude<keyof Handlers, MethodName>
>;

export interface Answer {
  /** The reply as it travels. */
  readonly text: string;
  /** Code of the error in it, or null when the call went well. */
  readonly code: string | null;
}

export interface BridgeServer {
  /** Answers one call; `params` is the arguments as JSON text. */
  answer(method: string, params: string): Promise<Answer>;
}

const encoder = new TextEncoder();

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methodSchemas, name);
}

/** The first complaint of the schema, with the path of what it is about. */
function complaint(method: string, issue: v.BaseIssue<unknown>): FlopsheetError {
  const path = v.getDotPath(issue) ?? '';
  return new FlopsheetError(
    BRIDGE_CODES.badRequest,
    `${method} was asked with ${path === '' ? 'arguments' : `"${path}"`} it cannot take: ${shorten(issue.message)}.`,
    { hint: 'Compare the arguments with the contract of this method.', where: path },
  );
}

function shorten(text: string): string {
  const plain = text.replace(/\.$/, '');
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}

/**
 * Puts handlers behind the contract. `onInternal` gets every error the client sees as INTERNAL, for the log; the name
 * of the method goes with it, the arguments (plan content) do not.
 */
export function createServer(
  handlers: Handlers,
  onInternal: (method: string, error: unknown) => void = () => {},
): BridgeServer {
  async function run(method: string, params: string): Promise<unknown> {
    if (!isMethod(method)) {
      throw new FlopsheetError(BRIDGE_CODES.unknownMethod, 'This host has no such method.', {
        hint: 'App and host are of different versions: close both and start again.',
      });
    }
    const limit = requestLimitBytes(method);
    if (params.length > limit || (params.length > limit / 3 && encoder.encode(params).length > limit)) {
      throw new FlopsheetError(BRIDGE_CODES.tooLarge, `${method} takes at most ${limit / 1e6} MB at once.`, {
        hint: 'Send it in smaller parts.',
      });
    }
    const checked = v.safeParse(methodSchemas[method], parseUntrusted(params));
    if (!checked.success) throw complaint(method, checked.issues[0]);
    const handler = handlers[method] as (params: unknown) => unknown;
    return (await handler(checked.output)) ?? null;
  }

  async function answer(method: string, params: string): Promise<Answer> {
    try {
      const reply: Reply = { ok: true, result: await run(method, params) };
      return { text: JSON.stringify(reply), code: null };
    } catch (error) {
      if (isInternal(error)) onInternal(isMethod(method) ? method : '(unknown)', error);
      const reply: Reply = { ok: false, error: toWireError(error) };
      return { text: JSON.stringify(reply), code: reply.error.code };
    }
  }

  return { answer };
}
