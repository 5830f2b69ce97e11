/**
 * The built-in columns of `runs`: the planner itself. One object a column; the sheet, the command line, the explain tree,
 * the PDF and the workbook read these and nothing else. Ids are a contract (see docs/methods.md).
 */
import type { ColumnDef } from '../../sheet/column.ts';
import { PRECISIONS } from '../functions/hardware.ts';
import { PAYMENTS, PRICE_CLASSES } from '../functions/price.ts';

const runs = (group: string, columns: readonly Omit<ColumnDef, 'table' | 'group'>[]): ColumnDef[] => columns.map((column) => ({ table: 'runs', group, ...column }));

const ROW = runs('Run', [
  { id: 'key', label: 'Key', type: 'text', help: 'Immutable name of the row in formulas.', widthPx: 96 },
  { id: 'name', label: 'Run', type: 'text', help: 'What people call this run.', shown: true, widthPx: 168 },
  { id: 'included', label: 'Included', type: 'boolean', default: 'yes', help: 'Excluded runs stay in the plan but count in no total.', widthPx: 72 },
  { id: 'status', label: 'Status', type: 'choice', choices: ['draft', 'proposed', 'approved', 'running', 'done'], default: 'draft', help: 'Where the run stands.', widthPx: 88 },
  { id: 'count', label: 'Count', type: 'number', default: '1', min: 0, digits: 6, help: 'How many runs like this: a sweep of 24 is one row with count 24.', widthPx: 64 },
]);

const MODEL = runs('Model', [
  { id: 'model', label: 'Model', type: 'reference', reference: 'model', help: 'A model of the catalog; parameters and FLOPs then come from its architecture. Leave empty and type parameters for a model of your own.', shown: true, widthPx: 136 },
  { id: 'params_total', label: 'Params', type: 'number', unit: 'param', formula: 'model.params_total', min: 1, digits: 4, help: 'All parameters, with every expert.', source: 'counted from the model’s architecture', shown: true, widthPx: 84 },
  { id: 'params_active', label: 'Active', type: 'number', unit: 'param', formula: 'if_unknown(model.params_active, params_total)', min: 1, digits: 4, help: 'Parameters that each token passes through; all of them in a dense model. Embeddings are counted.', source: 'counted from the model’s architecture', shown: true, widthPx: 84 },
  { id: 'seq_len', label: 'Sequence', type: 'number', unit: 'token', default: '8192', min: 1, digits: 7, help: 'Tokens per sequence in training.', widthPx: 80 },
  { id: 'batch_tokens', label: 'Batch', type: 'number', unit: 'token', default: '4M', min: 1, digits: 4, help: 'Tokens per optimizer step.', widthPx: 72 },
]);

const DATA = runs('Data', [
  { id: 'dataset', label: 'Dataset', type: 'reference', reference: 'dataset', help: 'A data set of the catalog; its token count is then the default.', widthPx: 128 },
  { id: 'tokens', label: 'Tokens', type: 'number', unit: 'token', formula: 'dataset.tokens_billion', min: 1, digits: 4, help: 'Tokens of one pass over the data.', source: 'data set card', shown: true, widthPx: 80 },
  { id: 'epochs', label: 'Epochs', type: 'number', default: '1', min: 0, digits: 4, help: 'Passes over the data. Beyond about 4, repeated tokens teach less (Muennighoff et al. 2023).', usual: [0, 4], widthPx: 64 },
  { id: 'tokens_seen', label: 'Tokens seen', type: 'number', unit: 'token', formula: 'tokens * epochs', digits: 4, help: 'Tokens the model trains on, repeats counted.', widthPx: 88 },
  { id: 'tokens_per_param', label: 'Tokens/param', type: 'number', formula: 'tokens_seen / params_active', digits: 4, help: 'About 20 is compute-optimal for dense models (Hoffmann et al. 2022); models meant for cheap serving go far beyond.', source: 'Hoffmann et al. 2022', widthPx: 92 },
]);

