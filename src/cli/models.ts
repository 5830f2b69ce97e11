/** A model named on the command line: a file people have, or a catalog key. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { FlopsheetError } from '../core/errors.ts';
import { architectureFromConfig } from '../core/model/hf-config.ts';
import type { Architecture } from '../core/model/architecture.ts';
import { catalogRow, type CatalogRow } from '../core/sheet/catalog.ts';
import { FAMILIES } from '../import/model/families.ts';
import type { Invocation } from './command.ts';

const LARGEST_CONFIG = 16_000_000;

export interface NamedModel {
  readonly name: string;
  /** Null when only published counts are known. */
  readonly architecture: Architecture | null;
  /** Published counts, for a model without architecture. */
  readonly published: { readonly total: number | null; readonly active: number | null } | null;
  readonly approximate: boolean;
  readonly notes: readonly string[];
}

/** Reads the model. Throws FlopsheetError naming the file or key. */
export async function readModelArgument(name: string, invocation: Invocation): Promise<NamedModel> {
  if (existsSync(name)) return readConfig(name);
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
  if (row.payload)
    return {
      name: row.name,
      architecture: row.payload as Architecture,
      published: null,
      approximate: false,
      notes: [],
    };
  return {
    name: row.name,
    architecture: null,
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

function readConfig(file: string): NamedModel {
  assertFile(file, LARGEST_CONFIG, 'name the config.json that lies beside the weights');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new FlopsheetError('FILE', `${file} is not JSON: ${(cause as Error).message}`, {
      where: file,
      hint: 'give a Hugging Face config.json',
      cause,
    });
  }
  try {
    return { name: nameOf(file), published: null, ...architectureFromConfig(json, FAMILIES, basename(file)) };
  } catch (error) {
    if (!(error instanceof FlopsheetError)) throw error;
    const where = error.where && error.where !== basename(file) ? `${file}: ${error.where}` : file;
    throw new FlopsheetError(error.code, error.message, { where, hint: error.hint, cause: error });
  }
}

/** `Org--Model` of `Org--Model.json`; the folder of a file called config.json. */
function nameOf(file: string): string {
  const name = basename(file).replace(/\.json$/i, '');
  return name === 'config' ? basename(dirname(resolve(file))) : name;
}
