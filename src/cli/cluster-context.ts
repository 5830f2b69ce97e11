/** What rows of a training table only name, looked up in the store, a folder of configurations and the shipped facts. */
import { hardwareOf } from '../bridge/case-context.ts';
import type { CaseContext } from '../core/cluster/cases/case.ts';
import type { HardwareSpec } from '../core/cluster/hardware.ts';
import { shippedHardware, shippedVariant } from '../core/cluster/shipped.ts';
import { catalogRow, type Catalog } from '../core/sheet/catalog.ts';
import { showCatalog } from '../store/catalog.ts';
import type { Store } from '../store/open.ts';
import { servingContext } from './serving-context.ts';

/** Hardware numbers of a chip by key, alias or variant. Throws `catalog_unknown` with the nearest names, or what the row lacks. */
export function trainingHardware(
  catalog: Catalog,
  store: Store,
  name: string,
): { key: string; hardware: HardwareSpec } {
  const variant = shippedVariant(name);
  const { key } = showCatalog(store.db, 'hardware', variant?.base ?? name);
  const spec = shippedHardware(key, catalogRow(catalog, 'hardware', key)?.fields ?? {});
  return { key, hardware: variant === null ? spec : variant.of(spec) };
}

/** Looks rows up: models as for serving, chips with their measured rates; unknown is null. */
export function clusterContext(catalog: Catalog, store: Store, folder: string | undefined): CaseContext {
  const { architecture } = servingContext(catalog, store, folder);
  return {
    architecture,
    hardware: (name) => hardwareOf(catalog, store, name),
  };
}
