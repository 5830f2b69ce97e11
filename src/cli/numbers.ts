import { FlopsheetError } from '../core/errors.ts';
import { listFlag, textFlag, type Invocation } from './command.ts';

/** A number of a flag, with the suffixes of the sheet (`405B`, `1e24`). Throws `ARG` naming the flag. */
export function numberFlag(invocation: Invocation, name: string): number | undefined {
  const text = textFlag(invocation, name);
  if (text === undefined) return undefined;
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([kKMBT]?)$/.exec(text.trim().replaceAll(',', ''));
  const scale = { '': 1, k: 1e3, K: 1e3, M: 1e6, B: 1e9, T: 1e12 }[found?.[2] ?? ''];
  if (!found || scale === undefined)
    throw new FlopsheetError('ARG', `--${name} is a number, not "${text}"`, {
      where: `--${name}`,
      hint: 'write for example 1e24, 405B or 15.6T',
    });
  return Number(found[1]) * scale;
}

/** A whole number of a flag within bounds. */
export function wholeFlag(invocation: Invocation, name: string, low: number, high: number): number | undefined {
  const value = numberFlag(invocation, name);
  if (value !== undefined && (!Number.isInteger(value) || value < low || value > high))
    throw new FlopsheetError('ARG', `--${name} is a whole number from ${low} to ${high}`, { where: `--${name}` });
  return value;
}

/** Sizes of open dimensions from `--dim NAME=SIZE`, which may stand several times. Throws `ARG`. */
export function dimFlag(invocation: Invocation): Record<string, number> {
  return Object.fromEntries(
    listFlag(invocation, 'dim').map((text) => {
      const [, name = '', size = ''] = /^(.+)=(\d{1,9})$/.exec(text) ?? [];
      if (name === '' || Number(size) < 1)
        throw new FlopsheetError('ARG', `--dim is a name and a whole number, not "${text}"`, {
          where: '--dim',
          hint: 'as in --dim batch=1 --dim sequence=512',
        });
      return [name, Number(size)];
    }),
  );
}
