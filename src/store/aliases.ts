import { statement } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { storeError } from './errors.ts';
import { chipWords, fold, nearest } from './names.ts';

/** How a name led to a row: by its key, by a name it is known by, or by a chip's name found inside a longer one. */
export type Match = 'key' | 'alias' | 'contained';

export interface Resolved {
  readonly key: string;
  readonly match: Match;
  /** What the alias says about itself, for example that a name leaves the memory size open. */
  readonly note: string;
}

/** Why a name led nowhere: nothing known, or known to mean no single row. */
export interface Unresolved {
  readonly key: null;
  readonly reason: string;
}

interface AliasRow {
  readonly key: string | null;
  readonly note: string;
}

/** Names in front of a chip's name that do not change which chip it is. */
const VENDOR_WORDS = new Set([
  'nvidia',
  'amd',
  'intel',
  'google',
  'amazon',
  'aws',
  'habana',
  'instinct',
  'huawei',
  'geforce',
  'tesla',
  'virtualized',
]);

/** Finds the row a name stands for, without throwing. */
export function findByName(db: ReadableDb, kind: string, name: string): Resolved | Unresolved {
  const isKey = statement(db, 'SELECT 1 FROM catalog_head WHERE kind = ? AND key = ?').get(kind, name);
  if (isKey) return { key: name, match: 'key', note: '' };
  const byAlias = statement(db, 'SELECT key, note FROM catalog_alias WHERE kind = ? AND folded = ?');
  const look = (text: string) => (text === '' ? undefined : (byAlias.get(kind, text) as AliasRow | undefined));
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  for (let skip = 0; skip <= words.length; skip++) {
    if (skip > 0 && !VENDOR_WORDS.has((words[skip - 1] ?? '').toLowerCase())) break;
    const found = look(fold(words.slice(skip).join('')));
    if (found)
      return found.key === null
        ? { key: null, reason: found.note }
        : { key: found.key, match: 'alias', note: found.note };
  }
  return kind === 'hardware' ? findChipInside(name, look) : { key: null, reason: '' };
}

/**
 * Looks for a chip's name inside a machine's name: the longest runs of words that are a known name. They must agree on
 * one chip: a machine of two kinds is not guessed.
 */
function findChipInside(name: string, look: (folded: string) => AliasRow | undefined): Resolved | Unresolved {
  const words = chipWords(name);
  const keys = new Map<string, string>();
  for (let at = 0; at < words.length;) {
    let used = 1;
    for (let end = Math.min(words.length, at + 5); end > at; end--) {
      const run = words.slice(at, end).join('');
      // One or two characters are a version or a count in most machine names, not a chip.
      const found = run.length > 2 ? look(run) : undefined;
      if (found?.key) {
        keys.set(found.key, found.note);
        used = end - at;
        break;
      }
    }
    at += used;
  }
  const only = [...keys];
  if (only.length === 1 && only[0]) return { key: only[0][0], match: 'contained', note: only[0][1] };
  return { key: null, reason: only.length > 1 ? `it names ${only.map(([key]) => key).join(' and ')}` : '' };
}

/** Finds the row a name stands for. Throws `catalog_unknown` with the reason or the nearest names. */
export function resolveName(db: ReadableDb, kind: string, name: string): Resolved {
  const found = findByName(db, kind, name);
  if (found.key !== null) return found;
  const what = kind.replaceAll('_', ' ');
  if (found.reason) {
    throw storeError('catalog_unknown', `“${name}” is not one ${what}: ${found.reason}`, {
      hint: `Choose one row: \`catalog list ${kind}\` shows them.`,
      where: name,
    });
  }
  const names = db
    .prepare('SELECT name FROM catalog_alias WHERE kind = ? AND key IS NOT NULL')
    .pluck()
    .all(kind) as string[];
  const near = nearest(name, names);
  throw storeError('catalog_unknown', `No ${what} is called “${name}”`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.map((n) => `“${n}”`).join(', ')}?`
        : `\`catalog list ${kind}\` shows what there is; \`catalog add ${kind}\` adds one.`,
    where: name,
  });
}

/** Records names of a row. A name that already means another row is left alone, except that a user's name replaces a seed's. */
export function addAliases(
  db: WritableDb,
  kind: string,
  key: string | null,
  names: Iterable<string>,
  origin: 'seed' | 'user',
  note = '',
): void {
  const insert = statement(
    db,
    `INSERT INTO catalog_alias (kind, folded, name, key, origin, note) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, folded) DO UPDATE SET name = excluded.name, key = excluded.key, origin = excluded.origin, note = excluded.note
    WHERE excluded.origin = 'user' OR catalog_alias.origin = 'seed'`,
  );
  for (const name of names) {
    const folded = fold(name);
    if (folded !== '') insert.run(kind, folded, name, key, origin, note);
  }
}
