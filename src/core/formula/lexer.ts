/**
 * Text of a formula to tokens. A number takes its unit with it (`989.4 TFLOP/s`, `2.49 USD/h`, `405B`, `40%`), so that
 * `a / 2 USD/h` means what it says. Units continue over `/` and `·` without spaces; `2 USD / chips` divides by a column.
 */
import { isUnitName, parseUnit, PLAIN, unitAdvice, type Unit } from '../quantity/unit.ts';
import { dayNumber } from './dates.ts';
import { FormulaError } from './formula-error.ts';

export type Token = { readonly from: number; readonly to: number } & (
  | { readonly type: 'number'; readonly value: number; readonly unit: Unit }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'date'; readonly value: number }
  | { readonly type: 'name'; readonly value: string }
  | { readonly type: 'operator'; readonly value: string }
  | { readonly type: 'end' }
);

export const MAX_FORMULA_LENGTH = 10_000;

const COUNT_SUFFIX: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
/** µ stands in units only, as in `in µs`. */
const NAME = /[A-Za-z_µ][A-Za-z0-9_µ]*/y;
const DATE = /(\d{4})-(\d{2})(?:-(\d{2}))?(?![\dA-Za-z_-])/y;
const OPERATOR = /<>|<=|>=|!=|==|[-+*/^&=<>(),:.]|[−×÷·≤≥≠]/y;
const SPACE = /\s*/y;
const SAME: Readonly<Record<string, string>> = {
  '−': '-',
  '×': '*',
  '·': '*',
  '÷': '/',
  '≤': '<=',
  '≥': '>=',
  '≠': '<>',
  '!=': '<>',
  '==': '=',
};
/** Plural units are column ids too: after `/` they are columns. */
const PLURAL_COLUMNS = new Set([
  'chips',
  'tokens',
  'params',
  'steps',
  'sequences',
  'requests',
  'samples',
  'images',
  'persons',
  'people',
]);

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** End of the unit that starts at `at`, or `at` when there is none. */
function unitEnd(text: string, at: number): number {
  const first = match(/[A-Za-zµ][A-Za-z0-9µ]*/y, text, at);
  if (!first || !isUnitName(first[0])) return at;
  let end = at + first[0].length;
  if (text[end] === '(' || text[end] === '.' || /[A-Za-z0-9_]/.test(text[end] ?? '')) return at;
  for (;;) {
    const power = match(/\^-?\d/y, text, end);
    if (power) {
      end += power[0].length;
      continue;
    }
    const group = match(/\/\(([A-Za-z0-9µ·*/]+)\)/y, text, end);
    if (group && (group[1] as string).split(/[·*/]/).every(isUnitName)) {
      end += group[0].length;
      continue;
    }
    const next = match(/[/·]([A-Za-zµ][A-Za-z0-9µ]*)(?![A-Za-z0-9_.(])/y, text, end);
    if (!next || !isUnitName(next[1] as string) || PLURAL_COLUMNS.has(next[1] as string)) return end;
    end += next[0].length;
  }
}

/**
 * The unit written at `at`, with its end; null when no unit name starts there.
 * Used after numbers and after the word `in`.
 */
export function readUnit(text: string, at: number): { unit: Unit; end: number } | null {
  const end = unitEnd(text, at);
  return end === at ? null : { unit: parseUnit(text.slice(at, end)), end };
}

/** Words that are operators, never units. */
const WORDS = new Set(['to', 'in', 'and', 'or', 'not', 'true', 'false']);

function readNumber(text: string, from: number): Token {
  const digits = (match(NUMBER, text, from) as RegExpExecArray)[0];
  let value = Number(digits);
  let to = from + digits.length;
  const suffix = COUNT_SUFFIX[text[to] ?? ''];
  if (suffix !== undefined && !/[A-Za-z0-9_]/.test(text[to + 1] ?? '')) {
    value *= suffix;
    to++;
  }
  if (text[to] === '%') return { type: 'number', value: value / 100, unit: PLAIN, from, to: to + 1 };
  const unitFrom = to + (match(SPACE, text, to) as RegExpExecArray)[0].length;
  const found = readUnit(text, unitFrom);
  if (found) return { type: 'number', value, unit: found.unit, from, to: found.end };
  const word = match(NAME, text, unitFrom);
  if (word && !WORDS.has(word[0])) {
    const span = { from: unitFrom, to: unitFrom + word[0].length };
    const advice = unitAdvice(word[0]) || `to multiply, write "${digits} * ${word[0]}"`;
    throw new FormulaError('UNIT', `"${word[0]}" after a number is not a unit`, span, advice);
  }
  return { type: 'number', value, unit: PLAIN, from, to };
}

/** Splits a formula (without its leading `=`) into tokens. Throws FormulaError with the place. */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_FORMULA_LENGTH)
    throw new FormulaError('SYNTAX', `a formula may have ${MAX_FORMULA_LENGTH} characters, this has ${text.length}`, {
      from: MAX_FORMULA_LENGTH,
      to: text.length,
    });
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += (match(SPACE, text, at) as RegExpExecArray)[0].length;
    if (at >= text.length) break;
    const date = match(DATE, text, at);
    if (date) {
      const day = dayNumber(Number(date[1]), Number(date[2]), Number(date[3] ?? '1'));
      const to = at + date[0].length;
      if (day === null)
        throw new FormulaError(
          'SYNTAX',
          `"${date[0]}" is not a date`,
          { from: at, to },
          'dates are written 2027-01-31 or 2027-01',
        );
      tokens.push({ type: 'date', value: day, from: at, to });
      at = to;
      continue;
    }
    if (
      /[0-9]/.test(text[at] as string) ||
      (text[at] === '.' && /[0-9]/.test(text[at + 1] ?? '') && !endsMember(tokens, at))
    ) {
      const token = readNumber(text, at);
      tokens.push(token);
      at = token.to;
      continue;
    }
    const name = match(NAME, text, at);
    if (name) {
      tokens.push({ type: 'name', value: name[0], from: at, to: at + name[0].length });
      at += name[0].length;
      continue;
    }
    if (text[at] === '"') {
      const close = text.indexOf('"', at + 1);
      if (close < 0)
        throw new FormulaError('SYNTAX', 'a text is not closed', { from: at, to: text.length }, 'end it with "');
      tokens.push({ type: 'text', value: text.slice(at + 1, close), from: at, to: close + 1 });
      at = close + 1;
      continue;
    }
    const operator = match(OPERATOR, text, at);
    if (!operator)
      throw new FormulaError(
        'SYNTAX',
        `"${text[at]}" has no meaning here`,
        { from: at, to: at + 1 },
        hintFor(text[at] as string),
      );
    tokens.push({ type: 'operator', value: SAME[operator[0]] ?? operator[0], from: at, to: at + operator[0].length });
    at += operator[0].length;
  }
  tokens.push({ type: 'end', from: text.length, to: text.length });
  return tokens;
}

/** `runs.1` is a member, not a decimal fraction. */
function endsMember(tokens: readonly Token[], at: number): boolean {
  const last = tokens[tokens.length - 1];
  return last !== undefined && last.to === at && (last.type === 'name' || last.type === 'text');
}

function hintFor(character: string): string {
  if (character === '%') return 'percent follows a number, as in 40%';
  if ('$€£¥'.includes(character)) return 'write the currency code after the number, as in 2.49 USD/h';
  if (character === ';') return 'arguments are separated by commas';
  if (character === "'") return 'texts are written in double quotes';
  return '';
}
