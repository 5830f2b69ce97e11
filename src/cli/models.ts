/** A model named on the command line: a file people have, or a catalog key. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { FlopsheetError } from '../core/errors.ts';
import { architectureFromConfig, type ImportedArchitecture } from '../core/model/hf-config.ts';
import type { Architecture } from '../core/model/architecture.ts';
import { catalogRow } from '../core/sheet/catalog.ts';
import { FAMILIES } from '../import/model/families.ts';
import type { Invocation } from './command.ts';

const LARGEST_CONFIG = 16_000_000;

export interface NamedModel extends ImportedArchitecture {
  readonly name: string;
}

/** Reads the model. Throws FlopsheetError naming the file or key. */
export async function readModelArgument(name: string, invocation: Invocation): Promise<NamedModel> {
  if (existsSync(name)) return readConfig(name);
  if (/[/\\]|\.(json|safetensors|gguf|onnx|csv)$/.test(name))
    throw new FlopsheetError('FILE', `there is no file ${name}`, { where: name });
  const { withCatalog } = await import('./store.ts');
  return withCatalog(invocation, (catalog) => {
    const row = catalogRow(catalog, 'model', name);
    if (!row?.payload)
      throw new FlopsheetError(
        'NOT_FOUND',
        row
          ? `the catalog knows ${name} but not its architecture`
          : `there is no file and no model "${name}" in the catalog`,
        { where: name, hint: 'give a config.json, or a key from "flopsheet catalog list models"' },
      );
    return { name: row.name, architecture: row.payload as Architecture, approximate: false, notes: [] };
  });
}

function readConfig(file: string): NamedModel {
  const facts = statSync(file);
  if (facts.isDirectory())
    throw new FlopsheetError('FILE', `${file} is a folder`, { where: file, hint: 'name its config.json' });
  if (!file.endsWith('.json'))
    throw new FlopsheetError('FILE', `${basename(file)} is not a file this version reads`, {
      where: file,
      hint: 'give a Hugging Face config.json',
    });
  if (facts.size > LARGEST_CONFIG)
    throw new FlopsheetError(
      'FILE',
      `${file} has ${Math.round(facts.size / 1e6)} MB; a config.json has a few kilobytes`,
      { where: file, hint: 'name the config.json beside the weights, not a file of weights' },
    );
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new FlopsheetError('FILE', `${file} is not JSON: ${(cause as Error).message}`, { where: file, cause });
  }
  return { name: basename(file).replace(/\.json$/, ''), ...architectureFromConfig(json, FAMILIES, basename(file)) };
}
