import type { HardwareExtras, HardwareRow, HardwareSpec } from './hardware.ts';
import { hardwareFromCatalogRow } from './hardware.ts';

type Facts = Readonly<Record<string, string | undefined>>;

/** Records of the tables hardware numbers come from, cells as text. */
export interface HardwareTables {
  /** Catalog rows by key (columns of assets/catalog/accelerators.csv with `memory_usable_bytes` where known). */
  readonly rows: Iterable<readonly [key: string, row: HardwareRow]>;
  /** Records of assets/fits/chip_facts.json. */
  readonly facts: readonly Facts[];
  /** Records of assets/fits/hardware_variants.json. */
  readonly variants: readonly Facts[];
}

function number(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || text.trim() === '' || !Number.isFinite(value) ? null : value;
}

/**
 * Hardware numbers of every chip they are known of, by key; variants of a chip by their name. Rows without a peak or
 * a bandwidth are left out: nothing can be predicted on them (`hardwareFromCatalogRow` says what one lacks).
 */
export function hardwareCatalog(tables: HardwareTables): Map<string, HardwareSpec> {
  const found = new Map<string, HardwareSpec>();
  for (const [key, row] of tables.rows) {
    if (number(String(row['bf16_fp16_tensor_tflops_dense'] ?? '')) === null) continue;
    if (number(String(row['memory_bw_gb_s'] ?? '')) === null) continue;
    if (number(String(row['memory_gb'] ?? '')) === null) continue;
    found.set(key, hardwareFromCatalogRow(row, measuredFacts(tables.facts, key)));
  }
  for (const variant of tables.variants) {
    const base = found.get(variant['base'] ?? '');
    if (base !== undefined && variant['name'] !== undefined) found.set(variant['name'], hardwareVariant(base, variant));
  }
  return found;
}

/** What was measured of the chip `key`; nulls where nothing was. */
export function measuredFacts(facts: readonly Facts[], key: string): HardwareExtras {
  const fact = facts.find((record) => record['key'] === key);
  return {
    matmulFraction: number(fact?.['matmul_fraction']),
    exponentialsPerS: number(fact?.['exponentials_per_s']),
  };
}

/** A chip with the power limit, memory and bandwidth of one of its variants. */
export function hardwareVariant(base: HardwareSpec, variant: Facts): HardwareSpec {
  const bandwidth = number(variant['memory_bw_gb_s']);
  return {
    ...base,
    powerWatts: number(variant['tdp_w']) ?? base.powerWatts,
    memoryBytes: number(variant['memory_bytes']) ?? base.memoryBytes,
    memoryBandwidth: bandwidth === null ? base.memoryBandwidth : bandwidth * 1e9,
  };
}
