/** How numbers look on this machine: thousands and negatives. Files, formulas and the clipboard keep the plain form. */
import { readPref, writePref } from './prefs.svelte.ts';

export const THOUSANDS = { comma: ',', space: '\u202f', apostrophe: '\u2019', none: '' } as const;
export type Thousands = keyof typeof THOUSANDS;
export type Negatives = 'minus' | 'parentheses';

class NumberStyle {
  thousands = $state<Thousands>(readPref<Thousands>('thousands', 'comma'));
  negatives = $state<Negatives>(readPref<Negatives>('negatives', 'minus'));

  setThousands(to: Thousands): void {
    this.thousands = to;
    writePref('thousands', to);
  }

  setNegatives(to: Negatives): void {
    this.negatives = to;
    writePref('negatives', to);
  }
}

export const numberStyle = new NumberStyle();

/** A number as `formatNumber` and the engine write it, whole: sign, digits in threes, fraction, prefix, percent. */
const NUMBER = /^(\u2212?)(\d{1,3}(?:,\d{3})+|\d+)((?:\.\d+)?)(.*)$/s;

/** A formatted number in the chosen style; any other text as it is. */
export function styled(text: string): string {
  if (numberStyle.thousands === 'comma' && numberStyle.negatives === 'minus') return text;
  const match = NUMBER.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', rest = ''] = match;
  const digits = whole.replaceAll(',', THOUSANDS[numberStyle.thousands]) + fraction + rest;
  return sign === '' ? digits : numberStyle.negatives === 'parentheses' ? `(${digits})` : sign + digits;
}
