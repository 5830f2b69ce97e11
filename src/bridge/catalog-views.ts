/** Catalog rows as clients see them. */
import { CATALOG_FIELDS } from '../core/plan/catalog-fields.ts';
import type { CatalogRow } from '../store/catalog-rows.ts';
import { factsOf } from './catalog-facts.ts';
import type { CatalogEntry, CatalogItem } from './contract.ts';

/** The fields that say most about a row of each kind, for one-line summaries. */
const SUMMARY: Readonly<Record<string, readonly string[]>> = {
  hardware: ['vendor', 'bf16_fp16_tensor_tflops_dense', 'memory_gb', 'tdp_w'],
  model: ['family', 'hidden_size', 'num_hidden_layers'],
  dataset: ['domain', 'tokens_billion'],
  price: ['provider', 'provider_class', 'commitment', 'usd_per_chip_hour'],
  cloud_region: ['location', 'pue', 'g_co2e_per_kwh'],
  published_run: ['organization', 'flop', 'accelerator_count'],
};

/** A row in a list. */
export function catalogItem(row: CatalogRow): CatalogItem {
  const summary = (SUMMARY[row.kind] ?? Object.keys(row.fields).slice(0, 4))
    .filter((field) => row.fields[field] !== undefined && row.fields[field] !== null)
    .map((field) => `${field}: ${row.fields[field]}`)
    .join(' · ');
  return {
    kind: row.kind,
    key: row.key,
    name: row.name,
    summary,
    source: row.source,
    asOf: row.asOf,
    confidence: row.confidence,
    origin: row.origin,
    facts: factsOf(row.kind, row.fields),
  };
}

/** A row with all its fields. */
export function catalogEntry(row: CatalogRow): CatalogEntry {
  const units = CATALOG_FIELDS[row.kind] ?? {};
  return {
    ...catalogItem(row),
    revision: row.revision,
    licence: row.licence,
    sourceUrl: row.sourceUrl,
    fields: Object.entries(row.fields)
      .filter(([, value]) => value !== undefined && typeof value !== 'object')
      // An imported model's architecture has a view of its own.
      .filter(([name]) => name !== 'architecture')
      .map(([name, value]) => ({
        name,
        value: typeof value === 'boolean' ? (value ? 'yes' : 'no') : (value ?? null),
        unit: units[name] === 'text' ? '' : (units[name] ?? ''),
      })),
  };
}
