/** Ways to lay an amount of whole cents out over months; the parts add up to it exactly. */
import { monthOfDay, overlapHours, SECONDS_PER_DAY } from '../../finance/calendar.ts';
import type { Cents } from '../../finance/money.ts';
import type { MonthParts } from './collect.ts';

/** Splits cents by weights: each part is rounded from the running share, so that nothing is lost. */
export function splitCents(cents: Cents, weights: readonly number[]): Cents[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let share = 0;
  let before = 0;
  const last = weights.findLastIndex((weight) => weight > 0);
  return weights.map((weight, i) => {
    share += weight / whole;
    const upTo = i >= last ? cents : Math.round(cents * share);
    const part = upTo - before;
    before = upTo;
    return part;
  });
}

/** By the hours of [from, to) (days since 1970-01-01) in each month; null when a date is unknown or nothing lies between. */
export function spreadCents(cents: Cents, from: number, to: number): MonthParts | null {
  if (!Number.isFinite(from) || !Number.isFinite(to) || to <= from) return null;
  const first = monthOfDay(from);
  const last = monthOfDay(to);
  const hours: number[] = [];
  for (let month = first; month <= last; month++)
    hours.push(overlapHours(from * SECONDS_PER_DAY, to * SECONDS_PER_DAY, month));
  if (hours.length > 1 && hours[hours.length - 1] === 0) hours.pop();
  return { first, cents: splitCents(cents, hours) };
}

/** All of it in the month of one day; null when the day is unknown. */
export function inMonthOf(cents: Cents, day: number): MonthParts | null {
  return Number.isFinite(day) ? { first: monthOfDay(day), cents: [cents] } : null;
}

/** Equal parts over so many months, odd cents apart; null when the start is unknown. */
export function splitEvenly(cents: Cents, from: number, months: number): MonthParts | null {
  return Number.isFinite(from) && months >= 1
    ? { first: monthOfDay(from), cents: splitCents(cents, new Array<number>(Math.round(months)).fill(1)) }
    : null;
}

/** The same amount in each of so many months, as far as the total goes; null when the start is unknown. */
export function everyMonth(each: Cents, from: number, months: number): MonthParts | null {
  return Number.isFinite(from) && months >= 1
    ? { first: monthOfDay(from), cents: new Array<Cents>(Math.round(months)).fill(each) }
    : null;
}
