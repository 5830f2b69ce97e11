import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addAliases, findByName } from './aliases.ts';
import { appendRevision } from './catalog-rows.ts';
import type { Fields, NewRow } from './catalog-rows.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import { parseCsv } from './csv.ts';
import type { CsvRecord } from './csv.ts';
import { write } from './database.ts';
import type { ReadableDb, WritableDb } from './database.ts';
import { slug } from './names.ts';
import { SEED_FILES, baseKey } from './seed-files.ts';
import type { SeedFile } from './seed-files.ts';
import { usableMemoryRule } from './usable-memory.ts';

/** The catalog that ships with the app. */
export const CATALOG_FOLDER = fileURLToPath(new URL('../../assets/catalog', import.meta.url));

export interface SeedReport {
  readonly added: number;
  readonly revised: number;
  readonly withdrawn: number;
  readonly unchanged: number;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Brings the seed rows of the catalog to what the CSV files of `folder` say, in one write. A changed row becomes a new
 * revision, a row that left the files is withdrawn, users' rows and revisions stay as they are. Does nothing when the
 * files are those of the last time. `now` in UTC ms.
 */
export function seedCatalog(db: WritableDb, now: number, folder = CATALOG_FOLDER): SeedReport {
  const texts = new Map(readdirSync(folder).filter((f) => f.endsWith('.csv')).sort().map((f) => [f, readFileSync(join(folder, f), 'utf8')])); // prettier-ignore
  // The seeding code is part of what the rows say: raise this number when it changes.
  const hash = sha256(`1\n${[...texts].map(([file, text]) => `${file}\n${text}`).join('\n')}`);
  if (seedHash(db) === hash) return { added: 0, revised: 0, withdrawn: 0, unchanged: countSeedRows(db) };
  return write(db, 'seed the catalog', () => {
    const aliases = parseCsv(texts.get('aliases.csv') ?? 'kind,name,key,role,note').records;
    const keys = new Map(
      aliases.filter((a) => a['role'] === 'key').map((a) => [`${a['kind']}\n${a['name']}`, a['key'] ?? '']),
    );
    // Seed names are derived from the files alone: made anew, so that a name that left the files leads nowhere.
    db.prepare("DELETE FROM catalog_alias WHERE origin = 'seed'").run();
    seedAliases(db, aliases);
    const before = currentSeedRows(db);
    const counts = { added: 0, revised: 0, withdrawn: 0, unchanged: 0 };
    const memory = new Map(parseCsv(texts.get('usable_memory.csv') ?? '').records.map((r) => [r['name'] ?? '', r]));
    const provenance = new Map(
      parseCsv(texts.get('datasets_field_provenance.csv') ?? '').records.map((r) => [r['id'] ?? '', r]),
    );
    const taken = new Map<string, number>();
    for (const seedFile of SEED_FILES) {
      const text = texts.get(seedFile.file);
      if (text === undefined) continue;
      const { records } = parseCsv(text);
      for (const record of seedFile.split ? records.flatMap(seedFile.split) : records) {
        const row = rowOf(db, seedFile, record, keys, taken);
        if (seedFile.kind === 'hardware') addUsableMemory(row.fields, memory.get(row.name));
        if (seedFile.kind === 'dataset')
          row.fields['fields_recalled'] = provenance.get(record['id'] ?? '')?.['fields_recalled'] || undefined;
        if (NAMED_KINDS.has(row.kind)) addAliases(db, row.kind, row.key, [row.name, row.key], 'seed');
        const id = `${row.kind}\n${row.key}`;
        const old = before.get(id);
        before.delete(id);
        const fieldsText = canonicalJson(row.fields);
        const content = contentOf(row, fieldsText);
        if (old === content) {
          counts.unchanged++;
          continue;
        }
        appendRevision(db, row, now, fieldsText);
        counts[old === undefined ? 'added' : 'revised']++;
      }
    }
    for (const id of before.keys()) {
      const [kind = '', key = ''] = id.split('\n');
      appendRevision(
        db,
        {
          kind,
          key,
          origin: 'seed',
          withdrawn: true,
          name: key,
          fields: {},
          source: '',
          sourceUrl: '',
          asOf: '',
          confidence: '',
          licence: '',
        },
        now,
      );
      counts.withdrawn++;
    }
    db.prepare(
      "INSERT INTO meta (key, value) VALUES ('seed_hash', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    ).run(hash);
    return counts;
  });
}

/** Kinds people name in cells: their rows are found by name, the others by what they are about. */
const NAMED_KINDS = new Set(['hardware', 'model', 'dataset', 'cloud_region']);

function seedHash(db: ReadableDb): string {
  return (db.prepare("SELECT value FROM meta WHERE key = 'seed_hash'").pluck().get() as string | undefined) ?? '';
}

function countSeedRows(db: ReadableDb): number {
  return db
    .prepare("SELECT count(*) FROM catalog_head h JOIN catalog_row r ON r.id = h.row_id WHERE r.origin = 'seed'")
    .pluck()
    .get() as number;
}

/** What the seed said last, by kind and key, as comparable text. */
function currentSeedRows(db: ReadableDb): Map<string, string> {
  const rows = db
    .prepare(
      `SELECT kind, key, name, fields, source, source_url, as_of, confidence, licence FROM catalog_row r
      WHERE origin = 'seed' AND withdrawn = 0 AND NOT EXISTS (SELECT 1 FROM catalog_row l WHERE l.kind = r.kind AND l.key = r.key AND l.origin = 'seed' AND l.revision > r.revision)`,
    )
    .raw()
    .all() as string[][];
  return new Map(rows.map(([kind, key, ...content]) => [`${kind}\n${key}`, content.join('\n')]));
}

/** In the order {@link currentSeedRows} reads the columns. */
function contentOf(row: NewRow, fieldsText: string): string {
  return [row.name, fieldsText, row.source, row.sourceUrl, row.asOf, row.confidence, row.licence].join('\n');
}

function rowOf(
  db: ReadableDb,
  seedFile: SeedFile,
  record: CsvRecord,
  keys: ReadonlyMap<string, string>,
  taken: Map<string, number>,
): NewRow & { fields: Fields } {
  const name = seedFile.name(record);
  const base = keys.get(`${seedFile.kind}\n${name}`) || baseKey(seedFile, record);
  const seen = (taken.get(`${seedFile.kind}\n${base}`) ?? 0) + 1;
  taken.set(`${seedFile.kind}\n${base}`, seen);
  const facts = {
    source: seedFile.source(record),
    sourceUrl: seedFile.sourceUrl(record),
    asOf: seedFile.asOf(record),
    confidence: seedFile.confidence(record),
    licence: seedFile.licence(record) || 'not stated by the source',
  };
  return {
    kind: seedFile.kind,
    key: seen === 1 ? base : `${base}-${seen}`,
    origin: 'seed',
    name,
    fields: fieldsOf(db, seedFile, record, facts),
    ...facts,
  };
}

/** Columns that say where a row comes from: in the row itself, so not repeated among its fields. */
const ORIGIN_COLUMNS = new Set([
  'source',
  'source_title',
  'source_url',
  'as_of',
  'confidence',
  'verification',
  'licence',
]);

/** The record's columns: numbers as numbers, empty ones left out (unknown is not 0). */
function fieldsOf(
  db: ReadableDb,
  seedFile: SeedFile,
  record: CsvRecord,
  facts: Readonly<Record<string, string>>,
): Fields {
  const fields: Fields = {};
  const said = new Set(Object.values(facts));
  for (const [column, value] of Object.entries(record)) {
    if (value === '' || (ORIGIN_COLUMNS.has(column) && said.has(value))) continue;
    const isNumber = !seedFile.text?.includes(column) && NUMBER.test(value) && Number.isFinite(Number(value));
    fields[seedFile.rename?.[column] ?? column] = isNumber ? Number(value) : value;
  }
  const chip = seedFile.chip ? record[seedFile.chip] : '';
  if (chip) {
    const found = findByName(db, 'hardware', chip);
    if (found.key !== null) fields['chip_key'] = found.key;
  }
  return fields;
}

function addUsableMemory(fields: Fields, measured: CsvRecord | undefined): void {
  if (measured) {
    fields['memory_usable_bytes'] = Number(measured['memory_usable_bytes']);
    fields['memory_usable_source'] = `${measured['source']} (${measured['confidence']}, ${measured['as_of']})`;
    return;
  }
  const nominal = fields['memory_gb'];
  if (typeof nominal !== 'number') return;
  const rule = usableMemoryRule(nominal, String(fields['memory_type'] ?? ''));
  fields['memory_usable_bytes'] = rule.bytes;
  fields['memory_usable_source'] = rule.source;
}

/** Names from aliases.csv. */
function seedAliases(db: WritableDb, aliases: readonly CsvRecord[]): void {
  for (const alias of aliases) {
    const kind = alias['kind'] ?? '';
    const name = alias['name'] ?? '';
    if (alias['role'] === 'alias')
      addAliases(db, kind, alias['key'] || slug(name), [name], 'seed', alias['note'] ?? '');
    if (alias['role'] === 'unknown') addAliases(db, kind, null, [name], 'seed', alias['note'] ?? '');
  }
}
