/** Logs and profiles of real runs, and what was read from them. */
import { randomUUID } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';

export interface StoredProfile {
  readonly id: string;
  /** Null: about no run of a plan. */
  readonly planId: string | null;
  readonly rowKey: string;
  readonly fileName: string;
  /** ISO day the file was last written. */
  readonly fileDate: string;
  readonly format: string;
  readonly summary: unknown;
  /** UTC milliseconds. */
  readonly importedAt: number;
}

/** Records what was read from a file; returns its id. */
export function addProfile(db: WritableDb, profile: Omit<StoredProfile, 'id'>): string {
  const id = randomUUID();
  write(db, 'save the profile', () =>
    statement(
      db,
      'INSERT INTO imported_profile (id, plan_id, row_key, file_name, file_date, format, summary, imported_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      id,
      profile.planId,
      profile.rowKey,
      profile.fileName,
      profile.fileDate,
      profile.format,
      canonicalJson(profile.summary),
      profile.importedAt,
    ),
  );
  return id;
}

/** Profiles of a plan, newest first. */
export function listProfiles(db: ReadableDb, planId: string): StoredProfile[] {
  return read(db, 'list the profiles', () =>
    (
      statement(db, 'SELECT * FROM imported_profile WHERE plan_id = ? ORDER BY imported_at_ms DESC, seq DESC').all(
        planId,
      ) as Record<string, string | number | null>[]
    ).map((row) => ({
      id: row['id'] as string,
      planId: row['plan_id'] as string | null,
      rowKey: row['row_key'] as string,
      fileName: row['file_name'] as string,
      fileDate: row['file_date'] as string,
      format: row['format'] as string,
      summary: JSON.parse(row['summary'] as string) as unknown,
      importedAt: row['imported_at_ms'] as number,
    })),
  );
}