const COMPUTE = runs('Compute', [
  { id: 'flop_convention', label: 'Convention', type: 'choice', choices: ['6nd', 'exact_causal', 'exact_full'], default: '6nd', help: '6nd: 6 FLOP per active parameter and token. exact_causal: counted from the matrices, attention core halved (Megatron). exact_full: attention core in full (PaLM). A multiply-add is 2 FLOP in all of them.', widthPx: 104 },
  { id: 'train_flop_per_token', label: 'FLOP/token', type: 'number', unit: 'FLOP', formula: 'if(flop_convention = "6nd", 6 FLOP * params_active, train_flop_per_token(model, seq_len, flop_convention))', digits: 4, help: 'Training FLOP for one token: forward and backward.', source: 'Kaplan et al. 2020 §2.1; Narayanan et al. 2021', widthPx: 96 },
  { id: 'train_flop', label: 'Training FLOP', type: 'number', unit: 'FLOP', formula: 'train_flop_per_token * tokens_seen * count', digits: 4, total: true, help: 'Model FLOP of the run: what the mathematics needs, without recomputation. All rows of a sweep together.', source: 'Kaplan et al. 2020: C = 6ND', shown: true, widthPx: 104 },
  { id: 'hardware_flop', label: 'Hardware FLOP', type: 'number', unit: 'FLOP', formula: 'if(flop_convention = "6nd", train_flop * recompute_factor(recompute), hardware_flop_per_token(model, seq_len, flop_convention, recompute) * tokens_seen * count)', digits: 4, help: 'FLOP the chips do, recomputation included.', source: 'Korthikanti et al. 2022', widthPx: 104 },
  { id: 'compare_to', label: 'Compare to', type: 'reference', reference: 'published_run', help: 'A published run to measure this one against.', widthPx: 120 },
  { id: 'compute_multiple', quiet: true, label: 'Multiple', type: 'number', formula: 'train_flop / compare_to.flop', digits: 3, help: 'Training FLOP over those of the published run chosen in "Compare to".', widthPx: 80 },
  { id: 'scaling_law', label: 'Law', type: 'text', default: 'besiroglu2024', help: 'Scaling law for the predicted loss.', widthPx: 112 },
  { id: 'predicted_loss', quiet: true, label: 'Loss', type: 'number', formula: 'loss_at(scaling_law, params_active, tokens_seen)', digits: 4, help: 'Loss the law predicts, on the data the law was fitted to: compare runs with it, not with other people’s losses.', source: 'Besiroglu et al. 2024', widthPx: 72 },
]);

const HARDWARE = runs('Hardware', [
  { id: 'hardware', label: 'Chip', type: 'reference', reference: 'hardware', help: 'A chip of the catalog.', shown: true, widthPx: 112 },
  { id: 'precision', label: 'Precision', type: 'choice', choices: PRECISIONS, default: 'bf16', help: 'Number format of the matrix products; decides which dense peak counts.', widthPx: 80 },
  { id: 'chips', label: 'Chips', type: 'number', unit: 'chip', min: 1, digits: 7, help: 'Chips that work on one run at the same time.', shown: true, widthPx: 72 },
  { id: 'peak_flop_per_s', label: 'Peak', type: 'number', unit: 'FLOP/s/chip', formula: 'dense_peak(hardware, precision)', min: 1, digits: 4, help: 'Dense peak of one chip at this precision, without structured sparsity.', source: 'vendor data sheet', usual: [1e12, 2e16], widthPx: 84 },
  { id: 'recompute', label: 'Recompute', type: 'choice', choices: ['none', 'selective', 'full'], default: 'none', help: 'Activations computed again in the backward pass to save memory.', widthPx: 92 },
]);

