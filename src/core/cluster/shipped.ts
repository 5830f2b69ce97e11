import facts from '../../../assets/fits/chip_facts.json' with { type: 'json' };
import variants from '../../../assets/fits/hardware_variants.json' with { type: 'json' };
import fit from '../../../assets/fits/predictor.json' with { type: 'json' };
import type { HardwareRow, HardwareSpec } from './hardware.ts';
import { hardwareFromCatalogRow } from './hardware.ts';
import { hardwareVariant, measuredFacts } from './hardware-catalog.ts';
import type { PredictorFit } from './predictor-fit.ts';
import { readPredictorFit } from './predictor-fit.ts';

/** The fit that ships with the product (assets/fits/predictor.json). */
export const SHIPPED_PREDICTOR_FIT: PredictorFit = readPredictorFit(fit);

/** Measured rates that belong to chips of the catalog, and parts sold under other names (assets/fits). */
export const SHIPPED_CHIP_FACTS: readonly Readonly<Record<string, string>>[] = facts;
export const SHIPPED_VARIANTS: readonly Readonly<Record<string, string>>[] = variants;

/** Hardware numbers of a catalog row with what was measured of its key. Throws a FlopsheetError naming a missing column. */
export function shippedHardware(key: string, row: HardwareRow): HardwareSpec {
  return hardwareFromCatalogRow(row, measuredFacts(SHIPPED_CHIP_FACTS, key));
}

/** The catalog key a variant's name builds on, and its numbers once those of the key are known; `null` for other names. */
export function shippedVariant(name: string): { base: string; of(spec: HardwareSpec): HardwareSpec } | null {
  const variant = SHIPPED_VARIANTS.find((v) => v['name']?.toLowerCase() === name.trim().toLowerCase());
  return variant === undefined ? null : { base: variant['base'] ?? '', of: (spec) => hardwareVariant(spec, variant) };
}
