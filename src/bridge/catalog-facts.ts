/** What the catalog screen shows of a row beside its name: the few facts people choose by, with labels and units. */

import type { CatalogFact } from './contract/catalog.ts';

interface Fact {
  readonly field: string;
  readonly label: string;
  readonly unit: string;
}

const fact = (field: string, label: string, unit = ''): Fact => ({ field, label, unit });

/** Units are those the catalog stores the field in. Other kinds show no facts in the list. */
const FACTS: Readonly<Record<string, readonly Fact[]>> = {
  hardware: [
    fact('vendor', 'Vendor'),
    fact('bf16_fp16_tensor_tflops_dense', 'BF16 dense', 'TFLOP/s'),
    fact('fp8_tflops_dense', 'FP8 dense', 'TFLOP/s'),
    fact('memory_gb', 'Memory', 'GB'),
    fact('memory_bw_gb_s', 'Bandwidth', 'GB/s'),
    fact('tdp_w', 'Power', 'W'),
  ],
  model: [
    fact('family', 'Family'),
    fact('calc_total', 'Parameters'),
    fact('calc_active_incl_embed', 'Active'),
    fact('num_hidden_layers', 'Layers'),
    fact('hidden_size', 'Hidden'),
  ],
  dataset: [fact('domain', 'Domain'), fact('tokens_billion', 'Tokens', 'B'), fact('release_year', 'Year')],
  price: [
    fact('provider', 'Provider'),
    fact('provider_class', 'Class'),
    fact('commitment', 'Contract'),
    fact('usd_per_chip_hour', 'Price', 'USD/(chip·h)'),
  ],
  purchase_price: [fact('chip', 'Chip'), fact('unit', 'Unit'), fact('usd_typical', 'Typical', 'USD')],
  published_run: [
    fact('organization', 'Organisation'),
    fact('flop', 'Compute', 'FLOP'),
    fact('accelerator', 'Chip'),
    fact('accelerator_count', 'Chips'),
    fact('mfu', 'MFU'),
  ],
  cloud_region: [fact('location', 'Place'), fact('pue', 'PUE'), fact('g_co2e_per_kwh', 'Grid', 'gCO₂e/kWh')],
  electricity: [fact('basis', 'Basis'), fact('usd_per_kwh', 'Price', 'USD/kWh')],
  carbon_intensity: [fact('level', 'Level'), fact('g_co2e_per_kwh', 'Grid', 'gCO₂e/kWh')],
  server_overhead: [
    fact('chip', 'Chip'),
    fact('server_to_chip_ratio', 'Server over chip'),
    fact('load_fraction_of_rated', 'Load'),
  ],
  reliability: [
    fact('accelerator', 'Chip'),
    fact('accelerator_count', 'Chips'),
    fact('value', 'Value'),
    fact('unit', 'Unit'),
  ],
  staff_and_other: [fact('kind', 'Kind'), fact('usd_typical', 'Typical', 'USD'), fact('unit', 'Per')],
};

/** The facts of a row of a kind, in order; a field the row does not state is null. */
export function factsOf(kind: string, fields: Readonly<Record<string, unknown>>): CatalogFact[] {
  return (FACTS[kind] ?? []).map(({ field, label, unit }) => {
    const value = fields[field];
    return { label, unit, value: typeof value === 'string' || typeof value === 'number' ? value : null };
  });
}
