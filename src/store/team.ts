/** Places a team shares from, and what was last taken from each. */
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';

export interface TeamSource {
  /** Path of a folder, or an https address. */
  readonly place: string;
  readonly mayFetch: boolean;
}

/** What was taken once: the team's content by hash, and what it became here. */
export interface TakenItem {
  readonly kind: 'price' | 'plan';
  readonly item: string;
  readonly hash: string;
  readonly localKey: string;
  readonly localRevision: number;
}

export function teamSources(db: ReadableDb): TeamSource[] {
  return read(db, 'read the team’s places', () =>
    (
      statement(db, 'SELECT place, may_fetch FROM team_source ORDER BY added_at_ms, place').all() as {
        place: string;
        may_fetch: number;
      }[]
    ).map((row) => ({ place: row.place, mayFetch: row.may_fetch === 1 })),
  );
}

/** Adds a place, or changes whether it may be fetched. */
export function putTeamSource(db: WritableDb, { place, mayFetch }: TeamSource, at: number): void {
  write(db, 'save the team’s place', () =>
    statement(
      db,
      'INSERT INTO team_source (place, may_fetch, added_at_ms) VALUES (?, ?, ?) ON CONFLICT (place) DO UPDATE SET may_fetch = excluded.may_fetch',
    ).run(place, mayFetch ? 1 : 0, at),
  );
}

/** Forgets a place. What was taken from it stays. */
export function removeTeamSource(db: WritableDb, place: string): void {
  write(db, 'forget the team’s place', () => statement(db, 'DELETE FROM team_source WHERE place = ?').run(place));
}

export function takenItems(db: ReadableDb, place: string): TakenItem[] {
  return read(db, 'read what was taken from the team', () =>
    (
      statement(db, 'SELECT kind, item, hash, local_key, local_revision FROM team_item WHERE place = ?').all(place) as {
        kind: TakenItem['kind'];
        item: string;
        hash: string;
        local_key: string;
        local_revision: number;
      }[]
    ).map((row) => ({
      kind: row.kind,
      item: row.item,
      hash: row.hash,
      localKey: row.local_key,
      localRevision: row.local_revision,
    })),
  );
}

export function putTaken(db: WritableDb, place: string, taken: TakenItem, at: number): void {
  write(db, 'remember what was taken from the team', () =>
    statement(
      db,
      `INSERT INTO team_item (place, kind, item, hash, local_key, local_revision, taken_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (place, kind, item) DO UPDATE SET hash = excluded.hash, local_key = excluded.local_key,
          local_revision = excluded.local_revision, taken_at_ms = excluded.taken_at_ms`,
    ).run(place, taken.kind, taken.item, taken.hash, taken.localKey, taken.localRevision, at),
  );
}
