/** Functions over the hardware catalog: dense peaks by precision, server overhead. */
import type { FunctionDef } from '../../formula/function.ts';
import type { CatalogRow } from '../../sheet/catalog.ts';

/** Catalog field that holds the dense peak of each precision. */
const PEAK_FIELD: Readonly<Record<string, string>> = {
  bf16: 'bf16_fp16_tensor_tflops_dense',
  fp16: 'bf16_fp16_tensor_tflops_dense',
  fp8: 'fp8_tflops_dense',
  fp4: 'fp4_tflops_dense',
  int8: 'int8_tops_dense',
  tf32: 'tf32_tensor_tflops_dense',
  fp32: 'fp32_vector_tflops',
};

export const PRECISIONS = Object.keys(PEAK_FIELD);

/** Rated server power over chip power of a chip, from rows of the `server_overhead` catalog; 1.8 where none is known. */
export function serverOverheadRatio(rows: ReadonlyMap<string, CatalogRow>, chip: string): number {
  for (const row of rows.values()) {
    const ratio = row.fields['server_to_chip_ratio'];
    if (row.fields['chip_key'] === chip && row.fields['kind'] === 'rated' && typeof ratio === 'number') return ratio;
  }
  return 1.8;
}

export const HARDWARE_FUNCTIONS: readonly FunctionDef[] = [
  {
    name: 'dense_peak',
    group: 'hardware',
    params: [
      { name: 'hardware', type: 'reference:hardware' },
      { name: 'precision', type: `choice:${PRECISIONS.join('|')}` },
    ],
    result: 'FLOP/s/chip',
    doc: 'Dense peak rate of a chip at a precision, without structured sparsity. Never another precision’s number: unknown when the data sheet has none.',
    example: 'dense_peak("h100-sxm", "bf16")',
    source: 'vendor data sheets, see the catalog row',
    compute: ([hardware, precision], context) => {
      const key = context.text(hardware as number);
      const name = context.text(precision as number);
      const field = PEAK_FIELD[name];
      if (!field) {
        context.because(`"${name}" is not a precision with a peak`);
        return Number.NaN;
      }
      const peak = context.catalog('hardware', key, field);
      if (typeof peak === 'number') return peak;
      context.because(
        context.catalog('hardware', key, 'name') === null
          ? `there is no chip "${key}" in the catalog`
          : `${key} has no ${name} peak in the catalog`,
      );
      context.because(
        'choose a chip or precision from the catalog, or type the peak with its unit, as in 989.4 TFLOP/s',
      );
      return Number.NaN;
    },
  },
  {
    name: 'server_overhead_ratio',
    group: 'hardware',
    params: [{ name: 'hardware', type: 'reference:hardware' }],
    result: '1',
    doc: 'Power of the server per watt of its chips: rated server power over chip power, from server data sheets; 1.8 where none is known.',
    example: 'server_overhead_ratio("h100-sxm")',
    source: 'Epoch AI cost model: H100 1.82, A100 2.03, V100 1.67, other GPUs 1.8',
    memo: true,
    compute: ([hardware], context) => {
      const key = context.text(hardware as number);
      return serverOverheadRatio(context.rows('server_overhead'), key);
    },
  },
];
