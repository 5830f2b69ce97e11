/**
 * What somebody who mends a fault needs to know, and nothing of a plan: versions, the store's size and soundness, when
 * backups were made, the last lines of the log (which holds no plan content either). Nothing is sent: it is a text.
 */
import { statSync } from 'node:fs';
import { CATALOG_KINDS } from '../store/catalog.ts';
import { listBackups } from '../store/backup.ts';
import { fullCheck } from '../store/integrity.ts';
import { schemaNumber } from '../store/migrate.ts';
import type { Store } from '../store/open.ts';

export interface DiagnosticsOptions {
  readonly version: string;
  readonly host: string;
  /** UTC milliseconds. */
  readonly now: number;
  /** Newest last. */
  readonly logLines: readonly string[];
}

/** The bundle as JSON text. Counts and kinds of findings only: their words may name a plan. */
export function diagnosticsText(store: Store, options: DiagnosticsOptions): string {
  const one = (sql: string, ...values: unknown[]): unknown =>
    store.db
      .prepare(sql)
      .pluck()
      .get(...values);
  const check = fullCheck(store.db);
  const findings: Record<string, number> = {};
  for (const { part } of check.findings) findings[part] = (findings[part] ?? 0) + 1;
  const inMemory = store.path === ':memory:';
  const bytesOf = (path: string): number => (inMemory ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0));
  const facts = {
    made_at: new Date(options.now).toISOString(),
    flopsheet: options.version,
    host: options.host,
    node: process.versions.node,
    ...(process.versions['electron'] === undefined ? {} : { electron: process.versions['electron'] }),
    platform: `${process.platform} ${process.arch}`,
    sqlite: one('SELECT sqlite_version()'),
    memory_bytes: process.memoryUsage.rss(),
    store: {
      in_memory: inMemory,
      read_only: store.readOnly,
      schema: schemaNumber(store.db),
      bytes: bytesOf(store.path),
      journal_file_bytes: bytesOf(`${store.path}-wal`),
      journal_mode: store.db.pragma('journal_mode', { simple: true }),
      synchronous: store.db.pragma('synchronous', { simple: true }),
      plans: check.plans,
      journal_entries: check.journalEntries,
      catalog_rows: check.catalogRows,
      catalog_kinds: Object.fromEntries(
        CATALOG_KINDS.map((kind) => [kind, one('SELECT count(*) FROM catalog_head WHERE kind = ?', kind)]),
      ),
      sound: check.ok,
      findings,
    },
    backups: inMemory
      ? []
      : listBackups(store.path).map(({ at, bytes }) => ({ made_at: new Date(at).toISOString(), bytes })),
    log: options.logLines,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}
