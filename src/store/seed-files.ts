import type { CsvRecord } from './csv.ts';
import { slug } from './names.ts';

/** The kinds of row the catalog holds. */
export const CATALOG_KINDS = [
  'hardware', 'model', 'dataset', 'price', 'price_history', 'purchase_price', 'server_overhead', 'staff_and_other',
  'electricity', 'carbon_intensity', 'cloud_region', 'reliability', 'published_run',
] as const; // prettier-ignore
export type CatalogKind = (typeof CATALOG_KINDS)[number];

/** How one CSV file of assets/catalog becomes catalog rows. */
export interface SeedFile {
  readonly file: string;
  readonly kind: CatalogKind;
  /** Columns that identify a row: its key is their slug, with `-2`, `-3` for repeats in file order. */
  readonly identity: readonly string[];
  readonly name: (record: CsvRecord) => string;
  /** Columns whose values stay text even when they look like numbers. */
  readonly text?: readonly string[];
  /** Column that holds a chip's name; its catalog key is added as `chip_key`. */
  readonly chip?: string;
  /** New names for columns, so that rows of one kind have the same fields. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly source: (record: CsvRecord) => string;
  readonly sourceUrl: (record: CsvRecord) => string;
  readonly asOf: (record: CsvRecord) => string;
  readonly confidence: (record: CsvRecord) => string;
  readonly licence: (record: CsvRecord) => string;
  /** One CSV row may give several catalog rows (a price per commitment). */
  readonly split?: (record: CsvRecord) => CsvRecord[];
}

const COMPILED = '2026-11';
const FACTS = 'facts only: cite the source';
const of =
  (...columns: string[]) =>
  (record: CsvRecord) =>
    columns.map((column) => record[column] ?? '').find((value) => value !== '') ?? '';
const fixed = (value: string) => () => value;
const joined =
  (...columns: string[]) =>
  (record: CsvRecord) =>
    columns.map((column) => record[column] ?? '').filter((value) => value !== '').join(' · '); // prettier-ignore

const MODEL = {
  kind: 'model',
  identity: ['model'],
  name: of('model'),
  text: ['model', 'family'],
  source: of('source'),
  sourceUrl: of('source_url'),
  asOf: fixed(COMPILED),
  confidence: of('verification'),
  licence: fixed(FACTS),
} as const;

/** Price columns of hardware_price_history.csv and the commitment each stands for. */
const HISTORY_PRICES = [
  ['on_demand_usd_per_chip_h', 'on_demand', 'usd_per_chip_hour'],
  ['cud_1yr_usd_per_chip_h', 'reserved_1y', 'usd_per_chip_hour'],
  ['cud_3yr_usd_per_chip_h', 'reserved_3y', 'usd_per_chip_hour'],
  ['purchase_usd_per_chip', 'purchase', 'usd_per_chip'],
] as const;

function oneRowPerPrice(record: CsvRecord): CsvRecord[] {
  const kept = Object.entries(record).filter(([column]) => !HISTORY_PRICES.some(([price]) => price === column));
  return HISTORY_PRICES.filter(([column]) => (record[column] ?? '') !== '').map(([column, commitment, field]) => ({
    ...Object.fromEntries(kept),
    commitment,
    [field]: record[column] ?? '',
  }));
}

