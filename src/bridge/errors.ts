/**
 * Errors on their way over a bridge: a FlopsheetError keeps its code, message, hint and place; anything else becomes
 * `INTERNAL` and leaves its text and stack behind, in the log of the host.
 */
import { FlopsheetError } from '../core/errors.ts';

/** The one error shape on the wire. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly where: string;
}

/** Codes the bridge itself gives; handlers add their own. */
export const BRIDGE_CODES = {
  internal: 'INTERNAL',
  badRequest: 'BAD_REQUEST',
  unknownMethod: 'UNKNOWN_METHOD',
  tooLarge: 'TOO_LARGE',
  notSignedIn: 'NOT_SIGNED_IN',
  refused: 'REFUSED',
  hostLost: 'HOST_LOST',
  unsupported: 'UNSUPPORTED',
} as const;

const INTERNAL: WireError = {
  code: BRIDGE_CODES.internal,
  message: 'Flopsheet could not do this because of a fault of its own.',
  hint: 'What is saved is safe. Try again; if it happens again, the log file says more.',
  where: '',
};

/** What of an error may be seen on the other side. */
export function toWireError(error: unknown): WireError {
  return error instanceof FlopsheetError ? error.toJSON() : INTERNAL;
}

/** True when the other side gets to see only `INTERNAL`, so that this side has to log the rest. */
export function isInternal(error: unknown): boolean {
  return !(error instanceof FlopsheetError) || error.code === BRIDGE_CODES.internal;
}

/** The error as thrown at the caller, with a stack of its own. Malformed input is an INTERNAL error too. */
export function fromWireError(wire: unknown): FlopsheetError {
  const { code, message, hint, where } = (typeof wire === 'object' && wire !== null ? wire : {}) as Partial<WireError>;
  if (typeof code !== 'string' || typeof message !== 'string') {
    return new FlopsheetError(INTERNAL.code, INTERNAL.message, { hint: INTERNAL.hint });
  }
  return new FlopsheetError(code, message, {
    hint: typeof hint === 'string' ? hint : '',
    where: typeof where === 'string' ? where : '',
  });
}

/** What a host says that cannot do something another host can: never a silent no-op. */
export function unsupported(what: string, hint: string): FlopsheetError {
  return new FlopsheetError(BRIDGE_CODES.unsupported, `${what} is not available here.`, { hint });
}
