import { existsSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { applyCommands } from '../core/document/apply.ts';
import type { Command, Plan } from '../core/document/plan.ts';
import { removeDatabase } from './backup.ts';
import { connect } from './database.ts';
import type { Connection, WritableDb } from './database.ts';
import { asStoreError, sqliteCode, storeError } from './errors.ts';
import { loadMigrations, migrate } from './migrate.ts';
import { createPlan } from './plans.ts';
import { keepAside, replaceStore, withLock } from './restore.ts';
import { fullCheck, planIsWhole } from './integrity.ts';

/** What was saved from a damaged store. */
export interface Salvaged {
  /** Where the damaged file is kept, unchanged. */
  readonly keptAt: string;
  readonly rows: Readonly<Record<string, number>>;
  /** Plans that came back whole, with their history. */
  readonly wholePlans: readonly string[];
  /** Plans that came back at the last state that could be read, as plans with a history of their own. */
  readonly rebuiltPlans: readonly { readonly name: string; readonly revision: number }[];
  /** Plans of which nothing could be read. */
  readonly lostPlans: readonly string[];
}

/** Tables copied row by row; the order respects references. */
const COPIED = ['meta', 'catalog_row', 'catalog_alias', 'fitted_law'] as const;
const PER_PLAN = ['journal', 'plan_snapshot', 'approval', 'cell_comment'] as const;
/** Reads of a damaged table before giving up on the rest of it. */
const PROBES = 20_000;

type Row = Record<string, unknown>;

/**
 * Makes a sound store of whatever can be read of a damaged one. The damaged file is kept aside unchanged first. A plan
 * whose hash chain still holds comes back whole; another comes back as it last could be read. The store must be closed.
 */
export function salvageStore(storePath: string, options: { version: string; now: number }): Salvaged {
  if (!existsSync(storePath))
    throw storeError('store_missing', `There is no store at ${storePath}`, { where: storePath });
  try {
    return withLock(storePath, () => {
      const keptAt = keepAside(storePath, 'corrupt', options.now);
      const fresh = `${storePath}.salvage`;
      removeDatabase(fresh);
      const db = connect(fresh, { readOnly: false });
      let result: Omit<Salvaged, 'keptAt'>;
      try {
        migrate(db, loadMigrations(), options);
        result = copyAll(keptAt, db as WritableDb, options.now);
        const check = fullCheck(db as WritableDb);
        if (!check.ok)
          throw storeError('store_corrupt', `What was recovered is not sound: ${check.findings[0]?.message ?? ''}`, {
            hint: `The damaged file is kept at ${keptAt}.`,
            where: storePath,
          });
        db.pragma('wal_checkpoint(TRUNCATE)');
      } finally {
        db.close();
      }
      replaceStore(fresh, storePath);
      return { keptAt, ...result };
    });
  } catch (cause) {
    throw asStoreError(cause, 'recover the store', storePath);
  }
}

function copyAll(damaged: string, target: WritableDb, now: number): Omit<Salvaged, 'keptAt'> {
  const rows: Record<string, number> = {};
  const found: Record<string, Row[]> = {};
  let source: Connection | null = null;
  try {
    source = connect(damaged, { readOnly: true });
    for (const table of [...COPIED, 'plan', ...PER_PLAN]) found[table] = readTable(source, table);
  } catch (cause) {
    // Not even the list of tables can be read: an empty store is what is left.
    if (!sqliteCode(cause)) throw cause;
  } finally {
    source?.close();
  }
  return target
    .transaction(() => {
      for (const table of COPIED) rows[table] = insertAll(target, table, (found[table] ?? []).filter((row) => row['key'] !== 'seed_hash' && row['key'] !== 'writer')); // prettier-ignore
      return { rows, ...copyPlans(target, found, rows, now) };
    })
    .immediate();
}

/** Rows of a table that can be read: a range that fails is halved until the rows on the damaged pages are left out. */
function readTable(db: Connection, table: string): Row[] {
  const key = table === 'meta' ? 'rowid' : table.startsWith('catalog') ? 'id' : 'seq';
  const rows: Row[] = [];
  let probes = 0;
  let range: BetterSqlite3.Statement;
  try {
    range = db.prepare(`SELECT * FROM ${table} WHERE ${key} BETWEEN ? AND ?`);
  } catch (cause) {
    // The table itself is gone from the schema.
    if (!sqliteCode(cause)) throw cause;
    return rows;
  }
  const scan = (from: number, to: number): void => {
    if (probes++ > PROBES) return;
    try {
      rows.push(...(range.all(from, to) as Row[]));
    } catch (cause) {
      if (!sqliteCode(cause)) throw cause;
      if (from === to) return;
      const middle = Math.floor((from + to) / 2);
      scan(from, middle);
      scan(middle + 1, to);
    }
  };
  // Doubling windows: the largest key cannot be asked for when the last page is damaged.
  for (let from = 1, size = 1024; from < 2 ** 40; from += size, size *= 2) {
    const before = rows.length;
    scan(from, from + size - 1);
    if (rows.length === before && from > 2 ** 22) break;
  }
  return rows;
}

function insertAll(db: WritableDb, table: string, rows: readonly Row[]): number {
  const columns = db.prepare(`SELECT name FROM pragma_table_info(?)`).pluck().all(table) as string[];
  const insert = db.prepare(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let done = 0;
  for (const row of rows) {
    try {
      done += insert.run(columns.map((column) => row[column] ?? null)).changes;
    } catch (cause) {
      // A value the table's rules refuse is damage too: the row is left out.
      if (!sqliteCode(cause).startsWith('SQLITE_CONSTRAINT')) throw cause;
    }
  }
  return done;
}

function copyPlans(
  db: WritableDb,
  found: Record<string, Row[]>,
  rows: Record<string, number>,
  now: number,
): Pick<Salvaged, 'wholePlans' | 'rebuiltPlans' | 'lostPlans'> {
  const heads = new Map((found['plan'] ?? []).map((row) => [String(row['id']), row]));
  const ids = new Set([
    ...heads.keys(),
    ...PER_PLAN.flatMap((table) => (found[table] ?? []).map((row) => String(row['plan_id']))),
  ]);
  const result = {
    wholePlans: [] as string[],
    rebuiltPlans: [] as { name: string; revision: number }[],
    lostPlans: [] as string[],
  };
  for (const id of ids) {
    const of = (table: string) => (found[table] ?? []).filter((row) => row['plan_id'] === id);
    const head = heads.get(id);
    const whole = head !== undefined && tryWhole(db, head, of);
    const copied = whole ? head : rebuild(db, id, head, of, now, result.rebuiltPlans);
    if (!copied) {
      result.lostPlans.push(String(head?.['name'] ?? id));
      continue;
    }
    if (whole) result.wholePlans.push(String(head['name']));
    for (const table of ['approval', 'cell_comment'])
      rows[table] = (rows[table] ?? 0) + insertAll(db, table, of(table));
  }
  return result;
}

/** Copies a plan with its journal and keeps it only if it opens. */
function tryWhole(db: WritableDb, head: Row, of: (table: string) => Row[]): boolean {
  const attempt = db.transaction(() => {
    insertAll(db, 'plan', [head]);
    insertAll(db, 'journal', of('journal'));
    insertAll(db, 'plan_snapshot', of('plan_snapshot'));
    if (!planIsWhole(db, String(head['id']))) throw storeError('plan_damaged', 'not whole');
  });
  try {
    attempt();
    return true;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === undefined) throw cause;
    return false;
  }
}

/** The last state that snapshots and unbroken stretches of the journal lead to, stored as a plan of its own. */
function rebuild(
  db: WritableDb,
  id: string,
  head: Row | undefined,
  of: (table: string) => Row[],
  now: number,
  rebuilt: { name: string; revision: number }[],
): boolean {
  const commands = new Map(of('journal').map((row) => [Number(row['revision']), String(row['commands'])]));
  const snapshots = of('plan_snapshot').sort((a, b) => Number(b['revision']) - Number(a['revision']));
  for (const snapshot of snapshots) {
    try {
      let plan = JSON.parse(String(snapshot['document'])) as Plan;
      let revision = Number(snapshot['revision']);
      for (let text = commands.get(revision + 1); text !== undefined; text = commands.get(++revision + 1)) {
        try {
          plan = applyCommands(plan, JSON.parse(text) as Command[]).plan;
        } catch {
          break;
        }
      }
      const name = `${plan.settings.name} (recovered)`;
      createPlan(db, { ...plan, settings: { ...plan.settings, name } }, now, id);
      if (head?.['deleted_at_ms']) db.prepare('UPDATE plan SET deleted_at_ms = ? WHERE id = ?').run(now, id);
      rebuilt.push({ name, revision });
      return true;
    } catch {
      // This snapshot cannot be read: an older one may be.
    }
  }
  return false;
}
