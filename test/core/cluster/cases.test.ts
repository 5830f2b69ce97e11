import { describe, expect, it } from 'vitest';
import { matchName } from '../../../src/core/cluster/cases/names.ts';
import { precisionIn, releaseYear } from '../../../src/core/cluster/cases/case.ts';
import { readCases, tableOf } from '../../../src/core/cluster/cases/read.ts';
import { decimalYear, hardwareFromCatalogRow } from '../../../src/core/cluster/hardware.ts';
import { TABLE_FILES, rowsOf } from '../../../scripts/predictor-data.ts';
import { cases, context } from './shipped-fit.ts';

describe('rows of measured tables', () => {
  it('recognises every table by its columns', () => {
    const kinds = TABLE_FILES.map((file) => tableOf(Object.keys(rowsOf(`test/data/${file}.csv`)[0]!)));
    expect(new Set(kinds).size).toBe(TABLE_FILES.length);
    expect(kinds).not.toContain(null);
    expect(readCases([{ a: '1' }], context)).toBeNull();
  });

  it('reads "a (b)" as two configurations and keeps the order of rows', () => {
    const bridge = cases.filter((c) => c.table === 'megatron_bridge');
    expect(bridge.filter((c) => c.second).length).toBeGreaterThan(0);
    expect(bridge.map((c) => c.row)).toEqual([...bridge.map((c) => c.row)].sort((a, b) => a - b));
    for (const c of bridge) expect(c.chips, `row ${c.row}`).toBeGreaterThan(0);
  });

  it('reads precisions and dates', () => {
    expect(['FP8-MX', 'FP8-CS', 'NVFP4', 'BF16', 'FP8-CS (FP8-MX)', ''].map((t) => precisionIn(t))).toEqual([
      'mxfp8',
      'fp8',
      'fp4',
      'bf16',
      'fp8',
      'bf16',
    ]);
    expect(releaseYear('26.04.01 NeMo Container')).toBeCloseTo(2026.33, 2);
    expect(decimalYear('2026-H2')).toBe(2026.75);
    expect(decimalYear('')).toBeNull();
  });

  it('matches names of models without guessing', () => {
    const names = ['Llama-3-70B', 'Llama-3-8B', 'org--Nemotron-3-Nano-30B-A3B', 'Qwen3-30B-A3B', 'Qwen3-32B'];
    expect(matchName('LLAMA3_70B', names)).toBe('Llama-3-70B');
    expect(matchName('Nemotron_3_Nano', names)).toBe('org--Nemotron-3-Nano-30B-A3B');
    expect(matchName('Qwen3_30B_a3B (tokendrop)', names)).toBe('Qwen3-30B-A3B');
    expect(matchName('Qwen3', names)).toBeNull();
    expect(matchName('Llama-3-8B-Instruct', names)).toBe('Llama-3-8B');
    expect(matchName('DeepSeek-V3.2', ['DeepSeek-V3'])).toBeNull();
    expect(matchName('LLAMA4 Maverick 400b', ['Llama-4-Maverick'])).toBe('Llama-4-Maverick');
    expect(matchName('Unheard-of', names)).toBeNull();
  });

  it('reads hardware from catalog rows: links one way, domains stated, nothing substituted', () => {
    const row = {
      vendor: 'NVIDIA',
      name: 'GB200 (per GPU, NVL72)',
      form_factor: 'Superchip',
      release_date: '2025-02-15',
      bf16_fp16_tensor_tflops_dense: '2500',
      fp8_tflops_dense: '5000',
      fp4_tflops_dense: '10000',
      memory_bw_gb_s: '8000',
      memory_gb: '186',
      intra_node_bw_gb_s_per_gpu: '1800',
      intra_node_direction: 'bidir NVLink5, 72-GPU domain',
      scale_out_gbit_s_per_gpu_typical: '400',
    };
    const h = hardwareFromCatalogRow(row);
    expect(h).toMatchObject({
      domainBandwidth: 900e9,
      domainSize: 64,
      scaleOutBandwidth: 50e9,
      designClass: 'nvidia/fp4',
      superchip: true,
    });
    expect(() => hardwareFromCatalogRow({ ...row, memory_bw_gb_s: '' })).toThrow(/memory_bw_gb_s/);
  });
});
