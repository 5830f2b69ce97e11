/**
 * How a column looks: its number format and its marks (conditional formats). Both are short texts that stand with the
 * column in the plan, such as `fixed 2` and `above 1.5M: bad; is draft: warn`.
 */
import type { UserColumn } from '../document/plan.ts';
import { formatCount, formatFixed, formatScientific, formatSignificant } from '../format/number.ts';

export const NUMBER_STYLES = ['fixed', 'percent', 'scientific', 'count', 'plain'] as const;
export type NumberStyle = (typeof NUMBER_STYLES)[number];
export const MARK_TESTS = ['above', 'below', 'is', 'contains'] as const;
export const MARK_TONES = ['good', 'warn', 'bad'] as const;
export type MarkTone = (typeof MARK_TONES)[number];

/** A number's style, and its decimals (fixed, percent) or significant digits (the others). */
export interface NumberFormat {
  readonly style: NumberStyle;
  readonly digits: number;
}

/** One rule of a column; the first that applies decides. `value` is as typed, in the column's unit. */
export interface Mark {
  readonly test: (typeof MARK_TESTS)[number];
  readonly value: string;
  readonly tone: MarkTone;
}

/** Reads `fixed 2`; null when it is no number format. */
export function readNumberFormat(text: string): NumberFormat | null {
  const found = /^\s*(fixed|percent|scientific|count|plain)\s+(\d{1,2})\s*$/.exec(text);
  if (!found) return null;
  const digits = Number(found[2]);
  const style = found[1] as NumberStyle;
  const least = style === 'fixed' || style === 'percent' ? 0 : 1;
  return digits < least || digits > 12 ? null : { style, digits };
}

/** A number in a style; `shown` is in the display unit. Empty when it is not finite. */
export function formatInStyle(shown: number, { style, digits }: NumberFormat): string {
  switch (style) {
    case 'fixed':
      return formatFixed(shown, digits);
    case 'percent':
      return Number.isFinite(shown) ? `${formatFixed(shown * 100, digits)}%` : '';
    case 'scientific':
      return formatScientific(shown, digits);
    case 'count':
      return formatCount(shown, digits);
    case 'plain':
      return formatSignificant(shown, digits);
  }
}

/** Reads `above 1.5M: bad; is draft: warn`; null when any part of it is no rule. An empty text has no rules. */
export function readMarks(text: string): readonly Mark[] | null {
  const marks: Mark[] = [];
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const found = /^\s*(above|below|is|contains)\s+(.*\S)\s*:\s*(good|warn|bad)\s*$/.exec(part);
    if (!found) return null;
    marks.push({ test: found[1] as Mark['test'], value: found[2] as string, tone: found[3] as MarkTone });
  }
  return marks;
}

/** Marks as the text they are read from. */
export function writeMarks(marks: readonly Mark[]): string {
  return marks.map(({ test, value, tone }) => `${test} ${value}: ${tone}`).join('; ');
}

/** True when two versions of a column differ in looks alone: values and formulas stay as they are. */
export function looksOnly(from: UserColumn | null, to: UserColumn | null): boolean {
  return from?.formula === to?.formula && from?.unit === to?.unit;
}
