/**
 * The catalog as the engine sees it: rows by kind and key with typed fields, at fixed revisions. Plain data from the store.
 * Numbers are in the unit of their field; a field that is absent or null is unknown.
 */
import type { ValueType } from '../formula/types.ts';
import { parseUnit } from '../quantity/unit.ts';

export interface CatalogRow {
  readonly key: string;
  readonly name: string;
  readonly revision: number;
  readonly fields: Readonly<Record<string, number | string | null>>;
  readonly source: string;
  readonly sourceUrl: string;
  readonly asOf: string;
  readonly confidence: string;
  /** Structured data that formulas hand to library functions: a model's architecture. */
  readonly payload?: unknown;
}

/** Field of a kind: a unit for numbers, `text` for texts. */
export type FieldSpec = string;

export interface CatalogKind {
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Canonical key of a key or alias; undefined when unknown. */
  readonly rows: ReadonlyMap<string, CatalogRow>;
  readonly aliases: ReadonlyMap<string, string>;
}

export type Catalog = ReadonlyMap<string, CatalogKind>;

export const EMPTY_CATALOG: Catalog = new Map();

/** The row a key or alias names. */
export function catalogRow(catalog: Catalog, kind: string, key: string): CatalogRow | undefined {
  const entries = catalog.get(kind);
  if (!entries) return undefined;
  return (
    entries.rows.get(key) ?? entries.rows.get(entries.aliases.get(key) ?? entries.aliases.get(key.toLowerCase()) ?? '')
  );
}

/** Type of a catalog field; undefined when the kind has no such field. */
export function fieldType(catalog: Catalog, kind: string, field: string): ValueType | undefined {
  const spec = catalog.get(kind)?.fields;
  if (!spec || !Object.hasOwn(spec, field)) return undefined;
  const unit = spec[field] as string;
  if (unit === 'text') return { is: 'text' };
  const { dimension, kind: count } = parseUnit(unit);
  return { is: 'number', dimension, kind: count };
}

/** A field's value: numbers in base units, texts as they are, null when unknown. */
export function fieldValue(catalog: Catalog, kind: string, key: string, field: string): number | string | null {
  const value = catalogRow(catalog, kind, key)?.fields[field];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  return value * parseUnit(catalog.get(kind)?.fields[field] ?? '').scale;
}