const TIME = runs('Time', [
  { id: 'mfu', label: 'MFU', type: 'number', default: '0.40', min: 0, max: 1, digits: 3, help: 'Model FLOP utilisation: model FLOP/s reached over dense peak, while the job runs. Usual for large dense models in bf16: 0.35 to 0.50; mixtures of experts: 0.20 to 0.40. Lost hours belong to goodput.', source: 'Llama 3: 0.38 to 0.43; PaLM 0.46; see docs/accuracy.md', usual: [0.15, 0.6], shown: true, widthPx: 72 },
  { id: 'hfu', label: 'HFU', type: 'number', formula: 'mfu * hardware_flop / train_flop', min: 0, max: 1, digits: 3, help: 'Hardware FLOP utilisation: recomputation counted as work.', widthPx: 64 },
  { id: 'goodput', label: 'Goodput', type: 'number', default: '1', min: 0, max: 1, digits: 3, help: 'Share of billed chip-hours that make progress: failures, restarts, checkpoints and idle hours take the rest. 1 until set; Llama 3 reports above 0.90.', widthPx: 76 },
  { id: 'tokens_per_s', label: 'Tokens/s', type: 'number', unit: 'token/s', formula: 'chips * peak_flop_per_s * mfu / train_flop_per_token', digits: 4, help: 'Speed of one run while it runs.', widthPx: 84 },
  { id: 'step_s', label: 'Step', type: 'number', unit: 's', formula: 'batch_tokens / tokens_per_s', digits: 4, help: 'Seconds per optimizer step.', widthPx: 64 },
  { id: 'ideal_chip_hours', label: 'Ideal chip-hours', type: 'number', unit: 'chip·h', formula: 'train_flop / (peak_flop_per_s * mfu)', digits: 4, help: 'Chip-hours without any lost time.', widthPx: 108 },
  { id: 'chip_hours', label: 'Chip-hours', type: 'number', unit: 'chip·h', formula: 'ideal_chip_hours / goodput', digits: 4, total: true, help: 'Chip-hours to be paid: ideal hours over goodput.', shown: true, widthPx: 112 },
  { id: 'train_days', label: 'Days', type: 'number', unit: 'day', formula: 'chip_hours / chips', digits: 4, help: 'Wall-clock days of the row when its runs follow each other on the same chips.', shown: true, widthPx: 76 },
  { id: 'start_date', label: 'Start', type: 'date', help: 'First day.', widthPx: 96 },
  { id: 'end_date', label: 'End', type: 'date', formula: 'start_date + train_days', help: 'Start plus days.', widthPx: 96 },
]);

const ENERGY = runs('Energy', [
  { id: 'region', label: 'Region', type: 'reference', reference: 'cloud_region', help: 'Where the chips stand: gives PUE and grid carbon.', widthPx: 120 },
  { id: 'chip_power_w', label: 'Chip power', type: 'number', unit: 'W/chip', formula: 'hardware.tdp_w', min: 0, digits: 4, help: 'Rated power of a chip.', source: 'vendor data sheet', widthPx: 88 },
  { id: 'load_factor', label: 'Load', type: 'number', default: '0.75', min: 0, max: 1, digits: 3, help: 'Average power over rated power.', source: 'Epoch AI: 0.75 for GPUs, 0.43 for TPUs', widthPx: 64 },
  { id: 'server_overhead', label: 'Server ×', type: 'number', formula: 'server_overhead_ratio(hardware)', min: 1, digits: 3, help: 'Server power over the power of its chips.', source: 'server data sheets (catalog: server overhead)', usual: [1, 2.5], widthPx: 76 },
  { id: 'pue', label: 'PUE', type: 'number', formula: 'if_unknown(region.pue, 1.1)', min: 1, digits: 3, help: 'Facility power over server power: of the region where known, else 1.10 (hyperscaler average).', source: 'provider disclosures (catalog: cloud regions); Epoch AI 1.10', usual: [1, 1.8], widthPx: 60 },
  { id: 'energy_mwh', label: 'Energy', type: 'number', unit: 'MWh', formula: 'chip_hours * chip_power_w * load_factor * server_overhead * pue', digits: 4, total: true, help: 'Energy at the meter: chips, servers and facility.', source: 'Cottier et al. 2024', shown: true, widthPx: 80 },
  { id: 'grid_gco2e_per_kwh', label: 'Grid', type: 'number', unit: 'g/kWh', formula: 'region.g_co2e_per_kwh', min: 0, digits: 4, help: 'Carbon intensity of the grid (location-based).', source: 'catalog: cloud regions', widthPx: 72 },
  { id: 'tco2e_location', label: 'CO₂e location', type: 'number', unit: 't', formula: 'energy_mwh * grid_gco2e_per_kwh', digits: 4, total: true, help: 'Emissions by the grid where the chips stand.', source: 'GHG Protocol scope 2, location-based', widthPx: 100 },
  { id: 'tco2e_market', label: 'CO₂e market', type: 'number', unit: 't', formula: 'tco2e_location * (1 - if_unknown(region.carbon_free_energy_share_hourly, 0))', digits: 4, total: true, help: 'Emissions after carbon-free energy the provider matches by the hour; equal to location-based where that is not published.', source: 'GHG Protocol scope 2, market-based; provider CFE share', widthPx: 100 },
  { id: 'tco2e_embodied', label: 'CO₂e embodied', type: 'number', unit: 't', formula: 'chip_hours * 462.5 kg/chip / (6 year * 0.85)', digits: 4, total: true, help: 'This run’s share of making the servers: 2,500 kg per 8-chip server and 150 kg per chip, over 6 years at 85 % use.', source: 'Luccioni et al. 2022 (BLOOM)', widthPx: 104 },
]);

