import type { Architecture } from '../../model/architecture.ts';
import { plainDecoder } from '../../model/architecture.ts';
import { forwardFlopPerToken } from '../../model/flops.ts';
import { layout, trainingSetup } from '../layout.ts';
import type { CaseContext, CaseRow, PredictionCase } from './case.ts';
import { integerIn, numberIn, precisionIn, releaseYear } from './case.ts';
import { CONVENTIONS } from './conventions.ts';

function rateOf(
  tflops: number | null,
  a: Architecture | null,
  seqLen: number,
  attention: 'full' | 'causal',
): number | null {
  if (tflops === null || a === null) return null;
  return (tflops * 1e12) / (3 * forwardFlopPerToken(a, seqLen, { attention }).total);
}

/** Rows of MaxText's TPU tables (columns as in maxtext_tpu_performance.csv); shapes and batch per chip are not printed and taken as usual. */
export function readMaxText(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const size = (row['model_size'] ?? '').trim();
  const nominal = CONVENTIONS.nominal_decoders.find((d) => d.size === size);
  const architecture =
    nominal === undefined
      ? context.architecture(size)
      : plainDecoder({
          name: `decoder ${size}`,
          hiddenSize: nominal.hidden_size,
          layers: nominal.layers,
          heads: nominal.hidden_size / 128,
          intermediateSize: 4 * nominal.hidden_size,
          vocabSize: 32000,
          gated: false,
        });
  const chips = integerIn(row['chips_total'], 0);
  const chip = /^v\d/.test(row['tpu'] ?? '') ? `TPU ${row['tpu'] ?? ''}` : (row['tpu'] ?? '');
  const slice = integerIn(row['chips_per_slice'], chips);
  const found = context.hardware(chip);
  const torus = found !== null && found.designClass.startsWith('google/');
  const seqLen = nominal === undefined ? 4096 : 2048;
  return [
    {
      table: 'maxtext',
      row: index,
      model: architecture?.name ?? size,
      chip,
      chips,
      architecture,
      hardware: found === null ? null : torus ? { ...found, domainSize: slice } : found,
      setup: trainingSetup({ seqLen, batchSeqs: 4 * chips, stackYear: 2024.2, stack: 'xla' }),
      layout: null,
      recomputeUnknown: true,
      measured: rateOf(numberIn(row['tflops_per_chip']), architecture, seqLen, 'full'),
      measuredPeakBytes: null,
      excluded: '',
      second: false,
    },
  ];
}

/** Rows of NeMo's long-sequence table (columns as in nemo_long_sequence.csv); rows with shifted columns are excluded. */
export function readLongSequence(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const section = row['section'] ?? '';
  const model = (section.split('(')[0] ?? '').trim();
  const chip = section.split(' - ')[1]?.trim() ?? '';
  const architecture = context.architecture(model);
  const tflops = numberIn(row['tflops_per_gpu_with_cp']);
  const seqLen = Math.trunc((numberIn(row['seq_len_k_tokens']) ?? 0) * 1024);
  const [tp, pp, cp, dp] = [row['tp'], row['pp'], row['cp'], row['dp']].map((t) => integerIn(t, 0)) as [
    number,
    number,
    number,
    number,
  ];
  const shifted =
    tflops === null ||
    tflops <= 30 ||
    tp * cp * dp === 0 ||
    chip === '' ||
    /^[1248]$/.test(row['tflops_per_gpu_no_cp'] ?? '');
  return [
    {
      table: 'long_sequence',
      row: index,
      model,
      chip,
      chips: tp * Math.max(1, pp) * cp * dp,
      architecture,
      hardware: context.hardware(chip),
      setup: trainingSetup({
        seqLen,
        batchSeqs: integerIn(row['global_batch_size_seqs'], 1),
        precision: 'fp8',
        stackYear: releaseYear(row['container']) ?? 2025,
        stack: 'megatron',
      }),
      layout: shifted ? null : layout({ tp, pp: Math.max(1, pp), cp, dp }),
      recomputeUnknown: true,
      measured: shifted ? null : rateOf(tflops, architecture, seqLen, 'full'),
      measuredPeakBytes: null,
      excluded: shifted ? 'columns shifted in the source' : '',
      second: false,
    },
  ];
}

