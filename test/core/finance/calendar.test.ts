import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  civilOf,
  dayOf,
  daysInMonth,
  fiscalQuarterLabel,
  fiscalYearLabel,
  formatDate,
  formatInstant,
  formatMonth,
  hoursInMonth,
  monthAt,
  overlapHours,
  parseDate,
  parseInstant,
  parseMonth,
} from '../../../src/core/finance/calendar.ts';

test('days agree with the platform calendar over 4,000 years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 700_000 }), (day) => {
      const date = new Date(day * 86_400_000);
      expect(civilOf(day)).toEqual({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      expect(dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(day);
    }),
    { numRuns: 5000, seed: 3 },
  );
});

describe('months and leap days', () => {
  test('February 2028 has 696 hours, February 2027 672, 2100 no leap day', () => {
    expect(hoursInMonth(parseMonth('2028-02'))).toBe(696);
    expect(hoursInMonth(parseMonth('2027-02'))).toBe(672);
    expect(daysInMonth(parseMonth('2100-02'))).toBe(28);
  });
  test('a day that does not exist is refused with the reason', () => {
    expect(() => parseDate('2027-02-29', 'r1')).toThrow(/not a leap year/);
    expect(parseDate('2028-02-29')).toBe(parseDate('2028-03-01') - 1);
    expect(() => parseDate('2027-13-01')).toThrow(expect.objectContaining({ code: 'date_text' }));
    expect(() => parseMonth('2027-00')).toThrow(expect.objectContaining({ code: 'month_text' }));
  });
  test('hours of an interval add up over its months', () => {
    const from = parseInstant('2027-12-30T18:00:00Z');
    const to = parseInstant('2028-03-01T06:30:00Z');
    const months = ['2027-11', '2027-12', '2028-01', '2028-02', '2028-03', '2028-04'].map(parseMonth0);
    const hours = months.map((month) => overlapHours(from, to, month));
    expect(hours).toEqual([0, 30, 744, 696, 6.5, 0]);
    expect(hours.reduce((a, b) => a + b, 0) * 3600).toBe(to - from);
  });
});

describe('time zones', () => {
  test('an offset is turned into UTC, over a month end too', () => {
    expect(formatInstant(parseInstant('2027-03-01T00:30:00+02:00'))).toBe('2027-02-28T22:30:00Z');
    expect(formatMonth(monthAt(parseInstant('2027-03-01T00:30:00+02:00')))).toBe('2027-02');
    expect(parseInstant('2027-03-01')).toBe(parseInstant('2027-03-01T00:00:00Z'));
  });
  test('a time without a zone is asked about, not guessed', () => {
    expect(() => parseInstant('2027-03-01T00:30:00', 'start of r1')).toThrow(
      expect.objectContaining({ code: 'time_zone', where: 'start of r1', hint: expect.stringContaining('Z') }),
    );
  });
});

describe('fiscal calendars', () => {
  const february = { startMonth: 2 };
  test('a year from February: January belongs to the year before', () => {
    expect(fiscalQuarterLabel(parseMonth('2027-01'), february)).toBe('FY2026-Q4');
    expect(fiscalQuarterLabel(parseMonth('2027-02'), february)).toBe('FY2027-Q1');
    expect(fiscalYearLabel(parseMonth('2028-01'), february)).toBe('FY2027');
  });
  test('named by the year it ends in, and by the calendar year', () => {
    expect(fiscalYearLabel(parseMonth('2027-10'), { startMonth: 10, namedBy: 'end' })).toBe('FY2028');
    expect(fiscalQuarterLabel(parseMonth('2027-10'), { startMonth: 1, namedBy: 'end' })).toBe('FY2027-Q4');
  });
  test('a start month of 13 is refused', () => {
    expect(() => fiscalYearLabel(0, { startMonth: 13 })).toThrow(expect.objectContaining({ code: 'fiscal_start' }));
  });
});

function parseMonth0(text: string): number {
  return parseMonth(text);
}

test('dates survive a round trip', () => {
  for (const text of ['1970-01-01', '2000-02-29', '2027-12-31']) expect(formatDate(parseDate(text))).toBe(text);
});