/** Every file of the seed, hardware first: the others name chips. */
export const SEED_FILES: readonly SeedFile[] = [
  { file: 'accelerators.csv', kind: 'hardware', identity: ['name'], name: of('name'), text: ['name', 'vendor', 'release_date'], source: of('source'), sourceUrl: fixed(''), asOf: of('as_of'), confidence: of('confidence'), licence: fixed(`${FACTS}; epoch_* columns: Epoch AI, CC BY 4.0`) },
  { file: 'model_configs_dense.csv', ...MODEL },
  { file: 'model_configs_moe.csv', ...MODEL },
  { file: 'datasets.csv', kind: 'dataset', identity: ['id'], name: of('name'), text: ['id', 'name'], source: of('source_title'), sourceUrl: of('source_url'), asOf: fixed(COMPILED), confidence: of('confidence'), licence: of('licence') },
  { file: 'gpu_rental_prices.csv', kind: 'price', identity: ['provider', 'instance', 'chip', 'commitment', 'region_note', 'as_of_date'], name: joined('provider', 'instance', 'chip', 'commitment'), text: ['provider', 'instance', 'chip', 'as_of_date'], chip: 'chip', source: of('source_title'), sourceUrl: of('source_url'), asOf: of('as_of_date'), confidence: of('confidence'), licence: fixed(FACTS) },
  { file: 'gpu_rental_price_history.csv', kind: 'price_history', identity: ['provider', 'chip', 'basis', 'class', 'date'], name: joined('provider', 'chip', 'basis', 'date'), text: ['provider', 'chip', 'date'], chip: 'chip', rename: { class: 'provider_class', basis: 'commitment' }, source: joined('provider'), sourceUrl: of('source_url'), asOf: of('date'), confidence: of('confidence'), licence: fixed(FACTS) },
  { file: 'hardware_price_history.csv', kind: 'price_history', identity: ['vendor', 'hardware', 'commitment', 'location', 'price_date'], name: joined('vendor', 'hardware', 'commitment', 'price_date'), text: ['vendor', 'hardware', 'price_date', 'location'], chip: 'hardware', rename: { vendor: 'provider', hardware: 'chip', price_date: 'date' }, source: of('source'), sourceUrl: of('source_url'), asOf: of('price_date'), confidence: fixed('secondary'), licence: of('licence'), split: oneRowPerPrice },
  { file: 'purchase_prices.csv', kind: 'purchase_price', identity: ['kind', 'item', 'date'], name: joined('item', 'unit', 'date'), text: ['kind', 'item', 'chip', 'unit', 'date'], chip: 'chip', source: of('source_title'), sourceUrl: of('source_url'), asOf: of('date'), confidence: of('confidence'), licence: of('licence') },
  { file: 'server_overhead.csv', kind: 'server_overhead', identity: ['kind', 'platform', 'date'], name: joined('platform', 'kind'), text: ['kind', 'platform', 'chip', 'date'], chip: 'chip', source: of('source_title'), sourceUrl: of('source_url'), asOf: of('date'), confidence: of('confidence'), licence: of('licence') },
  { file: 'staff_and_other.csv', kind: 'staff_and_other', identity: ['kind', 'item', 'provider_or_role', 'date'], name: joined('item', 'provider_or_role'), text: ['kind', 'item', 'provider_or_role', 'date', 'unit'], source: of('source_title'), sourceUrl: of('source_url'), asOf: of('date'), confidence: of('confidence'), licence: of('licence') },
  { file: 'electricity_prices.csv', kind: 'electricity', identity: ['level', 'iso3', 'subregion', 'as_of_year'], name: joined('iso3', 'subregion', 'as_of_year'), text: ['level', 'iso3', 'subregion', 'as_of_year'], source: of('source'), sourceUrl: of('source_url'), asOf: of('as_of_year'), confidence: of('confidence'), licence: fixed(`${FACTS} (US EIA: public domain; Eurostat: attribution)`) },
  { file: 'grid_carbon_intensity.csv', kind: 'carbon_intensity', identity: ['level', 'region', 'zone_code', 'year'], name: joined('region', 'year'), text: ['level', 'region', 'iso3', 'zone_code', 'year'], source: of('source'), sourceUrl: fixed(''), asOf: of('year'), confidence: fixed('secondary'), licence: of('licence') },
  { file: 'cloud_regions.csv', kind: 'cloud_region', identity: ['cloud', 'region'], name: joined('cloud', 'region', 'location'), text: ['cloud', 'region', 'location'], source: joined('ci_source', 'pue_source'), sourceUrl: of('region_source_url', 'ci_source_url'), asOf: of('ci_year'), confidence: of('region_confidence'), licence: fixed('Our World in Data / Ember CC BY 4.0; cloud-carbon-footprint Apache-2.0') },
  { file: 'reliability.csv', kind: 'reliability', identity: ['system', 'metric', 'accelerator'], name: joined('system', 'metric'), text: ['system', 'metric', 'accelerator'], chip: 'accelerator', source: of('source'), sourceUrl: of('source_url'), asOf: of('as_of'), confidence: of('verification'), licence: fixed(FACTS) },
  { file: 'published_training_runs.csv', kind: 'published_run', identity: ['model', 'row_kind'], name: joined('model', 'organization'), text: ['model', 'organization', 'accelerator', 'release_date'], chip: 'accelerator', source: of('source'), sourceUrl: of('source_url'), asOf: of('release_date'), confidence: of('verification'), licence: fixed('Epoch AI rows: CC BY 4.0; others facts only') },
]; // prettier-ignore

/** The key of a record before repeats are told apart. */
export function baseKey(seedFile: SeedFile, record: CsvRecord): string {
  return slug(seedFile.identity.map((column) => record[column] ?? '').filter((value) => value !== '').join('-')) || 'row'; // prettier-ignore
}
