/** The catalog of the store as the engine reads it: current rows of the kinds that formulas may name. */
import { CATALOG_FIELDS, FIELD_SCALE } from '../core/plan/catalog-fields.ts';
import type { Catalog, CatalogKind, CatalogRow } from '../core/sheet/catalog.ts';
import { listCatalog } from './catalog.ts';
import type { CatalogRow as StoredRow } from './catalog-rows.ts';
import type { ReadableDb } from './database.ts';
import { statement } from './database.ts';
import { fold } from './names.ts';
import { modelArchitecture } from './model-rows.ts';

/** Kinds that library functions search as a whole, without fields of their own in formulas. */
const SEARCHED = ['price', 'price_history', 'server_overhead', 'electricity'] as const;

type EngineKind = keyof typeof CATALOG_FIELDS | (typeof SEARCHED)[number];

/** Reads the kinds the engine knows. Costs a few milliseconds; ask again after the catalog changed. */
export function engineCatalog(db: ReadableDb): Catalog {
  const kinds = new Map<string, CatalogKind>();
  for (const kind of [...Object.keys(CATALOG_FIELDS), ...SEARCHED] as EngineKind[]) {
    const rows = new Map<string, CatalogRow>();
    for (const stored of listCatalog(db, kind as Parameters<typeof listCatalog>[1]))
      rows.set(stored.key, engineRow(kind, stored));
    kinds.set(kind, { fields: CATALOG_FIELDS[kind] ?? {}, rows, aliases: aliasesOf(db, kind) });
  }
  return kinds;
}

function engineRow(kind: string, stored: StoredRow): CatalogRow {
  const fields: Record<string, string | number | null> = { name: stored.name, origin: stored.origin };
  for (const [name, value] of Object.entries(stored.fields)) {
    if (value === undefined || value === null) continue;
    const scale = FIELD_SCALE[`${kind}.${name}`] ?? 1;
    fields[name] = typeof value === 'number' ? value * scale : typeof value === 'boolean' ? (value ? 1 : 0) : value;
  }
  const model = kind === 'model' ? modelArchitecture(stored) : null;
  return {
    key: stored.key,
    name: stored.name,
    revision: stored.revision,
    fields: model ? { ...fields, ...model.fields } : fields,
    source: stored.source,
    sourceUrl: stored.sourceUrl,
    asOf: stored.asOf,
    confidence: stored.confidence,
    ...(model?.architecture ? { payload: model.architecture } : {}),
  };
}

/** Names a row is known by, folded and as written. */
function aliasesOf(db: ReadableDb, kind: string): Map<string, string> {
  const aliases = new Map<string, string>();
  const rows = statement(db, 'SELECT name, key FROM catalog_alias WHERE kind = ? AND key IS NOT NULL')
    .raw()
    .all(kind) as [string, string][];
  for (const [name, key] of rows) {
    aliases.set(name, key);
    aliases.set(name.toLowerCase(), key);
    aliases.set(fold(name), key);
  }
  return aliases;
}
