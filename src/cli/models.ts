/** A model named on the command line: a file people have, or a catalog key. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { FlopsheetError } from '../core/errors.ts';
import type { Architecture, LayerList, Model } from '../core/model/architecture.ts';
import { catalogRow, type CatalogRow } from '../core/sheet/catalog.ts';
import type { Invocation } from './command.ts';

export interface NamedModel {
  readonly name: string;
  /** Null when only published counts are known, or for a list of layers. */
  readonly architecture: Architecture | null;
  /** Models counted layer by layer (ONNX graphs, layer tables); empty otherwise. */
  readonly layerLists: readonly LayerList[];
  /** Published counts, for a model without architecture. */
  readonly published: { readonly total: number | null; readonly active: number | null } | null;
  readonly approximate: boolean;
  readonly notes: readonly string[];
}

/**
 * Reads the model: config.json, safetensors (or its index), GGUF, ONNX, a layer table, or a catalog key. `dims` gives
 * open dimensions of a graph their size. Throws FlopsheetError naming the file or key.
 */
export async function readModelArgument(
  name: string,
  invocation: Invocation,
  dims: Readonly<Record<string, number>> = {},
): Promise<NamedModel> {
  if (existsSync(name)) return readModelFile(name, dims);
  if (/[/\\]|\.(json|safetensors|gguf|onnx|csv)$/i.test(name))
    throw new FlopsheetError('FILE', `there is no file ${name}`, { where: name, hint: 'check the path' });
  const { withCatalog } = await import('./store.ts');
  return withCatalog(invocation, async (catalog, store) => {
    const row = catalogRow(catalog, 'model', name);
    if (row) return fromCatalog(row);
    const { showCatalog } = await import('../store/catalog.ts');
    // Throws, naming the nearest keys, unless the store knows the name by other spelling.
    return fromCatalog(catalogRow(catalog, 'model', showCatalog(store.db, 'model', name).key) as CatalogRow);
  });
}

function fromCatalog(row: CatalogRow): NamedModel {
  const count = (field: string): number | null => {
    const value = row.fields[field];
    return typeof value === 'number' ? value : null;
  };
  const model = row.payload as Model | undefined;
  const note = row.fields['import_notes'];
  if (model)
    return {
      name: row.name,
      architecture: model.kind === 'layers' ? null : model,
      layerLists: model.kind === 'layers' ? [model] : [],
      published: null,
      approximate: row.fields['approximate'] === 1,
      notes: typeof note === 'string' && note !== '' ? [note] : [],
    };
  return {
    name: row.name,
    architecture: null,
    layerLists: [],
    published: { total: count('params_total'), active: count('params_active') },
    approximate: true,
    notes: [
      `the catalog has the published counts of ${row.key}, not its architecture: parts and exact FLOP are unknown`,
    ],
  };
}

/** Size and kind of a file, checked before anything is read. Throws `FILE`. */
export function assertFile(file: string, largest: number, hint: string): void {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (!facts) throw new FlopsheetError('FILE', `there is no file ${file}`, { where: file, hint: 'check the path' });
  if (!facts.isFile())
    throw new FlopsheetError('FILE', `${file} is ${facts.isDirectory() ? 'a folder' : 'not a file'}`, {
      where: file,
      hint,
    });
  if (facts.size > largest)
    throw new FlopsheetError(
      'FILE',
      `${file} has ${Math.round(facts.size / 1e6)} MB, more than the ${Math.round(largest / 1e6)} MB such a file may have`,
      { where: file, hint },
    );
}

async function readModelFile(file: string, dims: Readonly<Record<string, number>>): Promise<NamedModel> {
  assertFile(
    file,
    Number.POSITIVE_INFINITY,
    'name the config.json, .safetensors, .gguf, .onnx or layer table inside it',
  );
  const [{ importModel }, { openFile }] = await Promise.all([
    import('../import/model/import-model.ts'),
    import('../import/model/file-reader.ts'),
  ]);
  const reader = await openFile(file);
  try {
    const imported = await importModel(reader, { dims });
    const [first] = imported.models;
    const architecture = first?.kind === 'transformer' ? first : null;
    return {
      name: imported.format === 'config' || architecture === null ? nameOf(file) : architecture.name,
      architecture,
      layerLists: imported.models.filter((model) => model.kind === 'layers'),
      published: null,
      approximate: imported.approximate,
      notes: imported.notes,
    };
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    const where = error.where && error.where !== basename(file) ? `${file}: ${error.where}` : file;
    throw new FlopsheetError(error.code, error.message, { where, hint: error.hint, cause: error });
  } finally {
    await reader.close();
  }
}

/** `Org--Model` of `Org--Model.json`; the folder of a file called config.json. */
function nameOf(file: string): string {
  const name = basename(file).replace(/\.json$/i, '');
  return name === 'config' ? basename(dirname(resolve(file))) : name;
}
