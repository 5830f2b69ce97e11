/**
 * Catalog fields that formulas may read, with their units, by catalog kind: `hardware.tdp_w`, `model.params_active`.
 * A field that is not listed is shown in the catalog but has no meaning in a formula.
 */
export const CATALOG_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  hardware: {
    name: 'text',
    vendor: 'text',
    form_factor: 'text',
    memory_type: 'text',
    tdp_w: 'W/chip',
    memory_gb: 'GB/chip',
    memory_usable_bytes: 'byte/chip',
    memory_bw_gb_s: 'GB/s/chip',
    fp64_vector_tflops: 'TFLOP/s/chip',
    fp32_vector_tflops: 'TFLOP/s/chip',
    tf32_tensor_tflops_dense: 'TFLOP/s/chip',
    bf16_fp16_tensor_tflops_dense: 'TFLOP/s/chip',
    fp8_tflops_dense: 'TFLOP/s/chip',
    fp4_tflops_dense: 'TFLOP/s/chip',
    int8_tops_dense: 'TFLOP/s/chip',
    intra_node_bw_gb_s_per_gpu: 'GB/s/chip',
    scale_out_gbit_s_per_gpu_typical: 'Gbit/s/chip',
    price_usd_approx: 'USD/chip',
  },
  model: {
    name: 'text',
    family: 'text',
    params_total: 'param',
    params_active: 'param',
    counted_per: 'text',
    hidden_size: '',
    num_hidden_layers: '',
    vocab_size: '',
    tokens_trained: 'token',
  },
  dataset: { name: 'text', domain: 'text', tokens_billion: 'token', size_gb: 'GB', licence: 'text' },
  cloud_region: {
    name: 'text',
    location: 'text',
    pue: '',
    g_co2e_per_kwh: 'g/kWh',
    carbon_free_energy_share_hourly: '',
    national_g_co2e_per_kwh: 'g/kWh',
  },
  published_run: {
    name: 'text',
    params_total: 'param',
    params_active: 'param',
    tokens: 'token',
    flop: 'FLOP',
    mfu: '',
    accelerator_hours: 'chip·h',
    energy_mwh_published: 'MWh',
  },
};

/** Fields whose catalog number counts thousands of millions. */
export const FIELD_SCALE: Readonly<Record<string, number>> = { 'dataset.tokens_billion': 1e9 };
