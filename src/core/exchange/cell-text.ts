/** A cell of a file as it would be typed: units added, separators understood, nothing taken that would run as a formula. */
import { parseUnit } from '../quantity/unit.ts';
import type { TargetColumn } from './mapping.ts';

export interface CellTarget extends TargetColumn {
  readonly choices: readonly string[];
}

type Read = { readonly text: string } | { readonly problem: string; readonly hint: string };

const CURRENCY_SIGN: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP' };
const PLAIN_NUMBER = /^[-+−]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const MULTIPLIER = /^[KMBT]$/;

/** `unit` is the unit of plain numbers in this column of the file; empty for the target's own. */
export function cellText(raw: string, target: CellTarget, unit: string, decimalComma: boolean): Read {
  // Our own exports put an apostrophe before what a spreadsheet would run.
  const text = /^'\s*[=+\-@|%＝＋－＠]/.test(raw) ? raw.slice(1) : raw;
  if (/^\s*[=＝]/.test(text))
    return {
      problem: `"${short(text)}" is a formula`,
      hint: 'formulas are not taken from files: type it in the sheet',
    };
  switch (target.type) {
    case 'number':
    case 'schedule':
      return numberText(text, target, unit, decimalComma);
    case 'date':
      return dateText(text);
    case 'boolean':
      return booleanText(text);
    case 'choice': {
      const found = target.choices.find((choice) => plain(choice) === plain(text));
      return found === undefined
        ? { problem: `"${short(text)}" is not one of ${target.choices.join(', ')}`, hint: '' }
        : { text: found };
    }
    default:
      return { text };
  }
}

function numberText(raw: string, target: CellTarget, unit: string, decimalComma: boolean): Read {
  const sign = /^[-+]?\s*[$€£]/.test(raw) ? /[$€£]/.exec(raw)?.[0] : undefined;
  const bare = sign ? raw.replace(sign, '').trim() : raw;
  const text = withPoint(bare, decimalComma);
  const own = sign ? (CURRENCY_SIGN[sign] ?? '') : '';
  if (!PLAIN_NUMBER.test(text)) {
    // A number with its unit, a range or a distribution is read by the sheet itself; other words are not.
    if (!/\d/.test(text)) return { problem: `"${short(raw)}" is not a number`, hint: 'leave what is unknown empty' };
    return { text: own && PLAIN_NUMBER.test(text.split(' ', 1)[0] ?? '') ? `${text} ${own}` : text };
  }
  if (MULTIPLIER.test(unit)) return { text: `${text}${unit}` };
  const written = own ? targetCurrency(unit || target.unit, own) : unit;
  return { text: written === '' || sameUnit(written, target.unit) ? text : `${text} ${written}` };
}

/** A currency sign in the cell stands before what header and column say. */
function targetCurrency(unit: string, currency: string): string {
  return /^[A-Z]{3}\b/.test(unit) ? unit.replace(/^[A-Z]{3}/, currency) : currency;
}

function sameUnit(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    const [x, y] = [parseUnit(a), parseUnit(b)];
    return x.scale === y.scale && JSON.stringify(x.dimension) === JSON.stringify(y.dimension);
  } catch {
    return false;
  }
}

/** Thousands taken out, the decimal sign a point. */
function withPoint(text: string, decimalComma: boolean): string {
  const number = text.replace(/[\s\u00a0\u202f'](?=\d{3}(\D|$))/g, '').replace(/−/g, '-');
  if (decimalComma)
    return /^[-+]?[\d.]*(,\d+)?(\s|$)/.test(number) ? number.replaceAll('.', '').replace(',', '.') : number;
  return number.replace(
    /^([-+]?\d{1,3})((?:,\d{3})+)(?=\D|$)/,
    (_, first: string, rest: string) => first + rest.replaceAll(',', ''),
  );
}

function dateText(text: string): Read {
  const [, year, month, day] = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ].*)?$/.exec(text) ?? [];
  if (year) return { text: [year, month?.padStart(2, '0'), day?.padStart(2, '0')].filter(Boolean).join('-') };
  const [, a, separator, b, full] = /^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})$/.exec(text) ?? [];
  if (!full) return { problem: `"${short(text)}" is not a date`, hint: 'write 2027-01-31' };
  // With points the day is first everywhere; with slashes it depends on who wrote it.
  const dayFirst = separator === '.' || Number(a) > 12;
  if (!dayFirst && Number(b) <= 12 && a !== b)
    return { problem: `"${text}" may be two dates`, hint: 'write it as 2027-01-31' };
  const [d, m] = dayFirst ? [a, b] : [b, a];
  return { text: `${full}-${m?.padStart(2, '0')}-${d?.padStart(2, '0')}` };
}

function booleanText(text: string): Read {
  if (/^(yes|true|1|y|x|included)$/i.test(text)) return { text: 'yes' };
  if (/^(no|false|0|n|excluded)$/i.test(text)) return { text: 'no' };
  return { problem: `"${short(text)}" is neither yes nor no`, hint: '' };
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '');
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