/** Rows of papers with a layout (columns as in papers_mfu_points.csv); others are excluded. */
export function readPapers(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const model = row['model'] ?? '';
  const chip = row['gpu'] ?? '';
  const chips = integerIn(row['n_gpus'], 0);
  const architecture = context.architecture(model);
  const degrees = [row['tp'], row['pp'], row['dp']].map(numberIn);
  const given = degrees.every((d) => d !== null);
  const seqLen = integerIn(row['seq_len_tokens'], 2048);
  const dp = integerIn(row['dp'], 1);
  const batchSeqs = integerIn(row['global_batch_size_seqs'], integerIn(row['batch_per_dp_seqs'], 1) * dp);
  const seconds = numberIn(row['iter_time_s']);
  // Rows with an iteration time come from before fused attention: full recompute, scores in memory.
  const early = seconds !== null;
  const measured = early
    ? (batchSeqs * seqLen) / seconds / chips
    : rateOf(numberIn(row['model_tflops_per_gpu']), architecture, seqLen, 'causal');
  return [
    {
      table: 'papers',
      row: index,
      model,
      chip,
      chips,
      architecture,
      hardware: context.hardware(chip),
      setup: trainingSetup({
        seqLen,
        batchSeqs,
        stackYear: early ? 2021.9 : 2024.5,
        stack: early ? 'early_megatron' : 'megatron',
        precision: precisionIn(row['precision']),
        unfusedAttention: early,
        dropout: early,
      }),
      layout: given
        ? layout({
            tp: integerIn(row['tp'], 1),
            pp: integerIn(row['pp'], 1),
            cp: integerIn(row['cp'], 1),
            dp,
            vp: early ? 1 : 4,
            recompute: early ? 'full' : 'none',
            sequenceParallel: !early,
          })
        : null,
      recomputeUnknown: !early,
      measured: given ? measured : null,
      measuredPeakBytes: null,
      excluded: given ? '' : 'no layout in the source',
      second: false,
    },
  ];
}

/** Rows of AMD's Primus projection (columns as in amd_primus_projection_and_pipeline.csv) on eight nodes of eight chips. */
export function readPrimus(row: CaseRow, index: number, context: CaseContext): PredictionCase[] {
  const measured = numberIn(row['measured_8_node_tok_s_gpu']);
  const chip = (row['section'] ?? '').split('/').at(-1)?.split('—')[0]?.trim() ?? '';
  const model = (row['model'] ?? '').replaceAll('×', 'x');
  const [tp, pp, ep] = [row['tp'], row['pp'], row['ep']].map((t) => integerIn(t, 1)) as [number, number, number];
  const local = integerIn(row['batch'], 1);
  const chips = 64;
  const dp = chips / (tp * pp);
  const precision = precisionIn(row['precision']);
  return [
    {
      table: 'primus',
      row: index,
      model,
      chip,
      chips,
      architecture: measured === null ? null : context.architecture(model),
      hardware: measured === null ? null : context.hardware(chip),
      setup: trainingSetup({
        seqLen: integerIn(row['seqlen'], 8192),
        batchSeqs: dp * local * (pp > 1 ? 16 : 1),
        precision,
        stackYear: 2026,
        stack: 'megatron',
      }),
      layout:
        measured === null
          ? null
          : layout({
              tp,
              pp,
              ep,
              dp,
              vp: integerIn(row['vpp'], 1),
              microbatch: local,
              zero: row['fsdp'] === 'Yes' ? 3 : 1,
            }),
      recomputeUnknown: true,
      measured,
      measuredPeakBytes: null,
      excluded: measured === null ? 'no layout in the source' : '',
      second: false,
    },
  ];
}
