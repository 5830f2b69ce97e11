/** Models and chips of the catalog as the serving lab takes them. */
import { hardwareFromCatalogRow } from '../core/cluster/hardware.ts';
import { lookUpPrice } from '../core/finance/price-book.ts';
import type { Architecture } from '../core/model/architecture.ts';
import { serverOverheadRatio } from '../core/plan/functions/hardware.ts';
import { priceBookOf } from '../core/plan/functions/price.ts';
import type { StudiedChip } from '../core/serving/study.ts';
import type { Catalog, CatalogRow } from '../core/sheet/catalog.ts';
import type { ServingSubjects } from './contract/serving.ts';

const NO_ROWS: ReadonlyMap<string, CatalogRow> = new Map();

/** A chip with its numbers, the median price of neoclouds on demand and all-in watts; null when it cannot be timed. */
export function studiedChip(catalog: Catalog, row: CatalogRow): StudiedChip | null {
  let hardware;
  try {
    hardware = hardwareFromCatalogRow(row.fields);
  } catch {
    return null;
  }
  const price = lookUpPrice(priceBookOf(catalog.get('price')?.rows ?? NO_ROWS), {
    chip: row.key,
    commitment: 'on_demand',
    providerClass: 'neocloud',
    on: '9999-12-31',
    staleAfterDays: 1e9,
  });
  return {
    key: row.key,
    name: row.name,
    hardware,
    usdPerChipHour: price.ok ? price.price : null,
    priceAsOf: price.ok ? price.asOf : '',
    wattsPerChip:
      hardware.powerWatts === null
        ? null
        : hardware.powerWatts * serverOverheadRatio(catalog.get('server_overhead')?.rows ?? NO_ROWS, row.key),
  };
}

/** Every model with an architecture and every chip with the numbers a timing needs; racks are no chips. */
export function servingSubjects(catalog: Catalog): ServingSubjects {
  const models = [...(catalog.get('model')?.rows.values() ?? [])]
    .filter((row) => (row.payload as Architecture | undefined)?.kind === 'transformer')
    .map((row) => ({ key: row.key, name: row.name, architecture: row.payload as Architecture }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const chips = [...(catalog.get('hardware')?.rows.values() ?? [])]
    .filter((row) => row.fields['form_factor'] !== 'Rack')
    .flatMap((row) => studiedChip(catalog, row) ?? [])
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return { models, chips };
}
