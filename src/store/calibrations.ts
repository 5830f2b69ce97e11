/** Sessions of measuring and what their kernels took. A software adapter's are refused: no plan can ever use them. */
import { randomUUID } from 'node:crypto';
import { fingerprint } from '../core/calibrate/measure/identity.ts';
import type { DeviceIdentity, Preset, SessionReport } from '../core/calibrate/measure/report.ts';
import { canonicalJson } from './canonical.ts';
import { read, statement, write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';

export interface StoredSession {
  readonly id: string;
  readonly deviceId: number;
  readonly label: string;
  readonly preset: Preset;
  /** UTC milliseconds. */
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly complete: boolean;
  /** Left out of comparisons by the user. */
  readonly excluded: boolean;
  readonly report: SessionReport;
}

export interface StoredDevice {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly identity: DeviceIdentity;
}

/** Saves a session with its kernels; returns its id. Throws `calibration_software` for a fallback adapter. */
export function saveSession(db: WritableDb, report: SessionReport, label: string, now: number): string {
  if (report.device.fallback)
    throw storeError('calibration_software', 'A software adapter is not stored: its numbers say nothing of hardware', {
      where: report.device.name,
      hint: 'Measure where the browser or Dawn finds the GPU; its driver may be missing or switched off.',
    });
  const id = randomUUID();
  write(db, 'save the session', () => {
    statement(
      db,
      'INSERT INTO calibration_device (fingerprint, name, host, is_fallback, identity, first_seen_ms) VALUES (?, ?, ?, 0, ?, ?) ON CONFLICT (fingerprint) DO NOTHING',
    ).run(fingerprint(report.device), report.device.name, report.device.host, canonicalJson(report.device), now);
    const device = statement(db, 'SELECT id FROM calibration_device WHERE fingerprint = ?').get(
      fingerprint(report.device),
    ) as { id: number };
    statement(
      db,
      'INSERT INTO calibration_session (id, device_id, label, preset, started_at_ms, elapsed_ms, complete, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      id,
      device.id,
      label,
      report.preset,
      Date.parse(report.startedAt),
      Math.round(report.elapsedS * 1000),
      report.complete ? 1 : 0,
      canonicalJson(report),
    );
    for (const kernel of report.kernels)
      statement(
        db,
        'INSERT INTO kernel_measurement (session_id, kernel, dtype, p50_s, p99_s, samples_s) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(id, kernel.name, kernel.dtype, kernel.p50S, kernel.p99S, canonicalJson(kernel.samplesS));
  });
  return id;
}

/** Devices that were measured, last seen first. */
export function listDevices(db: ReadableDb): StoredDevice[] {
  return read(db, 'list the devices', () =>
    (
      statement(
        db,
        `SELECT d.id, d.name, d.host, d.identity FROM calibration_device d
         ORDER BY (SELECT max(s.started_at_ms) FROM calibration_session s WHERE s.device_id = d.id) DESC, d.id DESC`,
      ).all() as { id: number; name: string; host: string; identity: string }[]
    ).map((row) => ({ ...row, identity: JSON.parse(row.identity) as DeviceIdentity })),
  );
}

/** The last sessions, oldest first: of one device, or of all. */
export function listSessions(db: ReadableDb, deviceId: number | null, limit = 200): StoredSession[] {
  return read(db, 'list the sessions', () =>
    (
      statement(
        db,
        'SELECT * FROM calibration_session WHERE ? IS NULL OR device_id = ? ORDER BY started_at_ms DESC, seq DESC LIMIT ?',
      ).all(deviceId, deviceId, limit) as Record<string, string | number>[]
    )
      .map((row) => ({
        id: row['id'] as string,
        deviceId: row['device_id'] as number,
        label: row['label'] as string,
        preset: row['preset'] as Preset,
        startedAt: row['started_at_ms'] as number,
        elapsedMs: row['elapsed_ms'] as number,
        complete: row['complete'] === 1,
        excluded: row['excluded'] === 1,
        report: JSON.parse(row['report'] as string) as SessionReport,
      }))
      .reverse(),
  );
}

/** One session. Throws `calibration_session` when there is none of this id. */
export function sessionOf(db: ReadableDb, id: string): StoredSession {
  const found = listSessions(db, null, -1).find((session) => session.id === id);
  if (!found)
    throw storeError('calibration_session', 'There is no such session', {
      where: id,
      hint: 'It may be in another store.',
    });
  return found;
}

/** Changes what people say of a session: its label, and whether comparisons use it. */
export function markSession(
  db: WritableDb,
  id: string,
  mark: { readonly label?: string; readonly excluded?: boolean },
): void {
  write(db, 'mark the session', () => {
    const current = sessionOf(db, id);
    statement(db, 'UPDATE calibration_session SET label = ?, excluded = ? WHERE id = ?').run(
      mark.label ?? current.label,
      (mark.excluded ?? current.excluded) ? 1 : 0,
      id,
    );
  });
}
