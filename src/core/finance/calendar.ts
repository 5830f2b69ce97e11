import { FlopsheetError } from '../errors.ts';

/**
 * Dates as whole numbers, always UTC: a day is days since 1970-01-01, an instant is seconds since then, a month is
 * `year * 12 + month - 1`. Months have their real hours (February 2028 has 696), never 730.
 */
export const SECONDS_PER_DAY = 86_400;

/** Day number of a civil date (proleptic Gregorian; Howard Hinnant's days_from_civil). `month` is 1 to 12. */
export function dayOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Civil date of a day number. */
export function civilOf(day: number): { year: number; month: number; day: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** Month number of a year and a month 1 to 12. */
export function monthOf(year: number, month: number): number {
  return year * 12 + month - 1;
}

/** First day of a month number. */
export function firstDayOfMonth(month: number): number {
  return dayOf(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1);
}

/** Calendar days of a month number: 28 to 31. */
export function daysInMonth(month: number): number {
  return firstDayOfMonth(month + 1) - firstDayOfMonth(month);
}

/** Hours of a month number: days x 24. */
export function hoursInMonth(month: number): number {
  return daysInMonth(month) * 24;
}

/** Instant (s) at which a month number starts, 00:00 UTC on its first day. */
export function monthStart(month: number): number {
  return firstDayOfMonth(month) * SECONDS_PER_DAY;
}

/** Month number in which an instant (s) falls. */
export function monthAt(seconds: number): number {
  const civil = civilOf(Math.floor(seconds / SECONDS_PER_DAY));
  return monthOf(civil.year, civil.month);
}

/** Month number in which a day (days since 1970-01-01, fractions allowed) falls. */
export function monthOfDay(day: number): number {
  return monthAt(day * SECONDS_PER_DAY);
}

/** Hours of [from, to) (instants, s) that fall in a month number; 0 if none. */
export function overlapHours(from: number, to: number, month: number): number {
  const start = Math.max(from, monthStart(month));
  const end = Math.min(to, monthStart(month + 1));
  return end > start ? (end - start) / 3600 : 0;
}

/** Month number of `YYYY-MM`. Throws `month_text` naming the text and where it stands. */
export function parseMonth(text: string, where = ''): number {
  const match = /^(\d{4})-(\d{2})$/.exec(text);
  const month = match ? Number(match[2]) : 0;
  if (!match || month < 1 || month > 12) {
    throw new FlopsheetError('month_text', `"${text}" is not a month.`, { hint: 'Write months as 2027-03.', where });
  }
  return monthOf(Number(match[1]), month);
}

/** `YYYY-MM` of a month number. */
export function formatMonth(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Day number of `YYYY-MM-DD`. Throws `date_text` for text that is no date and for days that do not exist. */
export function parseDate(text: string, where = ''): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match) {
    const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
    if (month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(monthOf(year, month)))
      return dayOf(year, month, day);
    if (month === 2 && day === 29) {
      throw new FlopsheetError('date_text', `${text} does not exist: ${year} is not a leap year.`, {
        hint: `Use ${year}-02-28 or ${year}-03-01.`,
        where,
      });
    }
  }
  throw new FlopsheetError('date_text', `"${text}" is not a date.`, { hint: 'Write dates as 2027-03-10.', where });
}

/** `YYYY-MM-DD` of a day number. */
export function formatDate(day: number): string {
  const civil = civilOf(day);
  return `${String(civil.year).padStart(4, '0')}-${String(civil.month).padStart(2, '0')}-${String(civil.day).padStart(2, '0')}`;
}

/**
 * Instant (s) of `YYYY-MM-DD` (00:00 UTC) or of `YYYY-MM-DDThh:mm[:ss[.fff]]` with `Z` or an offset `+02:00`.
 * A time without a zone is refused (`time_zone`): which month it falls in would be a guess.
 */
export function parseInstant(text: string, where = ''): number {
  if (!text.includes('T')) return parseDate(text, where) * SECONDS_PER_DAY;
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  const [hour, minute, second] = match ? [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)] : [99, 99, 99];
  if (!match || hour > 23 || minute > 59 || second >= 60) {
    throw new FlopsheetError('date_text', `"${text}" is not a date and time.`, {
      hint: 'Write it as 2027-03-10T09:30:00Z.',
      where,
    });
  }
  const zone = match[5];
  if (zone === undefined) {
    throw new FlopsheetError('time_zone', `"${text}" has a time but no time zone.`, {
      hint: 'Add Z for UTC, or an offset such as +02:00.',
      where,
    });
  }
  const offset = zone === 'Z' ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  return parseDate(match[1]!, where) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset * 60;
}

/** `YYYY-MM-DDThh:mm:ssZ` of an instant (s), cut down to the whole second. */
export function formatInstant(seconds: number): string {
  const whole = Math.floor(seconds);
  const day = Math.floor(whole / SECONDS_PER_DAY);
  const rest = whole - day * SECONDS_PER_DAY;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${formatDate(day)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z`;
}

/** A fiscal calendar: the month it starts in (1 to 12) and the calendar year that names it. */
export interface FiscalCalendar {
  startMonth: number;
  namedBy?: 'start' | 'end';
}

/** Fiscal year and quarter (1 to 4) of a month number. Throws `fiscal_start` when the start month is not 1 to 12. */
export function fiscalPeriod(month: number, calendar: FiscalCalendar): { year: number; quarter: number } {
  const { startMonth } = calendar;
  if (!Number.isInteger(startMonth) || startMonth < 1 || startMonth > 12) {
    throw new FlopsheetError('fiscal_start', `A fiscal year cannot start in month ${startMonth}.`, {
      hint: 'Give the start month as 1 (January) to 12 (December).',
    });
  }
  const shifted = month - (startMonth - 1);
  const startYear = Math.floor(shifted / 12);
  const year = calendar.namedBy === 'end' && startMonth > 1 ? startYear + 1 : startYear;
  return { year, quarter: Math.floor((((shifted % 12) + 12) % 12) / 3) + 1 };
}

/** `FY2027` of a month number. */
export function fiscalYearLabel(month: number, calendar: FiscalCalendar): string {
  return `FY${fiscalPeriod(month, calendar).year}`;
}

/** `FY2027-Q1` of a month number. */
export function fiscalQuarterLabel(month: number, calendar: FiscalCalendar): string {
  const { year, quarter } = fiscalPeriod(month, calendar);
  return `FY${year}-Q${quarter}`;
}
