import type { HardwareSpec } from './hardware.ts';

/** One parameter of the step-time model: prior mean and standard deviation, in the logarithm unless `linear`. */
export interface Prior {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
}

const L = Math.log;
const prior = (name: string, mean: number, sd: number): Prior => ({ name, mean, sd });

/** Classes of chip designs that have parameters of their own; others use `other` (prior only). */
export const DESIGN_CLASSES = [
  'nvidia/bf16',
  'nvidia/fp8',
  'nvidia/fp4',
  'amd/fp8',
  'amd/fp4',
  'intel/fp8',
  'google/bf16',
  'other',
] as const;

/** What stands in for a chip's own figures: best measured product over peak (stas00/ml-engineering MAMF), W per 16-bit TFLOP/s. */
const CLASS_FACTS: readonly { readonly matmul: number; readonly watts: number; readonly since: number }[] = [
  { matmul: 0.869, watts: 400 / 312, since: 2020.4 },
  { matmul: 0.803, watts: 700 / 989.4, since: 2022.7 },
  { matmul: 0.76, watts: 1200 / 2500, since: 2024.9 },
  { matmul: 0.56, watts: 1000 / 1307, since: 2023.9 },
  { matmul: 0.68, watts: 1400 / 2516, since: 2025.4 },
  { matmul: 0.85, watts: 600 / 432, since: 2022.4 },
  { matmul: 0.85, watts: 0.8, since: 2021.4 },
  { matmul: 0.75, watts: 0.8, since: 2021 },
];

/** Facts of a class by its index; the last (`other`) stands for any unknown one. */
function classFacts(index: number): (typeof CLASS_FACTS)[number] {
  return CLASS_FACTS[index] ?? { matmul: 0.75, watts: 0.8, since: 2021 };
}

/**
 * Every parameter with its prior; the order is the order of the vectors in the fit file. Means are multiples of the
 * datasheet time of a term (so 1 is "as the datasheet says"), or seconds where the name says so. They start from published
 * kernel rates (FlashAttention 2 and 3), measured best products and earlier fits of public tables; those of recurrent
 * layers, FP4-class attention, implied recomputation and expert epilogues were chosen among variants by their scores on
 * rows left out, so those scores flatter them (docs/accuracy.md). The fit moves them as far as the measured rows insist.
 */
export const PRIORS: readonly Prior[] = [
  ...DESIGN_CLASSES.map((name) => prior(`efficiency ${name}`, 0, 0.12)),
  prior('power exponent', 0.9, 0.15),
  prior('fp8 nvidia/fp8', -0.08, 0.12),
  prior('fp8 nvidia/fp4', -0.05, 0.12),
  prior('fp8 other', -0.15, 0.2),
  prior('fp4', -0.25, 0.2),
  prior('gemm bytes', L(0.7), 0.5),
  prior('quantisation', L(0.7), 0.5),
  prior('quantisation mxfp8', L(1.2), 0.3),
  prior('quantisation fp4', L(1.5), 0.4),
  prior('elementwise', 0, 0.4),
  prior('loss', 0, 0.4),
  prior('attention nvidia/bf16', L(0.5), 0.25),
  prior('attention nvidia/fp8', L(0.35), 0.15),
  prior('attention nvidia/fp4', L(0.6), 0.2),
  prior('attention other', L(0.35), 0.3),
  prior('attention tuned for its chip', 0.36, 0.2),
  prior('exponentials', 0.3, 0.4),
  prior('score passes', L(14), 0.5),
  prior('expert gemm', L(1.15), 0.2),
  prior('expert gemm low precision', -0.2, 0.2),
  prior('expert short', L(0.5), 0.6),
  prior('expert narrow', L(0.3), 0.6),
  prior('expert epilogue', L(2.8), 0.4),
  prior('permute', 0, 0.5),
  prior('router', 0, 0.7),
  prior('all-to-all near', 0, 0.5),
  prior('all-to-all far', L(0.8), 0.5),
  prior('moe layer seconds', L(3e-3), 0.6),
  prior('moe layer separate host', 0.3, 0.3),
  prior('moe layer token drop', -0.7, 0.4),
  prior('mixer layer seconds', L(3e-3), 0.3),
  prior('mixer bytes', 0, 0.5),
  prior('mixer flop', L(20), 0.3),
  prior('host layer seconds', L(0.6e-3), 0.6),
  prior('tensor', L(0.5), 0.5),
  prior('context', L(0.4), 0.7),
  prior('pipeline', L(0.5), 0.7),
  prior('data', L(0.25), 0.7),
  prior('shard', L(1.2), 0.4),
  prior('shard flat parameters', L(1.5), 0.4),
  prior('bubble', 0, 0.1),
  prior('head imbalance', L(0.4), 0.6),
  prior('fixed seconds', L(0.03), 0.7),
  prior('software per year', 0.03, 0.03),
  prior('moe software per year', 0.2, 0.12),
  prior('moe software 2026', 0.3, 0.3),
  prior('implied recompute', L(0.3), 0.4),
  prior('per-op recompute', L(0.6), 0.3),
  prior('stack megatron', 0, 0.02),
  prior('stack fsdp', 0, 0.1),
  prior('stack torch_native', 0, 0.1),
  prior('stack xla', 0, 0.15),
  prior('stack early_megatron', 0.06, 0.06),
  prior('stack benchmark_race', 0, 0.1),
  prior('young chip', 0.15, 0.1),
  prior('young chip vendor', 0.1, 0.1),
  prior('fsdp elementwise', L(1.3), 0.4),
];

export const PARAMETER_NAMES: readonly string[] = PRIORS.map((p) => p.name);
const INDEX = new Map(PARAMETER_NAMES.map((name, index) => [name, index]));

/** Position of a parameter in a vector; the name must be one of `PRIORS`. */
export function parameterIndex(name: string): number {
  const index = INDEX.get(name);
  if (index === undefined) throw new Error(`no parameter "${name}"`);
  return index;
}

/** Prior means as a vector: what the model says before it has seen a measurement. */
export function priorMeans(): Float64Array {
  return Float64Array.from(PRIORS, (p) => p.mean);
}

/** Index of the class whose parameters a chip uses: its own, else its maker's only one, else `other`. */
export function classIndex(designClass: string): number {
  const own = DESIGN_CLASSES.indexOf(designClass as (typeof DESIGN_CLASSES)[number]);
  if (own >= 0) return own;
  const maker = designClass.split('/')[0] ?? '';
  const same = DESIGN_CLASSES.findIndex((name) => name.startsWith(`${maker}/`));
  const last = DESIGN_CLASSES.length - 1;
  return same < 0 ? last : same;
}

/** Best dense product over the 16-bit peak: measured, else the mean of the chip's class. */
export function matmulFraction(hardware: HardwareSpec): number {
  return hardware.matmulFraction ?? classFacts(classIndex(hardware.designClass)).matmul;
}

/** Power per peak FLOP/s of the format (width relative to 16 bit divided out) over the class's usual; within 0.5 to 1.6. */
export function relativePower(hardware: HardwareSpec, peak: number, ratio: number): number {
  if (hardware.powerWatts === null) return 1;
  const usual = classFacts(classIndex(hardware.designClass)).watts;
  const watts = (hardware.powerWatts * ratio * 1e12) / peak;
  return Math.min(1.6, Math.max(0.5, watts / usual));
}

/** Years the design has been on the market when the software was written (0 for software older than the chip). */
export function designAge(hardware: HardwareSpec, stackYear: number): number {
  return Math.max(0, stackYear - classFacts(classIndex(hardware.designClass)).since);
}