const COST = runs('Cost', [
  { id: 'payment', label: 'Payment', type: 'choice', choices: PAYMENTS, default: 'on_demand', help: 'How the chips are paid for.', widthPx: 92 },
  { id: 'price_class', label: 'Price class', type: 'choice', choices: PRICE_CLASSES, default: 'neocloud', help: 'Class of provider; hyperscalers list about three times the price of neoclouds.', widthPx: 96 },
  { id: 'chip_hour_price', label: 'Price', type: 'number', unit: '¤/(chip·h)', formula: 'rental_price(hardware, payment, price_class)¤fx', min: 0, decimals: 2, help: 'Price of one chip for one hour: the latest quotes of the class, or type your own.', source: 'price book (catalog)', shown: true, widthPx: 80 },
  { id: 'price_as_of', quiet: true, label: 'Price date', type: 'date', formula: 'rental_price_date(hardware, payment, price_class)', help: 'Date of the quote.', widthPx: 96 },
  { id: 'compute_cost', label: 'Compute', type: 'number', unit: '¤', formula: 'chip_hours * chip_hour_price', money: true, total: true, help: 'Chip-hours at their price.', shown: true, widthPx: 116 },
  { id: 'electricity_price', label: 'Electricity', type: 'number', unit: '¤/kWh', min: 0, decimals: 3, help: 'Price of electricity; only owned chips pay it separately.', widthPx: 88 },
  { id: 'energy_cost', label: 'Energy cost', type: 'number', unit: '¤', formula: 'if(payment = "owned", energy_mwh * electricity_price, 0 ¤)', money: true, total: true, help: 'Electricity of owned chips; rented prices include it.', widthPx: 108 },
  { id: 'storage_cost', label: 'Storage', type: 'number', unit: '¤', default: '0', min: 0, money: true, total: true, help: 'Data and checkpoints.', widthPx: 100 },
  { id: 'other_cost', label: 'Other', type: 'number', unit: '¤', default: '0', money: true, total: true, help: 'Anything else that belongs to this run.', widthPx: 100 },
  { id: 'contingency', label: 'Contingency', type: 'number', default: '0', min: 0, max: 1, digits: 3, help: 'Share added for the unforeseen.', widthPx: 92 },
  { id: 'contingency_cost', label: 'Contingency cost', type: 'number', unit: '¤', formula: 'contingency * (compute_cost + energy_cost + storage_cost + other_cost)', money: true, total: true, help: 'Contingency in money.', widthPx: 116 },
  { id: 'total_cost', label: 'Total cost', type: 'number', unit: '¤', formula: 'compute_cost + energy_cost + storage_cost + other_cost + contingency_cost', money: true, total: true, help: 'Sum of the cost lines, each rounded once to the cent.', shown: true, widthPx: 124 },
  { id: 'cost_per_1e21_flop', label: 'Per 10²¹ FLOP', type: 'number', unit: '¤', formula: 'total_cost / (train_flop / (1e21 FLOP))', decimals: 2, help: 'Cost of 10²¹ training FLOP: compares runs of any size.', widthPx: 104 },
]);

/** Every built-in column of `runs`, in order. */
export const RUN_COLUMNS: readonly ColumnDef[] = [...ROW, ...MODEL, ...DATA, ...COMPUTE, ...HARDWARE, ...TIME, ...ENERGY, ...COST];
