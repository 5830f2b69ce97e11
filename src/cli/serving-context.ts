/** What rows of a serving table only name, looked up: chips in the store, models in a folder of configurations and the store. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaseContext } from '../core/cluster/cases/case.ts';
import { matchName } from '../core/cluster/cases/names.ts';
import { hardwareFromCatalogRow, type HardwareSpec } from '../core/cluster/hardware.ts';
import { FlopsheetError } from '../core/errors.ts';
import type { Architecture, Model } from '../core/model/architecture.ts';
import { architectureFromConfig } from '../core/model/hf-config.ts';
import { catalogRow, type Catalog } from '../core/sheet/catalog.ts';
import { FAMILIES } from '../import/model/families.ts';
import { findByName } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';

/** Hardware numbers of a catalog row by key or any known name. Throws `catalog_unknown` or what the row lacks. */
export async function hardwareByName(
  catalog: Catalog,
  store: Store,
  name: string,
): Promise<{ key: string; hardware: HardwareSpec }> {
  const { showCatalog } = await import('../store/catalog.ts');
  const { key } = showCatalog(store.db, 'hardware', name);
  return { key, hardware: hardwareFromCatalogRow(catalogRow(catalog, 'hardware', key)?.fields ?? {}) };
}

/** Configurations of a folder by file name without its ending (`/` of a name is written `--`). */
function configurations(folder: string): Map<string, string> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new FlopsheetError('FILE', `there is no folder ${folder}`, {
      where: '--configs',
      hint: 'name a folder of config.json files, as Org--Model.json',
    });
  return new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file.replace(/\.json$/, ''), join(folder, file)]),
  );
}

function readArchitecture(file: string, name: string): Architecture | null {
  // Python writes Infinity, which is not JSON.
  const text = readFileSync(file, 'utf8').replace(/(:|,|\[)(\s*)-?Infinity\b/g, '$1$2 1e999');
  try {
    return architectureFromConfig(JSON.parse(text), FAMILIES, name).architecture;
  } catch {
    return null;
  }
}

/** Configurations of models the catalog does not hold, shipped with the fits. */
const SHIPPED = new URL('../../assets/fits/configs/', import.meta.url);

/** A name, without its owner, and without the format or tuning at its end. */
function spellings(name: string): string[] {
  const own = name.split(/--|\//).at(-1) ?? name;
  const bare = own.replace(/[-_](nvfp4|mxfp4|fp8|fp4|bf16|instruct|base|chat)(?=$|[-_])/gi, '');
  return [...new Set([name, own, bare])];
}

/** Looks rows up: models in `folder` first, then in the catalog; unknown is null. */
export function servingContext(catalog: Catalog, store: Store, folder: string | undefined): CaseContext {
  const files = folder === undefined ? new Map<string, string>() : configurations(folder);
  const names = [...files.keys()];
  const models = new Map<string, Architecture | null>();
  const ofCatalog = (name: string): Architecture | null => {
    for (const spelling of spellings(name)) {
      const found = findByName(store.db, 'model', spelling);
      const payload = found.key === null ? undefined : catalogRow(catalog, 'model', found.key)?.payload;
      if ((payload as Model | undefined)?.kind === 'transformer') return payload as Architecture;
    }
    return null;
  };
  const shipped = configurations(fileURLToPath(SHIPPED));
  const shippedNames = [...shipped.keys()];
  const ofShipped = (name: string): Architecture | null => {
    const known = spellings(name)
      .map((spelling) => matchName(spelling, shippedNames))
      .find((match) => match !== null);
    return known === undefined || known === null ? null : readArchitecture(shipped.get(known) ?? '', name);
  };
  const find = (name: string): Architecture | null => {
    const exact = files.get(name.replaceAll('/', '--'));
    const matched = exact === undefined ? matchName(name, names) : null;
    const file = exact ?? (matched === null ? undefined : files.get(matched));
    return (file === undefined ? null : readArchitecture(file, name)) ?? ofCatalog(name) ?? ofShipped(name);
  };
  const catalogNames = [...(catalog.get('model')?.rows.values() ?? [])].filter(
    (row) => (row.payload as Model | undefined)?.kind === 'transformer',
  );
  return {
    architecture: (name) => {
      let found = models.get(name);
      if (found === undefined) {
        found = find(name);
        if (found === null) {
          const near = matchName(
            name,
            catalogNames.map((row) => row.name),
          );
          found = (catalogNames.find((row) => row.name === near)?.payload as Architecture | undefined) ?? null;
        }
        models.set(name, found);
      }
      return found;
    },
    hardware: (name) => {
      const found = findByName(store.db, 'hardware', name);
      if (found.key === null) return null;
      try {
        return hardwareFromCatalogRow(catalogRow(catalog, 'hardware', found.key)?.fields ?? {});
      } catch {
        return null;
      }
    },
  };
}
