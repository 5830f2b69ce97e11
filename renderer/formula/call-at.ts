/** The function call the caret stands in, for signature help. Reads brackets only; names and types are the engine's. */

export interface CallAt {
  readonly name: string;
  /** Number of the argument under the caret, from 0. */
  readonly argument: number;
}

/** The innermost call around a position; null outside calls. Brackets and commas within quotes do not count. */
export function callAt(text: string, position: number): CallAt | null {
  const open: { name: string; argument: number }[] = [];
  let quoted = false;
  for (let at = 0; at < Math.min(position, text.length); at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === '(') open.push({ name: /([A-Za-z_]\w*)\s*$/.exec(text.slice(0, at))?.[1] ?? '', argument: 0 });
    else if (character === ')') open.pop();
    else if (character === ',') {
      const last = open.at(-1);
      if (last) last.argument++;
    }
  }
  return open.findLast((call) => call.name !== '') ?? null;
}

/** A signature such as `f(a, b)` in parts, the argument under the caret apart. */
export function signatureParts(signature: string, argument: number): { before: string; now: string; after: string } {
  const from = signature.indexOf('(') + 1;
  const to = signature.lastIndexOf(')');
  const args = from > 0 && to >= from ? signature.slice(from, to).split(',') : [];
  // The last argument may repeat: it stays the one meant.
  const index = Math.min(argument, args.length - 1);
  if (index < 0) return { before: signature, now: '', after: '' };
  const start = from + args.slice(0, index).reduce((sum, arg) => sum + arg.length + 1, 0);
  const end = start + (args[index]?.length ?? 0);
  return { before: signature.slice(0, start), now: signature.slice(start, end), after: signature.slice(end) };
}
