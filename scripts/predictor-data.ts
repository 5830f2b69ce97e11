/** Loads the published tables, the catalog and recalled architectures for the fit of the step-time predictor. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseContext, CaseRow, PredictionCase } from '../src/core/cluster/cases/case.ts';
import { foldName, matchName } from '../src/core/cluster/cases/names.ts';
import { readCases } from '../src/core/cluster/cases/read.ts';
import type { HardwareSpec } from '../src/core/cluster/hardware.ts';
import { hardwareCatalog } from '../src/core/cluster/hardware-catalog.ts';
import type { Architecture } from '../src/core/model/architecture.ts';
import { architectureFromCatalogRow } from '../src/core/model/catalog-row.ts';
import { architectureFromConfig } from '../src/core/model/hf-config.ts';
import { FAMILIES } from '../src/import/model/families.ts';
import { parseCsv } from '../src/store/csv.ts';

const ROOT = join(import.meta.dirname, '..');

export const TABLE_FILES = [
  'megatron_bridge_performance',
  'mpt_llmfoundry_benchmarks',
  'dgxc_benchmarking_recipes',
  'torchtitan_benchmarks',
  'mlperf_training_llm',
  'maxtext_tpu_performance',
  'nemo_long_sequence',
  'korthikanti2022_validation',
  'megatron_sc21_table1',
  'papers_mfu_points',
  'amd_primus_projection_and_pipeline',
] as const;

/** Rows of a CSV file below the project's root. */
export function rowsOf(path: string): readonly CaseRow[] {
  return parseCsv(readFileSync(join(ROOT, path), 'utf8')).records;
}

// Not by way of shipped.ts: that reads the very fit this data is for, which may be of an older form.
function records(path: string): readonly Readonly<Record<string, string>>[] {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, string>[];
}

/** Hardware numbers of every catalog row that has the ones a prediction needs, by key; variants by name. */
export function catalogHardware(): Map<string, HardwareSpec> {
  const usable = new Map(rowsOf('assets/catalog/usable_memory.csv').map((r) => [r['name'], r['memory_usable_bytes']]));
  const keys = new Map(
    rowsOf('assets/catalog/aliases.csv')
      .filter((r) => r['kind'] === 'hardware' && r['role'] === 'key')
      .map((r) => [r['name'], r['key'] ?? '']),
  );
  return hardwareCatalog({
    rows: rowsOf('assets/catalog/accelerators.csv').flatMap((row) => {
      const key = keys.get(row['name']);
      return key === undefined ? [] : [[key, { ...row, memory_usable_bytes: usable.get(row['name']) }] as const];
    }),
    facts: records('assets/fits/chip_facts.json'),
    variants: records('assets/fits/hardware_variants.json'),
  });
}

/** Chip key a table's spelling stands for: an alias of all its words, or the longest alias among neighbouring words. */
export function chipFinder(keys: ReadonlyMap<string, unknown>): (name: string) => string | null {
  const aliases = new Map<string, string>();
  for (const row of rowsOf('assets/catalog/aliases.csv'))
    if (row['kind'] === 'hardware' && row['key']) aliases.set(foldName(row['name'] ?? ''), row['key']);
  for (const key of keys.keys()) aliases.set(foldName(key), key);
  return (name) => {
    const words = name
      .replace(/\((?:R|TM)\)/gi, ' ')
      .split(/[^A-Za-z0-9.]+/)
      .filter((w) => w !== '');
    for (let length = words.length; length > 0; length--)
      for (let start = 0; start + length <= words.length; start++) {
        const key = aliases.get(foldName(words.slice(start, start + length).join('')));
        if (key !== undefined && keys.has(key)) return key;
      }
    return null;
  };
}

/** Architectures by every name they are known under. */
export function knownModels(): Map<string, Architecture> {
  const models = new Map<string, Architecture>();
  for (const file of ['assets/catalog/model_configs_dense.csv', 'assets/catalog/model_configs_moe.csv'])
    for (const row of rowsOf(file))
      models.set(row['model'] ?? '', { ...architectureFromCatalogRow(row), name: row['model'] ?? '' });
  for (const folder of ['assets/fits/configs', 'test/data/hf_configs', 'test/data/fresh_configs'])
    for (const file of readdirSync(join(ROOT, folder))) {
      const name = file.replace(/\.json$/, '');
      // Python writes Infinity, which is not JSON.
      const text = readFileSync(join(ROOT, folder, file), 'utf8').replace(
        /:\s*Infinity\b|(?<=[[,]\s*)Infinity\b/g,
        (m) => m.replace('Infinity', '1e999'),
      );
      models.set(name, architectureFromConfig(JSON.parse(text), FAMILIES, name).architecture);
    }
  const keys = new Map([...models].map(([name, a]) => [foldName(name.split('--').at(-1) ?? name), a]));
  for (const row of rowsOf('assets/catalog/aliases.csv')) {
    const target = row['kind'] === 'model' ? keys.get(foldName(row['key'] ?? '')) : undefined;
    if (target !== undefined) models.set(row['name'] ?? '', target);
  }
  return models;
}

/** What the readers of the tables look names up in. */
export function caseContext(): CaseContext & { chipKey(name: string): string | null } {
  const hardware = catalogHardware();
  const find = chipFinder(hardware);
  const models = knownModels();
  const names = [...models.keys()];
  return {
    chipKey: find,
    hardware: (name) => hardware.get(find(name) ?? '') ?? null,
    architecture: (name) => models.get(matchName(name, names) ?? '') ?? null,
  };
}

/** Every case of every table. */
export function allCases(context: CaseContext): PredictionCase[] {
  return TABLE_FILES.flatMap((file) => readCases(rowsOf(`test/data/${file}.csv`), context) ?? []);
}
