/** Dates are whole or fractional days since 1970-01-01 in UTC: no time zones, no clock. */

const DAY_MS = 86_400_000;

/** Day number of a calendar date; null when the date does not exist. Month 1..12. */
export function dayNumber(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return date.getTime() / DAY_MS;
}

/** Day number of `2027-01-31` or `2027-01` (its first day); null when the text is neither. */
export function parseDate(text: string): number | null {
  const found = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(text.trim());
  return found ? dayNumber(Number(found[1]), Number(found[2]), Number(found[3] ?? '1')) : null;
}

/** ISO date of a day number; times of day are dropped. */
export function isoDate(day: number): string {
  return Number.isFinite(day) && Math.abs(day) < 1e8
    ? new Date(Math.floor(day) * DAY_MS).toISOString().slice(0, 10)
    : '';
}

/** Calendar parts of a day number. */
export function dateParts(day: number): { year: number; month: number; day: number } {
  const date = new Date(Math.floor(day) * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
