/** What rows of a table of runs only name, looked up in the catalog; unknown is null, never a substitute. */
import type { CaseContext } from '../core/cluster/cases/case.ts';
import { matchName } from '../core/cluster/cases/names.ts';
import type { HardwareSpec } from '../core/cluster/hardware.ts';
import { shippedHardware, shippedVariant } from '../core/cluster/shipped.ts';
import type { Architecture } from '../core/model/architecture.ts';
import { catalogRow, type Catalog } from '../core/sheet/catalog.ts';
import { findByName } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';

/** Hardware numbers of a chip by key, alias or variant; null when unknown or when its row lacks what a prediction needs. */
export function hardwareOf(catalog: Catalog, store: Store, name: string): HardwareSpec | null {
  const variant = shippedVariant(name);
  const { key } = findByName(store.db, 'hardware', variant?.base ?? name);
  if (key === null) return null;
  try {
    const spec = shippedHardware(key, catalogRow(catalog, 'hardware', key)?.fields ?? {});
    return variant === null ? spec : variant.of(spec);
  } catch {
    return null;
  }
}

/** Looks rows up in the catalog: by key or alias, else the one model whose name fits. */
export function caseContext(catalog: Catalog, store: Store): CaseContext {
  const named = [...(catalog.get('model')?.rows.values() ?? [])].filter((row) => row.payload !== undefined);
  return {
    architecture: (name) => {
      const { key } = findByName(store.db, 'model', name);
      const payload = key === null ? undefined : catalogRow(catalog, 'model', key)?.payload;
      if (payload !== undefined) return payload as Architecture;
      const near = matchName(
        name,
        named.map((row) => row.name),
      );
      return (named.find((row) => row.name === near)?.payload as Architecture | undefined) ?? null;
    },
    hardware: (name) => hardwareOf(catalog, store, name),
  };
}
