/** A backup file and when it was made, UTC milliseconds. */
export interface Dated {
  readonly file: string;
  readonly at: number;
}

const DAY = 86_400_000;

/**
 * Which backups to let go: kept are the 3 newest, the newest of each of the last 14 days, 8 weeks and 12 months that have
 * one. Counted in periods that hold backups, not in time since now, so a clock set wrong or a year of not using the app
 * never empties the shelf. The newest is always kept.
 */
export function expired(backups: readonly Dated[]): Dated[] {
  const newestFirst = [...backups].sort((a, b) => b.at - a.at || (a.file < b.file ? 1 : -1));
  const keep = new Set(newestFirst.slice(0, 3));
  const keepNewestPer = (period: (at: number) => number, count: number) => {
    const seen = new Set<number>();
    for (const backup of newestFirst) {
      const key = period(backup.at);
      if (seen.has(key)) continue;
      if (seen.size === count) break;
      seen.add(key);
      keep.add(backup);
    }
  };
  keepNewestPer((at) => Math.floor(at / DAY), 14);
  keepNewestPer((at) => Math.floor((at / DAY + 3) / 7), 8);
  keepNewestPer((at) => new Date(at).getUTCFullYear() * 12 + new Date(at).getUTCMonth(), 12);
  return newestFirst.filter((backup) => !keep.has(backup));
}
