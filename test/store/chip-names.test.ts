import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findByName } from '../../src/store/aliases.ts';
import { parseCsv } from '../../src/store/csv.ts';
import { CATALOG_FOLDER, seedCatalog } from '../../src/store/seed.ts';
import { NOW, memoryStore } from './fixtures.ts';

const TEST_DATA = new URL('../data/', import.meta.url).pathname;

/** Columns that hold the name of a chip. `system` and `platform` of MLPerf hold names of whole machines: see below. */
const CHIP_COLUMNS = new Set(['chip', 'hardware', 'accelerator', 'gpu', 'tpu', 'system']);
const MACHINE_FILES = new Set([
  'mlperf_inference_latency_percentiles.csv',
  'mlperf_inference_v5.1_datacenter_closed.csv',
  'mlperf_training_llm.csv',
  'reliability.csv',
]);

function chipNames(folder: string, files = readdirSync(folder)): { file: string; name: string }[] {
  return files
    .filter((file) => file.endsWith('.csv') && file !== 'aliases.csv')
    .flatMap((file) => {
      const { columns, records } = parseCsv(readFileSync(join(folder, file), 'utf8'));
      const used = columns.filter(
        (column) => CHIP_COLUMNS.has(column) && !(column === 'system' && MACHINE_FILES.has(file)),
      );
      return used.flatMap((column) =>
        [...new Set(records.map((r) => r[column] ?? ''))].filter((name) => name !== '').map((name) => ({ file, name })),
      );
    });
}

describe('names of chips in published tables', () => {
  const { db } = memoryStore();
  seedCatalog(db, NOW);

  it('all lead to a row, or to a reason why they do not', () => {
    const names = [...chipNames(TEST_DATA), ...chipNames(CATALOG_FOLDER)];
    expect(names.length).toBeGreaterThan(150);
    const silent = names.filter(({ name }) => {
      const found = findByName(db, 'hardware', name);
      return found.key === null && found.reason === '';
    });
    expect(silent).toEqual([]);
  });

  it('of test tables and rental prices lead to a row, except rows that mix chips', () => {
    const names = [
      ...chipNames(TEST_DATA),
      ...chipNames(CATALOG_FOLDER, ['gpu_rental_prices.csv', 'gpu_rental_price_history.csv']),
    ];
    const unresolved = names
      .filter(({ name }) => findByName(db, 'hardware', name).key === null)
      .map(({ name }) => name);
    expect(unresolved).toEqual([
      'AMD Instinct MI300X 192GB HBM3 (x32), AMD Instinct MI325X 256GB HBM3e (x16)',
      'AMD Instinct MI325X 256GB HBM3E (x16), AMD Instinct MI300X 192GB HBM3 (x8)',
    ]);
  });

  it('inside MLPerf machine names agree with the accelerator the submitter declared', () => {
    const { records } = parseCsv(readFileSync(join(TEST_DATA, 'mlperf_inference_v5.1_datacenter_closed.csv'), 'utf8'));
    let agree = 0;
    for (const record of records) {
      const machine = findByName(db, 'hardware', record['platform'] ?? '');
      const declared = findByName(db, 'hardware', record['accelerator'] ?? '');
      if (machine.key === null || declared.key === null) continue;
      expect(machine.key, record['platform']).toBe(declared.key);
      agree++;
    }
    expect(agree).toBeGreaterThan(200);
  });
});
